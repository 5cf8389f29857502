# Goal: bad input is refused before anything runs, with its place and what to do.
. "$ROOT/tests/e2e/lib.sh"

refused() { # exit, text of the message, document
	printf '%s' "$3" >bad.json
	expect "$1" "$HOOKPROOF" run bad.json --out never
	has err "$2"
	[ ! -e never/run.db ] || fail "it ran: $3"
}
endpoints='[{"name": "a", "url": "http://127.0.0.1:1/", "secret": "s"}]'
arrivals='{"kind": "constant", "rate": "10/s", "for": "1s"}'
scenario() { # endpoints, arrivals, more; empty: good ones
	printf '{"endpoints": %s, "arrivals": %s%s}' "${1:-$endpoints}" "${2:-$arrivals}" "${3:+, $3}"
}

refused 3 "bad.json:1:" '{"name": }'
has err "^"
refused 3 "name" "$(scenario '' '' '"nmae": "x"')"
refused 3 "twice" "$(scenario '' '' '"seed": 1, "seed": 2')"
refused 3 "rate" "$(scenario '' '{"kind": "constant", "rate": "0/s", "for": "1s"}')"
refused 3 "for" "$(scenario '' '{"kind": "constant", "rate": "1/s", "for": "-1s"}')"
refused 3 "paisr-v1" "$(scenario '' '' '"profile": "paisr-v3"')"
refused 3 "invoice" "$(scenario '[{"name": "a", "url": "http://127.0.0.1:1/", "secret": "s", "events": ["invoise.paid"]}]')"
refused 3 "receiver" "$(scenario '[{"name": "a"}]')"
refused 3 "nobody" "$(scenario '[{"name": "a", "receiver": "nobody"}]')"
refused 3 "port" "$(scenario '[{"name": "a", "receiver": "a"}, {"name": "b", "receiver": "b"}]' '' \
	'"receivers": [{"name": "a", "listen": "127.0.0.1:9999"}, {"name": "b", "listen": "127.0.0.1:9999"}]')"
refused 2 "HOOK_UNSET" "$(scenario '[{"name": "a", "url": "http://127.0.0.1:1/", "secret_env": "HOOK_UNSET"}]')"
head -c 10000000 /dev/zero | tr '\0' '[' >bad.json
expect 3 "$HOOKPROOF" run bad.json
has err "bad.json:1:"
expect 3 "$HOOKPROOF" run no-such-scenario
expect 3 "$HOOKPROOF" check .
expect 2 "$HOOKPROOF" load http://192.0.2.1/hooks --rate 5/s --for 1s --secret x
has err "--allow-host"
expect 5 "$HOOKPROOF" load http://127.0.0.1:1/hooks --rate 5/s --for 1s --secret x
has err "127.0.0.1"
