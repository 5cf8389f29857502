#include "engine/engine.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "engine/lane.h"

#define TICK_NS (250 * HP_MS_NS)        /* the live view: four times a second */
#define CATCH_UP_AFTER_NS (10 * HP_MS_NS) /* later than this, releases are spread out again */
enum { CATCH_UP_FACTOR = 2 };           /* at most twice the planned rate while catching up */

struct fan { /* the endpoints that subscribe to one event type */
	uint32_t *endpoint_index;
	size_t count;
};

struct engine {
	struct engine_config config;
	struct content *content;
	struct lane **lanes;
	size_t first_lane; /* whose turn it is when the cap on deliveries in flight held some */
	struct lane_shared shared;
	struct ledger ledger;
	struct delivery_slab slab;
	struct timers retries; /* of struct delivery, PENDING */
	struct fan fans[PLAN_TYPES_MAX];
	struct retry_policy policy; /* in scaled time */

	struct arrivals_walk walk;
	uint64_t next_index;      /* the next event of this shard */
	uint64_t next_planned_ns; /* HP_NEVER: no more */
	uint64_t last_planned_ns;
	uint64_t catch_up_ns; /* while behind: when the next release is allowed; 0: on time */

	uint64_t armed_ns, tick_ns;
	uint64_t over_by_ns; /* the drain's end, once the plan is; HP_NEVER before */
	bool stopping, over;
};

/* ---- the plan ---- */

static bool is_closed(const struct engine *engine)
{
	return engine->config.plan->arrivals.kind == ARRIVALS_CLOSED;
}

static void plan_ended(struct engine *engine, uint64_t now_ns)
{
	uint64_t drain_ns = engine->config.plan->limits.drain_ns_max;

	engine->next_planned_ns = HP_NEVER;
	if (engine->over_by_ns == HP_NEVER && drain_ns < HP_NEVER - now_ns)
		engine->over_by_ns = now_ns + drain_ns;
}

static void plan_advance(struct engine *engine, uint64_t now_ns)
{
	engine->last_planned_ns = engine->next_planned_ns;
	engine->next_index += engine->config.plan->shard_count;
	engine->next_planned_ns = arrivals_planned_ns(&engine->walk, engine->next_index);
	if (engine->next_planned_ns == HP_NEVER)
		plan_ended(engine, now_ns);
}

/* One event goes to every endpoint that subscribes to its type. */
static void release_event(struct engine *engine, uint64_t event_index, uint64_t planned_ns,
			  uint64_t now_ns)
{
	unsigned type_index = content_type_index(engine->content, event_index);
	const struct fan *fan = &engine->fans[type_index];

	engine->config.metrics->events++;
	engine->config.metrics->last_released_ns = now_ns;
	if (fan->count == 0)
		engine->config.metrics->unsubscribed++;
	for (size_t i = 0; i < fan->count; i++) {
		struct delivery *delivery = delivery_take(&engine->slab);

		delivery->event_index = event_index;
		delivery->endpoint_index = fan->endpoint_index[i];
		delivery->type_index = (uint8_t)type_index;
		delivery->planned_ns = planned_ns;
		delivery->due_ns = planned_ns;
		delivery->released_ns = now_ns;
		ledger_planned(&engine->ledger, delivery);
		lane_submit(engine->lanes[delivery->endpoint_index], delivery, now_ns);
	}
}

/* When the next planned event may go: at its instant; after a delay of our own at no more than
 * CATCH_UP_FACTOR times the planned rate, so that no herd is made that the plan did not ask for. */
static uint64_t release_at_ns(const struct engine *engine)
{
	if (engine->next_planned_ns == HP_NEVER || engine->catch_up_ns < engine->next_planned_ns)
		return engine->next_planned_ns;
	return engine->catch_up_ns;
}

static void catch_up(struct engine *engine, uint64_t now_ns)
{
	uint64_t gap_ns = engine->next_planned_ns - engine->last_planned_ns;

	if (now_ns - engine->next_planned_ns <= CATCH_UP_AFTER_NS)
		engine->catch_up_ns = 0;
	else if (now_ns - engine->catch_up_ns > CATCH_UP_AFTER_NS) /* a delay, or one more */
		engine->catch_up_ns = now_ns;
	else
		engine->catch_up_ns += gap_ns / CATCH_UP_FACTOR;
}

static void release_due(struct engine *engine, uint64_t now_ns)
{
	while (release_at_ns(engine) <= now_ns) {
		catch_up(engine, now_ns);
		release_event(engine, engine->next_index, engine->next_planned_ns, now_ns);
		plan_advance(engine, now_ns);
	}
}

static bool closed_goes_on(struct engine *engine, uint64_t now_ns)
{
	const struct arrivals *arrivals = &engine->config.plan->arrivals;

	if (engine->next_index < engine->walk.count &&
	    (arrivals->span_ns == 0 || now_ns < arrivals->span_ns))
		return true;
	plan_ended(engine, now_ns);
	return false;
}

/* Closed loop: the next event when one is done. It has no planned instant but this one. */
static void refill(struct engine *engine, uint64_t now_ns)
{
	uint64_t concurrency = engine->config.plan->arrivals.concurrency;

	while (!engine->stopping && engine->next_planned_ns != HP_NEVER &&
	       engine->shared.in_flight + engine->shared.queued < concurrency &&
	       closed_goes_on(engine, now_ns)) {
		uint64_t event_index = engine->next_index;

		engine->next_index += engine->config.plan->shard_count;
		release_event(engine, event_index, now_ns, now_ns);
	}
}

/* ---- after an attempt ---- */

static uint64_t retry_after_scaled(const struct engine *engine, uint64_t after_ns)
{
	return after_ns == HP_NEVER
		       ? HP_NEVER
		       : hp_span_scale(after_ns, engine->config.plan->time_scale);
}

static uint64_t retry_due_ns(const struct engine *engine, const struct delivery *delivery,
			     const struct ledger_attempt *attempt)
{
	const struct retry_policy *policy = &engine->policy;
	struct hp_key key = {.seed = engine->config.plan->seed,
			     .endpoint = delivery->endpoint_index,
			     .event = delivery->event_index};
	uint64_t from_ns = attempt->done_ns;

	if (policy->anchor == RETRY_FROM_START && attempt->sent_ns != HP_NEVER)
		from_ns = attempt->sent_ns;
	return from_ns +
	       retry_delay_ns(policy, delivery->number, attempt->retry_after_ns, &key);
}

static bool is_last(const struct engine *engine, const struct delivery *delivery, int status)
{
	const struct profile *profile = &engine->config.plan->profile;

	return delivery->number >= profile->retry.attempts_max ||
	       (status == 410 && profile->gone_stops);
}

static void wait_for_retry(struct engine *engine, struct delivery *delivery,
			   const struct ledger_attempt *attempt)
{
	delivery->failed_ns = attempt->done_ns;
	delivery->due_ns = attempt->next_due_ns;
	delivery->number++;
	timers_add(&engine->retries, &(struct timer){delivery->due_ns, delivery, 0});
}

static void on_ended(void *arg, struct delivery *delivery, struct ledger_attempt *attempt)
{
	struct engine *engine = arg;

	attempt->retry_after_ns = retry_after_scaled(engine, attempt->retry_after_ns);
	if (outcome_class(attempt->outcome) == OUTCOME_CLASS_OK) {
		delivery_move(delivery, DELIVERY_DELIVERED);
	} else if (is_last(engine, delivery, attempt->status)) {
		delivery_move(delivery, DELIVERY_EXHAUSTED);
	} else {
		delivery_move(delivery, DELIVERY_PENDING);
		attempt->next_due_ns = retry_due_ns(engine, delivery, attempt);
	}
	ledger_attempt(&engine->ledger, attempt);
	if (delivery->state == DELIVERY_PENDING)
		wait_for_retry(engine, delivery, attempt);
	else
		delivery_give(&engine->slab, delivery);
	if (is_closed(engine))
		refill(engine, attempt->done_ns);
}

static void on_dropped(void *arg, struct delivery *delivery, uint64_t now_ns)
{
	struct engine *engine = arg;

	delivery_move(delivery, DELIVERY_DROPPED);
	ledger_ended(&engine->ledger, delivery, now_ns);
	delivery_give(&engine->slab, delivery);
}

static void on_secured(void *arg, size_t endpoint_index, const struct port_handshake *handshake,
		       uint64_t now_ns)
{
	struct engine *engine = arg;

	ledger_handshake(&engine->ledger, endpoint_index, handshake, now_ns);
}

static void retry_due(struct engine *engine, uint64_t now_ns)
{
	struct timer timer;

	while (!engine->stopping && timers_take(&engine->retries, now_ns, &timer)) {
		struct delivery *delivery = timer.owner;

		delivery->released_ns = now_ns;
		lane_submit(engine->lanes[delivery->endpoint_index], delivery, now_ns);
	}
}

/* ---- the end ---- */

static bool is_settled(const struct engine *engine)
{
	if (engine->next_planned_ns != HP_NEVER)
		return false;
	return engine->stopping ? engine->shared.in_flight == 0 : engine->slab.live == 0;
}

static void end_waiting(struct engine *engine, struct delivery *delivery, uint64_t now_ns)
{
	if (delivery->state == DELIVERY_PLANNED)
		delivery_move(delivery, DELIVERY_NOT_SENT);
	ledger_ended(&engine->ledger, delivery, now_ns);
	delivery_give(&engine->slab, delivery);
}

/* Everything that is still on its way finds its bucket. */
static void finish(struct engine *engine, uint64_t now_ns)
{
	struct timer timer;
	struct delivery *delivery;

	engine->shared.closing = true;
	engine->stopping = true;
	engine->next_planned_ns = HP_NEVER;
	for (size_t i = 0; i < engine->config.plan->endpoint_count; i++) {
		lane_abandon(engine->lanes[i], now_ns);
		while ((delivery = lane_take_back(engine->lanes[i])))
			end_waiting(engine, delivery, now_ns);
	}
	while (timers_take(&engine->retries, HP_NEVER - 1, &timer))
		end_waiting(engine, timer.owner, now_ns);
	assert(engine->slab.live == 0);
	engine->config.metrics->ended_ns = now_ns;
	ledger_tick(&engine->ledger, &(struct ledger_now){.at_ns = now_ns});
	engine->over = true;
	engine->config.port->ops->timer(engine->config.port, HP_NEVER);
	engine->config.on_over(engine->config.arg);
}

void engine_stop(struct engine *engine, uint64_t grace_ns)
{
	uint64_t now_ns = engine->config.port->ops->now_ns(engine->config.port);

	if (engine->over)
		return;
	engine->stopping = true;
	engine->shared.closing = true;
	engine->next_planned_ns = HP_NEVER;
	engine->over_by_ns = now_ns + grace_ns;
	if (engine->config.metrics->planned_until_ns > now_ns)
		engine->config.metrics->planned_until_ns = now_ns;
	engine->armed_ns = HP_NEVER;
	engine->config.port->ops->timer(engine->config.port, now_ns);
}

/* ---- the loop ---- */

static void tick(struct engine *engine, uint64_t now_ns)
{
	struct port *port = engine->config.port;

	ledger_tick(&engine->ledger, &(struct ledger_now){.at_ns = now_ns,
							  .pending = engine->retries.count,
							  .in_flight = engine->shared.in_flight,
							  .queued = engine->shared.queued});
	engine->shared.wall_offset_ns = port->ops->wall_ns(port) - now_ns;
	engine->tick_ns = now_ns - now_ns % TICK_NS + TICK_NS;
}

/* The cap on in-flight deliveries kept some lane waiting: each is the first in its turn. */
static void serve_held(struct engine *engine, uint64_t now_ns)
{
	size_t count = engine->config.plan->endpoint_count;

	if (!engine->shared.held ||
	    engine->shared.in_flight >= engine->config.plan->limits.in_flight_max)
		return;
	engine->shared.held = false;
	engine->first_lane = (engine->first_lane + 1) % count;
	for (size_t i = 0; i < count; i++)
		lane_serve(engine->lanes[(engine->first_lane + i) % count], now_ns);
}

static void arm(struct engine *engine)
{
	bool busy = engine->shared.in_flight > 0 || engine->shared.queued > 0;
	uint64_t next_ns = engine->over_by_ns;

	if (busy) /* an idle wait of hours needs no ticks */
		next_ns = hp_min(next_ns, engine->tick_ns);
	if (!is_closed(engine))
		next_ns = hp_min(next_ns, release_at_ns(engine));
	if (!engine->stopping)
		next_ns = hp_min(next_ns, timers_next_ns(&engine->retries));
	next_ns = hp_min(next_ns, timers_next_ns(&engine->shared.deadlines));
	if (next_ns == engine->armed_ns)
		return;
	engine->armed_ns = next_ns;
	engine->config.port->ops->timer(engine->config.port, next_ns);
}

static void expire(struct engine *engine, uint64_t now_ns)
{
	struct timer timer;

	while (timers_take(&engine->shared.deadlines, now_ns, &timer)) {
		struct timed *timed = timer.owner;

		timed->due(timed, timer.cookie, now_ns);
	}
}

/* Everything that is due, after whatever happened. Cheap when nothing is. */
static void pump(struct engine *engine, uint64_t now_ns)
{
	if (engine->over)
		return;
	if (!is_closed(engine))
		release_due(engine, now_ns);
	expire(engine, now_ns);
	retry_due(engine, now_ns);
	if (is_closed(engine)) /* what was dropped has left its place */
		refill(engine, now_ns);
	serve_held(engine, now_ns);
	if (now_ns >= engine->tick_ns)
		tick(engine, now_ns);
	if (is_settled(engine) || now_ns >= engine->over_by_ns)
		finish(engine, now_ns);
	else
		arm(engine);
}

static void on_timer(void *arg)
{
	struct engine *engine = arg;

	engine->armed_ns = HP_NEVER;
	pump(engine, engine->config.port->ops->now_ns(engine->config.port));
}

static void on_turn(void *arg, uint64_t now_ns)
{
	pump(arg, now_ns);
}

void engine_start(struct engine *engine)
{
	uint64_t now_ns = engine->config.port->ops->now_ns(engine->config.port);

	tick(engine, now_ns);
	engine->shared.wall_start_ns = engine->shared.wall_offset_ns;
	engine->config.metrics->planned_until_ns = arrivals_span_ns(&engine->walk);
	if (is_closed(engine)) {
		engine->next_planned_ns = 0;
		refill(engine, now_ns);
	} else {
		engine->next_planned_ns = arrivals_planned_ns(&engine->walk, engine->next_index);
		if (engine->next_planned_ns == HP_NEVER)
			plan_ended(engine, now_ns);
	}
	engine->config.port->ops->timer(engine->config.port, now_ns);
}

/* ---- life ---- */

static void make_fans(struct engine *engine)
{
	const struct plan *plan = engine->config.plan;

	for (unsigned type = 0; type < plan->type_count; type++) {
		struct fan *fan = &engine->fans[type];

		fan->endpoint_index = hp_xcalloc(plan->endpoint_count, sizeof(uint32_t));
		for (size_t i = 0; i < plan->endpoint_count; i++)
			if (plan_wants(&plan->endpoints[i].events,
				       hp_view_of(plan->types[type].name)))
				fan->endpoint_index[fan->count++] = (uint32_t)i;
	}
}

static int make_lanes(struct engine *engine, struct hp_err *err)
{
	const struct plan *plan = engine->config.plan;
	size_t scratch_bytes = 0;

	engine->lanes = hp_xcalloc(plan->endpoint_count, sizeof(struct lane *));
	for (size_t i = 0; i < plan->endpoint_count; i++) {
		struct request_maker *maker = request_maker_new(plan, engine->content, i, err);

		if (!maker)
			return -1;
		if (request_bytes_max(maker) > scratch_bytes)
			scratch_bytes = request_bytes_max(maker);
		engine->lanes[i] = lane_new(&engine->shared, i, maker);
	}
	engine->shared.scratch = hp_xcalloc(1, scratch_bytes);
	return 0;
}

struct engine *engine_new(const struct engine_config *config, struct hp_err *err)
{
	struct engine *engine = hp_xcalloc(1, sizeof(*engine));
	const struct plan *plan = config->plan;

	engine->config = *config;
	engine->content = content_new(plan);
	engine->policy = plan_policy(plan);
	engine->next_index = plan->shard_index;
	engine->armed_ns = HP_NEVER;
	engine->over_by_ns = HP_NEVER;
	arrivals_walk_init(&engine->walk, &plan->arrivals, plan->seed);
	engine->ledger = (struct ledger){.plan = plan, .metrics = config->metrics,
					 .history = config->history};
	engine->shared = (struct lane_shared){.port = config->port, .plan = plan,
					      .metrics = config->metrics, .ended = on_ended,
					      .dropped = on_dropped, .secured = on_secured,
					      .turn = on_turn,
					      .engine = engine};
	timers_init(&engine->shared.deadlines);
	timers_init(&engine->retries);
	make_fans(engine);
	config->port->user = &lane_port_user;
	config->port->on_timer = on_timer;
	config->port->engine = engine;
	if (make_lanes(engine, err) == 0)
		return engine;
	engine_free(engine);
	return NULL;
}

void engine_free(struct engine *engine)
{
	if (!engine)
		return;
	for (size_t i = 0; engine->lanes && i < engine->config.plan->endpoint_count; i++)
		if (engine->lanes[i])
			lane_free(engine->lanes[i]);
	for (size_t i = 0; i < PLAN_TYPES_MAX; i++)
		free(engine->fans[i].endpoint_index);
	free(engine->lanes);
	free(engine->shared.scratch);
	timers_fini(&engine->shared.deadlines);
	timers_fini(&engine->retries);
	delivery_slab_fini(&engine->slab);
	arrivals_walk_fini(&engine->walk);
	content_free(engine->content);
	free(engine);
}
