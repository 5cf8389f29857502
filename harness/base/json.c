/* The tree: one scan counts the values, a second one lays the nodes out in the order of the text.
 * Strings and keys are unescaped into one arena: none grows, so the text's own size bounds it. */
#include "base/json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

struct hp_json_node {
	const struct hp_json *doc;
	struct hp_json_node *parent, *first, *next;
	struct hp_view key;    /* unescaped; at is NULL within an array */
	struct hp_view string; /* unescaped, of a string */
	struct hp_json_value value;
	size_t count; /* children */
	size_t index; /* within the parent */
};

struct hp_json {
	char name[HP_PLACE_FILE_BYTES];
	char *text;
	size_t text_bytes;
	char *strings; /* the arena */
	struct hp_json_node *nodes;
	size_t node_count;
};

static struct hp_view doc_view(const struct hp_json *doc)
{
	return (struct hp_view){doc->text, doc->text_bytes};
}

static void place_of(const struct hp_json *doc, const char *at, struct hp_place *place)
{
	memcpy(place->file, doc->name, sizeof(place->file));
	hp_json_place(doc_view(doc), at, &place->line, &place->column);
}

/* The first scan. -1 with the place of what is not JSON. */
static int count_nodes(struct hp_json *doc, struct hp_err *err)
{
	struct hp_json_scan scan;
	enum hp_json_token token;
	struct hp_place place;
	char found[HP_JSON_FOUND_BYTES];

	hp_json_scan_init(&scan, doc_view(doc));
	do {
		token = hp_json_scan_next(&scan);
		doc->node_count += token == HP_JSON_SCALAR || token == HP_JSON_OPEN;
	} while (token != HP_JSON_DONE && token != HP_JSON_BAD);
	if (token == HP_JSON_DONE)
		return 0;
	place_of(doc, scan.at, &place);
	return hp_err_at(err, &place, "not JSON: want %s, found %s", scan.wanted,
			 hp_json_found(doc_view(doc), scan.at, found));
}

struct builder {
	struct hp_json *doc;
	struct hp_json_node *parent;                      /* the container that is open */
	struct hp_json_node *last[HP_JSON_DEPTH_MAX + 1]; /* at each depth, to link the next */
	char *arena;                                      /* what is left of it */
	struct hp_view key;                               /* for the next value */
	size_t used;                                      /* nodes */
};

static struct hp_view unescape(struct builder *builder, const struct hp_json_value *string)
{
	struct hp_view text = {builder->arena, 0};
	bool fits = hp_json_text(string, builder->arena, string->raw.bytes, &text.bytes);

	assert(fits);
	builder->arena[text.bytes] = '\0';
	builder->arena += text.bytes + 1;
	return text;
}

static struct hp_json_node *add_node(struct builder *builder, const struct hp_json_value *value,
				     unsigned depth)
{
	struct hp_json_node *node = &builder->doc->nodes[builder->used++];
	struct hp_json_node *parent = builder->parent;

	node->doc = builder->doc;
	node->parent = parent;
	node->value = *value;
	node->key = builder->key;
	builder->key = (struct hp_view){.at = NULL};
	if (value->kind == HP_JSON_STRING)
		node->string = unescape(builder, value);
	if (parent && parent->count == 0)
		parent->first = node;
	else if (parent)
		builder->last[depth]->next = node;
	node->index = parent ? parent->count++ : 0;
	builder->last[depth] = node;
	return node;
}

static void close_node(struct builder *builder, const char *end)
{
	struct hp_json_node *node = builder->parent;

	assert(node);
	node->value.raw.bytes = (size_t)(end - node->value.raw.at);
	builder->parent = node->parent;
}

/* The second scan, over what the first one found good. */
static void build(struct hp_json *doc)
{
	struct builder builder = {.doc = doc, .arena = doc->strings};
	struct hp_json_scan scan;

	hp_json_scan_init(&scan, doc_view(doc));
	for (;;) {
		switch (hp_json_scan_next(&scan)) {
		case HP_JSON_KEY:
			builder.key = unescape(&builder, &scan.value);
			break;
		case HP_JSON_SCALAR:
			add_node(&builder, &scan.value, scan.depth);
			break;
		case HP_JSON_OPEN:
			builder.parent = add_node(&builder, &scan.value, scan.depth - 1);
			break;
		case HP_JSON_CLOSE:
			close_node(&builder, scan.at);
			break;
		case HP_JSON_DONE:
		case HP_JSON_BAD:
			assert(builder.used == doc->node_count);
			return;
		}
	}
}

static int compare_keys(const struct hp_json_node *a, const struct hp_json_node *b)
{
	size_t bytes = a->key.bytes < b->key.bytes ? a->key.bytes : b->key.bytes;
	int order = memcmp(a->key.at, b->key.at, bytes);

	if (order)
		return order;
	return (a->key.bytes > b->key.bytes) - (a->key.bytes < b->key.bytes);
}

static int compare_members(const void *a, const void *b)
{
	const struct hp_json_node *x = *(struct hp_json_node *const *)a;
	const struct hp_json_node *y = *(struct hp_json_node *const *)b;
	int order = compare_keys(x, y);

	return order ? order : (x->index > y->index) - (x->index < y->index);
}

/* The earliest member whose key an earlier one has, or NULL; *first is that earlier one. */
static const struct hp_json_node *find_twin(const struct hp_json_node *object,
					    const struct hp_json_node **sorted,
					    const struct hp_json_node **first)
{
	const struct hp_json_node *twin = NULL;
	size_t count = 0;

	for (const struct hp_json_node *child = object->first; child; child = child->next)
		sorted[count++] = child;
	qsort(sorted, count, sizeof(sorted[0]), compare_members);
	for (size_t i = 1; i < count; i++) {
		if (compare_keys(sorted[i - 1], sorted[i]) != 0)
			continue;
		if (twin && twin->index < sorted[i]->index)
			continue;
		twin = sorted[i];
		*first = sorted[i - 1];
	}
	return twin;
}

static int refuse_twins(struct hp_json *doc, struct hp_err *err)
{
	const struct hp_json_node **sorted = hp_xcalloc(doc->node_count, sizeof(sorted[0]));
	const struct hp_json_node *twin = NULL, *first = NULL;
	struct hp_place place;

	for (size_t i = 0; i < doc->node_count && !twin; i++)
		if (doc->nodes[i].value.kind == HP_JSON_OBJECT)
			twin = find_twin(&doc->nodes[i], sorted, &first);
	free(sorted);
	if (!twin)
		return 0;
	hp_json_node_place(first, &place);
	return hp_json_fail(twin, err, "this key stands twice, first in line %u, column %u",
			    place.line, place.column);
}

static struct hp_json *doc_new(const char *name, struct hp_view text)
{
	struct hp_json *doc = hp_xcalloc(1, sizeof(*doc));

	snprintf(doc->name, sizeof(doc->name), "%s", name);
	doc->text = hp_xcalloc(text.bytes + 1, 1);
	if (text.bytes)
		memcpy(doc->text, text.at, text.bytes);
	doc->text_bytes = text.bytes;
	return doc;
}

/* At the first byte that is too much. */
static int too_long(const char *name, struct hp_view fitting, struct hp_err *err)
{
	struct hp_place place = {.line = 0};

	snprintf(place.file, sizeof(place.file), "%s", name);
	hp_json_place(fitting, fitting.at + fitting.bytes, &place.line, &place.column);
	return hp_err_at(err, &place, "want at most %zu bytes", fitting.bytes);
}

struct hp_json *hp_json_parse(const char *name, struct hp_view text, size_t bytes_max,
			      struct hp_err *err)
{
	struct hp_json *doc;

	if (text.bytes > bytes_max) {
		too_long(name, (struct hp_view){text.at, bytes_max}, err);
		return NULL;
	}
	doc = doc_new(name, text);
	if (count_nodes(doc, err) < 0)
		goto bad;
	doc->nodes = hp_xcalloc(doc->node_count, sizeof(doc->nodes[0]));
	doc->strings = hp_xcalloc(text.bytes + 1, 1);
	build(doc);
	if (refuse_twins(doc, err) < 0)
		goto bad;
	return doc;
bad:
	hp_json_free(doc);
	return NULL;
}

static int slurp_fd(int fd, const char *path, struct hp_buf *out, struct hp_err *err)
{
	char block[16384];

	for (;;) {
		ssize_t count = read(fd, block, sizeof(block));

		if (count == 0)
			return 0;
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return hp_err_set(err, HP_EINPUT, "%s: %s", path, strerror(errno));
		if (hp_buf_add(out, (struct hp_view){block, (size_t)count}))
			continue;
		hp_buf_add(out, (struct hp_view){block, out->bytes_max - out->bytes});
		return too_long(path, hp_buf_view(out), err);
	}
}

int hp_json_slurp(const char *path, struct hp_buf *out, struct hp_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int result;

	if (fd < 0)
		return hp_err_set(err, HP_EINPUT, "%s: %s", path, strerror(errno));
	result = slurp_fd(fd, path, out, err);
	close(fd);
	return result;
}

struct hp_json *hp_json_read(const char *path, size_t bytes_max, struct hp_err *err)
{
	struct hp_json *doc = NULL;
	struct hp_buf text;

	hp_buf_init(&text, bytes_max);
	if (hp_json_slurp(path, &text, err) == 0)
		doc = hp_json_parse(path, hp_buf_view(&text), bytes_max, err);
	hp_buf_fini(&text);
	return doc;
}

void hp_json_free(struct hp_json *doc)
{
	if (!doc)
		return;
	free(doc->nodes);
	free(doc->strings);
	free(doc->text);
	free(doc);
}

const struct hp_json_node *hp_json_root(const struct hp_json *doc)
{
	return &doc->nodes[0];
}

const struct hp_json_node *hp_json_first(const struct hp_json_node *container)
{
	return container->first;
}

const struct hp_json_node *hp_json_next(const struct hp_json_node *child)
{
	return child->next;
}

const struct hp_json_node *hp_json_parent(const struct hp_json_node *child)
{
	return child->parent;
}

const struct hp_json_node *hp_json_member(const struct hp_json_node *object, const char *key)
{
	struct hp_view wanted = hp_view_of(key);

	if (object->value.kind != HP_JSON_OBJECT)
		return NULL;
	for (const struct hp_json_node *child = object->first; child; child = child->next)
		if (hp_view_equal(child->key, wanted))
			return child;
	return NULL;
}

enum hp_json_kind hp_json_kind(const struct hp_json_node *node)
{
	return node->value.kind;
}

size_t hp_json_count(const struct hp_json_node *container)
{
	return container->count;
}

size_t hp_json_index(const struct hp_json_node *child)
{
	return child->index;
}

struct hp_view hp_json_key(const struct hp_json_node *member)
{
	return member->key;
}

struct hp_view hp_json_string(const struct hp_json_node *string)
{
	assert(string->value.kind == HP_JSON_STRING);
	return string->string;
}

struct hp_view hp_json_raw(const struct hp_json_node *node)
{
	return node->value.raw;
}

void hp_json_node_place(const struct hp_json_node *node, struct hp_place *place)
{
	place_of(node->doc, node->value.raw.at, place);
}
