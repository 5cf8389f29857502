/* Endpoints over TLS in a scenario: their URLs, their keys, and where a path in them begins. */
#include <check.h>
#include <stdio.h>

#include "scenarios/scenario_inside.h"

enum { TEXT_BYTES = 2048 };

static struct scenario s;
static struct hp_err err;

static int load(const char *endpoint, const char *folder)
{
	static char text[TEXT_BYTES];
	struct scenario_source source = scenario_source_disk(folder);

	snprintf(text, sizeof(text),
		 "{\"arrivals\":{\"kind\":\"constant\",\"rate\":\"10/s\",\"for\":\"1s\"},"
		 "\"receivers\":[{\"name\":\"r\"}],\"endpoints\":[{\"name\":\"a\","
		 "\"secret\":\"key\",%s},{\"name\":\"of-r\",\"receiver\":\"r\"}]}",
		 endpoint);
	return scenario_load(&s, (struct scenario_text){"s.json", hp_view_of(text)}, &source, NULL,
			     &err);
}

static const struct {
	const char *url, *host, *target;
	uint16_t number;
	bool tls;
} urls[] = {
	{"https://example.test/hooks", "example.test", "/hooks", 443, true},
	{"https://example.test:443/", "example.test", "/", 443, true},
	{"https://example.test:80/", "example.test:80", "/", 80, true},
	{"https://127.0.0.1:8443?a=1", "127.0.0.1:8443", "/?a=1", 8443, true},
	{"https://[::1]/x", "[::1]", "/x", 443, true},
	{"http://example.test:443/", "example.test:443", "/", 443, false},
};

/* Goal: an https URL is taken apart as an http one is; its own port need not be written. */
START_TEST(test_urls)
{
	struct plan_endpoint endpoint = {.name = "a"};

	ck_assert(scenario_parse_url(hp_view_of(urls[_i].url), &endpoint));
	ck_assert_str_eq(endpoint.url, urls[_i].url);
	ck_assert_str_eq(endpoint.host, urls[_i].host);
	ck_assert_str_eq(endpoint.target, urls[_i].target);
	ck_assert_uint_eq(endpoint.address.number, urls[_i].number);
	ck_assert(endpoint.tls.used == urls[_i].tls);
	ck_assert(!endpoint.tls.insecure && !endpoint.tls.full);
}
END_TEST

/* Goal: nothing but the two schemes is a URL here. */
START_TEST(test_other_schemes)
{
	static const char *const bad[] = {"https:/h/", "https//h/", "HTTPS://h/", "httpss://h/",
					  "https://", "ftp://h/", "https"};
	struct plan_endpoint endpoint;

	ck_assert(!scenario_parse_url(hp_view_of(bad[_i]), &endpoint));
}
END_TEST

/* Goal: an address that became known makes a URL of the endpoint's scheme. */
START_TEST(test_endpoint_at)
{
	const struct port_address address = {4, 443, {127, 0, 0, 1}};
	struct plan_endpoint endpoint = {.tls = {.used = true}};

	scenario_endpoint_at(&endpoint, &address, "/hooks");
	ck_assert_str_eq(endpoint.url, "https://127.0.0.1/hooks");
	endpoint.tls.used = false;
	scenario_endpoint_at(&endpoint, &address, "/hooks");
	ck_assert_str_eq(endpoint.url, "http://127.0.0.1:443/hooks");
}
END_TEST

static const struct {
	const char *keys, *folder, *ca;
	bool insecure, full;
} good[] = {
	{"\"ca\":\"ca.pem\"", "", "ca.pem", false, false},
	{"\"ca\":\"ca.pem\"", "some/folder", "some/folder/ca.pem", false, false},
	{"\"ca\":\"/etc/ca.pem\"", "some/folder", "/etc/ca.pem", false, false},
	{"\"verify\":false", "some", "", true, false},
	{"\"resume\":false", "", "", false, true},
	{"\"verify\":true,\"resume\":true", "", "", false, false},
	{"", "", "", false, false},
};

/* Goal: every key arrives where the plan has it, nothing said is the safe way, and a path begins
 * at the document's folder. */
START_TEST(test_keys)
{
	char endpoint[TEXT_BYTES];
	const struct plan_tls *tls;

	snprintf(endpoint, sizeof(endpoint), "\"url\":\"https://h/\",\"tls\":{%s}", good[_i].keys);
	ck_assert_msg(load(endpoint, good[_i].folder) == 0, "%s", err.msg);
	tls = &s.plan.endpoints[0].tls;
	ck_assert_str_eq(tls->ca, good[_i].ca);
	ck_assert(tls->used && tls->insecure == good[_i].insecure && tls->full == good[_i].full);
	ck_assert(!s.plan.endpoints[1].tls.used);
	scenario_fini(&s);
}
END_TEST

static const struct {
	const char *endpoint, *msg;
} bad[] = {
	{"\"url\":\"http://h/\",\"tls\":{}",
	 "endpoints[0].tls: this endpoint is plain: want an https URL, or a receiver with "
	 "\"tls\": true"},
	{"\"url\":\"https://h/\",\"tls\":{\"verfy\":false}",
	 "endpoints[0].tls.verfy: unknown key, did you mean \"verify\"?"},
	{"\"url\":\"https://h/\",\"tls\":{\"verify\":1}",
	 "endpoints[0].tls.verify: want true or false, found 1"},
	{"\"url\":\"https://h/\",\"tls\":{\"ca\":\"\"}", "endpoints[0].tls.ca: want "},
	{"\"url\":\"https://h/\",\"tls\":true", "endpoints[0].tls: want an object, found true"},
};

/* Goal: what cannot be meant is refused at its place. */
START_TEST(test_bad_keys)
{
	ck_assert_int_eq(load(bad[_i].endpoint, ""), -1);
	ck_assert_msg(strncmp(err.msg, bad[_i].msg, strlen(bad[_i].msg)) == 0, "%s", err.msg);
	ck_assert_uint_gt(err.at.line, 0);
}
END_TEST

/* Goal: the endpoint of a receiver that speaks TLS is https. */
START_TEST(test_receiver)
{
	static const char text[] =
		"{\"arrivals\":{\"kind\":\"constant\",\"rate\":\"10/s\",\"for\":\"1s\"},"
		"\"receivers\":[{\"name\":\"r\",\"tls\":true}],"
		"\"endpoints\":[{\"name\":\"a\",\"receiver\":\"r\",\"tls\":{\"resume\":false}}]}";
	struct scenario_source source = scenario_source_disk("");

	ck_assert_int_eq(scenario_load(&s, (struct scenario_text){"s.json", hp_view_of(text)},
				       &source, NULL, &err), 0);
	ck_assert(s.plan.endpoints[0].tls.used && s.plan.endpoints[0].tls.full);
	ck_assert_str_eq(s.plan.endpoints[0].url, "https://127.0.0.1:0/hooks");
	scenario_fini(&s);
}
END_TEST

/* Goal: a path that does not fit is refused, never cut. */
START_TEST(test_long_path)
{
	char endpoint[TEXT_BYTES], folder[200];

	memset(folder, 'd', sizeof(folder) - 1);
	folder[sizeof(folder) - 1] = '\0';
	snprintf(endpoint, sizeof(endpoint), "\"url\":\"https://h/\",\"tls\":{\"ca\":\"%0*d\"}",
		 PLAN_PATH_BYTES - 200, 0);
	ck_assert_int_eq(load(endpoint, folder), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "the path is too long"));
}
END_TEST

#define COUNT(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

Suite *suite_scenario_tls(void);

Suite *suite_scenario_tls(void)
{
	Suite *suite = suite_create("scenario_tls");
	TCase *tcase = tcase_create("scenario_tls");

	tcase_add_loop_test(tcase, test_urls, 0, COUNT(urls));
	tcase_add_loop_test(tcase, test_other_schemes, 0, 7);
	tcase_add_test(tcase, test_endpoint_at);
	tcase_add_loop_test(tcase, test_keys, 0, COUNT(good));
	tcase_add_loop_test(tcase, test_bad_keys, 0, COUNT(bad));
	tcase_add_test(tcase, test_receiver);
	tcase_add_test(tcase, test_long_path);
	suite_add_tcase(suite, tcase);
	return suite;
}
