# Goal: which fault strikes which attempt of which event is decided by the seed alone: the same over
# one connection and over 64, in whatever order the attempts arrive, and in virtual time. Left out is
# what makes a sender use a connection that is already over: there the moment decides who loses.
. "$ROOT/tests/e2e/lib.sh"

scenario() { # connections
	cat <<-END
	{
		"name": "keyed-$1", "seed": 21, "profile": "paisr-v1",
		"set": {"retry.base": "20ms", "retry.attempts_max": "5"},
		"arrivals": {"kind": "burst", "size": 30, "every": "100ms", "count": 150},
		"endpoints": [
			{"name": "shares", "receiver": "shares", "connections": $1},
			{"name": "plans", "receiver": "plans", "connections": $1},
			{"name": "cuts", "receiver": "cuts", "connections": $1}
		],
		"receivers": [
			{"name": "shares", "behaviours": [
				{"behaviour": "latency", "min": "1ms", "max": "9ms"},
				{"behaviour": "share", "share": 0.1, "fault": "reset"},
				{"behaviour": "share", "share": 0.1, "fault": "status", "code": 500},
				{"behaviour": "share", "share": 0.1, "fault": "garbage"},
				{"behaviour": "share", "share": 0.2, "scope": "event", "fault": "chunk-bad"},
				{"behaviour": "share", "share": 0.1, "fault": "interim-then-die"}
			]},
			{"name": "plans", "behaviours": [
				{"behaviour": "plan", "attempts": [
					{"fault": "close-mid-response"}, {"fault": "length-long"},
					{"fault": "redirect"}, {"status": 204}
				]}
			]},
			{"name": "cuts", "behaviours": [
				{"behaviour": "share", "share": 0.2, "fault": "reset-mid-request"},
				{"behaviour": "share", "share": 0.2, "fault": "reset-mid-head"},
				{"behaviour": "first-n", "n": 1, "fault": "close-after-request"},
				{"behaviour": "share", "share": 0.3, "fault": "corrupt-bytes", "in": "body"}
			]}
		],
		"limits": {"lag": "10s", "drain": "30s"},
		"thresholds": ["delivered>=0%"]
	}
	END
}
struck() { # run.db: event, attempt, fault; and what became of each arrival
	sql "$1" "select endpoint, event, ordinal, behaviour, fault from faults_view order by 1, 2, 3, 4, 5"
	sql "$1" "select endpoint, event, ordinal, behaviour, effects from receipts_view order by 1, 2, 3"
}

for connections in 1 64; do
	scenario $connections >$connections.json
	expect 0 "$HOOKPROOF" run $connections.json --out run-$connections --quiet
	struck run-$connections/run.db >struck-$connections
	same "$(sql run-$connections/run.db "select count(*) from faults_view where state = 'failed'")" 0 \
		"faults that could not be done over $connections connections"
done
kinds=$(sql run-1/run.db "select count(distinct fault) from faults")
[ "$kinds" -ge 12 ] || fail "only $kinds kinds of faults struck"
cmp struck-1 struck-64 || { diff struck-1 struck-64 | head -n 20; fail "the connections decided"; }
expect 0 "$HOOKPROOF" simulate 64.json --out simulated --quiet
struck simulated/run.db >struck-simulated
cmp struck-1 struck-simulated || { diff struck-1 struck-simulated | head -n 20; fail "virtual time decided"; }
