/* hookproof load: load on one URL without a scenario file. The options become a scenario document,
 * so that the run file holds all that check needs. */
#include <string.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/intent.h"
#include "cli/safety.h"

enum { CONNECTIONS = 64 };

/* ---- what must be said, and what excludes what ---- */

static int check_options(const struct options *options, struct hp_err *err)
{
	bool rate = options_given(options, OPT_RATE), closed = options_given(options, OPT_CLOSED);

	if (rate == closed)
		return hp_err_set(err, HP_EUSAGE,
				  "%s --rate 500/s for an open loop, or --closed for "
				  "a closed one",
				  rate ? "either" : "how much load?");
	if (options_given(options, OPT_FOR) && options_given(options, OPT_DURATION))
		return hp_err_set(err, HP_EUSAGE, "--for and --duration say the same: give one");
	if (!options_given(options, OPT_FOR) && !options_given(options, OPT_DURATION) &&
	    !options_given(options, OPT_COUNT))
		return hp_err_set(err, HP_EUSAGE, "for how long? --for 30s, or --count N events");
	if (options_integer(options, OPT_CONNECTIONS, 1) == 0)
		return hp_err_set(err, HP_EUSAGE, "--connections: at least 1");
	if (options_given(options, OPT_COUNT) && options_integer(options, OPT_COUNT, 0) == 0)
		return hp_err_set(err, HP_EUSAGE, "--count: at least 1");
	if (options_given(options, OPT_CA) && options_given(options, OPT_INSECURE))
		return hp_err_set(err, HP_EUSAGE,
				  "--ca says whom to trust, --insecure trusts everybody: give one");
	return 0;
}

/* What --expect holds is a word of the command line, not of a file: it is refused here. */
static int check_thresholds(const struct options *options, struct hp_err *err)
{
	size_t count;
	const char *const *texts = options_texts(options, OPT_EXPECT, &count);
	struct threshold threshold;

	if (count >= THRESHOLDS_MAX) /* one place is for what is implied */
		return hp_err_set(err, HP_EUSAGE, "--expect: at most %d", THRESHOLDS_MAX - 1);
	for (size_t i = 0; i < count; i++) {
		if (threshold_parse(&threshold, texts[i], err) < 0)
			return hp_err_wrap(err, "--expect");
	}
	return 0;
}

/* ---- the document ---- */

static void write_events(struct hp_json_writer *writer, const struct options *options)
{
	size_t count;
	const char *const *types = options_texts(options, OPT_TYPE, &count);

	hp_json_write_key(writer, "events");
	hp_json_write_object(writer);
	intent_write_given(writer, "body", options, OPT_BODY_SIZE);
	if (count) {
		hp_json_write_key(writer, "types");
		hp_json_write_array(writer);
		for (size_t i = 0; i < count; i++) {
			hp_json_write_object(writer);
			hp_json_write_key(writer, "type");
			hp_json_write_text(writer, types[i]);
			hp_json_write_end(writer);
		}
		hp_json_write_end(writer);
	}
	hp_json_write_end(writer);
}

static void write_arrivals(struct hp_json_writer *writer, const struct options *options)
{
	bool closed = options_given(options, OPT_CLOSED);

	hp_json_write_key(writer, "arrivals");
	hp_json_write_object(writer);
	hp_json_write_key(writer, "kind");
	hp_json_write_text(writer, closed ? "closed" : "constant");
	if (closed) {
		hp_json_write_key(writer, "concurrency");
		hp_json_write_u64(writer, options_integer(options, OPT_CONNECTIONS, CONNECTIONS));
	}
	intent_write_given(writer, "rate", options, OPT_RATE);
	intent_write_given(writer, "for", options, OPT_FOR);
	intent_write_given(writer, "for", options, OPT_DURATION);
	if (options_given(options, OPT_COUNT)) {
		hp_json_write_key(writer, "count");
		hp_json_write_u64(writer, options_integer(options, OPT_COUNT, 0));
	}
	hp_json_write_end(writer);
}

static void write_tls(struct hp_json_writer *writer, const struct options *options)
{
	bool insecure = options_given(options, OPT_INSECURE);

	if (!insecure && !options_given(options, OPT_CA))
		return;
	hp_json_write_key(writer, "tls");
	hp_json_write_object(writer);
	intent_write_given(writer, "ca", options, OPT_CA);
	if (insecure) {
		hp_json_write_key(writer, "verify");
		hp_json_write_bool(writer, false);
		complain_warn("--insecure: the target's certificate is not verified, so anybody "
			      "may answer for it");
	}
	hp_json_write_end(writer);
}

static int write_endpoint(struct intent *intent, struct hp_json_writer *writer,
			  const struct options *options, struct hp_err *err)
{
	hp_json_write_key(writer, "endpoints");
	hp_json_write_array(writer);
	hp_json_write_object(writer);
	hp_json_write_key(writer, "name");
	hp_json_write_text(writer, "target");
	hp_json_write_key(writer, "url");
	hp_json_write_text(writer, options_word(options, 0));
	write_tls(writer, options);
	if (intent_write_secret(intent, options, writer, err) < 0)
		return -1;
	hp_json_write_key(writer, "connections");
	hp_json_write_u64(writer, options_integer(options, OPT_CONNECTIONS, CONNECTIONS));
	hp_json_write_end(writer);
	hp_json_write_end(writer);
	return 0;
}

/* What was checked on nothing is no pass: load that delivered nothing at all fails, unless whoever
 * types says himself what is to be delivered. */
static void write_thresholds(struct hp_json_writer *writer, const struct options *options)
{
	size_t count;
	const char *const *texts = options_texts(options, OPT_EXPECT, &count);
	bool implied = true;

	hp_json_write_key(writer, "thresholds");
	hp_json_write_array(writer);
	for (size_t i = 0; i < count; i++) {
		hp_json_write_text(writer, texts[i]);
		implied &= strncmp(texts[i], "delivered", strlen("delivered")) != 0;
	}
	if (implied)
		hp_json_write_text(writer, "delivered>0");
	hp_json_write_end(writer);
}

/* Without a secret the events are signed all the same: load is measured with the work it has. */
static void warn_without_secret(struct intent *intent)
{
	if (intent->secrets.count)
		return;
	intent->runner.overrides.make_secrets = true;
	complain_warn(
		"no --secret-env: events are signed with a secret made from the seed, which a "
		"receiver that verifies refuses");
}

static int write_document(struct intent *intent, const struct options *options, struct hp_err *err)
{
	struct hp_json_writer writer;

	hp_json_write_init(&writer, &intent->text, 2);
	hp_json_write_object(&writer);
	hp_json_write_key(&writer, "name");
	hp_json_write_text(&writer, "load");
	write_events(&writer, options);
	write_arrivals(&writer, options);
	intent_write_given(&writer, "warmup", options, OPT_WARMUP);
	if (write_endpoint(intent, &writer, options, err) < 0)
		return -1;
	warn_without_secret(intent);
	write_thresholds(&writer, options);
	hp_json_write_end(&writer);
	intent_take_text(intent);
	return 0;
}

static int run_load(const struct options *options, struct hp_err *err)
{
	struct intent intent;
	int exit = -1;

	if (check_options(options, err) < 0 || check_thresholds(options, err) < 0 ||
	    intent_init(&intent, "load", options, err) < 0)
		return -1;
	intent.runner.world = RUNNER_SOCKETS;
	intent.runner.scenario = "load";
	if (safety_check_url(
		    &(struct safety){intent.runner.allow_hosts, intent.runner.allow_host_count},
		    options_word(options, 0), err) == 0 &&
	    write_document(&intent, options, err) == 0)
		exit = intent_run(&intent, err);
	intent_fini(&intent);
	return exit;
}

static const unsigned char takes[] = {
	OPT_RATE,    OPT_CLOSED, OPT_FOR,        OPT_DURATION,    OPT_COUNT,  OPT_CONNECTIONS,
	OPT_WARMUP,  OPT_EXPECT, OPT_SECRET_ENV, OPT_SECRET_FILE, OPT_SECRET, OPT_PROFILE,
	OPT_SET,     OPT_TYPE,   OPT_BODY_SIZE,  OPT_SEED,        OPT_RECORD, OPT_OUT,
	OPT_RUN_ID,  OPT_REPORT, OPT_JSON,       OPT_ALLOW_HOST,  OPT_QUIET,  OPT_COLOUR,
	OPT_VERBOSE, OPT_CA,     OPT_INSECURE,   OPT_END,
};

const struct command cmd_load = {
	.name = "load",
	.words = "URL",
	.summary = "put load on a URL without a scenario file",
	.details =
		"Sends signed events to one endpoint, with retries, and judges what must hold.\n"
		"The open loop (--rate) keeps its plan whatever the target does, and response time "
		"counts from the planned instant; the closed loop (--closed) keeps --connections "
		"events in flight.\n"
		"At least one event must be delivered (delivered>0), unless --expect says "
		"otherwise of delivered.\n"
		"A host beyond this machine needs --allow-host. The certificate of an https target "
		"is verified; --ca names other authorities than the system's.\n",
	.examples =
		"  hookproof load http://127.0.0.1:8080/hooks --rate 500/s --for 30s "
		"--secret-env HOOK_SECRET \\\n"
		"    --expect 'response.p99<50ms' --expect 'errors<0.1%'\n"
		"  hookproof load http://127.0.0.1:8080/hooks --closed --connections 64 --for 10s "
		"--record summary\n",
	.takes = takes,
	.words_min = 1,
	.words_max = 1,
	.run = run_load,
};
