# Goal: Ctrl-C ends a run cleanly: judged and reported, sums closed, exit 130; a proven failure still
# exits 1. kill -9 leaves a file that opens, holds all but the last moments, and says incomplete.
. "$ROOT/tests/e2e/lib.sh"

# A run of 20 s that is ended from outside.
sed 's/"for": "5s"/"for": "20s"/' "$ROOT/scenarios/steady-load.json" >long.json
sed 's/"for": "5s"/"for": "20s"/; s/"errors<=0%"/"response.p50<1us"/' "$ROOT/scenarios/steady-load.json" >failing.json

start() { # scenario, folder
	"$HOOKPROOF" run "$1" --out "$2" --json >"$2.json" 2>"$2.err" </dev/null &
	pid=$!
	until [ "$(sql "$2/run.db" 'select coalesce(max(planned), 0) from ticks' 2>/dev/null || echo 0)" -gt 2000 ]; do
		read -rt 0.1 <> <(:) || true
	done
}
ended() { wait "$pid" && code=0 || code=$?; }

start long.json clean
kill -INT $pid && ended
same $code 130 "exit of an interrupted run"
same "$(json clean.json '$.run.interrupted')" 1 "interrupted"
same "$(json clean.json '$.accounting.planned')" "$(sqlite3 :memory: "select sum(value) from json_each(
	readfile('clean.json'), '\$.accounting') where key in
	('delivered', 'exhausted', 'pending', 'dropped', 'not_sent')")" "the sum"
same "$(sql clean/run.db "select value from meta where key = 'state'")" interrupted state
expect 130 "$HOOKPROOF" check clean

start failing.json broken
kill -INT $pid && ended
same $code 1 "exit of an interrupted run that failed"

start long.json killed
kill -KILL $pid && ended
expect 4 "$HOOKPROOF" check killed --json
same "$(json out '$.run.incomplete')" 1 "incomplete"
# What the generator had counted a quarter of a second before the end is in the file.
[ "$(sql killed/run.db 'select count(*) from attempts')" -ge \
	"$(sql killed/run.db 'select max(delivered) from ticks')" ] || fail "committed attempts are missing"
same "$(sql killed/run.db "select value from meta where key = 'state'")" running state
