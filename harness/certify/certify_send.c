/* Deliveries: how a forged one becomes a parcel, and the sentinel that shows that the receiver
 * lives. */
#include <stdio.h>

#include "base/span.h"
#include "certify/certify_inside.h"
#include "net/clock.h"

enum { TRIES_REFUSED = 5, TRIES_SILENT = 1 };
#define COMMAND_NS (30 * HP_S_NS) /* ours: a receiver that starts again */
#define TRY_AGAIN_NS (300 * HP_MS_NS) /* ours: supervisors take about a second */

bool certify_command(struct certify *certify, enum suite_command command, int64_t shift_s,
		     char why[COMMAND_LINE_WHY_BYTES])
{
	char shift[32], offset[32], seen[RULING_TEXT_BYTES], key[FORGE_KEY_BYTES];
	struct fill_slot slots[] = {{"{shift}", {shift, 0}}, {"{offset}", {offset, 0}}};
	struct hp_buf out;
	bool done;

	slots[0].value.bytes = (size_t)snprintf(shift, sizeof(shift), "%lld",
						(long long)(shift_s - certify->clock_s));
	slots[1].value.bytes =
		(size_t)snprintf(offset, sizeof(offset), "%lld", (long long)shift_s);
	hp_buf_init(&out, COMMAND_LINE_OUT_BYTES_MAX);
	done = command_line_run(certify->config.commands[command],
				(struct command_line_slots){slots, 2}, COMMAND_NS, &out, why);
	hp_buf_fini(&out);
	if (done && command == SUITE_RUN_CLOCK) {
		certify->skew_s += shift_s - certify->clock_s;
		certify->clock_s = shift_s;
	}
	if (done) /* wait until it is there again */
		certify_sentinel(certify, seen, key);
	return done;
}

uint64_t certify_wall_ns(const struct certify *certify)
{
	return clock_wall_ns() + (uint64_t)(certify->skew_s * (int64_t)HP_S_NS);
}

#define X16(text) text text text text text text text text text text text text text text text text
#define FILLER X16(X16(X16("x"))) /* 4 KiB */
#define CHUNK "1000\r\n" FILLER "\r\n"

void certify_pack(const struct suite_step *step, const struct forged *forged,
		  struct courier_parcel *out)
{
	static const enum courier_after after[] = {[SUITE_WHOLE] = COURIER_READ,
						   [SUITE_HALF] = COURIER_LEAVE,
						   [SUITE_RESET] = COURIER_ABORT};

	*out = (struct courier_parcel){
		.bytes = hp_buf_view(&forged->bytes),
		.head_bytes = forged->head_bytes,
		.piece_bytes = step->framing.piece_bytes,
		.gap_ns = step->framing.gap_ns,
		.awaits_continue = step->framing.expects_continue,
		.is_head = strcmp(step->method, "HEAD") == 0,
		.after = after[step->framing.stop],
		.linger_ns = step->framing.linger_ns,
	};
	if (step->framing.flood_bytes) {
		out->filler = step->framing.chunked ? HP_LITERAL(CHUNK) : HP_LITERAL(FILLER);
		out->filler_bytes_max = step->framing.flood_bytes;
	}
	if (step->framing.stop == SUITE_HALF)
		out->bytes.bytes -= forged->body_bytes - forged->body_bytes / 2;
}

void certify_send(struct certify *certify, const struct suite_step *step,
		  const struct forged *forged, struct courier_answer *answer)
{
	struct courier_parcel parcel;

	certify_pack(step, forged, &parcel);
	courier_take(certify->courier, &parcel, 1);
	certify->result->deliveries++;
	*answer = parcel.answer;
}

/* One plain delivery. True when it was accepted. */
static bool send_plain(struct certify *certify, struct ruling *ruling, char *key)
{
	struct courier_answer answer;
	struct suite_step step;
	struct forge_order order = {.check = "sentinel", .step = &step,
				    .event_number = ++certify->sentinel_count,
				    .wall_ns = certify_wall_ns(certify)};
	struct forged forged;
	enum forge_result made;

	suite_step_init(&step);
	made = forge_make(certify->forge, &order, &forged);
	assert(made == FORGE_MADE);
	certify_send(certify, &step, &forged, &answer);
	ruling_make(ruling, &step, SUITE_ACCEPT, certify->config.forge.profile, &answer);
	if (ruling->right)
		snprintf(key, FORGE_KEY_BYTES, "%s", forged.key);
	courier_answer_fini(&answer);
	forged_fini(&forged);
	return ruling->right;
}

enum certify_life certify_sentinel(struct certify *certify, char *seen, char *key)
{
	struct ruling ruling;
	unsigned tries;

	key[0] = seen[0] = '\0';
	if (send_plain(certify, &ruling, key))
		return CERTIFY_ALIVE;
	snprintf(seen, RULING_TEXT_BYTES, "%s", ruling.seen);
	tries = strstr(ruling.seen, "in time") ? TRIES_SILENT : TRIES_REFUSED;
	while (!ruling.answered && tries-- > 0 && !courier_stopped(certify->courier)) {
		courier_wait(certify->courier, TRY_AGAIN_NS);
		if (send_plain(certify, &ruling, key))
			return CERTIFY_CAME_BACK;
	}
	return ruling.answered ? CERTIFY_REFUSES : CERTIFY_GONE;
}
