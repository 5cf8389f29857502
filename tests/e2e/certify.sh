# Goal: certify tells a good receiver from a bad one. Our own simulated receiver passes every MUST
# that can be seen; without verification it fails the checks that say so, and with effects that double
# the idempotency checks; one that is down gives exit 5. JSON is one object, JUnit one case a check.
. "$ROOT/tests/e2e/lib.sh"
export HOOK_SECRET=ey7bTCm6tur63CR6mzbuq23r CONTROL_TOKEN=0123456789abcdef0123

certify() { # exit code, then options
	local want=$1
	shift
	expect "$want" "$HOOKPROOF" certify receiver "$receiver_url" --secret-env HOOK_SECRET "$@"
}
verdict_of() { # document, check
	ask "select json_extract(value, '\$.verdict') from json_each(readfile('$1'), '\$.checks')
		where json_extract(value, '\$.id') = '$2'"
}
count_of() { # document, verdict, level
	ask "select count(*) from json_each(readfile('$1'), '\$.checks') where
		json_extract(value, '\$.verdict') = '$2' and json_extract(value, '\$.level') = '$3'"
}

# the effect count of a key, as the control endpoint has it; one that nobody knows has none
cat >effects.sh <<'END'
curl -s -H "Authorization: Bearer $CONTROL_TOKEN" "$1/events/$2?receiver=receiver" >"effect.$$"
sqlite3 :memory: "select coalesce(json_extract(readfile('effect.$$'), '$.effects'), 0)"
rm -f "effect.$$"
END
start() { # options of receive
	start_receiver --control 127.0.0.1:0 --control-token-env CONTROL_TOKEN "$@"
	receiver_url=$(sed -n 's/^receiver listens on //p' receiver.err)
	control=$(sed -n 's/^control is at //p' receiver.err)
}
stop() { stop_receiver || true; } # it judges the forgeries, which is another test's

# a good one, without and with a probe
start --secret-env HOOK_SECRET
certify 0 --json --report junit=report.xml
same "$(json out '$.suite'),$(json out '$.profile'),$(json out '$.verdict')" \
	receiver,paisr-v1,pass "the head"
same "$(json out 'count($.checks)' 2>/dev/null || ask "select count(*) from
	json_each(readfile('out'), '\$.checks')")" 90 checks
same "$(count_of out fail MUST),$(count_of out error MUST),$(count_of out inconclusive MUST)" \
	0,0,0 "MUSTs that did not hold"
same "$(verdict_of out once-in-sequence)" unobserved "idempotency without a probe"
has report.xml 'name="sig-accepts-compact"'
xmllint --noout report.xml
certify 0 --effect-command "bash effects.sh $control {key}" --only once --json
same "$(verdict_of out once-in-sequence),$(verdict_of out once-in-parallel)" pass,pass "one effect"
certify 0
head -n 2 out >first
has first PASS
has first "effects: not observed"
certify 2 --only sig-accepts-compat
has err "did you mean sig-accepts-compact?"
stop

# two runs with one seed say the same
for run in 1 2; do
	start --secret-env HOOK_SECRET
	certify 0 --seed 7 --json
	ask "select json_extract(value, '\$.id'), json_extract(value, '\$.verdict')
		from json_each(readfile('out'), '\$.checks')" >"run$run"
	stop
done
cmp run1 run2

# one that verifies nothing: caught by the checks that say so, and only by those
start --no-verify
certify 1 --json
for check in sig-rejects-missing-header sig-rejects-wrong-digest sig-rejects-flipped-bit \
	sig-rejects-empty-and-default-secrets; do
	same "$(verdict_of out $check)" fail $check
done
same "$(verdict_of out sig-accepts-spaces)" pass "what is valid"
certify 1 --only sig-rejects-wrong-digest
has out "came back: 204"
stop

# one whose duplicates take effect again
start --secret-env HOOK_SECRET --not-idempotent
certify 1 --effect-command "bash effects.sh $control {key}" --only once-in-sequence --json
same "$(verdict_of out once-in-sequence)" fail "two effects"
stop

# a secret that is another one: the control says it, and nothing else is judged
start --secret-env HOOK_SECRET
HOOK_SECRET=another certify 1 --json
same "$(verdict_of out sig-accepts-compact),$(verdict_of out sig-accepts-spaces)" \
	fail,inconclusive "a wrong secret"
stop

# nobody is there
certify 5 --json
same "$(json out '$.verdict'),$(json out '$.exit')" undecided,5 "a receiver that is down"
lacks out "$HOOK_SECRET"
