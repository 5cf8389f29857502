/* A tree printed in a language's style. */
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "certify/json_tree.h"

struct entry { /* a child that is to be printed */
	unsigned node;
	unsigned place; /* where it stood */
};

struct printing {
	const struct json_tree *tree;
	const struct json_style *style;
	struct hp_buf *out;
	struct entry
		*entries; /* as many as the tree has nodes: a stack of one slice per container */
	unsigned used;
	unsigned depth;
	bool refused;
};

static void put(struct printing *printing, const char *text)
{
	hp_buf_add_text(printing->out, text);
}

/* -- strings -- */

static void put_unit(uint32_t unit, struct hp_buf *out)
{
	hp_buf_add_format(out, "\\u%04x", unit);
}

static void put_escaped(uint32_t code, struct hp_buf *out)
{
	if (code < 0x10000) {
		put_unit(code, out);
		return;
	}
	put_unit(0xD800 + ((code - 0x10000) >> 10), out);
	put_unit(0xDC00 + (code & 0x3FF), out);
}

static uint32_t code_point(struct hp_view bytes)
{
	uint32_t code = (unsigned char)bytes.at[0];

	if (bytes.bytes == 1)
		return code;
	code &= 0x7Fu >> bytes.bytes;
	for (size_t i = 1; i < bytes.bytes; i++)
		code = code << 6 | ((unsigned char)bytes.at[i] & 0x3F);
	return code;
}

static bool is_html(uint32_t code)
{
	return code == '<' || code == '>' || code == '&';
}

/* The letter behind the backslash of a short escape, or 0. */
static char short_escape(uint32_t code, unsigned escapes)
{
	switch (code) {
	case '"':
	case '\\':
		return (char)code;
	case '\b':
		return escapes & JSON_LONG ? 0 : 'b';
	case '\f':
		return escapes & JSON_LONG ? 0 : 'f';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	case '/':
		return escapes & JSON_SLASH ? '/' : 0;
	}
	return 0;
}

static bool is_escaped(uint32_t code, unsigned escapes)
{
	return code < ' ' || (code == 0x7F && escapes & JSON_DELETE) ||
	       (code >= 0x80 && escapes & JSON_ASCII) || (escapes & JSON_HTML && is_html(code)) ||
	       (escapes & JSON_LINES && (code == 0x2028 || code == 0x2029));
}

static void put_character(struct hp_view bytes, unsigned escapes, struct hp_buf *out)
{
	uint32_t code = code_point(bytes);
	char letter = short_escape(code, escapes);

	if (letter)
		hp_buf_add(out, (struct hp_view){(const char[]){'\\', letter}, 2});
	else if (is_escaped(code, escapes))
		put_escaped(code, out);
	else
		hp_buf_add(out, bytes);
}

/* What repr() does not show as it is: str.isprintable() for what turns up in payloads. */
static bool is_printable(uint32_t code)
{
	return !(code < ' ' || (code >= 0x7F && code <= 0xA0) || code == 0xAD ||
		 (code >= 0x2000 && code <= 0x200F) || (code >= 0x2028 && code <= 0x202F) ||
		 (code >= 0x205F && code <= 0x206F) || code == 0x3000 || code == 0xFEFF ||
		 (code >= 0xE000 && code <= 0xF8FF));
}

static void put_python(struct hp_view bytes, char quote, struct hp_buf *out)
{
	uint32_t code = code_point(bytes);

	if (code == (unsigned char)quote || code == '\\')
		hp_buf_add_format(out, "\\%c", (char)code);
	else if (code == '\n' || code == '\r' || code == '\t')
		hp_buf_add_format(out, "\\%c", code == '\n' ? 'n' : code == '\r' ? 'r' : 't');
	else if (is_printable(code))
		hp_buf_add(out, bytes);
	else
		hp_buf_add_format(out, code < 0x100 ? "\\x%02x" : "\\u%04x", code);
}

/* repr() takes '…' unless that quote alone stands in the text. */
static char python_quote(struct hp_view text)
{
	bool single = text.bytes && memchr(text.at, '\'', text.bytes);
	bool twofold = text.bytes && memchr(text.at, '"', text.bytes);

	return single && !twofold ? '"' : '\'';
}

/* Takes a character from the front; a byte that is no UTF-8 is taken as it is. */
static struct hp_view take_character(struct hp_view *rest)
{
	size_t bytes = hp_utf8_bytes(*rest);
	struct hp_view character = {rest->at, bytes ? bytes : 1};

	rest->at += character.bytes;
	rest->bytes -= character.bytes;
	return character;
}

void json_tree_quote(struct hp_view text, unsigned escapes, struct hp_buf *out)
{
	char quote = escapes & JSON_PYTHON ? python_quote(text) : '"';
	struct hp_view rest = text;

	hp_buf_add(out, (struct hp_view){&quote, 1});
	while (rest.bytes) {
		struct hp_view character = take_character(&rest);

		if (escapes & JSON_PYTHON)
			put_python(character, quote, out);
		else
			put_character(character, escapes, out);
	}
	hp_buf_add(out, (struct hp_view){&quote, 1});
}

/* A string token, as it stands or unescaped and printed again. */
static void put_string(struct printing *printing, struct hp_view raw)
{
	const struct hp_json_value value = {HP_JSON_STRING, raw};
	struct hp_view text;
	char *room;
	bool fits;

	if (!printing->style->escapes) {
		hp_buf_add(printing->out, raw);
		return;
	}
	room = hp_xcalloc(raw.bytes, 1);
	fits = hp_json_text(&value, room, raw.bytes, &text.bytes);
	assert(fits);
	text.at = room;
	json_tree_quote(text, printing->style->escapes, printing->out);
	free(room);
}

/* -- order of members -- */

/* An ECMAScript array index: its number, or -1. */
static int64_t array_index(struct hp_view name)
{
	int64_t number = 0;

	if (!name.bytes || name.bytes > 10 || (name.at[0] == '0' && name.bytes > 1))
		return -1;
	for (size_t i = 0; i < name.bytes; i++) {
		if (name.at[i] < '0' || name.at[i] > '9')
			return -1;
		number = number * 10 + (name.at[i] - '0');
	}
	return number < UINT32_MAX ? number : -1;
}

static int compare_views(struct hp_view a, struct hp_view b)
{
	size_t bytes = a.bytes < b.bytes ? a.bytes : b.bytes;
	int order = bytes ? memcmp(a.at, b.at, bytes) : 0;

	return order ? order : (a.bytes > b.bytes) - (a.bytes < b.bytes);
}

static int compare_places(const struct entry *a, const struct entry *b)
{
	return (a->place > b->place) - (a->place < b->place);
}

static int by_place(const void *a, const void *b)
{
	return compare_places(a, b);
}

static int by_name(const void *a, const void *b, void *nodes)
{
	const struct entry *one = a, *other = b;
	const struct json_node *at = nodes;
	int order = compare_views(at[one->node].name, at[other->node].name);

	return order ? order : compare_places(one, other);
}

static int by_index(const void *a, const void *b, void *nodes)
{
	const struct entry *one = a, *other = b;
	const struct json_node *at = nodes;
	int64_t first = array_index(at[one->node].name);
	int64_t second = array_index(at[other->node].name);

	if (first < 0 && second < 0)
		return compare_places(one, other);
	if (first < 0 || second < 0)
		return first < 0 ? 1 : -1;
	return (first > second) - (first < second);
}

/* Entries sorted by name: of each name the last value moves to where the first one stood. */
static unsigned drop_doubles(const struct json_node *nodes, struct entry *entries, unsigned count)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < count; i++) {
		if (kept &&
		    hp_view_equal(nodes[entries[kept - 1].node].name, nodes[entries[i].node].name))
			entries[kept - 1].node = entries[i].node;
		else
			entries[kept++] = entries[i];
	}
	return kept;
}

static unsigned order_members(const struct printing *printing, struct entry *entries,
			      unsigned count)
{
	const struct json_style *style = printing->style;
	struct json_node *nodes = printing->tree->nodes;

	if (!style->unique && style->order == JSON_ORDER_KEPT)
		return count;
	qsort_r(entries, count, sizeof(*entries), by_name, nodes);
	if (style->unique)
		count = drop_doubles(nodes, entries, count);
	if (style->order == JSON_ORDER_KEPT)
		qsort(entries, count, sizeof(*entries), by_place);
	else if (style->order == JSON_ORDER_JS)
		qsort_r(entries, count, sizeof(*entries), by_index, nodes);
	return count;
}

/* -- values -- */

static void put_line(struct printing *printing)
{
	put(printing, "\n");
	for (unsigned i = 0; i < printing->depth && !printing->out->cut; i++)
		put(printing, printing->style->indent);
}

static bool is_list(const struct printing *printing, const struct json_node *node,
		    const struct entry *entries, unsigned count)
{
	if (node->kind == HP_JSON_ARRAY)
		return true;
	if (!printing->style->lists)
		return false;
	for (unsigned i = 0; i < count; i++) {
		if (array_index(printing->tree->nodes[entries[i].node].name) != (int64_t)i)
			return false;
	}
	return true;
}

static void put_node(struct printing *printing, const struct json_node *node);

static void put_children(struct printing *printing, const struct entry *entries, unsigned count,
			 bool list)
{
	const struct json_style *style = printing->style;
	bool lines = style->indent && !(list && style->flat_lists);

	for (unsigned i = 0; i < count && !printing->out->cut && !printing->refused; i++) {
		const struct json_node *child = &printing->tree->nodes[entries[i].node];

		if (i)
			put(printing, lines ? "," : style->item);
		if (lines)
			put_line(printing);
		if (!list) {
			put_string(printing, child->key);
			put(printing, style->colon);
		}
		put_node(printing, child);
	}
}

/* The line end before the closing bracket; cJSON writes one in an empty object too. */
static bool ends_line(const struct json_style *style, bool list, unsigned count)
{
	return style->indent && (style->flat_lists ? !list : count);
}

static void put_container(struct printing *printing, const struct json_node *node)
{
	const struct json_node *nodes = printing->tree->nodes;
	struct entry *entries = printing->entries + printing->used;
	unsigned count = 0;
	bool list;

	for (unsigned i = node->first; i; i = nodes[i].next, count++)
		entries[count] = (struct entry){.node = i, .place = count};
	printing->used += count;
	if (node->kind == HP_JSON_OBJECT)
		count = order_members(printing, entries, count);
	list = is_list(printing, node, entries, count);
	put(printing, list ? "[" : "{");
	printing->depth++;
	put_children(printing, entries, count, list);
	printing->depth--;
	if (ends_line(printing->style, list, count))
		put_line(printing);
	put(printing, list ? "]" : "}");
	printing->used -= node->count;
}

static void put_word(struct printing *printing, const struct json_node *node)
{
	static const char *const python[] = {
		[HP_JSON_NULL] = "None", [HP_JSON_FALSE] = "False", [HP_JSON_TRUE] = "True"};

	if (printing->style->escapes & JSON_PYTHON)
		put(printing, python[node->kind]);
	else
		hp_buf_add(printing->out, node->raw);
}

/* Recursion is as deep as the scanner lets a document be: HP_JSON_DEPTH_MAX. */
static void put_node(struct printing *printing, const struct json_node *node)
{
	switch (node->kind) {
	case HP_JSON_OBJECT:
	case HP_JSON_ARRAY:
		put_container(printing, node);
		return;
	case HP_JSON_STRING:
		put_string(printing, node->raw);
		return;
	case HP_JSON_NUMBER:
		if (!json_number_print(node->raw, printing->style->numbers, printing->out))
			printing->refused = true;
		return;
	default:
		put_word(printing, node);
	}
}

bool json_tree_print(const struct json_tree *tree, const struct json_node *node,
		     const struct json_style *style, struct hp_buf *out)
{
	struct printing printing = {.tree = tree, .style = style, .out = out};

	printing.entries = hp_xcalloc(tree->count, sizeof(*printing.entries));
	put_node(&printing, node);
	free(printing.entries);
	return !printing.refused && !out->cut;
}
