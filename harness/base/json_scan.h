/* Strict JSON (RFC 8259) over bytes, one token after the other, and one value by its pointer.
 * Allocates nothing and borrows the document; fit for payloads on the hot path. Refuses what RFC
 * 8259 refuses, and two things that it leaves open: unpaired surrogates (RFC 7493 2.1) and nesting
 * beyond HP_JSON_DEPTH_MAX. Not here: whole documents and duplicate keys (json.h), writing
 * (json_write.h). */
#ifndef HP_BASE_JSON_SCAN_H
#define HP_BASE_JSON_SCAN_H
#include <stdint.h>

#include "base/view.h"

enum {
	HP_JSON_DEPTH_MAX = 64, /* ours: one bit per level in the scanner (RFC 8259 9 allows it) */
	HP_JSON_FOUND_BYTES = 48, /* of the text that hp_json_found() writes, with NUL */
};

enum hp_json_kind {
	HP_JSON_NULL,
	HP_JSON_FALSE,
	HP_JSON_TRUE,
	HP_JSON_NUMBER,
	HP_JSON_STRING,
	HP_JSON_ARRAY,
	HP_JSON_OBJECT,
};

struct hp_json_value {
	enum hp_json_kind kind;
	struct hp_view raw; /* as it stands in the document, a string with its quotes */
};

enum hp_json_token {
	HP_JSON_SCALAR, /* value: the whole of it */
	HP_JSON_KEY,    /* value: a string; its colon is taken too */
	HP_JSON_OPEN,   /* value: an array or object, raw is its first byte; depth counts it */
	HP_JSON_CLOSE,  /* value: raw is the last byte; depth no longer counts it */
	HP_JSON_DONE,   /* the one value is complete and nothing but space follows */
	HP_JSON_BAD,    /* wanted and at say what was expected where; the scan is over */
};

struct hp_json_scan {
	const char *begin, *at, *end; /* at: the next byte */
	struct hp_json_value value;   /* of the last token */
	const char *wanted;           /* after HP_JSON_BAD: "a value", "',' or ']'", … */
	uint64_t objects;             /* bit d: the container at depth d + 1 is an object */
	unsigned depth;               /* containers that are open */
	int state;                    /* json_scan.c's */
};

/* Borrows doc until the scan is over. */
void hp_json_scan_init(struct hp_json_scan *scan, struct hp_view doc);
enum hp_json_token hp_json_scan_next(struct hp_json_scan *scan);

/* Reads one byte, or one escape as UTF-8, from the inside of a string; moves *at behind it.
 * The string must be one that the scanner accepted. Returns 1 to 4, the bytes in out. */
size_t hp_json_char(const char **at, char out[4]);

/* The string without quotes and escapes, no NUL added. *bytes is what it needs, also when out_bytes
 * does not hold it. False then, and when the value is no string (with *bytes 0).
 * A string never needs more than its raw bytes less two. */
bool hp_json_text(const struct hp_json_value *value, char *out, size_t out_bytes, size_t *bytes);

enum hp_json_answer {
	HP_JSON_FOUND,
	HP_JSON_ABSENT,  /* good JSON without such a value */
	HP_JSON_INVALID, /* not JSON, or a key on the way stands twice */
};

/* The value at a JSON pointer (RFC 6901): "" is the whole, "/data/id", "/list/0", "/a~1b".
 * Looks at the whole document, so that HP_JSON_FOUND also says that it is good JSON (duplicates off
 * the way apart). Fills *out only then, with a view into doc. The pointer is ours: a malformed one
 * is a bug. */
enum hp_json_answer hp_json_find(struct hp_view doc, const char *pointer,
				 struct hp_json_value *out);

/* Line and column (bytes, from 1) of a byte of the document, or of its end. */
void hp_json_place(struct hp_view doc, const char *at, unsigned *line, unsigned *column);

/* What stands at a byte of the document, for a message: "'}'", "byte 0x07", "the end".
 * Returns out, which holds HP_JSON_FOUND_BYTES. */
const char *hp_json_found(struct hp_view doc, const char *at, char *out);
#endif
