/* What is signed is put together wrongly: rows that write a content template. */
#include "certify/recipe_inside.h"

/* A form is one of a list of templates. */
static bool write_template(const struct recipe *recipe, const struct recipe_base *base,
			   unsigned form, struct hp_buf *out)
{
	const char *const *templates = recipe->data;

	(void)base;
	return hp_buf_add_text(out, templates[form]);
}

static bool is_letter(char byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= 'a' && byte <= 'z');
}

/* A constant with dots for its separators; form 1 leaves constants out. */
static void put_dots(const struct scheme_piece *piece, struct hp_buf *out)
{
	for (size_t i = 0; i < piece->bytes; i++) {
		char byte = piece->constant[i];

		if (!is_letter(byte))
			byte = '.';
		hp_buf_add(out, (struct hp_view){&byte, 1});
	}
}

static bool write_dots(const struct recipe *recipe, const struct recipe_base *base, unsigned form,
		       struct hp_buf *out)
{
	static const char *const words[] = {
#define X(name, word) [name] = word,
		SCHEME_SLOTS(X)
#undef X
	};
	const struct scheme_content *content = &base->scheme->content;

	(void)recipe;
	for (unsigned i = 0; i < content->piece_count; i++) {
		const struct scheme_piece *piece = &content->pieces[i];

		if (piece->slot == SCHEME_CONSTANT && form == 0)
			put_dots(piece, out);
		if (piece->slot == SCHEME_CONSTANT)
			continue;
		if (form == 1 && out->bytes)
			hp_buf_add_text(out, ".");
		hp_buf_add_text(out, words[piece->slot]);
	}
	return true;
}

#define LIST(...)                                                                                  \
	(const char *const[])                                                                      \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}
#define ROW(slug_, words_, ...)                                                                    \
	{                                                                                          \
		.slug = slug_, .words = words_, .dimension = RECIPE_CONTENT,                       \
		.forms = sizeof(LIST(__VA_ARGS__)) / sizeof(char *), .write = write_template,      \
		.data = LIST(__VA_ARGS__)                                                          \
	}

static const struct recipe rows[] = {
	ROW("content-body-only", "the body alone, without what the profile signs beside it",
	    "{body}"),
	ROW("content-timestamp-dot-body", "timestamp, dot, body", "{timestamp}.{body}"),
	ROW("content-timestamp-colon-body", "timestamp, colon, body", "{timestamp}:{body}"),
	ROW("content-timestamp-comma-body", "timestamp, comma, body", "{timestamp},{body}"),
	ROW("content-timestamp-body", "timestamp and body without a separator", "{timestamp}{body}",
	    "{timestamp}\n{body}"),
	ROW("content-body-dot-timestamp", "the body first, then the timestamp",
	    "{body}.{timestamp}", "{body}:{timestamp}", "{body},{timestamp}", "{body}{timestamp}",
	    "{body}\n{timestamp}"),
	ROW("content-id-timestamp-body", "id, timestamp and body with dots",
	    "{id}.{timestamp}.{body}"),
	ROW("content-id-dot-body", "id and body with dots, in another order than the profile's",
	    "{id}.{body}", "{timestamp}.{id}.{body}"),
	ROW("content-slack", "v0, timestamp and body with colons", "v0:{timestamp}:{body}"),
	{.slug = "content-dots",
	 .words = "the profile's parts with dots in place of its separators",
	 .dimension = RECIPE_CONTENT,
	 .forms = 2,
	 .write = write_dots},
	ROW("content-url-body", "URL and body", "{url}{body}", "{url}\n{body}", "{url}.{body}"),
	ROW("content-body-url", "body and URL", "{body}{url}", "{body}\n{url}", "{body}.{url}"),
	ROW("content-method-url-body", "method, path and body", "{method}{path}{body}",
	    "{method}\n{path}\n{body}", "{method}.{path}.{body}"),
	ROW("content-fields-joined", "the values of the body's members, joined", "{fields:}",
	    "{fields.}", "{deep:}", "{deep.}"),
	ROW("content-headers", "the sorted headers before the body", "{headers}{body}",
	    "{headers}\n{body}"),
};

const struct recipe_table recipe_contents = {rows, sizeof(rows) / sizeof(rows[0])};
