#include "tests/mutants/mutant_http.h"
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include "tests/mutants/mutant_defects.h"
#include "tests/mutants/mutant_io.h"
#include "tests/mutants/mutant_rewrite.h"

enum {
	REFUSAL_BUSY = -1,             /* the peer is gone: nothing to answer */
	CHUNK_LINE_BYTES_MAX = 512,    /* size and extension */
	TRAILER_BYTES_MAX = 8 * 1024,
	BUFFERED_BYTES_MAX = 256 << 20, /* where a defect has no limit, the machine still has one */
	LIMIT_100K_BYTES = 100 * 1024, /* body-parser's default */
	FATAL_HEADERS = 64,
	FATAL_HEADER_BYTES = 16 * 1024,
};

struct http_conn {
	struct io *io;
};

struct http_conn *http_open(int fd)
{
	struct http_conn *conn = calloc(1, sizeof(*conn));

	if (!conn)
		abort();
	conn->io = io_open(fd);
	return conn;
}

void http_close(struct http_conn *conn)
{
	io_close(conn->io);
	free(conn);
}

int http_fd(const struct http_conn *conn)
{
	return io_fd(conn->io);
}

void http_request_fini(struct http_request *request)
{
	bytes_free(&request->head);
	bytes_free(&request->body);
}

/* Reads one line into *to without its CRLF. 0, a status, or REFUSAL_BUSY. A bare LF or CR is
 * refused; a receiver that reflects headers takes them as bytes like others. */
static int read_line(struct http_conn *conn, struct bytes *to)
{
	bool loose = defect_is(DEFECT_REFLECTS_HEADER);

	for (char byte, last = 0;; last = byte) {
		enum io_got got = io_byte(conn->io, &byte);

		if (got != IO_BYTES)
			return got == IO_LATE ? 408 : REFUSAL_BUSY;
		if (byte == '\n' && last == '\r') {
			to->bytes--;
			return 0;
		}
		if (!loose && (byte == '\n' || byte == '\0' || last == '\r'))
			return 400;
		if (!bytes_add(to, &byte, 1))
			return 431;
	}
}

static bool is_token(const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		if (!isalnum((unsigned char)text[i]) && !strchr("!#$%&'*+-.^_`|~", text[i]))
			return false;
	return bytes != 0;
}

static bool has_controls(struct view value)
{
	for (size_t i = 0; i < value.bytes; i++)
		if (((unsigned char)value.at[i] < ' ' && value.at[i] != '\t') || value.at[i] == 127)
			return true;
	return false;
}

/* Cuts "POST /hook HTTP/1.1" in place. */
static int parse_request_line(struct http_request *r, char *line)
{
	char *target = strchr(line, ' ');
	char *version = target ? strchr(target + 1, ' ') : NULL;

	if (!version || !is_token(line, (size_t)(target - line)) || target[1] != '/' ||
	    (strcmp(version + 1, "HTTP/1.1") != 0 && strcmp(version + 1, "HTTP/1.0") != 0))
		return 400;
	*target = *version = '\0';
	r->method = line;
	r->target = target + 1;
	return 0;
}

static int parse_header(struct http_request *r, char *line, size_t bytes)
{
	char *colon = memchr(line, ':', bytes);
	struct view value;

	if (!colon || !is_token(line, (size_t)(colon - line)))
		return 400;
	value = (struct view){colon + 1, bytes - (size_t)(colon + 1 - line)};
	if (has_controls(value) && !defect_is(DEFECT_REFLECTS_HEADER))
		return 400;
	if (defect_is(DEFECT_FATAL_HEADERS) &&
	    (r->header_count == FATAL_HEADERS || bytes > FATAL_HEADER_BYTES))
		return 500;
	if (r->header_count == HTTP_HEADERS_MAX)
		return 431;
	*colon = '\0';
	r->headers[r->header_count++] =
		(struct http_header){.name = line, .value = view_trimmed(value, " \t")};
	return 0;
}

/* The lines are read before any is parsed: the buffer under them moves while it grows. */
static int parse_head(struct http_request *r, const size_t *starts, size_t count)
{
	int refusal = parse_request_line(r, r->head.at);

	for (size_t i = 1; i < count && refusal == 0; i++)
		refusal = parse_header(r, r->head.at + starts[i], starts[i + 1] - starts[i] - 1);
	return refusal;
}

static int read_head(struct http_conn *conn, struct http_request *r)
{
	size_t starts[HTTP_HEADERS_MAX + 3] = {0}, count = 0;

	for (;;) {
		int refusal = read_line(conn, &r->head);

		if (refusal != 0)
			return refusal;
		if (r->head.bytes == starts[count] && count != 0)
			return parse_head(r, starts, count);
		if (r->head.bytes == starts[count])
			continue; /* RFC 9112 2.2: an empty line before the request line */
		if (count > HTTP_HEADERS_MAX || !bytes_add(&r->head, "", 1))
			return 431;
		starts[++count] = r->head.bytes;
	}
}

const struct http_header *http_find(const struct http_request *request, const char *name,
				    unsigned *count)
{
	const struct http_header *found = NULL;
	unsigned seen = 0;

	for (size_t i = 0; i < request->header_count; i++)
		if (strcasecmp(request->headers[i].name, name) == 0 && seen++ == 0)
			found = &request->headers[i];
	if (count)
		*count = seen;
	return found;
}

static size_t body_limit(bool chunked)
{
	if (defect_is(DEFECT_LIMIT_100K))
		return LIMIT_100K_BYTES;
	if (defect_is(DEFECT_BUFFERS_ALL) || (defect_is(DEFECT_LIMIT_BY_HEADER) && chunked))
		return BUFFERED_BYTES_MAX;
	return HTTP_BODY_BYTES_MAX;
}

/* The Content-Length; where a defect lets several pass, the shortest. A status when it is none. */
static int content_length(const struct http_request *r, size_t *bytes)
{
	unsigned count;

	*bytes = 0;
	if (!http_find(r, "Content-Length", &count))
		return 0;
	if (count > 1 && !defect_is(DEFECT_SMUGGLE))
		return 400;
	*bytes = SIZE_MAX;
	for (size_t i = 0; i < r->header_count; i++) {
		struct view value = r->headers[i].value;
		char text[16] = {0};
		size_t length;

		if (strcasecmp(r->headers[i].name, "Content-Length") != 0)
			continue;
		if (value.bytes == 0 || value.bytes >= sizeof(text))
			return 400;
		memcpy(text, value.at, value.bytes);
		if (strspn(text, "0123456789") != value.bytes)
			return 400;
		length = strtoul(text, NULL, 10);
		*bytes = length < *bytes ? length : *bytes;
	}
	return 0;
}

/* How the body is framed: a status when it cannot be said. */
static int framing(struct http_request *r, size_t *bytes)
{
	unsigned count;
	const struct http_header *coding = http_find(r, "Transfer-Encoding", &count);
	int refusal = content_length(r, bytes);

	if (refusal != 0)
		return refusal;
	if (!coding)
		return *bytes > body_limit(false) ? 413 : 0;
	if (count > 1 || coding->value.bytes != 7 ||
	    strncasecmp(coding->value.at, "chunked", 7) != 0)
		return 400;
	if (http_find(r, "Content-Length", NULL) && !defect_is(DEFECT_SMUGGLE))
		return 400;
	r->chunked = true;
	return 0;
}

/* Adds a piece of the body as it came in. */
static void add_piece(struct http_request *r, struct view piece)
{
	if (defect_is(DEFECT_DECODES_PER_CHUNK))
		rewrite_utf8(piece, &r->body);
	else
		bytes_add_view(&r->body, piece);
	if (r->first_bytes == 0)
		r->first_bytes = r->body.bytes;
}

/* Reads so many bytes of body: 0, a status, or REFUSAL_BUSY. */
static int read_bytes(struct http_conn *conn, struct http_request *r, size_t bytes)
{
	while (bytes != 0) {
		struct view piece;
		enum io_got got = io_some(conn->io, bytes, &piece);

		if (got != IO_BYTES)
			return got == IO_LATE ? 408 : REFUSAL_BUSY;
		add_piece(r, piece);
		bytes -= piece.bytes;
	}
	return 0;
}

static int parse_chunk_size(struct bytes *line, size_t *bytes)
{
	const char *text = bytes_text(line);
	char *end;

	*bytes = strtoul(text, &end, 16);
	if (defect_is(DEFECT_SMUGGLE))
		return 0;
	if (!isxdigit((unsigned char)*text) || end - text > 8 || (*end && *end != ';') ||
	    (text[1] == 'x' || text[1] == 'X'))
		return 400;
	return 0;
}

static int read_chunk(struct http_conn *conn, struct http_request *r, size_t *bytes)
{
	struct bytes line = {.max = CHUNK_LINE_BYTES_MAX};
	int refusal = read_line(conn, &line);

	if (refusal == 0)
		refusal = parse_chunk_size(&line, bytes);
	bytes_free(&line);
	if (refusal != 0 || *bytes == 0)
		return refusal;
	if (*bytes > r->body.max - r->body.bytes)
		return 413;
	if ((refusal = read_bytes(conn, r, *bytes)) != 0)
		return refusal;
	line = (struct bytes){.max = CHUNK_LINE_BYTES_MAX};
	refusal = read_line(conn, &line);
	refusal = refusal == 0 && line.bytes != 0 ? 400 : refusal;
	bytes_free(&line);
	return refusal;
}

/* Trailers are read and forgotten: nothing in them is trusted. */
static int read_trailers(struct http_conn *conn)
{
	struct bytes trailers = {.max = TRAILER_BYTES_MAX};
	size_t before;
	int refusal;

	do {
		before = trailers.bytes;
		refusal = read_line(conn, &trailers);
	} while (refusal == 0 && trailers.bytes != before);
	bytes_free(&trailers);
	return refusal;
}

static int read_body(struct http_conn *conn, struct http_request *r, size_t bytes)
{
	int refusal = 0;

	r->body.max = body_limit(r->chunked);
	if (!r->chunked)
		return read_bytes(conn, r, bytes);
	do
		refusal = read_chunk(conn, r, &bytes);
	while (refusal == 0 && bytes != 0);
	return refusal ? refusal : read_trailers(conn);
}

/* Says 100 to a client that waits for it. A status when it is refused. */
static int expectation(struct http_conn *conn, const struct http_request *r)
{
	const struct http_header *expect = http_find(r, "Expect", NULL);

	if (!expect)
		return 0;
	if (defect_is(DEFECT_NO_CONTINUE) || expect->value.bytes != 12 ||
	    strncasecmp(expect->value.at, "100-continue", 12) != 0)
		return 417;
	if (!io_has_bytes(conn->io))
		io_write(conn->io, view_of("HTTP/1.1 100 Continue\r\n\r\n"));
	return 0;
}

enum http_got http_read(struct http_conn *conn, struct http_request *r)
{
	size_t bytes = 0;

	*r = (struct http_request){.head.max = HTTP_HEAD_BYTES_MAX};
	io_await(conn->io);
	r->refusal = read_head(conn, r);
	if (r->refusal == 0)
		r->refusal = framing(r, &bytes);
	if (r->refusal == 0)
		r->refusal = expectation(conn, r);
	if (r->refusal != 0)
		return r->refusal == REFUSAL_BUSY ? HTTP_GONE : HTTP_REFUSED;
	io_begin(conn->io);
	r->refusal = read_body(conn, r, bytes);
	if (r->refusal == REFUSAL_BUSY)
		return HTTP_CUT;
	return r->refusal ? HTTP_REFUSED : HTTP_REQUEST;
}

static const char *phrase(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} phrases[] = {
		{200, "OK"}, {204, "No Content"}, {301, "Moved Permanently"}, {400, "Bad Request"},
		{401, "Unauthorized"}, {403, "Forbidden"}, {404, "Not Found"},
		{405, "Method Not Allowed"}, {408, "Request Timeout"}, {413, "Content Too Large"},
		{415, "Unsupported Media Type"}, {417, "Expectation Failed"},
		{431, "Request Header Fields Too Large"}, {500, "Internal Server Error"},
	};

	for (size_t i = 0; i < sizeof(phrases) / sizeof(*phrases); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "Unknown";
}

bool http_say(struct http_conn *conn, const struct http_answer *answer)
{
	struct bytes out = {.max = HTTP_BODY_BYTES_MAX * 2};
	char head[256], date[64];
	time_t now = (time_t)answer->date_s;
	struct tm calendar;
	bool said;

	gmtime_r(&now, &calendar);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &calendar);
	snprintf(head, sizeof(head), "HTTP/1.1 %d %s\r\nDate: %s\r\n", answer->status,
		 phrase(answer->status), date);
	bytes_add_text(&out, head);
	bytes_add_text(&out, answer->headers ? answer->headers : "");
	if (answer->status != 204) {
		snprintf(head, sizeof(head), "Content-Length: %zu\r\n",
			 view_of(answer->body).bytes);
		bytes_add_text(&out, head);
	}
	bytes_add_text(&out, answer->close ? "Connection: close\r\n\r\n" : "\r\n");
	if (answer->body && !answer->no_body)
		bytes_add_text(&out, answer->body);
	said = io_write(conn->io, bytes_view(&out));
	bytes_free(&out);
	return said;
}

void http_unread(struct http_conn *conn, struct view bytes)
{
	io_unread(conn->io, bytes);
}

bool http_was_reset(struct http_conn *conn, int wait_ms)
{
	return io_was_reset(conn->io, wait_ms);
}
