# Goal: a peer that breaks every rule becomes an outcome in the report, in bounded memory and time,
# never a crash, and each attempt on it counts as an error.
. "$ROOT/tests/e2e/lib.sh"
export HOOK_SECRET=s

# Many times what a run of this size takes, and a small part of what the peers want to send.
peak_kib_max=$((128 * 1024))

# Only a peer whose outcome is a timeout meets a short one: a slow machine fails no test.
timeouts() { # mode
	case $1 in
	drip) echo --set timeout=500ms --set first_byte_timeout=500ms ;;
	silent) echo --set timeout=60s --set first_byte_timeout=300ms ;;
	*) echo --set timeout=60s --set first_byte_timeout=60s ;;
	esac
}
attack() { # mode, exit: sets peak_kib
	local load code now
	mkdir "$1" && cd "$1"
	start_peer "$1"
	# shellcheck disable=SC2046 # words
	"$HOOKPROOF" load "$peer_url" --secret-env HOOK_SECRET --rate 50/s --count 20 \
		--set retry.attempts_max=2 --set retry.base=100ms $(timeouts "$1") --expect 'errors<=0%' --expect 'response.p50<60s' \
		--json --out run >out 2>err </dev/null &
	load=$!
	peak_kib=0
	while now=$(awk '/^VmHWM/ {print $2}' /proc/$load/status 2>/dev/null) && [ -n "$now" ]; do
		peak_kib=$now
		nap
	done
	wait $load && code=0 || code=$?
	kill "$peer_pid"
	[ "$code" = "$2" ] || { cat out err; fail "$1: exit $code, want $2"; }
}
meets() { # mode, outcome
	local exit=1 attempts=40 ended=exhausted
	[ "$2" != ok ] || { exit=0 attempts=20 ended=delivered; }
	attack "$1" $exit
	same "$(json out "\$.attempts.by_outcome.\"$2\"")" $attempts "$1: attempts with outcome $2"
	same "$(json out '$.attempts.total')" $attempts "$1: attempts"
	same "$(json out "\$.accounting.$ended")" 20 "$1: $ended"
	sum_closes out
	[ "$peak_kib" -gt 0 ] || fail "$1: nobody saw the memory"
	[ "$peak_kib" -lt $peak_kib_max ] || fail "$1: $peak_kib KiB of memory"
}

pids=()
for row in garbage:garbage endless-head:garbage endless-interim:too-large endless-body:too-large \
	long-length:truncated huge-length:garbage short-length:ok two-lengths:garbage \
	bad-chunk:garbage drip:timeout close:closed reset:reset silent:first-byte-timeout; do
	(meets "${row%%:*}" "${row##*:}") >"${row%%:*}.log" 2>&1 &
	pids+=($!)
done
finish "${pids[@]}"
