/* Bodies: packed, broken, hostile, endless, and an answer with bits flipped. See behaviour.h. */
#include "receivers/rows.h"

#include <stdio.h>

#include "base/random.h"
#include "wire/http1.h"

enum { BODY_LINES_BYTES_MAX = 256 };

/* gzip-broken: the framing is right, so that the answer is whole; what it unpacks to is not. */

#define GZIP_HEAD "\x1f\x8b\x08\0\0\0\0\0\0\xff" /* RFC 1952 2.3: deflate, no flags, no time */
#define GZIP_STORED "\x01\x11\0\xee\xff" ROWS_BODY /* RFC 1951 3.2.4: one last block of 17 bytes */
#define GZIP_CRC "\x4d\x7f\x1a\xeb"
#define GZIP_BYTES "\x11\0\0\0"

enum gzip_form {
	GZIP_PLAIN, GZIP_CUT, GZIP_BAD_BLOCK, GZIP_BAD_CRC, GZIP_BAD_LENGTH, GZIP_TRAILING,
};

static const char *const gzip_words[] = {
	[GZIP_PLAIN] = "plain", [GZIP_CUT] = "cut", [GZIP_BAD_BLOCK] = "block",
	[GZIP_BAD_CRC] = "crc", [GZIP_BAD_LENGTH] = "length", [GZIP_TRAILING] = "trailing", NULL,
};

static const struct hp_view gzip_bodies[] = {
	[GZIP_PLAIN] = HP_LITERAL(ROWS_BODY),
	[GZIP_CUT] = HP_LITERAL(GZIP_HEAD "\x01\x11\0\xee\xff" "{\"rec"),
	[GZIP_BAD_BLOCK] = HP_LITERAL(GZIP_HEAD "\x07\x11\0\xee\xff" ROWS_BODY GZIP_CRC GZIP_BYTES),
	[GZIP_BAD_CRC] = HP_LITERAL(GZIP_HEAD GZIP_STORED "\0\0\0\0" GZIP_BYTES),
	[GZIP_BAD_LENGTH] = HP_LITERAL(GZIP_HEAD GZIP_STORED GZIP_CRC "\x12\0\0\0"),
	[GZIP_TRAILING] = HP_LITERAL(GZIP_HEAD GZIP_STORED GZIP_CRC GZIP_BYTES "trailing"),
};

enum gzip_param { GZIP_CODE = ROWS_CODE, GZIP_FORM };

static void play_gzip_broken(const struct behaviour_part *part,
			     const struct behaviour_request *request, struct script *out)
{
	script_answer(out, &(struct script_answer){
		.status = (int)part->values[GZIP_CODE],
		.headers = "Content-Encoding: gzip\r\n",
		.body = gzip_bodies[part->values[GZIP_FORM]],
		.closing = request->closing,
	});
}

/* gzip-bomb: one deflate block (RFC 1951 3.2.7) whose code for "258 bytes, all like the last one"
 * takes two zero bits, so that each zero byte unpacks to 1032. Its three codes are 0 for that
 * match, 10 for the byte 0, 11 for the end. */

enum { BOMB_RATIO = 4 * 258 };
#define BOMB_BYTES_MAX (UINT64_C(16) << 30)

static const char bomb_begin[] = /* header, code lengths, the byte 0; then seven bits of matches */
	"\x1f\x8b\x08\0\0\0\0\0\x02\xff"
	"\xed\xc0\x81\0\0\0\0\x80\xa0\xfd\xa9\x17\xa9\0";
static const char bomb_end[] = "\x06"; /* the eighth bit, the end */

/* A product of polynomials modulo that of CRC-32 (RFC 1952 8); the top bit is the power 0. */
static uint32_t crc_times(uint32_t a, uint32_t b)
{
	const uint32_t top = UINT32_C(1) << 31, modulus = UINT32_C(0xedb88320);
	uint32_t product = 0;

	for (; a != 0; a <<= 1) {
		product ^= a & top ? b : 0;
		b = b >> 1 ^ (b & 1 ? modulus : 0);
	}
	return product;
}

/* Each zero byte multiplies by the power 8. */
static uint32_t crc_of_zeros(uint64_t bytes)
{
	uint32_t crc = UINT32_MAX, power = UINT32_C(1) << 23;

	for (; bytes != 0; bytes >>= 1) {
		if (bytes & 1)
			crc = crc_times(crc, power);
		power = crc_times(power, power);
	}
	return ~crc;
}

static void put_le32(struct hp_buf *out, uint32_t value)
{
	const char bytes[] = {(char)(value & 0xff), (char)(value >> 8 & 0xff),
			      (char)(value >> 16 & 0xff), (char)(value >> 24)};

	hp_buf_add(out, (struct hp_view){bytes, sizeof(bytes)});
}

enum bomb_param { BOMB_CODE = ROWS_CODE, BOMB_BYTES };

static void play_bomb(const struct behaviour_part *part, const struct behaviour_request *request,
		      struct script *out)
{
	uint64_t zeros = (part->values[BOMB_BYTES] - 2) / BOMB_RATIO; /* enough, rounded up */
	uint64_t unpacked = 1 + BOMB_RATIO * (zeros + 1);
	uint64_t packed = sizeof(bomb_begin) - 1 + zeros + sizeof(bomb_end) - 1 + 8;
	char lines[BODY_LINES_BYTES_MAX];
	struct hp_buf tail;

	snprintf(lines, sizeof(lines), "Content-Encoding: gzip\r\nContent-Length: %ju\r\n%s",
		 (uintmax_t)packed, request->closing ? "Connection: close\r\n" : "");
	rows_put_head(out, (int)part->values[BOMB_CODE], lines);
	hp_buf_add(&out->text, HP_LITERAL(bomb_begin));
	script_write(out, 0, out->text.bytes, (struct script_pace){.times = 1});
	rows_repeat(out, HP_LITERAL("\0"), zeros);
	hp_buf_init(&tail, sizeof(bomb_end) + 8);
	hp_buf_add(&tail, HP_LITERAL(bomb_end));
	put_le32(&tail, crc_of_zeros(unpacked));
	put_le32(&tail, (uint32_t)(unpacked & UINT32_MAX));
	script_say(out, hp_buf_view(&tail));
	hp_buf_fini(&tail);
	out->whole = true;
	if (request->closing)
		script_close(out);
}

/* body-hostile */

struct hostile_body {
	const char *lines; /* of the head */
	struct hp_view text;
};

enum hostile_body_set {
	BODY_FAILURE, BODY_HTML, BODY_CONTROL, BODY_WORKFLOW, BODY_CDATA, BODY_UTF8, BODY_ANSWER,
	BODY_ANNOUNCED,
};

static const char *const body_words[] = {
	[BODY_FAILURE] = "failure", [BODY_HTML] = "html", [BODY_CONTROL] = "control",
	[BODY_WORKFLOW] = "workflow", [BODY_CDATA] = "cdata", [BODY_UTF8] = "utf8",
	[BODY_ANSWER] = "answer", [BODY_ANNOUNCED] = "announced", NULL,
};

static const struct hostile_body hostile_bodies[] = {
	[BODY_FAILURE] = {"", HP_LITERAL("{\"success\":false,\"error\":\"invalid signature\"}")},
	[BODY_HTML] = {"Content-Type: text/html\r\n",
		       HP_LITERAL("<!DOCTYPE html><img src=x onerror=alert(1)>"
				  "<script>alert(1)</script>")},
	[BODY_CONTROL] = {"", HP_LITERAL("\0\x01\x1b[2J\x1b]0;title\x07\r\b\x7f")},
	[BODY_WORKFLOW] = {"", HP_LITERAL("::error file=a.c,line=1::owned\n::stop-commands::x\n")},
	[BODY_CDATA] = {"", HP_LITERAL("]]></failure><testcase name=\"owned\"/>")},
	[BODY_UTF8] = {"Content-Type: application/json; charset=utf-8\r\n",
		       HP_LITERAL("\"\xff\xfe \xc0\xaf \xed\xa0\x80 \xe2\x80\xae\"")},
	[BODY_ANSWER] = {"", HP_LITERAL("HTTP/1.1 500 Internal Server Error\r\n"
					"Content-Length: 0\r\n\r\n")},
	[BODY_ANNOUNCED] = {"Content-Length: 1073741824\r\n", HP_LITERAL(ROWS_BODY)},
};

enum hostile_param { HOSTILE_CODE = ROWS_CODE, HOSTILE_SET };

static void play_hostile(const struct behaviour_part *part,
			 const struct behaviour_request *request, struct script *out)
{
	const struct hostile_body *body = &hostile_bodies[part->values[HOSTILE_SET]];

	if (part->values[HOSTILE_SET] != BODY_ANNOUNCED) {
		script_answer(out, &(struct script_answer){
			.status = (int)part->values[HOSTILE_CODE],
			.headers = body->lines, .body = body->text, .closing = request->closing,
		});
		return;
	}
	rows_put_head(out, (int)part->values[HOSTILE_CODE], body->lines);
	hp_buf_add(&out->text, body->text);
	rows_write_and_close(out);
}

/* body-endless: blocks of 4096 bytes on the wire, until there are enough of them. */

enum endless_param { ENDLESS_CODE = ROWS_CODE, ENDLESS_RATE, ENDLESS_BYTES_MAX, ENDLESS_FRAMING };

enum endless_framing { ENDLESS_CHUNKED, ENDLESS_LENGTH, ENDLESS_CLOSE };
static const char *const endless_words[] = {
	[ENDLESS_CHUNKED] = "chunked", [ENDLESS_LENGTH] = "length", [ENDLESS_CLOSE] = "close", NULL,
};
static const char *const endless_lines[] = {
	[ENDLESS_CHUNKED] = "Transfer-Encoding: chunked\r\n",
	[ENDLESS_LENGTH] = "Content-Length: 9007199254740991\r\n", /* 2^53 - 1 */
	[ENDLESS_CLOSE] = "",
};

enum { ENDLESS_BLOCK_BYTES = 4096, ENDLESS_PIECES_PER_S = 20, ENDLESS_S_MAX = 3600 };
#define ENDLESS_CHUNK_LINE "ff9\r\n"
_Static_assert(sizeof(ENDLESS_CHUNK_LINE "\r\n") - 1 + 0xff9 == ENDLESS_BLOCK_BYTES, "one block");
#define ENDLESS_MOST (UINT64_C(1) << 40)

static void fill_block(char *block, enum endless_framing framing)
{
	memset(block, 'x', ENDLESS_BLOCK_BYTES);
	if (framing != ENDLESS_CHUNKED)
		return;
	memcpy(block, ENDLESS_CHUNK_LINE, strlen(ENDLESS_CHUNK_LINE));
	memcpy(block + ENDLESS_BLOCK_BYTES - 2, "\r\n", 2);
}

/* Pieces are a power of two, so that they part a block evenly. */
static struct script_pace pace_of(uint64_t bytes_per_s, uint64_t times)
{
	uint32_t piece_bytes = 1;

	while (piece_bytes < ENDLESS_BLOCK_BYTES &&
	       piece_bytes * ENDLESS_PIECES_PER_S < bytes_per_s)
		piece_bytes *= 2;
	return (struct script_pace){
		.piece_bytes = piece_bytes,
		.pause_ns = piece_bytes * HP_S_NS / bytes_per_s,
		.times = times,
	};
}

static void play_endless(const struct behaviour_part *part,
			 const struct behaviour_request *request, struct script *out)
{
	enum endless_framing framing = (enum endless_framing)part->values[ENDLESS_FRAMING];
	uint64_t bytes = part->values[ENDLESS_BYTES_MAX], rate = part->values[ENDLESS_RATE];
	char block[ENDLESS_BLOCK_BYTES];

	(void)request;
	if (rate != 0 && bytes / ENDLESS_S_MAX >= rate)
		bytes = rate * ENDLESS_S_MAX;
	uint64_t count = (bytes + ENDLESS_BLOCK_BYTES - 1) / ENDLESS_BLOCK_BYTES;
	rows_put_head(out, (int)part->values[ENDLESS_CODE], endless_lines[framing]);
	size_t from = out->text.bytes;
	script_write(out, 0, from, (struct script_pace){.times = 1});
	fill_block(block, framing);
	if (rate == 0) {
		rows_repeat(out, (struct hp_view){block, sizeof(block)}, count);
	} else {
		hp_buf_add(&out->text, (struct hp_view){block, sizeof(block)});
		script_write(out, from, out->text.bytes, pace_of(rate, count));
	}
	if (framing == ENDLESS_CLOSE)
		script_reset(out); /* a FIN would make it whole */
	else
		script_close(out);
}

/* corrupt-bytes */

enum corrupt_param { CORRUPT_CODE = ROWS_CODE, CORRUPT_IN, CORRUPT_BITS, CORRUPT_OFFSET };

enum corrupt_in { CORRUPT_HEAD, CORRUPT_BODY };
static const char *const corrupt_words[] = {
	[CORRUPT_HEAD] = "head", [CORRUPT_BODY] = "body", NULL,
};

enum { CORRUPT_BITS_MAX = 64, CORRUPT_BYTES_MAX = 256, BITS = 8 };

/* Puts the answer as it should be, and says which of its bytes may be hit. */
static struct hp_view put_victim(const struct behaviour_part *part, struct script *out)
{
	const struct script_layout layout = script_put_answer(out, &(struct script_answer){
		.status = (int)part->values[CORRUPT_CODE],
		.body = HP_LITERAL(ROWS_BODY), .closing = true,
	});
	bool in_body = part->values[CORRUPT_IN] == CORRUPT_BODY;
	size_t from = in_body ? layout.head_end : 0, to = in_body ? layout.end : layout.head_end;

	assert(layout.end <= CORRUPT_BYTES_MAX);
	if (behaviour_given(part, CORRUPT_OFFSET)) {
		size_t bytes = (part->values[CORRUPT_BITS] + BITS - 1) / BITS;
		size_t offset = part->values[CORRUPT_OFFSET];
		from = offset < to - from ? from + offset : to;
		to = bytes < to - from ? from + bytes : to;
	}
	return (struct hp_view){out->text.at + from, to - from};
}

static bool differs(const char *text, const char *was, uint64_t bit)
{
	return (text[bit / BITS] ^ was[bit / BITS]) >> bit % BITS & 1;
}

/* Draws `count` bits without replacement, one keyed draw each (R. W. Floyd's sample). */
static void flip_bits(char *text, size_t bytes, uint64_t count, struct hp_key key)
{
	char was[CORRUPT_BYTES_MAX];

	memcpy(was, text, bytes);
	for (uint64_t last = bytes * BITS - count; last < bytes * BITS; last++, key.draw++) {
		uint64_t bit = hp_random_below(&key, last + 1);
		if (differs(text, was, bit))
			bit = last;
		text[bit / BITS] = (char)(text[bit / BITS] ^ 1 << bit % BITS);
	}
}

/* What a strict client makes of the text and a FIN behind it; *status where it finds one. */
static bool reads_whole(struct hp_view text, int *status)
{
	struct http1_head head;
	struct http1_body body;
	struct hp_view data;
	size_t taken, from;
	enum http1_result result;

	if (http1_parse_response(text.at, text.bytes, &head) != HTTP1_DONE)
		return false;
	*status = head.status;
	http1_body_init(&body, &head);
	from = head.head_bytes;
	do {
		result = http1_body_step(&body, text.at + from, text.bytes - from, &taken, &data);
		from += taken;
	} while (result == HTTP1_MORE && from < text.bytes && taken != 0);
	return head.status >= 200 &&
	       (result == HTTP1_DONE || head.framing == HTTP1_UNTIL_CLOSE);
}

static void play_corrupt(const struct behaviour_part *part,
			 const struct behaviour_request *request, struct script *out)
{
	const struct behaviour_case *c = request->c;
	const struct hp_key key = {
		.seed = c->seed, .stream = HP_STREAM_CORRUPT, .endpoint = c->endpoint_index,
		.event = c->identity, .attempt = c->ordinal, .draw = c->draw * CORRUPT_BITS_MAX,
	};
	struct hp_view victim = put_victim(part, out);
	size_t from = (size_t)(victim.at - out->text.at);

	flip_bits(out->text.at + from, victim.bytes, part->values[CORRUPT_BITS], key);
	out->whole = reads_whole(hp_buf_view(&out->text), &out->status);
	rows_write_and_close(out);
}

static int check_corrupt(const struct behaviour_part *part, struct hp_err *err)
{
	struct script script;
	uint64_t bytes;

	if (rows_check_code(part, err) < 0)
		return -1;
	script_init(&script);
	bytes = put_victim(part, &script).bytes;
	script_fini(&script);
	if (bytes * BITS < part->values[CORRUPT_BITS])
		return hp_err_set(err, HP_EINPUT, "\"offset\": %ju bytes are left to hit, too few "
						  "for \"bits\": %ju",
				  (uintmax_t)bytes, (uintmax_t)part->values[CORRUPT_BITS]);
	return 0;
}

#define WHOLE_PROOF "the peer's kernel acknowledged the whole answer"

const struct behaviour_row rows_body[] = {
	{
		.number = 60, .slug = "gzip-broken", .layer = BEHAVIOUR_HTTP,
		.help = "answers in good framing with a body that says gzip and does not unpack",
		.proof = WHOLE_PROOF,
		.params = {
			ROWS_CODE_PARAM,
			[GZIP_FORM] = {"form", BEHAVIOUR_WORD, GZIP_PLAIN, GZIP_PLAIN,
				       GZIP_TRAILING, .words = gzip_words,
				       .help = "not packed, cut short, a block of no known type, a "
					       "wrong check sum or length, or bytes behind it"},
		},
		.play = play_gzip_broken,
		.check = rows_check_code,
	},
	{
		.number = 61, .slug = "gzip-bomb", .layer = BEHAVIOUR_HTTP,
		.help = "answers with a valid gzip body of zeros, packed about 1000 to 1",
		.proof = "all of it acknowledged by the peer's kernel, or the moment the peer left",
		.params = {
			ROWS_CODE_PARAM,
			[BOMB_BYTES] = {"bytes", BEHAVIOUR_BYTES, UINT64_C(1) << 30, 64 * 1024,
					BOMB_BYTES_MAX, .help = "at least so many when unpacked"},
		},
		.play = play_bomb,
		.check = rows_check_code,
	},
	{
		.number = 62, .slug = "body-hostile", .layer = BEHAVIOUR_HTTP,
		.help = "answers 200 with a body that contradicts it, or attacks logs and reports",
		.proof = WHOLE_PROOF,
		.params = {
			ROWS_CODE_PARAM,
			[HOSTILE_SET] = {"set", BEHAVIOUR_WORD, BODY_FAILURE, BODY_FAILURE,
					 BODY_ANNOUNCED, .words = body_words,
					 .help = "what stands in it; \"announced\" says 1 GiB, "
						 "sends 17 bytes and closes"},
		},
		.play = play_hostile,
		.check = rows_check_code,
	},
	{
		.number = 63, .slug = "body-endless", .layer = BEHAVIOUR_HTTP,
		.help = "answers with a body that does not end, until enough was sent or about an "
			"hour is over; then the connection is cut",
		.proof = "bytes acknowledged by the peer's kernel; the moment the peer left",
		.params = {
			ROWS_CODE_PARAM,
			[ENDLESS_RATE] = {"rate", BEHAVIOUR_RATE, 0, 0, UINT64_C(10000000000),
					  .help = "how fast; 0: as it is read"},
			[ENDLESS_BYTES_MAX] = {"bytes_max", BEHAVIOUR_BYTES, 64 * 1024 * 1024,
					       ENDLESS_BLOCK_BYTES, ENDLESS_MOST,
					       .help = "when it is enough"},
			[ENDLESS_FRAMING] = {"framing", BEHAVIOUR_WORD, ENDLESS_CHUNKED,
					     ENDLESS_CHUNKED, ENDLESS_CLOSE, .words = endless_words,
					     .help = "in chunks, with a length of 8 PiB, or until "
						     "the connection ends"},
		},
		.play = play_endless,
		.check = rows_check_code,
	},
	{
		.number = 64, .slug = "corrupt-bytes", .layer = BEHAVIOUR_HTTP, .varies = true,
		.effect = BEHAVIOUR_EFFECT_ALWAYS,
		.help = "flips bits of a good answer, after the effect: which ones is drawn for "
			"each event and attempt",
		.proof = "the script's bytes under the seed, acknowledged by the peer's kernel",
		.params = {
			[CORRUPT_CODE] = {"code", BEHAVIOUR_STATUS, 200, 200, 299,
					  .help = "the status before"},
			[CORRUPT_IN] = {"in", BEHAVIOUR_WORD, CORRUPT_HEAD, CORRUPT_HEAD,
					CORRUPT_BODY, .words = corrupt_words, .help = "where"},
			[CORRUPT_BITS] = {"bits", BEHAVIOUR_COUNT, 1, 1, CORRUPT_BITS_MAX,
					  .help = "how many"},
			[CORRUPT_OFFSET] = {"offset", BEHAVIOUR_COUNT, 0, 0, CORRUPT_BYTES_MAX,
					    .optional = true,
					    .help = "from this byte on, no further than needed"},
		},
		.play = play_corrupt,
		.check = check_corrupt,
	},
	{.number = 0},
};
