# Goal: load on an https target verifies unless it is told not to, says which TLS failed and why, and
# counts it; what cannot be meant is refused.
. "$ROOT/tests/e2e/lib.sh"
export HOOK_SECRET=s

load() { # exit, URL, more
	expect "$1" "$HOOKPROOF" load "$2" --secret-env HOOK_SECRET --rate 20/s --for 1s \
		--set retry.base=100ms --set retry.attempts_max=2 "${@:3}"
}

# What refuses before anything runs.
load 2 https://127.0.0.1:1/ --ca ca.pem --insecure
has err '--insecure trusts everybody'
load 2 http://127.0.0.1:1/ --insecure
has err 'this endpoint is plain'
load 3 https://127.0.0.1:1/ --ca /dev/null
has err '/dev/null: want authorities in PEM'
load 3 https://127.0.0.1:1/ --ca not-there.pem
has err 'not-there.pem'

# A receiver that speaks no TLS: every attempt fails before a byte of its request went out.
start_receiver --secret-env HOOK_SECRET
load 1 "https://${receiver_url#http://}" --json --out plain --expect 'delivered>=1'
has err 'TLS failed: '
same "$(json out '$.attempts.by_outcome."tls-failed"')" "$(json out '$.attempts.total')" \
	"attempts whose TLS failed"
same "$(json out '$.tls.failed')" "$(json out '$.attempts.total')" "handshakes that failed"
same "$(json out '$.tls.handshakes')" 0 "handshakes"
same "$(json out '$.accounting.sent')" 0 "deliveries of which a byte went out"
same "$(json out '$.endpoints[0].tls.verify')" 1 "verification"
same "$(json out '$.latency_us.handshake')" "" "a handshake's latency"
same "$(sql plain/run.db "select count(*) > 0 from notes where text like 'tls-failed target: %'")" 1 \
	"the reason in the history"
sum_closes out
load 1 "https://${receiver_url#http://}" --insecure --out insecure --expect 'delivered>=1'
has err '--insecure: the target'
has out 'not every certificate was verified'
stop_receiver || same "$?" 4 "the exit of a receiver to which nothing came"

# A receiver of ours over TLS, and who is told of its authority: curl and our own generator.
signature() { "$HOOKPROOF" sign --secret-env HOOK_SECRET --body body; }
printf '{"id":"inv_1","event":"invoice.paid"}' >body
start_receiver --secret-env HOOK_SECRET --tls
has receiver.err "to trust receivers that speak TLS: received/ca.pem"
same "${receiver_url%%:*}" https "the scheme of $receiver_url"
same "$(curl -s --cacert received/ca.pem --data-binary @body -H "$(signature)" -w '%{http_code}' \
	"$receiver_url")" 204 "curl that trusts"
got=0
curl -s --data-binary @body "$receiver_url" || got=$?
same "$got" 60 "the exit of a curl that does not"
load 1 "$receiver_url" --out untrusted --expect 'delivered>=1'
has err 'TLS failed: '
load 0 "$receiver_url" --ca received/ca.pem --json --out trusted --expect 'delivered>=1'
same "$(json out '$.tls.failed')" 0 "handshakes that failed"
same "$(json out '$.endpoints[0].tls.verify')" 1 "verification"
stop_receiver || true # curl said its event once, and nothing of the retries of the failed load

# Faults of the handshake at receivers of a scenario: our generator sees each as a failure of its own,
# delivers behind it, and each fault is known to have crossed.
cat >scenario.json <<'J'
{
	"profile": "paisr-v2", "set": {"retry.base": "50ms", "timeout": "2s"},
	"limits": {"lag": "10s", "drain": "30s"},
	"arrivals": {"kind": "constant", "rate": "30/s", "for": "1s"},
	"endpoints": [
		{"name": "good", "receiver": "good", "secret": "a"},
		{"name": "certificate", "receiver": "certificate", "secret": "b"},
		{"name": "alert", "receiver": "alert", "secret": "c"},
		{"name": "cut", "receiver": "cut", "secret": "d"}
	],
	"receivers": [
		{"name": "good", "tls": true},
		{"name": "certificate", "tls": true, "behaviours":
			[{"behaviour": "outage", "to": "500ms", "mode": "cert-expired"}]},
		{"name": "alert", "tls": true, "behaviours":
			[{"behaviour": "outage", "to": "500ms", "mode": "tls-alert"}]},
		{"name": "cut", "tls": true, "behaviours":
			[{"behaviour": "first-n", "n": 1, "fault": "reset-mid-request"}]}
	]
}
J
expect 0 "$HOOKPROOF" run scenario.json --json --out run
has err "to trust receivers that speak TLS: run/ca.pem"
same "$(json out '$.accounting.delivered')" "$(json out '$.accounting.planned')" "deliveries"
sum_closes out
[ "$(json out '$.tls.handshakes')" -gt 0 ] || fail "no handshake"
same "$(sql run/run.db "select count(*) from faults_view where state <> 'verified'")" 0 "faults that are not verified"
for name in certificate alert; do
	same "$(sql run/run.db "select count(*) > 0 from faults_view where endpoint = '$name'")" 1 \
		"whether $name had faults"
done
same "$(sql run/run.db "select count(*) from faults_view where endpoint = 'cut' and fault = 'reset-mid-request'")" \
	"$(sql run/run.db "select count(distinct event) from receipts_view where endpoint = 'cut'")" "resets"
