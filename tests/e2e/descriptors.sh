# Goal: wherever descriptors run out, the run says so and nobody else is blamed: before the run it is
# exit 4 and what to do, in its midst exit 6. From some limit on it passes. How many descriptors the
# program inherits only moves these limits.
. "$ROOT/tests/e2e/lib.sh"

# A leak checker needs descriptors of its own.
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0"

cat >tiny.json <<'END'
{
	"time_scale": 0.00001,
	"arrivals": {"kind": "constant", "rate": "400/s", "count": 20},
	"endpoints": [{"name": "here", "receiver": "here", "connections": 4}],
	"receivers": [{"name": "here"}],
	"limits": {"lag": "10s", "drain": "5s"},
	"thresholds": ["errors<=0%", "delivered>=100%", "achieved>=1%", "response.max<60s"]
}
END

# Whether any program can start at that limit: the loader opens one library after the other.
can_start() { (ulimit -n "$1" && env true) 2>/dev/null; } # limit

# Prints the exit code.
run_at() { # limit, name
	local code=0
	(ulimit -n "$1" && exec "$HOOKPROOF" run tiny.json --out "$2" --json) \
		>"$2.log" 2>&1 </dev/null || code=$?
	echo "$code"
}

try_all() { # name: from the least limit to the first at which the run passes
	local limit=2 code=4 refused=0
	until [ "$code" = 0 ]; do
		[ $((limit += 1)) -lt 400 ] || fail "$1: no limit is enough"
		can_start $limit || continue
		code=$(run_at $limit "$1.$limit")
		case $code in
		0) ;;
		4 | 6)
			has "$1.$limit.log" "raise the limit of open files"
			[ "$code" = 6 ] || refused=$((refused + 1))
			;;
		*) cat "$1.$limit.log" && fail "$1: exit $code at ulimit -n $limit" ;;
		esac
	done
	[ "$refused" -gt 0 ] || fail "$1: no limit was too low to begin"
}

try_all bare
exec 20</dev/null 21</dev/null 30</dev/null
try_all inherited
