/* Bodies of HTTP/1.1 messages (RFC 9112 6, 7): counts a length down, or walks chunk framing
 * through a table of states by classes of bytes. A pair that the table does not name is bad.
 * The happy path of a chunked body: SIZE_START, SIZE, SIZE_LF, DATA, DATA_CR, DATA_LF and again;
 * a size of 0 leads to TRAILER_START, END_LF and DONE. */
#include "wire/http1.h"

enum state {
	BAD, /* for ever: no step leaves it */
	SIZE_START, SIZE, PAD, EXTENSION, SIZE_LF,
	DATA, DATA_CR, DATA_LF,
	TRAILER_START, TRAILER, TRAILER_LF, END_LF, DONE,
	STATES
};

enum byte_class { CONTROL, HEX, SEMICOLON, BLANK, CR, LF, OTHER, CLASSES };

static const unsigned char class_of[256] = {
	['\t'] = BLANK, [' '] = BLANK, ['\r'] = CR, ['\n'] = LF, [';'] = SEMICOLON,
	['!' ... '/'] = OTHER, ['0' ... '9'] = HEX, [':'] = OTHER, ['<' ... '@'] = OTHER,
	['A' ... 'F'] = HEX, ['G' ... '`'] = OTHER, ['a' ... 'f'] = HEX, ['g' ... '~'] = OTHER,
	[0x80 ... 0xff] = OTHER,
};

static const unsigned char next_state[STATES][CLASSES] = {
	[SIZE_START] = {[HEX] = SIZE},
	[SIZE] = {[HEX] = SIZE, [SEMICOLON] = EXTENSION, [BLANK] = PAD, [CR] = SIZE_LF},
	[PAD] = {[BLANK] = PAD, [SEMICOLON] = EXTENSION}, /* RFC 9112 7.1.1, BWS */
	[EXTENSION] = {[HEX] = EXTENSION, [SEMICOLON] = EXTENSION, [BLANK] = EXTENSION,
		       [OTHER] = EXTENSION, [CR] = SIZE_LF},
	[SIZE_LF] = {[LF] = DATA},
	[DATA_CR] = {[CR] = DATA_LF},
	[DATA_LF] = {[LF] = SIZE_START},
	[TRAILER_START] = {[HEX] = TRAILER, [OTHER] = TRAILER, [CR] = END_LF},
	[TRAILER] = {[HEX] = TRAILER, [SEMICOLON] = TRAILER, [BLANK] = TRAILER,
		     [OTHER] = TRAILER, [CR] = TRAILER_LF},
	[TRAILER_LF] = {[LF] = TRAILER_START},
	[END_LF] = {[LF] = DONE},
};

void http1_body_init(struct http1_body *body, const struct http1_head *head)
{
	*body = (struct http1_body){
		.framing = head->framing,
		.state = SIZE_START,
		.left = head->framing == HTTP1_LENGTH ? head->body_bytes : 0,
	};
}

static uint64_t hex_value(unsigned char c)
{
	return c <= '9' ? (uint64_t)(c - '0') : (uint64_t)((c | 0x20) - 'a' + 10);
}

/* Framing may outweigh its data by one head's worth in all, so that a body of tiny chunks passes
 * and one of endless extensions does not. */
static void forgive_framing(struct http1_body *body)
{
	const uint64_t chunk_bytes = 16, factor = 2;
	uint64_t credit = body->left < HTTP1_HEAD_BYTES_MAX ? chunk_bytes + factor * body->left
							     : HTTP1_HEAD_BYTES_MAX;
	body->line_bytes -= credit < body->line_bytes ? credit : body->line_bytes;
}

static enum state eat_framing(struct http1_body *body, unsigned char c)
{
	enum state next = next_state[body->state][class_of[c]];
	if (++body->line_bytes > HTTP1_HEAD_BYTES_MAX)
		return BAD;
	if (next == SIZE) {
		if (body->left > UINT64_MAX >> 4)
			return BAD;
		body->left = body->left << 4 | hex_value(c);
	}
	if (next != DATA)
		return next;
	if (body->left == 0)
		return TRAILER_START;
	forgive_framing(body);
	return DATA;
}

static size_t take_data(struct http1_body *body, const char *buf, size_t bytes,
			struct hp_view *data)
{
	size_t count = bytes < body->left ? bytes : (size_t)body->left;
	*data = (struct hp_view){buf, count};
	body->left -= count;
	return count;
}

static enum http1_result step_chunked(struct http1_body *body, const char *buf, size_t bytes,
				      size_t *taken, struct hp_view *data)
{
	size_t i = 0;
	while (i < bytes && body->state != DATA && body->state != BAD && body->state != DONE)
		body->state = (int)eat_framing(body, (unsigned char)buf[i++]);
	if (body->state == DATA) {
		i += take_data(body, buf + i, bytes - i, data);
		if (body->left == 0)
			body->state = DATA_CR;
	}
	*taken = i;
	if (body->state == BAD)
		return HTTP1_BAD;
	return body->state == DONE ? HTTP1_DONE : HTTP1_MORE;
}

enum http1_result http1_body_step(struct http1_body *body, const char *buf, size_t bytes,
				  size_t *taken, struct hp_view *data)
{
	*taken = 0;
	*data = (struct hp_view){buf, 0};
	switch (body->framing) {
	case HTTP1_NO_BODY:
		return HTTP1_DONE;
	case HTTP1_LENGTH:
		*taken = take_data(body, buf, bytes, data);
		return body->left == 0 ? HTTP1_DONE : HTTP1_MORE;
	case HTTP1_CHUNKED:
		return step_chunked(body, buf, bytes, taken, data);
	case HTTP1_UNTIL_CLOSE:
		break;
	}
	*taken = bytes;
	*data = (struct hp_view){buf, bytes};
	return HTTP1_MORE;
}
