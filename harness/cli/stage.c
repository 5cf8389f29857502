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
#include "cli/targets.h"
#include "cli/tee.h"
#include "cli/terminal.h"
#include "cli/trust.h"
#include "engine/engine.h"
#include "engine/evidence.h"
#include "net/address.h"
#include "net/client.h"
#include "net/clock.h"
#include "net/server.h"
#include "net/tls_authority.h"
#include "receivers/receiver.h"
#include "sim/world.h"

#define START_AFTER_NS (100 * HP_MS_NS) /* run file and threads are ready at instant 0 */
#define GRACE_NS (2 * HP_S_NS)         /* an interrupt lets attempts in flight end within it */
enum { VIRTUAL_PORT = 1025, INTERRUPTED_EXIT = 130 };

/* Virtual time runs ahead of the disk: its history waits for room instead of losing records. */
struct patient {
	struct history history;
	struct ring *ring;
};

struct stage {
	struct stage_config config;
	struct receiver **receivers;
	size_t receiver_count;
	struct patient patients[STAGE_RINGS];
	struct tee tee; /* of receiving alone */
	struct evidence evidence;
	struct history *histories[STAGE_RINGS];

	struct client *client; /* of real sockets */
	struct tls_authority *authority; /* of receivers that speak TLS; NULL: none does */
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

static bool is_virtual(const struct stage *stage)
{
	return stage->config.request->world == RUNNER_VIRTUAL;
}

static bool is_receiving(const struct stage *stage)
{
	return stage->config.request->world == RUNNER_RECEIVING;
}

static void ask_for_the_end(void *arg)
{
	struct stage *stage = arg;

	client_stop(stage->client);
}

static void make_histories(struct stage *stage)
{
	for (int i = 0; i < STAGE_RINGS; i++) {
		struct ring *ring = stage->config.rings[i];

		stage->patients[i] = (struct patient){{put_patiently}, ring};
		stage->histories[i] =
			is_virtual(stage) ? &stage->patients[i].history : ring_history(ring);
	}
	stage->tee = (struct tee){.inner = stage->histories[1], .lines = stage->config.lines,
				  .left = stage->config.request->count,
				  .last = ask_for_the_end, .arg = stage};
	tee_init(&stage->tee);
	if (is_receiving(stage))
		stage->histories[1] = &stage->tee.history;
	evidence_init(&stage->evidence, stage->histories[1]);
	stage->histories[1] = &stage->evidence.history;
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
		.authority = stage->authority,
		.start_ns = UINT64_MAX, /* until stage_schedule() */
		.lag_ns_max = stage->config.scenario->plan.limits.lag_ns_max,
		.history = stage->histories[1],
		.dns = stage->config.scenario->dns,
	};

	stage->client = client_new(clock_mono_ns(), err);
	if (!stage->client)
		return -1;
	if (stage->receiver_count == 0 && is_receiving(stage))
		return hp_err_set(err, HP_EINPUT, "the scenario has no receivers: nobody would "
				  "listen");
	if (stage->receiver_count == 0)
		return trust_endpoints(&stage->config.scenario->plan, stage->client, NULL, err);
	stage->server = server_new(&config, receivers, err);
	if (!stage->server)
		return -1;
	for (size_t i = 0; i < stage->receiver_count; i++)
		point_endpoints(stage, i, server_address(stage->server, i));
	return trust_endpoints(&stage->config.scenario->plan, stage->client, stage->authority, err);
}

/* On the loop that waits for the end: receiving has no generator there. */
static int open_control(struct stage *stage, struct hp_err *err)
{
	const struct runner_request *request = stage->config.request;
	struct control_config config = {
		.loop = client_loop(stage->client),
		.server = stage->server,
		.receivers = {stage->receivers, stage->receiver_count},
		.token = request->control_token,
		.shutdown = ask_for_the_end,
		.arg = stage,
	};

	if (!request->control)
		return 0;
	config.listen = *request->control;
	stage->tee.control = control_open(&config, err);
	return stage->tee.control ? 0 : hp_err_wrap(err, "--control");
}

static void on_over(void *arg)
{
	struct stage *stage = arg;

	if (stage->world)
		world_leave(stage->world);
	else
		client_leave(stage->client);
}

/* On a terminal the progress line stands there, drawn by the store's thread. */
static void say_grace(const struct stage *stage)
{
	struct terminal_progress line;

	if (stage->world || stage->config.request->quiet)
		return;
	terminal_progress_init(&line, stderr, false);
	line.drawn = line.redraw;
	terminal_progress_clear(&line);
	fprintf(stderr, "interrupted: waiting up to %d s for answers; Ctrl-C again ends at once\n",
		(int)(GRACE_NS / HP_S_NS));
}

static void on_stop(void *arg)
{
	struct stage *stage = arg;

	if (!stage->engine) { /* receivers play until they are stopped: that is their end */
		client_leave(stage->client);
		return;
	}
	stage->interrupted = true;
	say_grace(stage);
	engine_stop(stage->engine, GRACE_NS);
}

/* Virtual time has connections, but no handshakes and no names: what is not played is said, never
 * skipped in silence. */
static void warn_of_unplayed(const struct receiver_config *config)
{
	for (unsigned i = 0; i < config->behaviour_count; i++) {
		const struct behaviour *behaviour = &config->behaviours[i];
		const struct behaviour_row *row = behaviour->fault_count ? behaviour->faults[0].row
									 : behaviour->own.row;
		if (row->layer == BEHAVIOUR_TLS || row->layer == BEHAVIOUR_NAME)
			hp_log_warn("receiver \"%s\": \"%s\" does nothing in simulate, which has "
				    "neither TLS nor names", config->name, row->slug);
	}
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

		warn_of_unplayed(&scenario->receivers[i]);
		stage->hosts[i] = (struct world_host){address, stage->receivers[i]};
		point_endpoints(stage, i, &address);
	}
	config.hosts = stage->hosts;
	stage->world = world_new(&config);
}

int stage_probe(struct stage *stage, struct hp_err *err)
{
	return is_receiving(stage) ? 0 : targets_probe(&stage->config.scenario->plan, err);
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

/* No thread takes signals but the first one. */
static int start_thread(pthread_t *thread, void *(*run)(void *arg), struct stage *stage,
			struct hp_err *err)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(thread, NULL, run, stage);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error ? hp_err_set(err, HP_EENV, "no thread for a loop: %s", strerror(error)) : 0;
}

static int start_server(struct stage *stage, struct hp_err *err)
{
	if (!stage->server)
		return 0;
	if (start_thread(&stage->thread, run_server, stage, err) < 0)
		return -1;
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

static void *run_alone(void *arg)
{
	struct stage *stage = arg;

	if (unshare(CLONE_FILES) < 0)
		hp_log_debug("descriptors stay shared: %m");
	client_run(stage->client, on_stop, stage);
	return NULL;
}

/* A thread with descriptors of its own: where threads share a table, the kernel counts each use of
 * a socket (2 % of an event, measured: make bench). Only without receivers, who refuse by closing a
 * listener that must not live on in a copy. In a container that forbids it, it is only slower. */
static int play_alone(struct stage *stage, struct hp_err *err)
{
	pthread_t thread;

	if (start_thread(&thread, run_alone, stage, err) < 0)
		return -1;
	pthread_join(thread, NULL);
	return 0;
}

static int run_sockets(struct stage *stage, struct hp_err *err)
{
	const struct runner_request *request = stage->config.request;
	int result = 0;

	if (!is_receiving(stage))
		watch_signals(stage);
	if (stage->engine)
		client_call_at(stage->client, 0, on_begin, stage);
	else if (request->for_ns)
		client_call_at(stage->client, request->for_ns, on_over, stage);
	if (stage->engine && !stage->server)
		result = play_alone(stage, err);
	else
		client_run(stage->client, on_stop, stage);
	watch_signals(NULL);
	return result;
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

	evidence_add(&stage->evidence, metrics);
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

static uint64_t now_ns(const struct stage *stage)
{
	struct port *port = client_port(stage->client);

	return port->ops->now_ns(port);
}

int stage_play(struct stage *stage, struct hp_err *err)
{
	if (start_server(stage, err) < 0)
		return -1;
	if (stage->world)
		run_world(stage);
	else if (run_sockets(stage, err) < 0)
		return -1;
	if (is_receiving(stage)) /* until then somebody listened */
		stage->config.metrics->ended_ns = now_ns(stage);
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

	if (is_receiving(stage))
		return 0;
	stage->engine = engine_new(&config, err);
	return stage->engine ? 0 : -1;
}

struct stage *stage_open(const struct stage_config *config, struct hp_err *err)
{
	struct stage *stage = hp_xcalloc(1, sizeof(*stage));
	int result = 0;

	stage->config = *config;
	make_histories(stage);
	if (!is_receiving(stage)) /* who only receives sends to nobody */
		result = targets_resolve(&config->scenario->plan, config->request, err);
	if (result == 0)
		result = make_receivers(stage, err);
	if (result == 0)
		stage->authority = trust_authority(config->scenario);
	if (result == 0 && is_virtual(stage))
		open_world(stage);
	else if (result == 0)
		result = open_sockets(stage, err);
	if (result == 0 && is_receiving(stage))
		result = open_control(stage, err);
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

/* Who only receives has nothing to prepare for: a delivery before instant 0 would stand in the
 * history at 0, and what adds time would count from there. */
uint64_t stage_schedule(struct stage *stage)
{
	uint64_t after_ns = is_receiving(stage) ? 0 : START_AFTER_NS;
	uint64_t start_ns = clock_mono_ns() + after_ns;

	if (stage->client)
		client_start_at(stage->client, start_ns);
	if (stage->server)
		server_start_at(stage->server, start_ns);
	if (is_receiving(stage)) /* whoever is told that it listens may end it */
		watch_signals(stage);
	return clock_wall_ns() + after_ns;
}

int stage_save_ca(const struct stage *stage, const char *folder, struct hp_err *err)
{
	return stage->authority ? trust_save(stage->authority, folder, err) : 0;
}

const char *stage_receiver_url(struct stage *stage, size_t receiver_index)
{
	const struct receiver_config *config = &stage->config.scenario->receivers[receiver_index];

	stage->shown.tls.used = config->tls;
	scenario_endpoint_at(&stage->shown, server_address(stage->server, receiver_index),
			     config->path);
	return stage->shown.url;
}

const char *stage_control_url(struct stage *stage)
{
	if (!stage->tee.control)
		return NULL;
	stage->shown.tls.used = false;
	scenario_endpoint_at(&stage->shown, control_address(stage->tee.control), "/v1");
	return stage->shown.url;
}

const char *stage_dns(struct stage *stage)
{
	const struct port_address *address =
		stage->server ? server_dns_address(stage->server) : NULL;

	if (!address)
		return NULL;
	scenario_endpoint_at(&stage->shown, address, "");
	return stage->shown.host;
}

const struct receiver_counters *stage_counters(const struct stage *stage, size_t receiver_index)
{
	return &stage->receivers[receiver_index]->counters;
}

void stage_close(struct stage *stage)
{
	if (!stage)
		return;
	watch_signals(NULL);
	engine_free(stage->engine);
	stop_server(stage);
	server_free(stage->server);
	world_free(stage->world);
	for (size_t i = 0; i < stage->receiver_count; i++)
		receiver_free(stage->receivers[i]);
	control_close(stage->tee.control);
	client_free(stage->client);
	tls_authority_free(stage->authority);
	free(stage->receivers);
	free(stage->hosts);
	free(stage);
}
