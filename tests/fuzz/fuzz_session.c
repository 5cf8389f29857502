/* A connection to a simulated receiver under hostile bytes: whatever comes, memory stays within its
 * maximum, each step is one that can be carried out, receipts are at most one per delivery, and the
 * cut of the bytes changes no answer of a receiver without behaviours. The first byte chooses the
 * cut, the second one the behaviour, a row of the catalogue, and the third one its word. */
#include "receivers/session.h"

#include "base/random.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

enum { BODY_BYTES_MAX = 256, STEPS_MAX = 500, PREFIX_BYTES = 3 };

struct counting {
	struct history history; /* first: put() finds the rest */
	uint64_t receipts;
};

static void put(struct history *history, const struct record *record)
{
	struct counting *counting = (struct counting *)history;

	if (record->kind == RECORD_FAULT)
		assert(record->fault.fault != 0 && record->fault.state < RECORD_FAULT_STATES);
	if (record->kind != RECORD_RECEIPT)
		return;
	assert(record->receipt.ordinal >= 1);
	counting->receipts++;
}

struct outcome_seen { /* of one connection */
	uint64_t answers, statuses; /* count, and a digest of all that was written */
	enum session_action last;
};

struct talk {
	struct session session;
	struct session_clock clock;
	struct session_step step; /* the last one */
	struct outcome_seen seen;
	unsigned steps;
};

/* Carries steps out at their moments, as a server would. False: nothing more can come of it. */
static bool carry(struct talk *talk)
{
	struct session_step *step = &talk->step;

	while (step->action != SESSION_READ && step->action != SESSION_RESET) {
		if (step->at_ns > talk->clock.now_ns)
			talk->clock.now_ns = step->at_ns;
		if (step->action == SESSION_CLOSE || talk->steps++ >= STEPS_MAX)
			break;
		assert(step->action != SESSION_WRITE || step->bytes.bytes > 0);
		talk->seen.answers += step->action == SESSION_WRITE;
		talk->seen.statuses = talk->seen.statuses * 31 + hp_digest(step->bytes);
		session_acted(&talk->session, &talk->clock, step);
	}
	talk->seen.last = step->action;
	assert(talk->session.in.room <= talk->session.in.bytes_max + 1);
	return step->action == SESSION_READ && talk->steps++ < STEPS_MAX;
}

/* Shows or feeds what lies there, up to `bytes`; returns how many the session took. */
static size_t offer(struct talk *talk, struct hp_view bytes, bool last)
{
	size_t room = talk->session.read_bytes_max;

	if (talk->session.look) {
		session_look(&talk->session, bytes, last, &talk->clock, &talk->step);
		return 0;
	}
	if (room == 0)
		return 0;
	bytes.bytes = bytes.bytes < room ? bytes.bytes : room;
	session_feed(&talk->session, bytes, &talk->clock, &talk->step);
	return bytes.bytes;
}

/* Time passes until the session wants bytes again, when it has said when. False: it has not. */
static bool wait_out(struct talk *talk)
{
	if (talk->step.at_ns == HP_NEVER || talk->session.deadline_ns == HP_NEVER)
		return false;
	if (talk->step.at_ns > talk->clock.now_ns)
		talk->clock.now_ns = talk->step.at_ns;
	session_due(&talk->session, &talk->clock, &talk->step);
	return carry(talk);
}

static void converse(struct talk *talk, struct hp_view bytes, size_t piece_bytes)
{
	size_t shown = piece_bytes < bytes.bytes ? piece_bytes : bytes.bytes;

	while (bytes.bytes != 0) {
		bool looked = talk->session.look, last = shown == bytes.bytes;
		size_t taken = offer(talk, (struct hp_view){bytes.at, shown}, last);

		if (!carry(talk))
			return;
		bytes = (struct hp_view){bytes.at + taken, bytes.bytes - taken};
		if (taken == 0 && looked == talk->session.look && last && !wait_out(talk))
			return;
		shown = taken != 0 || last ? piece_bytes : shown + piece_bytes;
		shown = shown < bytes.bytes ? shown : bytes.bytes;
	}
}

static struct outcome_seen talk_with(struct receiver *receiver, struct hp_view bytes,
				     size_t piece_bytes)
{
	struct talk talk = {.clock = {.now_ns = 1, .wall_ns = HP_S_NS}};

	session_init(&talk.session, receiver, &talk.clock, &talk.step);
	if (carry(&talk))
		converse(&talk, bytes, piece_bytes);
	session_end(&talk.session, &(struct session_evidence){
		.end = RECORD_END_CLOSED, .peer = RECORD_PEER_FIN, .now_ns = talk.clock.now_ns,
		.written_bytes = talk.session.written_bytes,
	});
	assert(talk.session.in.at == NULL);
	return talk.seen;
}

/* A row that acts on connections and deliveries by itself; NULL: none. */
static const struct behaviour_row *row_of(uint8_t byte)
{
	const struct behaviour_row *row = byte != 0 ? behaviour_row_at(byte - 1u) : NULL;

	return row != NULL && row->play != NULL && row->shake == NULL ? row : NULL;
}

static void behave(struct receiver_config *config, const struct behaviour_row *row, uint8_t word)
{
	struct behaviour_part *part = &config->behaviours[config->behaviour_count++].own;
	uint64_t count = 0;

	behaviour_part_init(part, row);
	for (unsigned i = 0; row->params[i].name != NULL; i++) {
		const char *const *words = row->params[i].words;

		for (count = 0; words != NULL && words[count] != NULL;)
			count++;
		if (count != 0)
			part->values[i] = word % count;
	}
}

static struct outcome_seen play(const uint8_t prefix[static PREFIX_BYTES], struct hp_view bytes,
				size_t piece_bytes)
{
	static struct profile profile = {.id_pointer = "/id", .type_pointer = "/event"};
	struct counting counting = {.history = {put}};
	const struct behaviour_row *row = row_of(prefix[1]);
	struct receiver_config config;
	struct hp_err err;

	receiver_config_init(&config);
	config.profile = &profile;
	config.verify = false;
	config.body_bytes_max = BODY_BYTES_MAX;
	if (row != NULL)
		behave(&config, row, prefix[2]);
	struct receiver *receiver = receiver_new(&config, &counting.history, &err);
	assert(receiver != NULL);
	struct outcome_seen out = talk_with(receiver, bytes, piece_bytes);
	assert(row != NULL || counting.receipts == receiver->counters.deliveries);
	assert(counting.receipts <= receiver->counters.deliveries + 1);
	receiver_free(receiver);
	return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	if (bytes < PREFIX_BYTES || bytes > SESSION_READ_BYTES_MAX)
		return 0;
	struct hp_view rest = {(const char *)data + PREFIX_BYTES, bytes - PREFIX_BYTES};
	struct outcome_seen whole = play(data, rest, SESSION_READ_BYTES_MAX);
	struct outcome_seen cut = play(data, rest, (size_t)data[0] + 1);
	/* A 100 is given only to a body that has not begun to come. */
	bool expects = rest.bytes != 0 && memmem(rest.at, rest.bytes, "100-", 4) != NULL;
	if (row_of(data[1]) != NULL)
		return 0;
	assert(whole.last == cut.last);
	if (!expects)
		assert(whole.answers == cut.answers && whole.statuses == cut.statuses);
	return 0;
}
