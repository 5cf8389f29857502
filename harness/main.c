/* hookproof: parses, wires, runs, exits. What it does stands in cli/. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"

enum { EXIT_BUG = 70 };

/* A failed assert ends here: its own line is printed already. */
static void on_abort(int number)
{
	static const char line[] = "hookproof: this is a bug of ours, not of yours: please report "
				   "the line above and what you ran\n";
	ssize_t written = write(STDERR_FILENO, line, sizeof(line) - 1);

	(void)number;
	(void)written;
	_exit(EXIT_BUG);
}

/* setlocale() is never called: numbers are read and written in the C locale everywhere. */
int main(int argc, char *argv[])
{
	signal(SIGABRT, on_abort);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a full quota is a failed write, not the end */
	return command_main(argc, argv);
}
