/* A connection to a simulated receiver under hostile bytes: whatever comes, memory stays within its
 * maximum, each step is one that can be carried out, receipts are at most one per delivery, and the
 * cut of the bytes changes no answer. The first byte chooses the cut. */
#include "receivers/session.h"

#include "base/random.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

enum { BODY_BYTES_MAX = 256 };

struct counting {
	struct history history; /* first: put() finds the rest */
	uint64_t receipts;
};

static void put(struct history *history, const struct record *record)
{
	struct counting *counting = (struct counting *)history;

	assert(record->kind == RECORD_RECEIPT);
	assert(record->receipt.ordinal >= 1);
	counting->receipts++;
}

struct outcome_seen { /* of one connection */
	uint64_t answers, statuses; /* count, and a digest of all that was written */
	enum session_action last;
};

static void carry(struct session *session, const struct session_clock *clock,
		  struct session_step *step, struct outcome_seen *out)
{
	while (step->action == SESSION_WRITE) {
		assert(step->bytes.bytes > 0 && step->at_ns <= clock->now_ns);
		out->answers++;
		out->statuses = out->statuses * 31 + hp_digest(step->bytes);
		session_acted(session, clock, step);
	}
	if (step->action != SESSION_READ)
		out->last = step->action;
}

static struct outcome_seen talk(struct receiver *receiver, struct hp_view bytes, size_t piece_bytes)
{
	const struct session_clock clock = {.now_ns = 1, .wall_ns = HP_S_NS};
	struct outcome_seen out = {.last = SESSION_READ};
	struct session session;

	session_init(&session, receiver);
	while (bytes.bytes != 0 && out.last == SESSION_READ) {
		size_t count = bytes.bytes < piece_bytes ? bytes.bytes : piece_bytes;
		struct session_step step;
		session_feed(&session, (struct hp_view){bytes.at, count}, &clock, &step);
		carry(&session, &clock, &step, &out);
		assert(session.in.room <= session.in.bytes_max + 1);
		bytes = (struct hp_view){bytes.at + count, bytes.bytes - count};
	}
	session_end(&session, RECORD_END_CLOSED);
	assert(session.in.at == NULL);
	return out;
}

static struct outcome_seen play(struct hp_view bytes, size_t piece_bytes)
{
	static struct profile profile = {.id_pointer = "/id", .type_pointer = "/event"};
	struct counting counting = {.history = {put}};
	struct receiver_config config;
	struct hp_err err;

	receiver_config_init(&config);
	config.profile = &profile;
	config.verify = false;
	config.body_bytes_max = BODY_BYTES_MAX;
	struct receiver *receiver = receiver_new(&config, &counting.history, &err);
	assert(receiver != NULL);
	struct outcome_seen out = talk(receiver, bytes, piece_bytes);
	assert(counting.receipts == receiver->counters.deliveries);
	receiver_free(receiver);
	return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	if (bytes == 0 || bytes > SESSION_READ_BYTES_MAX)
		return 0;
	struct hp_view rest = {(const char *)data + 1, bytes - 1};
	struct outcome_seen whole = play(rest, SESSION_READ_BYTES_MAX);
	struct outcome_seen cut = play(rest, (size_t)data[0] + 1);
	/* A 100 is given only to a body that has not begun to come. */
	bool expects = rest.bytes != 0 && memmem(rest.at, rest.bytes, "100-", 4) != NULL;
	assert(whole.last == cut.last);
	if (!expects)
		assert(whole.answers == cut.answers && whole.statuses == cut.statuses);
	return 0;
}
