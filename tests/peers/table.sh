# Plays tests/peers/faults.table: one `hookproof receive` with a receiver for each row, all clients
# beside each other, then the facts that they saw and what the run file says of it. Sourced by the
# end-to-end tests behind lib.sh: table_play CLIENT...
# shellcheck shell=bash

table_secret=a-secret-of-the-table
table_body='{"id":"inv_123456","event":"invoice.paid"}'

# Reads the rows of those clients into arrays; a client is the first word of the third column.
table_read() { # clients...
	local name behaviour client facts proof
	table_names=() table_behaviours=() table_clients=() table_facts=() table_proofs=()
	while IFS='|' read -r name behaviour client facts proof; do
		case $name in '' | '#'*) continue ;; esac
		read -r name <<<"$name"
		read -r client <<<"$client"
		[[ " $* " == *" ${client%% *} "* ]] || continue
		table_names+=("$name") table_behaviours+=("$behaviour") table_clients+=("$client")
		table_facts+=("$facts") table_proofs+=("$proof")
	done <"$ROOT/tests/peers/faults.table"
}

# The scenario: f0, f1, ... with the row's behaviours each.
table_scenario() {
	local i verify tls endpoints=() receivers=()
	for i in "${!table_names[@]}"; do
		verify=false tls=false
		[[ ${table_clients[i]} != *'$SIGNED'* ]] || verify=true
		case ${table_names[i]} in tls-* | cert-*) tls=true ;; esac
		endpoints+=("{\"name\":\"f$i\",\"receiver\":\"f$i\",\"secret\":\"$table_secret\"}")
		receivers+=("{\"name\":\"f$i\",\"verify\":$verify,\"tls\":$tls,\"behaviours\":[${table_behaviours[i]}]}")
	done
	local IFS=,
	printf '%s\n' "{\"profile\":\"paisr-v2\",\"set\":{\"timeout\":\"3s\",\"identity.header\":\"X-Event\"},\"dns\":\"127.0.0.1:0\"," \
		'"arrivals":{"kind":"constant","rate":"1/s","count":1},' \
		"\"endpoints\":[${endpoints[*]}]," "\"receivers\":[${receivers[*]}]}"
}

# The options of wire that sign the body, by openssl: its own opinion of the scheme.
table_signed() {
	local now digest
	now=$(date +%s)
	digest=$(printf '%s.%s' "$now" "$table_body" | openssl dgst -sha256 -hmac "$table_secret")
	table_signature=("header=X-PCB-Timestamp: $now" "header=X-PCB-Signature: ${digest##* }")
}

table_curl() { # row, url, options...
	local row=$1 url=$2 exit=0 from_us=${EPOCHREALTIME/./}
	shift 2
	local cacert=()
	[[ $url != https:* ]] || cacert=(--cacert received/ca.pem)
	curl -s -o "$row.body" --data-binary "$table_body" "${cacert[@]}" \
		-w 'status=%{http_code} redirects=%{num_redirects} bytes=%{size_download} verify=%{ssl_verify_result}' \
		"$@" "$url" >"$row.said" || exit=$?
	echo "exit=$exit $(cat "$row.said") unpacked=$(wc -c 2>/dev/null <"$row.body")" \
		"total_ms=$(((${EPOCHREALTIME/./} - from_us) / 1000))"
}

# What openssl's own client saw; with the word "post" first it also sends a request that is the last.
table_openssl() { # row, port, options...
	local row=$1 port=$2 exit=0 said
	shift 2
	: >"$row.request"
	[ "${1:-}" != post ] || {
		printf 'POST /hooks HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s' \
			"${#table_body}" "$table_body" >"$row.request"
		set -- -ign_eof "${@:2}"
	}
	timeout 30 openssl s_client -connect "127.0.0.1:$port" -CAfile received/ca.pem -verify_return_error \
		"$@" <"$row.request" >"$row.said" 2>&1 || exit=$?
	said=$(tr -d '\0\r' <"$row.said")
	echo "exit=$exit" "$(sed -nE \
		-e 's/^ *Verify return code: ([0-9]+).*/verify=\1/p' \
		-e 's/^(New|Reused), (.*), Cipher is (.*)/protocol=\2 cipher=\3/p' \
		-e 's/^ *Protocol *: (.*)/version=\1/p' \
		-e 's/.*SSL alert number ([0-9]+).*/alert=\1/p' \
		-e 's/.*:error:[0-9A-F]+:SSL routines:[^:]*:([^:]*):.*/error=\1/p' \
		-e 's/.*errno=([0-9]+).*/errno=\1/p' \
		-e 's/.*HTTP\/1\.[01] ([0-9]+) .*/status=\1/p' \
		-e 's/^subject=.*CN = (.*)/subject=\1/p' \
		-e 's/^SSL handshake has read ([0-9]+) bytes.*/read=\1/p' <<<"$said" | tr ' ' _ | sort -u |
		sed 's/_cipher=/ cipher=/' | tr '\n' ' ')" \
		"reused=$(grep -c '^Reused' <<<"$said")" "asks=$(grep -c '^Client Certificate Types\|^Requested Signature' <<<"$said")" \
		"sans=$(openssl x509 -noout -ext subjectAltName <"$row.said" 2>/dev/null | grep -ac 'DNS\|IP\|localhost')"
}

# One row's client; its line of facts goes to fN.facts.
table_client() { # index
	local url port words
	url=$(sed -n "s/^f$1 listens on //p" receiver.err)
	port=${url#*://127.0.0.1:} port=${port%%/*}
	read -ra words <<<"${table_clients[$1]}"
	case ${words[0]} in
	wire)
		[ "${words[1]:-}" != '$SIGNED' ] || words=(wire "${table_signature[@]}")
		"$WIRE" "$port" "${words[@]:1}"
		;;
	curl) table_curl "f$1" "$url" "${words[@]:1}" ;;
	openssl) table_openssl "f$1" "$port" "${words[@]:1}" ;;
	ask) "$ASK" "$(sed -n 's/^the resolver is at [^ ]*:\([0-9]*\),.*/\1/p' receiver.err)" "f$1.hookproof.test" "${words[@]:1}" ;;
	node) node "$ROOT/tests/peers/client.js" "$url" "${words[@]:1}" ;;
	esac >"f$1.facts" 2>"f$1.err"
}

fact_of() { # name, the line: sets fact
	fact=" $2 "
	[[ $fact == *" $1="* ]] || { fact= && return 1; }
	fact=${fact#* "$1"=} fact=${fact%% *}
}
thousandths() { # 12.345 or 12
	[[ $1 == *.* ]] && echo "$((10#${1/./}))" || echo "$(($1 * 1000))"
}

# shellcheck disable=SC2053 # a pattern
matches() { [[ $1 == $2 ]]; } # text, pattern of the shell

# Whether the line has the fact; says what is wrong.
table_fact() { # wanted, line
	local name=${1%%[=~!>]*} op want fact
	op=${1:${#name}:1} want=${1:$((${#name} + 1))}
	fact_of "$name" "$2" || { echo "no fact \"$name\""; return; }
	case $op in
	=) [ "$fact" = "$want" ] ;;
	!) [ "$fact" != "$want" ] ;;
	'~') matches "$fact" "$want" ;;
	'>') [ "$(thousandths "$fact")" -ge "$(thousandths "$want")" ] ;;
	esac || echo "$name is $fact, want $1"
}

# What the run file must say of a row, each printing what is wrong.

proof_window() { # index
	local seen
	seen=$(sql received/run.db "select count(*) from gaps g join endpoints e using (endpoint)
		join behaviours b on b.id = g.behaviour where e.name = 'f$1' and b.word = '${table_names[$1]}'")
	[ "$seen" -ge 1 ] || echo "no such window in the run file"
}

proof_receipt() { # index, condition
	local seen
	seen=$(sql received/run.db "select count(*) from receipts_view where endpoint = 'f$1' and $2")
	[ "$seen" -ge 1 ] || echo "no receipt with $2"
}

proof_delay() { # index, line of facts
	fact_of first_ms "$2" || fact=0
	proof_receipt "$1" "ordinal = 1 and delay_ms > 0 and delay_ms <= $fact and delay_ms <= answer_ms"
}

proof_faults() { # index, held fault or '' for the row's own or '*', count, condition
	local fault="'${2:-${table_names[$1]}}'" seen
	[ "$2" != '*' ] || fault=fault
	seen=$(sql received/run.db "select count(*),
		coalesce(sum(fault = $fault and state = 'verified' and ($4)), 0) from faults_view where endpoint = 'f$1'")
	[ "$seen" = "$3|$3" ] || echo "want $3 of them verified with $4, found: $(sql received/run.db \
		"select fault, state, 'read', read_bytes, 'written', written_bytes, 'acked', acked_bytes, 'peer', peer
		from faults_view where endpoint = 'f$1'")"
}

table_proof() { # index, the column, line of facts
	local want=${2%% *} condition=${2#* }
	[ "$want" != "$2" ] || condition=1
	case $want in
	any) ;;
	-) proof_faults "$1" '*' 0 1 ;;
	window) proof_window "$1" ;;
	receipt) proof_receipt "$1" "$condition" ;;
	delay) proof_delay "$1" "$3" ;;
	*:*) proof_faults "$1" "${want%:*}" "${want##*:}" "$condition" ;;
	*) proof_faults "$1" '' "$want" "$condition" ;;
	esac
}

table_judge() { # index: prints the row when something is wrong
	local line url wanted facts proof complaints
	line=$(cat "f$1.facts")
	url=$(sed -n "s/^f$1 listens on //p" receiver.err)
	read -ra facts <<<"${table_facts[$1]}"
	read -r proof <<<"${table_proofs[$1]}"
	complaints=$(
		for wanted in "${facts[@]}"; do
			wanted=${wanted//\$URL/$url} wanted=${wanted//\$GOOD/$table_good_crc}
			table_fact "$wanted" "$line"
		done
		table_proof "$1" "$proof" "$line"
	)
	[ -z "$complaints" ] || {
		echo "${table_names[$1]} ${table_behaviours[$1]} seen by ${table_clients[$1]}:"
		echo "  $line" "$(head -n 1 "f$1.err")"
		echo "  ${complaints//$'\n'/$'\n'  }"
	}
}

table_play() { # clients...
	local i pids=()
	table_read "$@"
	[ "${#table_names[@]}" -gt 0 ] || fail "no row for $*"
	table_signed
	table_scenario >table.json
	echo 200 >delays.txt
	printf '%s\r\n' 'HTTP/1.1 200 OK' 'Content-Length: 17' 'Content-Type: application/json' \
		'Connection: close' '' >good
	printf '{"received":true}' >>good
	table_good_crc=$(gzip -c good | tail -c 8 | od -An -tx4 -N4 | tr -d ' ')
	start_receiver table.json --quiet
	until [ "$(grep -c 'listens on' receiver.err)" = "${#table_names[@]}" ]; do nap; done
	for i in "${!table_names[@]}"; do
		table_client "$i" &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i" || fail "a client ended with $?"
	done
	stop_receiver || [ $? -lt 70 ] # the judge's opinion of such senders does not matter here
	for i in "${!table_names[@]}"; do
		table_judge "$i"
	done >wrong
	[ ! -s wrong ] || { cat wrong; fail "$(grep -c 'seen by' wrong) of ${#table_names[@]} rows are not as declared"; }
	echo "${#table_names[@]} rows"
}
