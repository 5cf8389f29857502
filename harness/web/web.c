/* The happy path: evhttp reads a request, on_request() checks the token, finds the row, has it
 * answered and replies. evhttp by itself sets no limits and speaks HTML (libevent 2.1): limits are
 * set here, and what it refuses alone (no HTTP, an unknown method, a body beyond its own maximum)
 * still comes as HTML. */
#include "web/web.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <stdlib.h>

#include "base/json_write.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/address.h"
#include "net/loop.h"
#include "web/web_path.h"

enum {
	HEAD_BYTES_MAX = 16 * 1024,
	READ_BYTES_MAX = 1024 * 1024, /* of a body; between this and ours the 413 is JSON */
	IDLE_S = 20,                  /* of a connection that neither asks nor reads */
	BACKLOG = 32,
	PAUSE_MS = 100, /* of accepting when descriptors are missing */
	UNAUTHORIZED = 401, /* libevent has no name for it */
};

struct web {
	struct web_config config;
	struct port_address address;
	struct evhttp *http;
	struct evconnlistener *listener;
	bool bound; /* http owns the listener */
	struct hp_buf part;
	void (*sent)(void *arg); /* of an answer that is on its way */
};

/* ---- answers ---- */

static void write_error(struct web_answer *answer, const char *message, const struct hp_place *at)
{
	struct hp_json_writer writer;

	hp_buf_clear(&answer->json);
	hp_json_write_init(&writer, &answer->json, 0);
	hp_json_write_object(&writer);
	hp_json_write_key(&writer, "error");
	hp_json_write_object(&writer);
	hp_json_write_key(&writer, "status");
	hp_json_write_u64(&writer, (uint64_t)answer->status);
	hp_json_write_key(&writer, "message");
	hp_json_write_text(&writer, message);
	if (at && at->line) {
		hp_json_write_key(&writer, "line");
		hp_json_write_u64(&writer, at->line);
		hp_json_write_key(&writer, "column");
		hp_json_write_u64(&writer, at->column);
	}
	hp_json_write_end(&writer);
	hp_json_write_end(&writer);
}

void web_refuse(struct web_answer *answer, int status, const char *format, ...)
{
	char message[HP_ERR_MSG_BYTES];
	va_list list;

	va_start(list, format);
	vsnprintf(message, sizeof(message), format, list);
	va_end(list);
	answer->status = status;
	write_error(answer, message, NULL);
}

void web_refuse_document(struct web_answer *answer, const struct hp_err *err)
{
	answer->status = HTTP_BADREQUEST;
	write_error(answer, err->msg, &err->at);
}

static const char *phrase_of(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} phrases[] = {
		{200, "OK"}, {400, "Bad Request"}, {401, "Unauthorized"}, {404, "Not Found"},
		{405, "Method Not Allowed"}, {409, "Conflict"}, {413, "Content Too Large"},
	};

	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "Unknown";
}

static void on_sent(struct evhttp_request *request, void *arg)
{
	struct web *web = arg;

	(void)request;
	web->sent(web->config.arg);
}

/* The peer left before the answer did: whoever waits is told all the same. */
static void on_left(struct evhttp_connection *conn, void *arg)
{
	(void)conn;
	on_sent(NULL, arg);
}

static void reply(struct web *web, struct evhttp_request *request, struct web_answer *answer)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	struct evbuffer *out = evhttp_request_get_output_buffer(request);

	assert(!answer->json.cut);
	if (answer->sent) {
		web->sent = answer->sent;
		evhttp_request_set_on_complete_cb(request, on_sent, web);
		evhttp_connection_set_closecb(evhttp_request_get_connection(request), on_left, web);
	}
	evhttp_add_header(headers, "Content-Type", "application/json");
	evhttp_add_header(headers, "Cache-Control", "no-store");
	evbuffer_add(out, answer->json.at, answer->json.bytes);
	evbuffer_add(out, "\n", 1);
	evhttp_send_reply(request, answer->status, phrase_of(answer->status), NULL);
}

/* ---- requests ---- */

static const struct {
	enum evhttp_cmd_type type;
	const char *word;
} methods[] = {
	{EVHTTP_REQ_GET, "GET"}, {EVHTTP_REQ_POST, "POST"}, {EVHTTP_REQ_HEAD, "HEAD"},
	{EVHTTP_REQ_PUT, "PUT"}, {EVHTTP_REQ_DELETE, "DELETE"}, {EVHTTP_REQ_OPTIONS, "OPTIONS"},
	{EVHTTP_REQ_PATCH, "PATCH"}, {EVHTTP_REQ_TRACE, "TRACE"},
};
enum { METHOD_COUNT = sizeof(methods) / sizeof(methods[0]) };

static const char *method_of(struct evhttp_request *request)
{
	for (size_t i = 0; i < METHOD_COUNT; i++)
		if (evhttp_request_get_command(request) == methods[i].type)
			return methods[i].word;
	return "";
}

/* In a time that depends on the length of what was shown alone. */
static bool is_token(const struct web *web, struct hp_view shown)
{
	struct hp_view token = hp_secret_view(web->config.token);
	unsigned differs = shown.bytes != token.bytes;

	for (size_t i = 0; i < shown.bytes; i++)
		differs |= (unsigned)(shown.at[i] ^ token.at[i % token.bytes]);
	return differs == 0;
}

static bool is_allowed(const struct web *web, struct evhttp_request *request)
{
	static const char scheme[] = "bearer ";
	const char *value = evhttp_find_header(evhttp_request_get_input_headers(request),
					       "Authorization");

	if (!value || strncasecmp(value, scheme, sizeof(scheme) - 1) != 0)
		return false;
	return is_token(web, hp_view_trim(hp_view_of(value + sizeof(scheme) - 1)));
}

/* The row of a path and method; else NULL and a refusal. */
static const struct web_route *find(struct web *web, struct evhttp_request *request,
				    struct web_answer *answer)
{
	const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request));
	const char *method = method_of(request), *other = NULL;

	for (const struct web_route *route = web->config.routes; route->method; route++) {
		enum web_path_result result =
			web_path_match(route->path, hp_view_of(path ? path : ""), &web->part);

		if (result == WEB_PATH_BAD) {
			web_refuse(answer, HTTP_BADREQUEST, "the path holds no text");
			return NULL;
		}
		if (result == WEB_PATH_YES && strcmp(route->method, method) == 0)
			return route;
		if (result == WEB_PATH_YES)
			other = route->method;
	}
	if (!other) {
		web_refuse(answer, HTTP_NOTFOUND, "nothing is at this path");
		return NULL;
	}
	evhttp_add_header(evhttp_request_get_output_headers(request), "Allow", other);
	web_refuse(answer, HTTP_BADMETHOD, "this path takes %s", other);
	return NULL;
}

static void answer_route(struct web *web, struct evhttp_request *request,
			 struct web_answer *answer)
{
	struct evbuffer *body = evhttp_request_get_input_buffer(request);
	const char *query = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(request));
	const struct web_route *route = find(web, request, answer);
	struct web_request asked = {.body.bytes = evbuffer_get_length(body)};

	if (!route)
		return;
	if (asked.body.bytes > WEB_BODY_BYTES_MAX) {
		web_refuse(answer, HTTP_ENTITYTOOLARGE, "at most %d bytes of body",
			   WEB_BODY_BYTES_MAX);
		return;
	}
	asked.part = (struct hp_view){hp_buf_text(&web->part), web->part.bytes};
	asked.query = hp_view_of(query ? query : "");
	asked.body.at = (const char *)evbuffer_pullup(body, -1);
	route->answer(web->config.arg, &asked, answer);
}

static void on_request(struct evhttp_request *request, void *arg)
{
	struct web *web = arg;
	struct web_answer answer = {.status = HTTP_OK};

	hp_buf_init(&answer.json, WEB_ANSWER_BYTES_MAX);
	if (is_allowed(web, request)) {
		answer_route(web, request, &answer);
	} else {
		evhttp_add_header(evhttp_request_get_output_headers(request), "WWW-Authenticate",
				  "Bearer");
		web_refuse(&answer, UNAUTHORIZED, "want Authorization: Bearer TOKEN, the one "
			   "that was printed at the start");
	}
	reply(web, request, &answer);
	hp_buf_fini(&answer.json);
}

/* ---- life ---- */

static void on_library_log(int severity, const char *message)
{
	(void)severity;
	hp_log_debug("libevent: %s", message);
}

static void on_resume(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	evconnlistener_enable(arg);
}

/* Level-triggered: without a pause the loop would spin. evhttp has put its own arg here. */
static void on_accept_error(struct evconnlistener *listener, void *arg)
{
	struct timeval pause = {.tv_usec = PAUSE_MS * 1000};

	(void)arg;
	evconnlistener_disable(listener);
	event_base_once(evconnlistener_get_base(listener), -1, EV_TIMEOUT, on_resume, listener,
			&pause);
}

static int listen_at(struct web *web, struct hp_err *err)
{
	struct sockaddr_storage storage;
	socklen_t bytes = address_sockaddr(&web->config.listen, &storage);

	if (!address_is_loopback(&web->config.listen))
		return hp_err_set(err, HP_EUSAGE, "want an address of this machine alone, like "
				  "127.0.0.1:0");
	web->listener = evconnlistener_new_bind(
		web->config.loop->base, NULL, NULL,
		LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE, BACKLOG,
		(struct sockaddr *)&storage, (int)bytes);
	if (!web->listener)
		return hp_err_set(err, HP_EUSAGE, "cannot listen on port %u: %m; use port 0, or "
				  "one that is free", web->config.listen.number);
	bytes = sizeof(storage);
	getsockname(evconnlistener_get_fd(web->listener), (struct sockaddr *)&storage, &bytes);
	address_from_sockaddr(&storage, &web->address);
	return 0;
}

/* All of them, so that one that no route takes is answered by us. */
static void take_methods(struct web *web)
{
	ev_uint16_t all = 0;

	for (size_t i = 0; i < METHOD_COUNT; i++)
		all |= (ev_uint16_t)methods[i].type;
	evhttp_set_allowed_methods(web->http, all);
}

static int open_http(struct web *web, struct hp_err *err)
{
	web->http = evhttp_new(web->config.loop->base);
	web->bound = web->http && evhttp_bind_listener(web->http, web->listener);
	if (!web->bound)
		return hp_err_set(err, HP_EENV, "no HTTP server: %m");
	evconnlistener_set_error_cb(web->listener, on_accept_error);
	evhttp_set_max_headers_size(web->http, HEAD_BYTES_MAX);
	evhttp_set_max_body_size(web->http, READ_BYTES_MAX);
	evhttp_set_timeout(web->http, IDLE_S);
	evhttp_set_gencb(web->http, on_request, web);
	take_methods(web);
	return 0;
}

struct web *web_new(const struct web_config *config, struct hp_err *err)
{
	struct web *web = hp_xcalloc(1, sizeof(*web));

	assert(hp_secret_view(config->token).bytes > 0);
	event_set_log_callback(on_library_log);
	web->config = *config;
	hp_buf_init(&web->part, WEB_PART_BYTES_MAX);
	if (listen_at(web, err) == 0 && open_http(web, err) == 0)
		return web;
	web_free(web);
	return NULL;
}

void web_free(struct web *web)
{
	if (!web)
		return;
	if (web->http)
		evhttp_free(web->http);
	if (web->listener && !web->bound)
		evconnlistener_free(web->listener);
	hp_buf_fini(&web->part);
	free(web);
}

const struct port_address *web_address(const struct web *web)
{
	return &web->address;
}
