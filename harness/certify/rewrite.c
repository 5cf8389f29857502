/* White space, cuts and wrappings. */
#include "certify/rewrite.h"

#include "certify/inflate.h"
#include "certify/json_tree.h"
#include "certify/recipe_inside.h"

static bool put(struct hp_buf *out, const char *at, size_t bytes)
{
	return hp_buf_add(out, (struct hp_view){at, bytes});
}

static bool is_white(char byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* At both ends, at the end, or line ends at the end alone. */
bool rewrite_trimmed(struct hp_view body, unsigned form, struct hp_buf *out)
{
	size_t before = body.bytes;

	while (form == 0 && body.bytes && is_white(*body.at)) {
		body.at++;
		body.bytes--;
	}
	while (body.bytes && (form == 2 ? strchr("\r\n", body.at[body.bytes - 1]) != NULL &&
						  body.at[body.bytes - 1]
					: is_white(body.at[body.bytes - 1])))
		body.bytes--;
	return body.bytes < before && hp_buf_add(out, body);
}

bool rewrite_extra_lf(struct hp_view body, unsigned form, struct hp_buf *out)
{
	return hp_buf_add(out, body) && hp_buf_add_text(out, form ? "\r\n" : "\n");
}

bool rewrite_crlf_to_lf(struct hp_view body, unsigned form, struct hp_buf *out)
{
	size_t start = out->bytes;

	(void)form;
	for (size_t i = 0; i < body.bytes; i++) {
		if (body.at[i] != '\r' || i + 1 == body.bytes || body.at[i + 1] != '\n')
			put(out, body.at + i, 1);
	}
	return out->bytes - start < body.bytes;
}

bool rewrite_lf_to_crlf(struct hp_view body, unsigned form, struct hp_buf *out)
{
	size_t start = out->bytes;

	(void)form;
	for (size_t i = 0; i < body.bytes; i++) {
		if (body.at[i] == '\n' && (i == 0 || body.at[i - 1] != '\r'))
			hp_buf_add_text(out, "\r");
		put(out, body.at + i, 1);
	}
	return out->bytes - start > body.bytes;
}

static const char bom[] = "\xEF\xBB\xBF";

static bool has_bom(struct hp_view body)
{
	return body.bytes >= 3 && !memcmp(body.at, bom, 3);
}

bool rewrite_bom_stripped(struct hp_view body, unsigned form, struct hp_buf *out)
{
	(void)form;
	return has_bom(body) && put(out, body.at + 3, body.bytes - 3);
}

bool rewrite_bom_added(struct hp_view body, unsigned form, struct hp_buf *out)
{
	(void)form;
	return hp_buf_add_text(out, bom) && hp_buf_add(out, body);
}

bool rewrite_nul_cut(struct hp_view body, unsigned form, struct hp_buf *out)
{
	const char *nul = body.bytes ? memchr(body.at, '\0', body.bytes) : NULL;

	(void)form;
	return nul && put(out, body.at, (size_t)(nul - body.at));
}

bool rewrite_empty(struct hp_view body, unsigned form, struct hp_buf *out)
{
	(void)form, (void)out;
	return body.bytes;
}

bool rewrite_object_text(struct hp_view body, unsigned form, struct hp_buf *out)
{
	static const char *const texts[] = {"[object Object]", "undefined", "null", "{}"};

	(void)body;
	return hp_buf_add_text(out, texts[form]);
}

/* As JavaScript writes a literal, or as Python does. */
bool rewrite_json_string(struct hp_view body, unsigned form, struct hp_buf *out)
{
	json_tree_quote(body, form ? JSON_PRINTED | JSON_ASCII | JSON_DELETE : JSON_PRINTED, out);
	return true;
}

bool rewrite_base64(struct hp_view body, unsigned form, struct hp_buf *out)
{
	(void)form;
	recipe_encode(ENCODING_BASE64, body, out);
	return body.bytes;
}

/* The limits of the catalogue: 1, 4, 8, 16 and 64 KiB, 100 kB in both readings. */
bool rewrite_truncated(struct hp_view body, unsigned form, struct hp_buf *out)
{
	static const size_t limits[] = {1024, 4096, 8192, 16384, 65536, 100000, 102400};

	return body.bytes > limits[form] && put(out, body.at, limits[form]);
}

/* One chunk and the last one (RFC 9112 7.1), with the size in either case; the chunk alone. */
bool rewrite_chunk_framing(struct hp_view body, unsigned form, struct hp_buf *out)
{
	hp_buf_add_format(out, form == 1 ? "%zX\r\n" : "%zx\r\n", body.bytes);
	hp_buf_add(out, body);
	return hp_buf_add_text(out, form == 2 ? "\r\n" : "\r\n0\r\n\r\n");
}

/* A captured gzip body, decoded. The reverse would need the sender's own compressor. */
bool rewrite_compressed(struct hp_view body, unsigned form, struct hp_buf *out)
{
	(void)form;
	return inflate_gzip(body, out);
}

bool rewrite_twice(struct hp_view body, unsigned form, struct hp_buf *out)
{
	(void)form;
	return hp_buf_add(out, body) && hp_buf_add(out, body);
}
