# Goal: load without a scenario: open and closed loop, thresholds decide the exit code, --json is one
# object with the promised keys, reports can be made again, and no output holds the secret.
. "$ROOT/tests/e2e/lib.sh"
export HOOK_SECRET=a-secret-that-nobody-prints-7f3a

start_receiver --secret-env HOOK_SECRET --profile paisr-v2
# The wide threshold says what lag of our own the verdicts bear: a slow machine fails no test.
load() {
	expect "$1" "$HOOKPROOF" load "$receiver_url" --secret-env HOOK_SECRET --profile paisr-v2 \
		--expect 'response.p50<60s' "${@:2}"
}

load 0 --rate 400/s --for 1s --json --out open --expect 'errors<=0%' --expect 'delivered>=100%' \
	--record all --report junit
for key in verdict seed run_file accounting.planned accounting.sent accounting.delivered \
	accounting.exhausted accounting.pending accounting.dropped accounting.not_sent attempts.total \
	attempts.retries attempts.by_outcome rate.planned rate.achieved latency_us.response.p50 \
	latency_us.service.p99 latency_us.queue.max latency_us.lag.p90 checks endpoints; do
	[ -n "$(json out "\$.$key")" ] || fail "--json lacks $key"
done
same "$(json out '$.accounting.planned')" 400 "planned"
same "$(json out '$.accounting.delivered')" 400 "delivered"
xmllint --noout open/junit.xml
cp open/junit.xml first.xml
expect 0 "$HOOKPROOF" report open --report junit=again.xml
same "$(sed 's/time="[^"]*"//g' again.xml)" "$(sed 's/time="[^"]*"//g' first.xml)" "the report made again"

load 1 --rate 100/s --for 1s --out late --expect 'delivered<=0'
load 0 --closed --connections 8 --count 500 --out closed --json
same "$(json out '$.accounting.delivered')" 500 "closed loop"
load 0 --rate 100/s --for 1s --out brief --record summary --quiet
stop_receiver

! grep -rqF "$HOOK_SECRET" . || fail "the secret stands in $(grep -rlF "$HOOK_SECRET" .)"
