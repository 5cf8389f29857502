#!/bin/bash
# Goal: the suite can fail. `hookproof certify receiver` is run against every receiver of this
# folder: each broken one is caught by the checks that its row names, and no other MUST speaks but
# those that the row allows; the good ones pass; every MUST catches somebody.
#   run.sh HOOKPROOF MUTANT OUT [slug...]
# Leaves OUT/<slug>.json, which kill_matrix.sh makes the published table from. What this suite
# cannot see yet is skipped and named, which is not the same as passed.
set -u
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
HOOKPROOF=$(realpath "$1") MUTANT=$(realpath "$2") OUT=$3
shift 3
wanted=$* JOBS=${JOBS:-3} LIMIT_S=${LIMIT_S:-240}
. "$ROOT/tests/mutants/lib.sh"
mkdir -p "$OUT" || exit 1
OUT=$(realpath "$OUT")
work=$(mktemp -d) || exit 1
mutant_pid=
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

known=$("$HOOKPROOF" certify receiver --help)
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out certificate.pem -days 2 \
	-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1,DNS:localhost 2>/dev/null

# The options that a row needs, for the receiver and for hookproof; what hookproof does not know is
# left out, and the row's checks are then not seen.
options_of() { # needs
	local at=http://127.0.0.1
	mutant_options=() certify_options=() scheme=http
	if word_in tls "$1"; then
		scheme=https
		mutant_options+=(--certificate ../certificate.pem --key ../key.pem)
		certify_options+=(--ca "$work/certificate.pem")
	fi
	if word_in old "$1"; then
		mutant_options+=(--old-secret-env HOOK_OLD_SECRET)
		certify_options+=(--old-secret-env HOOK_OLD_SECRET)
	fi
	if word_in other "$1"; then
		mutant_options+=(--other-secret-env HOOK_OTHER_SECRET)
		add_known --other-secret-env HOOK_OTHER_SECRET
	fi
	if word_in tolerance "$1"; then
		mutant_options+=(--tolerance 8)
		certify_options+=(--set scheme.tolerance_past=8s --set scheme.tolerance_future=8s)
	fi
	! word_in rotate "$1" || add_known --rotate-command "curl -s $at:PORT/rotate"
	! word_in restart "$1" || add_known --restart-command "curl -s $at:PORT/restart"
	! word_in clock "$1" || add_known --clock-command "curl -s $at:PORT/clock?shift={shift}"
}
add_known() { # option, value
	! grep -q -- "^ *$1 " <<<"$known" || certify_options+=("$1" "$2")
}

certify() { # slug, profile, needs, result
	local at
	options_of "$3"
	start_mutant "$1" "$2" "${mutant_options[@]}" || return
	at=$scheme://127.0.0.1:$mutant_port
	timeout "$LIMIT_S" "$HOOKPROOF" certify receiver "$at/hook" --profile "$2" --seed 1 \
		--secret-env HOOK_SECRET "${certify_options[@]//PORT/$mutant_port}" --max-body 2MiB \
		--effect-url "$at/effects?key={key}" --json >"$4" 2>said </dev/null
	stop_mutant
	[ -s "$4" ] || { echo "$1: nothing came out: $(tail -n 1 said)"; return 1; }
}

ids() { # result, condition: the checks, with blanks between
	sqlite3 :memory: "select coalesce(group_concat(id, ' '), '') from (select
		json_extract(value, '$.id') id, json_extract(value, '$.level') level,
		json_extract(value, '$.verdict') verdict from json_each(readfile('$1'), '$.checks')) where $2"
}

# One line per row: passed, failed or skipped, the slug, and why.
judge() { # slug, needs, kills, also, result
	local slug=$1 caught musts unseen id why='' blind=''
	if word_in other "$2" && ! grep -q -- --other-secret-env <<<"$known"; then
		echo "skipped $slug: no other secret can be given"
		return
	fi
	shift
	caught=$(ids "$4" "verdict in ('fail', 'warn') and level <> 'INFO'")
	musts=$(ids "$4" "verdict = 'fail' and level = 'MUST'")
	unseen=$(ids "$4" "verdict in ('unobserved', 'not-applicable')")
	for id in $2; do
		if word_in "$id" "$unseen"; then
			blind+=" $id"
		elif ! word_in "$id" "$caught"; then
			why+=" survived $id"
		fi
	done
	for id in $musts; do
		word_in "$id" "$2 $3" || why+=" misfires $id"
	done
	if [ -n "$why" ]; then
		echo "failed $slug:$why"
	elif [ "${blind# }" = "$2" ]; then
		echo "skipped $slug: not seen by this suite:$blind"
	else
		echo "passed $slug"
	fi
}

judge_good() { # name, result
	local verdict
	verdict=$(sqlite3 :memory: "select json_extract(readfile('$2'), '$.verdict')")
	[ "$verdict" = pass ] && echo "passed $1" ||
		echo "failed $1: $verdict: $(ids "$2" "verdict in ('fail', 'error', 'inconclusive')")"
}

# Good ones first, so that a suite that accuses them is seen early.
all_rows() {
	for profile in paisr-v1 paisr-v2 standard-webhooks stripe github slack shopify square; do
		printf 'none\tgood\t%s\t-\t-\t-\t-\n' $profile
	done
	! has_node || printf 'node_none\tgood\tpaisr-v1\t-\t-\t-\t-\n'
	rows
}

work_off() { # index
	local slug level profile needs kills also line=0 result
	mkdir "$1" && cd "$1" || exit 1
	trap stop_mutant EXIT
	while IFS=$'\t' read -r slug level profile needs kills also _; do
		line=$((line + 1))
		[ $((line % JOBS)) = "$1" ] || continue
		[ -z "$wanted" ] || word_in "$slug" "$wanted" || continue
		HOOK_SECRET=$(secret_of "$profile")
		result=$OUT/$slug.json
		[ "$level" != good ] || result=$OUT/good.$slug.$profile.json
		rm -f "$result"
		if ! certify "$slug" "$profile" "$needs" "$result" >trouble; then
			echo "failed $(cat trouble)"
		elif [ "$level" = good ]; then
			judge_good "the good receiver of $profile ($slug)" "$result"
		else
			judge "$slug" "$needs" "$kills" "$also" "$result"
		fi
	done < <(all_rows) >lines
}

# Every MUST that could be seen at the good receivers has caught somebody.
judge_musts() {
	local id results
	for id in $(checks_of MUST); do
		results=$(grep -l "\"$id\"" "$OUT"/*.json)
		for result in $results; do
			ids "$result" "verdict = 'fail' and id = '$id'"
		done | grep -q . && continue
		for result in $results; do
			ids "$result" "verdict = 'pass' and id = '$id'"
		done | grep -q . && echo "failed $id: a MUST that catches nobody" ||
			echo "skipped $id: a MUST that this suite cannot see yet"
	done
}

for ((job = 0; job < JOBS; job++)); do
	(work_off $job) 2>errors.$job & # bash tells there of receivers that crash, as one must
	jobs[job]=$!
done
wait "${jobs[@]}"
cat ./*/lines >lines
[ -n "$wanted" ] || judge_musts >>lines
grep -v '^passed' lines | sort
passed=$(grep -c '^passed' lines) failed=$(grep -c '^failed' lines) skipped=$(grep -c '^skipped' lines)
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
