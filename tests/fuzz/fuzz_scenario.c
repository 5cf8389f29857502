/* Scenario documents: whatever the bytes, a plan that keeps its promises or an error with a
 * sentence. Profiles come from the program; every other file is one line. */
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
	hp_buf_add_text(out, "1ms\n");
	return 0;
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
