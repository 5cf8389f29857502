# Goal: a second opinion: what a resolver that others wrote (Node's, which is c-ares) makes of each fault of names.
. "$ROOT/tests/e2e/lib.sh"
command -v node >/dev/null || { echo "node is missing"; exit 77; }
version=$(node --version)
version=${version#v}
[ "${version%%.*}" -ge 18 ] || { echo "node $version is too old, want 18"; exit 77; }

rows='name-nxdomain ENOTFOUND,127.0.0.1/0
name-servfail ESERVFAIL,127.0.0.1/0
name-silent ETIMEOUT,ETIMEOUT
name-slow:delay=50ms 127.0.0.1/0,127.0.0.1/0
name-flip:ttl=0 127.0.0.1/0,127.0.0.2/0
name-rebind:to=127.0.0.3 127.0.0.1/0,127.0.0.3/0
name-mixed:dead_share=1,dead=127.0.0.7 127.0.0.7/0+127.0.0.1/0,127.0.0.7/0+127.0.0.1/0
name-v6-only ENODATA,ENODATA'
while read -r behaviour wanted; do
	start_receiver --no-verify --dns 127.0.0.1:0 --behaviour "$behaviour" --quiet
	port=$(sed -n 's/^the resolver is at 127.0.0.1:\([0-9]*\),.*/\1/p' receiver.err)
	node "$ROOT/tests/peers/resolver.js" "$port" receiver.hookproof.test 2 >facts
	stop_receiver || [ $? -lt 70 ]
	same "$(cat facts)" "answers=$wanted" "$behaviour"
	same "$(sql received/run.db "select count(*) from faults_view where state <> 'verified' or fault <> '${behaviour%%:*}'")" \
		0 "other records of $behaviour"
done <<<"$rows"
