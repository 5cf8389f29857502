/* hookproof sign: the header lines that a sender would put on one body. */
#include <inttypes.h>

#include "base/json_write.h"
#include "base/random.h"
#include "base/span.h"
#include "cli/command.h"
#include "cli/signing.h"
#include "net/clock.h"

enum { MADE_BYTES = 40, PRINTED_BYTES_MAX = 32 * 1024 };

struct parts { /* of the message that the user may leave to us */
	char timestamp[MADE_BYTES], id[MADE_BYTES];
	struct scheme_message message;
};

static void make_timestamp(char *out, enum scheme_unit unit)
{
	uint64_t per = unit == SCHEME_SECONDS ? HP_S_NS : HP_MS_NS;

	snprintf(out, MADE_BYTES, "%" PRIu64, clock_wall_ns() / per);
}

/* The id is made from the body, so that the same body is the same message. */
static void make_id(char *out, struct hp_view body)
{
	snprintf(out, MADE_BYTES, "msg_%016" PRIx64, hp_digest(body));
}

static void fill_parts(struct parts *parts, const struct signing *signing,
		       const struct options *options)
{
	make_timestamp(parts->timestamp, signing->profile.scheme.unit);
	make_id(parts->id, hp_buf_view(&signing->body));
	parts->message = (struct scheme_message){
		.body = hp_buf_view(&signing->body),
		.url = hp_view_of(options_text(options, OPT_URL, "")),
		.id = hp_view_of(options_text(options, OPT_MESSAGE_ID, parts->id)),
		.timestamp = hp_view_of(options_text(options, OPT_TIMESTAMP, parts->timestamp)),
	};
}

static bool signs_url(const struct scheme *scheme)
{
	for (unsigned i = 0; i < scheme->content.piece_count; i++) {
		if (scheme->content.pieces[i].slot == SCHEME_URL)
			return true;
	}
	return false;
}

static int sign(const struct signing *signing, const struct parts *parts, struct hp_buf *lines,
		struct hp_err *err)
{
	char out[SCHEME_LINES_BYTES_MAX];
	size_t bytes;

	if (signs_url(&signing->profile.scheme) && parts->message.url.bytes == 0)
		return hp_err_set(err, HP_EUSAGE, "%s signs the endpoint's URL: give it with --url",
				  signing->profile.name);
	for (size_t i = 0; i < signing->key_count; i++) {
		if (!scheme_key_signs(signing->keys[i]))
			return hp_err_set(err, HP_EUSAGE,
					  "a public key only verifies: sign with the "
					  "secret one");
	}
	bytes = scheme_sign(&signing->profile.scheme, signing_keys(signing), &parts->message, out,
			    sizeof(out));
	if (bytes == 0)
		return hp_err_set(err, HP_EUSAGE,
				  "this cannot be signed: --message-id and --timestamp "
				  "are one line of at most 1 KiB together");
	hp_buf_add(lines, (struct hp_view){out, bytes});
	return 0;
}

/* Takes the next "Name: value\r\n" from lines. */
static bool next_line(struct hp_view *lines, struct hp_view *line)
{
	const char *end = memmem(lines->at, lines->bytes, "\r\n", 2);

	if (!end)
		return false;
	*line = (struct hp_view){lines->at, (size_t)(end - lines->at)};
	*lines = (struct hp_view){end + 2, lines->bytes - line->bytes - 2};
	return true;
}

static void print_text(struct hp_view lines)
{
	struct hp_view line;

	while (next_line(&lines, &line)) {
		fwrite(line.at, 1, line.bytes, stdout);
		putchar('\n');
	}
}

static void print_json(const struct signing *signing, struct hp_view lines)
{
	struct hp_json_writer writer;
	struct hp_view line;
	struct hp_buf text;

	hp_buf_init(&text, PRINTED_BYTES_MAX);
	hp_json_write_init(&writer, &text, 0);
	hp_json_write_object(&writer);
	hp_json_write_key(&writer, "profile");
	hp_json_write_text(&writer, signing->profile.name);
	hp_json_write_key(&writer, "headers");
	hp_json_write_array(&writer);
	while (next_line(&lines, &line))
		hp_json_write_string(&writer, line);
	hp_json_write_end(&writer);
	hp_json_write_end(&writer);
	puts(hp_buf_text(&text));
	hp_buf_fini(&text);
}

static int run_sign(const struct options *options, struct hp_err *err)
{
	struct signing *signing = signing_new(options, err);
	struct parts parts;
	struct hp_buf lines;
	int result;

	if (!signing)
		return -1;
	hp_buf_init(&lines, SCHEME_LINES_BYTES_MAX);
	fill_parts(&parts, signing, options);
	result = sign(signing, &parts, &lines, err);
	if (result == 0 && options_given(options, OPT_JSON))
		print_json(signing, hp_buf_view(&lines));
	else if (result == 0)
		print_text(hp_buf_view(&lines));
	hp_buf_fini(&lines);
	signing_free(signing);
	return result;
}

static const unsigned char takes[] = {
	OPT_BODY,      OPT_PROFILE,    OPT_SET, OPT_SECRET_ENV, OPT_SECRET_FILE, OPT_SECRET,
	OPT_TIMESTAMP, OPT_MESSAGE_ID, OPT_URL, OPT_JSON,       OPT_END,
};

const struct command cmd_sign = {
	.name = "sign",
	.words = "",
	.summary = "sign one body by hand",
	.details =
		"Prints the header lines that the profile's sender would send with these bytes.\n"
		"The body is signed as it is, to the last byte: no JSON is read or written.\n"
		"Several secrets give several signatures, newest first, where the scheme has "
		"lists.\n",
	.examples = "  export HOOK_SECRET=ey7bTCm6tur63CR6mzbuq23r\n"
		    "  hookproof sign --secret-env HOOK_SECRET --body event.json\n"
		    "  printf '{\"id\":\"inv_123456\",\"event\":\"invoice.paid\"}' |\n"
		    "    hookproof sign --profile paisr-v2 --secret-env HOOK_SECRET --timestamp "
		    "1700000000 "
		    "--body -\n",
	.takes = takes,
	.run = run_sign,
};
