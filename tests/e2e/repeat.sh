# Goal: the same seed gives the same events, faults and verdicts twice; in virtual time to the
# nanosecond. Another seed gives others.
. "$ROOT/tests/e2e/lib.sh"

decided() { # run.db: what the seed decides, whatever the clock did
	sql "$1" "select event, endpoint, number, outcome, status from attempts order by 1, 2, 3"
	sql "$1" "select event, endpoint, ordinal, status, behaviour, effects from receipts order by 1, 2, 3"
}

for command in simulate run; do
	for run in a b; do
		expect 0 "$HOOKPROOF" $command duplicates-and-idempotency --json --out $command-$run
		sed '/"run_file"\|"id": "2\|_at"\|duration/d; /"latency_us"/,$d' out >$command-$run.json
	done
	same "$(decided $command-a/run.db | md5sum)" "$(decided $command-b/run.db | md5sum)" "$command"
done
same "$(decided simulate-a/run.db | md5sum)" "$(decided run-a/run.db | md5sum)" "simulate and run"
same "$(sql simulate-a/run.db 'select * from attempts' | md5sum)" \
	"$(sql simulate-b/run.db 'select * from attempts' | md5sum)" "virtual time"
expect 0 "$HOOKPROOF" simulate duplicates-and-idempotency --seed 4 --out other
[ "$(decided simulate-a/run.db | md5sum)" != "$(decided other/run.db | md5sum)" ] ||
	fail "two seeds, one run"
