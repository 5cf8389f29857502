#!/bin/bash
# Runs every shipped scenario in virtual time with one seed after the other: soak.sh PROGRAM SECONDS.
# Ends at the first run that is not passed and names its seed, which repeats it.
set -u
program=$1
until_s=$((SECONDS + $2))
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT
runs=0
for ((seed = 1; SECONDS < until_s; seed++)); do
	for path in scenarios/*.json; do
		name=$(basename "$path" .json)
		case $name in *.schema) continue ;; esac
		"$program" simulate "$name" --seed "$seed" --out "$out/run" >"$out/log" 2>&1 </dev/null
		code=$?
		if [ "$code" != 0 ]; then
			cat "$out/log"
			echo "soak: exit $code, repeat with: hookproof simulate $name --seed $seed" >&2
			exit 1
		fi
		rm -rf "$out/run"
		runs=$((runs + 1))
	done
done
echo "$runs runs passed, seeds 1 to $((seed - 1))"
[ "$runs" != 0 ]
