# Goal: when nobody listens any more, open connections are reset, drained or kept, as was asked; a
# frozen receiver takes nothing and goes on where it stopped. The moments come over the control
# endpoint, so that no clock decides.
. "$ROOT/tests/e2e/lib.sh"
export CONTROL_TOKEN=a-token-of-the-test

put() { # behaviours
	same "$(curl -s -o answer -w '%{http_code}' -X PUT -H "Authorization: Bearer $CONTROL_TOKEN" -d "$1" \
		"$control_url/receivers/receiver/behaviours")" 200 "PUT $1"
}
deliveries() {
	curl -s -o answer -H "Authorization: Bearer $CONTROL_TOKEN" "$control_url/receivers"
	json answer '$.receivers[0].deliveries'
}
begin() { # options of wire...: a client in the background that has connected
	rm -f facts
	"$WIRE" "$port" say=1 "$@" >facts &
	client=$!
	await facts connected
}
sees() { # facts of the client...
	local fact
	wait "$client"
	for fact in "$@"; do
		grep -qF -- " $fact " facts || { cat facts; fail "no $fact"; }
	done
}

start_receiver --no-verify --control 127.0.0.1:0 --control-token-env CONTROL_TOKEN --quiet
control_url=$(sed -n 's/^control is at //p' receiver.err)
port=${receiver_url#http://127.0.0.1:} port=${port%%/*}

# Idle connections, each known to the server by a first answer.
for row in reset:rst drain:fin; do
	begin requests=1 end=1
	until [ "$(deliveries)" -gt "${before:-0}" ]; do nap; done
	put "[{\"behaviour\":\"outage\",\"open_connections\":\"${row%:*}\"}]"
	sees statuses=204 "end=${row#*:}"
	"$WIRE" "$port" >facts
	grep -q "^connect=refused" facts || fail "somebody listens: $(cat facts)"
	put '[]'
	before=$(deliveries)
done

# A request whose answer is not yet due.
slow='{"behaviour":"latency","delay":"500ms"}'
for row in drain:1:204:fin keep:2:204x2:whole; do
	IFS=: read -r open requests statuses ends <<<"$row"
	before=$(deliveries)
	put "[$slow]"
	begin requests="$requests" end=$((requests == 1))
	until [ "$(deliveries)" -gt "$before" ]; do nap; done
	put "[$slow,{\"behaviour\":\"outage\",\"open_connections\":\"$open\"}]"
	sees "statuses=$statuses" "end=$ends"
	put '[]'
done

# Frozen: the kernel takes the request, nobody reads it, and then it is served.
put '[{"behaviour":"freeze","for":"1h"}]'
before=$(deliveries)
begin
"$WIRE" "$port" wait=300 >facts2
grep -q ' bytes=0 .* end=open ' facts2 || fail "a frozen receiver said something: $(cat facts2)"
same "$(deliveries)" "$before" "deliveries while it is frozen"
put '[]'
sees statuses=204 end=whole

stop_receiver || [ $? -lt 70 ]
