-- wrk posts one constant, unsigned body: the least that a load tool can do.
wrk.method = "POST"
wrk.body = '{"id":"inv_000000000000000042","event":"invoice.paid"}'
wrk.headers["Content-Type"] = "application/json"
wrk.headers["User-Agent"] = "PCB Events"
wrk.headers["X-Powered-By"] = "PAISR Technologies NV"
