/* The probe that asks a URL. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/span.h"
#include "certify/fill.h"
#include "certify/probe.h"
#include "net/courier.h"

enum { REQUEST_BYTES_MAX = 16 * 1024, KEY_BYTES_MAX = 1024 };

struct url_probe {
	struct probe probe; /* first */
	struct courier *courier;
	char *host, *target, *pointer; /* owned */
};

/* RFC 3986 2.3: all but the unreserved characters. */
static void add_encoded(struct hp_buf *out, const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~";

	for (; *text; text++) {
		if (strchr(plain, *text))
			hp_buf_add(out, (struct hp_view){text, 1});
		else
			hp_buf_add_format(out, "%%%02X", (unsigned)(unsigned char)*text);
	}
}

static void write_request(const struct url_probe *probe, const char *key, struct hp_buf *out)
{
	struct hp_buf encoded;

	hp_buf_init(&encoded, KEY_BYTES_MAX);
	add_encoded(&encoded, key);
	hp_buf_add_text(out, "GET ");
	fill_template(hp_view_of(probe->target),
		      &(struct fill_slot){"{key}", hp_buf_view(&encoded)}, 1, out);
	hp_buf_add_format(out, " HTTP/1.1\r\nHost: %s\r\nAccept: application/json\r\n"
			  "Connection: close\r\n\r\n", probe->host);
	hp_buf_fini(&encoded);
}

static bool read_answer(const struct url_probe *probe, const struct courier_answer *answer,
			uint64_t *count, char why[PROBE_WHY_BYTES])
{
	if (answer->end == COURIER_ANSWERED && answer->status == 200)
		return probe_count(hp_buf_view(&answer->body), probe->pointer, count, why);
	if (answer->end == COURIER_ANSWERED)
		snprintf(why, PROBE_WHY_BYTES, "the effect URL answered %d", answer->status);
	else
		snprintf(why, PROBE_WHY_BYTES, "the effect URL %s", courier_end_text(answer->end));
	return false;
}

static bool url_read(struct probe *base, const char *key, uint64_t *count,
		     char why[PROBE_WHY_BYTES])
{
	struct url_probe *probe = (struct url_probe *)base;
	struct courier_parcel parcel = {.after = COURIER_READ};
	struct hp_buf request;
	bool result;

	hp_buf_init(&request, REQUEST_BYTES_MAX);
	write_request(probe, key, &request);
	parcel.bytes = hp_buf_view(&request);
	parcel.head_bytes = request.bytes;
	courier_take(probe->courier, &parcel, 1);
	result = read_answer(probe, &parcel.answer, count, why);
	courier_answer_fini(&parcel.answer);
	hp_buf_fini(&request);
	return result;
}

static void url_free(struct probe *base)
{
	struct url_probe *probe = (struct url_probe *)base;

	courier_free(probe->courier);
	free(probe->host);
	free(probe->target);
	free(probe->pointer);
	free(probe);
}

struct probe *probe_url_new(const struct probe_target *target, struct hp_err *err)
{
	const struct courier_config config = {
		.address = target->address,
		.host = target->tls_host,
		.tls = target->tls,
		.connect_ns = PROBE_READ_NS,
		.first_byte_ns = PROBE_READ_NS,
		.total_ns = PROBE_READ_NS,
	};
	struct courier *courier = courier_new(&config, err);
	struct url_probe *probe;

	if (!courier)
		return NULL;
	probe = hp_xcalloc(1, sizeof(*probe));
	*probe = (struct url_probe){
		.probe = {.kind = "url", .read = url_read, .free = url_free},
		.courier = courier,
		.host = hp_xstrdup(target->host),
		.target = hp_xstrdup(target->target),
		.pointer = hp_xstrdup(target->pointer),
	};
	return &probe->probe;
}
