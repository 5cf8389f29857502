#include "certify/inflate.h"

#include <stdint.h>

enum {
	CODE_BITS_MAX = 15, /* of a Huffman code (RFC 1951 3.2.7) */
	LITERALS_MAX = 288,
	DISTANCES_MAX = 30,
	LENGTHS_MAX = LITERALS_MAX + DISTANCES_MAX + 2,
	END_OF_BLOCK = 256,
};

struct inflating {
	struct hp_view rest;
	uint32_t bits; /* that were taken and not used, the next one lowest */
	unsigned bit_count;
	bool failed;  /* the input ended, or breaks a rule */
	size_t start; /* of what is decoded, in out */
	struct hp_buf *out;
};

/* A canonical Huffman code: how many codes of each length, and the symbols in their order. */
struct huffman {
	uint16_t counts[CODE_BITS_MAX + 1];
	uint16_t symbols[LITERALS_MAX];
};

static uint32_t take_bits(struct inflating *in, unsigned count)
{
	uint32_t taken;

	while (in->bit_count < count) {
		if (!in->rest.bytes) {
			in->failed = true;
			return 0;
		}
		in->bits |= (uint32_t)(unsigned char)*in->rest.at++ << in->bit_count;
		in->rest.bytes--;
		in->bit_count += 8;
	}
	taken = in->bits & ((1u << count) - 1);
	in->bits >>= count;
	in->bit_count -= count;
	return taken;
}

/* Makes the code of the lengths. False when they promise more codes than there are. */
static bool make_code(struct huffman *code, const uint8_t *lengths, unsigned count)
{
	uint16_t at[CODE_BITS_MAX + 1] = {0};
	int left = 1;

	memset(code, 0, sizeof(*code));
	for (unsigned i = 0; i < count; i++)
		code->counts[lengths[i]]++;
	code->counts[0] = 0;
	for (int i = 1; i <= CODE_BITS_MAX; i++) {
		left = (left << 1) - code->counts[i];
		if (left < 0)
			return false;
		if (i < CODE_BITS_MAX)
			at[i + 1] = (uint16_t)(at[i] + code->counts[i]);
	}
	for (unsigned i = 0; i < count; i++) {
		if (lengths[i])
			code->symbols[at[lengths[i]]++] = (uint16_t)i;
	}
	return true;
}

static unsigned take_symbol(struct inflating *in, const struct huffman *code)
{
	int value = 0, first = 0, index = 0;

	for (int bits = 1; bits <= CODE_BITS_MAX; bits++) {
		value |= (int)take_bits(in, 1);
		if (in->failed)
			return 0;
		if (value - first < code->counts[bits])
			return code->symbols[index + value - first];
		index += code->counts[bits];
		first = (first + code->counts[bits]) << 1;
		value <<= 1;
	}
	in->failed = true;
	return 0;
}

/* RFC 1951 3.2.5: where the lengths and distances of a symbol begin, and its further bits. */
static uint32_t take_length(struct inflating *in, unsigned symbol)
{
	static const uint16_t bases[] = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
					 15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
					 67, 83, 99, 115, 131, 163, 195, 227, 258};
	static const uint8_t extra[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
					2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};

	if (symbol >= sizeof(extra)) {
		in->failed = true;
		return 0;
	}
	return bases[symbol] + take_bits(in, extra[symbol]);
}

static uint32_t take_distance(struct inflating *in, unsigned symbol)
{
	if (symbol >= DISTANCES_MAX) {
		in->failed = true;
		return 0;
	}
	if (symbol < 4)
		return symbol + 1;
	return ((2 + (symbol & 1)) << (symbol / 2 - 1)) + 1 + take_bits(in, symbol / 2 - 1);
}

static void copy_back(struct inflating *in, uint32_t length, uint32_t distance)
{
	if (in->failed || distance > in->out->bytes - in->start) {
		in->failed = true;
		return;
	}
	for (; length && !in->out->cut; length--) {
		char byte = in->out->at[in->out->bytes - distance];

		hp_buf_add(in->out, (struct hp_view){&byte, 1});
	}
}

static void take_block(struct inflating *in, const struct huffman *literals,
		       const struct huffman *distances)
{
	while (!in->failed && !in->out->cut) {
		unsigned symbol = take_symbol(in, literals);
		char byte = (char)symbol;
		uint32_t length;

		if (in->failed || symbol == END_OF_BLOCK)
			return;
		if (symbol < END_OF_BLOCK) {
			hp_buf_add(in->out, (struct hp_view){&byte, 1});
			continue;
		}
		length = take_length(in, symbol - END_OF_BLOCK - 1);
		copy_back(in, length, take_distance(in, take_symbol(in, distances)));
	}
}

static void take_fixed(struct inflating *in)
{
	struct huffman literals, distances;
	uint8_t lengths[LITERALS_MAX];

	memset(lengths, 8, 144);
	memset(lengths + 144, 9, 112);
	memset(lengths + 256, 7, 24);
	memset(lengths + 280, 8, 8);
	make_code(&literals, lengths, LITERALS_MAX);
	memset(lengths, 5, DISTANCES_MAX);
	make_code(&distances, lengths, DISTANCES_MAX);
	take_block(in, &literals, &distances);
}

/* A symbol of the code of lengths: a length, or one that is repeated (RFC 1951 3.2.7). */
static unsigned put_lengths(struct inflating *in, const struct huffman *code, uint8_t *lengths,
			    unsigned count)
{
	unsigned symbol = take_symbol(in, code), again = 1;
	uint8_t value = (uint8_t)symbol;

	if (symbol >= 16) {
		value = symbol == 16 && count ? lengths[count - 1] : 0;
		in->failed = in->failed || (symbol == 16 && !count);
		again = symbol == 16   ? 3 + take_bits(in, 2)
			: symbol == 17 ? 3 + take_bits(in, 3)
				       : 11 + take_bits(in, 7);
	}
	if (again > LENGTHS_MAX - count) {
		in->failed = true;
		return 0;
	}
	memset(lengths + count, value, again);
	return again;
}

static void take_dynamic(struct inflating *in)
{
	static const uint8_t order[] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
					11, 4,  12, 3, 13, 2, 14, 1, 15};
	unsigned literal_count = take_bits(in, 5) + 257, distance_count = take_bits(in, 5) + 1;
	unsigned code_count = take_bits(in, 4) + 4, count = 0;
	uint8_t lengths[LENGTHS_MAX + 1] = {0};
	struct huffman code, distances;

	for (unsigned i = 0; i < code_count; i++)
		lengths[order[i]] = (uint8_t)take_bits(in, 3);
	if (in->failed || literal_count > LITERALS_MAX || distance_count > DISTANCES_MAX ||
	    !make_code(&code, lengths, sizeof(order))) {
		in->failed = true;
		return;
	}
	memset(lengths, 0, sizeof(lengths));
	while (count < literal_count + distance_count && !in->failed)
		count += put_lengths(in, &code, lengths, count);
	if (in->failed || count != literal_count + distance_count ||
	    !make_code(&code, lengths, literal_count) ||
	    !make_code(&distances, lengths + literal_count, distance_count)) {
		in->failed = true;
		return;
	}
	take_block(in, &code, &distances);
}

static void take_stored(struct inflating *in)
{
	uint32_t bytes;

	in->bits = in->bit_count = 0;
	bytes = take_bits(in, 16);
	(void)take_bits(in, 16); /* its complement */
	if (in->failed || bytes > in->rest.bytes) {
		in->failed = true;
		return;
	}
	hp_buf_add(in->out, (struct hp_view){in->rest.at, bytes});
	in->rest.at += bytes;
	in->rest.bytes -= bytes;
}

static void fail_block(struct inflating *in)
{
	in->failed = true;
}

static void inflate_blocks(struct inflating *in)
{
	static void (*const kinds[])(struct inflating *) = {take_stored, take_fixed, take_dynamic,
							    fail_block};
	bool last = false;

	while (!last && !in->failed && !in->out->cut) {
		last = take_bits(in, 1);
		kinds[take_bits(in, 2)](in);
	}
}

static bool skip(struct hp_view *text, size_t bytes)
{
	if (bytes > text->bytes)
		return false;
	text->at += bytes;
	text->bytes -= bytes;
	return true;
}

static bool skip_text(struct hp_view *text)
{
	const char *nul = text->bytes ? memchr(text->at, '\0', text->bytes) : NULL;

	return nul && skip(text, (size_t)(nul + 1 - text->at));
}

/* The member's header (RFC 1952 2.3). */
static bool skip_head(struct hp_view *text)
{
	enum { HEAD_BYTES = 10, CRC = 2, EXTRA = 4, NAME = 8, COMMENT = 16 };
	const unsigned char *head = (const unsigned char *)text->at;
	unsigned flags;

	if (text->bytes < HEAD_BYTES || head[0] != 0x1F || head[1] != 0x8B || head[2] != 8)
		return false;
	flags = head[3];
	skip(text, HEAD_BYTES);
	if (flags & EXTRA) {
		head = (const unsigned char *)text->at;
		if (text->bytes < 2 || !skip(text, 2u + head[0] + 256u * head[1]))
			return false;
	}
	if (flags & NAME && !skip_text(text))
		return false;
	if (flags & COMMENT && !skip_text(text))
		return false;
	return !(flags & CRC) || skip(text, 2);
}

bool inflate_gzip(struct hp_view text, struct hp_buf *out)
{
	struct inflating in = {.rest = text, .start = out->bytes, .out = out};

	if (!skip_head(&in.rest))
		return false;
	inflate_blocks(&in);
	return !in.failed && !out->cut;
}
