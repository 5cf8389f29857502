/* The parts of the native JSON document. For report_json*.c alone. */
#ifndef HP_REPORTS_REPORT_JSON_H
#define HP_REPORTS_REPORT_JSON_H
#include "base/json_write.h"
#include "engine/result.h"

/* One member each: its key and its value. */
void report_json_u64(struct hp_json_writer *writer, const char *key, uint64_t value);
void report_json_ns(struct hp_json_writer *writer, const char *key, uint64_t value_ns);
void report_json_text(struct hp_json_writer *writer, const char *key, const char *value);
void report_json_bool(struct hp_json_writer *writer, const char *key, bool value);
void report_json_object(struct hp_json_writer *writer, const char *key);
void report_json_array(struct hp_json_writer *writer, const char *key);

/* A decimal; null when it is no number or too large for an exact one. */
void report_json_decimal(struct hp_json_writer *writer, const char *key, double value,
			 unsigned decimals);

/* Figures (report_json_figures.c): accounting, attempts, rate, latency_us, receivers, endpoints,
 * retry_slots, trust. */
void report_json_figures(struct hp_json_writer *writer, const struct result *result);
#endif
