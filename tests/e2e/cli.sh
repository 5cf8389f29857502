# Goal: the command line keeps its word: usage, refusals, help, sign and verify with known answers, list, lint.
. "$ROOT/tests/e2e/lib.sh"


# usage and refusals
expect 2 "$HOOKPROOF"
has err "Usage: hookproof COMMAND"
is out ""
expect 0 "$HOOKPROOF" --help
has out "simulate"
expect 0 "$HOOKPROOF" --version
has out "hookproof "
expect 0 "$HOOKPROOF" help run
has out "--report FORMAT"
cp out help
expect 0 "$HOOKPROOF" run --help
cmp out help
for command in run simulate load receive check report sign verify lint list; do
	expect 0 "$HOOKPROOF" "$command" --help
	has out "Examples:"
	[ "$(awk 'length > 100' out)" = "" ] || { echo "long lines: $command"; exit 1; }
done
expect 2 "$HOOKPROOF" simulat x
has err "did you mean simulate?"
expect 2 "$HOOKPROOF" run first-run --sed 7
has err "did you mean --seed?"
expect 2 "$HOOKPROOF" run
has err "usage: hookproof run SCENARIO"
expect 2 "$HOOKPROOF" run a b
expect 2 "$HOOKPROOF" run first-run --report jnit
has err "did you mean junit?"
expect 2 "$HOOKPROOF" run first-run --json --report text
expect 2 "$HOOKPROOF" run first-run --run-id ../x
expect 3 "$HOOKPROOF" run frist-run
has err "did you mean first-run?"
expect 2 "$HOOKPROOF" run --nope --json
has out '{"error":{"code":"usage","message":"unknown option --nope'
is err ""

# load: what must be said, and who may be sent to
expect 2 "$HOOKPROOF" load http://127.0.0.1:9/ --for 1s
has err "--rate 500/s"
expect 2 "$HOOKPROOF" load http://127.0.0.1:9/ --rate 5/s
has err "--for 30s"
expect 2 "$HOOKPROOF" load http://127.0.0.1:9/ --rate 5/s --for 1s --expect 'response.p99'
has err "--expect"
export HOOK_SECRET=ey7bTCm6tur63CR6mzbuq23r
expect 2 "$HOOKPROOF" load http://192.0.2.1/ --rate 5/s --for 1s --secret-env HOOK_SECRET
has err "--allow-host 192.0.2.1"
expect 2 "$HOOKPROOF" load http://127.0.0.1:9/ --rate 5/s --for 1s --secret-env NOT_SET_ANYWHERE
has err "NOT_SET_ANYWHERE"

# receive: what its options become is checked like a scenario, as usage
expect 2 "$HOOKPROOF" receive
has err "--no-verify"
expect 2 "$HOOKPROOF" receive --no-verify --status 1000
has err "receivers[0].behaviours[0].code"
expect 2 "$HOOKPROOF" receive --no-verify --latency lognormal:5ms
has err "uniform:1ms,5ms"
expect 2 "$HOOKPROOF" receive --no-verify --latency uniform:5ms,1ms
has err 'want "min" at most "max"'
expect 2 "$HOOKPROOF" receive --no-verify --behaviour 'plan:attempts=[{"status":503},{"status":99}]'
has err "attempts[1].status"
expect 2 "$HOOKPROOF" receive --no-verify --behaviour cert-expired
has err '"tls": true'
expect 2 "$HOOKPROOF" receive --no-verify --tls --behaviour cert-expired:by=1ms
has err "receivers[0].behaviours[0].by"
expect 2 "$HOOKPROOF" receive --no-verify --behaviour first-n:n=2,fault=connect-refused
has err '"outage"'
expect 2 "$HOOKPROOF" receive --no-verify --behaviour latncy:p50=1ms
has err 'did you mean "latency"?'
expect 2 "$HOOKPROOF" receive --no-verify --behaviour latency:p50
has err "KEY=VALUE"
expect 2 "$HOOKPROOF" receive first-run --no-verify

# sign and verify: the known answers of the Paisr contract
printf '%s' '{"id":"inv_123456","event":"invoice.paid"}' >tight
printf '%s' '{"id": "inv_123456", "event": "invoice.paid"}' >loose
: >empty
known() { # body, v1, v2 at 1700000000
	expect 0 "$HOOKPROOF" sign --secret-env HOOK_SECRET --body "$1"
	is out "X-Paisr-Signature: $2"
	expect 0 "$HOOKPROOF" verify --secret-env HOOK_SECRET --body "$1" --header "$(cat out)"
	has out "valid: "
	expect 0 "$HOOKPROOF" sign --profile paisr-v2 --secret-env HOOK_SECRET --body "$1" \
		--timestamp 1700000000
	has out "X-PCB-Signature: $3"
	has out "X-PCB-Timestamp: 1700000000"
	expect 0 "$HOOKPROOF" verify --profile paisr-v2 --secret-env HOOK_SECRET --body "$1" \
		--at 1700000300 --header "X-PCB-Signature: $3" --header "X-PCB-Timestamp: 1700000000"
	expect 1 "$HOOKPROOF" verify --profile paisr-v2 --secret-env HOOK_SECRET --body "$1" \
		--at 1700000301 --header "X-PCB-Signature: $3" --header "X-PCB-Timestamp: 1700000000"
	has out "(stale)"
}
known tight 871fdf3310c1e54fc43f4412f372bd950778a10ef2fd5fb48a14e2467bc98b00 \
	6c3a50726c595b076c09e98c092510262a9396808b25e8fe554b2d5053346898
known loose bc7c0247c6bf3126e21e8e70e106b0b173d0ca2feffb00de569b7b8aa4dc8d1e \
	98ba7ece5cf81cb22c885ff32f80ffa871715762cc931e1388f05658d3fb8f78
known empty b131a4dd2738dc8b653e968b9722873e564bd5032b2757dda3112b9a670d4957 \
	d6da0759ab9caa957f85574256b3af4ea7be3d5d5224e9b0a42b8e2ed609d802

signature=871fdf3310c1e54fc43f4412f372bd950778a10ef2fd5fb48a14e2467bc98b00
expect 1 "$HOOKPROOF" verify --secret-env HOOK_SECRET --body loose \
	--header "X-Paisr-Signature: $signature" --json
has out '"verdict":"invalid","code":"mismatch"'
expect 1 "$HOOKPROOF" verify --secret-env HOOK_SECRET --body tight
has out "(no-signature)"
expect 2 "$HOOKPROOF" verify --secret-env HOOK_SECRET --body tight --header nonsense
expect 2 "$HOOKPROOF" sign --body tight
has err "--secret-env"
expect 3 "$HOOKPROOF" sign --secret-env HOOK_SECRET --body not-there
expect 3 "$HOOKPROOF" sign --profile paisr-v9 --secret-env HOOK_SECRET --body tight
printf '%s\n' "$HOOK_SECRET" >secret
expect 0 "$HOOKPROOF" sign --secret-file secret --body tight --json
has out "X-Paisr-Signature: $signature"
expect 0 "$HOOKPROOF" sign --secret "$HOOK_SECRET" --body tight
has err "warning: "
has out "$signature"
[ "$(printf '%s' '{"id":"inv_123456","event":"invoice.paid"}' |
	"$HOOKPROOF" sign --secret-env HOOK_SECRET --body -)" = "X-Paisr-Signature: $signature" ]

# list
expect 0 "$HOOKPROOF" list profiles
has out "paisr-v1"
expect 0 "$HOOKPROOF" list scenarios
has out "first-run"
expect 0 "$HOOKPROOF" list faults
has out "latency"
has out "Sequence: "
[ "$(awk 'length > 80' out)" = "" ] || { echo "long lines: list faults"; exit 1; }
[ "$(sed -n 's/^\([0-9]*\) faults\. .*/\1/p' out)" -ge 50 ]
"$HOOKPROOF" list faults --json >faults.json
same "$(ask "select count(*) from json_each(readfile('faults.json'), '$.faults')
	where json_extract(value, '$.proof') is null or json_extract(value, '$.help') is null")" 0 faults
same "$(ask "select json_extract(p.value, '$.default') || ' ' || json_extract(p.value, '$.max')
	from json_each(readfile('faults.json'), '$.faults') f, json_each(f.value, '$.parameters') p
	where json_extract(f.value, '$.name') = 'first-n'")" "2 100" first-n
expect 0 "$HOOKPROOF" list checks
has out "MUST"
for kind in profiles faults checks scenarios; do
	expect 0 "$HOOKPROOF" list "$kind" --json
	has out "{\"$kind\":["
	[ "$(wc -l <out)" = 1 ] || [ "$kind" = profiles ]
done
expect 2 "$HOOKPROOF" list profile
has err "did you mean profiles?"

# lint: ok, and the place with a caret
expect 0 "$HOOKPROOF" lint first-run
expect 0 "$HOOKPROOF" lint paisr-v1
has err "rotation_grace: no run heeds this value yet"
sed '2i "set": {"redirects": "follow", "body_bytes_max": 5}, "judge": {"set": {"rotation": "dual"}},' \
	"$ROOT/scenarios/first-run.json" >idle.json
expect 0 "$HOOKPROOF" lint idle.json
same "$(grep -c "no run heeds this value yet" err)" 3 "warnings of values that no run heeds"
has err "warning: idle.json:2:"
expect 0 "$HOOKPROOF" lint paisr-v1 --json
has out '"ok":true,"kind":"profile"'
cat >load.json <<-'END'
	{"arrivals": {"kind": "constant", "rate": "10/s", "for": "1s"},
	"endpoints": [{"name": "a", "receiver": "r"}],
	"receivers": [{"name": "r", "behaviours": [{"behaviour": "throttle"},
	{"behaviour": "latency-pareto", "p50": "1ms", "p99": "60ms"}]}]}
	END
expect 0 "$HOOKPROOF" lint load.json
has err '"throttle" depends on the load'
has err 'has no mean'
sed 's/throttle/cert-expired/' load.json >tls.json
expect 3 "$HOOKPROOF" lint tls.json
has err '"tls": true'
printf '{\n\t"name": "x",\n\t"profil": "paisr-v1"\n}\n' >bad.json
expect 3 "$HOOKPROOF" lint bad.json
has err 'did you mean "profile"?'
has err "  --> bad.json:3:"
has err '   |  "profil": "paisr-v1"'
column=$(sed -n 's/.*bad.json:3:\([0-9]*\)$/\1/p' err)
[ "$(sed -n '$p' err)" = "$(printf '   | %*s' "$column" '^')" ]
expect 3 "$HOOKPROOF" lint bad.json --json
has out '"code":"input"'
has out '"file":"bad.json","line":3,"column":'
printf '{"a":\033[31m}' >hostile.json
expect 3 "$HOOKPROOF" lint hostile.json
! grep -q "$(printf '\033')" err
expect 3 "$HOOKPROOF" lint nowhere.json

# check and report: files that are no run files
echo junk >junk.db
for command in check report; do
	expect 3 "$HOOKPROOF" "$command" junk.db
	expect 3 "$HOOKPROOF" "$command" nowhere
	has err "nowhere"
done

# a report that cannot be written is found before the run
expect 4 "$HOOKPROOF" run first-run --report junit=no/such/folder/junit.xml
has err "no/such/folder/junit.xml"

# standard output that is full is not silent
expect 4 sh -c '"$HOOKPROOF" list profiles >/dev/full'
