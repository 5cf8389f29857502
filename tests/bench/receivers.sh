# shellcheck shell=bash disable=SC2154 # it uses what run.sh has set
# What run.sh measures of `hookproof receive` alone: what a fault plan costs, injected delays as an
# outside client sees them, and ten thousand connections that are kept alive.

start_receiver() { # options...; sets receiver, its process, and listens, its port
	rm -rf received
	: >receive.err
	"${far[@]}" "$hookproof" receive --record all --out received --quiet "$@" \
		>/dev/null 2>receive.err &
	receiver=$!
	pids+=("$receiver")
	until listens=$(sed -n 's|.*http://127.0.0.1:\([0-9]*\).*|\1|p' receive.err) &&
		[ -n "$listens" ]; do :; done
}
stop_receiver() { kill -INT "$receiver" && wait "$receiver" || true; }

# ---- under the same wrk load as nginx, without and with faults ----

# One delivery in a hundred is struck, and two rows are asked about each of the others.
plan=(--behaviour "share:share=0.01,fault=status,code=503"
	--behaviour "match:events=invoice.overdue,fault=status,code=503"
	--behaviour latency:delay=0s)
# A row that acts inside the request: each one is looked at before it is read.
early=(--behaviour "share:share=0.001,fault=reset-mid-request")

run_receive() { # figure options...
	start_receiver --secret-env HOOK_SECRET "${@:2}"
	run_server "$1" "$listens" "$receiver"
	stop_receiver
}
run_faulty() { # the same; a plan that strikes nobody proves nothing
	run_receive "$@"
	[ "$(sqlite3 received/run.db 'SELECT count(*) FROM faults')" -gt 0 ] ||
		{ echo "bench: $1 struck nobody" >&2; exit 4; }
}
run_receivers() {
	run_receive receive
	run_faulty receive-plan "${plan[@]}"
	run_faulty receive-early "${plan[@]}" "${early[@]}"
}

# ---- delays, on the clock of a client outside ----

memory_kib() { awk -v name="$1:" '$1 == name {print $2}' "/proc/$receiver/status"; }

# What the receiver itself says of the same, at p99.
recorded_over_ns() {
	sqlite3 received/run.db "SELECT answered_ns - arrived_ns - delay_ns FROM receipts ORDER BY 1
		LIMIT 1 OFFSET (SELECT (count(*) * 99 + 99) / 100 - 1 FROM receipts)"
}

# The figures of delays are for a machine that does nothing else. Where it is allowed both ends go
# before everything else instead: what a neighbour takes of a core is no figure of ours.
calm=()
! chrt -f 1 true 2>/dev/null || calm=(chrt -f 1)

run_delays() { # figure connections delay_ms
	local before count least p50 p99 most far=("${far[@]}" "${calm[@]}")
	start_receiver --no-verify --latency "fixed:$3ms"
	before=$(memory_kib VmRSS)
	"${near[@]}" "${calm[@]}" ./delays "$listens" "$2" "$span" "$3"000000 >delays.out
	note "$1-bytes" "$(awk -v a="$before" -v b="$(memory_kib VmHWM)" -v n="$2" \
		'BEGIN {print (b - a) * 1024 / n}')"
	stop_receiver
	read -r count least p50 p99 most <delays.out
	note "$1-p50" "$(per "$p50" 1000)"
	note "$1-p99" "$(per "$p99" 1000)"
	note "$1-most" "$(per "$most" 1000)"
	note "$1-answers" "$count"
	note "$1-recorded" "$(per "$(recorded_over_ns)" 1000)"
	note short "$(per "$least" -1000)"
}

# Both ends are processes of their own, with a limit of open files each.
count_connections() { # sets many
	local open
	ulimit -Sn "$(ulimit -Hn)"
	open=$(ulimit -n)
	many=10000
	[ "$open" = unlimited ] || [ "$open" -ge $((many + 100)) ] || many=$((open - 100))
}

delay_figures="delay-5-1 delay-5-64 delay-50-1 delay-50-64"
run_all_delays() {
	local name
	for name in $delay_figures; do
		run_delays "$name" "${name##*-}" "$(echo "$name" | cut -d- -f2)"
	done
	run_delays many "$many" 1000
}

# ---- the table ----

print_delays() {
	local name
	echo "medians, us that an answer took longer than asked, seen from outside"
	for name in $delay_figures many; do
		printf '  %-16s p50 %.0f, p99 %.0f, max %.0f (recorded p99 %.0f), %d answers\n' \
			"$name" "$(median "$name-p50")" "$(median "$name-p99")" \
			"$(median "$name-most")" "$(median "$name-recorded")" \
			"$(median "$name-answers")"
	done
}

print_receiver_rows() {
	local name ms count
	row "receiver with a fault plan, all deliveries" "$(ratio receive-plan receive)" 1.15 \
		"x without"
	row "the same with one that acts inside the request" "$(ratio receive-early receive)" 1.15 \
		"x without"
	for name in $delay_figures; do
		ms=$(echo "$name" | cut -d- -f2)
		count=${name##*-}
		row "delay of $ms ms, connections: $count; over it, p99" \
			"$(median "$name-p99")" 1000 us
	done
	row "the shortest of all these delays: short of it by" "$(most short)" 0 us
	row "delay of 1 s, connections: $many; over it, p99" "$(median many-p99)" 2000 us
	row "the same by the receiver's own record" "$(median many-recorded)" 2000 us
	row "the same: memory a connection" "$(median many-bytes)" 16384 bytes
	[ "$many" = 10000 ] || echo "  fewer than 10000: open files are limited to $(ulimit -n)"
}
