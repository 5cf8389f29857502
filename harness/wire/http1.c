/* Heads of HTTP/1.1 messages (RFC 9112), line by line: memchr finds a line's end, each line is
 * checked once, nothing is copied. Two hosts, two framings or two lengths are refused rather than
 * ranked, since the next reader of the same bytes may rank them the other way (smuggling).
 * Not here: bodies (http1_body.c). */
#include "wire/http1.h"

enum { STATUS_LINE_BYTES_MIN = sizeof("HTTP/1.1 200") - 1 };

struct cursor { /* what is left of a head, and what its headers have said so far */
	const char *at, *end;
	struct http1_head *head;
	unsigned host_count;
	bool has_length, is_chunked, says_close, says_keep_alive;
};

/* Characters of a token (RFC 9110 5.6.2). */
static const bool is_token[256] = {
	['!'] = 1, ['#' ... '\''] = 1, ['*'] = 1, ['+'] = 1, ['-'] = 1, ['.'] = 1,
	['0' ... '9'] = 1, ['A' ... 'Z'] = 1, ['^' ... 'z'] = 1, ['|'] = 1, ['~'] = 1,
};

static bool text_is_clean_slow(const char *at, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		unsigned char c = (unsigned char)at[i];
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

/* Non-zero when one of eight bytes is below 0x20 or is 0x7f; exact, the borrow only ever reaches
 * bytes above one that is already marked. */
static uint64_t word_controls(uint64_t word)
{
	const uint64_t ones = UINT64_MAX / 255, tops = ones * 0x80;
	uint64_t del = word ^ (ones * 0x7f);
	return (((word - ones * 0x20) & ~word) | ((del - ones) & ~del)) & tops;
}

static bool word_is_clean(const char *at)
{
	uint64_t word;
	memcpy(&word, at, sizeof(word));
	return word_controls(word) == 0 || text_is_clean_slow(at, sizeof(word));
}

/* No control byte but the tab: a field value or the text of a first line (RFC 9110 5.5).
 * Eight bytes at a time; the last eight may overlap those before. */
static bool text_is_clean(const char *at, size_t bytes)
{
	const size_t step = sizeof(uint64_t);
	if (bytes < step)
		return text_is_clean_slow(at, bytes);
	for (size_t i = 0; i + step < bytes; i += step)
		if (!word_is_clean(at + i))
			return false;
	return word_is_clean(at + bytes - step);
}

/* Fills *line, without its CRLF, when it is complete. A control byte in an incomplete line is bad
 * at once, so that a peer that speaks TLS to a plain port is not waited for. */
static enum http1_result next_line(struct cursor *c, struct hp_view *line)
{
	size_t left = (size_t)(c->end - c->at);
	const char *lf = left != 0 ? memchr(c->at, '\n', left) : NULL;
	if (lf == NULL) {
		if (left != 0 && c->end[-1] == '\r')
			left--;
		return text_is_clean(c->at, left) ? HTTP1_MORE : HTTP1_BAD;
	}
	if (lf == c->at || lf[-1] != '\r')
		return HTTP1_BAD;
	*line = (struct hp_view){c->at, (size_t)(lf - 1 - c->at)};
	c->at = lf + 1;
	return HTTP1_DONE;
}

static bool read_version(struct hp_view text, struct http1_head *out)
{
	if (text.bytes != sizeof("HTTP/1.1") - 1 || memcmp(text.at, "HTTP/1.", 7) != 0)
		return false;
	out->minor = text.at[7] - '0';
	return out->minor == 0 || out->minor == 1;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "HTTP/1.1 200 OK"; servers that leave out the empty reason and its space are understood. */
static bool read_status_line(struct hp_view line, struct http1_head *out)
{
	const char *at = line.at;
	if (line.bytes < STATUS_LINE_BYTES_MIN || !read_version((struct hp_view){at, 8}, out))
		return false;
	if (at[8] != ' ' || !is_digit(at[9]) || !is_digit(at[10]) || !is_digit(at[11]))
		return false;
	if (line.bytes > STATUS_LINE_BYTES_MIN && at[12] != ' ')
		return false;
	out->status = (at[9] - '0') * 100 + (at[10] - '0') * 10 + (at[11] - '0');
	return out->status >= 100 &&
	       text_is_clean(at + STATUS_LINE_BYTES_MIN, line.bytes - STATUS_LINE_BYTES_MIN);
}

static size_t token_bytes(struct hp_view text)
{
	size_t bytes = 0;
	while (bytes < text.bytes && is_token[(unsigned char)text.at[bytes]])
		bytes++;
	return bytes;
}

/* Visible ASCII up to a space: all that a request target may hold (RFC 3986 2). */
static size_t target_bytes(struct hp_view text)
{
	size_t bytes = 0;
	while (bytes < text.bytes && text.at[bytes] > ' ' && text.at[bytes] < 0x7f)
		bytes++;
	return bytes;
}

/* Cuts a word and the one space behind it off the front of the line. */
static bool cut_word(struct hp_view *line, size_t bytes, struct hp_view *word)
{
	if (bytes == 0 || bytes == line->bytes || line->at[bytes] != ' ')
		return false;
	*word = (struct hp_view){line->at, bytes};
	*line = (struct hp_view){line->at + bytes + 1, line->bytes - bytes - 1};
	return true;
}

/* "POST /hooks HTTP/1.1" with exactly one space at both places (RFC 9112 3). */
static bool read_request_line(struct hp_view line, struct http1_head *out)
{
	return cut_word(&line, token_bytes(line), &out->method) &&
	       cut_word(&line, target_bytes(line), &out->target) && read_version(line, out);
}

static bool read_host(struct cursor *c, struct hp_view value)
{
	(void)value;
	return ++c->host_count == 1;
}

static bool read_expect(struct cursor *c, struct hp_view value)
{
	if (hp_view_equal_nocase(value, HP_LITERAL("100-continue")))
		c->head->expect_continue = c->head->minor == 1; /* RFC 9110 10.1.1 */
	return true;
}

static bool read_connection(struct cursor *c, struct hp_view value)
{
	while (value.bytes != 0) {
		const char *comma = memchr(value.at, ',', value.bytes);
		size_t bytes = comma != NULL ? (size_t)(comma - value.at) : value.bytes;
		struct hp_view option = hp_view_trim((struct hp_view){value.at, bytes});
		c->says_close |= hp_view_equal_nocase(option, HP_LITERAL("close"));
		c->says_keep_alive |= hp_view_equal_nocase(option, HP_LITERAL("keep-alive"));
		bytes += comma != NULL;
		value = (struct hp_view){value.at + bytes, value.bytes - bytes};
	}
	return true;
}

static bool read_content_length(struct cursor *c, struct hp_view value)
{
	uint64_t bytes = 0;
	for (size_t i = 0; i < value.bytes; i++) {
		if (!is_digit(value.at[i]) || bytes > (UINT64_MAX - 9) / 10)
			return false;
		bytes = bytes * 10 + (uint64_t)(value.at[i] - '0');
	}
	if (value.bytes == 0 || (c->has_length && bytes != c->head->body_bytes))
		return false;
	c->has_length = true;
	c->head->body_bytes = bytes;
	return true;
}

/* Only "chunked", and only in HTTP/1.1: a coding that we cannot undo hides the body's end. */
static bool read_transfer_encoding(struct cursor *c, struct hp_view value)
{
	if (c->is_chunked || c->head->minor == 0)
		return false;
	c->is_chunked = true;
	return hp_view_equal_nocase(value, HP_LITERAL("chunked"));
}

struct known_header {
	const char *name;
	bool (*read)(struct cursor *c, struct hp_view value);
};

/* The headers that decide about the message, found by the length of their name. */
static const struct known_header known_headers[] = {
	[4] = {"host", read_host},
	[6] = {"expect", read_expect},
	[10] = {"connection", read_connection},
	[14] = {"content-length", read_content_length},
	[17] = {"transfer-encoding", read_transfer_encoding},
};

enum { KNOWN_BYTES_MAX = sizeof(known_headers) / sizeof(known_headers[0]) - 1 };

static bool read_known(struct cursor *c, const struct http1_header *header)
{
	if (header->name.bytes > KNOWN_BYTES_MAX)
		return true;
	const struct known_header *known = &known_headers[header->name.bytes];
	if (known->name == NULL)
		return true;
	struct hp_view name = {known->name, header->name.bytes};
	return !hp_view_equal_nocase(header->name, name) || known->read(c, header->value);
}

static bool read_header(struct cursor *c, struct hp_view line)
{
	size_t bytes = token_bytes(line);
	if (bytes == 0 || bytes == line.bytes || line.at[bytes] != ':')
		return false; /* no name, a fold, a space before the colon (RFC 9112 5.1, 5.2) */
	if (c->head->header_count == HTTP1_HEADERS_MAX)
		return false;
	struct http1_header *header = &c->head->headers[c->head->header_count++];
	header->name = (struct hp_view){line.at, bytes};
	bytes++;
	header->value = (struct hp_view){line.at + bytes, line.bytes - bytes};
	if (!text_is_clean(header->value.at, header->value.bytes))
		return false;
	header->value = hp_view_trim(header->value);
	return read_known(c, header);
}

static enum http1_result read_lines(struct cursor *c,
				    bool (*read_first)(struct hp_view, struct http1_head *))
{
	struct hp_view line;
	enum http1_result result = next_line(c, &line);
	if (result != HTTP1_DONE)
		return result;
	if (!read_first(line, c->head))
		return HTTP1_BAD;
	while ((result = next_line(c, &line)) == HTTP1_DONE && line.bytes != 0)
		if (!read_header(c, line))
			return HTTP1_BAD;
	return result;
}

static enum http1_result read_head(struct cursor *c, const char *buf, size_t bytes,
				   bool (*read_first)(struct hp_view, struct http1_head *))
{
	bool full = bytes >= HTTP1_HEAD_BYTES_MAX;
	c->at = buf;
	c->end = buf + (full ? HTTP1_HEAD_BYTES_MAX : bytes);
	c->head->method = c->head->target = (struct hp_view){NULL, 0};
	c->head->status = 0;
	c->head->expect_continue = false;
	c->head->body_bytes = 0;
	c->head->header_count = 0;
	enum http1_result result = read_lines(c, read_first);
	c->head->head_bytes = (size_t)(c->at - buf);
	return result == HTTP1_MORE && full ? HTTP1_BAD : result;
}

static enum http1_result settle(struct cursor *c, enum http1_framing without_header)
{
	if (c->has_length && c->is_chunked)
		return HTTP1_BAD;
	struct http1_head *head = c->head;
	head->framing = c->is_chunked ? HTTP1_CHUNKED
		      : c->has_length ? HTTP1_LENGTH
				      : without_header;
	head->keep_alive = !c->says_close && (head->minor == 1 || c->says_keep_alive);
	return HTTP1_DONE;
}

enum http1_result http1_parse_response(const char *buf, size_t bytes, struct http1_head *out)
{
	struct cursor c = {.head = out};
	enum http1_result result = read_head(&c, buf, bytes, read_status_line);
	if (result != HTTP1_DONE || settle(&c, HTTP1_UNTIL_CLOSE) != HTTP1_DONE)
		return result != HTTP1_DONE ? result : HTTP1_BAD;
	if (out->status < 200 || out->status == 204 || out->status == 304) { /* RFC 9112 6.3 */
		out->framing = HTTP1_NO_BODY;
		out->body_bytes = 0;
	}
	if (out->framing == HTTP1_UNTIL_CLOSE)
		out->keep_alive = false;
	return HTTP1_DONE;
}

enum http1_result http1_parse_request(const char *buf, size_t bytes, struct http1_head *out)
{
	struct cursor c = {.head = out};
	enum http1_result result = read_head(&c, buf, bytes, read_request_line);
	if (result != HTTP1_DONE)
		return result;
	if (out->minor == 1 && c.host_count != 1)
		return HTTP1_BAD;
	return settle(&c, HTTP1_NO_BODY);
}

struct hp_view http1_find(const struct http1_head *head, struct hp_view name)
{
	for (size_t i = 0; i < head->header_count; i++)
		if (hp_view_equal_nocase(head->headers[i].name, name))
			return head->headers[i].value;
	return (struct hp_view){NULL, 0};
}
