# Goal: the bodies that our printers make are those of the real programs: what tests/vectors/
# rewritten.json says of Node and Python, the ones on this machine say again.
. "$ROOT/tests/e2e/lib.sh"
answers=$ROOT/tests/vectors/rewritten.json
asked=0

if command -v node >/dev/null; then
	node - "$answers" <<'END'
const file = JSON.parse(require("fs").readFileSync(process.argv[2], "utf8"));
const bytes = (o) => Buffer.from(o.hex ?? o.text, o.hex ? "hex" : "utf8");
const again = (space) => (text) => JSON.stringify(JSON.parse(text), null, space);
const make = {
  "body-node 0": again(), "body-pretty-2 1": again(2), "body-pretty-4 1": again(4),
  "body-pretty-tab 1": again("\t"), "body-inner 2": (text) => JSON.stringify(JSON.parse(text).data),
  "body-ufffd 0": (text) => text, "body-json-string 0": (text) => JSON.stringify(text),
  "body-form-encoded 0": encodeURIComponent,
  "body-form-encoded 1": (text) => new URLSearchParams([["x", text]]).toString().slice(2),
};
let count = 0;
for (const answer of file.answers.filter((a) => a.by === "node")) {
  const name = `${answer.recipe} ${answer.form}`;
  const seen = Buffer.from(make[name](bytes(file.bodies[answer.body]).toString("utf8")));
  if (!seen.equals(bytes(answer))) throw new Error(`${name} of body ${answer.body}: ${seen}`);
  count++;
}
if (count < 50) throw new Error(`only ${count} answers of Node`);
END
	asked=$((asked + 1))
fi

if command -v python3 >/dev/null; then
	python3 - "$answers" <<'END'
import base64, gzip, html, json, sys, unicodedata
from functools import partial
from urllib.parse import unquote_to_bytes

file = json.load(open(sys.argv[1], encoding="utf-8"))
def raw(o):
    return bytes.fromhex(o["hex"]) if "hex" in o else o["text"].encode()
def dumps(**how):
    return lambda b: json.dumps(json.loads(b), **how)
def text(change):
    return lambda b: change(b.decode())
compact = dict(separators=(",", ":"))
make = {
    "body-python-default 0": dumps(), "body-python-compact 0": dumps(**compact),
    "body-python-utf8 0": dumps(ensure_ascii=False),
    "body-python-utf8 1": dumps(ensure_ascii=False, **compact),
    "body-python-repr 0": lambda b: repr(json.loads(b)), "body-python-repr 1": repr,
    "body-sorted-keys 2": dumps(sort_keys=True, **compact), "body-sorted-keys 3": dumps(sort_keys=True),
    "body-base64 0": base64.b64encode, "body-latin1 0": lambda b: b.decode("latin1"),
    "body-ufffd 0": lambda b: b.decode("utf8", "replace"), "body-json-string 1": text(json.dumps),
    "body-html-escaped 1": text(html.escape), "body-compressed 0": gzip.decompress,
    "body-utf16 0": text(lambda t: t.encode("utf-16-le")), "body-utf16 1": text(lambda t: t.encode("utf-16-be")),
    "body-utf16 2": text(lambda t: ("\ufeff" + t).encode("utf-16-le")),
    "body-utf16 3": text(lambda t: ("\ufeff" + t).encode("utf-16-be")),
    "body-ascii 0": text(lambda t: t.encode("ascii", "ignore")),
    "body-ascii 1": text(lambda t: t.encode("ascii", "replace")),
    "body-normalised 0": text(partial(unicodedata.normalize, "NFC")),
    "body-normalised 1": text(partial(unicodedata.normalize, "NFD")),
    "body-form-decoded 0": unquote_to_bytes,
    "body-form-decoded 1": lambda b: unquote_to_bytes(b.replace(b"+", b" ")),
}
for size, indent in (("2", 2), ("4", 4), ("tab", "\t")):
    make[f"body-pretty-{size} 2"] = dumps(indent=indent)
    make[f"body-pretty-{size} 3"] = dumps(indent=indent, ensure_ascii=False)
count = 0
for answer in file["answers"]:
    if answer["by"] != "python":
        continue
    name = f"{answer['recipe']} {answer['form']}"
    seen = make[name](raw(file["bodies"][answer["body"]]))
    seen = seen.encode() if isinstance(seen, str) else seen
    assert seen == raw(answer), f"{name} of body {answer['body']}: {seen!r}"
    count += 1
assert count > 150, f"only {count} answers of Python"
END
	asked=$((asked + 1))
fi

[ "$asked" != 0 ] || { echo "neither node nor python3 is here to be asked"; exit 77; }
