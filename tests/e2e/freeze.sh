# Goal: a receiver that freezes for 6 s of 10 shows in the median of the response time, since that
# counts from the planned instant; a generator that freezes makes the run invalid instead.
# limit_s: 60
. "$ROOT/tests/e2e/lib.sh"
export HOOK_SECRET=s

stop_for_6_s() { # pid: from 2 s after now
	read -rt 2 <> <(:) || true
	kill -STOP "$1"
	read -rt 6 <> <(:) || true
	kill -CONT "$1"
}
load() { # folder
	exec "$HOOKPROOF" load "$receiver_url" --secret-env HOOK_SECRET --rate 200/s --for 10s \
		--connections 2000 --json --out "$1" --expect 'response.p99<60s' >"$1.json" 2>"$1.err" </dev/null
}

start_receiver --secret-env HOOK_SECRET
frozen=$receiver_pid
load slow &
first=$!
await slow.err "sent" && stop_for_6_s "$frozen" &
freezer=$!
wait $first || { cat slow.json slow.err; fail "a frozen receiver: exit $?"; }
wait $freezer
p50=$(json slow.json '$.latency_us.response.p50')
[ "$p50" -ge 800000 ] && [ "$p50" -le 1400000 ] || fail "p50 of the response time is $p50 us"
[ "$(json slow.json '$.latency_us.service.max')" -ge 5000000 ] || fail "service time hides the freeze"
same "$(json slow.json '$.accounting.delivered')" 2000 "delivered"

load generator &
second=$!
await generator.err "sent" && stop_for_6_s $second
wait $second && code=0 || code=$?
kill -INT "$frozen"
same $code 6 "exit of a generator that was late"
[ "$(json generator.json '$.latency_us.lag.max')" -ge 5000000 ] || fail "the lag hides the freeze"
