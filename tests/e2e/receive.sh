# Goal: any sender can post to a simulated receiver: curl sees a signed event accepted and a tampered
# one refused, and a duplicate has no second effect. On IPv6 too.
. "$ROOT/tests/e2e/lib.sh"
export HOOK_SECRET=ey7bTCm6tur63CR6mzbuq23r
body='{"id":"inv_123456","event":"invoice.paid"}'
printf %s "$body" >body

post() { # url, body: the status
	curl -s -o answer -w '%{http_code}' -H "$signature" --data-binary "$2" "$1"
}

for listen in 127.0.0.1:0 '[::1]:0'; do
	start_receiver --secret-env HOOK_SECRET --listen "$listen"
	signature=$("$HOOKPROOF" sign --secret-env HOOK_SECRET --body body)
	same "$(post "$receiver_url" "$body")" 204 "a signed event on $listen"
	same "$(post "$receiver_url" "$body")" 204 "its duplicate"
	same "$(post "$receiver_url" "${body/paid/void}")" 401 "a tampered one"
	same "$(post "${receiver_url%/hooks}/elsewhere" "$body")" 404 "another path"
	same "$(curl -s -o answer -w '%{http_code}' "$receiver_url")" 405 "a GET"
	stop_receiver
	has receiver.out "3 deliveries, 2 accepted, 1 refused for their signature, 1 duplicates, 1 effects"
done

# --count ends it; --json is one object
start_receiver --secret-env HOOK_SECRET --count 1 --json
same "$(post "$receiver_url" "$body")" 204 "the last one"
wait "$receiver_pid"
same "$(json receiver.out '$.receivers[0].effects')" 1 "effects"
