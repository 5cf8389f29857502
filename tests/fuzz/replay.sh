#!/bin/bash
# Replays each fuzz target's corpus: replay.sh BUILD_FOLDER. A target that crashes, hangs or has no
# corpus fails; its log is shown then. WRAP goes in front of each program (valgrind).
set -u
passed=0 failed=0
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
for source in tests/fuzz/fuzz_*.c; do
	[ -e "$source" ] || continue
	name=$(basename "$source" .c)
	name=${name#fuzz_}
	# shellcheck disable=SC2086 # WRAP is a command with arguments
	if timeout "${REPLAY_S:-120}" ${WRAP:-} "$1/replay_$name" "tests/fuzz/corpus/$name" >"$log" 2>&1; then
		echo "ok   replay $name: $(tail -n 1 "$log")"
		passed=$((passed + 1))
	else
		echo "FAIL replay $name: exit $?"
		tail -n 40 "$log"
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
