/* A JSON document as a flat tree of its tokens, and printed again as other languages print it: with
 * their numbers, escapes, key order and white space. A doubled key stays doubled in the tree; what
 * a language makes of it is its style's business.
 * The document is a stranger's: nodes and depth have limits, and the scanner is strict.
 * Not here: which styles there are (recipe_body.c), documents of ours (base/json.h). */
#ifndef HP_CERTIFY_JSON_TREE_H
#define HP_CERTIFY_JSON_TREE_H
#include "base/buf.h"
#include "base/json_scan.h"

enum { JSON_TREE_NODES_MAX = 256 * 1024 }; /* ours: 72 bytes each, for bodies of at most 1 MiB */

struct json_node {
	enum hp_json_kind kind;
	struct hp_view raw;  /* a scalar as it stands; of a container its first byte */
	struct hp_view key;  /* of a member, as it stands with its quotes; else empty */
	struct hp_view name; /* of a member, unescaped */
	unsigned first;      /* index of a container's first child; 0: empty */
	unsigned next;       /* index of the next in the same container; 0: the last */
	unsigned count;      /* of children */
};

struct json_tree {
	struct json_node *nodes; /* the root is nodes[0] */
	unsigned count;
	char *names; /* what the names' views look at */
};

/* Returns new, or NULL when the text is no JSON, nests deeper than the scanner goes, or has more
 * than JSON_TREE_NODES_MAX values. Borrows text for as long as the tree lives. */
struct json_tree *json_tree_new(struct hp_view text);
void json_tree_free(struct json_tree *tree);

enum json_numbers {
	JSON_NUMBERS_KEPT,   /* as they stand */
	JSON_NUMBERS_JS,     /* doubles, ECMAScript Number::toString; -0 is 0, beyond range null */
	JSON_NUMBERS_PYTHON, /* integers of any size kept; floats as repr() prints them */
	JSON_NUMBERS_GO,     /* doubles like JS, but -0 stays */
	JSON_NUMBERS_PHP,    /* 64-bit integers kept; doubles with serialize_precision -1 */
	JSON_NUMBERS_CJSON,  /* %1.15g, or %1.17g where that is not the same double */
};

enum json_order {
	JSON_ORDER_KEPT,
	JSON_ORDER_JS,     /* integer-like keys first, ascending */
	JSON_ORDER_SORTED, /* by the bytes of their UTF-8 */
};

enum json_escapes {                    /* bits; any of them means that strings are printed again */
		    JSON_PRINTED = 1,  /* quote, backslash and control characters alone */
		    JSON_ASCII = 2,    /* non-ASCII as \u.... */
		    JSON_SLASH = 4,    /* \/ */
		    JSON_HTML = 8,     /* < > & as \u003c ... */
		    JSON_LINES = 16,   /* U+2028, U+2029 */
		    JSON_LONG = 32,    /* \u0008 and \u000c where \b and \f would do */
		    JSON_DELETE = 64,  /* DEL as \u007f, as Python does where it keeps to ASCII */
		    JSON_PYTHON = 128, /* no JSON but a Python literal: '...', True, None */
};

/* How a language prints. All zero with "," and ":" is the document without its white space. */
struct json_style {
	const char *item, *colon; /* between values, and behind a key */
	const char *indent;       /* per level; NULL: all in one line */
	unsigned escapes;         /* json_escapes; 0: strings as they stand */
	enum json_numbers numbers;
	enum json_order order;
	bool unique; /* of a doubled key the last value, where the first one stood */
	bool lists;  /* an object whose keys are 0, 1, 2, ... in order, or none, is a list (PHP) */
	bool flat_lists; /* a list stays on its line in spite of the indent (cJSON) */
};

/* Appends the node with all below it. False when out is full or the language refuses the document
 * (a number beyond a double's range). */
bool json_tree_print(const struct json_tree *tree, const struct json_node *node,
		     const struct json_style *style, struct hp_buf *out);

/* Appends text, UTF-8, as a string literal with its quotes. */
void json_tree_quote(struct hp_view text, unsigned escapes, struct hp_buf *out);

/* Appends a number's token as a language prints it. False when it refuses it. */
bool json_number_print(struct hp_view token, enum json_numbers numbers, struct hp_buf *out);

/* The member of an object by its name, the last of that name; NULL: not there, or no object. */
const struct json_node *json_tree_member(const struct json_tree *tree,
					 const struct json_node *object, const char *name);
#endif
