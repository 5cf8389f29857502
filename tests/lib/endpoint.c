#include "tests/lib/endpoint.h"

#include <check.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST_BYTES_MAX = 4 * 1024 * 1024 };

static struct {
	endpoint_answer *answer;
	void *arg;
	pthread_mutex_t lock;
	unsigned requests, connections;
	int fd;
} self = {.lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1};

/* Decodes the body that begins behind the head. True when it is whole; *used: of buf, in all. */
static bool take_body(const struct hp_buf *buf, const struct http1_head *head, struct hp_buf *body,
		      size_t *used)
{
	struct http1_body framing;
	size_t at = head->head_bytes;

	hp_buf_clear(body);
	*used = at;
	if (head->framing == HTTP1_NO_BODY)
		return true;
	http1_body_init(&framing, head);
	for (;;) {
		struct hp_view data;
		size_t taken;
		enum http1_result result =
			http1_body_step(&framing, buf->at + at, buf->bytes - at, &taken, &data);

		hp_buf_add(body, data);
		at += taken;
		*used = at;
		if (result != HTTP1_MORE || at == buf->bytes)
			return result == HTTP1_DONE;
	}
}

static bool put_all(int fd, struct hp_view bytes)
{
	while (bytes.bytes) {
		ssize_t sent = send(fd, bytes.at, bytes.bytes, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		bytes = (struct hp_view){bytes.at + sent, bytes.bytes - (size_t)sent};
	}
	return true;
}

/* Answers one request. False: the connection ends. */
static bool answer_one(int fd, unsigned connection_number, const struct http1_head *head,
		       struct hp_view body)
{
	struct hp_buf out;
	bool goes_on;

	hp_buf_init(&out, REQUEST_BYTES_MAX);
	pthread_mutex_lock(&self.lock);
	self.answer(self.arg,
		    &(struct endpoint_request){head, body, ++self.requests, connection_number},
		    &out);
	pthread_mutex_unlock(&self.lock);
	goes_on = out.bytes && put_all(fd, hp_buf_view(&out)) && head->keep_alive;
	hp_buf_fini(&out);
	return goes_on;
}

static void serve(int fd, unsigned connection_number)
{
	struct hp_buf buf, body;
	struct http1_head head;
	char chunk[16384];
	bool goes_on = true;
	ssize_t bytes;

	hp_buf_init(&buf, REQUEST_BYTES_MAX);
	hp_buf_init(&body, REQUEST_BYTES_MAX);
	while (goes_on && (bytes = recv(fd, chunk, sizeof(chunk), 0)) > 0) {
		size_t used;
		enum http1_result result = HTTP1_MORE;

		hp_buf_add(&buf, (struct hp_view){chunk, (size_t)bytes});
		while (goes_on && buf.bytes &&
		       (result = http1_parse_request(buf.at, buf.bytes, &head)) == HTTP1_DONE &&
		       take_body(&buf, &head, &body, &used)) {
			goes_on = answer_one(fd, connection_number, &head, hp_buf_view(&body));
			hp_buf_drop(&buf, used);
		}
		if (result == HTTP1_BAD || buf.cut) { /* no request, or more than it takes */
			put_all(fd, HP_LITERAL("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n"
					       "Connection: close\r\n\r\n"));
			goes_on = false;
		}
	}
	hp_buf_fini(&buf);
	hp_buf_fini(&body);
	close(fd);
}

struct guest {
	int fd;
	unsigned number;
};

static void *run_guest(void *arg)
{
	struct guest *guest = arg;

	serve(guest->fd, guest->number);
	free(guest);
	return NULL;
}

static void *run(void *arg)
{
	int fd = *(int *)arg, got;

	while ((got = accept(fd, NULL, NULL)) >= 0) {
		struct guest *guest = calloc(1, sizeof(*guest));
		pthread_t thread;

		*guest = (struct guest){got, ++self.connections};
		if (pthread_create(&thread, NULL, run_guest, guest) == 0)
			pthread_detach(thread);
	}
	return NULL;
}

struct port_address endpoint_start(endpoint_answer *answer, void *arg)
{
	struct sockaddr_in name = {.sin_family = AF_INET,
				   .sin_addr = {htonl(INADDR_LOOPBACK)}};
	struct port_address address = {.family = 4, .ip = {127, 0, 0, 1}};
	socklen_t bytes = sizeof(name);
	pthread_t thread;

	self.answer = answer;
	self.arg = arg;
	self.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(self.fd, 0);
	ck_assert_int_eq(bind(self.fd, (struct sockaddr *)&name, bytes), 0);
	ck_assert_int_eq(listen(self.fd, 512), 0);
	ck_assert_int_eq(getsockname(self.fd, (struct sockaddr *)&name, &bytes), 0);
	address.number = ntohs(name.sin_port);
	ck_assert_int_eq(pthread_create(&thread, NULL, run, &self.fd), 0);
	pthread_detach(thread);
	return address;
}

void endpoint_stop(void)
{
	shutdown(self.fd, SHUT_RDWR); /* a listener that is shut down refuses */
}

void endpoint_status(struct hp_buf *out, int status)
{
	hp_buf_add_format(out, "HTTP/1.1 %d Said\r\nContent-Length: 0\r\n\r\n", status);
}
