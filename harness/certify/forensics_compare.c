/* The signature that arrived against digests. Most digests are no match in any dress, which the
 * first four bytes say; what the text could stand for is read once, as loosely as can be. Only a
 * digest that could match is dressed in every way and compared byte for byte. */
#include "certify/forensics_inside.h"

/* -- loose readings of the text -- */

static void add_head(struct forensics_compare *compare, const uint8_t *bytes)
{
	uint32_t head;

	memcpy(&head, bytes, sizeof(head));
	for (size_t i = 0; i < compare->head_count; i++) {
		if (compare->heads[i] == head)
			return;
	}
	if (compare->head_count < COMPARE_HEADS_MAX)
		compare->heads[compare->head_count++] = head;
}

static int hex_value(char digit)
{
	switch (digit) {
	case '0' ... '9':
		return digit - '0';
	case 'a' ... 'f':
		return digit - 'a' + 10;
	case 'A' ... 'F':
		return digit - 'A' + 10;
	}
	return -1;
}

static int base64_value(char digit)
{
	switch (digit) {
	case 'A' ... 'Z':
		return digit - 'A';
	case 'a' ... 'z':
		return digit - 'a' + 26;
	case '0' ... '9':
		return digit - '0' + 52;
	case '+':
	case '-':
		return 62;
	case '/':
	case '_':
		return 63;
	}
	return -1;
}

enum { READ_BYTES_MAX = 16 }; /* of a text that stands for another text: enough for its head */

/* Reads as many bytes as the text begins with in hex, in base64. */
static size_t read_hex(struct hp_view text, uint8_t *out)
{
	size_t count = 0;

	while (count < READ_BYTES_MAX && text.bytes >= 2 * (count + 1) &&
	       hex_value(text.at[2 * count]) >= 0 && hex_value(text.at[2 * count + 1]) >= 0) {
		out[count] = (uint8_t)(hex_value(text.at[2 * count]) << 4 |
				       hex_value(text.at[2 * count + 1]));
		count++;
	}
	return count;
}

static size_t read_base64(struct hp_view text, uint8_t *out)
{
	uint32_t group = 0;
	size_t count = 0;
	int bits = 0;

	for (size_t i = 0; i < text.bytes && count < READ_BYTES_MAX; i++) {
		int value = base64_value(text.at[i]);

		if (value < 0)
			break;
		group = (group << 6 | (uint32_t)value) & 0xFFFF;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		out[count++] = (uint8_t)(group >> bits);
	}
	return count;
}

/* "135, 31, …", with a bracket before it or not. */
static size_t read_decimals(struct hp_view text, uint8_t *out)
{
	size_t count = 0, i = text.bytes && *text.at == '[';

	while (count < READ_BYTES_MAX && i < text.bytes) {
		unsigned value = 0, digits = 0;

		for (; i < text.bytes && text.at[i] >= '0' && text.at[i] <= '9' && digits < 3;
		     i++) {
			value = value * 10 + (unsigned)(text.at[i] - '0');
			digits++;
		}
		if (!digits)
			break;
		out[count++] = (uint8_t)value;
		while (i < text.bytes && (text.at[i] == ',' || text.at[i] == ' '))
			i++;
	}
	return count;
}

/* The readers of a text, and of the text that it stands for. */
static void read_text(struct forensics_compare *compare, struct hp_view text)
{
	static size_t (*const readers[])(struct hp_view, uint8_t *) = {read_hex, read_base64,
								       read_decimals};
	uint8_t bytes[READ_BYTES_MAX], inner[READ_BYTES_MAX];

	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		size_t count = readers[i](text, bytes);
		struct hp_view nested = {(const char *)bytes, count};

		if (count >= COMPARE_HEAD_BYTES)
			add_head(compare, bytes);
		if (read_hex(nested, inner) >= COMPARE_HEAD_BYTES)
			add_head(compare, inner);
		if (read_base64(nested, inner) >= COMPARE_HEAD_BYTES)
			add_head(compare, inner);
	}
}

static void skip_text(struct hp_view *text, const char *prefix)
{
	size_t bytes = strlen(prefix);

	if (!bytes || text->bytes < bytes || memcmp(text->at, prefix, bytes) != 0)
		return;
	text->at += bytes;
	text->bytes -= bytes;
}

static void skip_quote(struct hp_view *text)
{
	skip_text(text, "\"");
	skip_text(text, "'");
}

/* The text with and without each tag that may stand before the digest, and quotes around both. */
static void read_tagged(struct forensics_compare *compare, struct hp_view text)
{
	skip_quote(&text);
	read_text(compare, text);
	for (size_t i = 0; recipe_tags[i]; i++) {
		struct hp_view rest = text;

		skip_text(&rest, recipe_tags[i]);
		skip_quote(&rest);
		if (rest.bytes < text.bytes)
			read_text(compare, rest);
	}
	skip_text(&text, compare->base->scheme->value.name);
	skip_quote(&text);
	read_text(compare, text);
}

static void read_loosely(struct forensics_compare *compare, struct hp_view text)
{
	enum { TEXT_BYTES_MAX = 512 }; /* of a digest in any dress: decimal numbers take 5 each */
	struct hp_buf tight;

	read_tagged(compare, text);
	hp_buf_init(&tight, TEXT_BYTES_MAX);
	recipe_drop_space(text, &tight);
	read_tagged(compare, hp_buf_view(&tight));
	hp_buf_fini(&tight);
}

/* -- the texts that are compared -- */

static void add_text(struct forensics_compare *compare, struct hp_view text, bool bare)
{
	if (!text.bytes || compare->text_count == COMPARE_TEXTS_MAX)
		return;
	compare->texts[compare->text_count++] = (struct compare_text){text, bare};
	read_loosely(compare, text);
}

static bool begins_with(struct hp_view text, const char *prefix)
{
	size_t bytes = strlen(prefix);

	return bytes && text.bytes >= bytes && !memcmp(text.at, prefix, bytes);
}

/* All behind a time that stands first: a digest in a wrong dress may hold the separator itself. */
static void add_rest(struct forensics_compare *compare, struct hp_view value)
{
	const struct scheme_value *form = &compare->base->scheme->value;
	const char *end = NULL;

	if (begins_with(value, form->time_name))
		end = memchr(value.at, form->separator, value.bytes);
	if (end)
		add_text(compare,
			 (struct hp_view){end + 1, value.bytes - (size_t)(end + 1 - value.at)},
			 false);
}

static void add_entries(struct forensics_compare *compare, struct hp_view value)
{
	const struct scheme_value *form = &compare->base->scheme->value;
	bool bare = *form->more && !form->more[1];

	for (bool first = true; form->separator && value.bytes; first = false) {
		const char *end = memchr(value.at, form->separator, value.bytes);
		struct hp_view entry = {value.at, end ? (size_t)(end - value.at) : value.bytes};

		value.at += entry.bytes + (end != NULL);
		value.bytes -= entry.bytes + (end != NULL);
		if (!begins_with(entry, form->time_name))
			add_text(compare, entry, bare && !first);
	}
}

void forensics_compare_init(struct forensics_compare *compare, const struct recipe_base *base)
{
	compare->base = base;
	compare->text_count = compare->head_count = 0;
	add_text(compare, base->given->signature, false);
	add_rest(compare, base->given->signature);
	add_entries(compare, base->given->signature);
}

bool forensics_compare_head(const struct forensics_compare *compare, struct hp_view digest)
{
	uint32_t head;

	if (digest.bytes < sizeof(head))
		return false;
	memcpy(&head, digest.at, sizeof(head));
	for (size_t i = 0; i < compare->head_count; i++) {
		if (compare->heads[i] == head)
			return true;
	}
	return false;
}

/* -- exact comparison -- */

static bool is_text(const struct forensics_compare *compare, const struct compare_text *text,
		    struct hp_view dressed)
{
	if (text->bare)
		skip_text(&dressed, compare->base->scheme->value.name);
	return hp_view_equal(text->at, dressed);
}

/* White space of any kind at any place: what is left must be the profile's own entry. */
static bool is_spaced(const struct forensics_compare *compare, const struct compare_text *text,
		      struct hp_view dressed)
{
	struct hp_buf tight;
	struct compare_text without;
	bool same;

	hp_buf_init(&tight, 2 * dressed.bytes);
	same = recipe_drop_space(text->at, &tight) && !tight.cut;
	without = (struct compare_text){hp_buf_view(&tight), text->bare};
	same = same && is_text(compare, &without, dressed);
	hp_buf_fini(&tight);
	return same;
}

static bool any_text(const struct forensics_compare *compare, struct hp_view dressed,
		     bool (*same)(const struct forensics_compare *, const struct compare_text *,
				  struct hp_view))
{
	for (size_t i = 0; i < compare->text_count; i++) {
		if (same(compare, &compare->texts[i], dressed))
			return true;
	}
	return false;
}

static bool matches_recipe(const struct forensics_compare *compare, const struct recipe *recipe,
			   struct hp_view digest)
{
	const struct recipe_input input = {.digest = digest};
	bool match = false;
	struct hp_buf entry;

	hp_buf_init(&entry, 8 * RECIPE_DIGEST_BYTES_MAX);
	for (unsigned form = 0; form < recipe->forms && !match; form++) {
		hp_buf_clear(&entry);
		match = recipe->make(recipe, compare->base, form, &input, &entry) &&
			any_text(compare, hp_buf_view(&entry), is_text);
	}
	hp_buf_fini(&entry);
	return match;
}

enum compare_answer forensics_compare_digest(const struct forensics_compare *compare,
					     struct hp_view digest, struct recipe_set *encodings)
{
	enum compare_answer answer = COMPARE_NONE;
	struct hp_buf own;

	*encodings = (struct recipe_set){0};
	hp_buf_init(&own, 8 * RECIPE_DIGEST_BYTES_MAX);
	recipe_dress(compare->base->scheme, digest, &own);
	if (any_text(compare, hp_buf_view(&own), is_text))
		answer = COMPARE_OWN;
	for (size_t i = 0; answer != COMPARE_OWN && i < recipe_encodings.count; i++) {
		const struct recipe *recipe = &recipe_encodings.rows[i];

		if (!matches_recipe(compare, recipe, digest) &&
		    !(recipe == recipe_find("enc-whitespace") &&
		      any_text(compare, hp_buf_view(&own), is_spaced)))
			continue;
		recipe_set_add(encodings, recipe_index(recipe));
		answer = COMPARE_DRESSED;
	}
	hp_buf_fini(&own);
	return answer;
}
