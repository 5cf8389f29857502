/* Objects as tables: one row per key says how it is read and into what, so that a loader is its
 * table, a key that is not in the table is refused with the nearest one that is, and the published
 * schema can be held against the same rows. */
#ifndef HP_BASE_JSON_FIELDS_H
#define HP_BASE_JSON_FIELDS_H
#include "base/json.h"

struct hp_json_field {
	const char *key; /* NULL ends a table */
	/* Reads the node into *into, the member at `offset`. 0, or -1 with *err. */
	int (*read)(const struct hp_json_node *node, const struct hp_json_field *field, void *into,
		    struct hp_err *err);
	size_t offset;
	uint64_t min, max; /* of numbers, in what is stored; of texts: bytes, max with the NUL */
	const void *more;  /* the reader's own: words, a table, … */
	bool needed;
};

/* Reads an object by its table: keys in the order of the rows, so that a row may rely on earlier
 * ones. Refuses what is no object, unknown keys first, then missing ones. */
int hp_json_read_fields(const struct hp_json_node *object, const struct hp_json_field fields[],
			void *into, struct hp_err *err);

/* Refuses keys that are in no row. */
int hp_json_known_keys(const struct hp_json_node *object, const struct hp_json_field fields[],
		       struct hp_err *err);

/* Readers for rows; the type of the member stands last. Bounds are the row's. */
#define HP_JSON_READER(name)                                                                       \
	int name(const struct hp_json_node *node, const struct hp_json_field *field, void *into,   \
		 struct hp_err *err)
HP_JSON_READER(hp_json_field_text);   /* char[max], NUL-terminated; min bytes at least */
HP_JSON_READER(hp_json_field_bool);   /* bool */
HP_JSON_READER(hp_json_field_u32);    /* uint32_t or unsigned */
HP_JSON_READER(hp_json_field_u64);    /* uint64_t */
HP_JSON_READER(hp_json_field_int);    /* int, not negative */
HP_JSON_READER(hp_json_field_factor); /* double; bounds and file in millionths, "0.2" or "1.5" */
HP_JSON_READER(hp_json_field_span);   /* uint64_t ns, "250ms" */
HP_JSON_READER(hp_json_field_rate);   /* uint64_t events per second times 1e6, "500/s" */
HP_JSON_READER(hp_json_field_size);   /* uint64_t bytes, "64KiB" or a whole number */
HP_JSON_READER(hp_json_field_word);   /* an enum of 4 bytes; more: const char *const words[] */
HP_JSON_READER(hp_json_field_fields); /* an object; more: its table, offsets from the member on */
#endif
