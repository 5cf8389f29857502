#include "cli/stage.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "cli/safety.h"
#include "engine/engine.h"
#include "net/address.h"
#include "net/client.h"
#include "net/clock.h"
#include "net/server.h"
#include "receivers/receiver.h"
#include "sim/world.h"

#define START_AFTER_NS (100 * HP_MS_NS) /* run file and threads are ready at instant 0 */
#define GRACE_NS (2 * HP_S_NS)         /* an interrupt lets attempts in flight end within it */
#define PROBE_NS (2 * HP_S_NS)
enum { VIRTUAL_PORT = 1025, INTERRUPTED_EXIT = 130, REMOTE_RATE_MAX = 50 };

/* Virtual time runs ahead of the disk: its history waits for room instead of losing records. */
struct patient {
	struct history history;
	struct ring *ring;
};

/* Counts receipts on their way, and asks for the end after so many. */
struct counting {
	struct history history;
	struct history *inner;
	uint64_t left; /* 0: no limit */
	struct client *client;
};

struct stage {
	struct stage_config config;
	struct receiver **receivers;
	size_t receiver_count;
	struct patient patients[STAGE_RINGS];
	struct counting counting;
	struct history *histories[STAGE_RINGS];

	struct client *client; /* of real sockets */
	struct server *server;
	pthread_t thread;
	bool thread_runs;

	struct world *world; /* of virtual time */
	struct world_host *hosts;

	struct plan_endpoint shown; /* a receiver's address as people read it */
	struct engine *engine;
	bool interrupted;
};

/* ---- histories ---- */

static void put_patiently(struct history *history, const struct record *record)
{
	struct patient *patient = (struct patient *)history;

	while (!ring_has_room(patient->ring))
		sched_yield();
	history_put(ring_history(patient->ring), record);
}

static void put_counting(struct history *history, const struct record *record)
{
	struct counting *counting = (struct counting *)history;

	history_put(counting->inner, record);
	if (record->kind == RECORD_RECEIPT && counting->left > 0 && --counting->left == 0)
		client_stop(counting->client);
}

static bool is_virtual(const struct stage *stage)
{
	return stage->config.request->world == RUNNER_VIRTUAL;
}

static void make_histories(struct stage *stage)
{
	for (int i = 0; i < STAGE_RINGS; i++) {
		struct ring *ring = stage->config.rings[i];

		stage->patients[i] = (struct patient){{put_patiently}, ring};
		stage->histories[i] =
			is_virtual(stage) ? &stage->patients[i].history : ring_history(ring);
	}
	stage->counting = (struct counting){.history = {put_counting},
					    .inner = stage->histories[1],
					    .left = stage->config.request->count};
	if (stage->counting.left)
		stage->histories[1] = &stage->counting.history;
}

/* ---- receivers ---- */

static int make_receivers(struct stage *stage, struct hp_err *err)
{
	const struct scenario *scenario = stage->config.scenario;

	stage->receivers = hp_xcalloc(scenario->receiver_count, sizeof(struct receiver *));
	for (size_t i = 0; i < scenario->receiver_count; i++) {
		stage->receivers[i] =
			receiver_new(&scenario->receivers[i], stage->histories[1], err);
		if (!stage->receivers[i])
			return hp_err_wrap(err, "receiver %s", scenario->receivers[i].name);
		stage->receiver_count++;
	}
	return 0;
}

/* Endpoints that a receiver of ours plays are known only now: it may listen on any free port. */
static void point_endpoints(struct stage *stage, size_t receiver_index,
			    const struct port_address *address)
{
	struct scenario *scenario = stage->config.scenario;
	struct receiver_config *config = &scenario->receivers[receiver_index];

	for (size_t i = 0; i < scenario->plan.endpoint_count; i++) {
		struct plan_endpoint *endpoint = &scenario->plan.endpoints[i];

		if (endpoint->receiver_index != (int)receiver_index)
			continue;
		scenario_endpoint_at(endpoint, address, config->path);
		snprintf(config->url, sizeof(config->url), "%s", endpoint->url);
	}
}

static int open_sockets(struct stage *stage, struct hp_err *err)
{
	struct server_receivers receivers = {stage->receivers, stage->receiver_count};
	struct server_config config = {
		.start_ns = UINT64_MAX, /* until stage_schedule() */
		.lag_ns_max = stage->config.scenario->plan.limits.lag_ns_max,
		.history = stage->histories[1],
	};

	stage->client = client_new(clock_mono_ns(), err);
	if (!stage->client)
		return -1;
	stage->counting.client = stage->client;
	if (stage->receiver_count == 0)
		return 0;
	stage->server = server_new(&config, receivers, err);
	if (!stage->server)
		return -1;
	for (size_t i = 0; i < stage->receiver_count; i++)
		point_endpoints(stage, i, server_address(stage->server, i));
	return 0;
}

static void on_over(void *arg)
{
	struct stage *stage = arg;

	if (stage->world)
		world_leave(stage->world);
	else
		client_leave(stage->client);
}

static void on_stop(void *arg)
{
	struct stage *stage = arg;

	if (!stage->engine) { /* receivers play until they are stopped: that is their end */
		client_leave(stage->client);
		return;
	}
	stage->interrupted = true;
	engine_stop(stage->engine, GRACE_NS);
}

static void open_world(struct stage *stage)
{
	const struct scenario *scenario = stage->config.scenario;
	struct world_config config = {
		.seed = scenario->plan.seed,
		.latency_ns = scenario->network.latency_ns,
		.loss = scenario->network.loss,
		.start_wall_ns = clock_wall_ns(),
		.host_count = stage->receiver_count,
		.on_stop = on_stop,
		.arg = stage,
	};

	stage->hosts = hp_xcalloc(stage->receiver_count, sizeof(*stage->hosts));
	for (size_t i = 0; i < stage->receiver_count; i++) {
		struct port_address address = {.family = 4, .number = (uint16_t)(VIRTUAL_PORT + i),
					       .ip = {127, 0, 0, 1}};

		stage->hosts[i] = (struct world_host){address, stage->receivers[i]};
		point_endpoints(stage, i, &address);
	}
	config.hosts = stage->hosts;
	stage->world = world_new(&config);
}

/* ---- endpoints of others ---- */

static bool is_ours(const struct plan_endpoint *endpoint)
{
	return endpoint->receiver_index != PLAN_NO_RECEIVER;
}

/* The host of a Host header without its port and brackets. */
static void bare_host(const struct plan_endpoint *endpoint, char out[PLAN_HOST_BYTES])
{
	const char *host = endpoint->host;
	const char *end = host + strlen(host);

	if (*host == '[') {
		host++;
		end = strchr(host, ']') ? strchr(host, ']') : end;
	} else if (strchr(host, ':')) {
		end = strchr(host, ':');
	}
	snprintf(out, PLAN_HOST_BYTES, "%.*s", (int)(end - host), host);
}

/* Load on a host that is not this machine must be small: nothing here can prove yet that whoever
 * types may load it. */
static int check_rate(const struct plan *plan, const struct plan_endpoint *endpoint,
		      struct hp_err *err)
{
	struct arrivals_walk walk;
	double rate_per_s;

	if (address_is_loopback(&endpoint->address))
		return 0;
	arrivals_walk_init(&walk, &plan->arrivals, plan->seed);
	rate_per_s = arrivals_mean_per_s(&walk);
	arrivals_walk_fini(&walk);
	if (plan->arrivals.kind != ARRIVALS_CLOSED && rate_per_s <= REMOTE_RATE_MAX)
		return 0;
	return hp_err_set(err, HP_EUSAGE, "endpoint %s is another host: at most %d events a second "
			  "and no closed loop there, for nothing proves that it is yours to load",
			  endpoint->name, REMOTE_RATE_MAX);
}

static int resolve_endpoint(struct stage *stage, struct plan_endpoint *endpoint,
			    struct hp_err *err)
{
	const struct runner_request *request = stage->config.request;
	struct safety safety = {request->allow_hosts, request->allow_host_count};
	char host[PLAN_HOST_BYTES];

	if (safety_check_url(&safety, endpoint->url, err) < 0)
		return -1;
	bare_host(endpoint, host);
	if (address_resolve(host, endpoint->address.number, &endpoint->address, err) < 0)
		return hp_err_wrap(err, "endpoint %s", endpoint->name);
	if (safety_check_address(&safety, host, &endpoint->address, err) < 0)
		return -1;
	return check_rate(&stage->config.scenario->plan, endpoint, err);
}

static int resolve_endpoints(struct stage *stage, struct hp_err *err)
{
	struct plan *plan = &stage->config.scenario->plan;

	for (size_t i = 0; i < plan->endpoint_count; i++) {
		if (is_ours(&plan->endpoints[i]))
			continue;
		if (is_virtual(stage))
			return hp_err_set(err, HP_EUSAGE, "endpoint %s is a URL: simulate plays "
					  "endpoints with a \"receiver\" only",
					  plan->endpoints[i].name);
		if (resolve_endpoint(stage, &plan->endpoints[i], err) < 0)
			return -1;
	}
	return 0;
}

int stage_probe(struct stage *stage, struct hp_err *err)
{
	const struct plan *plan = &stage->config.scenario->plan;

	for (size_t i = 0; i < plan->endpoint_count; i++) {
		if (is_ours(&plan->endpoints[i]) ||
		    address_probe(&plan->endpoints[i].address, PROBE_NS, err) == 0)
			return 0;
		hp_err_wrap(err, "%s", plan->endpoints[i].url);
	}
	return plan->endpoint_count ? -1 : 0;
}

/* ---- signals ---- */

static _Atomic(struct stage *) playing;

/* The first signal asks for the end, the second one is it. */
static void on_signal(int number)
{
	struct stage *stage = atomic_exchange(&playing, NULL);

	(void)number;
	if (!stage)
		_exit(INTERRUPTED_EXIT);
	if (stage->world)
		world_stop(stage->world);
	else
		client_stop(stage->client);
}

/* NULL: nobody plays any more. */
static void watch_signals(struct stage *stage)
{
	struct sigaction action = {.sa_handler = stage ? on_signal : SIG_DFL};

	atomic_store(&playing, stage);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

/* ---- playing ---- */

static void *run_server(void *arg)
{
	struct stage *stage = arg;

	server_run(stage->server);
	return NULL;
}

/* The receivers' thread takes no signals: they are for the loop of the generator. */
static int start_server(struct stage *stage, struct hp_err *err)
{
	sigset_t all, before;
	int error;

	if (!stage->server)
		return 0;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&stage->thread, NULL, run_server, stage);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error)
		return hp_err_set(err, HP_EENV, "no thread for the receivers: %s", strerror(error));
	stage->thread_runs = true;
	return 0;
}

static void stop_server(struct stage *stage)
{
	if (!stage->thread_runs)
		return;
	server_stop(stage->server);
	pthread_join(stage->thread, NULL);
	stage->thread_runs = false;
}

/* Begins at instant 0, which lies a little ahead so that everybody is ready. */
static void on_begin(void *arg)
{
	struct stage *stage = arg;

	engine_start(stage->engine);
}

static void run_sockets(struct stage *stage)
{
	const struct runner_request *request = stage->config.request;

	watch_signals(stage);
	if (stage->engine)
		client_call_at(stage->client, 0, on_begin, stage);
	else if (request->for_ns)
		client_call_at(stage->client, request->for_ns, on_over, stage);
	client_run(stage->client, on_stop, stage);
	watch_signals(NULL);
}

static void run_world(struct stage *stage)
{
	watch_signals(stage);
	engine_start(stage->engine);
	world_run(stage->world);
	watch_signals(NULL);
}

/* What the receivers counted, into the run's figures. */
static void add_receivers(struct stage *stage)
{
	struct metrics *metrics = stage->config.metrics;

	for (size_t i = 0; i < stage->receiver_count; i++) {
		const struct receiver_counters *counters = &stage->receivers[i]->counters;
		uint32_t endpoint_index = stage->config.scenario->receivers[i].endpoint_index;

		metrics->receipts += counters->deliveries;
		metrics->effects += counters->effects;
		metrics->duplicates += counters->duplicates;
		metrics->refused_signatures += counters->unverified;
		if (endpoint_index >= metrics->endpoint_count)
			continue;
		metrics->endpoints[endpoint_index].receipts += counters->deliveries;
		metrics->endpoints[endpoint_index].effects += counters->effects;
		metrics->endpoints[endpoint_index].duplicates += counters->duplicates;
	}
}

int stage_play(struct stage *stage, struct hp_err *err)
{
	if (start_server(stage, err) < 0)
		return -1;
	if (stage->world)
		run_world(stage);
	else
		run_sockets(stage);
	engine_free(stage->engine);
	stage->engine = NULL;
	stop_server(stage);
	world_free(stage->world); /* receivers write down what they still had, as the server does */
	stage->world = NULL;
	add_receivers(stage);
	stage->config.metrics->cpu_ns = clock_cpu_ns();
	return 0;
}

/* ---- life ---- */

/* Before the start is scheduled: a long plan takes its time to be read. */
static int make_engine(struct stage *stage, struct hp_err *err)
{
	struct engine_config config = {
		.plan = &stage->config.scenario->plan,
		.port = stage->world ? world_port(stage->world) : client_port(stage->client),
		.history = stage->histories[0],
		.metrics = stage->config.metrics,
		.on_over = on_over,
		.arg = stage,
	};

	if (stage->config.request->world == RUNNER_RECEIVING)
		return 0;
	stage->engine = engine_new(&config, err);
	return stage->engine ? 0 : -1;
}

struct stage *stage_open(const struct stage_config *config, struct hp_err *err)
{
	struct stage *stage = hp_xcalloc(1, sizeof(*stage));
	int result;

	stage->config = *config;
	make_histories(stage);
	result = resolve_endpoints(stage, err);
	if (result == 0)
		result = make_receivers(stage, err);
	if (result == 0 && is_virtual(stage))
		open_world(stage);
	else if (result == 0)
		result = open_sockets(stage, err);
	if (result == 0)
		result = make_engine(stage, err);
	if (result == 0)
		return stage;
	stage_close(stage);
	return NULL;
}

bool stage_interrupted(const struct stage *stage)
{
	return stage->interrupted;
}

uint64_t stage_schedule(struct stage *stage)
{
	uint64_t start_ns = clock_mono_ns() + START_AFTER_NS;

	if (stage->client)
		client_start_at(stage->client, start_ns);
	if (stage->server)
		server_start_at(stage->server, start_ns);
	return clock_wall_ns() + START_AFTER_NS;
}

const char *stage_receiver_url(struct stage *stage, size_t receiver_index)
{
	const char *path = stage->config.scenario->receivers[receiver_index].path;

	scenario_endpoint_at(&stage->shown, server_address(stage->server, receiver_index), path);
	return stage->shown.url;
}

const struct receiver_counters *stage_counters(const struct stage *stage, size_t receiver_index)
{
	return &stage->receivers[receiver_index]->counters;
}

void stage_close(struct stage *stage)
{
	if (!stage)
		return;
	engine_free(stage->engine);
	stop_server(stage);
	server_free(stage->server);
	world_free(stage->world);
	client_free(stage->client);
	for (size_t i = 0; i < stage->receiver_count; i++)
		receiver_free(stage->receivers[i]);
	free(stage->receivers);
	free(stage->hosts);
	free(stage);
}
