#!/bin/bash
# Runs the real program through every tests/e2e/*.sh, each in a process and an empty folder of its own.
#
# A test is a bash script, run with -eu in that folder, with no standard input. It finds
#   $HOOKPROOF   the program's absolute path        $ROOT   the top folder of the sources
#   $PEER        a peer that breaks rules, peer.c
#   $WIRE        an independent client, tests/peers/wire.c
#   $ASK         an independent resolver, tests/peers/ask.c
#   $ATTACKER    clients that wish ill, tests/peers/attacker.c
# Exit 0: passed. 77: skipped, the last line of its output says why. Anything else: failed, and only
# then its log is shown. A line "# limit_s: 120" in the script replaces the limit of 60 s.
# Not tests: run.sh and what begins with lib. Usage: run.sh PROGRAM [NAME...], a name without .sh.
set -u
HOOKPROOF=$(realpath "$1") || exit 1
ROOT=$PWD
PEER=$(dirname "$HOOKPROOF")/peer
WIRE=$(dirname "$HOOKPROOF")/wire
ASK=$(dirname "$HOOKPROOF")/ask
ATTACKER=$(dirname "$HOOKPROOF")/attacker
export HOOKPROOF ROOT PEER WIRE ASK ATTACKER
shift
passed=0 failed=0 skipped=0
scratch=$(mktemp -d) || exit 1
group=
trap 'rm -rf "$scratch"' EXIT
trap 'end_group TERM; exit 130' INT TERM

limit_s() { # script: its time limit, stretched for slow builds
	local limit
	limit=$(sed -n 's/^# limit_s: *\([0-9][0-9]*\).*/\1/p' "$1" | head -n 1)
	echo $((${limit:-60} * ${SLOWNESS:-1}))
}

# The test of now, with all that it started: timeout leads a process group of its own.
end_group() { # signal
	[ -z "$group" ] || kill "-$1" -- "-$group" 2>/dev/null || true
}

run_one() { # name
	local script=$ROOT/tests/e2e/$1.sh log=$scratch/$1.log folder=$scratch/$1 limit code=0 start=$SECONDS
	limit=$(limit_s "$script")
	mkdir "$folder"
	(cd "$folder" && exec timeout --kill-after=5 "$limit" bash -eu "$script") >"$log" 2>&1 </dev/null &
	group=$!
	wait "$group" || code=$?
	end_group KILL # what a test that failed left behind
	case $code in
	0) passed=$((passed + 1)) && echo "ok   $1 ($((SECONDS - start)) s)" ;;
	77) skipped=$((skipped + 1)) && echo "skip $1: $(tail -n 1 "$log")" ;;
	*)
		failed=$((failed + 1))
		[ "$code" = 124 ] || [ "$code" = 137 ] && echo "no end within $limit s" >>"$log"
		echo "FAIL $1: exit $code"
		sed 's/^/     | /' "$log" | tail -n 60
		;;
	esac
	rm -rf "$folder"
}

if [ $# = 0 ]; then
	for script in tests/e2e/*.sh; do
		name=$(basename "$script" .sh)
		case $name in run | lib*) continue ;; esac
		set -- "$@" "$name"
	done
fi
for name in "$@"; do
	run_one "$name"
done
if [ "$skipped" = 0 ]; then
	echo "$passed passed, $failed failed"
else
	echo "$passed passed, $failed failed, $skipped skipped"
fi
[ "$failed" = 0 ] && [ "$passed" != 0 ]
