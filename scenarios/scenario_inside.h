/* What the files of the scenario loader share. For them and their tests alone: callers use
 * scenario.h. A document is read by tables of keys (base/json_fields.h) into a draft; what needs
 * more than its own value (a profile's text, another object's name) waits there as a node and is
 * resolved afterwards, in the order of the steps in scenario.c. */
#ifndef HP_SCENARIOS_SCENARIO_INSIDE_H
#define HP_SCENARIOS_SCENARIO_INSIDE_H
#include "base/json_fields.h"
#include "receivers/receiver.h"
#include "scenarios/scenario.h"

enum { SCENARIO_SPAN_NS_MIN = 1 };
#define SCENARIO_SPAN_NS_MAX (366 * 86400 * HP_S_NS) /* base/span.h's */

struct scenario_draft {
	struct scenario scenario; /* first: the offsets of rows count from here */
	const struct scenario_source *source;
	const struct scenario_overrides *overrides;
	const char *name; /* the document's, for messages */
	const struct hp_json_node *root;
	/* Nodes that wait; NULL: the key is not there. */
	const struct hp_json_node *profile, *set, *judge_set, *endpoints, *receivers, *must_fail;
	const struct hp_json_node *recorded; /* the file of recorded arrivals */
	double recorded_scale;
};

/* Tables of keys, one per object of the format. */
extern const struct hp_json_field scenario_fields[], scenario_events_fields[],
	scenario_type_fields[], scenario_step_fields[], scenario_endpoint_fields[],
	scenario_tls_fields[],
	scenario_receiver_fields[], scenario_network_fields[], scenario_limits_fields[],
	scenario_judge_fields[];

struct scenario_arrivals_kind { /* one kind of arrivals and its keys */
	const char *word;       /* NULL ends the list */
	const struct hp_json_field *fields;
	bool may_count; /* "count" may stand instead of "for" */
};
extern const struct scenario_arrivals_kind scenario_arrivals_kinds[];

/* Readers of rows. */
HP_JSON_READER(scenario_field_keep);     /* const struct hp_json_node *: waits */
HP_JSON_READER(scenario_field_name);     /* char[max]: lower case letters, digits, - _ . */
HP_JSON_READER(scenario_field_never);    /* uint64_t ns: a span, or "never" */
HP_JSON_READER(scenario_field_patterns); /* struct plan_patterns */
HP_JSON_READER(scenario_field_types);    /* struct plan, its types */
HP_JSON_READER(scenario_field_body);     /* uint64_t: "thin" or a size */
HP_JSON_READER(scenario_field_arrivals); /* struct scenario_draft */

/* Steps: each resolves a part of the draft. 0, or -1 with *err. */
int scenario_read_profiles(struct scenario_draft *draft, struct hp_err *err);
int scenario_read_recorded(struct scenario_draft *draft, struct hp_err *err);
int scenario_read_receivers(struct scenario_draft *draft, struct hp_err *err);
int scenario_read_endpoints(struct scenario_draft *draft, struct hp_err *err);
int scenario_bind_receivers(struct scenario_draft *draft, struct hp_err *err);

/* Reads the behaviours of a receiver into its config, of which the other keys are read; NULL: none.
 * What guards hold belongs to the config, also on -1, until scenario_free_behaviours(). */
int scenario_read_behaviours(const struct scenario_draft *draft, const struct hp_json_node *list,
			     struct receiver_config *config, struct hp_err *err);

/* The catalogue of event types that holds where a document names none. */
void scenario_types_standard(struct plan *plan);

/* Refuses patterns that match no event type of the plan. `list` is where they stand, or NULL. */
int scenario_check_patterns(const struct plan *plan, const struct plan_patterns *patterns,
			    const struct hp_json_node *list, struct hp_err *err);

/* A secret as a document names it, by variable or as it stands; both nodes may be NULL. *out is a
 * new secret, or NULL when nothing is named (or a variable is unset and secrets are not needed).
 * Refuses what is no key of the profile. */
struct scenario_secret_keys {
	const struct hp_json_node *secret, *secret_env;
};
int scenario_read_secret(const struct scenario_draft *draft, struct scenario_secret_keys keys,
			 struct hp_secret **out, struct hp_err *err);

/* Returns a new secret for an endpoint, in the profile's key format, from the seed. */
struct hp_secret *scenario_make_secret(const struct plan *plan, uint32_t endpoint_index);

/* Appends a line for lint, when the source wants warnings: "file:line:column: path: …". */
void scenario_warn(const struct scenario_draft *draft, const struct hp_json_node *node,
		   const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Appends a document of the source, with the place of the node that names it in complaints. */
int scenario_fetch(const struct scenario_draft *draft, const char *kind,
		   const struct hp_json_node *node, struct hp_buf *out, struct hp_err *err);
#endif
