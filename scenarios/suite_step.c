/* The steps of a check: what is sent, how it is signed, how it travels, what must come back. */
#include <stdio.h>

#include "base/nearest.h"
#include "base/span.h"
#include "scenarios/suite_inside.h"

#define AT(type, member) .offset = offsetof(struct type, member)
#define TEXT(type, member)                                                                         \
	.read = hp_json_field_text, AT(type, member), .max = sizeof(((struct type *)0)->member)
#define COUNT(type, member, low, high)                                                             \
	.read = hp_json_field_u32, AT(type, member), .min = (low), .max = (high)
#define WORD(type, member, list) .read = hp_json_field_word, AT(type, member), .more = (list)
#define BOOL(type, member) .read = hp_json_field_bool, AT(type, member)

#define X(name, word, ...) word,
static const char *const trait_words[] = {SUITE_TRAITS(X) NULL};
static const char *const how_words[] = {SUITE_HOWS(X) NULL};
static const char *const spelling_words[] = {SUITE_SPELLINGS(X) NULL};
static const char *const entry_words[] = {SUITE_ENTRIES(X) NULL};
static const char *const expectation_words[] = {SUITE_EXPECTATIONS(X) NULL};
#undef X
/* In the order of enum mac_hash, one later: nothing said is 0. */
static const char *const hash_words[] = {"profile", "md5",    "sha1",   "sha224",
					 "sha256",  "sha384", "sha512", NULL};
static const char *const reading_words[] = {"profile", "text", "hex", "base64", "whsec", NULL};
static const char *const stop_words[] = {"whole", "half", "reset", NULL};
static const char *const command_words[] = {"none", "restart", "rotate", "clock", NULL};
static const char *const case_words[] = {"lower", "upper", "mixed", NULL};

HP_JSON_READER(suite_field_traits)
{
	const struct hp_json_node *item;
	uint32_t bits = 0;
	size_t index;

	(void)field;
	if (hp_json_expect(node, HP_JSON_ARRAY, err) < 0)
		return -1;
	for (item = hp_json_first(node); item; item = hp_json_next(item)) {
		if (hp_json_read_word(item, trait_words, &index, err) < 0)
			return -1;
		bits |= SUITE_BIT(index);
	}
	*(uint32_t *)into = bits;
	return 0;
}

/* A text that may be empty and still says something: field->more is the offset of the bool that
 * remembers it, counted from the text. */
HP_JSON_READER(suite_field_template)
{
	if (hp_json_field_text(node, field, into, err) < 0)
		return -1;
	*((bool *)into + (ptrdiff_t)(uintptr_t)field->more) = true;
	return 0;
}

#define GIVEN(type, member)                                                                        \
	.read = suite_field_template, AT(type, member),                                            \
	.max = sizeof(((struct type *)0)->member),                                                 \
	.more = (const void *)(uintptr_t)(offsetof(struct type, has_##member) -                    \
					  offsetof(struct type, member))

/* ---- moments ---- */

/* "past - 2s", "future + 5s", "- 1h", "+ 1d" */
static bool parse_shift(struct hp_view text, struct suite_shift *out)
{
	static const struct {
		struct hp_view word;
		enum suite_edge edge;
	} edges[] = {{HP_LITERAL("past "), SUITE_EDGE_PAST},
		     {HP_LITERAL("future "), SUITE_EDGE_FUTURE},
		     {HP_LITERAL("horizon "), SUITE_EDGE_HORIZON}};
	uint64_t span_ns;
	int64_t sign;

	*out = (struct suite_shift){.edge = SUITE_NOW};
	for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
		struct hp_view word = edges[i].word;

		if (text.bytes <= word.bytes || memcmp(text.at, word.at, word.bytes) != 0)
			continue;
		out->edge = edges[i].edge;
		text = (struct hp_view){text.at + word.bytes, text.bytes - word.bytes};
	}
	if (text.bytes < 3 || (text.at[0] != '+' && text.at[0] != '-') || text.at[1] != ' ')
		return false;
	sign = text.at[0] == '-' ? -1 : 1;
	if (!hp_span_parse((struct hp_view){text.at + 2, text.bytes - 2}, &span_ns))
		return false;
	out->by_s = sign * (int64_t)(span_ns / HP_S_NS);
	return span_ns % HP_S_NS == 0;
}

static HP_JSON_READER(read_shift)
{
	(void)field;
	if (hp_json_kind(node) == HP_JSON_STRING && parse_shift(hp_json_string(node), into))
		return 0;
	return hp_json_want(node, "a moment like \"- 1h\", \"past - 2s\" or \"future + 5s\"", err);
}

/* ---- lists ---- */

static int too_many(const struct hp_json_node *list, size_t count_max, struct hp_err *err)
{
	if (hp_json_expect(list, HP_JSON_ARRAY, err) < 0)
		return -1;
	if (hp_json_count(list) > count_max)
		return hp_json_fail(list, err, "want at most %zu items, found %zu", count_max,
				    hp_json_count(list));
	return 0;
}

static HP_JSON_READER(read_list)
{
	struct suite_sign *sign = into;
	const struct hp_json_node *item;
	size_t index;

	(void)field;
	if (too_many(node, SUITE_LIST_MAX, err) < 0)
		return -1;
	for (item = hp_json_first(node); item; item = hp_json_next(item)) {
		if (hp_json_read_word(item, entry_words, &index, err) < 0)
			return -1;
		sign->list[sign->list_count++] = (uint32_t)index;
	}
	return 0;
}

static HP_JSON_READER(read_chunks)
{
	struct suite_framing *framing = into;
	const struct hp_json_node *item;
	uint64_t bytes;

	(void)field;
	if (too_many(node, SUITE_CHUNKS_MAX, err) < 0)
		return -1;
	framing->chunked = true;
	for (item = hp_json_first(node); item; item = hp_json_next(item)) {
		if (hp_json_read_u64(item, (struct hp_json_range){1, UINT16_MAX}, &bytes, err) < 0)
			return -1;
		framing->chunks[framing->chunk_count++] = (uint32_t)bytes;
	}
	return 0;
}

static HP_JSON_READER(read_also)
{
	struct suite_step *step = into;
	const struct hp_json_node *item;
	uint64_t status;

	(void)field;
	if (too_many(node, SUITE_ALSO_MAX, err) < 0)
		return -1;
	for (item = hp_json_first(node); item; item = hp_json_next(item)) {
		if (hp_json_read_u64(item, (struct hp_json_range){200, 599}, &status, err) < 0)
			return -1;
		step->also[step->also_count++] = (int)status;
	}
	return 0;
}

static HP_JSON_READER(read_effect)
{
	uint64_t count;

	(void)field;
	if (hp_json_read_u64(node, (struct hp_json_range){0, 1000}, &count, err) < 0)
		return -1;
	*(int32_t *)into = (int32_t)count;
	return 0;
}

/* ---- edits of the header lines ---- */

struct edit_draft { /* one of these keys says which edit it is */
	char remove[SUITE_LINE_BYTES], add[SUITE_LINE_BYTES], set[SUITE_LINE_BYTES];
	unsigned case_index;
	uint32_t times;
};

const struct hp_json_field suite_edit_fields[] = {
	{"remove", TEXT(edit_draft, remove), .min = 1},
	{"add", TEXT(edit_draft, add), .min = 1},
	{"set", TEXT(edit_draft, set), .min = 1},
	{"case", WORD(edit_draft, case_index, case_words)},
	{"times", COUNT(edit_draft, times, 1, 1000)},
	{.key = NULL},
};

static int read_edit(const struct hp_json_node *node, struct suite_edit *out, struct hp_err *err)
{
	static const char *const keys[] = {[SUITE_REMOVE] = "remove", [SUITE_ADD] = "add",
					   [SUITE_SET] = "set", [SUITE_CASE] = "case"};
	struct edit_draft draft = {.times = 1};
	const char *texts[] = {draft.remove, draft.add, draft.set, ""};
	unsigned found = 0;

	if (hp_json_read_fields(node, suite_edit_fields, &draft, err) < 0)
		return -1;
	texts[SUITE_CASE] = case_words[draft.case_index];
	for (unsigned kind = SUITE_REMOVE; kind <= SUITE_CASE; kind++) {
		if (!hp_json_member(node, keys[kind]))
			continue;
		found++;
		out->kind = (enum suite_edit_kind)kind;
	}
	if (found != 1)
		return hp_json_fail(node, err, "want one of remove, add, set and case");
	snprintf(out->text, sizeof(out->text), "%s", texts[out->kind]);
	out->times = draft.times;
	return 0;
}

static HP_JSON_READER(read_edits)
{
	struct suite_step *step = into;
	const struct hp_json_node *item;

	(void)field;
	if (too_many(node, SUITE_EDITS_MAX, err) < 0)
		return -1;
	for (item = hp_json_first(node); item; item = hp_json_next(item))
		if (read_edit(item, &step->edits[step->edit_count++], err) < 0)
			return -1;
	return 0;
}

/* ---- the tables ---- */

const struct hp_json_field suite_sign_fields[] = {
	{"recipe", TEXT(suite_sign, recipe), .min = 1},
	{"body", TEXT(suite_sign, body), .min = 1},
	{"key", GIVEN(suite_sign, key)},
	{"reading", WORD(suite_sign, reading, reading_words)},
	{"hash", WORD(suite_sign, hash, hash_words)},
	{"how", WORD(suite_sign, how, how_words)},
	{"cut", BOOL(suite_sign, cut)},
	{"content", TEXT(suite_sign, content), .min = 1},
	{"timestamp", GIVEN(suite_sign, timestamp)},
	{"shift", .read = read_shift, AT(suite_sign, shift)},
	{"spelling", WORD(suite_sign, spelling, spelling_words)},
	{"value", GIVEN(suite_sign, value)},
	{"list", .read = read_list},
	{.key = NULL},
};

const struct hp_json_field suite_framing_fields[] = {
	{"chunks", .read = read_chunks},
	{"trailer", TEXT(suite_framing, trailer), .min = 1},
	{"flood", .read = hp_json_field_size, AT(suite_framing, flood_bytes), .min = 1,
	 .max = UINT64_C(1) << 30},
	{"piece", COUNT(suite_framing, piece_bytes, 1, UINT16_MAX)},
	{"gap", .read = hp_json_field_span, AT(suite_framing, gap_ns), .max = 10 * HP_S_NS},
	{"expect_continue", BOOL(suite_framing, expects_continue)},
	{"stop", WORD(suite_framing, stop, stop_words)},
	{"linger", .read = hp_json_field_span, AT(suite_framing, linger_ns), .max = 10 * HP_S_NS},
	{.key = NULL},
};

const struct hp_json_field suite_step_fields[] = {
	{"say", TEXT(suite_step, say), .min = 1},
	{"when", .read = suite_field_traits, AT(suite_step, when)},
	{"body", TEXT(suite_step, body), .min = 1},
	{"type", TEXT(suite_step, type), .min = 1},
	{"event", COUNT(suite_step, event, 1, 16)},
	{"timestamp", TEXT(suite_step, timestamp)},
	{"untimed", BOOL(suite_step, untimed)},
	{"shift", .read = read_shift, AT(suite_step, shift)},
	{"sign", .read = hp_json_field_fields, AT(suite_step, sign), .more = suite_sign_fields},
	{"headers", .read = read_edits},
	{"framing", .read = hp_json_field_fields, AT(suite_step, framing),
	 .more = suite_framing_fields},
	{"method", TEXT(suite_step, method), .min = 1},
	{"target", TEXT(suite_step, target), .min = 1},
	{"copy", BOOL(suite_step, copy)},
	{"wait", .read = read_shift, AT(suite_step, wait)},
	{"late", BOOL(suite_step, late)},
	{"run", WORD(suite_step, run, command_words)},
	{"clock", .read = read_shift, AT(suite_step, clock)},
	{"copies", COUNT(suite_step, copies, 1, SUITE_COPIES_MAX)},
	{"together", BOOL(suite_step, together)},
	{"one_connection", BOOL(suite_step, one_connection)},
	{"connections", COUNT(suite_step, connections, 1, SUITE_COPIES_MAX)},
	{"repeat_every", COUNT(suite_step, repeat_every, 2, SUITE_COPIES_MAX)},
	{"spoil_every", COUNT(suite_step, spoil_every, 2, SUITE_COPIES_MAX)},
	{"expect", WORD(suite_step, expect, expectation_words)},
	{"may_close", BOOL(suite_step, may_close)},
	{"also", .read = read_also},
	{"effect", .read = read_effect, AT(suite_step, effect)},
	{.key = NULL},
};

void suite_step_init(struct suite_step *step)
{
	*step = (struct suite_step){.body = "compact", .type = "invoice.paid", .timestamp = "{t}",
				    .method = "POST", .target = "{target}", .copies = 1,
				    .effect = SUITE_NO_EFFECT_SAID};
}

int suite_read_step(const struct hp_json_node *node, struct suite_step *step, struct hp_err *err)
{
	suite_step_init(step);
	if (hp_json_read_fields(node, suite_step_fields, step, err) < 0)
		return -1;
	if (step->spoil_every && !step->one_connection)
		return hp_json_fail(node, err, "spoil_every goes with one_connection");
	if (step->together && step->one_connection)
		return hp_json_fail(node, err, "either together or one_connection");
	return 0;
}

static int check_body(const struct suite *suite, const struct hp_json_node *node,
		      const char *name, struct hp_err *err)
{
	const char *names[SUITE_BODIES_MAX + 1] = {NULL}, *near;

	for (size_t i = 0; i < suite->body_count; i++) {
		names[i] = suite->bodies[i].name;
		if (strcmp(names[i], name) == 0)
			return 0;
	}
	near = hp_nearest(hp_view_of(name), names);
	return hp_json_fail(node, err, "unknown body \"%s\"%s%s%s", name,
			    near ? ", did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

int suite_check_bodies(const struct suite *suite, const struct hp_json_node *step_node,
		       const struct suite_step *step, struct hp_err *err)
{
	if (check_body(suite, step_node, step->body, err) < 0)
		return -1;
	return *step->sign.body ? check_body(suite, step_node, step->sign.body, err) : 0;
}
