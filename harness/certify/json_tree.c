#include "certify/json_tree.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"

/* While the tree grows: the containers that are open, and the last child of each. */
struct growing {
	struct json_tree *tree;
	unsigned room;
	unsigned open[HP_JSON_DEPTH_MAX], last[HP_JSON_DEPTH_MAX];
	unsigned depth;
	struct hp_view key; /* waits for its value */
	size_t name_bytes;  /* used of tree->names */
};

enum { FIRST_ROOM = 64 };

/* Links the new node behind its elder sister. */
static void link_node(struct growing *growing, unsigned index)
{
	unsigned *last;

	if (!growing->depth)
		return;
	last = &growing->last[growing->depth - 1];
	if (*last)
		growing->tree->nodes[*last].next = index;
	else
		growing->tree->nodes[growing->open[growing->depth - 1]].first = index;
	growing->tree->nodes[growing->open[growing->depth - 1]].count++;
	*last = index;
}

/* Moves the key that waits into the node, unescaped too. The names need no more than the document
 * has bytes. */
static void take_key(struct growing *growing, struct json_node *node)
{
	const struct hp_json_value value = {HP_JSON_STRING, growing->key};
	char *at = growing->tree->names + growing->name_bytes;
	size_t bytes;
	bool fits;

	if (!growing->key.bytes)
		return;
	fits = hp_json_text(&value, at, growing->key.bytes, &bytes);
	assert(fits);
	node->key = growing->key;
	node->name = (struct hp_view){at, bytes};
	growing->name_bytes += bytes;
	growing->key = (struct hp_view){0};
}

static bool add_node(struct growing *growing, const struct hp_json_value *value)
{
	struct json_tree *tree = growing->tree;
	unsigned index = tree->count;

	if (index == JSON_TREE_NODES_MAX)
		return false;
	if (index == growing->room) {
		growing->room *= 2;
		tree->nodes = hp_xgrow(tree->nodes, growing->room, sizeof(*tree->nodes));
	}
	tree->nodes[index] = (struct json_node){.kind = value->kind, .raw = value->raw};
	take_key(growing, &tree->nodes[index]);
	tree->count++;
	link_node(growing, index);
	return true;
}

static bool open_node(struct growing *growing, const struct hp_json_value *value)
{
	if (!add_node(growing, value))
		return false;
	growing->open[growing->depth] = growing->tree->count - 1;
	growing->last[growing->depth] = 0;
	growing->depth++;
	return true;
}

/* Takes the scanner's tokens one by one. False at the end of the good ones. */
static bool grow(struct growing *growing, struct hp_json_scan *scan, enum hp_json_token *token)
{
	*token = hp_json_scan_next(scan);
	switch (*token) {
	case HP_JSON_KEY:
		growing->key = scan->value.raw;
		return true;
	case HP_JSON_SCALAR:
		return add_node(growing, &scan->value);
	case HP_JSON_OPEN:
		return open_node(growing, &scan->value);
	case HP_JSON_CLOSE:
		growing->depth--;
		return true;
	default:
		return false;
	}
}

struct json_tree *json_tree_new(struct hp_view text)
{
	struct json_tree *tree = hp_xcalloc(1, sizeof(*tree));
	struct growing growing = {.tree = tree, .room = FIRST_ROOM};
	enum hp_json_token token;
	struct hp_json_scan scan;

	tree->nodes = hp_xcalloc(FIRST_ROOM, sizeof(*tree->nodes));
	tree->names = hp_xcalloc(text.bytes + 1, 1);
	hp_json_scan_init(&scan, text);
	while (grow(&growing, &scan, &token))
		;
	if (token == HP_JSON_DONE)
		return tree;
	json_tree_free(tree);
	return NULL;
}

void json_tree_free(struct json_tree *tree)
{
	if (!tree)
		return;
	free(tree->nodes);
	free(tree->names);
	free(tree);
}

const struct json_node *json_tree_member(const struct json_tree *tree,
					 const struct json_node *object, const char *name)
{
	const struct json_node *found = NULL;

	if (object->kind != HP_JSON_OBJECT)
		return NULL;
	for (unsigned i = object->first; i; i = tree->nodes[i].next) {
		if (hp_view_equal(tree->nodes[i].name, hp_view_of(name)))
			found = &tree->nodes[i];
	}
	return found;
}
