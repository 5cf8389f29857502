# Goal: a peer that breaks every rule becomes an outcome in the report, in bounded memory and time,
# never a crash.
. "$ROOT/tests/e2e/lib.sh"
export HOOK_SECRET=s

meets() { # mode, outcome
	local pid port peak=0
	mkdir "$1" && cd "$1"
	"$PEER" "$1" >peer.out 2>/dev/null </dev/null &
	pid=$!
	await peer.out port
	port=$(awk '/^port/ {print $2}' peer.out)
	"$HOOKPROOF" load "http://127.0.0.1:$port/hooks" --secret-env HOOK_SECRET --rate 50/s --count 20 \
		--set retry.attempts_max=2 --set retry.base=100ms --set timeout=500ms \
		--set first_byte_timeout=300ms --record all --json --out run >out 2>err </dev/null &
	load=$!
	while kill -0 $load 2>/dev/null; do
		now=$(awk '/VmHWM/ {print $2}' /proc/$load/status 2>/dev/null || true)
		peak=${now:-$peak}
		read -rt 0.05 <> <(:) || true
	done
	wait $load && code=0 || code=$?
	kill $pid
	[ $code -lt 7 ] || { cat out err; fail "$1: exit $code"; }
	same "$(json out "\$.attempts.by_outcome.\"$2\"")" 40 "$1: attempts with outcome $2"
	same "$(json out '$.accounting.exhausted')" 20 "$1: exhausted"
	[ "$peak" -lt $((128 * 1024)) ] || fail "$1: $peak KiB of memory"
}

pids=()
for row in garbage:garbage endless-head:garbage endless-interim:too-large endless-body:too-large \
	long-length:truncated two-lengths:garbage bad-chunk:garbage close:closed reset:reset \
	silent:first-byte-timeout; do
	(meets "${row%%:*}" "${row##*:}") >"${row%%:*}.log" 2>&1 &
	pids+=($!)
done
for pid in "${pids[@]}"; do
	wait "$pid" || { cat ./*.log; exit 1; }
done
