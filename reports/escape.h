/* One escape function for each place where foreign text is shown: XML and the terminal.
 * What receivers and URLs say is hostile in both: it must neither break a document nor drive a
 * terminal. JSON escapes itself (base/json_write.h). */
#ifndef HP_REPORTS_ESCAPE_H
#define HP_REPORTS_ESCAPE_H
#include "base/buf.h"

enum escape_place { ESCAPE_XML_CONTENT, ESCAPE_XML_ATTRIBUTE };

/* Appends text as XML 1.0 character data, or as the inside of an attribute in double quotes.
 * What XML cannot hold (2.2 Char) and bytes that are no UTF-8 become a visible \x1b, one per byte;
 * U+007F to U+009F become a visible \u0085. Stops before the first character that does not fit:
 * out is cut then, and still well-formed. Borrows text for the call. */
void escape_xml(struct hp_buf *out, struct hp_view text, enum escape_place place);

/* Appends text for a terminal, on one line: control bytes, bytes that are no UTF-8, and characters
 * that are invisible or turn the direction of writing become a visible \x1b, one per byte; so does
 * everything beyond ASCII when the terminal is not UTF-8. Stops like escape_xml(). */
void escape_terminal(struct hp_buf *out, struct hp_view text, bool utf8);
#endif
