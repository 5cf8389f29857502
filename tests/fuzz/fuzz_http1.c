/* Heads and bodies of HTTP/1.1: no input reads beyond its end, views lie inside the input, a prefix
 * never says more than the whole, and a body decodes alike in one piece and byte by byte. */
#include <stdlib.h>

#include "base/err.h"
#include "wire/http1.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

typedef enum http1_result parse_fn(const char *buf, size_t bytes, struct http1_head *out);

static void check_inside(struct hp_view view, const char *buf, size_t bytes)
{
	if (view.bytes != 0)
		assert(view.at >= buf && view.at + view.bytes <= buf + bytes);
}

static void check_head(const struct http1_head *head, const char *buf, size_t bytes)
{
	assert(head->head_bytes <= bytes && head->head_bytes <= HTTP1_HEAD_BYTES_MAX);
	assert(memcmp(buf + head->head_bytes - 4, "\r\n\r\n", 4) == 0);
	assert(head->header_count <= HTTP1_HEADERS_MAX);
	assert(head->minor == 0 || head->minor == 1);
	assert(head->framing == HTTP1_LENGTH || head->body_bytes == 0);
	check_inside(head->method, buf, head->head_bytes);
	check_inside(head->target, buf, head->head_bytes);
	for (size_t i = 0; i < head->header_count; i++) {
		assert(head->headers[i].name.bytes > 0);
		check_inside(head->headers[i].name, buf, head->head_bytes);
		check_inside(head->headers[i].value, buf, head->head_bytes);
	}
}

struct decoded {
	enum http1_result result;
	size_t used;
	uint64_t bytes;
};

static struct decoded decode(const struct http1_head *head, const char *buf, size_t bytes,
			     size_t piece_bytes)
{
	struct decoded out = {.result = HTTP1_MORE};
	struct http1_body body;

	http1_body_init(&body, head);
	do {
		size_t taken, left = bytes - out.used;
		struct hp_view data;
		if (left > piece_bytes)
			left = piece_bytes;
		out.result = http1_body_step(&body, buf + out.used, left, &taken, &data);
		assert(taken <= left && data.bytes <= taken);
		check_inside(data, buf + out.used, taken);
		out.used += taken;
		out.bytes += data.bytes;
	} while (out.result == HTTP1_MORE && out.used < bytes);
	return out;
}

static void check_body(const struct http1_head *head, const char *buf, size_t bytes)
{
	struct decoded whole = decode(head, buf, bytes, bytes + 1);
	struct decoded single = decode(head, buf, bytes, 1);

	assert(whole.result == single.result);
	if (whole.result == HTTP1_BAD)
		return;
	assert(whole.used == single.used && whole.bytes == single.bytes);
}

static void check_parser(parse_fn *parse, const char *buf, size_t bytes)
{
	static struct http1_head head, prefix_head;
	enum http1_result result = parse(buf, bytes, &head);

	if (result == HTTP1_DONE) {
		check_head(&head, buf, bytes);
		check_body(&head, buf + head.head_bytes, bytes - head.head_bytes);
	}
	size_t cut = result == HTTP1_DONE ? head.head_bytes - 1 : bytes / 2;
	enum http1_result prefix = parse(buf, cut, &prefix_head);
	assert(result == HTTP1_BAD ? prefix != HTTP1_DONE : prefix == HTTP1_MORE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	char *copy = malloc(bytes + 1); /* exact for the sanitizer, never of zero bytes */

	assert(copy != NULL);
	char *buf = copy + 1;
	memcpy(buf, data, bytes);
	check_parser(http1_parse_response, buf, bytes);
	check_parser(http1_parse_request, buf, bytes);
	free(copy);
	return 0;
}
