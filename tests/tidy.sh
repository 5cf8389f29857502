#!/bin/bash
# Holds the rules of the house: tidy.sh [ARCHIVE [RULE...]]. Prints each breach as
#   path:line: rule, what to do instead
# and ends with 1 when there is one. Run from the top folder. ARCHIVE is the built library, whose
# external names are looked at; without it that rule is left out. tidy_test.sh plants a breach of
# each rule; a rule without a planted breach is not a rule.
# shellcheck disable=SC2016 # awk programs stand in single quotes
set -u
export LC_ALL=C

# Modules that read foreign bytes: each has tests/fuzz/fuzz_<module>.c and a corpus.
PARSERS='dns forensics hist http1 json profile scenario scheme'

# The rank of each folder: an include points to the same rank or a lower one.
LAYERS='base=0 wire=1 engine=2 scenarios=3 receivers=3 reports=3 net=4 sim=4 web=5 store=6 judge=7
	platform=8 certify=9 cli=10 main=11 tests=99'

# Library headers and the files that may include them, as regular expressions.
DOORS='
^event(2/|\.h) ^harness/(net|web|platform)/
^openssl/ ^harness/(net/tls[^/]*\.c|wire/|certify/certificate[^/]*\.c)
^cjson/ ^tests/fuzz/
^sqlite3\.h ^harness/store/
^zlib\.h ^reports/[^/]*hlog[^/]*\.c'

# Functions that nobody calls, and what to call instead.
BANNED='
strcpy hp_buf_add_text() or snprintf()
strcat hp_buf_add_text()
sprintf snprintf() or hp_buf_add_format()
vsprintf vsnprintf()
strtok hp_view and a loop
atoi a parser that can refuse
rand base/random.h
srand base/random.h
sleep an event, a timer of the port, or virtual time
usleep an event, a timer of the port, or virtual time
alloca a buffer with a maximum'
CLOCKS='time gettimeofday clock_gettime'

LINES_FILE=600 LINES_BODY=60 COLUMNS_LINE=100 PARAMETERS=5 NESTING=3
RULES='layers doors order calls clocks lengths words headers modules suites parsers files names'

scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
archive=${1:-}
shift $(($# > 0))

product() { find harness scenarios receivers reports -name '*.[ch]' 2>/dev/null | sort; }
sources() { { product && find tests -name '*.[ch]'; } | sort; }

# Every line of the sources as "path<TAB>line<TAB>text", without comments and what strings hold;
# #include lines stay whole.
strip() {
	sources | xargs awk '
		FNR == 1 { comment = 0 }
		/^#[ \t]*include/ && !comment { print FILENAME "\t" FNR "\t" $0; next }
		{
			text = $0
			gsub(/\\\\/, "", text); gsub(/\\"/, "", text); gsub(/\x27"\x27/, "\x27\x27", text)
			out = ""
			while (text != "") {
				if (comment) {
					end = index(text, "*/")
					if (!end) break
					text = substr(text, end + 2); comment = 0
				} else if (match(text, /"|\/\*|\/\//)) {
					out = out substr(text, 1, RSTART - 1)
					found = substr(text, RSTART, RLENGTH); text = substr(text, RSTART + RLENGTH)
					if (found == "//") break
					if (found == "/*") { comment = 1; continue }
					out = out "\"\""; end = index(text, "\"")
					text = end ? substr(text, end + 1) : ""
				} else { out = out text; text = "" }
			}
			print FILENAME "\t" FNR "\t" out
		}'
}

# Folder of a path, as LAYERS calls it, for awk.
FOLDER='function folder(path,  part) {
	split(path, part, "/")
	if (path == "harness/main.c") return "main"
	return part[1] == "harness" ? part[2] : part[1]
}'

rule_layers() {
	awk -F '\t' -v layers="$LAYERS" "$FOLDER"'
		BEGIN {
			count = split(layers, pairs, /[ \t\n]+/)
			for (i = 1; i <= count; i++) { split(pairs[i], pair, "="); rank[pair[1]] = pair[2] }
		}
		$1 ~ /^tests\// || $3 !~ /^#[ \t]*include[ \t]*"/ { next }
		{
			split($3, quoted, "\""); split(quoted[2], part, "/")
			from = folder($1); to = part[1]; place = $1 ":" $2 ": layers, "
			if (!(to in rank) || quoted[2] !~ /\//)
				print place "write the folder: \"base/err.h\", not \"" quoted[2] "\""
			else if (rank[to] > rank[from])
				print place from "/ lies below " to "/: move what both need down"
			else if ((from == "net" && to == "sim") || (from == "sim" && to == "net"))
				print place "net/ and sim/ meet in engine/port.h only"
			else if (from == "judge" && rank[to] > rank["engine"] && to != "judge")
				print place "judge/ includes engine/ and below only: hand it the values"
			else if (from != to && rank[from] == rank[to] && from < to)
				there[from, to] = $1 ":" $2
			else if (from != to && rank[from] == rank[to])
				back[to, from] = place
		}
		END {
			for (both in back) if (both in there)
				print back[both] "the folders include each other (" there[both] "): one way only"
		}' "$scratch/lines"
}

# A library is included behind its door only, and a header that includes one is not seen outside.
rule_doors() {
	awk -F '\t' -v doors="$DOORS" "$FOLDER"'
		BEGIN {
			count = split(doors, rows, "\n")
			for (i = 1; i <= count; i++) if (split(rows[i], row, " ") == 2) {
				library[++known] = row[1]; door[known] = row[2]
			}
		}
		$1 ~ /^tests\// || $3 !~ /^#[ \t]*include/ { next }
		{ split($3, part, /[<>"]/); name = part[2] }
		$3 ~ /"/ { seen[++count_seen] = $1 "\t" $2 "\t" name; next }
		{
			for (i = 1; i <= known; i++) if (name ~ library[i]) {
				if ($1 !~ door[i])
					print $1 ":" $2 ": doors, <" name "> belongs behind " substr(door[i], 2)
				inside[$1] = name
			}
		}
		END {
			for (i = 1; i <= count_seen; i++) {
				split(seen[i], at, "\t")
				for (header in inside)
					if ((header == at[3] || header == "harness/" at[3]) && folder(header) != folder(at[1]))
						print at[1] ":" at[2] ": doors, " header " shows <" inside[header] ">: make its types opaque"
			}
		}' "$scratch/lines"
}

# x.c includes its own x.h first, so that a header cannot lean on what stood before it.
rule_order() {
	awk -F '\t' '
		$1 ~ /^tests\// || $1 !~ /\.c$/ || $3 !~ /^#[ \t]*include/ || first[$1]++ { next }
		{
			own = substr($1, 1, length($1) - 2) ".h"; shown = own; sub(/^harness\//, "", shown)
			if ((getline line < own) < 0) next
			close(own)
			if ($3 != "#include \"" shown "\"")
				print $1 ":" $2 ": order, the own header stands first: #include \"" shown "\""
		}' "$scratch/lines"
}

# Calls of a function, not members or longer names: pattern of its name -> lines "path:line".
calls() { # name
	grep -P "(^|[^A-Za-z0-9_.>])$1[ ]*\(" "$scratch/lines" | awk -F '\t' '{ print $1 ":" $2 }'
}

rule_calls() {
	while read -r name instead; do
		[ -z "$name" ] || calls "$name" | sed "s|\$|: calls, no $name(): use $instead|"
	done <<<"$BANNED"
}

rule_clocks() {
	for name in $CLOCKS; do
		calls "$name" | grep -vE '^(harness/(net|sim)|tests)/' |
			sed "s|\$|: clocks, no $name(): time comes through engine/port.h|"
	done
}

# Bodies are what stands between { and } in column 0.
rule_lengths() {
	sources | xargs awk -v columns=$COLUMNS_LINE -v file_max=$LINES_FILE '
		function close_file() {
			if (lines > file_max) print path ":" lines ": lengths, " lines " lines, at most " file_max ": cut the module"
		}
		FNR == 1 { close_file(); path = FILENAME }
		{
			lines = FNR; text = $0; width = 0
			while ((at = index(text, "\t"))) { width += at - 1; width += 8 - width % 8; text = substr(text, at + 1) }
			gsub(/[\x80-\xbf]/, "", text); width += length(text)
			if (width > columns) print FILENAME ":" FNR ": lengths, " width " columns, at most " columns ": break the line"
		}
		END { close_file() }'
	awk -F '\t' -v body_max=$LINES_BODY -v nesting=$NESTING -v most=$PARAMETERS '
		function parameters(text,  depth, count, i, c) {
			if (text !~ /\(/ || text ~ /\( *(void)? *\)/) return 0
			count = 1
			for (i = index(text, "("); i <= length(text); i++) {
				c = substr(text, i, 1)
				if (c == "(") depth++
				if (c == ")" && --depth == 0) return count
				if (c == "," && depth == 1) count++
			}
			return count
		}
		{ text = substr($0, length($1) + length($2) + 3) }
		text ~ /^\{/ {
			start = $2
			# a callback, static and named on_, has the signature that a library gives it
			if (parameters(head) > most && head !~ /static [^(]*on_[a-z_]*\(/)
				print $1 ":" head_line ": lengths, " parameters(head) " parameters, at most " most ": make a struct"
		}
		text ~ /^\}/ && start {
			if ($2 - start - 1 > body_max)
				print $1 ":" start ": lengths, a body of " $2 - start - 1 " lines, at most " body_max ": name its parts"
			start = 0
		}
		start && match(text, /^\t+/) && RLENGTH > nesting + 1 &&
		    text ~ /^\t+(if|for|while|switch|do|else|return|break|continue|goto)([^A-Za-z0-9_]|$)/ {
			print $1 ":" $2 ": lengths, nested deeper than " nesting ": return early or name the inner part"
		}
		text ~ /^[A-Za-z_]/ && !start { head = ""; head_line = $2 }
		!start { head = head " " text }' "$scratch/lines"
}

rule_words() {
	sources | xargs grep -nPH '\b(TODO|FIXME|XXX)\b' | sed -E 's/^([^:]*:[0-9]+):.*/\1: words, no TODO: do it, or open an issue/'
	awk -F '\t' '$0 ~ /\ttypedef[ \t]+(struct|union|enum)[ \t{]/ && $0 !~ /\(/ {
		print $1 ":" $2 ": words, no typedef of a struct: write struct x" }' "$scratch/lines"
}

rule_headers() {
	{ product && find tests/lib -name '*.h'; } | grep '\.h$' | while read -r header; do
		echo "#include \"$header\"" |
			"${CC:-gcc}" -std=gnu11 -D_GNU_SOURCE -Iharness -I. -fsyntax-only -x c - 2>"$scratch/said" ||
			echo "$header:1: headers, does not compile alone: include what it uses"
	done
}

# A module is tested by the file of its name or of what its name begins with: json_scan.c by
# test_json_scan.c or test_json.c.
rule_modules() {
	for path in harness/base/*.c harness/wire/*.c harness/engine/*.c harness/judge/*.c; do
		[ -e "$path" ] || continue
		name=$(basename "$path" .c)
		while [ ! -e "tests/unit/test_$name.c" ] && [ "$name" != "${name%_*}" ]; do
			name=${name%_*}
		done
		[ -e "tests/unit/test_$name.c" ] ||
			echo "$path:1: modules, no test: write tests/unit/test_$(basename "$path")"
	done
}

rule_suites() {
	local list=tests/unit/suites.h
	for path in tests/unit/test_*.c; do
		name=$(basename "$path" .c)
		grep -qx "X(${name#test_})" $list || echo "$path:1: suites, never run: add X(${name#test_}) to $list"
	done
	grep '^X(' $list | sort -cu 2>/dev/null || echo "$list:1: suites, the list is not sorted, or has one twice: sort it"
}

rule_parsers() {
	for name in $PARSERS; do
		[ -e "tests/fuzz/fuzz_$name.c" ] || echo "tests/fuzz:1: parsers, $name has no fuzzer: write fuzz_$name.c"
	done
	for path in tests/fuzz/fuzz_*.c; do
		name=$(basename "$path" .c)
		name=${name#fuzz_}
		[ -n "$(find "tests/fuzz/corpus/$name" -type f 2>/dev/null | head -n 1)" ] ||
			echo "$path:1: parsers, no corpus: put small inputs into tests/fuzz/corpus/$name/"
	done
}

# Names of files are unique, so that a name says which file is meant, and the archive keeps both.
rule_files() {
	sources | awk -F / '$NF != "main.c" && seen[$NF]++ { print $0 ":1: files, another file is called " $NF ": name it after its module" }'
}

# Whether a name begins with the tag of a struct or enum that the header defines.
own_type() { # header name
	[ -r "$1" ] && case $1 in harness/base/*) false ;; esac || return 1
	# shellcheck disable=SC2013 # a tag has no blanks
	for tag in $(sed -nE 's/^(struct|enum) ([a-z_]+) \{.*/\2/p' "$1"); do
		case $2 in "${tag%s}"_* | "${tag%_*}"_*) return 0 ;; esac
	done
	return 1
}

# External names begin with the first word of their file, or with the tag of a type that its own
# header declares (verdict.h: struct judgement); those of base/ with hp_.
rule_names() {
	[ -n "$archive" ] || return 0
	[ -r "$archive" ] || echo "$archive:1: names, not built: run make first"
	nm -A --defined-only -g "$archive" | awk -v files="$(product | grep '\.c$' | tr '\n' ' ')" '
		BEGIN {
			count = split(files, paths, " ")
			for (i = 1; i <= count; i++) { parts = split(paths[i], part, "/"); of[part[parts]] = paths[i] }
		}
		{
			split($1, at, ":"); object = at[2]; sub(/\.o$/, ".c", object); name = $NF
			path = of[object]; if (path == "") next
			prefix = object; sub(/[_.].*/, "_", prefix)
			if (path ~ /^harness\/base\//) prefix = "hp_"
			bare = substr(prefix, 1, length(prefix) - 1)
			if (index(name, prefix) != 1 && name != bare) print path, name, "begins with " prefix
			else if (name ~ /^(event|evbuffer|evhttp|evutil|bufferevent|sqlite3|cJSON|SSL|EVP)_|^(str|mem|is|to)[a-z]/)
				print path, name, "is not taken from a library"
		}' | while read -r path name instead; do
		own_type "${path%.c}.h" "$name" && continue
		line=$(grep -nE "^[A-Za-z].*\<$name\>" "$path" | head -n 1 | cut -d : -f 1)
		echo "$path:${line:-1}: names, $name: an external name here $instead; or make it static"
	done
}

[ $# != 0 ] || read -r -d '' -a all <<<"$RULES"
[ $# != 0 ] || set -- "${all[@]}"
strip >"$scratch/lines"
for rule; do
	"rule_$rule" >>"$scratch/breaches"
done
if [ -s "$scratch/breaches" ]; then
	sort -u "$scratch/breaches" | tee "$scratch/sorted"
	echo "0 passed, $(wc -l <"$scratch/sorted") failed"
	exit 1
fi
echo "$# passed, 0 failed"
