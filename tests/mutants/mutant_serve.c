#include "tests/mutants/mutant_serve.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "tests/mutants/mutant_act.h"
#include "tests/mutants/mutant_defects.h"
#include "tests/mutants/mutant_event.h"
#include "tests/mutants/mutant_http.h"
#include "tests/mutants/mutant_store.h"
#include "tests/mutants/mutant_verify.h"

#define LOGIN_PAGE "<html><form>login</form></html>\n"

struct visit {
	struct mutant *mutant;
	struct http_conn *conn;
	struct http_request request;
	bool trusted; /* the first request of this connection was genuine */
	bool over;    /* no further request is read */
};

/* Copies a header with control characters into the answer, as it came. */
static void reflect(const struct http_request *r, struct bytes *headers)
{
	for (size_t i = 0; i < r->header_count; i++) {
		struct view value = r->headers[i].value;

		if (memchr(value.at, '\r', value.bytes) || memchr(value.at, '\n', value.bytes)) {
			bytes_add_text(headers, "X-Seen: ");
			bytes_add_view(headers, value);
			bytes_add_text(headers, "\r\n");
		}
	}
}

static bool say(struct visit *v, struct http_answer answer)
{
	struct bytes headers = {.max = 2 * HTTP_HEAD_BYTES_MAX};
	bool said;

	bytes_add_text(&headers, answer.headers ? answer.headers : "");
	if (defect_is(DEFECT_REFLECTS_HEADER))
		reflect(&v->request, &headers);
	answer.headers = bytes_text(&headers);
	answer.date_s = mutant_now_s(v->mutant);
	answer.close = answer.close || v->over;
	answer.no_body = v->request.method && strcmp(v->request.method, "HEAD") == 0;
	said = http_say(v->conn, &answer);
	v->over = v->over || !said;
	bytes_free(&headers);
	return said;
}

static void say_status(struct visit *v, int status, const char *body)
{
	say(v, (struct http_answer){.status = status, .body = body});
}

static void say_number(struct visit *v, unsigned number)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	say_status(v, 200, text);
}

/* Refuses a request that is not the sender's. */
static void refuse(struct visit *v, enum verify_answer why, const char *said)
{
	if (defect_is(DEFECT_ANSWERS_200_ON_REJECT))
		say_status(v, 200, "ignored\n");
	else if (defect_is(DEFECT_ANSWERS_500_ON_REJECT) || why == VERIFY_THROWS)
		say_status(v, 500, "internal error\n");
	else
		say_status(v, 401, said);
	if (defect_is(DEFECT_UNREAD_BODY))
		http_unread(v->conn, bytes_view(&v->request.body));
}

static bool begins(const struct http_header *header, const char *with)
{
	return header && header->value.bytes >= strlen(with) &&
	       strncasecmp(header->value.at, with, strlen(with)) == 0;
}

/* Looks at the headers that do not sign. 0, or the status with which the request is refused. */
static int check_headers(const struct http_request *r)
{
	const struct http_header *type = http_find(r, "Content-Type", NULL);
	const struct http_header *encoding = http_find(r, "Content-Encoding", NULL);

	if (defect_is(DEFECT_ONE_MEDIA_TYPE) && !begins(type, "application/json"))
		return 500;
	if (defect_is(DEFECT_EXACT_CONTENT_TYPE) && begins(type, "application/json") &&
	    type->value.bytes != strlen("application/json"))
		return 415;
	if (encoding && !begins(encoding, "identity"))
		return defect_is(DEFECT_IGNORES_ENCODING) ? 500 : 415;
	if (defect_is(DEFECT_TRUSTS_USER_AGENT) && !begins(http_find(r, "User-Agent", NULL), "PCB"))
		return 403;
	if (defect_is(DEFECT_CSRF) && !http_find(r, "Cookie", NULL))
		return 403;
	return 0;
}

static enum verify_answer verify(struct visit *v, struct bytes *said)
{
	enum verify_answer answer;

	if (defect_is(DEFECT_STICKY_VERDICT) && v->trusted)
		return VERIFY_GOOD;
	answer = verify_request(v->mutant, &v->request, said);
	v->trusted = answer == VERIFY_GOOD;
	return answer;
}

static bool looks_early(void)
{
	return defect_is(DEFECT_EFFECT_BEFORE_VERIFY) || defect_is(DEFECT_RECORD_BEFORE_VERIFY) ||
	       defect_is(DEFECT_KNOWN_BEFORE_AGE);
}

/* A receiver that reads the body before it knows from whom it comes. True: it answers at once. */
static bool look_early(struct visit *v, struct act *act)
{
	bool knows = false;

	if (!looks_early())
		return false;
	if (event_parse(v->mutant, &v->request, act->event) == 0) {
		act_early(act);
		knows = defect_is(DEFECT_KNOWN_BEFORE_AGE) && act_knows_signature(act);
	}
	event_fini(act->event);
	return knows;
}

/* A receiver that records the message id before it reads the body. */
static void record_message_id(struct visit *v, struct act *act)
{
	const char *name = v->mutant->profile->message_id;
	const struct http_header *id = name ? http_find(&v->request, name, NULL) : NULL;
	struct bytes key = {.max = EVENT_WORD_BYTES_MAX};

	if (!id || !defect_is(DEFECT_RECORD_BEFORE_PARSE))
		return;
	bytes_add_view(&key, id->value);
	act->marked = store_mark(v->mutant->store, bytes_text(&key), mutant_now_s(v->mutant), 0);
	bytes_free(&key);
}

static void accept(struct visit *v, struct act *act)
{
	int refusal;
	bool answered;

	record_message_id(v, act);
	refusal = event_parse(v->mutant, &v->request, act->event);
	if (refusal == 0 && !act->event->known && defect_is(DEFECT_UNKNOWN_EVENT_THROWS))
		refusal = 500;
	if (refusal != 0) {
		say_status(v, refusal, "not an event\n");
		return;
	}
	act_now(act);
	if (defect_is(DEFECT_ECHOES_BODY))
		answered = say(v, (struct http_answer){.status = 200,
						       .body = bytes_text(&v->request.body)});
	else
		answered = say(v, (struct http_answer){.status = 204});
	act_late(act, answered);
}

static void handle_hook(struct visit *v)
{
	struct mutant_event event;
	struct act act = {.mutant = v->mutant, .conn = v->conn, .event = &event,
			  .signature = verify_signature(v->mutant, &v->request)};
	struct bytes said = {.max = 1024};
	enum verify_answer answer;
	int refusal = check_headers(&v->request);

	if (refusal != 0) {
		say_status(v, refusal, refusal == 403 ? LOGIN_PAGE : "no\n");
		return;
	}
	act_work(act.signature.bytes == 0);
	event_init(&event);
	answer = look_early(v, &act) ? VERIFY_GOOD : verify(v, &said);
	if (answer == VERIFY_GOOD)
		accept(v, &act);
	else
		refuse(v, answer, bytes_text(&said));
	event_fini(&event);
	bytes_free(&said);
}

/* The value of the query's one parameter, decoded. */
static const char *parameter(const struct http_request *r, struct bytes *to)
{
	const char *equals = strchr(r->target, '=');

	bytes_add_unescaped(to, view_of(equals ? equals + 1 : NULL));
	return bytes_text(to);
}

static void handle_effects(struct visit *v)
{
	struct bytes key = {.max = 512};

	say_number(v, store_effects(v->mutant->store, parameter(&v->request, &key)));
	bytes_free(&key);
}

static void handle_state(struct visit *v)
{
	struct bytes key = {.max = 512};
	char state[32];

	bytes_add_text(&key, "state ");
	store_state(v->mutant->store, parameter(&v->request, &key), state);
	say_status(v, 200, state);
	bytes_free(&key);
}

static void handle_clock(struct visit *v)
{
	struct bytes shift = {.max = 32};

	v->mutant->clock_shift_s += strtoll(parameter(&v->request, &shift), NULL, 10);
	say_status(v, 204, NULL);
	bytes_free(&shift);
}

static void handle_rotate(struct visit *v)
{
	v->mutant->overlap_over = true;
	say_status(v, 204, NULL);
}

static void handle_restart(struct visit *v)
{
	mutant_restart(v->mutant, http_fd(v->conn));
	say_status(v, 500, "cannot start again\n");
}

static const struct {
	const char *path;
	void (*handle)(struct visit *v);
	bool read_only;
} routes[] = {
	{"/hook", handle_hook, false},       {"/effects", handle_effects, true},
	{"/state", handle_state, true},      {"/clock", handle_clock, true},
	{"/rotate", handle_rotate, true},    {"/restart", handle_restart, true},
};

static void redirect(struct visit *v)
{
	say(v, (struct http_answer){.status = 301, .headers = "Location: /hook/\r\n"});
}

static void route(struct visit *v)
{
	size_t i = 0, count = sizeof(routes) / sizeof(*routes);
	struct view path = {v->request.target, strcspn(v->request.target, "?")};
	bool post = strcmp(v->request.method, "POST") == 0;

	if (defect_is(DEFECT_REDIRECTS) && view_is(path, "/hook")) {
		redirect(v);
		return;
	}
	if (defect_is(DEFECT_REDIRECTS) && view_is(path, "/hook/"))
		path.bytes--;
	while (i < count && !view_is(path, routes[i].path))
		i++;
	if (i == count)
		say_status(v, 404, "not found\n");
	else if (!routes[i].read_only && !post && !defect_is(DEFECT_ANY_METHOD))
		say_status(v, 405, "post it\n");
	else
		routes[i].handle(v);
}

static bool wants_close(const struct http_request *r)
{
	return begins(http_find(r, "Connection", NULL), "close");
}

static void visit_once(struct visit *v)
{
	switch (http_read(v->conn, &v->request)) {
	case HTTP_REQUEST:
		v->over = wants_close(&v->request);
		route(v);
		break;
	case HTTP_REFUSED:
		v->over = true;
		say_status(v, v->request.refusal, "not HTTP as it should be\n");
		break;
	case HTTP_CUT:
		act_on_half(v->mutant, bytes_view(&v->request.body));
		v->over = true;
		break;
	case HTTP_GONE:
		v->over = true;
	}
	http_request_fini(&v->request);
}

void serve_connection(struct mutant *mutant, int fd)
{
	struct visit *v = calloc(1, sizeof(*v));

	if (!v)
		abort();
	v->mutant = mutant;
	v->conn = http_open(fd);
	while (!v->over)
		visit_once(v);
	http_close(v->conn);
	free(v);
}
