#!/bin/bash
# Shows how many lines of each source the tests reached: cov.sh BUILD_FOLDER. Least covered first.
set -eu
find "$1" -name '*.gcda' ! -path '*/tests/*' -print0 | xargs -0 gcov -n 2>/dev/null | awk -v q="'" '
	/^File/ { split($0, part, q); name = part[2]; next }
	/^Lines executed:/ && name !~ /^\/|^tests\// && name != "" {
		split($0, figure, /[:% ]+/)
		lines = $NF; reached += figure[3] * lines / 100; all += lines
		printf "%6.1f %%  of %4d  %s\n", figure[3], lines, name
		name = ""
	}
	END { if (all) printf "%6.1f %%  of %4d  all\n", 100 * reached / all, all }' | sort -n -u
