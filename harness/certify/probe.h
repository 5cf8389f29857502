/* Effect probes: how often an event took effect, as somebody other than the receiver's answer says.
 * Each kind is a constructor in a file of its own. Reading blocks, within a limit.
 * Not here: how often one is asked until its word is believed (effects.h). */
#ifndef HP_CERTIFY_PROBE_H
#define HP_CERTIFY_PROBE_H
#include "base/buf.h"
#include "base/err.h"
#include "engine/port.h"
#include "net/tls.h"

enum {
	PROBE_WHY_BYTES = 160,
	PROBE_ANSWER_BYTES_MAX = 64 * 1024,
	PROBE_POINTER_BYTES = 256,
	PROBE_TEMPLATE_BYTES = 4096,
};
#define PROBE_READ_NS (5 * HP_S_NS) /* ours: one reading */

struct probe {
	const char *kind; /* "url", "command" */

	/* Reads the count of a key. False, and why in one line, when no count came of it. */
	bool (*read)(struct probe *probe, const char *key, uint64_t *count,
		     char why[PROBE_WHY_BYTES]);
	void (*free)(struct probe *probe);
};

void probe_free(struct probe *probe); /* NULL is fine */

/* Reads a count out of an answer: a bare integer, or JSON with one at the pointer. "" is "/count".
 * False, and why, when there is none. */
bool probe_count(struct hp_view answer, const char *pointer, uint64_t *count,
		 char why[PROBE_WHY_BYTES]);

struct probe_target { /* of a URL that was resolved; borrowed for the call */
	struct port_address address;
	const char *host;     /* of the Host header */
	const char *target;   /* path and query, with {key} */
	const char *tls_host; /* NULL: http */
	struct tls_client_config tls;
	const char *pointer;
};

/* Returns new: GET of the target with {key} filled in, percent-encoded. NULL with *err. */
struct probe *probe_url_new(const struct probe_target *target, struct hp_err *err)
	__attribute__((warn_unused_result));

/* Returns new: the words of a command line, {key} filled in within a word, run without a shell.
 * Words are separated by spaces; '…' and "…" hold some together. NULL with HP_EUSAGE. */
struct probe *probe_command_new(const char *command, const char *pointer, struct hp_err *err)
	__attribute__((warn_unused_result));
#endif
