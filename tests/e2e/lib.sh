# What the end-to-end tests share. Sourced: . "$ROOT/tests/e2e/lib.sh"

fail() { echo "$*"; exit 1; }

expect() { # exit code, then the command; its output goes to ./out and ./err
	local want=$1 got=0
	shift
	"$@" >out 2>err </dev/null || got=$?
	[ "$got" = "$want" ] || { cat out err; fail "exit $got, want $want: $*"; }
}

has() { grep -qF -- "$2" "$1" || { cat "$1"; fail "$1 lacks: $2"; }; }   # file, text
lacks() { ! grep -qF -- "$2" "$1" || fail "$1 has: $2"; }                # file, text
same() { [ "$1" = "$2" ] || fail "$3: $1, want $2"; }                   # seen, wanted, what
is() { same "$(cat "$1")" "$2" "$1"; }                                  # file, its whole text

# Reads a JSON document and the run file by what every user of a run file has.
ask() { sqlite3 :memory: "$1"; } # query
json() { ask "select json_extract(readfile('$1'), '$2')"; } # file, path, like $.accounting.planned
sql() { sqlite3 -readonly "$1" "$2"; } # run.db, query

failed_checks() { # report.json: the ids of what failed, sorted; thresholds by their expression
	ask "select coalesce('threshold:' || json_extract(value, '\$.threshold'),
		json_extract(value, '\$.id')) from json_each(readfile('$1'), '\$.checks')
		where json_extract(value, '\$.verdict') = 'fail' order by 1"
}
sum_closes() { # report.json
	same "$(json "$1" '$.accounting.planned')" "$(ask "select sum(value) from json_each(
		readfile('$1'), '\$.accounting') where key in
		('delivered', 'exhausted', 'pending', 'dropped', 'not_sent')")" "the sum of $1"
}

nap() { read -rt 0.02 <> <(:) || true; }

# Waits until a file has a line with the text: a receiver is ready, a peer listens. It is the
# event that is waited for, in short naps; the test's own limit ends a wait for nothing.
await() { # file, text
	until grep -qF -- "$2" "$1" 2>/dev/null; do nap; done
}
await_sql() { # run.db, a query that says 1 in the end
	until [ "$(sql "$1" "$2" 2>/dev/null)" = 1 ]; do nap; done
}

# Waits for background jobs, each with its log beside: the first that fails fails the test.
finish() { # pids...
	local pid
	for pid in "$@"; do
		wait "$pid" || { tail -n 40 ./*.log; exit 1; }
	done
}

# Starts a receiver in the background; sets receiver_pid and receiver_url.
start_receiver() { # options...
	rm -rf received receiver.err
	"$HOOKPROOF" receive --out received "$@" >receiver.out 2>receiver.err </dev/null &
	receiver_pid=$!
	await receiver.err "listens on"
	# shellcheck disable=SC2034 # for the test that sources this
	receiver_url=$(sed -n 's/.* listens on //p' receiver.err)
}
stop_receiver() { kill -INT "$receiver_pid" && wait "$receiver_pid"; }

# Starts a peer that breaks rules; sets peer_pid and peer_url.
start_peer() { # mode
	rm -f peer.out
	"$PEER" "$1" >peer.out 2>/dev/null </dev/null &
	# shellcheck disable=SC2034 # for the test that sources this
	peer_pid=$!
	await peer.out port
	# shellcheck disable=SC2034
	peer_url=http://127.0.0.1:$(sed -n 's/^port //p' peer.out)/hooks
}
