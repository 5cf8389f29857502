#include "cli/reception.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "cli/complain.h"
#include "receivers/receiver.h"
#include "scenarios/scenario.h"

/* Ours: what the JSON report may have, and 1024 receivers with their counters. */
enum { RESULT_BYTES_MAX = 68 * 1024 * 1024 };

void reception_name_ca(const struct reception *reception)
{
	for (size_t i = 0; i < reception->scenario->receiver_count; i++) {
		if (!reception->scenario->receivers[i].tls)
			continue;
		fprintf(stderr, "to trust receivers that speak TLS: %s/ca.pem\n",
			reception->folder);
		return;
	}
}

void reception_announce(const struct reception *reception)
{
	const char *control = stage_control_url(reception->stage);
	const char *dns;

	if (control)
		fprintf(stderr, "control is at %s\n", control);
	dns = stage_dns(reception->stage); /* behind the URL: both are written in one place */
	if (dns)
		fprintf(stderr, "the resolver is at %s, for names like %s." LOOKUP_ZONE "\n", dns,
			reception->scenario->receivers[0].name);
	reception_name_ca(reception);
	for (size_t i = 0; i < reception->scenario->receiver_count; i++)
		fprintf(stderr, "%s listens on %s\n", reception->scenario->receivers[i].name,
			stage_receiver_url(reception->stage, i));
}

/* ---- for people ---- */

static void print_receiver(const struct reception *reception, size_t index)
{
	const struct receiver_counters *counters = stage_counters(reception->stage, index);

	printf("%s: %" PRIu64 " deliveries, %" PRIu64 " accepted, %" PRIu64
	       " refused for their signature, %" PRIu64 " duplicates, %" PRIu64 " effects\n",
	       reception->scenario->receivers[index].name, counters->deliveries,
	       counters->accepted, counters->unverified, counters->duplicates, counters->effects);
}

void reception_print(const struct reception *reception)
{
	if (reception->lines.dropped)
		complain_warn("%" PRIu64 " lines were dropped: the reader of standard output was "
			      "slower; the run file has every delivery",
			      reception->lines.dropped);
	for (size_t i = 0; i < reception->scenario->receiver_count; i++)
		print_receiver(reception, i);
}

/* ---- for programs ---- */

static void write_u64(struct hp_json_writer *writer, const char *key, uint64_t value)
{
	hp_json_write_key(writer, key);
	hp_json_write_u64(writer, value);
}

static void write_receiver(struct hp_json_writer *writer, const struct reception *reception,
			   size_t index)
{
	const struct receiver_counters *counters = stage_counters(reception->stage, index);

	hp_json_write_object(writer);
	hp_json_write_key(writer, "name");
	hp_json_write_text(writer, reception->scenario->receivers[index].name);
	write_u64(writer, "deliveries", counters->deliveries);
	write_u64(writer, "accepted", counters->accepted);
	write_u64(writer, "refused_signatures", counters->unverified);
	write_u64(writer, "duplicates", counters->duplicates);
	write_u64(writer, "effects", counters->effects);
	hp_json_write_end(writer);
}

static void write_lines(struct hp_json_writer *writer, const struct lines_count *lines)
{
	hp_json_write_key(writer, "lines");
	hp_json_write_object(writer);
	write_u64(writer, "printed", lines->printed);
	write_u64(writer, "dropped", lines->dropped);
	hp_json_write_end(writer);
}

/* The report in one line: no text of JSON has a line end in it, and what follows one is indent. */
static size_t flatten(char *json, size_t bytes)
{
	size_t kept = 0;
	bool indent = false;

	for (size_t i = 0; i < bytes; i++) {
		indent = json[i] == '\n' || (indent && json[i] == ' ');
		if (!indent)
			json[kept++] = json[i];
	}
	return kept;
}

static void write_report(struct hp_json_writer *writer, const struct result *result)
{
	char *json = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&json, &bytes);
	int written = out ? report_find("json")->write(out, result, &(struct report_style){0}) : -1;

	hp_json_write_key(writer, "report");
	if (out && fclose(out) == 0 && written == 0)
		hp_json_write_raw(writer, (struct hp_view){json, flatten(json, bytes)});
	else
		hp_json_write_null(writer);
	free(json);
}

void reception_print_json(const struct reception *reception, const struct result *result)
{
	const struct judgement *judgement = result->judgement;
	struct hp_json_writer writer;
	struct hp_buf text;

	hp_buf_init(&text, RESULT_BYTES_MAX);
	hp_json_write_init(&writer, &text, 0);
	hp_json_write_object(&writer);
	hp_json_write_key(&writer, "verdict");
	hp_json_write_text(&writer, run_verdict_word(judgement->verdict));
	write_u64(&writer, "exit", (uint64_t)judgement->exit);
	write_u64(&writer, "seed", result->plan->seed);
	hp_json_write_key(&writer, "run_file");
	hp_json_write_text(&writer, result->run_file);
	hp_json_write_key(&writer, "receivers");
	hp_json_write_array(&writer);
	for (size_t i = 0; i < reception->scenario->receiver_count; i++)
		write_receiver(&writer, reception, i);
	hp_json_write_end(&writer);
	write_lines(&writer, &reception->lines);
	write_report(&writer, result);
	hp_json_write_end(&writer);
	assert(!text.cut);
	puts(hp_buf_text(&text));
	hp_buf_fini(&text);
}
