/* hookproof explain: what a wrong signature was made from. */
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/span.h"
#include "cli/command.h"
#include "cli/explain_text.h"
#include "cli/secrets.h"
#include "cli/signing.h"
#include "net/clock.h"

enum {
	HEADERS_BYTES_MAX = 256 * 1024, /* of --headers */
	VALUE_BYTES_MAX = 16 * 1024,    /* of a header that is put together here */
};

/* A captured request as the command line gives it, and all secrets around it. */
struct capture {
	struct signing *signing;
	struct secrets current, old, others;
	struct hp_view old_views[SCHEME_KEYS_MAX], other_views[SCHEME_KEYS_MAX];
	struct hp_buf file;                             /* of --headers */
	struct hp_buf value;                            /* of the signature header of --signature */
	struct http1_header headers[HTTP1_HEADERS_MAX]; /* views into the above and argv */
	size_t header_count;
	struct forensics_case given;
};

/* -- headers -- */

static int add_header(struct capture *capture, struct http1_header header, struct hp_err *err)
{
	if (capture->header_count == HTTP1_HEADERS_MAX)
		return hp_err_set(err, HP_EUSAGE, "at most %d headers", HTTP1_HEADERS_MAX);
	capture->headers[capture->header_count++] = header;
	return 0;
}

static int add_given_headers(struct capture *capture, const struct options *options,
			     struct hp_err *err)
{
	size_t count;
	const char *const *lines = options_texts(options, OPT_HEADER, &count);

	for (size_t i = 0; i < count; i++) {
		struct http1_header header;

		if (!scheme_split_line(hp_view_of(lines[i]), &header))
			return hp_err_set(err, HP_EUSAGE,
					  "--header: want 'Name: value', found '%s'", lines[i]);
		if (add_header(capture, header, err) < 0)
			return -1;
	}
	return 0;
}

/* Takes a line from the front, without its line end. */
static struct hp_view take_line(struct hp_view *rest)
{
	const char *end = memchr(rest->at, '\n', rest->bytes);
	struct hp_view line = {rest->at, end ? (size_t)(end - rest->at) : rest->bytes};
	size_t taken = line.bytes + (end != NULL);

	rest->at += taken;
	rest->bytes -= taken;
	if (line.bytes && line.at[line.bytes - 1] == '\r')
		line.bytes--;
	return line;
}

static bool is_request_line(struct hp_view line)
{
	return line.bytes && memmem(line.at, line.bytes, " HTTP/", strlen(" HTTP/"));
}

static int add_file_headers(struct capture *capture, const char *path, struct hp_err *err)
{
	struct hp_view rest, line;

	if (!path)
		return 0;
	if (hp_json_slurp(path, &capture->file, err) < 0)
		return -1;
	rest = hp_buf_view(&capture->file);
	for (unsigned number = 1; rest.bytes; number++) {
		struct http1_header header;

		line = take_line(&rest);
		if (!line.bytes)
			return 0;
		if (number == 1 && is_request_line(line))
			continue;
		if (!scheme_split_line(line, &header))
			return hp_err_set(err, HP_EINPUT, "%s:%u: want 'Name: value'", path,
					  number);
		if (add_header(capture, header, err) < 0)
			return -1;
	}
	return 0;
}

static const struct scheme *scheme_of(const struct capture *capture)
{
	return &capture->signing->profile.scheme;
}

static bool begins_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Whether a text is a digest alone: it lacks the profile's parts and tag, and the tag of any other
 * scheme, which would end with '=' or ',' and have something behind it. */
static bool is_bare(const struct scheme_value *value, const char *text)
{
	size_t bytes = strcspn(text, "=,");

	bytes += strspn(text + bytes, "="); /* base64's padding */
	return !text[bytes] && !(*value->name && begins_with(text, value->name));
}

/* Adds a header that the user gives by an option of its own; none without a text or a name. */
static int add_named(struct capture *capture, const char *name, const char *text,
		     struct hp_err *err)
{
	if (!text || !*name)
		return 0;
	return add_header(capture, (struct http1_header){hp_view_of(name), hp_view_of(text)}, err);
}

/* The signature header of --signature; a bare digest gets what the profile writes around it. */
static int add_signature(struct capture *capture, const struct options *options, struct hp_err *err)
{
	const struct scheme_value *value = &scheme_of(capture)->value;
	const struct scheme_family *family = &scheme_of(capture)->families[0];
	const char *text = options_text(options, OPT_SIGNATURE, NULL);
	const char *timestamp = options_text(options, OPT_TIMESTAMP, NULL);

	if (add_named(capture, family->timestamp, timestamp, err) < 0 ||
	    add_named(capture, family->id, options_text(options, OPT_MESSAGE_ID, NULL), err) < 0)
		return -1;
	if (!text)
		return 0;
	if (is_bare(value, text) && *value->time_name && timestamp)
		hp_buf_add_format(&capture->value, "%s%s%c", value->time_name, timestamp,
				  value->separator);
	if (is_bare(value, text))
		hp_buf_add_text(&capture->value, value->name);
	hp_buf_add_text(&capture->value, text);
	return add_named(capture, family->signature, hp_buf_text(&capture->value), err);
}

static int read_headers(struct capture *capture, const struct options *options, struct hp_err *err)
{
	if (add_given_headers(capture, options, err) < 0 ||
	    add_file_headers(capture, options_text(options, OPT_HEADERS, NULL), err) < 0 ||
	    add_signature(capture, options, err) < 0)
		return -1;
	return 0;
}

/* -- the case -- */

static size_t view_secrets(const struct secrets *secrets, struct hp_view *views)
{
	for (size_t i = 0; i < secrets->count; i++)
		views[i] = hp_secret_view(secrets->at[i]);
	return secrets->count;
}

static const char *first_text(const struct options *options, enum option_id id)
{
	size_t count;
	const char *const *texts = options_texts(options, id, &count);

	return count ? texts[0] : NULL;
}

/* The request's own time, so that a capture of yesterday is not just stale; else now. */
static uint64_t default_at_s(const struct forensics_case *given)
{
	uint64_t number = 0;

	for (size_t i = 0; i < given->timestamp.bytes; i++) {
		if (given->timestamp.at[i] < '0' || given->timestamp.at[i] > '9' || i == 13)
			return clock_wall_ns() / HP_S_NS;
		number = number * 10 + (uint64_t)(given->timestamp.at[i] - '0');
	}
	if (!given->timestamp.bytes)
		return clock_wall_ns() / HP_S_NS;
	return given->profile->scheme.unit == SCHEME_MILLISECONDS ? number / 1000 : number;
}

static int fill_case(struct capture *capture, const struct options *options, struct hp_err *err)
{
	capture->given = (struct forensics_case){
		.profile = &capture->signing->profile,
		.secret = hp_secret_view(capture->current.at[0]),
		.secret_name = first_text(options, OPT_SECRET_ENV),
		.old = capture->old_views,
		.old_count = view_secrets(&capture->old, capture->old_views),
		.others = capture->other_views,
		.other_count = view_secrets(&capture->others, capture->other_views),
		.body = hp_buf_view(&capture->signing->body),
		.url = hp_view_of(options_text(options, OPT_URL, "")),
		.headers = capture->headers,
		.header_count = capture->header_count,
	};
	if (!forensics_read(&capture->given))
		return hp_err_set(err, HP_EUSAGE,
				  "which signature? --signature VALUE, or --header '%s: value'",
				  scheme_of(capture)->families[0].signature);
	capture->given.at_s = options_integer(options, OPT_AT, default_at_s(&capture->given));
	return 0;
}

static int capture_read(struct capture *capture, const struct options *options, struct hp_err *err)
{
	hp_buf_init(&capture->file, HEADERS_BYTES_MAX);
	hp_buf_init(&capture->value, VALUE_BYTES_MAX);
	capture->signing = signing_new(options, err);
	if (!capture->signing || secrets_read(&capture->current, options, err) < 0 ||
	    secrets_read_variables(&capture->old, options, OPT_OLD_SECRET_ENV, err) < 0 ||
	    secrets_read_variables(&capture->others, options, OPT_OTHER_SECRET_ENV, err) < 0 ||
	    read_headers(capture, options, err) < 0)
		return -1;
	return fill_case(capture, options, err);
}

static void capture_fini(struct capture *capture)
{
	signing_free(capture->signing);
	secrets_fini(&capture->current);
	secrets_fini(&capture->old);
	secrets_fini(&capture->others);
	hp_buf_fini(&capture->file);
	hp_buf_fini(&capture->value);
}

static int explain(const struct capture *capture, const struct options *options, struct hp_err *err)
{
	const struct scheme_received received = {
		.headers = capture->headers,
		.header_count = capture->header_count,
		.body = capture->given.body,
		.url = capture->given.url,
		.at_s = capture->given.at_s,
	};
	struct forensics_result result;
	struct explanation explanation = {
		.profile = capture->signing->profile.name,
		.at_s = capture->given.at_s,
		.result = &result,
	};

	explanation.verdict =
		scheme_verify(scheme_of(capture), signing_keys(capture->signing), &received);
	if (explanation.verdict != SCHEME_VALID &&
	    forensics_search(&capture->given, &result, err) < 0)
		return -1;
	if (options_given(options, OPT_JSON))
		explain_text_json(&explanation);
	else
		explain_text_print(&explanation);
	return explanation.verdict == SCHEME_VALID ? 0 : 1;
}

static int run_explain(const struct options *options, struct hp_err *err)
{
	struct capture *capture = hp_xcalloc(1, sizeof(*capture));
	int exit = capture_read(capture, options, err);

	if (exit == 0)
		exit = explain(capture, options, err);
	capture_fini(capture);
	free(capture);
	return exit;
}

static const unsigned char takes[] = {
	OPT_BODY,
	OPT_SIGNATURE,
	OPT_HEADER,
	OPT_HEADERS,
	OPT_PROFILE,
	OPT_SET,
	OPT_SECRET_ENV,
	OPT_SECRET_FILE,
	OPT_SECRET,
	OPT_OLD_SECRET_ENV,
	OPT_OTHER_SECRET_ENV,
	OPT_TIMESTAMP,
	OPT_MESSAGE_ID,
	OPT_URL,
	OPT_AT,
	OPT_JSON,
	OPT_END,
};

const struct command cmd_explain = {
	.name = "explain",
	.words = "",
	.summary = "say what a wrong signature was made from",
	.details =
		"Verifies a captured request first. A signature that is not valid is compared with "
		"what 121 known mistakes make of the same delivery, alone and in pairs: another "
		"encoding, a key that was read wrongly, a body that was parsed and printed again, "
		"another hash, another content. All that give these bytes are named, with what to "
		"do about it.\n"
		"The body is the exact bytes that arrived, at most 1 MiB. Without --at the request "
		"is judged at its own timestamp. Exit 0 when it is valid, 1 otherwise.\n",
	.examples =
		"  hookproof explain --secret-env HOOK_SECRET --body event.json \\\n"
		"    --signature 871fdf3310c1e54fc43f4412f372bd95...\n"
		"  hookproof explain --profile stripe --secret-env HOOK_SECRET --body event.json "
		"\\\n"
		"    --header 'Stripe-Signature: "
		"t=1700000000,v1=5257a869e7ecebeda32affa62cdca3f...'\n"
		"  hookproof explain --profile standard-webhooks --secret-env HOOK_SECRET \\\n"
		"    --old-secret-env LAST_SECRET --headers headers.txt --body - < event.json\n",
	.takes = takes,
	.run = run_explain,
};
