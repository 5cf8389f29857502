/* The commands: one constant row each, in cmd_*.c, and one line in this list. Usage, help and
 * dispatch are expanded from it. Not here: what a command does. The main thread's. */
#ifndef HP_CLI_COMMAND_H
#define HP_CLI_COMMAND_H
#include "cli/options.h"

#define COMMANDS(X) /* in the order of the usage */                                                \
	X(run)                                                                                     \
	X(simulate)                                                                                \
	X(load)                                                                                    \
	X(receive)                                                                                 \
	X(certify)                                                                                 \
	X(check)                                                                                   \
	X(report)                                                                                  \
	X(sign)                                                                                    \
	X(verify)                                                                                  \
	X(explain)                                                                                 \
	X(lint)                                                                                    \
	X(list)

struct command {
	const char *name;
	const char *words;          /* behind the name in the usage: "SCENARIO", "" */
	const char *summary;        /* one line, no full stop */
	const char *details;        /* paragraphs, each one line of the text, ended with \n */
	const char *examples;       /* lines, each ended with \n */
	const unsigned char *takes; /* ids of options, ended with OPT_END */
	unsigned words_min, words_max;

	/* Returns the exit code, or -1 with *err when hookproof could not go on. */
	int (*run)(const struct options *options, struct hp_err *err);
};

#define X(name) extern const struct command cmd_##name;
COMMANDS(X)
#undef X

/* Does what the command line says and returns the exit code. argv[argc] is NULL. */
int command_main(int argc, char *argv[]);
#endif
