# Goal: clients that break every rule neither stop nor grow a receiver, and a healthy client beside
# them is served; also when they take all of its descriptors and say nothing.
# limit_s: 120
. "$ROOT/tests/e2e/lib.sh"

# A receiver keeps at most a body of 1 MiB for each of the 16 connections; and it was there before.
peak_kib_max=$((128 * 1024))

begin_attack() { # mode, connections
	rm -f attacker.out
	setsid "$ATTACKER" "$port" "$1" "$2" >attacker.out 2>&1 </dev/null &
	attacker=$!
	await attacker.out attacking
}
end_attack() { kill -- -"$attacker" 2>/dev/null && wait "$attacker" || true; }

served() { # what: twenty answers, each over a connection of its own, and twenty over one
	local _
	for _ in {1..20}; do
		"$WIRE" "$port" >facts
		grep -q ' statuses=204 .* end=whole ' facts || fail "beside $1: $(cat facts)"
	done
	"$WIRE" "$port" requests=20 >facts
	grep -q ' statuses=204x20 .* end=whole ' facts || fail "beside $1: $(cat facts)"
}
peak_kib() { awk '/^VmHWM/ {print $2}' "/proc/$receiver_pid/status"; }

start_receiver --no-verify --quiet --record summary
port=${receiver_url#http://127.0.0.1:} port=${port%%/*}
modes="slow-head slow-body endless-head many-headers endless-chunks endless-extension huge-length
	almost-whole never-reads random-bytes random-behind-head resets waits-for-continue"
served nobody
for mode in $modes; do
	begin_attack "$mode" 16
	served "$mode"
	end_attack
	peak=$(peak_kib)
	echo "$mode: $peak KiB"
	[ "$peak" -lt $peak_kib_max ] || fail "$mode: $peak KiB of memory"
done
stop_receiver || [ $? -lt 70 ]

# Half-open connections, more than there are descriptors.
start_poor_receiver() {
	(
		ulimit -n 64
		exec "$HOOKPROOF" receive --no-verify --quiet --out poor
	) >poor.out 2>receiver.err </dev/null &
	receiver_pid=$!
	await receiver.err "listens on"
	receiver_url=$(sed -n 's/.* listens on //p' receiver.err)
	port=${receiver_url#http://127.0.0.1:} port=${port%%/*}
}
rm -f receiver.err
start_poor_receiver
begin_attack half-open 150
"$WIRE" "$port" requests=3 >facts
grep -q ' statuses=204x3 .* end=whole ' facts || fail "beside half-open connections: $(cat facts)"
end_attack
stop_receiver || [ $? -lt 70 ]
sql poor/run.db "select text from notes" >notes
has notes descriptors-exhausted
