/* Writes JSON (RFC 8259) into a buffer: commas, nesting and escapes are looked after, so that what
 * comes out parses whatever the strings hold. A buffer that is full is marked as cut (buf.h), and
 * nothing more is said about it here. Misuse (a value without its key, an end too many) is a bug.
 * No doubles: decimals are given as whole numbers of their last place.
 * Not here: documents that are printed again; bodies are bytes and are never rewritten. */
#ifndef HP_BASE_JSON_WRITE_H
#define HP_BASE_JSON_WRITE_H
#include <stdint.h>

#include "base/buf.h"
#include "base/json_scan.h"

struct hp_json_writer {
	struct hp_buf *out; /* borrowed */
	unsigned indent;    /* spaces per level; 0: all in one line */
	unsigned depth;     /* containers that are open */
	uint64_t objects;   /* bit d: the container at depth d + 1 is an object */
	uint64_t filled;    /* bit d: … and has a value */
	bool keyed;         /* a key waits for its value */
};

/* Borrows out until the document is complete. */
void hp_json_write_init(struct hp_json_writer *writer, struct hp_buf *out, unsigned indent);

void hp_json_write_object(struct hp_json_writer *writer);
void hp_json_write_array(struct hp_json_writer *writer);
void hp_json_write_end(struct hp_json_writer *writer); /* of the innermost container */

/* The key of the next value; within an object every value needs one. */
void hp_json_write_key(struct hp_json_writer *writer, const char *key);

/* Values. Strings may hold any byte: control characters become escapes, each byte that is not UTF-8
 * becomes U+FFFD; DEL and U+2028, U+2029 are escaped too, so that the text may stand in a terminal
 * and in a script. hp_json_write_text(NULL) is null. */
void hp_json_write_string(struct hp_json_writer *writer, struct hp_view bytes);
void hp_json_write_text(struct hp_json_writer *writer, const char *text);
void hp_json_write_bool(struct hp_json_writer *writer, bool value);
void hp_json_write_null(struct hp_json_writer *writer);

/* Whole numbers, exact as text. Beyond 2^53 - 1 many readers round: _u64_string for those. */
void hp_json_write_u64(struct hp_json_writer *writer, uint64_t value);
void hp_json_write_i64(struct hp_json_writer *writer, int64_t value);
void hp_json_write_u64_string(struct hp_json_writer *writer, uint64_t value);

/* A decimal: value 12345 with 3 decimals is 12.345. At most 9 decimals. */
void hp_json_write_fixed(struct hp_json_writer *writer, int64_t value, unsigned decimals);

/* A value that is JSON already, as it stands. Borrows for the call. */
void hp_json_write_raw(struct hp_json_writer *writer, struct hp_view json);
#endif
