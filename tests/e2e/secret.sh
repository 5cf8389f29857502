# Goal: a secret stands in no output, report, run file or log, whatever way it came in and whatever
# went wrong with it.
. "$ROOT/tests/e2e/lib.sh"
secret=nobody-prints-9c41
export HOOK_SECRET=$secret-from-the-environment
mkdir given seen # what we write, what hookproof wrote
cd seen
printf '%s-from-a-file' "$secret" >../given/secret
printf '{"id":"inv_1","event":"invoice.paid"}' >../given/body
cat >../given/scenario.json <<END
{"name": "secrets", "endpoints": [{"name": "a", "receiver": "a", "secret": "$secret-of-a"},
	{"name": "b", "receiver": "b", "secret_env": "HOOK_SECRET"}],
"receivers": [{"name": "a", "behaviours": [{"behaviour": "share", "share": 0.3, "fault": "status", "code": 500}]},
	{"name": "b", "secret": "$secret-of-b"}],
"time_scale": 0.0001, "set": {"retry.attempts_max": "3"}, "arrivals": {"kind": "constant", "rate": "100/s", "for": "300ms"}}
END

calls=0
tried() { # exit, command...: keeps both streams
	calls=$((calls + 1))
	expect "$@"
	mv out "$calls.out"
	mv err "$calls.err"
}
broken() { # sed expression: a document that is refused near its secret
	sed "$1" ../given/scenario.json >../given/broken.json
	tried 3 "$HOOKPROOF" run ../given/broken.json
	tried 3 "$HOOKPROOF" lint ../given/broken.json --json
}

# Runs, judged and shown in every way; b's receiver refuses each signature.
for command in run simulate; do
	tried 1 "$HOOKPROOF" $command ../given/scenario.json --out $command --verbose \
		--report json --report junit --report text=$command/report.txt
	tried 1 "$HOOKPROOF" check $command --json
	tried 0 "$HOOKPROOF" report $command --report json
	tried 1 env -u HOOK_SECRET "$HOOKPROOF" check $command
done
tried 0 "$HOOKPROOF" lint ../given/scenario.json
start_receiver --secret-file ../given/secret
tried 0 "$HOOKPROOF" load "$receiver_url" --secret-file ../given/secret --rate 50/s --count 5 \
	--out file --report json --expect 'response.p50<60s' --expect 'delivered>=100%'
tried 1 "$HOOKPROOF" load "$receiver_url" --secret "$secret-of-a-stranger" --rate 50/s --count 5 \
	--set retry.attempts_max=1 --out literal --json --expect 'delivered>=100%'
stop_receiver || true # it judges its senders, and one is a stranger

# By hand, valid and not.
tried 0 "$HOOKPROOF" sign --secret-env HOOK_SECRET --body ../given/body --json
tried 1 "$HOOKPROOF" verify --secret "$secret" --body ../given/body --header 'X-Paisr-Signature: 00'
tried 2 "$HOOKPROOF" sign --profile standard-webhooks --secret "$secret" --body ../given/body

# Refused documents show the line, not the secret in it.
broken 's/-of-a"}/-of-a" "x"}/'
broken 's/-of-a"}/-of-a", "secret": "x"}/'
broken 's/-of-a"}/-of-a\\x"}/'
broken 's/"receiver": "a", /"receiver": "z", /'
broken 's/"secret": "/"secert": "/'
broken 's/"secret": "/"signing_token": "/'
broken 's/"secret": "/"secret" "/'
broken 's/"secret": \("[^"]*"\)/"secret":\n\1, "url": 5/'
broken 's/"secret": \("[^"]*"\)/"secert":\n\1/'
broken 's/"receiver": "a", "secret"/"receiver": "a, "secret"/'
broken 's/"receiver": "a", "secret"/"receiver": "a, "secert"/'

! grep -rqaF "$secret" . || { grep -rlaF "$secret" .; fail "a secret stands in these files"; }
# The net has no hole: what was given is found where it was given.
grep -rqaF "$secret" ../given || fail "the test looks for something else"
[ -s run/run.db ] && [ -s run/junit.xml ] && [ -s 1.out ] || fail "nothing was written"
