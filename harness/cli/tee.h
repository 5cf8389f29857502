/* A history in front of the receivers' own: hands every record on, and shows receipts to whoever
 * watches `hookproof receive` while it goes on: the lines, the control endpoint, the count of
 * --count. Lives in the caller's memory; the thread that writes receipts is the only one. */
#ifndef HP_CLI_TEE_H
#define HP_CLI_TEE_H
#include "cli/lines.h"
#include "web/control.h"

struct tee {
	struct history history;  /* what records are put into, once tee_init() was called */
	struct history *inner;   /* all of these are borrowed */
	struct lines *lines;     /* NULL: nobody reads them */
	struct control *control; /* NULL: there is none */
	uint64_t left;           /* receipts until `last`; 0: no limit */
	void (*last)(void *arg);
	void *arg;
};

/* Fills in the history; the other members are the caller's. */
void tee_init(struct tee *tee);
#endif
