/* Runs a command and writes what the kernel accounts to it, children included:
 *   measure OUT COMMAND...    OUT gets "CPU_NS MAXRSS_KIB", the exit code is the command's */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/bench.h"

static double seconds(struct timeval value)
{
	return (double)value.tv_sec + (double)value.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
	struct rusage usage;
	FILE *out = argc > 2 ? fopen(argv[1], "w") : NULL;
	int status = 0;
	pid_t child;

	if (!out)
		bench_die("measure OUT COMMAND...");
	child = fork();
	if (child == 0) {
		execvp(argv[2], argv + 2);
		bench_die(argv[2]);
	}
	if (wait4(child, &status, 0, &usage) < 0)
		bench_die("wait4");
	fprintf(out, "%.0f %ld\n", (seconds(usage.ru_utime) + seconds(usage.ru_stime)) * 1e9,
		usage.ru_maxrss);
	fclose(out);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
