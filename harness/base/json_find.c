/* One value by its pointer. The scan walks the whole document; beside it runs `level`, the number
 * of containers from the root on that lie on the pointer's way. A container that ends takes the way
 * back by one, so that a second key of the same name is seen. */
#include "base/err.h"
#include "base/json_scan.h"

struct walk {
	struct hp_json_scan scan;
	struct hp_json_value *out;
	const char *segment;  /* behind its '/': what the container at `level` is asked for */
	unsigned level;       /* the innermost container on the way; 0: outside the root */
	bool turned;          /* the next value of that container is the one asked for */
	uint64_t seen;        /* bit d: the container at level d + 1 had that key or item already */
	size_t index;         /* of the next item of the array at `level`, until it is seen */
	unsigned found_depth; /* of the container that is the answer, while it is open; else 0 */
	bool found;
};

static bool is_last(const struct walk *walk)
{
	return strchr(walk->segment, '/') == NULL;
}

/* The next character of a pointer's segment, ~0 and ~1 resolved (RFC 6901 4); -1 at its end. */
static int segment_char(const char **at)
{
	char c = **at;

	if (c == '\0' || c == '/')
		return -1;
	++*at;
	if (c != '~')
		return (unsigned char)c;
	assert(**at == '0' || **at == '1');
	return *(*at)++ == '0' ? '~' : '/';
}

static bool key_matches(const char *segment, struct hp_view raw)
{
	const char *at = raw.at + 1;
	const char *end = raw.at + raw.bytes - 1;

	while (at < end) {
		char piece[4];
		size_t bytes = hp_json_char(&at, piece);

		for (size_t i = 0; i < bytes; i++)
			if (segment_char(&segment) != (unsigned char)piece[i])
				return false;
	}
	return segment_char(&segment) == -1;
}

/* Array indexes have no leading zero (RFC 6901 4). */
static bool index_matches(const char *segment, size_t index)
{
	size_t number = 0;

	if (segment[0] == '0' && segment[1] != '\0' && segment[1] != '/')
		return false;
	if (segment[0] == '\0' || segment[0] == '/')
		return false;
	for (; *segment >= '0' && *segment <= '9'; segment++)
		if (__builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, (size_t)(*segment - '0'), &number))
			return false;
	return (*segment == '\0' || *segment == '/') && number == index;
}

/* A key of an object on the way. False: the key asked for stands twice. */
static bool meet_key(struct walk *walk)
{
	uint64_t bit = UINT64_C(1) << (walk->level - 1);

	if (walk->scan.depth != walk->level || !key_matches(walk->segment, walk->scan.value.raw))
		return true;
	if (walk->seen & bit)
		return false;
	walk->seen |= bit;
	walk->turned = true;
	return true;
}

static bool is_item_on_way(struct walk *walk)
{
	uint64_t bit = UINT64_C(1) << (walk->level - 1);

	if ((walk->seen & bit) || !index_matches(walk->segment, walk->index++))
		return false;
	walk->seen |= bit;
	return true;
}

/* Is the value, whose parents are `depth` containers, the next one on the way? */
static bool is_on_way(struct walk *walk, unsigned depth)
{
	bool on_way = walk->turned;

	if (depth != walk->level)
		return false;
	if (depth > 0 && !(walk->scan.objects >> (depth - 1) & 1))
		return is_item_on_way(walk);
	walk->turned = false;
	return on_way;
}

static void meet_scalar(struct walk *walk, bool whole)
{
	if (!is_on_way(walk, walk->scan.depth) || !(whole || (walk->level && is_last(walk))))
		return;
	*walk->out = walk->scan.value;
	walk->found = true;
}

static void meet_open(struct walk *walk, bool whole)
{
	unsigned depth = walk->scan.depth;

	if (!is_on_way(walk, depth - 1))
		return;
	if (whole || (walk->level && is_last(walk))) {
		*walk->out = walk->scan.value;
		walk->found = true;
		walk->found_depth = depth;
		return;
	}
	if (walk->level)
		walk->segment = strchr(walk->segment, '/') + 1;
	walk->level = depth;
	walk->seen &= ~(UINT64_C(1) << (depth - 1));
	walk->index = 0;
}

/* The way leads back to the parent: the pointer's segment before. */
static void meet_close(struct walk *walk, const char *pointer)
{
	unsigned depth = walk->scan.depth + 1;

	if (depth == walk->found_depth) {
		walk->out->raw.bytes = (size_t)(walk->scan.at - walk->out->raw.at);
		walk->found_depth = 0;
	}
	if (depth != walk->level)
		return;
	if (--walk->level == 0)
		return;
	walk->segment--;
	while (walk->segment > pointer + 1 && walk->segment[-1] != '/')
		walk->segment--;
}

static enum hp_json_answer walk_all(struct walk *walk, const char *pointer)
{
	bool whole = *pointer == '\0';

	for (;;) {
		switch (hp_json_scan_next(&walk->scan)) {
		case HP_JSON_BAD:
			return HP_JSON_INVALID;
		case HP_JSON_DONE:
			return walk->found ? HP_JSON_FOUND : HP_JSON_ABSENT;
		case HP_JSON_KEY:
			if (walk->level && !meet_key(walk))
				return HP_JSON_INVALID;
			break;
		case HP_JSON_SCALAR:
			meet_scalar(walk, whole);
			break;
		case HP_JSON_OPEN:
			meet_open(walk, whole);
			break;
		case HP_JSON_CLOSE:
			meet_close(walk, pointer);
			break;
		}
	}
}

enum hp_json_answer hp_json_find(struct hp_view doc, const char *pointer, struct hp_json_value *out)
{
	struct hp_json_value value;
	struct walk walk = {.out = &value, .turned = true};
	enum hp_json_answer answer;

	assert(*pointer == '\0' || *pointer == '/');
	walk.segment = *pointer ? pointer + 1 : pointer;
	hp_json_scan_init(&walk.scan, doc);
	answer = walk_all(&walk, pointer);
	if (answer == HP_JSON_FOUND)
		*out = value;
	return answer;
}
