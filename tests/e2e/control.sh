# Goal: a test in any language drives simulated receivers over the control endpoint: it sees what
# arrived and took effect, changes what they do, and ends the run. Without the token nothing is
# told; hostile requests stop neither the endpoint nor the receivers.
. "$ROOT/tests/e2e/lib.sh"
export HOOK_SECRET=ey7bTCm6tur63CR6mzbuq23r CONTROL_TOKEN=a-token-of-the-test
printf %s '{"id":"inv_123456","event":"invoice.paid"}' >body
signature=$("$HOOKPROOF" sign --secret-env HOOK_SECRET --body body)

post() { # body: the status
	curl -s -o answer -w '%{http_code}' -H "$signature" --data-binary "$1" "$receiver_url"
}
call() { # path, options of curl...: the status; the answer is in ./answer
	local path=$1
	shift
	curl -s -o answer -w '%{http_code}' -H "Authorization: Bearer $CONTROL_TOKEN" "$@" \
		"$control_url$path"
}
start() { # options...
	start_receiver --secret-env HOOK_SECRET --control 127.0.0.1:0 "$@"
	control_url=$(sed -n 's/^control is at //p' receiver.err)
}

# ---- counts, effects, another plan, the end
start --control-token-env CONTROL_TOKEN --json --report json=report.json
lacks receiver.err "$CONTROL_TOKEN"
same "$(post @body)" 204 "a signed event"
same "$(post "$(sed s/paid/void/ body)")" 401 "a tampered one"
same "$(call /receivers)" 200 receivers
same "$(json answer '$.receivers[0].name')" receiver "its name"
same "$(json answer '$.receivers[0].url')" "$receiver_url" "its URL"
same "$(json answer '$.receivers[0].deliveries')" 2 deliveries
same "$(json answer '$.receivers[0].accepted')" 1 accepted
same "$(json answer '$.receivers[0].refused_signatures')" 1 refused
same "$(call /events/inv_123456:invoice.paid)" 200 "an event by its key"
same "$(json answer '$.arrivals'),$(json answer '$.effects')" 1,1 "its counts"
same "$(call /events/inv_123456%3Ainvoice.paid?receiver=receiver)" 200 "the same, escaped"
same "$(call /events/inv_123456:invoice.void)" 404 "one that was refused"

behaviours=/receivers/receiver/behaviours
same "$(call $behaviours -X PUT -d '[{"behaviour":"status","code":503}]')" 200 "another plan"
same "$(post @body)" 503 "which holds at once"
same "$(call $behaviours -X PUT -d '[{"behaviour":"outage","from":"0s","to":"1h"}]')" 200 "an outage"
same "$(curl -s -o answer -w '%{http_code}' "$receiver_url" || true)" 000 "nobody listens"
same "$(call $behaviours -X PUT -d '[]')" 200 "no plan at all"
same "$(post @body)" 204 "a duplicate"
same "$(call /receivers)" 200 receivers
same "$(json answer '$.receivers[0].behaviours')" "[]" "what holds now"
same "$(call /events)" 200 events
same "$(json answer '$.events[0].key')" inv_123456:invoice.paid "what is listed"
same "$(json answer '$.events[0].arrivals'),$(json answer '$.events[0].effects')" 3,1 "its counts"

same "$(call $behaviours -X PUT -d '[{"behaviour":"status","code":"x"}]')" 400 "a wrong value"
same "$(json answer '$.error.line'),$(json answer '$.error.column')" 1,31 "its place"
same "$(call $behaviours -X PUT -d '[{"behaviour":"statsu"}]')" 400 "an unknown behaviour"
has answer 'did you mean \"status\"?'
same "$(call $behaviours -X PUT -d '{')" 400 "no JSON"
same "$(post @body)" 204 "and nothing has changed"

same "$(call /reset -X POST)" 200 reset
same "$(call /events/inv_123456:invoice.paid)" 404 "a forgotten event"
same "$(post @body)" 204 "which is new again"
same "$(call '/events?limit=1')" 200 "a page"
same "$(json answer '$.events[0].effects')" 1 "its effect"
same "$(call /shutdown -X POST)" 200 "the end"
status=0
wait "$receiver_pid" || status=$?
tail -n 1 receiver.out >result
same "$(json result '$.exit')" "$status" "the exit code in the result"
same "$(json result '$.receivers[0].deliveries')" 6 "deliveries in the result"
same "$(json result '$.lines.printed'),$(json result '$.lines.dropped')" 6,0 lines
same "$(json result '$.verdict')" "$(json report.json '$.verdict')" "the verdict in the report"
same "$(sql received/run.db 'select count(*) from receipts')" 6 "receipts in the run file"
same "$(sql received/run.db "select group_concat(text, '; ') from notes where text like '%-%'")" \
	"behaviours-changed receiver receiver: status; behaviours-changed receiver receiver: outage connect-refused; $(
	)behaviours-changed receiver receiver: none; events-forgotten of all receivers" "notes"
! grep -rqF "$CONTROL_TOKEN" received receiver.out receiver.err || fail "the token is in a file"

# ---- a connection that stays open heeds a new plan too, also one that acts inside the request
start --json
CONTROL_TOKEN=$(sed -n 's/^control token: //p' receiver.err)
port=${receiver_url#http://127.0.0.1:} port=${port%/hooks}
say() { # the first line of the answer, which has no body, is in $line
	local rest
	printf 'POST /hooks HTTP/1.1\r\nHost: a\r\n%s\r\nContent-Length: %s\r\n\r\n%s' \
		"$signature" "$(wc -c <body)" "$(cat body)" >&6
	line=
	read -r line <&6 || return 0
	while read -r rest <&6 && [ "$rest" != $'\r' ]; do :; done
}
exec 6<>"/dev/tcp/127.0.0.1/$port"
say
has <(echo "$line") "HTTP/1.1 204"
same "$(call $behaviours -X PUT -d '[{"behaviour":"reset-mid-request"}]')" 200 "a fault"
say 2>/dev/null || true
same "$line" "" "the answer of a reset"
exec 6>&-
same "$(call /shutdown -X POST)" 200 "the end"
wait "$receiver_pid" || true
tail -n 1 receiver.out >result
same "$(ask "select json_extract(value, '\$.applied'), json_extract(value, '\$.failed')
	from json_each(readfile('result'), '\$.report.faults')")" "1|0" "the fault"

# ---- who asks without the token, and hostile requests
start
CONTROL_TOKEN=$(sed -n 's/^control token: //p' receiver.err)
same "${#CONTROL_TOKEN}" 32 "the length of a token"
for path in receivers events nothing shutdown; do
	same "$(curl -s -o answer -w '%{http_code}' -X POST "$control_url/$path")" 401 "no token, $path"
	same "$(json answer '$.error.status')" 401 "the answer"
done
same "$(CONTROL_TOKEN=${CONTROL_TOKEN%?} call /receivers)" 401 "a part of the token"
same "$(CONTROL_TOKEN=${CONTROL_TOKEN}0 call /receivers)" 401 "more than the token"
same "$(call /nothing)" 404 "another path"
same "$(call /receivers -X DELETE)" 405 "another method"
same "$(call /receivers/other/behaviours -X PUT -d '[]')" 404 "another receiver"
same "$(call '/events?receiver=other')" 404 "events of another receiver"
for query in limit=0 limit=1001 limit=x from=-1 receiver=%00 limit=99999999999; do
	same "$(call "/events?$query")" 400 "$query"
done
same "$(call /events/%zz)" 400 "a broken escape"
head -c 300000 /dev/zero | tr '\0' ' ' >spaces
same "$(call $behaviours -X PUT --data-binary @spaces)" 413 "a body that is too long"
same "$(json answer '$.error.status')" 413 "the answer"
# an array so deep that a recursion would end the stack
head -c 200000 /dev/zero | tr '\0' '[' >deep
same "$(call $behaviours -X PUT --data-binary @deep)" 400 "a deep document"

port=${control_url#http://127.0.0.1:} port=${port%/v1}
exec 7<>"/dev/tcp/127.0.0.1/$port" && printf 'PUT /v1/receivers/receiver/behaviours HTTP/1.1\r\n' >&7
exec 8<>"/dev/tcp/127.0.0.1/$port" && head -c 100000 /dev/urandom >&8 2>/dev/null || true
same "$(call /receivers)" 200 "beside requests that never end"
same "$(post @body)" 204 "and the receivers are served"
exec 7>&- 8>&-
same "$(call /shutdown -X POST)" 200 "the end"
wait "$receiver_pid"
has receiver.out "receiver: 1 deliveries, 1 accepted"

# ---- what is refused before anything starts
for listen in 0.0.0.0:0 10.0.0.1:0 127.0.0.1 nonsense; do
	expect 2 "$HOOKPROOF" receive --no-verify --out refused --control "$listen"
	has err --control
done
expect 2 "$HOOKPROOF" receive --no-verify --out refused --control-token-env CONTROL_TOKEN
CONTROL_TOKEN=short expect 2 "$HOOKPROOF" receive --no-verify --out refused \
	--control 127.0.0.1:0 --control-token-env CONTROL_TOKEN
lacks err short

# ---- the test in the README is one
if command -v node >/dev/null; then
	sed -n '/^```js$/,/^```$/p' "$ROOT/README.md" | sed '1d;$d' >readme.mjs
	ln -s "$HOOKPROOF" hookproof
	rm -rf hookproof-out
	PATH=$PWD:$PATH node readme.mjs >node.out 2>node.err </dev/null || { cat node.out node.err; fail "node"; }
	has node.out "receiver  inv_1:invoice.paid  #1  unverified  503 by first-n  no effect"
	has node.out "receiver  inv_1:invoice.paid  #2  unverified  204  1 effect"
fi
