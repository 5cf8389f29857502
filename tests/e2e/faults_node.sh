# Goal: a second opinion: what a client library that others wrote makes of a dozen faults.
. "$ROOT/tests/e2e/lib.sh"
. "$ROOT/tests/peers/table.sh"
command -v node >/dev/null || { echo "node is missing"; exit 77; }
version=$(node --version)
version=${version#v}
[ "${version%%.*}" -ge 18 ] || { echo "node $version is too old, want 18"; exit 77; }

table_play node
