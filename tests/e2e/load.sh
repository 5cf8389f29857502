# Goal: load without a scenario: open and closed loop, thresholds decide the exit code, --json is one
# object with the promised keys, the sum closes, and reports can be made again to the byte.
. "$ROOT/tests/e2e/lib.sh"
export HOOK_SECRET=s

start_receiver --secret-env HOOK_SECRET --profile paisr-v2
# The wide threshold says what lag of our own the verdicts bear: a slow machine fails no test.
load() {
	expect "$1" "$HOOKPROOF" load "$receiver_url" --secret-env HOOK_SECRET --profile paisr-v2 \
		--expect 'response.p50<60s' "${@:2}"
}

load 0 --rate 400/s --for 1s --json --out open --expect 'errors<=0%' --expect 'delivered>=100%' \
	--record all --report junit --report json=open/report.json --report text=open/report.txt
same "$(ask "select json_valid(readfile('out'))")" 1 "--json is one object and nothing else"
same "$(json out '$.attempts')" "$(json open/report.json '$.attempts')" "--json and the report"
for key in verdict seed run_file accounting.planned accounting.sent accounting.delivered \
	accounting.exhausted accounting.pending accounting.dropped accounting.not_sent attempts.total \
	attempts.retries attempts.by_outcome rate.planned rate.achieved checks endpoints \
	checks[0].id checks[0].level checks[0].verdict checks[0].reason checks[0].evidence \
	latency_us.{response,service,queue,lag}.{p50,p90,p99,p999,p9999,max}; do
	same "$(ask "select json_type(readfile('out'), '\$.$key') is not null")" 1 "the key $key"
done
same "$(json out '$.accounting.planned')" 400 "planned"
same "$(json out '$.accounting.delivered')" 400 "delivered"
same "$(json out '$.attempts.by_outcome.ok')" 400 "attempts that were ok"
same "$(sql "$(json out '$.run_file')" 'select count(*) from attempts')" 400 "attempts in the run file"
sum_closes out
[ -s open/report.txt ] || fail "the text report is empty"
xmllint --noout open/junit.xml
same "$(xmllint --xpath 'string(/testsuites/@failures)' open/junit.xml)" 0 "failures in JUnit"

# The run file makes them again.
expect 0 "$HOOKPROOF" report open --report junit=again.xml --report json=again.json --report text=again.txt
cmp open/junit.xml again.xml
cmp open/report.json again.json
cmp open/report.txt again.txt

load 1 --rate 100/s --for 1s --out late --expect 'delivered<=0' --json --report junit
same "$(json out '$.verdict')" fail "verdict"
same "$(failed_checks out)" "threshold:delivered<=0" "what failed"
same "$(xmllint --xpath 'string(/testsuites/@failures)' late/junit.xml)" 1 "failures in JUnit"
load 0 --closed --connections 8 --count 500 --out closed --json
same "$(json out '$.accounting.delivered')" 500 "closed loop"
sum_closes out
load 0 --rate 100/s --for 1s --out brief --record summary --quiet --json
is err ""
same "$(sql brief/run.db 'select count(*) from attempts')" 0 "attempts in a summary"
sum_closes out
stop_receiver || true # it judges its senders: these sent the same events again
has receiver.out "1100 deliveries, 1100 accepted, 0 refused"

# Not one event delivered is never a pass, whatever was expected of the times; who expects nothing of
# what is delivered says so.
start_receiver --secret-env HOOK_SECRET --profile paisr-v2 --behaviour status:code=500
broken() { load "$1" --rate 100/s --count 5 --set retry.attempts_max=1 --json "${@:2}"; }
broken 1 --out undelivered
same "$(failed_checks out)" "threshold:delivered>0" "what failed"
broken 0 --out expected --expect 'delivered>=0'
stop_receiver || true
