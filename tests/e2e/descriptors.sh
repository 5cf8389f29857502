# Goal: where descriptors run out before the run, it does not begin: exit 4 and what to do.
. "$ROOT/tests/e2e/lib.sh"

# A leak checker needs descriptors of its own.
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0"
for limit in 6 8 10 12 13 14; do
	(ulimit -n "$limit" && expect 4 "$HOOKPROOF" run first-run --out "run$limit")
	has err "raise the limit of open files"
done
