# Goal: what cannot be written is said before the load starts, with the path; a disk that fills
# up in mid-run is said and ends nothing by a crash.
. "$ROOT/tests/e2e/lib.sh"
export HOOK_SECRET=s

start_receiver --secret-env HOOK_SECRET
refused() { # path in the message, options...
	expect 4 "$HOOKPROOF" load "$receiver_url" --secret-env HOOK_SECRET --rate 50/s --count 5 "${@:2}"
	has err "error: "
	has err "$1"
	is out ""
}
touch file
mkdir locked && chmod 500 locked
refused file/inside --out file/inside
refused /proc/hookproof --out /proc/hookproof
[ -w locked ] || refused locked/run --out locked/run # root writes everywhere
mkdir taken && echo precious >taken/run.db
refused taken --out taken
is taken/run.db precious
refused /nowhere/report.json --out fresh --report json=/nowhere/report.json
[ ! -e fresh/run.db ] || fail "the run began although its report could not be written"
stop_receiver || same "$?" 4 "the exit of a receiver to which nothing came"
has receiver.out " 0 deliveries"

# 300 KiB and no more: the file cannot hold the run. The report comes all the same.
for command in simulate run; do
	code=0
	(ulimit -f 300 && exec "$HOOKPROOF" $command steady-load --json --out full-$command) \
		>out 2>err </dev/null || code=$?
	same "$code" 6 "exit of $command with a full disk"
	has err "full-$command/run.db: the history could not be stored: disk I/O error; is there a limit on the size of a file"
	same "$(json out '$.verdict')" invalid "verdict of $command with a full disk"
	sum_closes out
	# Whether its last figures found room is chance, and changes nothing.
	expect 4 "$HOOKPROOF" check full-$command --json
	same "$(json out '$.verdict')" undecided "verdict of check after $command"
	same "$(json out '$.run.incomplete')" 1 "incomplete"
done

# So full that not one record found room: that is said, and nothing about a plan.
for blocks in {100..600..20}; do
	(ulimit -f $blocks && exec "$HOOKPROOF" simulate steady-load --out empty) >out 2>err </dev/null || true
	[ ! -e empty/run.db ] || break
done
same "$(sql empty/run.db 'select count(*) from attempts')" 0 "attempts in the empty file"
expect 4 "$HOOKPROOF" check empty --json
same "$(json out '$.run.incomplete')" 1 "incomplete"
has out "the file ends before the run did, and holds nothing of it"
lacks out "no delivery was planned"
