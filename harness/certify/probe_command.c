/* The probe that asks a command. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/span.h"
#include "certify/command_line.h"
#include "certify/probe.h"

struct command_probe {
	struct probe probe;        /* first */
	struct command_line *line; /* owned */
	char *pointer;             /* owned */
};

_Static_assert((int)PROBE_WHY_BYTES == (int)COMMAND_LINE_WHY_BYTES, "one reason fits both");

static bool command_read(struct probe *base, const char *key, uint64_t *count,
			 char why[PROBE_WHY_BYTES])
{
	struct command_probe *probe = (struct command_probe *)base;
	const struct fill_slot slot = {"{key}", hp_view_of(key)};
	const struct command_line_slots slots = {&slot, 1};
	struct hp_buf out;
	bool result;

	hp_buf_init(&out, COMMAND_LINE_OUT_BYTES_MAX);
	result = command_line_run(probe->line, slots, PROBE_READ_NS, &out, why) &&
		 probe_count(hp_buf_view(&out), probe->pointer, count, why);
	hp_buf_fini(&out);
	return result;
}

static void command_free(struct probe *base)
{
	struct command_probe *probe = (struct command_probe *)base;

	command_line_free(probe->line);
	free(probe->pointer);
	free(probe);
}

struct probe *probe_command_new(const char *command, const char *pointer, struct hp_err *err)
{
	struct command_line *line = command_line_new(command, err);
	struct command_probe *probe;

	if (!line)
		return NULL;
	probe = hp_xcalloc(1, sizeof(*probe));
	*probe = (struct command_probe){
		.probe = {.kind = "command", .read = command_read, .free = command_free},
		.line = line,
		.pointer = hp_xstrdup(pointer),
	};
	return &probe->probe;
}
