/* hookproof receive: simulated receivers for any sender, from a scenario or from options, which
 * become a scenario document around one receiver. */
#include "cli/command.h"
#include "cli/intent.h"

enum { VALUE_BYTES = 256 };

/* ---- --behaviour NAME:KEY=VALUE,KEY=VALUE as an object of the document ---- */

/* A number, true or false stands as it is; everything else is a string. */
static bool is_plain_json(struct hp_view text)
{
	struct hp_json_scan scan;

	hp_json_scan_init(&scan, text);
	if (hp_json_scan_next(&scan) != HP_JSON_SCALAR || scan.value.kind == HP_JSON_STRING ||
	    scan.value.kind == HP_JSON_NULL)
		return false;
	return hp_json_scan_next(&scan) == HP_JSON_DONE;
}

static int write_parameter(struct hp_json_writer *writer, struct hp_view pair, const char *option,
			   struct hp_err *err)
{
	const char *equals = pair.bytes ? memchr(pair.at, '=', pair.bytes) : NULL;
	struct hp_view value;
	char key[VALUE_BYTES];

	if (!equals || equals == pair.at)
		return hp_err_set(err, HP_EUSAGE,
				  "--behaviour %s: want KEY=VALUE behind the name, "
				  "separated by commas",
				  option);
	snprintf(key, sizeof(key), "%.*s", (int)(equals - pair.at), pair.at);
	value = (struct hp_view){equals + 1, (size_t)(pair.at + pair.bytes - equals) - 1};
	hp_json_write_key(writer, key);
	if (is_plain_json(value))
		hp_json_write_raw(writer, value);
	else
		hp_json_write_string(writer, value);
	return 0;
}

static int write_behaviour(struct hp_json_writer *writer, const char *option, struct hp_err *err)
{
	size_t bytes = strcspn(option, ":");
	const char *at = option + bytes + (option[bytes] == ':');

	hp_json_write_object(writer);
	hp_json_write_key(writer, "behaviour");
	hp_json_write_string(writer, (struct hp_view){option, bytes});
	while (*at) {
		bytes = strcspn(at, ",");
		if (write_parameter(writer, (struct hp_view){at, bytes}, option, err) < 0)
			return -1;
		at += bytes + (at[bytes] == ',');
	}
	hp_json_write_end(writer);
	return 0;
}

static int write_behaviours(struct hp_json_writer *writer, const struct options *options,
			    struct hp_err *err)
{
	size_t count;
	const char *const *texts = options_texts(options, OPT_BEHAVIOUR, &count);

	hp_json_write_key(writer, "behaviours");
	hp_json_write_array(writer);
	for (size_t i = 0; i < count; i++) {
		if (write_behaviour(writer, texts[i], err) < 0)
			return -1;
	}
	hp_json_write_end(writer);
	return 0;
}

/* ---- the document ---- */

static int write_receiver(struct hp_json_writer *writer, const struct options *options,
			  struct hp_err *err)
{
	hp_json_write_object(writer);
	hp_json_write_key(writer, "name");
	hp_json_write_text(writer, "receiver");
	hp_json_write_key(writer, "listen");
	hp_json_write_text(writer, options_text(options, OPT_LISTEN, "127.0.0.1:0"));
	hp_json_write_key(writer, "verify");
	hp_json_write_bool(writer, !options_given(options, OPT_NO_VERIFY));
	hp_json_write_key(writer, "idempotent");
	hp_json_write_bool(writer, !options_given(options, OPT_NOT_IDEMPOTENT));
	if (options_given(options, OPT_STATUS)) {
		hp_json_write_key(writer, "status");
		hp_json_write_u64(writer, options_integer(options, OPT_STATUS, 0));
	}
	if (write_behaviours(writer, options, err) < 0)
		return -1;
	hp_json_write_end(writer);
	return 0;
}

/* The endpoint that the receiver plays: a receiver has its endpoint's secret. */
static int write_endpoint(struct intent *intent, struct hp_json_writer *writer,
			  const struct options *options, struct hp_err *err)
{
	hp_json_write_object(writer);
	hp_json_write_key(writer, "name");
	hp_json_write_text(writer, "receiver");
	hp_json_write_key(writer, "receiver");
	hp_json_write_text(writer, "receiver");
	if (intent_write_secret(intent, options, writer, err) < 0)
		return -1;
	hp_json_write_end(writer);
	return 0;
}

/* A scenario has arrivals; who only receives sends none of them. */
static void write_arrivals(struct hp_json_writer *writer)
{
	hp_json_write_key(writer, "arrivals");
	hp_json_write_object(writer);
	hp_json_write_key(writer, "kind");
	hp_json_write_text(writer, "closed");
	hp_json_write_key(writer, "concurrency");
	hp_json_write_u64(writer, 1);
	hp_json_write_key(writer, "count");
	hp_json_write_u64(writer, 1);
	hp_json_write_end(writer);
}

static int write_document(struct intent *intent, const struct options *options, struct hp_err *err)
{
	struct hp_json_writer writer;

	hp_json_write_init(&writer, &intent->text, 2);
	hp_json_write_object(&writer);
	hp_json_write_key(&writer, "name");
	hp_json_write_text(&writer, "receive");
	write_arrivals(&writer);
	hp_json_write_key(&writer, "endpoints");
	hp_json_write_array(&writer);
	if (write_endpoint(intent, &writer, options, err) < 0)
		return -1;
	hp_json_write_end(&writer);
	hp_json_write_key(&writer, "receivers");
	hp_json_write_array(&writer);
	if (write_receiver(&writer, options, err) < 0)
		return -1;
	hp_json_write_end(&writer);
	hp_json_write_end(&writer);
	intent_take_text(intent);
	return 0;
}

/* ---- the command ---- */

static const unsigned char inline_only[] = {
	/* what a scenario says by itself */
	OPT_LISTEN,    OPT_STATUS,     OPT_NO_VERIFY,   OPT_NOT_IDEMPOTENT,
	OPT_BEHAVIOUR, OPT_SECRET_ENV, OPT_SECRET_FILE, OPT_SECRET,
};

static int check_options(const struct options *options, struct hp_err *err)
{
	bool inlined = false;

	for (size_t i = 0; i < sizeof(inline_only); i++)
		inlined = inlined || options_given(options, (enum option_id)inline_only[i]);
	if (inlined && options_word_count(options))
		return hp_err_set(err, HP_EUSAGE,
				  "either a scenario, which says all about its receivers, "
				  "or options like --listen");
	if (options_given(options, OPT_NO_VERIFY) || options_word_count(options) ||
	    options_given(options, OPT_SECRET_ENV) || options_given(options, OPT_SECRET_FILE) ||
	    options_given(options, OPT_SECRET))
		return 0;
	return hp_err_set(err, HP_EUSAGE,
			  "signatures under which secret? --secret-env NAME, or "
			  "--no-verify");
}

static int run_receive(const struct options *options, struct hp_err *err)
{
	struct intent intent;
	int exit = 0;

	if (check_options(options, err) < 0 || intent_init(&intent, "receive", options, err) < 0)
		return -1;
	intent.runner.world = RUNNER_RECEIVING;
	intent.runner.for_ns = options_span_ns(options, OPT_FOR, 0);
	intent.runner.count = options_integer(options, OPT_COUNT, 0);
	intent.runner.scenario = "receive";
	if (options_word_count(options))
		intent.runner.scenario = options_word(options, 0);
	else
		exit = write_document(&intent, options, err);
	if (exit == 0)
		exit = intent_run(&intent, err);
	intent_fini(&intent);
	return exit;
}

static const unsigned char takes[] = {
	OPT_LISTEN, OPT_SECRET_ENV, OPT_SECRET_FILE, OPT_SECRET, OPT_NO_VERIFY, OPT_PROFILE,
	OPT_SET,    OPT_STATUS,     OPT_BEHAVIOUR,   OPT_FOR,    OPT_COUNT,     OPT_NOT_IDEMPOTENT,
	OPT_SEED,   OPT_RECORD,     OPT_OUT,         OPT_RUN_ID, OPT_REPORT,    OPT_JSON,
	OPT_QUIET,  OPT_COLOUR,     OPT_VERBOSE,     OPT_END,
};

const struct command cmd_receive = {
	.name = "receive",
	.words = "[SCENARIO]",
	.summary = "play simulated receivers until stopped",
	.details =
		"Takes deliveries of any sender, verifies them, counts effects and duplicates, and "
		"misbehaves as it is told: one receiver from the options, or those of a scenario.\n"
		"hookproof list faults shows the behaviours. Ctrl-C ends it.\n",
	.examples = "  hookproof receive --listen 127.0.0.1:8080 --secret-env HOOK_SECRET\n"
		    "  hookproof receive --listen 127.0.0.1:8080 --no-verify \\\n"
		    "    --behaviour latency:p50=5ms,p99=80ms --behaviour "
		    "share:share=0.1,fault=status,code=503\n"
		    "  hookproof receive outage-and-recovery --for 5m\n",
	.takes = takes,
	.words_max = 1,
	.run = run_receive,
};
