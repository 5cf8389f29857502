#include "engine/exchange.h"

#include "base/span.h"
#include "wire/retry_after.h"

void exchange_init(struct exchange *exchange, struct exchange_known *known,
		   uint64_t body_bytes_max)
{
	*exchange = (struct exchange){.known = known,
				      .body_bytes_max = body_bytes_max,
				      .retry_after_ns = HP_NEVER};
	hp_buf_init(&exchange->head, HTTP1_HEAD_BYTES_MAX);
}

void exchange_fini(struct exchange *exchange)
{
	hp_buf_fini(&exchange->head);
}

void exchange_reset(struct exchange *exchange)
{
	if (exchange->head.at)
		hp_buf_fini(&exchange->head);
	exchange->body_seen = 0;
	exchange->retry_after_ns = HP_NEVER;
	exchange->status = 0;
	exchange->interim_count = 0;
	exchange->began = false;
}

static uint64_t read_retry_after(const struct http1_head *head, uint64_t wall_s)
{
	struct hp_view value = http1_find(head, HP_LITERAL("Retry-After"));
	uint64_t seconds;

	if (!value.at || !retry_after_parse(value, wall_s, &seconds))
		return HP_NEVER;
	return seconds * HP_S_NS;
}

static void take_head(struct exchange *exchange, const struct http1_head *head, uint64_t wall_s)
{
	exchange->status = head->status;
	exchange->keep_alive = head->keep_alive;
	if (head->status >= 300)
		exchange->retry_after_ns = read_retry_after(head, wall_s);
	http1_body_init(&exchange->body, head);
}

/* The body's bytes are looked at for their end and dropped. */
static enum exchange_result take_body(struct exchange *exchange, struct hp_view bytes)
{
	do { /* once at least: an empty body ends without a byte */
		struct hp_view data;
		size_t taken;
		enum http1_result result =
			http1_body_step(&exchange->body, bytes.at, bytes.bytes, &taken, &data);

		exchange->body_seen += data.bytes;
		bytes.at += taken;
		bytes.bytes -= taken;
		if (result == HTTP1_BAD)
			return EXCHANGE_GARBAGE;
		if (exchange->body_seen > exchange->body_bytes_max)
			return EXCHANGE_TOO_LARGE;
		if (result == HTTP1_DONE) {
			if (bytes.bytes > 0) /* it says more than it was asked */
				exchange->keep_alive = false;
			return EXCHANGE_DONE;
		}
	} while (bytes.bytes > 0);
	return EXCHANGE_MORE;
}

/* Heads from the front of bytes until a final one: 1xx answers are passed over. */
static enum exchange_result take_heads(struct exchange *exchange, struct hp_view *bytes,
				       uint64_t wall_s)
{
	struct http1_head head;

	for (;;) {
		switch (http1_parse_response(bytes->at, bytes->bytes, &head)) {
		case HTTP1_BAD:
			return EXCHANGE_GARBAGE;
		case HTTP1_MORE:
			return EXCHANGE_MORE;
		case HTTP1_DONE:
			break;
		}
		bytes->at += head.head_bytes;
		bytes->bytes -= head.head_bytes;
		if (head.status == 101) /* nobody asked for another protocol */
			return EXCHANGE_GARBAGE;
		if (head.status >= 200) {
			take_head(exchange, &head, wall_s);
			return EXCHANGE_DONE;
		}
		if (++exchange->interim_count > EXCHANGE_INTERIM_MAX)
			return EXCHANGE_TOO_LARGE;
	}
}

/* A head in pieces goes on in the buffer; what is left of it there after a parse stays. */
static enum exchange_result feed_kept(struct exchange *exchange, struct hp_view bytes,
				      uint64_t wall_s)
{
	struct hp_view all;
	enum exchange_result result;

	if (!hp_buf_add(&exchange->head, bytes)) {
		size_t fits = exchange->head.bytes_max - exchange->head.bytes;

		hp_buf_add(&exchange->head, (struct hp_view){bytes.at, fits});
		bytes = (struct hp_view){bytes.at + fits, bytes.bytes - fits};
	} else {
		bytes = (struct hp_view){NULL, 0};
	}
	all = hp_buf_view(&exchange->head);
	result = take_heads(exchange, &all, wall_s);
	if (result == EXCHANGE_MORE && bytes.bytes > 0)
		return EXCHANGE_TOO_LARGE; /* a full buffer holds no whole head */
	if (result == EXCHANGE_MORE)
		hp_buf_drop(&exchange->head, exchange->head.bytes - all.bytes);
	if (result != EXCHANGE_DONE)
		return result;
	result = take_body(exchange, all);
	if (result == EXCHANGE_DONE && bytes.bytes > 0)
		exchange->keep_alive = false;
	hp_buf_fini(&exchange->head);
	return result == EXCHANGE_MORE ? take_body(exchange, bytes) : result;
}

/* Bytes that begin an answer. */
static enum exchange_result feed_first(struct exchange *exchange, struct hp_view bytes,
				       uint64_t wall_s)
{
	enum exchange_result result = take_heads(exchange, &bytes, wall_s);

	if (result == EXCHANGE_MORE)
		return hp_buf_add(&exchange->head, bytes) ? EXCHANGE_MORE : EXCHANGE_TOO_LARGE;
	return result == EXCHANGE_DONE ? take_body(exchange, bytes) : result;
}

static bool is_known(const struct exchange_known *known, struct hp_view bytes)
{
	return bytes.bytes == known->bytes && memcmp(bytes.at, known->answer, bytes.bytes) == 0;
}

/* A whole answer in one read, if all that it says is its status and what becomes of the connection:
 * a Retry-After, which counts from now, is read in no success. */
static void learn(const struct exchange *exchange, struct hp_view bytes)
{
	struct exchange_known *known = exchange->known;

	if (bytes.bytes > sizeof(known->answer) || exchange->status >= 300)
		return;
	known->bytes = bytes.bytes;
	known->status = exchange->status;
	known->keep_alive = exchange->keep_alive;
	memcpy(known->answer, bytes.at, bytes.bytes);
}

enum exchange_result exchange_feed(struct exchange *exchange, struct hp_view bytes, uint64_t wall_s)
{
	bool first = !exchange->began;
	enum exchange_result result;

	exchange->began = true;
	if (first && is_known(exchange->known, bytes)) {
		exchange->status = exchange->known->status;
		exchange->keep_alive = exchange->known->keep_alive;
		return EXCHANGE_DONE;
	}
	if (exchange->status)
		return take_body(exchange, bytes);
	if (exchange->head.bytes > 0)
		return feed_kept(exchange, bytes, wall_s);
	result = feed_first(exchange, bytes, wall_s);
	if (first && result == EXCHANGE_DONE)
		learn(exchange, bytes);
	return result;
}

enum outcome exchange_end(const struct exchange *exchange)
{
	if (!exchange->began)
		return OUTCOME_CLOSED;
	if (exchange->status && exchange->body.framing == HTTP1_UNTIL_CLOSE)
		return OUTCOME_OK;
	return OUTCOME_TRUNCATED;
}
