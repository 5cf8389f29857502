/* What the two files of a session share. For them alone: callers use session.h.
 * session.c reads requests and decides; session_play.c performs scripts and keeps the records. */
#ifndef HP_RECEIVERS_SESSION_INSIDE_H
#define HP_RECEIVERS_SESSION_INSIDE_H
#include "receivers/session.h"

/* session.c: the next step from what is gathered in `in`. */
void session_take_gathered(struct session *session, const struct session_clock *clock,
			   struct session_step *out);

/* ---- session_play.c ---- */

/* READ, until the moment by which more must have come. */
void session_await(struct session *session, uint64_t now_ns, struct session_step *out);

/* Performs a script; its first step not before session->at_ns. */
void session_play(struct session *session, const struct script *script,
		  const struct session_clock *clock, struct session_step *out);

/* What the script waited for has come. */
void session_go_on(struct session *session, const struct session_clock *clock,
		   struct session_step *out);

/* A decided fault acts from now on. Takes the decision's own script. */
void session_begin_fault(struct session *session, const struct receiver_decision *decision,
			 uint64_t now_ns);
void session_free_script(struct script *script);

/* The request is there, and was read in the way that a fault wanted: true when it is that fault
 * which decides it too, whose record ends here and is begun again; *planned_ns: when it began. A
 * fault whose time is over by now is put as what it was. */
bool session_end_reading(struct session *session, const struct receiver_decision *decision,
			 uint64_t *planned_ns);

/* A fault that reads the request in part, if at all; then its script is played. */
void session_cut(struct session *session, const struct receiver_decision *decision,
		 const struct session_clock *clock, struct session_step *out);
void session_cut_on(struct session *session, const struct session_clock *clock,
		    struct session_step *out);

/* Reading at a rate: a piece now, the next one when its time has come. */
void session_slow_down(struct session *session, uint64_t now_ns, struct session_step *out);
void session_allow(struct session *session, struct session_step *out);

/* The peer went on to another request: what was answered before has arrived. */
void session_proved(struct session *session);

/* The time of a silence is over: of a held, an idle or a mute connection. */
void session_time_out(struct session *session, const struct session_clock *clock,
		      struct session_step *out);

/* The next request is waited for. */
void session_begin_next(struct session *session);

/* Puts the receipt of the delivery that ends like this, and, without an answer, now. */
void session_put_receipt(struct session *session, enum record_end end, uint64_t now_ns);
#endif
