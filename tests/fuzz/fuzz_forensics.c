/* Captured requests from outside. The first byte chooses a scheme; with its top bit set the second
 * and third choose a recipe and a form, and the rest is a body: what is signed under a recipe must
 * be found. Else the rest is a signature header's value, further header lines, a blank line and a
 * body: whatever they are, the search ends within its limits and its answer hangs together. */
#include "certify/forensics.h"

enum { LINES_MAX = 16 };

static const struct shape {
	const char *content, *value;
	enum encoding encoding;
	enum scheme_key_format format;
	const char *secret;
} shapes[] = {
	{"{body}", "{signature}", ENCODING_HEX, SCHEME_KEY_TEXT, "whsec_a1b2c3d4e5f60718"},
	{"{timestamp}.{body}", "t={timestamp},v1={signature}[,v1={signature}]", ENCODING_HEX,
	 SCHEME_KEY_TEXT, "It's a key"},
	{"{id}.{timestamp}.{body}", "{version},{signature}[ {version},{signature}]",
	 ENCODING_BASE64, SCHEME_KEY_WHSEC, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
	{"{url}{body}", "v0={signature}[,{signature}]", ENCODING_BASE64, SCHEME_KEY_HEX,
	 "00112233445566778899aabb"},
};

static void load_profile(struct profile *profile, const struct shape *shape)
{
	static const struct scheme_family family = {"S", "T", "I"};
	struct hp_err err;

	memset(profile, 0, sizeof(*profile));
	scheme_init(&profile->scheme);
	profile->scheme.families[0] = family;
	profile->scheme.family_count = 1;
	profile->scheme.encoding = shape->encoding;
	profile->scheme.key_format = shape->format;
	assert(scheme_set_content(&profile->scheme, hp_view_of(shape->content), &err) == 0);
	assert(scheme_set_value(&profile->scheme, hp_view_of(shape->value), &err) == 0);
	assert(scheme_check(&profile->scheme, &err) == 0);
}

static struct hp_view take_line(struct hp_view *rest)
{
	const char *end = rest->bytes ? memchr(rest->at, '\n', rest->bytes) : NULL;
	struct hp_view line = {rest->at, end ? (size_t)(end - rest->at) : rest->bytes};
	size_t taken = line.bytes + (end != NULL);

	rest->at += taken;
	rest->bytes -= taken;
	return line;
}

static void check_match(const struct forensics_result *result, unsigned index)
{
	const struct forensics_match *match = &result->matches[index];

	assert(match->depth == result->depth);
	for (unsigned i = 0; i < match->depth; i++) {
		const struct recipe_set *group = &match->groups[i];
		const struct recipe *first = NULL;

		assert(recipe_set_count(group) > 0);
		for (size_t k = 0; k < RECIPE_COUNT; k++) {
			if (!recipe_set_has(group, k))
				continue;
			first = first ? first : recipe_at(k);
			assert(recipe_dimension(first) == recipe_dimension(recipe_at(k)));
		}
	}
}

static void search(const struct forensics_case *given, struct forensics_result *result)
{
	struct hp_err err;
	int done = forensics_search(given, result, &err);

	assert(done == 0);
	assert(result->candidates <= FORENSICS_CANDIDATES_MAX);
	assert(result->depth <= FORENSICS_DEPTH_MAX);
	assert(!result->match_count == !result->depth);
	for (unsigned i = 0; i < result->match_count; i++)
		check_match(result, i);
}

/* The lines behind the value, up to a blank one; what follows is the body. */
static void fuzz_request(struct forensics_case *given, struct hp_view rest)
{
	struct http1_header headers[LINES_MAX];
	struct forensics_result result;

	given->signature = take_line(&rest);
	given->headers = headers;
	while (rest.bytes && given->header_count < LINES_MAX) {
		struct hp_view line = take_line(&rest);

		if (!line.bytes)
			break;
		if (scheme_split_line(line, &headers[given->header_count]))
			given->header_count++;
	}
	given->body = rest;
	if (forensics_read(given))
		search(given, &result);
}

static bool is_named(const struct forensics_result *result, size_t index)
{
	for (unsigned i = 0; i < result->match_count; i++) {
		if (recipe_set_has(&result->matches[i].groups[0], index))
			return true;
	}
	return false;
}

/* Signs the body under one recipe, and expects the search to name it. */
static void fuzz_recipe(struct forensics_case *given, size_t index, unsigned form)
{
	const struct recipe *recipe = recipe_at(index);
	struct forensics_result result;
	struct hp_buf lines;
	struct hp_view rest, line;

	given->id = HP_LITERAL("msg_1");
	given->timestamp = HP_LITERAL("1700000000");
	hp_buf_init(&lines, 64 * 1024);
	if (forensics_sign(given, recipe, form % recipe_forms(recipe), &lines) == FORENSICS_MADE) {
		rest = hp_buf_view(&lines);
		do {
			line = take_line(&rest);
		} while (line.at[0] != 'S');
		given->signature = (struct hp_view){line.at + 3, line.bytes - 4};
		search(given, &result);
		assert(result.depth == 1 && is_named(&result, index));
	}
	hp_buf_fini(&lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct hp_view others[] = {HP_LITERAL("0102030405060708")};
	const struct shape *shape;
	struct profile profile;
	struct forensics_case given = {
		.profile = &profile,
		.secret_name = "HOOK_SECRET",
		.others = others,
		.other_count = 1,
		.url = HP_LITERAL("https://a.test:8443/b%20c?d=1"),
		.at_s = 1700000001,
	};

	if (size < 3)
		return 0;
	shape = &shapes[data[0] % (sizeof(shapes) / sizeof(shapes[0]))];
	load_profile(&profile, shape);
	given.secret = hp_view_of(shape->secret);
	given.body = (struct hp_view){(const char *)data + 3, size - 3};
	if (data[0] & 0x80)
		fuzz_recipe(&given, data[1] % RECIPE_COUNT, data[2]);
	else
		fuzz_request(&given, (struct hp_view){(const char *)data + 1, size - 1});
	return 0;
}
