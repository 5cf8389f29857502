/* What of a line of a refused document may be shown. A secret may stand anywhere in it: behind a
 * misspelled key, on the line below its key, behind a quote that is missing. So of all values only
 * the one that is complained about is shown, and only where its key is known to be harmless.
 * Not here: reading and printing the line (complain.c). */
#ifndef HP_CLI_EXCERPT_H
#define HP_CLI_EXCERPT_H
#include <stddef.h>

/* Puts an asterisk for each byte of a value, except the literals of JSON and the value that begins
 * at `place`. before: the last byte of the lines above that is no blank; 0: there is none. */
void excerpt_hide(char *line, size_t place, char before);
#endif
