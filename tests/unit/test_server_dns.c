/* The resolver on real sockets: what a client on the loopback is told of a receiver's name, what it
 * is not told, and the records of that. No sleeps: each test waits for a datagram. */
#include "net/server.h"

#include <check.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/address.h"
#include "net/clock.h"
#include "tests/lib/behaving.h"
#include "tests/lib/receiving.h"

#define NAME "\x08" "receiver" "\x09" "hookproof" "\x04" "test" "\x00"
#define OTHER "\x05" "other" "\x09" "hookproof" "\x04" "test" "\x00"
#define HEAD "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
#define IN_A "\x00\x01\x00\x01"
#define ASK HP_LITERAL(HEAD NAME IN_A)
#define ASK_AAAA HP_LITERAL(HEAD NAME "\x00\x1c\x00\x01")
#define ASK_OTHER HP_LITERAL(HEAD OTHER IN_A)

enum { NOERROR, FORMERR, SERVFAIL, NXDOMAIN, WAITING_MAX = 1024 };

static struct receiving r;
static struct server *server;
static pthread_t thread;
static int client_fd;

static void setup(void)
{
	receiving_init(&r);
	snprintf(r.config.name, sizeof(r.config.name), "receiver");
	r.config.listen = (struct port_address){.family = 4, .ip = {127, 0, 0, 1}};
	r.config.named = true;
	client_fd = -1;
}

static void teardown(void)
{
	if (client_fd >= 0)
		close(client_fd);
	server_free(server);
	receiving_fini(&r);
}

static void *run(void *arg)
{
	server_run(arg);
	return NULL;
}

static int client(void)
{
	struct sockaddr_storage storage;
	socklen_t bytes = address_sockaddr(server_dns_address(server), &storage);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&storage, bytes), 0);
	return fd;
}

static void start(void)
{
	struct hp_err err;
	struct server_config config = {
		.start_ns = clock_mono_ns(), .lag_ns_max = HP_NEVER, .history = &r.history,
		.dns = {.family = 4, .ip = {127, 0, 0, 1}},
	};

	receiving_start(&r);
	server = server_new(&config, (struct server_receivers){&r.receiver, 1}, &err);
	ck_assert_msg(server != NULL, "%s", err.msg);
	ck_assert_uint_ne(server_dns_address(server)->number, 0);
	client_fd = client();
	ck_assert_int_eq(pthread_create(&thread, NULL, run, server), 0);
}

static void stop(void)
{
	server_stop(server);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
}

static void say(int fd, struct hp_view bytes)
{
	ck_assert_int_eq(send(fd, bytes.at, bytes.bytes, 0), (ssize_t)bytes.bytes);
}

struct answer {
	unsigned rcode, addresses, last; /* last: byte of the last address */
	size_t bytes;
};

static struct answer hear(int fd)
{
	uint8_t text[1024];
	ssize_t bytes = recv(fd, text, sizeof(text), 0);

	ck_assert_msg(bytes >= 12, "%m");
	ck_assert_int_eq(memcmp(text, "\x12\x34", 2), 0);
	ck_assert_uint_eq(text[2] & 0x80, 0x80);
	return (struct answer){text[3] & 0xF, text[7], text[bytes - 1], (size_t)bytes};
}

static bool is_quiet(int fd)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};

	return poll(&wait, 1, 0) == 0;
}

/* One thread answers in order: what was said before this has been dealt with. */
static void probe(void)
{
	int fd = client();

	say(fd, ASK_OTHER);
	ck_assert_uint_eq(hear(fd).rcode, NXDOMAIN);
	close(fd);
}

static const struct record_fault *fault(size_t index)
{
	ck_assert_uint_lt(index, r.record_count);
	ck_assert_int_eq(r.records[index].kind, RECORD_FAULT);
	return &r.records[index].fault;
}

/* Goal: a receiver's name has its address, without IPv6; no other name is known; nonsense is
 * refused, and an answer is answered by nobody. */
START_TEST(test_answers)
{
	struct answer answer;

	start();
	say(client_fd, ASK);
	answer = hear(client_fd);
	ck_assert_uint_eq(answer.rcode, NOERROR);
	ck_assert_uint_eq(answer.addresses, 1);
	ck_assert_uint_eq(answer.last, 1);
	say(client_fd, ASK_AAAA);
	answer = hear(client_fd);
	ck_assert(answer.rcode == NOERROR && answer.addresses == 0);
	say(client_fd, ASK_OTHER);
	ck_assert_uint_eq(hear(client_fd).rcode, NXDOMAIN);
	say(client_fd, HP_LITERAL("\x12\x34\x81\x00\x00\x01\x00\x00\x00\x00\x00\x00" NAME IN_A));
	say(client_fd, HP_LITERAL("\x12\x34"));
	say(client_fd, HP_LITERAL(HEAD "\xc0\x0c" IN_A));
	ck_assert_uint_eq(hear(client_fd).rcode, FORMERR);
	ck_assert(is_quiet(client_fd));
	stop();
	ck_assert_uint_eq(server_dns_counters(server)->queries, 3);
	ck_assert_uint_eq(server_dns_counters(server)->bad, 3);
	ck_assert_uint_eq(server_dns_counters(server)->answered, 4);
	ck_assert_uint_eq(r.record_count, 0);
}
END_TEST

/* Goal: the first query fails and the second does not, and a record says so. */
START_TEST(test_fault)
{
	receiving_behave(&r, "name-servfail");
	start();
	say(client_fd, ASK);
	ck_assert_uint_eq(hear(client_fd).rcode, SERVFAIL);
	say(client_fd, ASK);
	ck_assert_uint_eq(hear(client_fd).rcode, NOERROR);
	stop();
	ck_assert_uint_eq(r.record_count, 1);
	ck_assert_int_eq(fault(0)->state, RECORD_FAULT_VERIFIED);
	ck_assert_uint_eq(fault(0)->read_bytes, ASK.bytes);
	ck_assert_uint_eq(fault(0)->written_bytes, ASK.bytes);
}
END_TEST

/* Goal: a late answer never comes sooner than asked, each in its own time; others do not wait for
 * it, and its record knows both moments. */
START_TEST(test_slow)
{
	uint64_t delay_ns = 80 * HP_MS_NS, from_ns;

	behave_set(&receiving_behave(&r, "name-slow")->own, "delay", delay_ns);
	start();
	from_ns = clock_mono_ns();
	say(client_fd, ASK);
	while (clock_mono_ns() - from_ns < delay_ns / 4)
		probe();
	say(client_fd, ASK);
	ck_assert_uint_eq(hear(client_fd).addresses, 1);
	ck_assert_uint_ge(clock_mono_ns() - from_ns, delay_ns);
	hear(client_fd);
	stop();
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(fault(i)->state, RECORD_FAULT_VERIFIED);
		ck_assert_uint_ge(fault(i)->applied_ns, fault(i)->planned_ns + delay_ns);
	}
}
END_TEST

/* Goal: a silence is proved by the same peer that asks again, by its time, or by the run's end; the
 * same question of another peer proves nothing. */
START_TEST(test_silent)
{
	int other;

	receiving_behave(&r, "name-silent");
	start();
	other = client();
	say(client_fd, ASK);
	say(other, ASK);
	say(client_fd, ASK_AAAA);
	say(client_fd, ASK);
	probe();
	ck_assert(is_quiet(client_fd) && is_quiet(other));
	close(other);
	stop();
	ck_assert_uint_eq(r.record_count, 4);
	for (size_t i = 0; i < 4; i++) {
		ck_assert_int_eq(fault(i)->state, RECORD_FAULT_VERIFIED);
		ck_assert_uint_eq(fault(i)->written_bytes, 0);
	}
	ck_assert_uint_eq(fault(0)->ordinal, 1); /* asked again; the others by the end of the run */
	ck_assert_uint_eq(fault(1)->applied_ns, fault(3)->applied_ns);
	ck_assert_uint_eq(server_dns_counters(server)->answered, 1);
}
END_TEST

/* Goal: the time of a silence ends it. */
START_TEST(test_silent_ends)
{
	uint64_t hold_ns = 20 * HP_MS_NS;

	behave_set(&receiving_behave(&r, "name-silent")->own, "hold", hold_ns);
	behave_set(&receiving_behave(&r, "name-slow")->own, "delay", 0);
	start();
	say(client_fd, ASK);
	probe();
	for (uint64_t until_ns = clock_mono_ns() + hold_ns; clock_mono_ns() < until_ns;)
		probe();
	probe();
	ck_assert(is_quiet(client_fd));
	stop();
	ck_assert_uint_eq(r.record_count, 2);
	ck_assert_int_eq(fault(0)->state, RECORD_FAULT_VERIFIED);
	ck_assert_uint_ge(fault(0)->applied_ns, fault(0)->planned_ns + hold_ns);
}
END_TEST

/* Goal: what waits is bounded: more is dropped, counted, and an error of ours; what still waits at
 * the end was cut off. */
START_TEST(test_bounded)
{
	enum { MORE = 5 };
	size_t count[RECORD_FAULT_STATES] = {0};

	behave_set(&receiving_behave(&r, "name-slow")->own, "delay", 3600 * HP_S_NS);
	start();
	for (int i = 0; i < WAITING_MAX + MORE; i++) {
		say(client_fd, ASK);
		if (i % 64 == 0)
			probe();
	}
	probe();
	ck_assert(is_quiet(client_fd));
	stop();
	for (size_t i = 0; i < r.record_count; i++)
		count[fault(i)->state]++;
	ck_assert_uint_eq(count[RECORD_FAULT_PREEMPTED], WAITING_MAX);
	ck_assert_uint_eq(count[RECORD_FAULT_FAILED], MORE);
	ck_assert_uint_eq(server_dns_counters(server)->dropped, MORE);
}
END_TEST

/* Goal: an address that is taken is said so; without the wish there is no resolver. */
START_TEST(test_taken)
{
	struct server_config config = {.lag_ns_max = HP_NEVER, .history = &r.history};
	struct server *second;
	struct hp_err err;

	start();
	config.dns = *server_dns_address(server);
	second = server_new(&config, (struct server_receivers){NULL, 0}, &err);
	ck_assert_ptr_null(second);
	ck_assert_int_eq(err.code, HP_EUSAGE);
	config.dns.family = 0;
	second = server_new(&config, (struct server_receivers){NULL, 0}, &err);
	ck_assert_ptr_nonnull(second);
	ck_assert_ptr_null(server_dns_address(second));
	server_free(second);
	stop();
}
END_TEST

Suite *suite_server_dns(void);

Suite *suite_server_dns(void)
{
	Suite *suite = suite_create("server_dns");
	TCase *tcase = tcase_create("server_dns");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_answers);
	tcase_add_test(tcase, test_fault);
	tcase_add_test(tcase, test_slow);
	tcase_add_test(tcase, test_silent);
	tcase_add_test(tcase, test_silent_ends);
	tcase_add_test(tcase, test_bounded);
	tcase_add_test(tcase, test_taken);
	suite_add_tcase(suite, tcase);
	return suite;
}
