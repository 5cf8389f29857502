#include "reports/escape.h"

#include <check.h>
#include <string.h>

#include "tests/lib/guard.h"
#include "tests/lib/xml_check.h"

enum { ESCAPED_BYTES_MAX = 4096 };

static const struct {
	struct hp_view text;
	const char *content, *attribute, *terminal, *ascii;
} rows[] = {
	{HP_LITERAL("plain"), "plain", "plain", "plain", "plain"},
	{HP_LITERAL(""), "", "", "", ""},
	{HP_LITERAL("<a href=\"x\">&'"), "&lt;a href=&quot;x&quot;&gt;&amp;&apos;",
	 "&lt;a href=&quot;x&quot;&gt;&amp;&apos;", "<a href=\"x\">&'", "<a href=\"x\">&'"},
	{HP_LITERAL("]]>"), "]]&gt;", "]]&gt;", "]]>", "]]>"},
	{HP_LITERAL("\x1b[31m\0"), "\\x1b[31m\\x00", "\\x1b[31m\\x00", "\\x1b[31m\\x00",
	 "\\x1b[31m\\x00"},
	{HP_LITERAL("a\r\nb\rc"), "a\nb&#13;c", "a&#13;&#10;b&#13;c", "a\\x0d\\x0ab\\x0dc",
	 "a\\x0d\\x0ab\\x0dc"},
	{HP_LITERAL("a\tb\n"), "a\tb\n", "a&#9;b&#10;", "a\\x09b\\x0a", "a\\x09b\\x0a"},
	{HP_LITERAL("\xff\xc3"), "\\xff\\xc3", "\\xff\\xc3", "\\xff\\xc3", "\\xff\\xc3"},
	{HP_LITERAL("\xed\xa0\x80"), "\\xed\\xa0\\x80", "\\xed\\xa0\\x80", "\\xed\\xa0\\x80",
	 "\\xed\\xa0\\x80"}, /* a lone surrogate */
	{HP_LITERAL("\xef\xbf\xbe\xef\xbf\xbf"), "\\xef\\xbf\\xbe\\xef\\xbf\\xbf",
	 "\\xef\\xbf\\xbe\\xef\\xbf\\xbf", "\\xef\\xbf\\xbe\\xef\\xbf\\xbf",
	 "\\xef\\xbf\\xbe\\xef\\xbf\\xbf"},
	{HP_LITERAL("\x7f\xc2\x85"), "\\u007f\\u0085", "\\u007f\\u0085", "\\x7f\\xc2\\x85",
	 "\\x7f\\xc2\\x85"},
	{HP_LITERAL("\xc3\xa9\xf0\x9f\x98\x80"), "\xc3\xa9\xf0\x9f\x98\x80",
	 "\xc3\xa9\xf0\x9f\x98\x80", "\xc3\xa9\xf0\x9f\x98\x80", "\\xc3\\xa9\\xf0\\x9f\\x98\\x80"},
	{HP_LITERAL("\xe2\x80\xae\xe2\x80\x8b"), "\xe2\x80\xae\xe2\x80\x8b",
	 "\xe2\x80\xae\xe2\x80\x8b", "\\xe2\\x80\\xae\\xe2\\x80\\x8b",
	 "\\xe2\\x80\\xae\\xe2\\x80\\x8b"}, /* right-to-left override, zero-width space */
};
enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]) };

enum context { CONTENT, ATTRIBUTE, TERMINAL, ASCII, CONTEXTS };

static void escape(struct hp_buf *out, struct hp_view text, enum context context)
{
	if (context == CONTENT)
		escape_xml(out, text, ESCAPE_XML_CONTENT);
	else if (context == ATTRIBUTE)
		escape_xml(out, text, ESCAPE_XML_ATTRIBUTE);
	else
		escape_terminal(out, text, context == TERMINAL);
}

static const char *wanted(int row, enum context context)
{
	const char *const all[CONTEXTS] = {rows[row].content, rows[row].attribute,
					   rows[row].terminal, rows[row].ascii};

	return all[context];
}

/* Goal: each context escapes what would harm it and nothing else, without reading past the end. */
START_TEST(test_escapes)
{
	char *copy = guard_copy(rows[_i].text.at, rows[_i].text.bytes);

	for (int context = 0; context < CONTEXTS; context++) {
		struct hp_buf out;

		hp_buf_init(&out, ESCAPED_BYTES_MAX);
		escape(&out, (struct hp_view){copy, rows[_i].text.bytes}, (enum context)context);
		ck_assert_str_eq(hp_buf_text(&out), wanted(_i, (enum context)context));
		hp_buf_fini(&out);
	}
	guard_free(copy);
}
END_TEST

/* Goal: a full buffer holds the beginning of the whole answer, cut between characters, so that what
 * was well-formed stays so; it is marked as cut exactly when something is missing. */
START_TEST(test_cut_between_characters)
{
	for (int context = 0; context < CONTEXTS; context++) {
		const char *whole = wanted(_i, (enum context)context);

		for (size_t room = 0; room <= strlen(whole); room++) {
			struct hp_buf out;

			hp_buf_init(&out, room);
			escape(&out, rows[_i].text, (enum context)context);
			ck_assert_int_eq(strncmp(hp_buf_text(&out), whole, out.bytes), 0);
			ck_assert_int_eq(out.cut, out.bytes < strlen(whole));
			ck_assert(context > ATTRIBUTE || xml_check_text(hp_buf_view(&out)));
			hp_buf_fini(&out);
		}
	}
}
END_TEST

Suite *suite_escape(void);

Suite *suite_escape(void)
{
	Suite *suite = suite_create("escape");
	TCase *tcase = tcase_create("escape");

	tcase_add_loop_test(tcase, test_escapes, 0, ROW_COUNT);
	tcase_add_loop_test(tcase, test_cut_between_characters, 0, ROW_COUNT);
	suite_add_tcase(suite, tcase);
	return suite;
}
