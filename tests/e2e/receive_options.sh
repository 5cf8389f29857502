# Goal: what is written behind receive becomes behaviours: a plan by attempt, guards, a status where nothing else decides, and time.
. "$ROOT/tests/e2e/lib.sh"

post() { # id, type: the status and the seconds it took
	curl -s -o /dev/null -w '%{http_code} %{time_total}' -d "{\"id\":\"$1\",\"event\":\"$2\"}" "$receiver_url"
}
status() { post "$1" "${2:-invoice.paid}" | cut -d ' ' -f 1; }

start_receiver --no-verify --status 503 --latency fixed:50ms \
	--behaviour 'match:events=order.*,ids=ord_1 ord_2,fault=status,code=410' \
	--behaviour 'plan:attempts=[{"status":500},{"fault":"status","code":204},{"fault":"latency","delay":"1ms"}]'
for wanted in 500 204 503 503; do
	same "$(status inv_1)" "$wanted" "an attempt of inv_1"
done
same "$(status inv_2)" 500 "another event"
same "$(status ord_1 order.paid)" 410 "a match"
same "$(status ord_3 order.paid)" 500 "no match: the id"
same "$(status ord_2 invoice.paid)" 500 "no match: the type"
post inv_3 invoice.paid >timed
awk '$1 != 500 || $2 < 0.05 { exit 1 }' timed || { cat timed; exit 1; }
stop_receiver || true # what was seen is judged, and such a sender fails
same "$(sql received/run.db "select min(arrived_ns) > 0 from receipts")" 1 "the clock goes before the first"

start_receiver --no-verify --status 202 --behaviour first-n:n=1,fault=retry-after,retry_after=7
curl -s -i -d '{"id":"inv_1","event":"invoice.paid"}' "$receiver_url" >first
grep -q "^HTTP/1.1 429 " first
grep -q "^Retry-After: 7" first
same "$(status inv_1)" 202 "the second attempt"
stop_receiver || true

# A word or a text may look like a number; in a fault that is held too.
start_receiver --no-verify --behaviour match:ids=inv_1,fault=expect-refused,how=417 \
	--behaviour status:body=5,code=500
same "$(status inv_1)" 417 "a refusal"
same "$(curl -s -d '{"id":"inv_2"}' "$receiver_url")" 5 "the body of an answer"
stop_receiver || true
