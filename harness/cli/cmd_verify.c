/* hookproof verify: whether a request's signature is valid, and if not, why. */
#include "base/json_write.h"
#include "base/span.h"
#include "cli/command.h"
#include "cli/signing.h"
#include "net/clock.h"

enum { PRINTED_BYTES_MAX = 4096 };

static int read_headers(const struct options *options, struct http1_header *out, size_t *count,
			struct hp_err *err)
{
	const char *const *lines = options_texts(options, OPT_HEADER, count);

	if (*count > HTTP1_HEADERS_MAX)
		return hp_err_set(err, HP_EUSAGE, "--header: at most %d", HTTP1_HEADERS_MAX);
	for (size_t i = 0; i < *count; i++) {
		if (!scheme_split_line(hp_view_of(lines[i]), &out[i]))
			return hp_err_set(err, HP_EUSAGE,
					  "--header: want 'Name: value', found '%s'", lines[i]);
	}
	return 0;
}

static void print_text(enum scheme_verdict verdict)
{
	if (verdict == SCHEME_VALID)
		printf("valid: %s\n", scheme_verdict_sentence(verdict));
	else
		printf("invalid: %s (%s)\n", scheme_verdict_sentence(verdict),
		       scheme_verdict_word(verdict));
}

static void print_json(const struct signing *signing, enum scheme_verdict verdict, uint64_t at_s)
{
	struct hp_json_writer writer;
	struct hp_buf text;

	hp_buf_init(&text, PRINTED_BYTES_MAX);
	hp_json_write_init(&writer, &text, 0);
	hp_json_write_object(&writer);
	hp_json_write_key(&writer, "verdict");
	hp_json_write_text(&writer, verdict == SCHEME_VALID ? "valid" : "invalid");
	hp_json_write_key(&writer, "code");
	hp_json_write_text(&writer, scheme_verdict_word(verdict));
	hp_json_write_key(&writer, "reason");
	hp_json_write_text(&writer, scheme_verdict_sentence(verdict));
	hp_json_write_key(&writer, "profile");
	hp_json_write_text(&writer, signing->profile.name);
	hp_json_write_key(&writer, "at");
	hp_json_write_u64(&writer, at_s);
	hp_json_write_end(&writer);
	puts(hp_buf_text(&text));
	hp_buf_fini(&text);
}

static int verify(const struct signing *signing, const struct options *options, struct hp_err *err)
{
	struct http1_header headers[HTTP1_HEADERS_MAX];
	struct scheme_received received = {
		.headers = headers,
		.body = hp_buf_view(&signing->body),
		.url = hp_view_of(options_text(options, OPT_URL, "")),
		.at_s = options_integer(options, OPT_AT, clock_wall_ns() / HP_S_NS),
	};
	enum scheme_verdict verdict;

	if (read_headers(options, headers, &received.header_count, err) < 0)
		return -1;
	verdict = scheme_verify(&signing->profile.scheme, signing_keys(signing), &received);
	if (options_given(options, OPT_JSON))
		print_json(signing, verdict, received.at_s);
	else
		print_text(verdict);
	return verdict == SCHEME_VALID ? 0 : 1;
}

static int run_verify(const struct options *options, struct hp_err *err)
{
	struct signing *signing = signing_new(options, err);
	int exit = signing ? verify(signing, options, err) : -1;

	signing_free(signing);
	return exit;
}

static const unsigned char takes[] = {
	OPT_BODY,   OPT_HEADER,     OPT_PROFILE, OPT_SET, OPT_SECRET_ENV, OPT_SECRET_FILE,
	OPT_SECRET, OPT_PUBLIC_KEY, OPT_AT,      OPT_URL, OPT_JSON,       OPT_END,
};

const struct command cmd_verify = {
	.name = "verify",
	.words = "",
	.summary = "verify the signature of one request by hand",
	.details =
		"Reads the headers strictly, as a good receiver does, and says valid (exit 0) or "
		"invalid (exit 1) with the reason.\n"
		"The body is the exact bytes that arrived. Several secrets: one that matches is "
		"enough.\n",
	.examples = "  hookproof verify --secret-env HOOK_SECRET --body event.json \\\n"
		    "    --header 'X-Paisr-Signature: 871fdf3310c1e54fc43f4412f372bd95...'\n"
		    "  hookproof verify --profile standard-webhooks --secret-env HOOK_SECRET --at "
		    "1700000000 "
		    "\\\n"
		    "    --body - --header 'webhook-id: msg_1' --header 'webhook-timestamp: "
		    "1700000000' \\\n"
		    "    --header 'webhook-signature: "
		    "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4='\n",
	.takes = takes,
	.run = run_verify,
};
