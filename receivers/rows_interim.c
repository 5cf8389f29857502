/* 1xx: before an answer, for ever, or instead of one. See behaviour.h. */
#include "receivers/rows.h"

enum { INTERIM_COUNT_MAX = 1000 * 1000, INTERIM_BYTES_MAX = 128 };

static void write_interim(struct script *out, uint64_t code, uint64_t count)
{
	struct hp_buf unit;

	hp_buf_init(&unit, INTERIM_BYTES_MAX);
	hp_buf_add_format(&unit, "HTTP/1.1 %d %s\r\n\r\n", (int)code, script_reason((int)code));
	rows_repeat(out, hp_buf_view(&unit), count);
	hp_buf_fini(&unit);
}

static int check_interim(const struct behaviour_part *part, struct hp_err *err)
{
	if (part->values[0] == 101)
		return hp_err_set(err, HP_EINPUT, "101 is final (RFC 9110 15.2.2); want 100, 102 "
						  "or more, or the behaviour \"upgrade\"");
	return 0;
}

#define INTERIM_PARAM(standard)                                                                   \
	{"interim", BEHAVIOUR_STATUS, standard, 100, 199, .help = "the interim status, 1xx"}

/* interim-then-final */

enum final_param { FINAL_INTERIM, FINAL_COUNT, FINAL_GAP, FINAL_CODE };

static void play_final(const struct behaviour_part *part, const struct behaviour_request *request,
		       struct script *out)
{
	write_interim(out, part->values[FINAL_INTERIM], part->values[FINAL_COUNT]);
	if (part->values[FINAL_GAP] != 0)
		script_wait(out, part->values[FINAL_GAP]);
	script_answer(out, &(struct script_answer){
		.status = (int)part->values[FINAL_CODE],
		.body = HP_LITERAL(ROWS_BODY),
		.closing = request->closing,
	});
}

/* interim-then-die */

enum die_param { DIE_INTERIM, DIE_HOW };

enum die_how { DIE_FIN, DIE_RESET };
static const char *const die_words[] = {[DIE_FIN] = "fin", [DIE_RESET] = "reset", NULL};

static void play_die(const struct behaviour_part *part, const struct behaviour_request *request,
		     struct script *out)
{
	(void)request;
	out->status = (int)part->values[DIE_INTERIM];
	write_interim(out, part->values[DIE_INTERIM], 1);
	if (part->values[DIE_HOW] == DIE_RESET)
		script_reset(out);
	else
		script_close(out);
}

/* interim-flood */

enum flood_param { FLOOD_INTERIM, FLOOD_COUNT };

static void play_flood(const struct behaviour_part *part, const struct behaviour_request *request,
		       struct script *out)
{
	(void)request;
	out->status = (int)part->values[FLOOD_INTERIM];
	write_interim(out, part->values[FLOOD_INTERIM], part->values[FLOOD_COUNT]);
	script_close(out);
}

/* upgrade */

enum upgrade_param { UPGRADE_HOLD };

static void play_upgrade(const struct behaviour_part *part,
			 const struct behaviour_request *request, struct script *out)
{
	(void)request;
	rows_put_head(out, 101, "Connection: Upgrade\r\nUpgrade: websocket\r\n");
	script_write(out, 0, out->text.bytes, (struct script_pace){.times = 1});
	script_hold(out, part->values[UPGRADE_HOLD]);
	script_close(out);
}

const struct behaviour_row rows_interim[] = {
	{
		.number = 30, .slug = "interim-then-final", .layer = BEHAVIOUR_HTTP,
		.help = "sends interim answers, pauses, and then gives the answer that counts",
		.proof = "the peer's kernel acknowledged the whole answer",
		.params = {
			[FINAL_INTERIM] = INTERIM_PARAM(103),
			[FINAL_COUNT] = {"count", BEHAVIOUR_COUNT, 1, 1, INTERIM_COUNT_MAX,
					 .help = "how many interim answers"},
			[FINAL_GAP] = {"gap", BEHAVIOUR_SPAN, 200 * HP_MS_NS, 0, ROWS_SPAN_NS_MAX,
				       .help = "between them and the answer"},
			[FINAL_CODE] = {"code", BEHAVIOUR_STATUS, 200, 200, 599,
					.help = "the status that counts"},
		},
		.play = play_final,
		.check = check_interim,
	},
	{
		.number = 31, .slug = "interim-then-die", .layer = BEHAVIOUR_HTTP,
		.help = "sends an interim answer and ends the connection without a final one",
		.proof = "the peer's kernel acknowledged the interim answer, then our FIN or RST",
		.params = {
			[DIE_INTERIM] = INTERIM_PARAM(100),
			[DIE_HOW] = {"how", BEHAVIOUR_WORD, DIE_FIN, DIE_FIN, DIE_RESET,
				     .words = die_words, .help = "how the connection ends"},
		},
		.play = play_die,
		.check = check_interim,
	},
	{
		.number = 32, .slug = "interim-flood", .layer = BEHAVIOUR_HTTP,
		.help = "sends a flood of interim answers and closes without a final one",
		.proof = "all of it acknowledged by the peer's kernel, or the moment the peer left",
		.params = {
			[FLOOD_INTERIM] = INTERIM_PARAM(103),
			[FLOOD_COUNT] = {"count", BEHAVIOUR_COUNT, 10000, 1, INTERIM_COUNT_MAX,
					 .help = "how many interim answers"},
		},
		.play = play_flood,
		.check = check_interim,
	},
	{
		.number = 33, .slug = "upgrade", .layer = BEHAVIOUR_HTTP,
		.help = "answers 101 although nobody asked for another protocol, and says no more",
		.proof = "the peer's kernel acknowledged the head; the moment of the peer's FIN",
		.params = {[UPGRADE_HOLD] = {"hold", BEHAVIOUR_SPAN, ROWS_HOLD_NS, HP_MS_NS,
					     ROWS_SPAN_NS_MAX,
					     .help = "then the connection is closed"}},
		.play = play_upgrade,
	},
	{.number = 0},
};
