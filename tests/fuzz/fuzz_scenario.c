/* Scenario documents: whatever the bytes, a plan that keeps its promises and behaviours that can be
 * played, or an error with a sentence. Profiles come from the program; every other file is one
 * line. */
#include <stdint.h>

#include "receivers/receiver.h"
#include "scenarios/scenario.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static int read_document(const struct scenario_source *source, const char *kind, const char *name,
			 struct hp_buf *out, struct hp_err *err)
{
	struct scenario_source disk = scenario_source_disk("");

	(void)source;
	if (strcmp(kind, "profile") == 0 && !strchr(name, '/') && !strchr(name, '.'))
		return disk.read(&disk, kind, name, out, err);
	hp_buf_add_text(out, strcmp(kind, "delays") == 0 ? "12.5\n" : "1ms\n");
	return 0;
}

/* What the loader lets through, a receiver can play. */
static void play(const struct behaviour_part *part)
{
	const struct behaviour_case c = {.seed = 1, .identity = 2, .ordinal = 3, .now_ns = 4};
	const struct behaviour_request request = {
		.c = &c, .head_bytes = 200, .body_bytes = 45, .success_status = 204,
		.timeout_ns = 5 * HP_S_NS, .url = "http://127.0.0.1:80/hooks",
	};
	struct handshake handshake = {.certificate = HANDSHAKE_GOOD};
	struct script script;

	script_init(&script);
	if (part->row->play)
		part->row->play(part, &request, &script);
	if (part->row->shake)
		part->row->shake(part, &c, &handshake);
	if (part->row->delay_ns)
		(void)part->row->delay_ns(part, &c);
	script_fini(&script);
}

static void check_behaviours(const struct receiver_config *config)
{
	struct behaviour_list list = {config->behaviours, config->behaviour_count};
	const struct behaviour_case c = {.seed = 1, .identity = 2, .ordinal = 3, .now_ns = 4};
	struct hp_err err;
	uint64_t until_ns;

	for (unsigned i = 0; i < config->behaviour_count; i++) {
		const struct behaviour *behaviour = &config->behaviours[i];

		assert(behaviour_check(behaviour, &err) == 0);
		play(&behaviour->own);
		for (size_t k = 0; k < behaviour->fault_count; k++)
			play(&behaviour->faults[k]);
	}
	(void)behaviour_decide(list, &c);
	(void)behaviour_holding(list, BEHAVIOUR_REFUSES, &c, &until_ns);
	assert(until_ns > c.now_ns);
}

static void check_plan(const struct scenario *scenario)
{
	const struct plan *plan = &scenario->plan;

	assert(plan->endpoint_count >= 1 && plan->endpoint_count <= PLAN_ENDPOINTS_MAX);
	assert(plan->type_count >= 1 && plan->type_count <= PLAN_TYPES_MAX);
	assert(plan->time_scale > 0);
	assert(plan->threshold_count <= THRESHOLDS_MAX);
	for (size_t i = 0; i < plan->endpoint_count; i++) {
		const struct plan_endpoint *endpoint = &plan->endpoints[i];

		assert(*endpoint->name && *endpoint->url && *endpoint->host);
		assert(endpoint->target[0] == '/' && endpoint->connections_max > 0);
		assert(endpoint->receiver_index < (int)scenario->receiver_count);
		for (unsigned k = 0; k < plan->type_count; k++)
			(void)plan_wants(&endpoint->events, hp_view_of(plan->types[k].name));
	}
	for (size_t i = 0; i < scenario->receiver_count; i++) {
		assert(scenario->receivers[i].profile == &plan->profile);
		assert(scenario->receivers[i].endpoint_index < plan->endpoint_count);
		check_behaviours(&scenario->receivers[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct scenario_text text = {"fuzz.json", {(const char *)bytes, count}};
	struct scenario_source source = {.read = read_document, .folder = ""};
	static struct scenario scenario;
	struct hp_buf warnings;
	struct hp_err err = {.msg = ""};

	hp_buf_init(&warnings, 64 * 1024);
	source.warnings = &warnings;
	if (scenario_load(&scenario, text, &source, NULL, &err) < 0) {
		assert(err.msg[0] && !strchr(err.msg, '\n'));
	} else {
		check_plan(&scenario);
		scenario_fini(&scenario);
	}
	hp_buf_fini(&warnings);
	return 0;
}
