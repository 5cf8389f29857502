/* The scenario document that the options of hookproof receive become: one receiver, and the
 * endpoint that it plays. Not here: the command (cmd_receive.c), what the document means
 * (scenarios/). */
#ifndef HP_CLI_RECEIVE_DOCUMENT_H
#define HP_CLI_RECEIVE_DOCUMENT_H
#include "cli/intent.h"

/* Writes the document into the intent. -1 with HP_EUSAGE for an option that cannot be read; what it
 * means is checked when the document is loaded. */
int receive_document_write(struct intent *intent, const struct options *options, struct hp_err *err)
	__attribute__((warn_unused_result));
#endif
