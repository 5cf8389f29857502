# Goal: bad input is refused before anything runs, with its place and what to do.
. "$ROOT/tests/e2e/lib.sh"

# The message, and the place: the line and column of the text that the document has there.
refused() { # exit, message, the text at the place, document
	local before column
	printf '%s' "$4" >bad.json
	expect "$1" "$HOOKPROOF" run bad.json --out never
	same "$(sed -n 1p err)" "error: $2" "the message"
	before=${4%%"$3"*}
	column=$((${#before} + 1))
	same "$(sed -n 2p err)" "  --> bad.json:1:$column" "the place of $3 in $4"
	is out ""
	[ ! -e never ] || fail "it began: $4"
	expect "$1" "$HOOKPROOF" run bad.json --json
	is err ""
	same "$(json out '$.error.line'):$(json out '$.error.column')" "1:$column" "the place in JSON"
	expect "$1" "$HOOKPROOF" simulate bad.json
}
scenario() { # endpoints, arrivals, more; empty: good ones
	local endpoints='[{"name": "a", "url": "http://127.0.0.1:1/", "secret": "s"}]'
	local arrivals='{"kind": "constant", "rate": "10/s", "for": "1s"}'
	printf '{"endpoints": %s, "arrivals": %s%s}' "${1:-$endpoints}" "${2:-$arrivals}" "${3:+, $3}"
}

refused 3 "not JSON: want a value, found '}'" '}' '{"name": }'
refused 3 'nmae: unknown key, did you mean "name"?' '"x"' "$(scenario '' '' '"nmae": "x"')"
refused 3 'seed: this key stands twice, first in line 1, column 148' '2}' \
	"$(scenario '' '' '"seed": 1, "seed": 2')"
refused 3 'arrivals.rate: want a rate above 0, like "500/s" or "30/m", found "0/s"' '"0/s"' \
	"$(scenario '' '{"kind": "constant", "rate": "0/s", "for": "1s"}')"
refused 3 'arrivals.for: want a duration like "250ms", "30s" or "2h", found "-1s"' '"-1s"' \
	"$(scenario '' '{"kind": "constant", "rate": "1/s", "for": "-1s"}')"
refused 3 'profile: no profile is called "paisr-v3", did you mean "paisr-v1"?' '"paisr-v3"' \
	"$(scenario '' '' '"profile": "paisr-v3"')"
refused 3 'endpoints[0].events[0]: no event type matches "invoise.paid", did you mean "invoice.paid"?' \
	'"invoise.paid"' "$(scenario '[{"name": "a", "url": "http://127.0.0.1:1/", "secret": "s", "events": ["invoise.paid"]}]')"
refused 3 'endpoints[0]: this endpoint points nowhere: want "receiver" or "url"' '{"name": "a"}' \
	"$(scenario '[{"name": "a"}]')"
refused 3 'endpoints[0].receiver: want the name of one of "receivers", found "nobody"' '"nobody"' \
	"$(scenario '[{"name": "a", "receiver": "nobody"}]' '' '"receivers": [{"name": "b"}]')"
refused 3 'receivers[1].listen: receivers[0] listens on port 9999 already' '"0.0.0.0:9999"' \
	"$(scenario '[{"name": "a", "receiver": "a"}, {"name": "b", "receiver": "b"}]' '' \
		'"receivers": [{"name": "a", "listen": "127.0.0.1:9999"}, {"name": "b", "listen": "0.0.0.0:9999"}]')"
refused 2 'endpoints[0].secret_env: the environment variable HOOK_UNSET is not set: export it, or name another' \
	'"HOOK_UNSET"' "$(scenario '[{"name": "a", "url": "http://127.0.0.1:1/", "secret_env": "HOOK_UNSET"}]')"

# Nesting and size, each beyond its own limit.
nested() { # how deep, place
	head -c "$1" /dev/zero | tr '\0' '[' >bad.json
	expect 3 "$HOOKPROOF" run bad.json
	has err "  --> bad.json:1:$2"
}
nested 10000000 4194305
has err "error: want at most 4194304 bytes"
nested 3000000 65
has err "error: not JSON: want at most 64 levels of nesting"
expect 3 "$HOOKPROOF" run no-such-scenario
expect 3 "$HOOKPROOF" check .

# Who may be sent to, and who is not there.
export HOOK_SECRET=s
load() { # exit, what the message has, url
	expect "$1" "$HOOKPROOF" load "$3" --rate 5/s --for 1s --secret-env HOOK_SECRET --out "never"
	has err "$2"
	[ ! -e never/run.db ] || fail "it ran: $3"
}
load 2 "192.0.2.1 is not this machine: if you may send to it, say so with --allow-host 192.0.2.1" \
	http://192.0.2.1/hooks
load 2 "--allow-host" "http://[::ffff:192.0.2.1]/"
load 2 "--allow-host" "http://2130706433/"
load 2 "--allow-host" "http://localhost.example.com/"
load 2 "want a URL" "http://127.0.0.1@192.0.2.1/"
load 5 "http://127.0.0.1:1/hooks: port 1: Connection refused; is the receiver running?" \
	http://127.0.0.1:1/hooks

# Nothing to judge is no pass.
scenario '[{"name": "a", "receiver": "a"}]' '{"kind": "constant", "rate": "1/m", "for": "10ms"}' \
	'"receivers": [{"name": "a"}]' >nothing.json
for command in run simulate; do
	expect 4 "$HOOKPROOF" $command nothing.json --json --out nothing-$command
	same "$(json out '$.verdict')" undecided "verdict when nothing ran"
	expect 4 "$HOOKPROOF" check nothing-$command
done

# What the run file keeps of --set is whole, or the run does not begin.
sets=()
for i in {1..65}; do sets+=(--set "retry.base=${i}s"); done
expect 2 "$HOOKPROOF" simulate first-run --out never "${sets[@]}"
has err "--set: at most 64"
sets=()
for i in {1..40}; do sets+=(--set "body={\"id\":\"{resource}\",\"event\":\"{type}\",\"pad\":\"$(printf '%0190d' "$i")\"}"); done
expect 2 "$HOOKPROOF" simulate first-run --out never "${sets[@]}"
has err "--set: at most 8192 bytes in all"
[ ! -e never/run.db ] || fail "it ran with too much --set"
