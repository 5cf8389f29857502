/* Just enough strict JSON for a receiver: is it JSON, and what stands at a path. Bytes above 0x7f
 * are taken as they come; the signature has already said that they are the sender's. */
#ifndef HP_TESTS_MUTANTS_JSON_H
#define HP_TESTS_MUTANTS_JSON_H
#include "tests/mutants/mutant_bytes.h"

enum { JSON_DEPTH_MAX = 64 };
enum json_kind { JSON_ABSENT, JSON_STRING, JSON_OTHER, JSON_TWICE };

/* Whether the bytes are one JSON text that is no deeper than JSON_DEPTH_MAX (a defect parses on
 * until its stack ends). White space around it is allowed. */
bool json_valid(struct view text);

/* Finds a value by a path like "/data/id" in valid JSON; a string's escapes are decoded into *out,
 * whose maximum bounds it. TWICE: an object on the way has that name twice. */
enum json_kind json_find(struct view text, const char *path, struct bytes *out);

/* Whether an object at the top has a member that is itself an object or an array. */
bool json_is_nested(struct view text);

/* The first token at text: its bytes. For a value that begins with a bracket, all of the value. */
size_t json_span(struct view text);

/* Decodes \uXXXX at text[0..5] into *code; false when it is none. */
bool json_code(struct view text, unsigned *code);
void json_add_code(struct bytes *to, unsigned code); /* as UTF-8 */
#endif
