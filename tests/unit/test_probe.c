#include "certify/probe.h"

#include <check.h>
#include <stdio.h>

#include "base/span.h"
#include "certify/command_line.h"
#include "tests/lib/endpoint.h"

static struct hp_err err;
static char why[PROBE_WHY_BYTES];

static const struct {
	const char *answer, *pointer;
	int count; /* -1: none */
} counts[] = {
	{"3", "", 3},
	{" 12\r\n", "", 12},
	{"{\"count\":2}", "", 2},
	{"{\"data\":{\"n\":7}}", "/data/n", 7},
	{"5", "/data/n", -1},
	{"{\"count\":\"2\"}", "", -1},
	{"{\"count\":1.5}", "", -1},
	{"-1", "", -1},
	{"", "", -1},
	{"99999999999999999999", "", -1},
	{"<html>", "", -1},
};

/* Goal: a count is a bare integer or one at the pointer, and nothing else is taken for one. */
START_TEST(test_counts)
{
	uint64_t count = 0;
	bool read = probe_count(hp_view_of(counts[_i].answer), counts[_i].pointer, &count, why);

	ck_assert_msg(read == (counts[_i].count >= 0), "%s: %s", counts[_i].answer, why);
	if (read)
		ck_assert_uint_eq(count, (uint64_t)counts[_i].count);
}
END_TEST

static char asked[256];

static void answer_two(void *arg, const struct endpoint_request *request, struct hp_buf *out)
{
	(void)arg;
	snprintf(asked, sizeof(asked), "%.*s", (int)request->head->target.bytes,
		 request->head->target.at);
	hp_buf_add_text(out, "HTTP/1.1 200 Y\r\nContent-Length: 11\r\n\r\n{\"count\":2}");
}

/* Goal: the key stands percent-encoded in the URL. */
START_TEST(test_url)
{
	const struct probe_target target = {
		.address = endpoint_start(answer_two, NULL),
		.host = "h",
		.target = "/effects?key={key}",
		.pointer = "",
	};
	struct probe *probe = probe_url_new(&target, &err);
	uint64_t count;

	ck_assert_msg(probe != NULL, "%s", err.msg);
	ck_assert_msg(probe->read(probe, "inv_1:a b", &count, why), "%s", why);
	ck_assert_uint_eq(count, 2);
	ck_assert_str_eq(asked, "/effects?key=inv_1%3Aa%20b");
	endpoint_stop();
	ck_assert(!probe->read(probe, "k", &count, why));
	ck_assert_ptr_nonnull(strstr(why, "refused"));
	probe_free(probe);
}
END_TEST

static const struct {
	const char *command;
	int count; /* -1: none */
	const char *why;
} commands[] = {
	{"echo 4", 4, ""},
	{"printf '{\"count\":%s}' {key}", 7, ""},
	{"  printf  \"%d\"  '{key}' ", 7, ""},
	{"sh -c 'exit 3'", -1, "ended with an error"},
	{"no-such-command-here", -1, "No such file"},
	{"echo none", -1, "no count"},
	{"echo $HOME", -1, "$HOME"}, /* no shell: nothing is expanded */
};

/* Goal: a command runs without a shell, {key} filled in, and its failures are reasons. */
START_TEST(test_commands)
{
	struct probe *probe = probe_command_new(commands[_i].command, "", &err);
	uint64_t count = 0;
	bool read;

	ck_assert_msg(probe != NULL, "%s", err.msg);
	read = probe->read(probe, "7", &count, why);
	ck_assert_msg(read == (commands[_i].count >= 0), "%s: %s", commands[_i].command, why);
	if (read)
		ck_assert_uint_eq(count, (uint64_t)commands[_i].count);
	else
		ck_assert_msg(strstr(why, commands[_i].why) != NULL, "%s", why);
	probe_free(probe);
}
END_TEST

/* Goal: a command that cannot be taken apart is refused before anything runs. */
START_TEST(test_bad_commands)
{
	static const char *const bad[] = {"", "   ", "echo 'a", "echo \"a"};

	ck_assert_ptr_null(probe_command_new(bad[_i], "", &err));
	ck_assert_int_eq(err.code, HP_EUSAGE);
}
END_TEST

/* Goal: a command that does not end is ended. */
START_TEST(test_deadline)
{
	struct command_line *line = command_line_new("cat /dev/zero", &err);
	struct command_line_slots none = {NULL, 0};
	struct hp_buf out;

	hp_buf_init(&out, COMMAND_LINE_OUT_BYTES_MAX);
	ck_assert(!command_line_run(line, none, 50 * HP_MS_NS, &out, why));
	ck_assert_ptr_nonnull(strstr(why, "did not end in time"));
	hp_buf_fini(&out);
	command_line_free(line);
}
END_TEST

Suite *suite_probe(void);
Suite *suite_probe(void)
{
	Suite *s = suite_create("probe");
	TCase *tc = tcase_create("probe");

	tcase_set_timeout(tc, 30);
	tcase_add_loop_test(tc, test_counts, 0, sizeof(counts) / sizeof(counts[0]));
	tcase_add_test(tc, test_url);
	tcase_add_loop_test(tc, test_commands, 0, sizeof(commands) / sizeof(commands[0]));
	tcase_add_loop_test(tc, test_bad_commands, 0, 4);
	tcase_add_test(tc, test_deadline);
	suite_add_tcase(s, tc);
	return s;
}
