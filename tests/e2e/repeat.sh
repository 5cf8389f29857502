# Goal: the same seed gives the same events, faults and verdicts twice; in virtual time to the
# nanosecond. Another seed gives others.
. "$ROOT/tests/e2e/lib.sh"

decided() { # run.db: what the seed decides, whatever the clock did
	sql "$1" "select event, endpoint, number, outcome, status, state, body_digest from attempts order by 1, 2, 3"
	sql "$1" "select event, endpoint, ordinal, key, status, behaviour, signature, effects, body_digest
		from receipts order by 1, 2, 3"
	sql "$1" "select event, endpoint, attempts, state from ended order by 1, 2"
	# How late our own loop was can leave a verdict about time open.
	sql "$1" "select id, verdict, total, failed from findings where id not in
		('never-early', 'never-late', 'threshold') order by 1"
}
timed() { # run.db: everything that happened, with its moments
	sql "$1" "select * from attempts order by event, endpoint, number"
	sql "$1" "select * from receipts order by event, endpoint, ordinal"
	sql "$1" "select * from ended order by event, endpoint"
	sql "$1" "select * from gaps order by 1, 2"
	sql "$1" "select * from findings"
	sql "$1" "select * from histograms"
}
differ() { ! cmp -s "$1" "$2" || fail "two seeds, one run: $1, $2"; }

scenarios="duplicates-and-idempotency subscriptions-and-fan-out first-run"
pids=()
for name in $scenarios; do
	for twin in a b; do
		"$HOOKPROOF" run "$name" --out "run-$name-$twin" >"$name-$twin.log" 2>&1 </dev/null &
		pids+=($!)
	done
done
for name in $scenarios; do
	for twin in a b; do
		expect 0 "$HOOKPROOF" simulate "$name" --out "simulate-$name-$twin"
		timed "simulate-$name-$twin/run.db" >"timed-$name-$twin"
		decided "simulate-$name-$twin/run.db" >"decided-$name-$twin"
	done
	cmp "timed-$name-a" "timed-$name-b" || fail "virtual time did not repeat $name"
	expect 0 "$HOOKPROOF" simulate "$name" --seed 4 --out "other-$name"
	decided "other-$name/run.db" >"other-$name-decided"
	differ "decided-$name-a" "other-$name-decided"
done
finish "${pids[@]}"
for name in $scenarios; do
	for twin in a b; do
		decided "run-$name-$twin/run.db" >"on-sockets"
		cmp on-sockets "decided-$name-a" || fail "$name on sockets, $twin, differs from virtual time"
	done
done
