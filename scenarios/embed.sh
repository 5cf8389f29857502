#!/bin/sh
# Writes the assembly of scenarios/shipped.c's table to stdout: one row (kind, name, text, bytes)
# for each document. Run from the top folder. What is no document to run (*.schema.json) stays out.
set -eu

row() { # kind name path: the row here, the bytes kept for the read-only section below
	printf '\t.quad kind_%s, name_%d, text_%d, end_%d - text_%d\n' \
		"$(echo "$1" | tr - _)" "$count" "$count" "$count" "$count"
	bytes="$bytes
name_$count: .asciz \"$2\"
text_$count: .incbin \"$3\"
end_$count: .byte 0"
	count=$((count + 1))
}

rows() { # kind folder
	for name in $(find "$2" -maxdepth 1 -name '*.json' | sed 's,.*/,,; s/\.json$//' | sort); do
		case $name in *.schema) continue ;; esac
		row "$1" "$name" "$2/$name.json"
	done
}

count=0
bytes=
LC_ALL=C
export LC_ALL
cat <<'END'
	.section .data.rel.ro, "aw"
	.balign 8
	.globl shipped_table
shipped_table:
END
rows must-fail scenarios/must-fail
rows profile scenarios/profiles
rows scenario scenarios
rows suite scenarios/suites
cat <<END
	.section .rodata
	.balign 8
	.globl shipped_table_count
shipped_table_count: .quad $count
kind_must_fail: .asciz "must-fail"
kind_profile: .asciz "profile"
kind_scenario: .asciz "scenario"
kind_suite: .asciz "suite"$bytes
	.section .note.GNU-stack, "", @progbits
END
