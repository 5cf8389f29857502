# Goal: what a fault declares is what an independent client sees, byte for byte and never sooner
# than asked, and the run file says so too. Every fault of `hookproof list faults` has a row.
# limit_s: 120
. "$ROOT/tests/e2e/lib.sh"
. "$ROOT/tests/peers/table.sh"

expect 0 "$HOOKPROOF" list faults --json
ask "select json_extract(value, '\$.name') from json_each(readfile('out'), '\$.faults') order by 1" >listed
[ "$(wc -l <listed)" -ge 50 ] || fail "less than fifty faults"
table_read wire curl openssl ask node
printf '%s\n' "${table_names[@]}" | sort -u >checked
diff listed checked || fail "faults without a row, or rows without a fault"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem \
	-subj /CN=client -days 2 2>err || { cat err; fail "no certificate of a client"; }
cat cert.pem key.pem >client.pem

table_play wire curl openssl ask
