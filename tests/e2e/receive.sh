# Goal: any sender can post to a simulated receiver: curl sees a signed event accepted and a tampered
# one refused, and a duplicate has no second effect. On IPv6 too. Each delivery is a line as it
# happens; Ctrl-C, --count or --for ends it, then what was seen is judged, and the exit code says it.
. "$ROOT/tests/e2e/lib.sh"
export HOOK_SECRET=ey7bTCm6tur63CR6mzbuq23r
body='{"id":"inv_123456","event":"invoice.paid"}'
printf %s "$body" >body

post() { # url, body, header: the status
	curl -s -o answer -w '%{http_code}' -H "$3" --data-binary "$2" "$1"
}
end_receiver() { # the exit code that Ctrl-C must give
	local got=0
	stop_receiver || got=$?
	same "$got" "$1" "the exit code"
}

signature=$("$HOOKPROOF" sign --secret-env HOOK_SECRET --body body)
forged=$(HOOK_SECRET=another "$HOOKPROOF" sign --secret-env HOOK_SECRET --body body)
for listen in 127.0.0.1:0 '[::1]:0'; do
	start_receiver --secret-env HOOK_SECRET --listen "$listen"
	same "$(post "$receiver_url" "$body" "$signature")" 204 "a signed event on $listen"
	await receiver.out "receiver  inv_123456:invoice.paid  #1  valid  204  1 effect"
	same "$(post "$receiver_url" "$body" "$signature")" 204 "its duplicate"
	same "$(post "$receiver_url" "${body/paid/void}" "$signature")" 401 "a tampered one"
	same "$(post "$receiver_url" "$body" "$forged")" 401 "one with another secret"
	same "$(post "$receiver_url" "$body" "X-Other: 1")" 401 "one without a signature"
	same "$(post "${receiver_url%/hooks}/elsewhere" "$body" "$signature")" 404 "another path"
	same "$(curl -s -o answer -w '%{http_code}' "$receiver_url")" 405 "a GET"
	end_receiver 1 # wrong signatures, and an attempt behind a success: no good sender
	has receiver.out "#2  valid  204  1 effect"
	has receiver.out "inv_123456:invoice.void  #1  mismatch  401  no effect"
	same "$(grep -c '^..:..:..\....  receiver  inv_123456' receiver.out)" 5 "lines"
	has receiver.out "5 deliveries, 2 accepted, 3 refused for their signature, 1 duplicates, 1 effects"
	has receiver.out FAIL
	has receiver.out valid-signature
	same "$(sql received/run.db "select group_concat(signature) from
		(select signature from receipts_view order by arrived_ms)")" \
		"valid,valid,mismatch,mismatch,no-signature" "signatures in the run file"
	same "$(sql received/run.db 'select max(effects) from receipts')" 1 "effects in the run file"
done

# --count ends it; --json is a stream of one object a line, the last one is the result; a report in
# a file says the same, and so does the run file when it is judged again
start_receiver --secret-env HOOK_SECRET --count 2 --json --report json=report.json
same "$(post "$receiver_url" "$body" "$signature")" 204 "a signed event"
printf %s "${body/3456/9999}" >other
other=$("$HOOKPROOF" sign --secret-env HOOK_SECRET --body other)
same "$(post "$receiver_url" "$(cat other)" "$other")" 204 "the last one"
wait "$receiver_pid"
same "$(wc -l <receiver.out)" 3 "lines of the stream"
head -n 1 receiver.out >line
tail -n 1 receiver.out >result
same "$(json line '$.delivery.key')" inv_123456:invoice.paid "the key"
same "$(json line '$.delivery.endpoint')" receiver "the endpoint"
same "$(json line '$.delivery.attempt')" 1 "the attempt"
same "$(json line '$.delivery.signature')" valid "the signature"
same "$(json line '$.delivery.status'),$(json line '$.delivery.end')" 204,answered "the end"
same "$(json line '$.delivery.effects')" 1 "the effects"
same "$(json result '$.receivers[0].effects')" 2 effects
same "$(json result '$.lines.printed'),$(json result '$.lines.dropped')" 2,0 "lines"
same "$(json result '$.exit')" 0 "the exit code"
same "$(json result '$.verdict')" "$(json report.json '$.verdict')" "the verdict"
same "$(json result '$.report.run.id')" "$(json report.json '$.run.id')" "the run"
expect 0 "$HOOKPROOF" check received --json
same "$(json out '$.verdict')" "$(json result '$.verdict')" "the verdict, judged again"

# --quiet: the result alone
start_receiver --secret-env HOOK_SECRET --count 1 --quiet
same "$(post "$receiver_url" "$body" "$signature")" 204 "a signed event"
wait "$receiver_pid"
lacks receiver.out inv_123456
has receiver.out PASS

# --for: nothing came, so nothing is proven
start_receiver --secret-env HOOK_SECRET --for 10ms
got=0
wait "$receiver_pid" || got=$?
same "$got" 4 "the exit code of a receiver that saw nothing"

# A reader that stops reading holds nobody up: what the pipe does not take is dropped and counted,
# and the run file has every delivery.
mkfifo pipe
exec 9<>pipe
rm -rf received receiver.err
"$HOOKPROOF" receive --out received --no-verify --json >pipe 2>receiver.err </dev/null 9>&- &
receiver_pid=$!
await receiver.err "listens on"
receiver_url=$(sed -n 's/.* listens on //p' receiver.err)
"$HOOKPROOF" load "$receiver_url" --closed --count 40000 --connections 8 --record summary --out load \
	--quiet >load.out 2>load.err 9>&- || [ $? = 6 ] || { cat load.out load.err; fail "no load"; }
kill -INT "$receiver_pid"
await_sql received/run.db "select value in ('complete', 'interrupted') from meta where key = 'state'"
cat <&9 >stream 9>&- & # the writer's end is ours too: it is closed once the last line is there
reader=$!
exec 9>&-
wait "$receiver_pid" || true
await stream '"verdict"'
kill "$reader"
tail -n 1 stream >result
same "$(json result '$.receivers[0].deliveries')" 40000 deliveries
same "$(sql received/run.db 'select count(*) from receipts')" 40000 "receipts in the run file"
printed=$(json result '$.lines.printed') dropped=$(json result '$.lines.dropped')
same "$((printed + dropped))" 40000 "printed and dropped"
[ "$dropped" -gt 0 ] || fail "the pipe cannot have taken them all"
same "$(wc -l <stream)" "$((printed + 1))" "lines of the stream"
