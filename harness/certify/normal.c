#include "certify/normal.h"

#include "base/utf8.h"
#include "certify/normal_inside.h"

/* One base character and its marks, decomposed: as far as Unicode's stream-safe form goes
 * (UAX 15, 30 marks); a longer run is normalised in pieces. */
enum { RUN_MAX = 34 };

/* Marks of the table without a class lie in here: Arabic to kana. */
enum { OTHER_MARK_FIRST = 0x653, OTHER_MARK_LAST = 0x309A };

struct run {
	uint32_t codes[RUN_MAX];
	size_t count;
};

enum { /* Unicode 3.12: Hangul syllables are composed by arithmetic */
       SYLLABLE = 0xAC00,
       LEAD = 0x1100,
       VOWEL = 0x1161,
       TAIL = 0x11A7,
       LEADS = 19,
       VOWELS = 21,
       TAILS = 28,
       SYLLABLES = LEADS * VOWELS * TAILS,
};

static unsigned class_of(uint32_t code)
{
	if (code < NORMAL_MARK_FIRST || code >= NORMAL_MARK_FIRST + NORMAL_MARKS)
		return 0;
	return normal_classes[code - NORMAL_MARK_FIRST];
}

static const struct normal_pair *find_composed(uint32_t code)
{
	size_t low = 0, high = normal_pair_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (normal_pairs[middle].composed == code)
			return &normal_pairs[middle];
		if (normal_pairs[middle].composed < code)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Rows are in another order than this asks for; marks are rare, so a walk will do. */
static uint32_t find_pair(uint32_t base, uint32_t mark)
{
	for (size_t i = 0; i < normal_pair_count; i++) {
		if (normal_pairs[i].base == base && normal_pairs[i].mark == mark)
			return normal_pairs[i].composed;
	}
	return 0;
}

static void add(struct run *run, uint32_t code)
{
	if (run->count < RUN_MAX)
		run->codes[run->count++] = code;
}

/* Appends a code point decomposed as far as it goes. Recursion is four deep at most. */
static void decompose(struct run *run, uint32_t code)
{
	const struct normal_pair *pair;

	if (code >= SYLLABLE && code < SYLLABLE + SYLLABLES) {
		uint32_t index = code - SYLLABLE;

		add(run, LEAD + index / (VOWELS * TAILS));
		add(run, VOWEL + index % (VOWELS * TAILS) / TAILS);
		if (index % TAILS)
			add(run, TAIL + index % TAILS);
		return;
	}
	pair = code < 0x3100 ? find_composed(code) : NULL;
	if (!pair) {
		add(run, code);
		return;
	}
	decompose(run, pair->base);
	add(run, pair->mark);
}

/* Marks in the order of their classes; equal ones keep theirs. */
static void order_marks(struct run *run)
{
	for (size_t i = 1; i < run->count; i++) {
		uint32_t code = run->codes[i];
		size_t at = i;

		for (; class_of(code) && at && class_of(run->codes[at - 1]) > class_of(code); at--)
			run->codes[at] = run->codes[at - 1];
		run->codes[at] = code;
	}
}

static uint32_t compose_hangul(uint32_t first, uint32_t second)
{
	if (first >= LEAD && first < LEAD + LEADS && second >= VOWEL && second < VOWEL + VOWELS)
		return SYLLABLE + ((first - LEAD) * VOWELS + second - VOWEL) * TAILS;
	if (first >= SYLLABLE && first < SYLLABLE + SYLLABLES && !((first - SYLLABLE) % TAILS) &&
	    second > TAIL && second < TAIL + TAILS)
		return first + second - TAIL;
	return 0;
}

static uint32_t compose_pair(uint32_t first, uint32_t second)
{
	uint32_t composed = compose_hangul(first, second);

	return composed ? composed : find_pair(first, second);
}

/* Composes what is not blocked by a mark of the same or a higher class in between (UAX 15, D115).
 */
static void compose(struct run *run)
{
	size_t starter = 0, kept = 1;
	unsigned last = 0;

	for (size_t i = 1; i < run->count; i++) {
		unsigned class = class_of(run->codes[i]);
		bool blocked = kept - starter > 1 && last >= class;
		uint32_t composed = 0;

		if (!blocked)
			composed = compose_pair(run->codes[starter], run->codes[i]);
		if (composed) {
			run->codes[starter] = composed;
			continue;
		}
		if (!class)
			starter = kept;
		last = class;
		run->codes[kept++] = run->codes[i];
	}
	run->count = kept;
}

static void flush(struct run *run, enum normal_form form, struct hp_buf *out)
{
	if (!run->count)
		return;
	order_marks(run);
	if (form == NORMAL_NFC)
		compose(run);
	for (size_t i = 0; i < run->count; i++) {
		char bytes[HP_UTF8_BYTES_MAX];

		hp_buf_add(out, (struct hp_view){bytes, hp_utf8_put(run->codes[i], bytes)});
	}
	run->count = 0;
}

static uint32_t code_point(struct hp_view bytes)
{
	uint32_t code = (unsigned char)bytes.at[0];

	if (bytes.bytes > 1)
		code &= 0x7Fu >> bytes.bytes;
	for (size_t i = 1; i < bytes.bytes; i++)
		code = code << 6 | ((unsigned char)bytes.at[i] & 0x3F);
	return code;
}

/* Whether a code point may join what stands before it. ASCII never does. */
static bool joins(uint32_t code)
{
	if (code < NORMAL_MARK_FIRST)
		return false;
	if (class_of(code) || (code >= VOWEL && code < TAIL + TAILS))
		return true;
	if (code < OTHER_MARK_FIRST || code > OTHER_MARK_LAST)
		return false;
	for (size_t i = 0; i < normal_pair_count; i++) {
		if (normal_pairs[i].mark == code)
			return true;
	}
	return false;
}

bool normal_write(struct hp_view text, enum normal_form form, struct hp_buf *out)
{
	struct hp_view rest = text;
	size_t start = out->bytes;
	struct run run = {.count = 0};

	if (!text.bytes)
		return false;
	while (rest.bytes && !out->cut) {
		size_t bytes = hp_utf8_bytes(rest);
		struct hp_view one = {rest.at, bytes ? bytes : 1};
		uint32_t code = code_point(one);

		if (!bytes || !joins(code) || run.count + 4 > RUN_MAX)
			flush(&run, form, out);
		if (bytes)
			decompose(&run, code);
		else
			hp_buf_add(out, one);
		rest.at += one.bytes;
		rest.bytes -= one.bytes;
	}
	flush(&run, form, out);
	return !out->cut &&
	       !hp_view_equal((struct hp_view){out->at + start, out->bytes - start}, text);
}
