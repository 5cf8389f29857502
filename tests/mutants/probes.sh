# The probes of self_test.sh: small clients of curl, openssl and bash. Sourced. Each prints what it
# saw, never what it wanted: self_test.sh compares with what the good receiver showed.
# shellcheck disable=SC2317,SC2154 # called by name; the variables of lib.sh and self_test.sh

number=0 # of the present event: every delivery has its own, unless a probe says otherwise

# The body of a fresh event, with more members before the last brace, into the file body.
fresh() { # more, type
	number=$((number + 1))
	again "${1:-}" "${2:-invoice.paid}"
}
again() { # the same event
	local more=${1:+,$1} type=${2:-invoice.paid} n=$number
	case $profile in
	paisr-*) printf '{"id":"inv_%s","event":"%s"%s}' $n "$type" "$more" ;;
	standard-webhooks) printf '{"type":"%s","data":{"id":"inv_%s"}%s}' "$type" $n "$more" ;;
	stripe) printf '{"id":"evt_%s","type":"%s","data":{"object":{"id":"inv_%s"}}%s}' $n "$type" $n "$more" ;;
	github) printf '{"id":"inv_%s","action":"%s"%s}' $n "$type" "$more" ;;
	slack) printf '{"event_id":"evt_%s","event":{"type":"%s","id":"inv_%s"}%s}' $n "$type" $n "$more" ;;
	shopify) printf '{"id":"inv_%s"%s}' $n "$more" ;;
	square) printf '{"event_id":"evt_%s","type":"%s","data":{"id":"inv_%s"}%s}' $n "$type" $n "$more" ;;
	esac >body
}
key() { # of the present event
	case $profile in
	paisr-*) echo "inv_$number:${1:-invoice.paid}" ;;
	*) echo "evt_$number" ;;
	esac
}
effects() { curl -s "http://127.0.0.1:$mutant_port/effects?key=$(key "$@")"; }

# Signs a body file: the header lines, into the file headers.
sign() { # body, more options of hookproof sign
	"$HOOKPROOF" sign --profile "$profile" --secret-env HOOK_SECRET --url "$mutant_url" \
		--message-id "evt_$number" --body "$@" >headers 2>/dev/null
	case $profile in
	github) echo "X-GitHub-Delivery: evt_$number" >>headers ;;
	shopify) printf 'X-Shopify-Topic: invoice.paid\nX-Shopify-Event-Id: evt_%s\n' "$number" >>headers ;;
	esac
}
signature() { sed -n 's/^X-Paisr-Signature: //p' headers; }

# Sends headers and body; prints the status.
common=(-A 'PCB Events' -H 'Content-Type: application/json')
post() { # more options of curl
	curl -s -m 20 -o answer -w '%{http_code}\n' -H 'Expect:' "${common[@]}" -H @headers \
		--data-binary @body "$@" "$mutant_url"
}
deliver() { # more members, more options of curl
	fresh "$1" && sign body && post "${@:2}"
}
signed_as() { # value of the signature header; the rest is as it should be
	echo "X-Paisr-Signature: $1" >headers
	post "${@:2}"
}
hmac() { openssl dgst "-$1" -hmac "$2" body | sed 's/.*= //'; } # hash, key: over the body
raw() { # a request as it is; prints the first line of the answer
	exec 3<>"/dev/tcp/127.0.0.1/$mutant_port" || return
	printf '%b' "$1" >&3
	head -n 1 <&3 | tr -d '\r'
	exec 3>&-
}

probe_sig_accepts_compact() { deliver ''; effects; }
probe_sig_accepts_spaces() { fresh && sed -i 's/:/: /g; s/,/, /g' body && sign body && post; }
probe_sig_accepts_pretty_newlines() {
	fresh && sed -i 's/,/,\n  /g' body && sign body && post
	fresh && sed -i 's/,/,\r\n  /g' body && sign body && post
	fresh && echo >>body && sign body && post
}
probe_sig_accepts_escapes() {
	deliver '"note":"\u001B[0m"'; deliver '"url":"a:\/\/b"'; deliver '"note":"\\u001b"'
}
probe_sig_accepts_raw_utf8() { deliver '"note":"café ♥ 😀"'; }
probe_sig_accepts_unicode_escapes() { deliver '"note":"caf\u00e9 \u2665 \ud83d\ude00"'; }
probe_sig_accepts_number_forms() {
	for number_form in 1.0 1e2 -0 9007199254740993; do deliver "\"amount\":$number_form"; done
}
probe_sig_accepts_key_order_and_extras() {
	deliver '"zeta":1,"2":3,"1":4,"data":{"z":{"b":{"10":1,"9":2}}}'
}
probe_sig_accepts_byte_by_byte() { # in two pieces, cut inside a character
	local bytes half
	fresh '"note":"é♥😀"' && sign body
	bytes=$(wc -c <body)
	half=$((bytes - 4))
	exec 3<>"/dev/tcp/127.0.0.1/$mutant_port"
	{ printf 'POST /hook HTTP/1.1\r\nHost: a\r\nUser-Agent: PCB\r\n'
	  printf 'Content-Type: application/json\r\nContent-Length: %d\r\n' "$bytes"
	  sed 's/$/\r/' headers; printf '\r\n'; head -c $half body; } >&3
	nap; nap; nap
	tail -c 4 body >&3
	head -n 1 <&3 | cut -c 10-12
	exec 3>&-
}
probe_sig_accepts_header_case() {
	fresh && sign body && sed -i 's/^[^:]*/\L&/' headers && post
	fresh && sign body && sed -i 's/^[^:]*/\U&/' headers && post
}
probe_sig_accepts_json_charset() {
	common=(-A 'PCB Events' -H 'Content-Type: application/json; charset=utf-8') && deliver ''
}
probe_sig_accepts_other_json_types() { common=(-A 'PCB Events' -H 'Content-Type: text/plain') && deliver ''; }
probe_sig_accepts_chunked() { deliver '' -H 'Transfer-Encoding: chunked'; }
probe_sig_accepts_large_bodies() { deliver "\"note\":\"$(printf '%0120000d' 0)\""; }
probe_sig_judges_each_on_one_connection() {
	local each=(-s -o /dev/null -w '%{http_code} ' "${common[@]}" --data-binary @body "$mutant_url")
	fresh && sign body
	curl -H @headers "${each[@]}" --next -H "X-Paisr-Signature: $(printf '%064d' 1)" "${each[@]}" \
		--next -H @headers "${each[@]}"
}
probe_sig_accepts_unknown_headers() { deliver '' -A other/1.0; }
probe_sig_accepts_unknown_event() { fresh '' hookproof.unknown && sign body && post; }
probe_sig_accepts_expect_continue() { deliver '' -H 'Expect: 100-continue'; }
probe_sig_accepts_any_of_several() {
	local bad=v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
	fresh && sign body && sed -i "s/^\(webhook-signature: .*\)/\1 $bad/" headers && post
	fresh && sign body && sed -i "s|^webhook-signature: |&$bad |" headers && post
	fresh && sign body && sed -i "s|^webhook-signature: |&v2,$bad |" headers && post
}
probe_sig_accepts_both_secrets_in_overlap() {
	fresh && signed_as "$(hmac sha256 "$HOOK_OLD_SECRET")"
}
probe_sig_rejects_old_secret_after_overlap() { # the last of its profile: the overlap ends
	curl -s "http://127.0.0.1:$mutant_port/rotate"
	fresh && signed_as "$(hmac sha256 "$HOOK_OLD_SECRET")"
}
probe_sig_accepts_tolerance_edges() {
	local now=$EPOCHSECONDS
	fresh && sign body --timestamp $((now - 290)) && post
	fresh && sign body --timestamp $((now + 290)) && post
}
probe_sig_rejects_missing_header() { fresh && : >headers && post; effects; }
probe_sig_rejects_empty_header() { fresh && : >headers && post -H 'X-Paisr-Signature;'; effects; }
probe_sig_rejects_wrong_digest() { fresh && signed_as "$(printf '%064d' 7)"; effects; }
probe_sig_rejects_wrong_length() {
	fresh && sign body && signed_as "$(signature | cut -c 1-63)"
	fresh && sign body && signed_as "$(signature)0"
}
probe_sig_rejects_strange_characters() {
	fresh && signed_as "$(printf '%064d' 0 | tr 0 z)"
	fresh && signed_as "$(printf '%064d' 0 | tr 0 '\351')"
}
probe_sig_rejects_flipped_bit() { fresh '"note":"a"' && sign body && again '"note":"c"' && post; }
probe_sig_rejects_empty_and_default_secrets() {
	fresh && signed_as "$(hmac sha256 '')"
	fresh && signed_as "$(hmac sha256 changeme)"
}
probe_sig_rejects_misread_secret() {
	local decoded
	decoded=$(base64 -d <<<"$HOOK_SECRET" | od -An -v -tx1 | tr -d ' \n')
	fresh && signed_as "$(openssl dgst -sha256 -mac HMAC -macopt "hexkey:$decoded" body | sed 's/.*= //')"
	fresh && signed_as "$(hmac sha256 "$HOOK_SECRET"$'\n')"
}
probe_sig_rejects_other_hashes() {
	fresh && signed_as "$(hmac sha1 "$HOOK_SECRET")"
	fresh && signed_as "$(hmac sha512 "$HOOK_SECRET")"
}
probe_sig_rejects_other_scheme_tags() {
	case $profile in
	slack) fresh && sign body && sed -i 's/v0=/v9=/' headers && post ;;
	github)
		fresh && sign body
		sed -i "s/sha256=.*/sha512=$(hmac sha512 "$HOOK_SECRET")/" headers && post ;;
	esac
}
probe_sig_rejects_signature_elsewhere() {
	local url=$mutant_url
	fresh && sign body
	mutant_url="$url?signature=$(signature)"
	: >headers && post
	mutant_url=$url
}
probe_sig_rejects_doubled_header() {
	fresh && sign body && post -H "X-Paisr-Signature: $(printf '%064d' 1)"
}
probe_sig_rejects_downgrade() {
	fresh && sign body && sed -i 's/\(Signature\(-256\)\?: \(sha256=\)\?\).*/\1'"$(printf '%064d' 1)"'/' headers
	post -H "X-Paisr-Signature: $(hmac sha256 "$HOOK_SECRET")" \
		-H "X-Hub-Signature: sha1=$(hmac sha1 "$HOOK_SECRET")"
}
probe_sig_rejects_loose_encodings() { fresh && sign body && signed_as "$(signature | tr a-f A-F)"; }
probe_sig_rejects_signature_over_compacted() { fresh && sign body && sed -i 's/:/: /g' body && post; }
probe_sig_rejects_replaced_bytes() {
	fresh '"note":"'$'\357\277\275''"' && sign body && again '"note":"'$'\377''"' && post
}
probe_sig_rejects_stripped_bom() {
	fresh && sign body && { printf '\357\273\277'; cat body; } >marked && mv marked body && post
}
probe_sig_rejects_other_endpoint_secret() { fresh && signed_as "$(hmac sha256 "$HOOK_OTHER_SECRET")"; }
probe_sig_rejects_moved_boundary() {
	fresh && cp body rest && { printf '1.'; cat rest; } >body && sign body
	cp rest body && sed -i 's/^\(X-PCB-Timestamp: .*\)/\1.1/' headers && post
}
probe_sig_rejects_other_methods() { deliver '' -X PUT; effects; }
probe_sig_rejection_leaks_nothing() {
	fresh && signed_as "$(printf '%064d' 7)" >seen_status
	grep -cE '[0-9a-f]{64}|/srv/' answer
}
probe_time_rejects_stale() { fresh && sign body --timestamp $((EPOCHSECONDS - 320)) && post; }
probe_time_rejects_future() { fresh && sign body --timestamp $((EPOCHSECONDS + 86400)) && post; }
probe_time_rejects_missing_timestamp() {
	fresh && { printf .; cat body; } >content
	echo "X-PCB-Signature: $(openssl dgst -sha256 -hmac "$HOOK_SECRET" content | sed 's/.*= //')" >headers
	post
}
signed_at() { # timestamp as text
	fresh && { printf '%s.' "$1"; cat body; } >content
	{ echo "X-PCB-Timestamp: $1"
	  echo "X-PCB-Signature: $(openssl dgst -sha256 -hmac "$HOOK_SECRET" content | sed 's/.*= //')"; } >headers
	post
}
probe_time_rejects_malformed_timestamp() { signed_at NaN; signed_at 9223372036854775808; signed_at -1; }
probe_time_rejects_loose_timestamp() { signed_at "+$EPOCHSECONDS"; signed_at "${EPOCHSECONDS}abc"; }
probe_time_accepts_one_unit_only() { signed_at "${EPOCHSECONDS}000"; }
probe_time_rejects_swapped_timestamp() {
	fresh && sign body --timestamp $((EPOCHSECONDS - 3600))
	sed -i "s/Timestamp: .*/Timestamp: $EPOCHSECONDS/" headers && post
}
probe_time_replay_in_tolerance_has_one_effect() { deliver ''; post; effects; }
probe_time_late_replay_has_one_effect() { deliver ''; post; effects; }
probe_time_rejects_replay_after_tolerance() { # moves the clock and puts it back
	deliver ''
	curl -s "http://127.0.0.1:$mutant_port/clock?shift=400"
	post
	curl -s "http://127.0.0.1:$mutant_port/clock?shift=-400"
	effects
}
probe_time_resigned_retry_has_one_effect() {
	fresh && sign body --timestamp $((EPOCHSECONDS - 5)) && post
	sign body && post
	effects
}
probe_once_in_sequence() { deliver ''; again && sign body && post; effects; }
probe_once_in_parallel() {
	local urls=()
	fresh && sign body
	for _ in {1..20}; do urls+=(-o /dev/null "$mutant_url"); done
	curl -s -m 20 -Z --parallel-immediate --parallel-max 20 "${common[@]}" -H @headers --data-binary @body "${urls[@]}"
	effects
}
probe_once_after_broken_body() {
	fresh && sign body
	exec 3<>"/dev/tcp/127.0.0.1/$mutant_port"
	{ printf 'POST /hook HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n' "$(wc -c <body)"
	  sed 's/$/\r/' headers; printf '\r\n'; head -c $(($(wc -c <body) * 2 / 3)) body; } >&3
	exec 3>&-
	nap; nap; nap
	post
	effects
}
probe_once_distinguishes_event_types() {
	deliver ''
	again '' invoice.void && sign body && post
	effects; effects invoice.void
}
probe_once_not_poisoned_by_forgery() {
	fresh && signed_as "$(printf '%064d' 7)"
	sign body && post
	effects
}
probe_once_not_poisoned_by_bad_body() {
	fresh && cp body good && printf '{' >body && sign body && post
	cp good body && sign body && post
	effects
}
probe_once_survives_restart() {
	deliver ''
	curl -s "http://127.0.0.1:$mutant_port/restart"
	post
	effects
}
probe_once_survives_retry_horizon() {
	deliver ''
	curl -s "http://127.0.0.1:$mutant_port/clock?shift=61380" # 17 h 03 m
	post
	curl -s "http://127.0.0.1:$mutant_port/clock?shift=-61380"
	effects
}
probe_once_order_converges() {
	fresh '' invoice.paid && sign body && post
	again '' invoice.created && sign body && post
	curl -s "http://127.0.0.1:$mutant_port/state?key=inv_$number"
}
probe_once_under_load() { # several at once: a busy second
	local urls=()
	for _ in {1..150}; do urls+=(-o /dev/null "$mutant_url"); done
	fresh && sign body
	curl -s -m 20 -Z --parallel-max 8 "${common[@]}" -H @headers --data-binary @body "${urls[@]}"
	[ "$(effects)" = 1 ] && echo one || echo more
}
probe_ack_without_redirect() { deliver ''; }
probe_ack_needs_no_login() { deliver ''; }
probe_ack_body_small_and_plain() { deliver ''; wc -c <answer; }
probe_hostile_signed_invalid_json() {
	for text in '{"id":"inv_1","event":"invoice.paid",}' '{' x; do
		printf %s "$text" >body && sign body && post
	done
}
probe_hostile_signed_empty_body() { : >body && sign body && post; }
probe_hostile_deep_nesting() {
	{ printf '%01000d' 0 | tr 0 '['; printf '%01000d' 0 | tr 0 ']'; } >body && sign body && post
	{ printf '%010000d' 0 | tr 0 '['; printf '%010000d' 0 | tr 0 ']'; } >body && sign body && post
}
probe_hostile_huge_declared_body() {
	raw 'POST /hook HTTP/1.1\r\nHost: a\r\nContent-Length: 104857600\r\nConnection: close\r\n\r\n' &
	local asked=$!
	for _ in {1..50}; do kill -0 $asked 2>/dev/null || break; nap; done
	kill $asked 2>/dev/null || true
}
probe_hostile_endless_chunked() {
	: >headers && head -c 5000000 /dev/zero >body && post -H 'Transfer-Encoding: chunked'
}
probe_hostile_ambiguous_framing() {
	fresh && sign body
	local hidden
	hidden="POST /hook HTTP/1.1\r\nHost: a\r\nX-Paisr-Signature: $(signature)\r\nContent-Length: $(wc -c <body)\r\n\r\n$(cat body)"
	raw "POST /hook HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n$hidden"
	effects
}
probe_hostile_many_or_long_headers() {
	local many=()
	for i in {1..200}; do many+=(-H "X-Many-$i: 1"); done
	deliver '' "${many[@]}"
}
probe_hostile_control_characters_in_headers() {
	fresh && sign body
	raw "POST /hook HTTP/1.1\r\nHost: a\r\nX-Odd: a\rb\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
}
probe_hostile_duplicate_json_keys() {
	fresh '"event":"invoice.void"' && sign body && post
	effects; effects invoice.void
}
probe_hostile_wrong_json_types() {
	for text in '{"id":null,"event":"invoice.paid"}' '{"id":"inv_1","event":7}' '[]' 7 null '"x"' \
		'{"id":"__proto__","event":"invoice.paid"}'; do
		printf %s "$text" >body && sign body && post
	done
}
probe_hostile_injection_in_ids() {
	for id in ../../x "' OR 1=1--" %00; do
		printf '{"id":"%s","event":"invoice.paid"}' "$id" >body && sign body && post
	done
}
probe_hostile_compressed_bodies() {
	fresh && gzip -c body >packed && mv packed body && sign body && post -H 'Content-Encoding: gzip'
}

# Which of them make sense for a profile. What ends or changes something stands last.
probes_of() { # profile
	local all
	all=$(declare -F | sed -n 's/^declare -f probe_//p' | tr _ -)
	case $1 in
	paisr-v1) echo "$all" | grep -vE '^time-|any-of-several|downgrade|moved-boundary|other-scheme-tags|tolerance|old-secret-after|not-poisoned-by-bad-body'
		echo time-late-replay-has-one-effect sig-rejects-old-secret-after-overlap ;;
	paisr-v2) echo "$all" | grep -E '^time-[^l]|tolerance|downgrade|moved-boundary|^once-in|compact$' ;;
	standard-webhooks) echo "$all" | grep -E 'compact$|any-of-several|not-poisoned-by-bad-body|once-in' ;;
	github) echo "$all" | grep -E 'compact$|downgrade|other-scheme-tags' ;;
	*) echo "$all" | grep -E 'compact$|other-scheme-tags|once-in-sequence' ;;
	esac
}

# The good receiver under a profile: a valid delivery has its effect once, a changed one has none.
judge_good() { # profile: prints a complaint
	profile=$1
	start_mutant none "$1" || { echo "did not start"; return; }
	fresh '"note":"a"' && sign body
	local seen
	seen="$(post) $(post) $(effects)"
	again '"note":"b"'
	seen+=" $(post) $(effects)"
	: >headers
	seen+=" $(post)"
	[ "$seen" = "204 204 1 401 1 401" ] || echo "$seen"
	stop_mutant
}
