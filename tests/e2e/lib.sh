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

json() { # file, path, like $.accounting.planned
	sqlite3 :memory: "select json_extract(readfile('$1'), '$2')"
}
sql() { sqlite3 -readonly "$1" "$2"; } # run.db, query
failed_checks() { # report.json: the ids of what failed, sorted; thresholds by their expression
	sqlite3 :memory: "select coalesce('threshold:' || json_extract(value, '\$.threshold'),
		json_extract(value, '\$.id')) from json_each(readfile('$1'), '\$.checks')
		where json_extract(value, '\$.verdict') = 'fail' order by 1"
}

# Waits until a file has a line with the text: a receiver is ready, a peer listens. It is the
# event that is waited for, in short naps; the test's own limit ends a wait for nothing.
await() { # file, text
	until grep -qF -- "$2" "$1" 2>/dev/null; do read -rt 0.02 <> <(:) || true; done
}

# Starts a receiver in the background; sets receiver_pid and receiver_url.
start_receiver() { # options...
	rm -rf received receiver.err
	"$HOOKPROOF" receive --out received "$@" >receiver.out 2>receiver.err </dev/null &
	receiver_pid=$!
	await receiver.err "listens on"
	receiver_url=$(sed -n 's/.* listens on //p' receiver.err)
}
stop_receiver() { kill -INT "$receiver_pid" && wait "$receiver_pid"; }
