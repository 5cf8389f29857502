#!/bin/bash
# Plants one breach of each rule of tidy.sh in a scratch copy of the sources and expects exactly that
# line to be reported. A rule that reports nothing here would report nothing anywhere.
set -u
root=$PWD
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
passed=0 failed=0

fresh() { # the next breach starts from a clean copy, hard links being enough
	rm -rf "$scratch/tree"
	mkdir "$scratch/tree"
	cp -rl harness scenarios receivers reports tests "$scratch/tree" 2>/dev/null ||
		cp -r harness scenarios receivers reports tests "$scratch/tree"
}

put() { # path: its new text comes from stdin; never written through a link
	mkdir -p "$scratch/tree/$(dirname "$1")"
	rm -f "$scratch/tree/$1"
	cat >"$scratch/tree/$1"
}

repeat() { # count text
	yes "$2" | head -n "$1"
}

expect() { # rule "path:line: what the line begins with" [archive]
	if (cd "$scratch/tree" && "$root/tests/tidy.sh" "${3:-}" "$1") 2>&1 | grep -qF -- "$2"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL tidy_test: $1 did not say: $2"
	fi
	fresh
}

# Builds an archive of one planted file, for the rule about external names.
archive() { # path
	"${CC:-gcc}" -Iharness -I. -c -o "$scratch/$(basename "$1" .c).o" "$scratch/tree/$1" &&
		rm -f "$scratch/planted.a" && ar qcs "$scratch/planted.a" "$scratch/$(basename "$1" .c).o"
}

fresh

put harness/wire/planted.c <<<'#include "engine/port.h"'
expect layers 'harness/wire/planted.c:1: layers, wire/ lies below engine/'
put receivers/planted.c <<<'#include "tests/lib/guard.h"'
expect layers 'receivers/planted.c:1: layers, receivers/ lies below tests/'
put harness/net/planted.c <<<'#include "sim/world.h"'
expect layers 'harness/net/planted.c:1: layers, net/ and sim/ meet in engine/port.h only'
put harness/judge/planted.c <<<'#include "scenarios/scenario.h"'
expect layers 'harness/judge/planted.c:1: layers, judge/ includes engine/ and below only'
put harness/wire/planted.c <<<'#include "http1.h"'
expect layers 'harness/wire/planted.c:1: layers, write the folder'
put receivers/planted.c <<<'#include "reports/planted.h"'
put reports/planted.c <<<'#include "receivers/planted.h"'
expect layers 'reports/planted.c:1: layers, the folders include each other'

put harness/engine/planted.c <<<'#include <event2/event.h>'
expect doors 'harness/engine/planted.c:1: doors, <event2/event.h> belongs behind'
put harness/net/planted.c <<<'#include <openssl/ssl.h>'
expect doors 'harness/net/planted.c:1: doors, <openssl/ssl.h> belongs behind'
put harness/base/planted.c <<<'#include <cjson/cJSON.h>'
expect doors 'harness/base/planted.c:1: doors, <cjson/cJSON.h> belongs behind'
put harness/cli/planted.c <<<'#include <sqlite3.h>'
expect doors 'harness/cli/planted.c:1: doors, <sqlite3.h> belongs behind'
put reports/planted.c <<<'#include <zlib.h>'
expect doors 'reports/planted.c:1: doors, <zlib.h> belongs behind'
put harness/store/planted.h <<<'#include <sqlite3.h>'
put harness/cli/planted.c <<<'#include "store/planted.h"'
expect doors 'harness/cli/planted.c:1: doors, harness/store/planted.h shows <sqlite3.h>'

put harness/base/planted.h <<<'int hp_planted;'
put harness/base/planted.c <<<$'#include <stdio.h>\n#include "base/planted.h"'
expect order 'harness/base/planted.c:1: order, the own header stands first'

for name in strcpy strcat sprintf vsprintf strtok atoi rand srand sleep usleep alloca; do
	put reports/planted.c <<<$'/* sprintf(a) */\nstatic const char *text = "sprintf(b)";\n\t'"$name(x);"
	expect calls "reports/planted.c:3: calls, no $name(): use"
done
put tests/unit/planted.c <<<'	sleep(1);'
expect calls 'tests/unit/planted.c:1: calls, no sleep(): use'
for name in time gettimeofday clock_gettime; do
	put harness/cli/planted.c <<<"	now = $name(NULL);"
	expect clocks "harness/cli/planted.c:1: clocks, no $name(): time comes through"
done

{ echo 'static int f(void)' && echo '{' && repeat 61 $'\tg();' && echo '}'; } | put harness/wire/planted.c
expect lengths 'harness/wire/planted.c:2: lengths, a body of 61 lines'
repeat 601 '' | put harness/wire/planted.c
expect lengths 'harness/wire/planted.c:601: lengths, 601 lines'
printf '\t%093d\n' 0 | put harness/wire/planted.c
expect lengths 'harness/wire/planted.c:1: lengths, 101 columns'
put harness/wire/planted.c <<<$'static int f(int a, int b, int c,\n\t     int d, int e, int g)\n{\n}'
expect lengths 'harness/wire/planted.c:1: lengths, 6 parameters'
put harness/wire/planted.c <<<$'static int f(void)\n{\n\tif (a)\n\t\tif (b)\n\t\t\tif (c)\n\t\t\t\tif (d)\n\t\t\t\t\treturn 1;\n}'
expect lengths 'harness/wire/planted.c:7: lengths, nested deeper than 3'

put harness/wire/planted.c <<<'/* TODO: later */'
expect words 'harness/wire/planted.c:1: words, no TODO'
put harness/wire/planted.h <<<'typedef struct planted planted;'
expect words 'harness/wire/planted.h:1: words, no typedef of a struct'

put harness/wire/planted.h <<<'size_t planted(void);'
expect headers 'harness/wire/planted.h:1: headers, does not compile alone'

for folder in base wire engine judge; do
	put harness/$folder/planted.c <<<''
	expect modules "harness/$folder/planted.c:1: modules, no test"
done
put tests/unit/test_planted.c <<<''
expect suites 'tests/unit/test_planted.c:1: suites, never run'
printf 'X(view)\nX(buf)\n' | put tests/unit/suites.h
expect suites 'tests/unit/suites.h:1: suites, the list is not sorted'

rm -f "$scratch/tree/tests/fuzz/fuzz_json.c"
expect parsers 'tests/fuzz:1: parsers, json has no fuzzer'
rm -rf "$scratch/tree/tests/fuzz/corpus/json"
expect parsers 'tests/fuzz/fuzz_json.c:1: parsers, no corpus'

put reports/view.c <<<''
expect files 'reports/view.c:1: files, another file is called view.c'

put harness/base/planted.c <<<$'\nint planted_count;'
archive harness/base/planted.c
expect names 'harness/base/planted.c:2: names, planted_count' "$scratch/planted.a"
put harness/wire/planted.c <<<$'int parse_planted(void);\nint parse_planted(void)\n{\n\treturn 0;\n}'
archive harness/wire/planted.c
expect names 'harness/wire/planted.c:1: names, parse_planted' "$scratch/planted.a"
put harness/engine/event_planted.c <<<'int event_planted;'
archive harness/engine/event_planted.c
expect names 'harness/engine/event_planted.c:1: names, event_planted' "$scratch/planted.a"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
