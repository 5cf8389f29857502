#!/bin/bash
# Publishes what run.sh found: which broken receiver was caught by which checks.
#   kill_matrix.sh MUTANT RESULTS README
# Replaces what stands between the two marks of the README, and makes one when there is none.
set -eu
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
MUTANT=$(realpath "$1") results=$(realpath "$2") readme=$3
. "$ROOT/tests/mutants/lib.sh"
begin='<!-- kill matrix: made by `make kill-matrix`, do not edit -->'
end='<!-- end of the kill matrix -->'

cells() { # result, condition: the ids in code, with blanks between
	sqlite3 :memory: "select coalesce(group_concat(id, ' '), '') from (select
		'\`' || json_extract(value, '$.id') || '\`' id, json_extract(value, '$.level') level,
		json_extract(value, '$.verdict') verdict from json_each(readfile('$1'), '$.checks')) where $2"
}

broken() {
	local slug level kills words result by mark
	echo "| receiver | what is wrong: it … | caught by |"
	echo "|---|---|---|"
	while IFS=$'\t' read -r slug level _ _ kills _ words; do
		result=$results/$slug.json by=
		if [ -e "$result" ]; then
			by=$(cells "$result" "level = 'MUST' and verdict = 'fail'")
			[ "$level" = MUST ] ||
				by=$(cells "$result" "level <> 'INFO' and verdict in ('fail', 'warn')")
		fi
		[ -n "$by" ] || by="not yet (for $kills)"
		[ "$level" = MUST ] && mark= || mark=' (s)'
		printf '| `%s`%s | %s | %s |\n' "$slug" "$mark" "${words//|/\\|}" "$by"
	done < <(rows)
}

# The MUSTs that caught nobody, for that is what a gate looks at.
idle() {
	local id result list=
	for id in $(checks_of MUST); do
		for result in "$results"/*.json; do
			cells "$result" "verdict = 'fail' and level = 'MUST' and id = '\`$id\`'"
		done | grep -q . || list+=" \`$id\`"
	done
	echo "${list:- none}"
}

table() {
	echo "$begin"
	echo
	echo "(s): only a SHOULD stands against it. MUSTs that caught nobody so far:$(idle)."
	echo
	broken
	echo
	echo "$end"
}

[ -e "$readme" ] || printf '# Suites\n\n## The kill matrix\n\n%s\n%s\n' "$begin" "$end" >"$readme"
grep -qF "$begin" "$readme" || printf '\n## The kill matrix\n\n%s\n%s\n' "$begin" "$end" >>"$readme"
table >"$readme.table"
awk -v begin="$begin" -v end="$end" -v table="$readme.table" '
	$0 == begin { while ((getline line < table) > 0) print line; inside = 1 }
	!inside { print }
	$0 == end { inside = 0 }' "$readme" >"$readme.new"
mv "$readme.new" "$readme"
rm "$readme.table"
echo "$readme: $(rows | wc -l) receivers"
