#include <check.h>

#include "cli/safety.h"

static const char *const named[] = {"hooks.example.com", "[2001:db8::1]", "192.0.2.7"};
static const struct safety safety = {named, sizeof(named) / sizeof(named[0])};

static const struct {
	const char *url;
	bool allowed;
} urls[] = {
	{"http://127.0.0.1:8080/hooks", true},
	{"http://127.255.0.1", true},
	{"http://localhost:80/", true},
	{"http://LocalHost/", true},
	{"http://[::1]:8080/x", true},
	{"http://[::ffff:127.0.0.1]/", true},
	{"http://hooks.example.com/x", true},
	{"http://HOOKS.example.com:99/x", true},
	{"http://[2001:DB8:0::1]/x", true},
	{"http://192.0.2.7/", true},
	{"http://192.0.2.8/", false},
	{"http://example.com/", false},
	{"http://evil-hooks.example.com/", false},
	{"http://hooks.example.com.evil.org/", false},
	{"http://localhost.evil.org/", false},
	{"http://127.0.0.1@evil.org/", false},
	{"http://localhost:80@evil.org/", false},
	{"http://127.0.0.1.evil.org/", false},
	{"http://0.0.0.0/", false},
	{"http://127.1/", false}, /* a name to us: it must be named */
	{"http://2130706433/", false},
	{"http://[::2]/", false},
	{"http://[::1/", false},
	{"http://169.254.169.254/latest", false},
	{"http:///hooks", false},
	{"hooks", false},
	{"", false},
};

/* Goal: loopback and named hosts pass, everything else is refused as usage, with the remedy. */
START_TEST(test_urls)
{
	struct hp_err err = {.msg = ""};
	int result = safety_check_url(&safety, urls[_i].url, &err);

	ck_assert_msg(result == (urls[_i].allowed ? 0 : -1), "%s", urls[_i].url);
	if (result < 0)
		ck_assert_int_eq(err.code, HP_EUSAGE);
}
END_TEST

/* Goal: the remedy is the very option to add. */
START_TEST(test_remedy)
{
	struct hp_err err;

	ck_assert_int_eq(safety_check_url(&safety, "http://example.com:8080/x", &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "--allow-host example.com"));
}
END_TEST

/* Goal: the address decides, not the name that leads there. */
START_TEST(test_addresses)
{
	struct port_address here = {.family = 4, .ip = {127, 0, 0, 1}};
	struct port_address there = {.family = 4, .ip = {192, 0, 2, 99}};
	struct hp_err err;

	ck_assert_int_eq(safety_check_address(&safety, "a.name.of.mine", &here, &err), 0);
	ck_assert_int_eq(safety_check_address(&safety, "localhost", &there, &err), -1);
	ck_assert_int_eq(safety_check_address(&safety, "hooks.example.com", &there, &err), 0);
}
END_TEST

Suite *suite_safety(void);
Suite *suite_safety(void)
{
	Suite *suite = suite_create("safety");
	TCase *cases = tcase_create("safety");

	tcase_add_loop_test(cases, test_urls, 0, sizeof(urls) / sizeof(urls[0]));
	tcase_add_test(cases, test_remedy);
	tcase_add_test(cases, test_addresses);
	suite_add_tcase(suite, cases);
	return suite;
}
