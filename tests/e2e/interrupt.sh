# Goal: Ctrl-C ends a run cleanly: judged and reported, sums closed, exit 130; a proven failure still
# exits 1. A second Ctrl-C leaves at once.
. "$ROOT/tests/e2e/lib.sh"
export HOOK_SECRET=s

# A run of 20 s that is ended from outside.
sed 's/"for": "5s"/"for": "20s"/' "$ROOT/scenarios/steady-load.json" >long.json
sed 's/"for": "5s"/"for": "20s"/; s/"errors<=0%"/"response.max<1us"/' "$ROOT/scenarios/steady-load.json" >failing.json

start() { # scenario, folder
	"$HOOKPROOF" run "$1" --out "$2" --json --report junit >"$2.json" 2>"$2.err" </dev/null &
	pid=$!
	await_sql "$2/run.db" 'select max(planned) > 2000 from ticks'
}
ended() { wait "$pid" && code=0 || code=$?; }
state() { sql "$1/run.db" "select value from meta where key = 'state'"; }

stop() { # signal, scenario, folder, exit
	start "$2" "$3"
	kill "-$1" "$pid" && ended
	same "$code" "$4" "exit of $2 ended by $1"
	same "$(json "$3.json" '$.exit')" "$4" "the exit code in the report"
	same "$(json "$3.json" '$.run.interrupted')" 1 "interrupted"
	sum_closes "$3.json"
	[ "$(json "$3.json" '$.accounting.delivered')" -gt 0 ] || fail "nothing was seen"
	xmllint --noout "$3/junit.xml"
	same "$(state "$3")" interrupted "state of the run file"
	expect "$4" "$HOOKPROOF" check "$3"
	expect 0 "$HOOKPROOF" report "$3"
	has out "interrupted"
}
stop INT long.json clean 130
stop TERM long.json terminated 130
stop INT failing.json broken 1

# A peer that never answers holds the run in its grace; the next Ctrl-C ends that, report or not.
start_peer silent
"$HOOKPROOF" load "$peer_url" --secret-env HOOK_SECRET --rate 50/s --for 20s --out twice >twice.out 2>twice.err </dev/null &
pid=$!
await_sql twice/run.db 'select max(in_flight) > 0 from ticks'
while kill -INT $pid 2>/dev/null; do read -rt 0.1 <> <(:) || true; done
ended
kill $peer_pid
same "$code" 130 "exit after two interrupts"
is twice.out ""
has twice.err "interrupted: waiting up to 2 s for answers; Ctrl-C again ends at once"
same "$(state twice)" running "state of a run file that was left"

# A receiver that says that it listens can be ended in order at once: nothing came, so undecided.
mkfifo said
for _ in {1..10}; do
	"$HOOKPROOF" receive --no-verify --quiet --out at-once >at-once.out 2>said </dev/null &
	pid=$!
	exec 3<said
	read -r line <&3
	kill -INT $pid && ended
	exec 3<&-
	same "$code" 4 "exit of a receiver that was ended once it said '$line'"
	same "$(state at-once)" complete "state of its run file"
	rm -r at-once
done

# Who interrupts the judge keeps a complete file, to be judged again. It may be done before.
"$HOOKPROOF" simulate long.json --out judged >judged.out 2>&1 </dev/null &
pid=$!
await_sql judged/run.db "select value = 'complete' from meta where key = 'state'"
kill -INT $pid 2>/dev/null || true
ended
[ "$code" = 130 ] || [ "$code" = 0 ] || fail "exit $code of an interrupted judge"
same "$(state judged)" complete "state of a run file whose judge was interrupted"
expect 0 "$HOOKPROOF" check judged
expect 0 "$HOOKPROOF" report judged
has out PASS
