/* The catalogue of faults as people read it, and as JSON: every row of receivers/behaviour.h with
 * its parameters, units, ranges, defaults, and how it is proved. Not here: the command
 * (cmd_list.c). */
#ifndef HP_CLI_FAULT_TEXT_H
#define HP_CLI_FAULT_TEXT_H
#include <stdio.h>

#include "base/json_write.h"

/* Prints all of them by layer, in lines of at most `columns`. */
void fault_text_print(FILE *out, unsigned columns);

/* Writes one object for each into the array that is open. */
void fault_text_write(struct hp_json_writer *writer);
#endif
