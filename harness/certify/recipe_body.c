/* The body is not the one that was sent: rows that write other bytes. JSON is parsed and printed
 * again in the styles of languages; everything else is rewrite.h's. */
#include "certify/recipe_inside.h"
#include "certify/rewrite.h"

/* -- printed again -- */

/* A form is a style, and what stands behind the document. */
struct printed {
	struct json_style style;
	const char *end; /* NULL: nothing */
};

static bool write_printed(const struct recipe *recipe, const struct recipe_base *base,
			  unsigned form, struct hp_buf *out)
{
	const struct printed *printed = (const struct printed *)recipe->data + form;

	if (!base->tree ||
	    !json_tree_print(base->tree, &base->tree->nodes[0], &printed->style, out))
		return false;
	return !printed->end || hp_buf_add_text(out, printed->end);
}

/* White space between the parts; what a language does to the rest. */
#define COMPACT .item = ",", .colon = ":"
#define SPACED .item = ", ", .colon = ": "
#define LINES(indent_) .item = ",", .colon = ": ", .indent = (indent_)
#define NODE                                                                                       \
	.escapes = JSON_PRINTED, .numbers = JSON_NUMBERS_JS, .order = JSON_ORDER_JS, .unique = true
#define PYTHON(bits)                                                                               \
	.escapes = JSON_PRINTED | (bits), .numbers = JSON_NUMBERS_PYTHON, .unique = true
#define ASCII (JSON_ASCII | JSON_DELETE)
#define GO(bits)                                                                                   \
	.escapes = JSON_PRINTED | JSON_LINES | (bits), .numbers = JSON_NUMBERS_GO, .unique = true
#define PHP(bits)                                                                                  \
	.escapes = JSON_PRINTED | JSON_LINES | (bits), .numbers = JSON_NUMBERS_PHP, .unique = true
#define CJSON .escapes = JSON_PRINTED, .numbers = JSON_NUMBERS_CJSON
#define SORTED .order = JSON_ORDER_SORTED

static const struct printed minified[] = {{{COMPACT}, NULL}};
static const struct printed node[] = {{{COMPACT, NODE}, NULL}};
static const struct printed python_default[] = {{{SPACED, PYTHON(ASCII)}, NULL}};
static const struct printed python_compact[] = {{{COMPACT, PYTHON(ASCII)}, NULL}};
static const struct printed python_utf8[] = {{{SPACED, PYTHON(0)}, NULL},
					     {{COMPACT, PYTHON(0)}, NULL}};

/* json.Marshal of a map, before Go 1.22 and since (\b, \f); an Encoder ends with a line feed;
 * SetEscapeHTML(false); a struct with its fields in the order of the document. */
static const struct printed go[] = {
	{{COMPACT, SORTED, GO(JSON_HTML | JSON_LONG)}, NULL},
	{{COMPACT, SORTED, GO(JSON_HTML)}, NULL},
	{{COMPACT, SORTED, GO(JSON_HTML)}, "\n"},
	{{COMPACT, SORTED, GO(0)}, NULL},
	{{COMPACT, SORTED, GO(0)}, "\n"},
	{{COMPACT, GO(JSON_HTML)}, NULL},
};

/* json_encode of arrays, of objects; with JSON_UNESCAPED_SLASHES; with JSON_UNESCAPED_UNICODE. */
static const struct printed php[] = {
	{{COMPACT, PHP(JSON_SLASH | JSON_ASCII), .lists = true}, NULL},
	{{COMPACT, PHP(JSON_SLASH | JSON_ASCII)}, NULL},
	{{COMPACT, PHP(JSON_ASCII), .lists = true}, NULL},
	{{COMPACT, PHP(JSON_ASCII)}, NULL},
	{{COMPACT, PHP(0), .lists = true}, NULL},
	{{COMPACT, PHP(0)}, NULL},
	{{COMPACT, PHP(JSON_SLASH)}, NULL},
};

static const struct printed cjson[] = {
	{{COMPACT, CJSON}, NULL},
	{{.item = ", ", .colon = ":\t", .indent = "\t", CJSON, .flat_lists = true}, NULL},
};

/* As it stands, by Node, by Python. */
static const struct printed sorted_keys[] = {
	{{COMPACT, SORTED}, NULL},
	{{COMPACT, .escapes = JSON_PRINTED, .numbers = JSON_NUMBERS_JS, SORTED, .unique = true},
	 NULL},
	{{COMPACT, PYTHON(ASCII), SORTED}, NULL},
	{{SPACED, PYTHON(ASCII), SORTED}, NULL},
};

#define PRETTY(indent_)                                                                            \
	{                                                                                          \
		{{LINES(indent_)}, NULL}, {{LINES(indent_), NODE}, NULL},                          \
			{{LINES(indent_), PYTHON(ASCII)}, NULL},                                   \
		{                                                                                  \
			{LINES(indent_), PYTHON(0)}, NULL                                          \
		}                                                                                  \
	}

static const struct printed pretty_2[] = PRETTY("  ");
static const struct printed pretty_4[] = PRETTY("    ");
static const struct printed pretty_tab[] = PRETTY("\t");

/* -- Python literals -- */

static void put_bytes_literal(struct hp_view body, struct hp_buf *out)
{
	bool single = body.bytes && memchr(body.at, '\'', body.bytes);
	char quote = single && !memchr(body.at, '"', body.bytes) ? '"' : '\'';

	hp_buf_add_format(out, "b%c", quote);
	for (size_t i = 0; i < body.bytes; i++) {
		char byte = body.at[i];

		if (byte == quote || byte == '\\')
			hp_buf_add_format(out, "\\%c", byte);
		else if (byte == '\n' || byte == '\r' || byte == '\t')
			hp_buf_add_format(out, "\\%c",
					  byte == '\n'   ? 'n'
					  : byte == '\r' ? 'r'
							 : 't');
		else if (byte >= ' ' && byte < 0x7F)
			hp_buf_add(out, (struct hp_view){&byte, 1});
		else
			hp_buf_add_format(out, "\\x%02x", (unsigned char)byte);
	}
	hp_buf_add(out, (struct hp_view){&quote, 1});
}

static bool write_python_repr(const struct recipe *recipe, const struct recipe_base *base,
			      unsigned form, struct hp_buf *out)
{
	static const struct json_style dict = {SPACED, PYTHON(JSON_PYTHON)};

	(void)recipe;
	if (form == 0)
		return base->tree && json_tree_print(base->tree, &base->tree->nodes[0], &dict, out);
	put_bytes_literal(base->given->body, out);
	return true;
}

/* -- one member only -- */

static const struct json_node *inner_node(const struct recipe_base *base, const char *const *path)
{
	const struct json_node *found = base->tree ? &base->tree->nodes[0] : NULL;

	for (int i = 0; found && i < 2 && path[i]; i++)
		found = json_tree_member(base->tree, found, path[i]);
	return found;
}

static const char *const inner_paths[][2] = {
	{"data", NULL}, {"object", NULL}, {"payload", NULL},  {"event", NULL},
	{"id", NULL},   {"body", NULL},   {"data", "object"}, {"data", "id"},
};

enum { INNER_PATHS = sizeof(inner_paths) / sizeof(inner_paths[0]), INNER_STYLES = 4 };

/* The value as it stands in the document. */
static struct hp_view raw_of(const struct recipe_base *base, const struct json_node *inner)
{
	const struct hp_view body = base->given->body;
	struct hp_json_scan scan;
	const char *end = inner->raw.at;

	if (inner->kind != HP_JSON_OBJECT && inner->kind != HP_JSON_ARRAY)
		return inner->raw;
	hp_json_scan_init(&scan, (struct hp_view){end, (size_t)(body.at + body.bytes - end)});
	do {
		(void)hp_json_scan_next(&scan);
	} while (scan.depth && !scan.wanted);
	return (struct hp_view){inner->raw.at, (size_t)(scan.at - inner->raw.at)};
}

/* As it stands, a string without its quotes, by Node, by Python. */
static bool write_inner(const struct recipe *recipe, const struct recipe_base *base, unsigned form,
			struct hp_buf *out)
{
	const struct json_node *inner = inner_node(base, inner_paths[form / INNER_STYLES]);

	(void)recipe;
	if (!inner)
		return false;
	switch (form % INNER_STYLES) {
	case 0:
		return hp_buf_add(out, raw_of(base, inner));
	case 1:
		return inner->kind == HP_JSON_STRING &&
		       hp_buf_add(out, (struct hp_view){inner->raw.at + 1, inner->raw.bytes - 2});
	case 2:
		return json_tree_print(base->tree, inner, &node[0].style, out);
	}
	return json_tree_print(base->tree, inner, &python_default[0].style, out);
}

/* -- rewritten without a parser -- */

struct rewrite {
	bool (*write)(struct hp_view body, unsigned form, struct hp_buf *out);
};

static bool write_rewritten(const struct recipe *recipe, const struct recipe_base *base,
			    unsigned form, struct hp_buf *out)
{
	const struct rewrite *rewrite = recipe->data;

	return rewrite->write(base->given->body, form, out);
}

#define X(name, forms) static const struct rewrite change_##name = {rewrite_##name};
REWRITES(X)
#undef X

#define ROW(slug_, words_, forms_, function, ...)                                                  \
	{                                                                                          \
		.slug = slug_, .words = words_, .dimension = RECIPE_BODY, .forms = forms_,         \
		.write = function, __VA_ARGS__                                                     \
	}
#define PRINTED(slug_, words_, list)                                                               \
	ROW(slug_, words_, sizeof(list) / sizeof(list[0]), write_printed, .data = list)
#define REWRITTEN(slug_, words_, name, ...)                                                        \
	ROW(slug_, words_, REWRITE_FORMS_##name, write_rewritten, .data = &change_##name,          \
	    __VA_ARGS__)
#define BYTES "Hash the bytes as they arrive; do not decode them to text first."

static const struct recipe rows[] = {
	PRINTED("body-minified", "the body without the white space between its tokens", minified),
	PRINTED("body-node", "the body parsed and printed again by JavaScript", node),
	PRINTED("body-python-default", "the body parsed and printed again by Python",
		python_default),
	PRINTED("body-python-compact", "the body parsed and printed again by Python, compact",
		python_compact),
	PRINTED("body-python-utf8",
		"the body parsed and printed again by Python, non-ASCII text kept", python_utf8),
	ROW("body-python-repr", "the body as a Python literal, a dict or bytes", 2,
	    write_python_repr,
	    .remedy = "Hash the bytes of the request, not str() of what a framework made of them."),
	PRINTED("body-go", "the body parsed and printed again by Go", go),
	PRINTED("body-php", "the body parsed and printed again by PHP", php),
	PRINTED("body-cjson", "the body parsed and printed again by cJSON", cjson),
	PRINTED("body-sorted-keys", "the body printed again with its keys sorted", sorted_keys),
	PRINTED("body-pretty-2", "the body printed again with 2 spaces per level", pretty_2),
	PRINTED("body-pretty-4", "the body printed again with 4 spaces per level", pretty_4),
	PRINTED("body-pretty-tab", "the body printed again with a tab per level", pretty_tab),
	REWRITTEN("body-trimmed", "the body without the white space at its ends", trimmed,
		  .remedy = "Do not trim the body: its last line end is signed too."),
	REWRITTEN("body-extra-lf", "the body with a line end added", extra_lf),
	REWRITTEN("body-crlf-to-lf", "the body with CRLF turned into LF", crlf_to_lf,
		  .remedy = BYTES),
	REWRITTEN("body-lf-to-crlf", "the body with LF turned into CRLF", lf_to_crlf,
		  .remedy = BYTES),
	REWRITTEN("body-slash-escaped", "the body with its slashes escaped, or the reverse",
		  slash_escaped),
	REWRITTEN("body-ascii-escaped", "the body with non-ASCII text as \\u escapes",
		  ascii_escaped),
	REWRITTEN("body-unescaped", "the body with its escapes printed as characters", unescaped),
	REWRITTEN("body-html-escaped", "the body escaped for HTML", html_escaped,
		  .remedy = "Take the body before any input filter escapes it."),
	REWRITTEN("body-latin1", "the body read as Latin-1 and written as UTF-8", latin1,
		  .remedy = BYTES),
	REWRITTEN("body-ascii", "the body with non-ASCII text dropped or replaced by ?", ascii,
		  .remedy = BYTES),
	REWRITTEN("body-utf16", "the body as UTF-16", utf16, .remedy = BYTES),
	REWRITTEN("body-ufffd", "the body with invalid UTF-8 replaced by U+FFFD", ufffd,
		  .remedy = BYTES),
	REWRITTEN("body-bom-stripped", "the body without its byte order mark", bom_stripped,
		  .remedy = BYTES),
	REWRITTEN("body-bom-added", "the body with a byte order mark added", bom_added,
		  .remedy = BYTES),
	REWRITTEN("body-normalised", "the body in a Unicode normal form", normalised,
		  .remedy = BYTES),
	REWRITTEN("body-nul-cut", "the body up to its first NUL", nul_cut,
		  .remedy = "Carry the body with its length, not as a C string."),
	REWRITTEN("body-empty", "an empty body", empty,
		  .remedy = "Read the body once, before anything else does: the stream was empty."),
	REWRITTEN("body-object-text", "the text of an object: [object Object], undefined, null, {}",
		  object_text,
		  .remedy =
			  "Ask the framework for the raw body; what was hashed is no text of it."),
	REWRITTEN("body-json-string", "the body as a JSON string literal", json_string,
		  .remedy = "Do not encode the raw text a second time."),
	REWRITTEN("body-base64", "base64 of the body", base64,
		  .remedy = "Decode the body that the function platform hands over in base64."),
	REWRITTEN("body-form-encoded", "the body percent-encoded as a form", form_encoded),
	REWRITTEN("body-form-decoded", "the form body with its escapes decoded", form_decoded),
	ROW("body-inner", "one member of the body only", INNER_PATHS *INNER_STYLES, write_inner),
	REWRITTEN("body-truncated", "the first part of the body only", truncated,
		  .remedy = "Read the body to its end, and raise the limit on its size."),
	REWRITTEN("body-chunk-framing", "the body with its chunk sizes left in", chunk_framing,
		  .remedy = "Let the HTTP library decode the chunked body."),
	REWRITTEN("body-compressed", "the body decompressed", compressed,
		  .remedy = "Hash the body as it travelled, before it is decompressed."),
	REWRITTEN("body-twice", "the body two times in a row", twice,
		  .remedy = "Collect the body once: two readers appended to one buffer."),
};

const struct recipe_table recipe_bodies = {rows, sizeof(rows) / sizeof(rows[0])};
