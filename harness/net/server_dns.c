#include "net/server_dns.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/address.h"
#include "net/server_inside.h"
#include "wire/dns.h"

enum {
	QUERIES_MAX = 64, /* in one turn, so that connections get theirs */
	HOST_BYTES = PLAN_NAME_BYTES + sizeof("." LOOKUP_ZONE),
};
_Static_assert((int)LOOKUP_ADDRESSES_MAX <= (int)DNS_ADDRESSES_MAX, "all of them fit");

struct peer {
	struct sockaddr_storage address;
	socklen_t bytes;
};

struct exchange { /* a query, and the answer that it gets */
	struct peer peer;
	struct receiver *receiver; /* NULL: no name of ours */
	struct lookup lookup;
	size_t query_bytes;
	size_t question_bytes; /* behind the header of the answer */
	size_t bytes;
	char message[DNS_ANSWER_BYTES_MAX];
};

struct waiting {
	struct waiting *next;
	uint64_t at_ns; /* sent, or watched, until then */
	struct exchange exchange;
};

struct server_dns {
	struct server *server;
	struct event *readable;
	int fd;
	struct port_address address;
	struct server_dns_counters counters;
	struct waiting *waiting; /* in no order: there are few */
	size_t waiting_count;
	char (*hosts)[HOST_BYTES];    /* of the stations, in their order */
	struct port_address *owns;    /* where each can be reached */
};

/* ---- what came of a query ---- */

static void tell(const struct server_dns *dns, const struct exchange *exchange,
		 enum lookup_end end)
{
	if (exchange->receiver == NULL)
		return;
	receiver_resolved(exchange->receiver, &exchange->lookup, &(struct lookup_seen){
		.now_ns = dns->server->now_ns, .query_bytes = exchange->query_bytes,
		.answer_bytes = exchange->bytes, .end = end,
	});
}

static void send_now(struct server_dns *dns, const struct exchange *exchange)
{
	const struct peer *peer = &exchange->peer;
	ssize_t sent = sendto(dns->fd, exchange->message, exchange->bytes, MSG_DONTWAIT,
			      (const struct sockaddr *)&peer->address, peer->bytes);
	bool whole = sent == (ssize_t)exchange->bytes;

	dns->counters.answered += whole;
	dns->counters.dropped += !whole;
	tell(dns, exchange, whole ? LOOKUP_ANSWERED : LOOKUP_UNSENT);
}

/* ---- what waits ---- */

static void wait_for(struct server_dns *dns, const struct exchange *exchange)
{
	struct waiting *waiting;

	if (dns->waiting_count == SERVER_DNS_WAITING_MAX) {
		dns->counters.dropped++;
		tell(dns, exchange, LOOKUP_UNSENT);
		return;
	}
	waiting = hp_xcalloc(1, sizeof(*waiting));
	waiting->exchange = *exchange;
	waiting->at_ns = dns->server->now_ns + exchange->lookup.delay_ns;
	waiting->next = dns->waiting;
	dns->waiting = waiting;
	dns->waiting_count++;
	server_wake_at(dns->server, &(struct timer){
		.at_ns = waiting->at_ns, .owner = dns, .cookie = SERVER_DNS_TIMER,
	});
}

typedef bool over_fn(const struct server_dns *dns, const struct waiting *waiting,
		     const struct exchange *query);
typedef void end_fn(struct server_dns *dns, const struct waiting *waiting);

/* Ends, takes out of the list and frees each that is over; the query is what the test asks for. */
static void end_waiting(struct server_dns *dns, over_fn *is_over, const struct exchange *query,
			end_fn *end)
{
	struct waiting **at = &dns->waiting;

	while (*at != NULL) {
		struct waiting *waiting = *at;

		if (!is_over(dns, waiting, query)) {
			at = &waiting->next;
			continue;
		}
		*at = waiting->next;
		dns->waiting_count--;
		end(dns, waiting);
		free(waiting);
	}
}

static bool is_due(const struct server_dns *dns, const struct waiting *waiting,
		   const struct exchange *query)
{
	(void)query;
	return waiting->at_ns <= dns->server->now_ns;
}

static void end_due(struct server_dns *dns, const struct waiting *waiting)
{
	if (waiting->exchange.lookup.silent)
		tell(dns, &waiting->exchange, LOOKUP_SILENT);
	else
		send_now(dns, &waiting->exchange);
}

void server_dns_due(struct server_dns *dns)
{
	end_waiting(dns, is_due, NULL, end_due);
}

static bool is_any(const struct server_dns *dns, const struct waiting *waiting,
		   const struct exchange *query)
{
	(void)dns, (void)waiting, (void)query;
	return true;
}

static void end_unfinished(struct server_dns *dns, const struct waiting *waiting)
{
	tell(dns, &waiting->exchange,
	     waiting->exchange.lookup.silent ? LOOKUP_SILENT : LOOKUP_CUT_OFF);
}

void server_dns_end(struct server_dns *dns)
{
	if (dns != NULL)
		end_waiting(dns, is_any, NULL, end_unfinished);
}

static struct hp_view question_of(const struct exchange *exchange)
{
	return (struct hp_view){exchange->message + DNS_HEADER_BYTES, exchange->question_bytes};
}

/* The same peer asks the same again: it had no answer. */
static bool is_asked_again(const struct server_dns *dns, const struct waiting *waiting,
			   const struct exchange *query)
{
	const struct exchange *before = &waiting->exchange;

	(void)dns;
	return before->lookup.silent && before->peer.bytes == query->peer.bytes &&
	       memcmp(&before->peer.address, &query->peer.address, query->peer.bytes) == 0 &&
	       hp_view_equal(question_of(before), question_of(query));
}

/* ---- queries ---- */

static enum lookup_type type_of(const struct dns_query *query)
{
	if (query->type == DNS_A)
		return LOOKUP_A;
	return query->type == DNS_AAAA ? LOOKUP_AAAA : LOOKUP_OTHER;
}

/* False: no receiver has that name. */
static bool decide(const struct server_dns *dns, const struct dns_query *query,
		   struct exchange *exchange)
{
	const struct server *server = dns->server;
	size_t i = 0;

	while (i < server->station_count && !dns_name_is(query->name, dns->hosts[i]))
		i++;
	if (i == server->station_count)
		return false;
	exchange->receiver = server->stations[i].receiver;
	exchange->lookup = (struct lookup){
		.planned_ns = server->now_ns, .type = type_of(query), .own = &dns->owns[i],
	};
	receiver_resolve(exchange->receiver, &exchange->lookup);
	return true;
}

static void write_answer(const struct dns_query *query, struct exchange *exchange,
			 enum dns_rcode rcode)
{
	exchange->question_bytes = query->question.bytes;
	exchange->bytes = dns_write_answer(query, &(struct dns_answer){
		.rcode = rcode, .ttl_s = exchange->lookup.ttl_s,
		.address_count = exchange->lookup.address_count,
		.addresses = exchange->lookup.addresses,
	}, exchange->message);
}

static void answer(struct server_dns *dns, const struct dns_query *query,
		   struct exchange *exchange)
{
	static const enum dns_rcode rcodes[] = {
		[LOOKUP_FOUND] = DNS_NOERROR,
		[LOOKUP_NO_SUCH_NAME] = DNS_NXDOMAIN,
		[LOOKUP_SERVER_FAILS] = DNS_SERVFAIL,
	};
	bool known = decide(dns, query, exchange);

	write_answer(query, exchange, known ? rcodes[exchange->lookup.outcome] : DNS_NXDOMAIN);
	end_waiting(dns, is_asked_again, exchange, end_due);
	if (exchange->lookup.silent || exchange->lookup.delay_ns != 0)
		wait_for(dns, exchange);
	else
		send_now(dns, exchange);
}

static void take(struct server_dns *dns, struct hp_view bytes, const struct peer *peer)
{
	struct exchange exchange = {.peer = *peer, .query_bytes = bytes.bytes};
	struct dns_query query;
	enum dns_result result = dns_parse_query(bytes.at, bytes.bytes, &query);

	dns->counters.queries += result == DNS_DONE;
	dns->counters.bad += result != DNS_DONE;
	if (result == DNS_DONE) {
		answer(dns, &query, &exchange);
	} else if (result == DNS_BAD) {
		write_answer(&query, &exchange, query.complaint);
		send_now(dns, &exchange);
	}
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct server_dns *dns = arg;
	struct server *server = dns->server;

	(void)what;
	server_enter(server);
	for (int i = 0; i < QUERIES_MAX; i++) {
		struct peer peer = {.bytes = sizeof(peer.address)};
		ssize_t bytes = recvfrom(fd, server->buf, sizeof(server->buf), MSG_DONTWAIT,
					 (struct sockaddr *)&peer.address, &peer.bytes);
		if (bytes < 0)
			return;
		take(dns, (struct hp_view){server->buf, (size_t)bytes}, &peer);
	}
}

/* ---- life ---- */

/* One that listens on every address is reached on the loopback. */
static struct port_address reachable(struct port_address bound)
{
	static const uint8_t any[sizeof(bound.ip)];

	if (memcmp(bound.ip, any, sizeof(any)) != 0)
		return bound;
	if (bound.family == 4)
		memcpy(bound.ip, (const uint8_t[]){127, 0, 0, 1}, 4);
	else
		bound.ip[15] = 1;
	return bound;
}

static void name_stations(struct server_dns *dns)
{
	const struct server *server = dns->server;

	dns->hosts = hp_xcalloc(server->station_count, sizeof(*dns->hosts));
	dns->owns = hp_xcalloc(server->station_count, sizeof(*dns->owns));
	for (size_t i = 0; i < server->station_count; i++) {
		snprintf(dns->hosts[i], sizeof(dns->hosts[i]), "%s." LOOKUP_ZONE,
			 server->stations[i].receiver->config->name);
		dns->owns[i] = reachable(server->stations[i].address);
		assert(address_is_loopback(&dns->owns[i]));
	}
}

static int open_socket(struct server_dns *dns, const struct port_address *listen)
{
	struct sockaddr_storage storage;
	socklen_t bytes = address_sockaddr(listen, &storage);

	dns->fd = socket(storage.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (dns->fd < 0 || bind(dns->fd, (struct sockaddr *)&storage, bytes) < 0)
		return -1;
	bytes = sizeof(storage);
	if (getsockname(dns->fd, (struct sockaddr *)&storage, &bytes) < 0)
		return -1;
	address_from_sockaddr(&storage, &dns->address);
	dns->readable = event_new(dns->server->loop.base, dns->fd, EV_READ | EV_PERSIST,
				  on_readable, dns);
	return dns->readable != NULL ? event_add(dns->readable, NULL) : -1;
}

struct server_dns *server_dns_new(struct server *server, const struct port_address *listen,
				  struct hp_err *err)
{
	struct server_dns *dns = hp_xcalloc(1, sizeof(*dns));
	const char *shortage;

	assert(address_is_loopback(listen));
	dns->server = server;
	name_stations(dns);
	if (open_socket(dns, listen) == 0)
		return dns;
	shortage = hp_err_shortage(errno);
	hp_err_set(err, shortage ? HP_EENV : HP_EUSAGE,
		   "the resolver cannot listen on port %u: %m; %s", listen->number,
		   shortage ? shortage : "use port 0, or one that is free");
	server_dns_free(dns);
	return NULL;
}

void server_dns_free(struct server_dns *dns)
{
	if (dns == NULL)
		return;
	server_dns_end(dns);
	if (dns->readable != NULL)
		event_free(dns->readable);
	if (dns->fd >= 0)
		close(dns->fd);
	free(dns->hosts);
	free(dns->owns);
	free(dns);
}

const struct port_address *server_dns_where(const struct server_dns *dns)
{
	return &dns->address;
}

const struct server_dns_counters *server_dns_counted(const struct server_dns *dns)
{
	return &dns->counters;
}
