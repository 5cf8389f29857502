/* Fixture of engine tests: see sim_fixture.h. */
#include "tests/lib/sim_fixture.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "scenarios/profile_document.h"
#include "scenarios/shipped.h"
#include "tests/lib/behaving.h"

enum { FIRST_PORT = 1025, FIRST_ROOM = 256 };

static void put(struct history *history, const struct record *record)
{
	struct sim *sim = (struct sim *)history;

	if (sim->count == sim->room) {
		sim->room = sim->room ? 2 * sim->room : FIRST_ROOM;
		sim->records = hp_xgrow(sim->records, sim->room, sizeof(*sim->records));
	}
	sim->records[sim->count++] = *record;
	if (sim->on_record)
		sim->on_record(sim, record);
}

void sim_profile(struct sim *sim, const char *name)
{
	const struct shipped *document = shipped_find("profile", name);
	struct hp_err err;

	ck_assert_ptr_nonnull(document);
	ck_assert_msg(profile_load(&sim->plan.profile, document->text, name, &err) == 0, "%s",
		      err.msg);
	sim->plan.judged = sim->plan.profile;
}

void sim_init(struct sim *sim)
{
	memset(sim, 0, sizeof(*sim));
	sim->history.put = put;
	plan_init(&sim->plan);
	sim_profile(sim, "paisr-v1");
	sim->plan.seed = 42;
	sim->plan.limits.drain_ns_max = HP_NEVER;
	sim->plan.types[0] = (struct plan_type){"invoice.paid", "inv", 1};
	sim->plan.type_count = 1;
	sim->plan.arrivals = (struct arrivals){.kind = ARRIVALS_CONSTANT, .span_ns = HP_S_NS,
					       .rate_micro_per_s = 10 * 1000000};
	sim->network = (struct world_config){.seed = 42, .latency_ns = HP_MS_NS,
					     .start_wall_ns = SIM_START_WALL_NS};
}

void sim_fini(struct sim *sim)
{
	engine_free(sim->engine);
	world_free(sim->world);
	for (size_t i = 0; i < SIM_ENDPOINTS_MAX; i++)
		receiver_free(sim->receivers[i]);
	metrics_free(sim->metrics);
	plan_fini(&sim->plan);
	free(sim->records);
}

static struct plan_endpoint *add_endpoint(struct plan *plan)
{
	plan->endpoints =
		hp_xgrow(plan->endpoints, plan->endpoint_count + 1, sizeof(*plan->endpoints));
	memset(&plan->endpoints[plan->endpoint_count], 0, sizeof(*plan->endpoints));
	return &plan->endpoints[plan->endpoint_count++];
}

size_t sim_endpoint(struct sim *sim, const char *events)
{
	size_t index = sim->plan.endpoint_count;
	struct plan_endpoint *endpoint = add_endpoint(&sim->plan);
	struct receiver_config *config = &sim->configs[index];

	ck_assert_uint_lt(index, SIM_ENDPOINTS_MAX);
	endpoint->address = (struct port_address){.family = 4, .ip = {127, 0, 0, 1},
						  .number = (uint16_t)(FIRST_PORT + index)};
	endpoint->secret = hp_secret_new(HP_LITERAL("ey7bTCm6tur63CR6mzbuq23r"));
	endpoint->connections_max = 8;
	endpoint->receiver_index = (int)index;
	snprintf(endpoint->name, sizeof(endpoint->name), "endpoint-%zu", index);
	snprintf(endpoint->host, sizeof(endpoint->host), "127.0.0.1:%zu", FIRST_PORT + index);
	snprintf(endpoint->target, sizeof(endpoint->target), "/hooks");
	snprintf(endpoint->url, sizeof(endpoint->url), "http://%s/hooks", endpoint->host);
	if (events) {
		endpoint->events.count = 1;
		snprintf(endpoint->events.pattern[0], PLAN_PATTERN_BYTES, "%s", events);
	}
	receiver_config_init(config);
	snprintf(config->name, sizeof(config->name), "receiver-%zu", index);
	snprintf(config->url, sizeof(config->url), "%s", endpoint->url);
	config->endpoint_index = (uint32_t)index;
	config->seed = sim->plan.seed;
	config->profile = &sim->plan.profile;
	config->secrets[0] = endpoint->secret;
	config->secret_count = 1;
	config->events = endpoint->events;
	return index;
}

struct behaviour *sim_behave(struct sim *sim, size_t endpoint_index, const char *slug)
{
	struct receiver_config *config = &sim->configs[endpoint_index];
	unsigned index = config->behaviour_count++;

	ck_assert_uint_lt(index, RECEIVER_BEHAVIOURS_MAX);
	behave(&config->behaviours[index], &sim->faults[endpoint_index][index], slug);
	return &config->behaviours[index];
}

void sim_set(struct behaviour_part *part, const char *name, uint64_t value)
{
	int index = behaviour_param_index(part->row, hp_view_of(name));

	ck_assert_int_ge(index, 0);
	part->values[index] = value;
	part->given |= 1u << index;
}

static void on_over(void *arg)
{
	struct sim *sim = arg;

	sim->over_count++;
	if (sim->world)
		world_leave(sim->world);
}

void sim_start_on(struct sim *sim, struct port *port)
{
	struct engine_config config = {.plan = &sim->plan, .port = port,
				       .history = &sim->history, .on_over = on_over, .arg = sim};
	struct hp_err err;

	sim->metrics = metrics_new(sim->plan.endpoint_count);
	config.metrics = sim->metrics;
	sim->engine = engine_new(&config, &err);
	ck_assert_msg(sim->engine != NULL, "%s", err.msg);
}

void sim_start(struct sim *sim)
{
	struct hp_err err;

	for (size_t i = 0; i < sim->plan.endpoint_count; i++) {
		sim->receivers[i] = receiver_new(&sim->configs[i], &sim->history, &err);
		ck_assert_msg(sim->receivers[i] != NULL, "%s", err.msg);
		sim->hosts[i] = (struct world_host){sim->plan.endpoints[i].address,
						    sim->receivers[i]};
	}
	sim->network.hosts = sim->hosts;
	sim->network.host_count = sim->plan.endpoint_count;
	sim->world = world_new(&sim->network);
	sim_start_on(sim, world_port(sim->world));
}

void sim_run(struct sim *sim)
{
	engine_start(sim->engine);
	world_run(sim->world);
	sim_check_laws(sim);
}

/* ---- laws ---- */

struct course { /* what is known of one delivery while its records go by */
	uint64_t due_ns, done_ns;
	uint16_t number;
	uint8_t state;
	bool ended;
};

static void take_attempt(struct course *course, const struct record_attempt *attempt)
{
	ck_assert_uint_eq(attempt->number, course->number + 1);
	if (attempt->number > 1) {
		ck_assert_uint_eq(course->state, DELIVERY_PENDING);
		ck_assert_uint_eq(attempt->due_ns, course->due_ns);
	}
	ck_assert(!course->ended);
	ck_assert_uint_ge(attempt->released_ns, attempt->due_ns);
	ck_assert_uint_ge(attempt->released_ns, course->done_ns);
	ck_assert_uint_ge(attempt->done_ns, attempt->released_ns);
	if (attempt->sent_ns != HP_NEVER)
		ck_assert(attempt->released_ns <= attempt->sent_ns &&
			  attempt->sent_ns <= attempt->done_ns);
	*course = (struct course){attempt->next_due_ns, attempt->done_ns, attempt->number,
				  attempt->state, false};
}

static void take_ended(struct course *course, const struct record_ended *ended)
{
	ck_assert(!course->ended);
	ck_assert_uint_eq(ended->attempts, course->number);
	ck_assert_uint_eq(ended->state == DELIVERY_PENDING, course->number > 0);
	course->state = ended->state;
	course->ended = true;
}

static uint64_t events_of(const struct sim *sim)
{
	uint64_t count = 0;

	for (size_t i = 0; i < sim->count; i++) {
		const struct record *record = &sim->records[i];
		uint64_t index = record->kind == RECORD_ATTEMPT ? record->attempt.event_index
				 : record->kind == RECORD_ENDED ? record->ended.event_index
								: 0;

		count = index >= count ? index + 1 : count;
	}
	return count;
}

void sim_check_laws(const struct sim *sim)
{
	size_t endpoints = sim->plan.endpoint_count, room = events_of(sim) * endpoints;
	struct course *courses = hp_xcalloc(room + 1, sizeof(*courses));
	uint64_t buckets[DELIVERY_STATES] = {0};

	ck_assert_uint_eq(sim->over_count, 1);
	ck_assert(metrics_closes(sim->metrics));
	for (size_t i = 0; i < sim->count; i++) {
		const struct record *record = &sim->records[i];

		if (record->kind == RECORD_ATTEMPT)
			take_attempt(&courses[record->attempt.event_index * endpoints +
					      record->attempt.endpoint_index],
				     &record->attempt);
		if (record->kind == RECORD_ENDED)
			take_ended(&courses[record->ended.event_index * endpoints +
					    record->ended.endpoint_index],
				   &record->ended);
	}
	for (size_t i = 0; i < room; i++) {
		ck_assert(courses[i].state != DELIVERY_PENDING || courses[i].ended);
		if (courses[i].number > 0 || courses[i].ended)
			buckets[courses[i].state]++;
	}
	free(courses);
	ck_assert_uint_eq(buckets[DELIVERY_DELIVERED], sim->metrics->delivered);
	ck_assert_uint_eq(buckets[DELIVERY_EXHAUSTED], sim->metrics->exhausted);
	ck_assert_uint_eq(buckets[DELIVERY_PENDING], sim->metrics->pending);
	ck_assert_uint_eq(buckets[DELIVERY_DROPPED], sim->metrics->dropped);
	ck_assert_uint_eq(buckets[DELIVERY_NOT_SENT], sim->metrics->not_sent);
}

/* ---- records ---- */

const struct record_attempt *sim_attempt(const struct sim *sim, size_t index)
{
	for (size_t i = 0; i < sim->count; i++)
		if (sim->records[i].kind == RECORD_ATTEMPT && index-- == 0)
			return &sim->records[i].attempt;
	return NULL;
}

size_t sim_records(const struct sim *sim, enum record_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < sim->count; i++)
		count += sim->records[i].kind == kind;
	return count;
}

size_t sim_attempts(const struct sim *sim)
{
	return sim_records(sim, RECORD_ATTEMPT);
}
