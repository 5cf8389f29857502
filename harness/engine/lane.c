#include "engine/lane.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "engine/exchange.h"

#define BACKOFF_FIRST_NS (10 * HP_MS_NS) /* load-generators that reconnect at once spin */
#define BACKOFF_MAX_NS HP_S_NS

struct link { /* one connection, and the attempt on it; what each event touches stands first */
	struct timed timed;
	struct link *next; /* among the idle, or the free ones */
	struct lane *lane;
	struct port_conn *conn; /* NULL: free */
	struct delivery *delivery;
	uint64_t started_ns, sent_ns;
	uint64_t deadline_ns; /* HP_NEVER: nothing is waited for */
	uint64_t armed_ns;    /* the earliest timer of this generation; HP_NEVER: none */
	uint64_t body_digest;
	bool open;
	struct exchange exchange;
	uint64_t generation; /* of the connection: older timers mean nothing */
	struct link *all;    /* every link of the lane */
};

struct lane {
	struct timed timed; /* of the back-off */
	struct lane_shared *shared;
	const struct plan_endpoint *endpoint;
	struct request_maker *maker;
	struct link *all, *unused;
	struct link *idle, *idle_last; /* oldest first: all connections get used */
	struct delivery *first, *last; /* the queue */
	size_t queued;
	unsigned conn_count, opening_count;
	uint64_t backoff_ns, not_before_ns;
	bool backs_off;
	struct exchange_known known;
};

static uint64_t clock_ns(const struct lane *lane)
{
	return lane->shared->port->ops->now_ns(lane->shared->port);
}

/* ---- the queue ---- */

static void queue_add(struct lane *lane, struct delivery *delivery)
{
	delivery->next = NULL;
	if (lane->last)
		lane->last->next = delivery;
	else
		lane->first = delivery;
	lane->last = delivery;
	lane->queued++;
	lane->shared->queued++;
}

struct delivery *lane_take_back(struct lane *lane)
{
	struct delivery *delivery = lane->first;

	if (!delivery)
		return NULL;
	lane->first = delivery->next;
	if (!lane->first)
		lane->last = NULL;
	lane->queued--;
	lane->shared->queued--;
	return delivery;
}

/* The next delivery that may start; what waited too long for its first attempt is dropped. */
static struct delivery *queue_next(struct lane *lane, uint64_t now_ns)
{
	uint64_t longest_ns = lane->shared->plan->limits.queue_ns_max;
	struct delivery *delivery;

	while ((delivery = lane_take_back(lane))) {
		if (delivery->number > 1 || longest_ns == HP_NEVER ||
		    now_ns - delivery->released_ns <= longest_ns)
			return delivery;
		lane->shared->dropped(lane->shared->engine, delivery, now_ns);
	}
	return NULL;
}

/* ---- links ---- */

static void link_arm(struct link *link, uint64_t deadline_ns)
{
	link->deadline_ns = deadline_ns;
	if (deadline_ns >= link->armed_ns)
		return;
	link->armed_ns = deadline_ns;
	timers_add(&link->lane->shared->deadlines,
		   &(struct timer){deadline_ns, &link->timed, link->generation});
}

static void idle_add(struct link *link)
{
	struct lane *lane = link->lane;

	link->next = NULL;
	link->deadline_ns = HP_NEVER;
	if (lane->idle_last)
		lane->idle_last->next = link;
	else
		lane->idle = link;
	lane->idle_last = link;
}

static struct link *idle_take(struct lane *lane)
{
	struct link *link = lane->idle;

	if (!link)
		return NULL;
	lane->idle = link->next;
	if (!lane->idle)
		lane->idle_last = NULL;
	return link;
}

static void idle_remove(struct link *gone)
{
	struct lane *lane = gone->lane;
	struct link *before = NULL;

	for (struct link *link = lane->idle; link != gone; link = link->next)
		before = link;
	if (before)
		before->next = gone->next;
	else
		lane->idle = gone->next;
	if (lane->idle_last == gone)
		lane->idle_last = before;
}

static void on_due(struct timed *timed, uint64_t cookie, uint64_t now_ns);

static struct link *link_take(struct lane *lane)
{
	struct link *link = lane->unused;

	if (link) {
		lane->unused = link->next;
		return link;
	}
	link = hp_xcalloc(1, sizeof(*link));
	link->timed.due = on_due;
	link->lane = lane;
	link->all = lane->all;
	lane->all = link;
	exchange_init(&link->exchange, &lane->known, lane->shared->plan->limits.answer_bytes_max);
	return link;
}

/* The connection is gone; the link can be used for another one. */
static void link_release(struct link *link)
{
	struct lane *lane = link->lane;

	if (!link->open)
		lane->opening_count--;
	lane->conn_count--;
	link->conn = NULL;
	link->open = false;
	link->generation++;
	link->deadline_ns = HP_NEVER;
	exchange_reset(&link->exchange);
	link->next = lane->unused;
	lane->unused = link;
}

static void link_close(struct link *link)
{
	link->lane->shared->port->ops->close(link->conn);
	link_release(link);
}

/* Ready for the next request. */
static void link_keep(struct link *link)
{
	exchange_reset(&link->exchange);
	idle_add(link);
}

static void link_open(struct lane *lane, uint64_t now_ns)
{
	struct lane_shared *shared = lane->shared;
	struct link *link = link_take(lane);
	struct port_target target = {
		.address = lane->endpoint->address,
		.endpoint_index = (uint32_t)(lane->endpoint - shared->plan->endpoints),
		.tls = lane->endpoint->tls.used,
	};

	lane->conn_count++;
	lane->opening_count++;
	link->started_ns = now_ns;
	link->armed_ns = HP_NEVER;
	link->conn = shared->port->ops->open(shared->port, &target, link);
	link_arm(link, now_ns + shared->plan->profile.connect_timeout_ns);
}

/* ---- attempts ---- */

/* The time that the request claims: now, or the event's own at every attempt (profile). */
static uint64_t timestamp_ns(const struct lane *lane, const struct delivery *delivery)
{
	const struct lane_shared *shared = lane->shared;

	if (!request_wants_time(lane->maker))
		return 0;
	if (shared->plan->profile.stamp_on_retry == PROFILE_STAMP_PRESERVED)
		return shared->wall_start_ns + delivery->planned_ns;
	return shared->port->ops->wall_ns(shared->port);
}

static void attempt_start(struct link *link, struct delivery *delivery, uint64_t now_ns)
{
	struct lane *lane = link->lane;
	struct lane_shared *shared = lane->shared;
	const struct profile *profile = &shared->plan->profile;
	size_t bytes;

	delivery_move(delivery, DELIVERY_IN_FLIGHT);
	shared->in_flight++;
	link->delivery = delivery;
	link->started_ns = now_ns;
	bytes = request_render(lane->maker, delivery, timestamp_ns(lane, delivery), shared->scratch,
			       &link->body_digest);
	link->sent_ns = HP_NEVER;
	if (shared->port->ops->send(link->conn, (struct hp_view){shared->scratch, bytes}))
		link->sent_ns = clock_ns(lane);
	shared->metrics->bytes_sent += bytes;
	link_arm(link, now_ns + (profile->first_byte_timeout_ns < profile->timeout_ns
					 ? profile->first_byte_timeout_ns
					 : profile->timeout_ns));
}

/* The delivery goes back to the engine. The link is idle or gone by now. Where the cap on
 * deliveries in flight holds some lane, the engine gives the free place to whose turn it is. */
static void attempt_over(struct lane *lane, struct delivery *delivery,
			 struct ledger_attempt *attempt)
{
	struct lane_shared *shared = lane->shared;

	shared->in_flight--;
	shared->ended(shared->engine, delivery, attempt);
	if (!shared->held)
		lane_serve(lane, attempt->done_ns);
}

static struct ledger_attempt attempt_of(const struct link *link, enum outcome outcome,
					uint64_t now_ns)
{
	return (struct ledger_attempt){
		.delivery = link->delivery,
		.sent_ns = link->sent_ns,
		.done_ns = now_ns,
		.next_due_ns = HP_NEVER,
		.retry_after_ns = link->exchange.retry_after_ns,
		.body_digest = link->body_digest,
		.outcome = outcome,
		.status = link->exchange.status,
	};
}

/* A whole answer was read: the connection is kept when both sides let it. */
static void answer_done(struct link *link, bool gone, uint64_t now_ns)
{
	const struct profile *profile = &link->lane->shared->plan->profile;
	struct delivery *delivery = link->delivery;
	struct ledger_attempt attempt;
	enum outcome outcome = profile_is_success(profile, link->exchange.status) ? OUTCOME_OK
										  : OUTCOME_STATUS;

	if (link->sent_ns == HP_NEVER) /* it was answered, so it went out: when we began */
		link->sent_ns = link->started_ns;
	attempt = attempt_of(link, outcome, now_ns);
	link->delivery = NULL;
	if (gone)
		link_release(link);
	else if (!link->exchange.keep_alive)
		link_close(link);
	else
		link_keep(link);
	attempt_over(link->lane, delivery, &attempt);
}

/* The attempt ended without a whole answer; the connection is of no more use. */
static void attempt_fail(struct link *link, enum outcome outcome, bool gone, uint64_t now_ns)
{
	struct ledger_attempt attempt = attempt_of(link, outcome, now_ns);
	struct delivery *delivery = link->delivery;

	attempt.retry_after_ns = HP_NEVER;
	link->delivery = NULL;
	if (gone)
		link_release(link);
	else
		link_close(link);
	attempt_over(link->lane, delivery, &attempt);
}

static void lane_back_off(struct lane *lane, uint64_t now_ns)
{
	lane->backoff_ns = lane->backoff_ns ? 2 * lane->backoff_ns : BACKOFF_FIRST_NS;
	if (lane->backoff_ns > BACKOFF_MAX_NS)
		lane->backoff_ns = BACKOFF_MAX_NS;
	lane->not_before_ns = now_ns + lane->backoff_ns;
	timers_add(&lane->shared->deadlines,
		   &(struct timer){lane->not_before_ns, &lane->timed, 0});
}

/* No connection came about: that was the attempt of the delivery that waits longest. */
static void connect_fail(struct link *link, enum outcome outcome, bool gone, uint64_t now_ns)
{
	struct lane *lane = link->lane;
	struct delivery *delivery;
	struct ledger_attempt attempt = {
		.sent_ns = HP_NEVER,
		.done_ns = now_ns,
		.next_due_ns = HP_NEVER,
		.retry_after_ns = HP_NEVER,
		.outcome = outcome,
	};

	if (gone)
		link_release(link);
	else
		link_close(link);
	if (lane->backs_off)
		lane_back_off(lane, now_ns);
	delivery = queue_next(lane, now_ns);
	if (!delivery)
		return;
	attempt.delivery = delivery;
	delivery_move(delivery, DELIVERY_IN_FLIGHT);
	lane->shared->in_flight++;
	attempt_over(lane, delivery, &attempt);
}

/* ---- the lane ---- */

static bool may_start(struct lane *lane)
{
	struct lane_shared *shared = lane->shared;

	if (shared->closing)
		return false;
	if (shared->in_flight < shared->plan->limits.in_flight_max)
		return true;
	shared->held = true;
	return false;
}

static void open_for_queue(struct lane *lane, uint64_t now_ns)
{
	if (lane->shared->closing || now_ns < lane->not_before_ns)
		return;
	while (lane->opening_count < lane->queued &&
	       lane->conn_count < lane->endpoint->connections_max)
		link_open(lane, now_ns);
}

void lane_serve(struct lane *lane, uint64_t now_ns)
{
	while (lane->idle && lane->queued > 0 && may_start(lane)) {
		struct delivery *delivery = queue_next(lane, now_ns);

		if (!delivery)
			return;
		attempt_start(idle_take(lane), delivery, now_ns);
	}
	if (!lane->idle && lane->queued > 0)
		open_for_queue(lane, now_ns);
}

void lane_submit(struct lane *lane, struct delivery *delivery, uint64_t now_ns)
{
	if (lane->idle && lane->queued == 0 && may_start(lane)) {
		attempt_start(idle_take(lane), delivery, now_ns);
		return;
	}
	queue_add(lane, delivery);
	lane_serve(lane, now_ns);
}

static void on_backoff_over(struct timed *timed, uint64_t cookie, uint64_t now_ns)
{
	struct lane *lane = (struct lane *)timed;

	(void)cookie;
	lane_serve(lane, now_ns);
}

static void time_out(struct link *link, uint64_t now_ns)
{
	const struct profile *profile = &link->lane->shared->plan->profile;
	bool total = now_ns >= link->started_ns + profile->timeout_ns;

	if (!link->open)
		connect_fail(link, OUTCOME_CONNECT_TIMEOUT, false, now_ns);
	else if (link->exchange.began || total)
		attempt_fail(link, OUTCOME_TIMEOUT, false, now_ns);
	else
		attempt_fail(link, OUTCOME_FIRST_BYTE_TIMEOUT, false, now_ns);
}

static void on_due(struct timed *timed, uint64_t cookie, uint64_t now_ns)
{
	struct link *link = (struct link *)timed;

	if (cookie != link->generation || !link->conn)
		return;
	if (now_ns < link->armed_ns) /* an earlier one took this timer's place */
		return;
	link->armed_ns = HP_NEVER;
	if (link->deadline_ns == HP_NEVER)
		return;
	if (link->deadline_ns > now_ns)
		link_arm(link, link->deadline_ns);
	else
		time_out(link, now_ns);
}

/* ---- what the port says; each ends with the engine's turn ---- */

static void turn(struct lane *lane, uint64_t now_ns)
{
	lane->shared->turn(lane->shared->engine, now_ns);
}

static void on_open(void *user)
{
	struct link *link = user;
	struct lane *lane = link->lane;
	uint64_t now_ns = clock_ns(lane);

	link->open = true;
	lane->opening_count--;
	lane->backoff_ns = 0;
	lane->shared->metrics->connections++;
	idle_add(link);
	lane_serve(lane, now_ns);
	turn(lane, now_ns);
}

static void take_answer(struct link *link, struct hp_view bytes, uint64_t now_ns)
{
	const struct lane_shared *shared = link->lane->shared;
	uint64_t wall_s = (now_ns + shared->wall_offset_ns) / HP_S_NS;

	if (!link->exchange.began)
		link->deadline_ns = link->started_ns + shared->plan->profile.timeout_ns;
	switch (exchange_feed(&link->exchange, bytes, wall_s)) {
	case EXCHANGE_MORE:
		return;
	case EXCHANGE_DONE:
		answer_done(link, false, now_ns);
		return;
	case EXCHANGE_GARBAGE:
		attempt_fail(link, OUTCOME_GARBAGE, false, now_ns);
		return;
	case EXCHANGE_TOO_LARGE:
		attempt_fail(link, OUTCOME_TOO_LARGE, false, now_ns);
		return;
	}
}

static void on_bytes(void *user, const char *buf, size_t bytes)
{
	struct link *link = user;
	struct lane *lane = link->lane;
	uint64_t now_ns = clock_ns(lane);

	if (link->delivery) {
		take_answer(link, (struct hp_view){buf, bytes}, now_ns);
	} else { /* nobody asked */
		idle_remove(link);
		link_close(link);
	}
	turn(lane, now_ns);
}

static enum outcome outcome_of_end(enum port_end why, const struct link *link)
{
	switch (why) {
	case PORT_END_REFUSED:
		return OUTCOME_REFUSED;
	case PORT_END_UNREACHABLE:
		return OUTCOME_UNREACHABLE;
	case PORT_END_NO_PORTS:
		return OUTCOME_NO_PORTS;
	case PORT_END_RESET:
		return OUTCOME_RESET;
	case PORT_END_TLS:
		return OUTCOME_TLS_FAILED;
	case PORT_END_CLOSED:
		return exchange_end(&link->exchange);
	case PORT_END_CUT: /* whoever ended it, what only its end completes is not complete */
		return link->exchange.began ? OUTCOME_TRUNCATED : OUTCOME_CLOSED;
	}
	assert(false && "an end without an outcome");
}

static void on_end(void *user, enum port_end why)
{
	struct link *link = user;
	struct lane *lane = link->lane;
	uint64_t now_ns = clock_ns(lane);
	enum outcome outcome = outcome_of_end(why, link);

	if (why == PORT_END_CUT)
		lane->shared->metrics->tls_cut++;
	if (!link->open) {
		connect_fail(link, outcome, true, now_ns);
	} else if (!link->delivery) { /* an idle keep-alive connection: its right */
		idle_remove(link);
		link_release(link);
	} else if (outcome == OUTCOME_OK) {
		answer_done(link, true, now_ns);
	} else {
		attempt_fail(link, outcome, true, now_ns);
	}
	turn(lane, now_ns);
}

static void on_handshake(void *user, const struct port_handshake *handshake)
{
	const struct link *link = user;
	const struct lane *lane = link->lane;
	const struct lane_shared *shared = lane->shared;

	shared->secured(shared->engine, (size_t)(lane->endpoint - shared->plan->endpoints),
			handshake, clock_ns(lane));
}

const struct port_user lane_port_user = {
	.on_open = on_open,
	.on_bytes = on_bytes,
	.on_end = on_end,
	.on_handshake = on_handshake,
};

/* ---- life ---- */

struct lane *lane_new(struct lane_shared *shared, size_t endpoint_index,
		      struct request_maker *maker)
{
	struct lane *lane = hp_xcalloc(1, sizeof(*lane));

	lane->timed.due = on_backoff_over;
	lane->shared = shared;
	lane->endpoint = &shared->plan->endpoints[endpoint_index];
	lane->maker = maker;
	lane->backs_off = shared->plan->arrivals.kind == ARRIVALS_CLOSED;
	return lane;
}

void lane_abandon(struct lane *lane, uint64_t now_ns)
{
	for (struct link *link = lane->all; link; link = link->all) {
		if (!link->conn)
			continue;
		if (link->delivery) {
			attempt_fail(link, OUTCOME_ABANDONED, false, now_ns);
			continue;
		}
		if (link->open)
			idle_remove(link);
		link_close(link);
	}
}

void lane_free(struct lane *lane)
{
	struct link *link = lane->all;

	while (link) {
		struct link *following = link->all;

		exchange_fini(&link->exchange);
		free(link);
		link = following;
	}
	request_maker_free(lane->maker);
	free(lane);
}
