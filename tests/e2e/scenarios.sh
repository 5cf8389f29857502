# Goal: each shipped scenario passes, on sockets and in virtual time, and `check` says the same of
# its run file again; each variant that must fail fails in exactly what it names.
# limit_s: 150
. "$ROOT/tests/e2e/lib.sh"

verdicts() { # report.json: what check must repeat
	sqlite3 :memory: "select json_extract(value, '\$.id'), json_extract(value, '\$.threshold'),
		json_extract(value, '\$.verdict'), json_extract(value, '\$.decided')
		from json_each(readfile('$1'), '\$.checks')"
}

passes() { # command, scenario
	mkdir -p "$1-$2" && cd "$1-$2"
	expect 0 "$HOOKPROOF" "$1" "$2" --json --out run
	same "$(json out '$.verdict')" pass "$1 $2"
	cp out first
	expect 0 "$HOOKPROOF" check run --json
	same "$(verdicts out)" "$(verdicts first)" "check of $1 $2"
}

fails() { # command, scenario
	local file=$ROOT/scenarios/must-fail/$2.json
	mkdir -p "$1-must-fail-$2" && cd "$1-must-fail-$2"
	expect 1 "$HOOKPROOF" "$1" "$file" --json --out run
	same "$(failed_checks out)" "$(sqlite3 :memory: "select value from json_each(
		readfile('$file'), '\$.must_fail') order by 1")" "$1 must-fail/$2"
	expect 1 "$HOOKPROOF" check run --json
}

pids=()
for file in "$ROOT"/scenarios/*.json; do
	name=$(basename "$file" .json)
	case $name in *.schema) continue ;; esac
	[ -f "$ROOT/scenarios/must-fail/$name.json" ] || fail "$name has no variant that must fail"
	(passes simulate "$name")
	(fails simulate "$name")
	(passes run "$name" && cd .. && fails run "$name") >"$name.log" 2>&1 &
	pids+=($!)
	[ ${#pids[@]} -lt 2 ] || { wait "${pids[0]}" || { cat ./*.log; exit 1; }; pids=("${pids[@]:1}"); }
done
for pid in "${pids[@]}"; do
	wait "$pid" || { cat ./*.log; exit 1; }
done
