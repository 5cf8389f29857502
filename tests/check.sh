#!/bin/bash
# Runs the parts of the tests one after the other and adds up what they say: check.sh PART...
# A part is a make target run-<part>, whose output ends with a line "N passed, N failed[, N skipped]".
# One that ends badly without a failure in that line, or without the line, counts as one failure.
set -u
passed=0 failed=0 skipped=0 table=
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
line='^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$'

add() { # part exit-code seconds: takes the figures from the part's log
	local said figures
	said=$(grep -E "$line" "$log" | tail -n 1)
	read -r -a figures <<<"$(echo "${said:-0 passed, 0 failed}" | tr -dc '0-9 ')"
	if [ "$2" != 0 ] && [ "${figures[1]}" = 0 ] || [ -z "$said" ]; then
		figures[1]=$((figures[1] + 1))
		said="${said:-no result}, exit $2"
	fi
	passed=$((passed + figures[0]))
	failed=$((failed + figures[1]))
	skipped=$((skipped + ${figures[2]:-0}))
	table+=$(printf '%-12s %s (%d s)' "$1" "$said" "$3")$'\n'
}

for part in "$@"; do
	start=$SECONDS code=0
	echo "== $part"
	"${MAKE:-make}" --no-print-directory "run-$part" 2>&1 | tee "$log"
	code=${PIPESTATUS[0]}
	add "$part" "$code" $((SECONDS - start))
done
printf '==\n%s' "$table"
[ "$skipped" = 0 ] || echo "$skipped skipped: not run here, which is not the same as passed"
echo "$passed passed, $failed failed$([ "$skipped" = 0 ] || echo ", $skipped skipped")"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
