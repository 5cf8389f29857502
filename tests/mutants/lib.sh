# What the scripts of this folder share. Sourced, with HOOKPROOF and MUTANT set to absolute paths.
HERE=$ROOT/tests/mutants

# The secrets of these tests; every receiver and hookproof read them from here.
TEXT_SECRET=ey7bTCm6tur63CR6mzbuq23r
export HOOK_SECRET=$TEXT_SECRET HOOK_OLD_SECRET=Ln3cVb8qRr51wXyT0aaPdkz7
export HOOK_OTHER_SECRET=Qm2nBv6tYh94kLpS8dffGjx5

nap() { read -rt 0.02 <> <(:) || true; }
has_node() { command -v node >/dev/null; }

# Tab-separated: slug, level, profile, needs, kills, also, words. Node's own follow, where it is.
rows() {
	"$MUTANT" --rows
	! has_node || grep -v '^#' "$HERE/node.table"
}

secret_of() { # profile: the secret in the form that its senders hand out
	case $1 in
	standard-webhooks) echo whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw ;;
	*) echo "$TEXT_SECRET" ;;
	esac
}

# Starts one in the background, by slug; sets mutant_pid, mutant_port and mutant_url. The exec makes
# the process that is ended later the receiver itself.
start_mutant() { # slug, profile, more options
	rm -f mutant.out
	case $1 in
	node_*) exec node "$HERE/$1.mjs" --secret-env HOOK_SECRET ;;
	*) exec "$MUTANT" --secret-env HOOK_SECRET --profile "$2" --defect "$1" "${@:3}" ;;
	esac >mutant.out 2>mutant.err </dev/null &
	mutant_pid=$!
	until grep -q '^port ' mutant.out 2>/dev/null; do
		kill -0 "$mutant_pid" 2>/dev/null || { cat mutant.err; return 1; }
		nap
	done
	mutant_port=$(sed -n 's/^port //p' mutant.out)
	# shellcheck disable=SC2034 # for what sources this
	mutant_url=http://127.0.0.1:$mutant_port/hook
}
stop_mutant() {
	[ -z "$mutant_pid" ] || { kill "$mutant_pid" && wait "$mutant_pid"; } 2>/dev/null
	mutant_pid=
}

word_in() { case " $2 " in *" $1 "*) ;; *) false ;; esac; } # word, list

# The slugs of the suite's checks of one level, with blanks between.
checks_of() { # level
	sqlite3 :memory: "select group_concat(json_extract(value, '$.id'), ' ') from
		json_each(readfile('$ROOT/scenarios/suites/receiver.json'), '$.checks')
		where json_extract(value, '$.level') = '$1'"
}
