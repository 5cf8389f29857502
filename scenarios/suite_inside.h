/* What the files of the suite loader share. For them alone: callers use suite.h. */
#ifndef HP_SCENARIOS_SUITE_INSIDE_H
#define HP_SCENARIOS_SUITE_INSIDE_H
#include "base/json_fields.h"
#include "scenarios/suite.h"

/* Tables of keys, one per object of the format. */
extern const struct hp_json_field suite_fields[], suite_check_fields[], suite_body_fields[],
	suite_step_fields[], suite_sign_fields[], suite_framing_fields[], suite_edit_fields[];

/* Readers of rows. */
HP_JSON_READER(suite_field_traits);   /* uint32_t of SUITE_BIT()s, from an array of words */
HP_JSON_READER(suite_field_template); /* a text and, right before it or behind it, that it stands */

/* Reads one step. */
int suite_read_step(const struct hp_json_node *node, struct suite_step *step, struct hp_err *err);

/* Whether every body that a step names is there. */
int suite_check_bodies(const struct suite *suite, const struct hp_json_node *step_node,
		       const struct suite_step *step, struct hp_err *err);
#endif
