/* Answers whose length or chunks lie. All of them close. The two that end where a reader expects it
 * and go on behind that are whole, and say "Connection: close"; so is the one that ends with the
 * connection. See behaviour.h. */
#include "receivers/rows.h"

#include <stdio.h>

enum { SURPLUS_BYTES_MAX = 32 * 1024, FRAMING_LINES_BYTES_MAX = 128 };

enum framing_param { FRAMING_CODE = ROWS_CODE, FRAMING_BY, FRAMING_FORM = FRAMING_BY };

/* A head with those lines, what stands behind it, and our FIN. */
static void write_framed(struct script *out, const struct behaviour_part *part, const char *lines,
			 const char *rest)
{
	rows_put_head(out, (int)part->values[FRAMING_CODE], lines);
	hp_buf_add_text(&out->text, rest);
	rows_write_and_close(out);
}

/* The same, whole, and bytes that belong to nothing. */
static void write_surplus(struct script *out, const struct behaviour_part *part, const char *lines,
			  const char *rest)
{
	rows_put_head(out, (int)part->values[FRAMING_CODE], lines);
	hp_buf_add_text(&out->text, rest);
	for (uint64_t i = 0; i < part->values[FRAMING_BY]; i++)
		hp_buf_add_text(&out->text, "x");
	assert(!out->text.cut);
	out->whole = true;
	rows_write_and_close(out);
}

static void play_long(const struct behaviour_part *part, const struct behaviour_request *request,
		      struct script *out)
{
	char lines[FRAMING_LINES_BYTES_MAX];

	(void)request;
	snprintf(lines, sizeof(lines), "Content-Length: %ju\r\n",
		 (uintmax_t)(strlen(ROWS_BODY) + part->values[FRAMING_BY]));
	write_framed(out, part, lines, ROWS_BODY);
}

static void play_short(const struct behaviour_part *part, const struct behaviour_request *request,
		       struct script *out)
{
	(void)request;
	write_surplus(out, part, ROWS_BODY_LENGTH "Connection: close\r\n", ROWS_BODY);
}

static void play_none(const struct behaviour_part *part, const struct behaviour_request *request,
		      struct script *out)
{
	(void)request;
	out->whole = true;
	write_framed(out, part, "", ROWS_BODY);
}

static void play_twice(const struct behaviour_part *part, const struct behaviour_request *request,
		       struct script *out)
{
	char lines[FRAMING_LINES_BYTES_MAX];

	(void)request;
	snprintf(lines, sizeof(lines), ROWS_BODY_LENGTH "Content-Length: %ju\r\n",
		 (uintmax_t)(strlen(ROWS_BODY) + part->values[FRAMING_BY]));
	write_framed(out, part, lines, ROWS_BODY);
}

static void play_negative(const struct behaviour_part *part,
			  const struct behaviour_request *request, struct script *out)
{
	(void)request;
	write_framed(out, part, "Content-Length: -17\r\n", ROWS_BODY);
}

/* Numbers that overflow somewhere; the first one is 17 in 64 bits. */
enum huge_form { HUGE_WRAPS, HUGE_INT64, HUGE_UINT64, HUGE_DIGITS };

static const char *const huge_words[] = {
	[HUGE_WRAPS] = "wraps", [HUGE_INT64] = "int64", [HUGE_UINT64] = "uint64",
	[HUGE_DIGITS] = "digits", NULL,
};
static const char *const huge_lines[] = {
	[HUGE_WRAPS] = "Content-Length: 18446744073709551633\r\n",
	[HUGE_INT64] = "Content-Length: 9223372036854775808\r\n",
	[HUGE_UINT64] = "Content-Length: 18446744073709551615\r\n",
	[HUGE_DIGITS] = "Content-Length: 9999999999999999999999999999999999999999\r\n",
};

static void play_length_huge(const struct behaviour_part *part,
			     const struct behaviour_request *request, struct script *out)
{
	(void)request;
	write_framed(out, part, huge_lines[part->values[FRAMING_FORM]], ROWS_BODY);
}

#define CHUNKED "Transfer-Encoding: chunked\r\n"
#define LAST_CHUNK "0\r\n\r\n"

static void play_both(const struct behaviour_part *part, const struct behaviour_request *request,
		      struct script *out)
{
	(void)request;
	write_framed(out, part, ROWS_BODY_LENGTH CHUNKED, ROWS_CHUNK LAST_CHUNK);
}

/* chunk-bad; of "huge" the size is 17 in 64 bits. */
enum chunk_form {
	CHUNK_TEXT, CHUNK_NEGATIVE, CHUNK_HUGE, CHUNK_PREFIX, CHUNK_EMPTY, CHUNK_SHORT, CHUNK_LONG,
	CHUNK_BARE_LF,
};

static const char *const chunk_words[] = {
	[CHUNK_TEXT] = "text", [CHUNK_NEGATIVE] = "negative", [CHUNK_HUGE] = "huge",
	[CHUNK_PREFIX] = "prefix", [CHUNK_EMPTY] = "empty", [CHUNK_SHORT] = "short",
	[CHUNK_LONG] = "long", [CHUNK_BARE_LF] = "bare-lf", NULL,
};
static const char *const chunk_bodies[] = {
	[CHUNK_TEXT] = "zz\r\n" ROWS_BODY "\r\n" LAST_CHUNK,
	[CHUNK_NEGATIVE] = "-11\r\n" ROWS_BODY "\r\n" LAST_CHUNK,
	[CHUNK_HUGE] = "10000000000000011\r\n" ROWS_BODY "\r\n" LAST_CHUNK,
	[CHUNK_PREFIX] = "0x11\r\n" ROWS_BODY "\r\n" LAST_CHUNK,
	[CHUNK_EMPTY] = "\r\n" ROWS_BODY "\r\n" LAST_CHUNK,
	[CHUNK_SHORT] = "10\r\n" ROWS_BODY "\r\n" LAST_CHUNK,
	[CHUNK_LONG] = "12\r\n" ROWS_BODY "\r\n" LAST_CHUNK,
	[CHUNK_BARE_LF] = "11\n" ROWS_BODY "\n0\n\n",
};

static void play_chunk_bad(const struct behaviour_part *part,
			   const struct behaviour_request *request, struct script *out)
{
	(void)request;
	write_framed(out, part, CHUNKED, chunk_bodies[part->values[FRAMING_FORM]]);
}

static void play_chunk_no_end(const struct behaviour_part *part,
			      const struct behaviour_request *request, struct script *out)
{
	(void)request;
	write_framed(out, part, CHUNKED, ROWS_CHUNK);
}

static void play_chunk_trailing(const struct behaviour_part *part,
				const struct behaviour_request *request, struct script *out)
{
	(void)request;
	write_surplus(out, part, CHUNKED "Connection: close\r\n", ROWS_CHUNK LAST_CHUNK);
}

#define FRAMING_ROW(row_number, row_slug, row_help)                                               \
	.number = row_number, .slug = row_slug, .layer = BEHAVIOUR_HTTP, .help = row_help,        \
	.proof = "the peer's kernel acknowledged all of it, then our FIN",                        \
	.check = rows_check_code

#define BY_PARAM(what)                                                                            \
	[FRAMING_BY] = {"by", BEHAVIOUR_BYTES, 50, 1, SURPLUS_BYTES_MAX, .help = what}

const struct behaviour_row rows_framing[] = {
	{
		FRAMING_ROW(50, "length-long", "announces more bytes than it sends, and closes"),
		.params = {ROWS_CODE_PARAM, BY_PARAM("how many are missing")},
		.play = play_long,
	},
	{
		FRAMING_ROW(51, "length-short", "sends more bytes than it announced, and closes"),
		.params = {ROWS_CODE_PARAM, BY_PARAM("how many are too many")},
		.play = play_short,
	},
	{
		FRAMING_ROW(52, "length-none",
			    "announces no length: the body ends with the connection"),
		.params = {ROWS_CODE_PARAM},
		.play = play_none,
	},
	{
		FRAMING_ROW(53, "length-twice", "announces two lengths, the first of them right"),
		.params = {ROWS_CODE_PARAM, BY_PARAM("how much larger the second one is")},
		.play = play_twice,
	},
	{
		FRAMING_ROW(54, "length-negative", "announces a length of -17"),
		.params = {ROWS_CODE_PARAM},
		.play = play_negative,
	},
	{
		FRAMING_ROW(55, "length-huge", "announces a length that overflows, sends 17 bytes"),
		.params = {
			ROWS_CODE_PARAM,
			[FRAMING_FORM] = {"form", BEHAVIOUR_WORD, HUGE_WRAPS, HUGE_WRAPS,
					  HUGE_DIGITS, .words = huge_words,
					  .help = "2^64 + 17, 2^63, 2^64 - 1, or 40 nines"},
		},
		.play = play_length_huge,
	},
	{
		FRAMING_ROW(56, "length-and-chunked", "announces a length, and chunks as well"),
		.params = {ROWS_CODE_PARAM},
		.play = play_both,
	},
	{
		FRAMING_ROW(57, "chunk-bad", "sends a chunk whose size line or end is wrong"),
		.params = {
			ROWS_CODE_PARAM,
			[FRAMING_FORM] = {"form", BEHAVIOUR_WORD, CHUNK_TEXT, CHUNK_TEXT,
					  CHUNK_BARE_LF, .words = chunk_words,
					  .help = "zz, -11, 2^64 + 17, 0x11, no size, one too few, "
						  "one too many, or LF without CR"},
		},
		.play = play_chunk_bad,
	},
	{
		FRAMING_ROW(58, "chunk-no-end", "leaves out the last chunk, and closes"),
		.params = {ROWS_CODE_PARAM},
		.play = play_chunk_no_end,
	},
	{
		FRAMING_ROW(59, "chunk-trailing", "sends bytes behind the last chunk, and closes"),
		.params = {ROWS_CODE_PARAM, BY_PARAM("how many")},
		.play = play_chunk_trailing,
	},
	{.number = 0},
};
