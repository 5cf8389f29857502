/* Answers that tell the sender to come later or to go elsewhere, in each good and bad form.
 * See behaviour.h. */
#include "receivers/rows.h"

#include <time.h>

#include "wire/retry_after.h"

enum { VALUE_BYTES_MAX = 256, LOCATION_BYTES_MAX = 4096 };

/* retry-after */

enum retry_param { RETRY_CODE, RETRY_SECONDS, RETRY_BODY, RETRY_VALUE };

struct retry_when {
	uint64_t seconds; /* from now */
	struct tm date;   /* the first whole second at which they have passed */
};

static const char *const days[] = {
	"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
};
static const char *const months[] = {
	"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
};

static void put_seconds(struct hp_buf *out, const struct retry_when *when)
{
	hp_buf_add_format(out, "%ju", (uintmax_t)when->seconds);
}

/* The three forms of a date that a recipient must understand (RFC 9110 5.6.7). */
static void put_date(struct hp_buf *out, const struct retry_when *when)
{
	const struct tm *date = &when->date;

	hp_buf_add_format(out, "%.3s, %02d %s %d %02d:%02d:%02d GMT", days[date->tm_wday],
			  date->tm_mday, months[date->tm_mon], date->tm_year + 1900, date->tm_hour,
			  date->tm_min, date->tm_sec);
}

static void put_rfc850(struct hp_buf *out, const struct retry_when *when)
{
	const struct tm *date = &when->date;

	hp_buf_add_format(out, "%s, %02d-%s-%02d %02d:%02d:%02d GMT", days[date->tm_wday],
			  date->tm_mday, months[date->tm_mon], date->tm_year % 100, date->tm_hour,
			  date->tm_min, date->tm_sec);
}

static void put_asctime(struct hp_buf *out, const struct retry_when *when)
{
	const struct tm *date = &when->date;

	hp_buf_add_format(out, "%.3s %s %2d %02d:%02d:%02d %d", days[date->tm_wday],
			  months[date->tm_mon], date->tm_mday, date->tm_hour, date->tm_min,
			  date->tm_sec, date->tm_year + 1900);
}

struct retry_form {
	const char *before;
	void (*put)(struct hp_buf *out, const struct retry_when *when); /* NULL: nothing */
	const char *after;
	bool dated;
};

enum retry_value {
	RETRY_PLAIN, RETRY_DATE, RETRY_RFC850, RETRY_ASCTIME, RETRY_PAST, RETRY_ZERO,
	RETRY_NEGATIVE, RETRY_HUGE, RETRY_FRACTION, RETRY_SIGNED, RETRY_GARBAGE, RETRY_EMPTY,
	RETRY_TWO,
};

static const char *const retry_words[] = {
	[RETRY_PLAIN] = "seconds", [RETRY_DATE] = "date", [RETRY_RFC850] = "date-rfc850",
	[RETRY_ASCTIME] = "date-asctime", [RETRY_PAST] = "past", [RETRY_ZERO] = "zero",
	[RETRY_NEGATIVE] = "negative", [RETRY_HUGE] = "huge", [RETRY_FRACTION] = "fraction",
	[RETRY_SIGNED] = "signed", [RETRY_GARBAGE] = "garbage", [RETRY_EMPTY] = "empty",
	[RETRY_TWO] = "two", NULL,
};

static const struct retry_form retry_forms[] = {
	[RETRY_PLAIN] = {"", put_seconds, "", false},
	[RETRY_DATE] = {"", put_date, "", true},
	[RETRY_RFC850] = {"", put_rfc850, "", true},
	[RETRY_ASCTIME] = {"", put_asctime, "", true},
	[RETRY_PAST] = {"Sun, 06 Nov 1994 08:49:37 GMT", NULL, "", false},
	[RETRY_ZERO] = {"0", NULL, "", false},
	[RETRY_NEGATIVE] = {"-", put_seconds, "", false},
	[RETRY_HUGE] = {"1000000000000", NULL, "", false},
	[RETRY_FRACTION] = {"", put_seconds, ".5", false},
	[RETRY_SIGNED] = {"+", put_seconds, "", false},
	[RETRY_GARBAGE] = {"soon", NULL, "", false},
	[RETRY_EMPTY] = {"", NULL, "", false},
	[RETRY_TWO] = {"", put_seconds, "\r\nRetry-After: 86400", false},
};

static struct retry_when when_of(const struct retry_form *form, uint64_t seconds, uint64_t wall_ns)
{
	struct retry_when when = {.seconds = seconds};

	if (form->dated) {
		time_t at_s = (time_t)(wall_ns / HP_S_NS + (wall_ns % HP_S_NS != 0) + seconds);
		gmtime_r(&at_s, &when.date);
	}
	return when;
}

static void play_retry(const struct behaviour_part *part, const struct behaviour_request *request,
		       struct script *out)
{
	const struct retry_form *form = &retry_forms[part->values[RETRY_VALUE]];
	struct retry_when when = when_of(form, part->values[RETRY_SECONDS], request->wall_ns);
	struct hp_buf lines;

	hp_buf_init(&lines, VALUE_BYTES_MAX);
	hp_buf_add_format(&lines, "Retry-After: %s", form->before);
	if (form->put != NULL)
		form->put(&lines, &when);
	hp_buf_add_format(&lines, "%s\r\n", form->after);
	assert(!lines.cut);
	script_answer(out, &(struct script_answer){
		.status = (int)part->values[RETRY_CODE],
		.headers = hp_buf_text(&lines),
		.body = hp_view_of(behaviour_text(part, RETRY_BODY)),
		.closing = request->closing,
	});
	hp_buf_fini(&lines);
}

static int check_retry(const struct behaviour_part *part, struct hp_err *err)
{
	if (retry_forms[part->values[RETRY_VALUE]].dated &&
	    part->values[RETRY_SECONDS] > RETRY_AFTER_SECONDS_MAX)
		return hp_err_set(err, HP_EINPUT, "\"retry_after\": want at most %ju with a date",
				  (uintmax_t)RETRY_AFTER_SECONDS_MAX);
	return 0;
}

/* redirect */

enum redirect_param { REDIRECT_CODE, REDIRECT_TO };

enum redirect_to {
	REDIRECT_CANARY, REDIRECT_SAME, REDIRECT_OTHER_HOST, REDIRECT_PRIVATE, REDIRECT_LOOP,
	REDIRECT_DOWNGRADE, REDIRECT_NONE,
};

static const char *const redirect_words[] = {
	[REDIRECT_CANARY] = "canary", [REDIRECT_SAME] = "same",
	[REDIRECT_OTHER_HOST] = "other-host", [REDIRECT_PRIVATE] = "private",
	[REDIRECT_LOOP] = "loop", [REDIRECT_DOWNGRADE] = "downgrade",
	[REDIRECT_NONE] = "none", NULL,
};

struct place { /* an URL: "http", "127.0.0.1", ":8080", "/hooks"; all may be empty */
	struct hp_view scheme, host, port, path;
};

static struct hp_view cut(struct hp_view *from, size_t bytes)
{
	struct hp_view front = {from->at, bytes};

	*from = (struct hp_view){from->at + bytes, from->bytes - bytes};
	return front;
}

static struct place place_of(const char *url)
{
	const char *colon = strstr(url, "://");
	struct hp_view rest = hp_view_of(url);
	struct place place = {.path = {url, 0}};

	if (colon != NULL) {
		place.scheme = cut(&rest, (size_t)(colon - url));
		cut(&rest, strlen("://"));
		place.host = cut(&rest, strcspn(rest.at, *rest.at == '[' ? "]" : ":/?#"));
		if (*rest.at == ']') {
			place.host.bytes++;
			cut(&rest, 1);
		}
		place.port = cut(&rest, strcspn(rest.at, "/?#"));
	}
	place.path = cut(&rest, strcspn(rest.at, "?#"));
	while (place.path.bytes != 0 && place.path.at[place.path.bytes - 1] == '/')
		place.path.bytes--;
	return place;
}

/* Another name of the loopback, where a receiver on this machine sees a sender that follows. */
static struct hp_view other_host(struct hp_view host)
{
	return hp_view_equal_nocase(host, HP_LITERAL("localhost")) ? HP_LITERAL("127.0.0.1")
								   : HP_LITERAL("localhost");
}

/* "http://127.0.0.1:8080/hooks/canary"; without a scheme or a host "/hooks/canary". */
static void put_canary(struct hp_buf *out, const struct place *place)
{
	if (place->scheme.bytes != 0 && place->host.bytes != 0) {
		hp_buf_add(out, place->scheme);
		hp_buf_add_text(out, "://");
		hp_buf_add(out, place->host);
		hp_buf_add(out, place->port);
	}
	hp_buf_add(out, place->path);
	hp_buf_add_text(out, "/canary");
}

static void put_location(struct hp_buf *out, enum redirect_to to, const char *url)
{
	struct place place = place_of(url);

	switch (to) {
	case REDIRECT_CANARY:
	case REDIRECT_NONE:
		break;
	case REDIRECT_SAME:
		place.scheme.bytes = 0;
		break;
	case REDIRECT_OTHER_HOST:
		place.host = other_host(place.host);
		break;
	case REDIRECT_PRIVATE: /* the loopback, spelt so that a filter on text lets it pass */
		place.host = HP_LITERAL("[::ffff:127.0.0.1]");
		break;
	case REDIRECT_LOOP:
		hp_buf_add_text(out, url);
		return;
	case REDIRECT_DOWNGRADE:
		place.scheme = HP_LITERAL("http");
		break;
	}
	put_canary(out, &place);
}

static void play_redirect(const struct behaviour_part *part,
			  const struct behaviour_request *request, struct script *out)
{
	enum redirect_to to = (enum redirect_to)part->values[REDIRECT_TO];
	struct hp_buf lines;

	hp_buf_init(&lines, LOCATION_BYTES_MAX);
	if (to != REDIRECT_NONE) {
		hp_buf_add_text(&lines, "Location: ");
		put_location(&lines, to, request->url != NULL ? request->url : "");
		hp_buf_add_text(&lines, "\r\n");
	}
	assert(!lines.cut);
	script_answer(out, &(struct script_answer){
		.status = (int)part->values[REDIRECT_CODE],
		.headers = hp_buf_text(&lines),
		.closing = request->closing,
	});
	hp_buf_fini(&lines);
}

const struct behaviour_row rows_again[] = {
	{
		.number = 2, .slug = "retry-after", .layer = BEHAVIOUR_HTTP, .varies = true,
		.help = "answers 429 and says with Retry-After, rightly or wrongly, when to come "
			"again; no effect",
		.proof = "the peer's kernel acknowledged the whole answer",
		.params = {
			[RETRY_CODE] = {"code", BEHAVIOUR_STATUS, 429, 200, 999,
					.help = "the status answered"},
			[RETRY_SECONDS] = {"retry_after", BEHAVIOUR_SECONDS, 1, 0,
					   ROWS_RETRY_AFTER_S_MAX, .help = "how long to wait"},
			[RETRY_BODY] = {"body", BEHAVIOUR_TEXT,
					.help = "the answer's body, as it stands"},
			[RETRY_VALUE] = {"value", BEHAVIOUR_WORD, RETRY_PLAIN, RETRY_PLAIN,
					 RETRY_TWO, .words = retry_words,
					 .help = "as asked in four forms, or wrongly"},
		},
		.play = play_retry,
		.check = check_retry,
	},
	{
		.number = 26, .slug = "redirect", .layer = BEHAVIOUR_HTTP, .varies = true,
		.help = "answers with a redirect; a sender that follows it comes to the receiver's "
			"path with /canary behind it",
		.proof = "the peer's kernel acknowledged the whole answer; requests at the canary",
		.params = {
			[REDIRECT_CODE] = {"code", BEHAVIOUR_STATUS, 302, 300, 308,
					   .help = "the status, 3xx"},
			[REDIRECT_TO] = {"to", BEHAVIOUR_WORD, REDIRECT_CANARY, REDIRECT_CANARY,
					 REDIRECT_NONE, .words = redirect_words,
					 .help = "where: by URL, by path on the same host, another "
						 "name of the loopback, its mapped address, the "
						 "receiver itself, plain http, or no Location"},
		},
		.play = play_redirect,
	},
	{.number = 0},
};
