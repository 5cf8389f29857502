# Goal: any sender can post to a simulated receiver: curl sees a signed event accepted and a tampered
# one refused, and a duplicate has no second effect. On IPv6 too. Ctrl-C ends it with its counts.
. "$ROOT/tests/e2e/lib.sh"
export HOOK_SECRET=ey7bTCm6tur63CR6mzbuq23r
body='{"id":"inv_123456","event":"invoice.paid"}'
printf %s "$body" >body

post() { # url, body, header: the status
	curl -s -o answer -w '%{http_code}' -H "$3" --data-binary "$2" "$1"
}

signature=$("$HOOKPROOF" sign --secret-env HOOK_SECRET --body body)
forged=$(HOOK_SECRET=another "$HOOKPROOF" sign --secret-env HOOK_SECRET --body body)
for listen in 127.0.0.1:0 '[::1]:0'; do
	start_receiver --secret-env HOOK_SECRET --listen "$listen"
	same "$(post "$receiver_url" "$body" "$signature")" 204 "a signed event on $listen"
	same "$(post "$receiver_url" "$body" "$signature")" 204 "its duplicate"
	same "$(post "$receiver_url" "${body/paid/void}" "$signature")" 401 "a tampered one"
	same "$(post "$receiver_url" "$body" "$forged")" 401 "one with another secret"
	same "$(post "$receiver_url" "$body" "X-Other: 1")" 401 "one without a signature"
	same "$(post "${receiver_url%/hooks}/elsewhere" "$body" "$signature")" 404 "another path"
	same "$(curl -s -o answer -w '%{http_code}' "$receiver_url")" 405 "a GET"
	stop_receiver
	has receiver.out "5 deliveries, 2 accepted, 3 refused for their signature, 1 duplicates, 1 effects"
	same "$(sql received/run.db "select group_concat(signature) from
		(select signature from receipts_view order by arrived_ms)")" \
		"valid,valid,mismatch,mismatch,no-signature" "signatures in the run file"
	same "$(sql received/run.db 'select max(effects) from receipts')" 1 "effects in the run file"
done

# --count ends it; --json is one object
start_receiver --secret-env HOOK_SECRET --count 1 --json
same "$(post "$receiver_url" "$body" "$signature")" 204 "the last one"
wait "$receiver_pid"
same "$(json receiver.out '$.receivers[0].effects')" 1 "effects"
