# Goal: explain names what a wrong signature was made from and what to do, as text and as JSON; says
# valid when it is; says that it does not know; and never shows a secret.
. "$ROOT/tests/e2e/lib.sh"
secret=nobody-explains-77ab
export HOOK_SECRET=$secret OLD_SECRET=$secret-old OTHER_SECRET=$secret-other STRIPE_SECRET=whsec_$secret
printf '{"id": "inv_1", "event": "invoice.paid"}' >body.json
printf '{"id":"inv_1","event":"invoice.paid"}' >compact.json

explain() { # exit code, what must be said, then options
	local want=$1 text=$2
	shift 2
	expect "$want" "$HOOKPROOF" explain "$@"
	cat out err >>all
	has out "$text"
}
sign() { "$HOOKPROOF" sign "$@" --timestamp 1700000000 --message-id msg_1 2>/dev/null; } # options: the header lines
value() { sed 's/^[^:]*: //'; }

# Valid: by its value, by its header, by a file of headers behind a request line.
sign --secret-env HOOK_SECRET --body body.json >line
explain 0 "valid: the signature is valid" --secret-env HOOK_SECRET --body body.json --signature "$(value <line)"
explain 0 valid --secret-env HOOK_SECRET --body body.json --header "$(cat line)"
{ printf 'POST /hook HTTP/1.1\r\nHost: a.test\r\n'; sed 's/$/\r/' line; printf '\r\nno header'; } >headers.txt
explain 0 valid --secret-env HOOK_SECRET --body body.json --headers headers.txt
"$HOOKPROOF" explain --secret-env HOOK_SECRET --body - --headers headers.txt <body.json >out
has out valid

# One deviation: a body printed again, in the words of the report and with the remedy.
signature=$(sign --secret-env HOOK_SECRET --body compact.json | value)
explain 1 "the body parsed and printed again by JavaScript (body-node)" \
	--secret-env HOOK_SECRET --body body.json --signature "$signature"
has out "made by 1 deviation from paisr-v1"
has out "body-minified"
has out "Keep the raw bytes"
explain 1 '"verdict":"invalid"' --secret-env HOOK_SECRET --body body.json --signature "$signature" --json
same "$(json out '$.depth')" 1 depth
same "$(json out '$.explanations[0].deviations[0].dimension')" body dimension
same "$(json out '$.complete')" 1 complete
same "$(ask "select count(*) from json_each(readfile('out'), '\$.explanations[0].deviations[0].recipes')
	where json_extract(value, '\$.id') = 'body-minified'")" 1 "body-minified in the JSON"
same "$(wc -l <out)" 1 "lines of JSON"

# Two and three: with another encoding.
explain 1 "made by 2 deviations" --secret-env HOOK_SECRET --body body.json --signature "\"$signature\""
has out enc-quoted

# Secrets around it: the old one, another endpoint's; the variable's name taken for its value.
signature=$(sign --secret-env OLD_SECRET --body body.json | value)
explain 1 "no known recipe" --secret-env HOOK_SECRET --body body.json --signature "$signature"
explain 1 key-old --secret-env HOOK_SECRET --old-secret-env OLD_SECRET --body body.json --signature "$signature"
explain 1 key-other-endpoint --secret-env HOOK_SECRET --other-secret-env OTHER_SECRET --other-secret-env OLD_SECRET \
	--body body.json --signature "$signature"
signature=$(sign --secret HOOK_SECRET --body body.json | value)
explain 1 key-variable-name --secret-env HOOK_SECRET --body body.json --signature "$signature"

# Timed profiles: judged at their own timestamp; stale is no matter of the signature; a digest alone.
sign --profile stripe --secret-env STRIPE_SECRET --body body.json >line
explain 0 valid --profile stripe --secret-env STRIPE_SECRET --body body.json --header "$(cat line)"
explain 1 "the signature itself is what stripe makes" --profile stripe --secret-env STRIPE_SECRET --body body.json \
	--header "$(cat line)" --at 1700009999
has out "(stale)"
explain 0 valid --profile stripe --secret-env STRIPE_SECRET --body body.json --timestamp 1700000000 \
	--signature "$(sed 's/.*v1=//' line)"
sign --profile paisr-v2 --secret-env HOOK_SECRET --body compact.json >lines
explain 1 content-body-only --profile paisr-v2 --secret-env HOOK_SECRET --body body.json --timestamp 1700000000 \
	--signature "$(sign --secret-env HOOK_SECRET --body body.json | value)"
explain 1 body-node --profile paisr-v2 --secret-env HOOK_SECRET --body body.json \
	--header "$(head -n 1 lines)" --header "$(tail -n 1 lines)"

# What it cannot do is said, and what to do.
expect 2 "$HOOKPROOF" explain --secret-env HOOK_SECRET --body body.json
has err "which signature? --signature VALUE, or --header 'X-Paisr-Signature: value'"
expect 2 "$HOOKPROOF" explain --secret-env HOOK_SECRET --old-secret-env NOT_SET --body body.json --signature 00
has err "--old-secret-env NOT_SET: the variable is not set"
head -c 1048577 /dev/zero >large
expect 2 "$HOOKPROOF" explain --secret-env HOOK_SECRET --body large --signature 00
has err "at most 1048576 bytes"
expect 3 "$HOOKPROOF" explain --secret-env HOOK_SECRET --body body.json --headers body.json.missing
printf 'no colon\n' >bad.txt
expect 3 "$HOOKPROOF" explain --secret-env HOOK_SECRET --body body.json --headers bad.txt
has err "bad.txt:1: want 'Name: value'"
explain 0 "--old-secret-env" --help

! grep -qF "$secret" all || fail "a secret stands in the output"
[ "$(wc -l <all)" -gt 40 ] || fail "nothing was looked at"
