# Goal: a receiver that freezes for 6 s of 10 shows in the median of the response time, since that
# counts from the planned instant, though the service time of nearly all is short; a generator that
# freezes makes the run invalid instead.
. "$ROOT/tests/e2e/lib.sh"
export HOOK_SECRET=s

load() { # url, folder
	exec "$HOOKPROOF" load "$1" --secret-env HOOK_SECRET --rate 200/s --for 10s \
		--json --out "$2" --expect 'response.p99<60s' >"$2.json" 2>"$2.err" </dev/null
}
freeze() { # pid, folder: from the first second of its load on for 6 s; sets frozen_us
	local from
	await_sql "$2/run.db" 'select max(sent) > 200 from ticks'
	from=${EPOCHREALTIME/[.,]/}
	kill -STOP "$1"
	read -rt 6 <> <(:) || true # not a wait for anything: the freeze itself
	kill -CONT "$1"
	frozen_us=$((${EPOCHREALTIME/[.,]/} - from))
}

receiver() {
	mkdir receiver && cd receiver
	start_receiver --secret-env HOOK_SECRET
	load "$receiver_url" slow &
	slow=$!
	freeze "$receiver_pid" slow
	wait $slow || { cat slow.json slow.err; fail "a frozen receiver: exit $?"; }
	stop_receiver || true # it judges its sender
	# 2000 events at 200/s: half of them were answered less than frozen - 5 s after their instant.
	# For 6.0 s that is 1.0 s; what the freeze really took is counted, a tenth to each side.
	p50=$(json slow.json '$.latency_us.response.p50')
	wanted=$((frozen_us - 5000000))
	[ "$p50" -ge $((wanted - 100000)) ] && [ "$p50" -le $((wanted + 300000)) ] ||
		fail "p50 of the response time is $p50 us after $frozen_us us of freeze"
	[ "$(json slow.json '$.latency_us.response.max')" -ge 5900000 ] || fail "the longest wait is hidden"
	[ "$(json slow.json '$.latency_us.service.p50')" -lt 500000 ] || fail "it was not the freeze that shows"
	same "$(json slow.json '$.accounting.delivered')" 2000 "delivered"
	sum_closes slow.json
}

generator() {
	mkdir generator && cd generator
	start_receiver --secret-env HOOK_SECRET
	load "$receiver_url" late &
	late=$!
	freeze $late late
	wait $late && code=0 || code=$?
	stop_receiver || true
	same "$code" 6 "exit of a generator that was late"
	same "$(json late.json '$.verdict')" invalid "verdict of a generator that was late"
	[ "$(json late.json '$.latency_us.lag.max')" -ge 5000000 ] || fail "the lag hides the freeze"
	sum_closes late.json
}

receiver >receiver.log 2>&1 &
first=$!
generator >generator.log 2>&1 &
finish $first $!
