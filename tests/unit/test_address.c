#include "net/address.h"

#include <check.h>
#include <netinet/in.h>
#include <unistd.h>

#include "base/span.h"

static const struct row {
	const char *host;
	uint8_t family; /* 0: no address */
	uint8_t ip[16];
	bool loopback;
} rows[] = {
	{"127.0.0.1", 4, {127, 0, 0, 1}, true},
	{"127.255.0.9", 4, {127, 255, 0, 9}, true},
	{"128.0.0.1", 4, {128, 0, 0, 1}, false},
	{"0.0.0.0", 4, {0}, false},
	{"10.0.0.127", 4, {10, 0, 0, 127}, false},
	{"::1", 6, {[15] = 1}, true},
	{"::2", 6, {[15] = 2}, false},
	{"::", 6, {0}, false},
	{"1::1", 6, {[1] = 1, [15] = 1}, false},
	{"::ffff:127.0.0.1", 6, {[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1}, true},
	{"::ffff:10.0.0.1", 6, {[10] = 0xff, [11] = 0xff, [12] = 10, [15] = 1}, false},
	{"1.2.3.4.5", 0, {0}, false},
	{"256.1.1.1", 0, {0}, false},
	{":::", 0, {0}, false},
	{"", 0, {0}, false},
};
enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]) };

/* Goal: numbers become addresses without asking anybody; only this machine is loopback, in every
 * spelling of it; an address survives the way through a socket address. */
START_TEST(test_numbers)
{
	const struct row *row = &rows[_i];
	struct port_address address, back;
	struct sockaddr_storage storage;
	struct address_list list;
	struct hp_err err;

	if (row->family == 0) {
		ck_assert_int_eq(address_resolve(row->host, 80, &list, &err), -1);
		ck_assert_int_eq(err.code, HP_EUNREACHABLE);
		return;
	}
	ck_assert_int_eq(address_resolve(row->host, 8080, &list, &err), 0);
	ck_assert_uint_ge(list.count, 1);
	address = list.at[0];
	ck_assert_uint_eq(address.family, row->family);
	ck_assert_uint_eq(address.number, 8080);
	ck_assert_mem_eq(address.ip, row->ip, 16);
	ck_assert(address_is_loopback(&address) == row->loopback);
	ck_assert_uint_eq(address_sockaddr(&address, &storage),
			  row->family == 4 ? sizeof(struct sockaddr_in)
					   : sizeof(struct sockaddr_in6));
	address_from_sockaddr(&storage, &back);
	ck_assert_mem_eq(&back, &address, sizeof(address));
}
END_TEST

/* Goal: a probe says whether somebody listens, within its span. */
START_TEST(test_probe)
{
	struct port_address address = {.family = 4, .ip = {127, 0, 0, 1}};
	struct sockaddr_storage storage;
	socklen_t bytes = address_sockaddr(&address, &storage);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct hp_err err;

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&storage, bytes), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&storage, &bytes), 0);
	address_from_sockaddr(&storage, &address);
	ck_assert_int_eq(address_probe(&address, HP_S_NS, &err), -1);
	ck_assert_int_eq(err.code, HP_EUNREACHABLE);
	ck_assert_ptr_nonnull(strstr(err.msg, "refused"));
	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_msg(address_probe(&address, HP_S_NS, &err) == 0, "%s", err.msg);
	close(fd);
}
END_TEST

/* Goal: of the addresses of a name the first at which somebody listens is taken; the first of all
 * when there is none, and one alone without trying. */
START_TEST(test_pick)
{
	struct port_address nobody = {.family = 4, .ip = {127, 0, 0, 1}, .number = 1};
	struct port_address here = {.family = 4, .ip = {127, 0, 0, 1}};
	struct address_list list = {{nobody, nobody, nobody}, 3};
	struct sockaddr_storage storage;
	socklen_t bytes = address_sockaddr(&here, &storage);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&storage, bytes), 0);
	ck_assert_int_eq(listen(fd, 8), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&storage, &bytes), 0);
	ck_assert_ptr_eq(address_pick(&list, HP_S_NS), &list.at[0]);
	address_from_sockaddr(&storage, &list.at[1]);
	ck_assert_ptr_eq(address_pick(&list, HP_S_NS), &list.at[1]);
	list.count = 1;
	ck_assert_ptr_eq(address_pick(&list, HP_S_NS), &list.at[0]);
	close(fd);
}
END_TEST

Suite *suite_address(void);

Suite *suite_address(void)
{
	Suite *suite = suite_create("address");
	TCase *tcase = tcase_create("address");

	tcase_add_loop_test(tcase, test_numbers, 0, ROW_COUNT);
	tcase_add_test(tcase, test_probe);
	tcase_add_test(tcase, test_pick);
	suite_add_tcase(suite, tcase);
	return suite;
}
