# Goal: each shipped scenario passes, on sockets and in virtual time, and `check` says the same of
# its run file again; each variant that must fail fails in exactly what it names.
# limit_s: 150
. "$ROOT/tests/e2e/lib.sh"

verdicts() { # report.json: what check must repeat
	ask "select json_extract(readfile('$1'), '\$.verdict'), json_extract(readfile('$1'), '\$.exit');
		select json_extract(value, '\$.id'), json_extract(value, '\$.threshold'),
		json_extract(value, '\$.verdict'), json_extract(value, '\$.decided')
		from json_each(readfile('$1'), '\$.checks')"
}

# A machine that was too slow to measure (exit 6) fails no scenario: it gets two more chances.
run_it() { # command, scenario: sets code
	local chance
	for chance in 1 2 3; do
		code=0
		rm -rf run
		"$HOOKPROOF" "$1" "$2" --json --out run >out 2>err </dev/null || code=$?
		[ "$1$code" = run6 ] || return 0
		echo "$2 could not be measured, chance $chance"
	done
}

judged() { # exit, command, scenario
	run_it "$2" "$3"
	[ "$2$code" != run6 ] || exit 0
	[ "$code" = "$1" ] || { cat out err; fail "exit $code, want $1: $2 $3"; }
	cp out first
	same "$(json first '$.exit')" "$1" "the exit code in the report of $2 $3"
	sum_closes first
	expect "$1" "$HOOKPROOF" check run --json
	same "$(verdicts out)" "$(verdicts first)" "check of $2 $3"
	expect 0 "$HOOKPROOF" report run --report json=again
	cmp first again || fail "the report of $2 $3, made again, differs"
}

passes() { # command, scenario
	mkdir "$1-$2" && cd "$1-$2"
	judged 0 "$1" "$2"
	same "$(json first '$.verdict')" pass "$1 $2"
	same "$(failed_checks first)" "" "what failed in $1 $2"
}

fails() { # command, scenario
	local file=$ROOT/scenarios/must-fail/$2.json
	mkdir "$1-must-fail-$2" && cd "$1-must-fail-$2"
	judged 1 "$1" "$file"
	same "$(json first '$.verdict')" fail "$1 must-fail/$2"
	same "$(failed_checks first)" "$(ask "select value from json_each(
		readfile('$file'), '\$.must_fail') order by 1")" "$1 must-fail/$2"
}

expect 0 "$HOOKPROOF" list scenarios --json
names=$(ask "select json_extract(value, '\$.name') from json_each(readfile('out'), '\$.scenarios')")
[ "$(wc -w <<<"$names")" -ge 6 ] || fail "less than six scenarios are shipped: $names"
for name in $names; do
	[ -f "$ROOT/scenarios/$name.json" ] || fail "$name is listed but has no file"
done
for file in "$ROOT"/scenarios/must-fail/*.json; do
	grep -qwF -- "$(basename "$file" .json)" <<<"$names" || fail "$file is no variant of any"
done

# Two lanes, and virtual time beside them.
lane() { # remainder
	local number=0 name
	for name in $names; do
		number=$((number + 1))
		[ $((number % 2)) = "$1" ] || continue
		[ -f "$ROOT/scenarios/must-fail/$name.json" ] || fail "$name has no variant that must fail"
		(passes run "$name")
		(fails run "$name")
		(passes simulate "$name")
		(fails simulate "$name")
	done
}
lane 0 >even.log 2>&1 &
even=$!
lane 1 >odd.log 2>&1 &
finish $even $!
