/* The timestamp, the id or the URL in the content is another than the one that was sent. */
#include <inttypes.h>
#include <time.h>

#include "certify/recipe_inside.h"

#define WRITE(name)                                                                                \
	static bool write_##name(const struct recipe *recipe, const struct recipe_base *base,      \
				 unsigned form, struct hp_buf *out)

/* -- timestamp -- */

/* The timestamp as a number. False when it is none, or not there. */
static bool read_number(struct hp_view text, uint64_t *number)
{
	*number = 0;
	for (size_t i = 0; i < text.bytes; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		*number = *number * 10 + (uint64_t)(text.at[i] - '0');
	}
	return text.bytes && text.bytes <= 13;
}

static bool in_ms(const struct recipe_base *base)
{
	return base->scheme->unit == SCHEME_MILLISECONDS;
}

WRITE(milliseconds) /* or seconds, where milliseconds are due */
{
	uint64_t number;

	(void)recipe, (void)form;
	if (!read_number(base->given->timestamp, &number))
		return false;
	return hp_buf_add_format(out, "%" PRIu64, in_ms(base) ? number / 1000 : number * 1000);
}

WRITE(iso)
{
	static const char *const ends[] = {"Z",        ".000Z",         "+00:00", ".000+00:00",
					   ".000000Z", ".000000+00:00", ""};
	uint64_t number;
	char text[40];
	struct tm when;
	time_t seconds;

	(void)recipe;
	if (!read_number(base->given->timestamp, &number))
		return false;
	seconds = (time_t)(in_ms(base) ? number / 1000 : number);
	if (!gmtime_r(&seconds, &when) || !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &when))
		return false;
	return hp_buf_add_text(out, text) && hp_buf_add_text(out, ends[form]);
}

static bool contains(struct hp_view name, const char *word)
{
	size_t bytes = strlen(word);

	for (size_t i = 0; i + bytes <= name.bytes; i++) {
		if (hp_view_equal_nocase((struct hp_view){name.at + i, bytes}, hp_view_of(word)))
			return true;
	}
	return false;
}

static bool is_time_header(struct hp_view name)
{
	return contains(name, "date") || contains(name, "time");
}

/* "Tue, 24 Nov 2026 12:31:13 GMT" (RFC 9110 5.6.7) in the profile's unit. */
static bool put_date(const struct recipe_base *base, struct hp_view date, struct hp_buf *out)
{
	char text[40] = "";
	struct tm when = {0};
	time_t seconds;

	if (date.bytes >= sizeof(text))
		return false;
	memcpy(text, date.at, date.bytes);
	if (!strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &when))
		return false;
	seconds = timegm(&when);
	return seconds > 0 &&
	       hp_buf_add_format(out, "%" PRIu64, (uint64_t)seconds * (in_ms(base) ? 1000 : 1));
}

WRITE(other_header) /* each header's text; and a date as a number */
{
	const struct http1_header *header = base->given->headers;

	(void)recipe;
	if (form / 2 >= base->given->header_count)
		return false;
	header += form / 2;
	if (!header->value.bytes || !is_time_header(header->name))
		return false;
	return form & 1 ? put_date(base, header->value, out) : hp_buf_add(out, header->value);
}

enum { CLOCK_S = 30 }; /* before and behind the receipt */

WRITE(own_clock)
{
	uint64_t at_s = base->given->at_s;

	(void)recipe;
	if (at_s < CLOCK_S)
		return false;
	at_s = at_s - CLOCK_S + form;
	return hp_buf_add_format(out, "%" PRIu64, in_ms(base) ? at_s * 1000 : at_s);
}

WRITE(earlier_attempt)
{
	(void)recipe, (void)form;
	return base->given->first_timestamp.bytes && hp_buf_add(out, base->given->first_timestamp);
}

WRITE(spelling)
{
	static const char *const before[] = {"", "", "+", " ", "", "0", ""};
	static const char *const behind[] = {".0", ".000", "", "", " ", "", ".000000"};

	(void)recipe;
	return base->given->timestamp.bytes && hp_buf_add_text(out, before[form]) &&
	       hp_buf_add(out, base->given->timestamp) && hp_buf_add_text(out, behind[form]);
}

/* -- id -- */

/* A string at a pointer of two names at most, without its quotes. */
static bool put_member(const struct recipe_base *base, const char *outer, const char *inner,
		       struct hp_buf *out)
{
	const struct json_node *node = base->tree ? &base->tree->nodes[0] : NULL;

	if (node && outer)
		node = json_tree_member(base->tree, node, outer);
	if (node)
		node = json_tree_member(base->tree, node, inner);
	if (!node || (node->kind != HP_JSON_STRING && node->kind != HP_JSON_NUMBER))
		return false;
	if (node->kind == HP_JSON_NUMBER)
		return hp_buf_add(out, node->raw);
	return hp_buf_add(out, (struct hp_view){node->raw.at + 1, node->raw.bytes - 2});
}

static const char *const members[][2] = {
	{NULL, "id"},   {NULL, "event_id"}, {NULL, "eventId"}, {NULL, "webhook_id"},
	{"data", "id"}, {"object", "id"},   {"payload", "id"}, {"event", "id"},
};

enum { MEMBERS = sizeof(members) / sizeof(members[0]) };

/* The id behind its prefix: "abc" of "msg_abc". */
static bool put_cut(struct hp_view id, struct hp_buf *out)
{
	const char *at = id.bytes ? memchr(id.at, '_', id.bytes) : NULL;

	if (!at || at + 1 == id.at + id.bytes)
		return false;
	return hp_buf_add(out, (struct hp_view){at + 1, id.bytes - (size_t)(at + 1 - id.at)});
}

WRITE(other_id) /* a member of the body, a header whose name ends in id, the prefix cut off */
{
	const struct forensics_case *given = base->given;
	const struct http1_header *header = given->headers;

	(void)recipe;
	if (form < MEMBERS)
		return put_member(base, members[form][0], members[form][1], out);
	if (form == MEMBERS)
		return put_cut(given->id, out);
	if (form - MEMBERS > given->header_count)
		return false;
	header += form - MEMBERS - 1;
	return header->name.bytes > 2 && header->value.bytes &&
	       hp_view_equal_nocase((struct hp_view){header->name.at + header->name.bytes - 2, 2},
				    HP_LITERAL("id")) &&
	       hp_buf_add(out, header->value);
}

/* -- URL: scheme://host path ?query -- */

struct url {
	struct hp_view scheme, host, path, query; /* host with its port; query with its ? */
};

static struct hp_view between(const char *at, const char *end)
{
	return (struct hp_view){at, (size_t)(end - at)};
}

static bool split_url(struct hp_view text, struct url *url)
{
	const char *host = text.bytes ? memmem(text.at, text.bytes, "://", 3) : NULL;
	const char *end, *path, *query;

	if (!host)
		return false;
	end = text.at + text.bytes;
	url->scheme = between(text.at, host);
	host += 3;
	query = memchr(host, '?', (size_t)(end - host));
	query = query ? query : end;
	path = memchr(host, '/', (size_t)(query - host));
	path = path ? path : query;
	url->host = between(host, path);
	url->path = between(path, query);
	url->query = between(query, end);
	return url->host.bytes;
}

static bool put_url(const struct url *url, struct hp_buf *out)
{
	return hp_buf_add(out, url->scheme) && hp_buf_add_text(out, "://") &&
	       hp_buf_add(out, url->host) && hp_buf_add(out, url->path) &&
	       hp_buf_add(out, url->query);
}

static bool is_https(const struct url *url)
{
	return hp_view_equal_nocase(url->scheme, HP_LITERAL("https"));
}

WRITE(url_scheme)
{
	struct url url;

	(void)recipe, (void)form;
	if (!split_url(base->given->url, &url))
		return false;
	url.scheme = is_https(&url) ? HP_LITERAL("http") : HP_LITERAL("https");
	return put_url(&url, out);
}

WRITE(url_slash) /* removed, or added: behind the path, or at the very end */
{
	struct hp_view query;
	struct url url;

	(void)recipe;
	if (!split_url(base->given->url, &url))
		return false;
	query = url.query;
	if (url.path.bytes && url.path.at[url.path.bytes - 1] == '/') {
		url.path.bytes--;
		return form == 0 && put_url(&url, out);
	}
	if (form == 1)
		return query.bytes && put_url(&url, out) && hp_buf_add_text(out, "/");
	url.query.bytes = 0;
	return put_url(&url, out) && hp_buf_add_text(out, "/") && hp_buf_add(out, query);
}

WRITE(url_no_query) /* or an empty one added */
{
	struct url url;

	(void)recipe, (void)form;
	if (!split_url(base->given->url, &url))
		return false;
	if (!url.query.bytes)
		return put_url(&url, out) && hp_buf_add_text(out, "?");
	url.query.bytes = 0;
	return put_url(&url, out);
}

WRITE(url_path_only)
{
	struct url url;

	(void)recipe, (void)form;
	if (!split_url(base->given->url, &url))
		return false;
	return hp_buf_add(out, url.path.bytes ? url.path : HP_LITERAL("/")) &&
	       hp_buf_add(out, url.query);
}

/* Where the port begins in a host, or NULL. The colons of an address in brackets are none. */
static const char *port_of(struct hp_view host)
{
	const char *colon = memrchr(host.at, ':', host.bytes);
	const char *bracket = memchr(host.at, ']', host.bytes);

	return colon && (!bracket || bracket < colon) ? colon : NULL;
}

static bool put_with_host(struct url *url, struct hp_view host, struct hp_buf *out)
{
	url->host = host;
	return host.bytes && put_url(url, out);
}

static bool put_with_port(const struct url *url, struct hp_buf *out)
{
	return hp_buf_add(out, url->scheme) && hp_buf_add_text(out, "://") &&
	       hp_buf_add(out, url->host) && hp_buf_add_text(out, is_https(url) ? ":443" : ":80") &&
	       hp_buf_add(out, url->path) && hp_buf_add(out, url->query);
}

static bool put_lower(struct url *url, struct hp_buf *out)
{
	size_t start = url->scheme.bytes + strlen("://");

	put_url(url, out);
	for (size_t i = start; i < start + url->host.bytes && i < out->bytes; i++) {
		if (out->at[i] >= 'A' && out->at[i] <= 'Z')
			out->at[i] = (char)(out->at[i] - 'A' + 'a');
	}
	return true;
}

WRITE(url_host) /* with and without its port, in lower case, by two headers */
{
	const char *port;
	struct url url;

	(void)recipe;
	if (!split_url(base->given->url, &url))
		return false;
	port = port_of(url.host);
	switch (form) {
	case 0:
		return !port && put_with_port(&url, out);
	case 1:
		return port && put_with_host(&url, between(url.host.at, port), out);
	case 2:
		return put_lower(&url, out);
	case 3:
		return put_with_host(&url, recipe_header(base, "Host"), out);
	}
	return put_with_host(&url, recipe_header(base, "X-Forwarded-Host"), out);
}

static int hex_value(char digit)
{
	const char *digits = "0123456789abcdef", *at;

	if (digit >= 'A' && digit <= 'F')
		digit = (char)(digit - 'A' + 'a');
	at = digit ? strchr(digits, digit) : NULL;
	return at ? (int)(at - digits) : -1;
}

static bool put_decoded(struct hp_view text, struct hp_buf *out)
{
	for (size_t i = 0; i < text.bytes; i++) {
		char byte = text.at[i];
		int high = byte == '%' && i + 2 < text.bytes ? hex_value(text.at[i + 1]) : -1;
		int low = high >= 0 ? hex_value(text.at[i + 2]) : -1;

		if (low >= 0) {
			byte = (char)(high << 4 | low);
			i += 2;
		}
		hp_buf_add(out, (struct hp_view){&byte, 1});
	}
	return true;
}

/* Percent signs encoded again, as encodeURI does to a URL that is encoded already. */
static bool put_encoded(struct hp_view text, struct hp_buf *out)
{
	for (size_t i = 0; i < text.bytes; i++) {
		if (text.at[i] == '%')
			hp_buf_add_text(out, "%25");
		else
			hp_buf_add(out, (struct hp_view){text.at + i, 1});
	}
	return true;
}

WRITE(url_decoded)
{
	struct hp_view url = base->given->url;

	(void)recipe;
	return form ? put_encoded(url, out) : put_decoded(url, out);
}

#define ROW(dimension_, slug_, words_, forms_, function, ...)                                      \
	{                                                                                          \
		.slug = slug_, .words = words_, .dimension = dimension_, .forms = forms_,          \
		.write = write_##function, __VA_ARGS__                                             \
	}

static const struct recipe rows[] = {
	ROW(RECIPE_TIMESTAMP, "timestamp-milliseconds", "the timestamp in the other unit", 1,
	    milliseconds),
	ROW(RECIPE_TIMESTAMP, "timestamp-iso", "the timestamp as an ISO 8601 date", 7, iso),
	ROW(RECIPE_TIMESTAMP, "timestamp-other-header", "the time of another header",
	    2 * HTTP1_HEADERS_MAX, other_header),
	ROW(RECIPE_TIMESTAMP, "timestamp-own-clock", "the verifier's own time", 2 * CLOCK_S + 1,
	    own_clock),
	ROW(RECIPE_TIMESTAMP, "timestamp-earlier-attempt", "the timestamp of the first attempt", 1,
	    earlier_attempt, .remedy = "Read the timestamp of this very request."),
	ROW(RECIPE_TIMESTAMP, "timestamp-spelling",
	    "the timestamp in another spelling: a fraction, a sign, a space, a zero", 7, spelling),
	ROW(RECIPE_ID, "id-other", "another id in place of the message id",
	    MEMBERS + 1 + HTTP1_HEADERS_MAX, other_id),
	ROW(RECIPE_URL, "url-scheme", "the URL with http for https, or the reverse", 1, url_scheme),
	ROW(RECIPE_URL, "url-slash", "the URL with a last slash added or removed", 2, url_slash),
	ROW(RECIPE_URL, "url-no-query", "the URL without its query, or with one added", 1,
	    url_no_query),
	ROW(RECIPE_URL, "url-path-only", "path and query alone", 1, url_path_only),
	ROW(RECIPE_URL, "url-host", "the URL with the host as a proxy sees it", 5, url_host),
	ROW(RECIPE_URL, "url-decoded", "the URL with its escapes decoded, or encoded again", 2,
	    url_decoded),
};

const struct recipe_table recipe_places = {rows, sizeof(rows) / sizeof(rows[0])};
