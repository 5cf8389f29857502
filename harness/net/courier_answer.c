/* What comes back to the courier: heads, bodies without their framing, and ends. */
#include "net/courier_inside.h"

#include "net/clock.h"

static const struct {
	const char *word, *text;
} ends[] = {
#define X(name, word, text) [name] = {word, text},
	COURIER_ENDS(X)
#undef X
};

const char *courier_end_word(enum courier_end end)
{
	return ends[end].word;
}

const char *courier_end_text(enum courier_end end)
{
	return ends[end].text;
}

void courier_answer_begin(struct trip *trip)
{
	struct courier_answer *answer = &trip->at->answer;

	*answer = (struct courier_answer){.began_ns = clock_mono_ns(), .fresh = trip->fresh};
	hp_buf_init(&answer->head, HTTP1_HEAD_BYTES_MAX);
	hp_buf_init(&answer->body, COURIER_KEPT_BYTES);
	trip->has_head = false;
	hp_buf_clear(&trip->raw);
}

void courier_answer_fini(struct courier_answer *answer)
{
	hp_buf_fini(&answer->head);
	hp_buf_fini(&answer->body);
}

void courier_answer_end(struct trip *trip, enum courier_end end)
{
	struct courier_answer *answer = &trip->at->answer;

	answer->end = end;
	answer->done_ns = clock_mono_ns();
	if (end != COURIER_ANSWERED)
		answer->status = 0;
}

/* Keeps what there is room for. */
static void keep(struct hp_buf *buf, struct hp_view bytes)
{
	size_t room = buf->bytes_max - buf->bytes;

	hp_buf_add(buf, (struct hp_view){bytes.at, bytes.bytes < room ? bytes.bytes : room});
}

/* The rest of what came: the body. True when it is over. */
static bool take_body(struct trip *trip, struct hp_view bytes)
{
	while (bytes.bytes || trip->framing.framing == HTTP1_NO_BODY) {
		struct hp_view data;
		size_t taken;
		enum http1_result result =
			http1_body_step(&trip->framing, bytes.at, bytes.bytes, &taken, &data);

		keep(&trip->at->answer.body, data);
		if (result != HTTP1_MORE) {
			courier_answer_end(trip, result == HTTP1_DONE ? COURIER_ANSWERED
								     : COURIER_MALFORMED);
			return true;
		}
		bytes = (struct hp_view){bytes.at + taken, bytes.bytes - taken};
	}
	return false;
}

/* A whole head stands in trip->raw. True when the answer is over with it. */
static bool take_head(struct trip *trip, const struct http1_head *head)
{
	struct courier_answer *answer = &trip->at->answer;
	struct hp_view all = hp_buf_view(&trip->raw);
	struct hp_view rest = {all.at + head->head_bytes, all.bytes - head->head_bytes};
	bool over;

	answer->status = head->status;
	hp_buf_clear(&answer->head);
	hp_buf_add(&answer->head, (struct hp_view){all.at, head->head_bytes});
	trip->has_head = true;
	http1_body_init(&trip->framing, head);
	if (trip->at->is_head)
		trip->framing.framing = HTTP1_NO_BODY;
	if (trip->framing.framing == HTTP1_NO_BODY ||
	    (trip->framing.framing == HTTP1_LENGTH && head->body_bytes == 0)) {
		courier_answer_end(trip, COURIER_ANSWERED);
		return true;
	}
	over = take_body(trip, rest);
	hp_buf_clear(&trip->raw);
	return over;
}

/* One head after the other: interim answers go before the final one. */
static bool parse_heads(struct trip *trip)
{
	struct http1_head head;

	while (trip->raw.bytes) {
		enum http1_result result =
			http1_parse_response(trip->raw.at, trip->raw.bytes, &head);

		if (result == HTTP1_MORE && !trip->raw.cut)
			return false;
		if (result != HTTP1_DONE) {
			courier_answer_end(trip, COURIER_MALFORMED);
			return true;
		}
		if (head.status >= 200)
			return take_head(trip, &head);
		trip->at->answer.interim++;
		trip->continued |= head.status == 100;
		hp_buf_drop(&trip->raw, head.head_bytes);
	}
	return false;
}

bool courier_answer_take(struct trip *trip, const char *buf, size_t bytes)
{
	struct courier_answer *answer = &trip->at->answer;

	if (!answer->first_byte_ns)
		answer->first_byte_ns = clock_mono_ns();
	answer->bytes_in += bytes;
	if (trip->has_head)
		return take_body(trip, (struct hp_view){buf, bytes});
	hp_buf_add(&trip->raw, (struct hp_view){buf, bytes});
	return parse_heads(trip);
}

bool courier_answer_keeps(const struct trip *trip)
{
	const struct courier_answer *answer = &trip->at->answer;
	struct http1_head head;

	return answer->end == COURIER_ANSWERED && trip->sent == trip->at->bytes.bytes &&
	       trip->filled == 0 &&
	       http1_parse_response(answer->head.at, answer->head.bytes, &head) == HTTP1_DONE &&
	       head.keep_alive && head.framing != HTTP1_UNTIL_CLOSE;
}

struct hp_view courier_header(const struct courier_answer *answer, const char *name)
{
	struct http1_head head;

	if (!answer->head.bytes ||
	    http1_parse_response(answer->head.at, answer->head.bytes, &head) != HTTP1_DONE)
		return (struct hp_view){.at = NULL};
	return http1_find(&head, hp_view_of(name));
}
