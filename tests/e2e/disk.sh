# Goal: what cannot be written is said before the load starts, with the path; a disk that fills
# up in mid-run is said and ends nothing by a crash.
. "$ROOT/tests/e2e/lib.sh"

touch file
expect 4 "$HOOKPROOF" run first-run --out file/inside
has err "file"
expect 0 "$HOOKPROOF" simulate first-run --out taken
expect 4 "$HOOKPROOF" simulate first-run --out taken
has err "taken"
expect 4 "$HOOKPROOF" simulate first-run --out fresh --report json=/nowhere/report.json
has err "/nowhere"
[ ! -e fresh/run.db ] || fail "the run began although its report could not be written"

# 300 KiB and no more: the file cannot hold the run.
code=0
(ulimit -f 300 && exec "$HOOKPROOF" simulate steady-load --out full) >out 2>err </dev/null || code=$?
[ "$code" = 4 ] || [ "$code" = 6 ] || { cat out err; fail "a full disk: exit $code"; }
grep -qiE "disk|full|large|write" err || { cat err; fail "a full disk was not named"; }
