# Goal: kill -9 in mid-run leaves a file that opens, holds all but the last 200 ms, and says that it
# is incomplete; check does not judge what it does not know.
. "$ROOT/tests/e2e/lib.sh"

sed 's/"for": "5s"/"for": "20s"/' "$ROOT/scenarios/steady-load.json" >long.json

# What is seen of the run was just committed: the kill follows it by a while, or it would always
# come right after a commit.
kill_a_run() { # folder, seconds: sets killed_ns, the moment in the run's own time
	local pid began_ns micro
	"$HOOKPROOF" run long.json --out "$1" >/dev/null 2>"$1.err" </dev/null &
	pid=$!
	await_sql "$1/run.db" 'select max(planned) > 2000 from ticks'
	read -rt "$2" <> <(:) || true
	micro=${EPOCHREALTIME/[.,]/}
	kill -KILL $pid
	wait $pid || true
	began_ns=$(sql "$1/run.db" "select value from meta where key = 'started_wall_ns'")
	killed_ns=$((micro * 1000 - began_ns))
}

kept() { # folder: whether the file ends less than 200 ms before the kill
	[ "$(sql "$1/run.db" "select max(done_ns) > $killed_ns - 200000000 from attempts")" = 1 ] &&
		[ "$(sql "$1/run.db" "select max(arrived_ns) > $killed_ns - 200000000 from receipts")" = 1 ]
}

# A machine that stalls in that very moment may delay a commit: once of three is proof enough.
for try in 1 2 3; do
	kill_a_run "killed-$try" 0.$((try * 2 + 1))
	! kept "killed-$try" || break
	[ $try -lt 3 ] || fail "the file lacks more than the last 200 ms before $killed_ns ns"
done
killed=killed-$try
same "$(sql "$killed/run.db" 'pragma integrity_check')" ok integrity
same "$(sql "$killed/run.db" "select value from meta where key = 'state'")" running state
# Until then nothing is missing: of each event that a later one overtook by 200 ms there is a record.
same "$(sql "$killed/run.db" "select max(event) + 1 - count(distinct event) from attempts
	where due_ns < (select max(due_ns) from attempts) - 200000000")" 0 "attempts that are missing"
expect 4 "$HOOKPROOF" check "$killed" --json
same "$(json out '$.run.incomplete')" 1 incomplete
same "$(json out '$.verdict')" undecided verdict
same "$(failed_checks out)" "" "what a kill made fail"
expect 0 "$HOOKPROOF" report "$killed"
has out "the run file was not closed"
