# Goal: a sender that asks our resolver finds the receiver under its name, and is led to a canary when that is declared; what
# cannot be is refused where it stands, and lint says whom rows of names reach.
. "$ROOT/tests/e2e/lib.sh"

name=receiver.hookproof.test
deliver() { # asks, and posts where it is told; prints the address and the status
	local address
	address=$("$ASK" "$dns_port" "$name" | sed -n 's/.* addresses=\([^ ]*\) .*/\1/p')
	echo "$address $(curl -s -o /dev/null -w '%{http_code}' --resolve "$name:$port:$address" \
		-d "{\"id\":\"inv_$1\",\"event\":\"invoice.paid\"}" "http://$name:$port/hooks")"
}
receipts() { sql "$1/run.db" 'select count(*) from receipts'; }

start_receiver --no-verify --dns 127.0.0.1:0 --behaviour name-rebind:to=127.0.0.2,own=2 --quiet
has receiver.err "for names like $name"
dns_port=$(sed -n 's/^the resolver is at 127.0.0.1:\([0-9]*\),.*/\1/p' receiver.err)
port=${receiver_url#http://127.0.0.1:} port=${port%%/*}
"$HOOKPROOF" receive --no-verify --listen "127.0.0.2:$port" --status 202 --out canary --quiet >canary.out 2>canary.err </dev/null &
canary=$!
await canary.err "listens on"
same "$(deliver 1)" "127.0.0.1 204" "the first delivery"
same "$(deliver 2)" "127.0.0.1 204" "the second delivery"
same "$(deliver 3)" "127.0.0.2 202" "the delivery behind the change"
"$ASK" "$dns_port" other.hookproof.test >facts
has facts "codes=3 "
stop_receiver || [ $? -lt 70 ]
kill -INT "$canary" && { wait "$canary" || [ $? -lt 70 ]; }
same "$(receipts received) $(receipts canary)" "2 1" "receipts of the receiver and of the canary"
same "$(sql received/run.db "select group_concat(distinct fault || ' ' || key || ' ' || state), count(*), max(ordinal)
	from faults_view")" "name-rebind A verified|3|3" "what the run file says"

# A run that is judged again from its run file knows the resolver too.
"$HOOKPROOF" check received >checked 2>err || [ $? != 3 ] || { cat err; exit 1; }
has checked faults-took-effect

# What cannot be.
expect 2 "$HOOKPROOF" receive --no-verify --behaviour name-slow --for 1s
has err '"name-slow" is a matter of names'
expect 2 "$HOOKPROOF" receive --no-verify --dns 0.0.0.0:0 --for 1s
has err 'want an address of this machine'
expect 2 "$HOOKPROOF" receive --no-verify --dns 127.0.0.1:0 --behaviour name-flip:addresses=192.0.2.1 --for 1s
has err 'want an address of 127.0.0.0/8'

# Whom they reach.
cat >named.json <<'END'
{"dns": "127.0.0.1:0", "arrivals": {"kind": "constant", "rate": "10/s", "count": 10},
 "endpoints": [{"name": "a", "receiver": "a"}],
 "receivers": [{"name": "a", "behaviours": [{"behaviour": "name-silent"}]}]}
END
expect 0 "$HOOKPROOF" lint named.json
has err 'acts on senders alone that ask our resolver'

# The generator asks nobody: nothing is planned, and nothing is an error.
for command in run simulate; do
	[ "$command" != simulate ] || "$HOOKPROOF" --help | grep -q '^ *simulate' || continue
	expect 0 "$HOOKPROOF" "$command" named.json --out "out-$command" --quiet
	same "$(sql "out-$command/run.db" 'select count(*) from faults')" 0 "faults of $command"
done
