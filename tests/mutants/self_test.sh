#!/bin/bash
# Goal: the receivers of this folder are what their table says, before any suite judges them: the
# good one takes valid deliveries of each sender and refuses tampered ones; a defect shows in the
# probe of its row and in no other but those that the row names.
#   self_test.sh HOOKPROOF MUTANT [slug...]
# Deliveries are made by `hookproof sign` and openssl and sent by curl: none of the receiver's code.
# A probe is a function that is called like the check it stands for and prints what it saw.
set -u
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
HOOKPROOF=$(realpath "$1") MUTANT=$(realpath "$2")
shift 2
wanted=$* JOBS=${JOBS:-4}
. "$ROOT/tests/mutants/lib.sh"
. "$ROOT/tests/mutants/probes.sh"
work=$(mktemp -d) || exit 1
mutant_pid=
trap 'stop_mutant; rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0 failed=0 skipped=0
should=$(checks_of SHOULD)

count() { # what, complaint ("": none)
	if [ -z "$2" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$1: $2"
	fi
}

# What the probes of a profile say of one receiver, a line each, into a file.
observe() { # slug, profile, file
	local secrets=(--old-secret-env HOOK_OLD_SECRET --other-secret-env HOOK_OTHER_SECRET)
	profile=$2 number=0
	start_mutant "$1" "$2" "${secrets[@]}" || return 1
	for probe in $(probes_of "$2"); do
		kill -0 "$mutant_pid" 2>/dev/null || start_mutant "$1" "$2" "${secrets[@]}"
		number=$((number + 100)) # events of its own: a probe runs in a subshell
		printf '%s %s\n' "$probe" "$("probe_${probe//-/_}" 2>/dev/null | tr '\n' ' ')"
	done >"$3"
	stop_mutant
}

# The probes of a defect's row must differ from the good one's, and others must not; those of a
# SHOULD may. Where the plain delivery is refused, nothing else can be told.
compare() { # good file, file, kills, also
	local differing complaint='' probe
	differing=$(diff <(sed 's/\<200\>/204/g' "$1") <(sed 's/\<200\>/204/g' "$2") |
		sed -n 's/^> \([^ ]*\) .*/\1/p' | tr '\n' ' ')
	for probe in $3; do
		! grep -q "^$probe " "$1" || word_in "$probe" "$differing" ||
			complaint+=" not seen by $probe ($(grep "^$probe " "$2"))"
	done
	! word_in sig-accepts-compact "$differing" || differing=sig-accepts-compact
	for probe in $differing; do
		word_in "$probe" "$3 $4 $should" ||
			complaint+=" also seen by $probe ($(grep "^$probe " "$2"))"
	done
	echo "$complaint"
}

check_row() { # slug, profile, kills, also
	local good=../none
	case $1 in node_*) good=../node_none ;; esac
	if ! grep -qE "^(${3// /|}) " "$good.$2"; then
		skipped=$((skipped + 1)) # only the suite can see it
		return
	fi
	observe "$1" "$2" "seen" || { count "$1" "did not start"; return; }
	count "$1" "$(compare "$good.$2" seen "$3" "$4")"
}

# Every n-th row, in a folder of its own.
work_off() { # index
	local slug profile kills also line=0
	mkdir "$1" && cd "$1" || exit 1
	trap stop_mutant EXIT
	while IFS=$'\t' read -r slug _ profile _ kills also _; do
		line=$((line + 1))
		[ $((line % JOBS)) = "$1" ] || continue
		[ -z "$wanted" ] || word_in "$slug" "$wanted" || continue
		HOOK_SECRET=$(secret_of "$profile")
		check_row "$slug" "$profile" "$kills" "$also"
	done < <(rows)
	echo "$passed $failed $skipped" >figures
}

for profile in paisr-v1 paisr-v2 standard-webhooks stripe github slack shopify square; do
	HOOK_SECRET=$(secret_of $profile)
	count "the good receiver of $profile" "$(judge_good $profile)"
	observe none $profile none.$profile
done
HOOK_SECRET=$(secret_of paisr-v1)
! has_node || observe node_none paisr-v1 node_none.paisr-v1
passed_before=$passed failed_before=$failed
passed=0 failed=0
for ((job = 0; job < JOBS; job++)); do
	(work_off $job) 2>errors.$job & # bash tells there of receivers that crash, as one must
	jobs[job]=$!
done
wait "${jobs[@]}"
read -r passed failed skipped < <(cat ./*/figures | awk -v p="$passed_before" -v f="$failed_before" '
	{ p += $1; f += $2; s += $3 } END { print p, f, s + 0 }')
[ "$(cat ./*/figures | wc -l)" = "$JOBS" ] || { echo "a worker died"; failed=$((failed + 1)); }
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
