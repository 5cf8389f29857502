/* The tables of behaviours, one for each file; for behaviour.c and the rows alone. Each ends with
 * number 0. One more row: the next free number, written in the table where its like stand. */
#ifndef HP_RECEIVERS_ROWS_H
#define HP_RECEIVERS_ROWS_H
#include "receivers/behaviour.h"

extern const struct behaviour_row rows_http[];    /* 1..: well-formed answers of any status */
extern const struct behaviour_row rows_again[];   /* 2, 26..: come later, or go elsewhere */
extern const struct behaviour_row rows_interim[]; /* 30..: 1xx before, or instead of, an answer */
extern const struct behaviour_row rows_head[];    /* 40..: heads that no server should write */
extern const struct behaviour_row rows_framing[]; /* 50..: lengths and chunks that lie */
extern const struct behaviour_row rows_body[];    /* 60..: bodies: packed, hostile, endless, bad */
extern const struct behaviour_row rows_flow[];    /* 70..: well-formed and late, slow or cut */
extern const struct behaviour_row rows_tcp[];     /* 100..: the connection itself */
extern const struct behaviour_row rows_tls[];     /* 130..: the handshake */
extern const struct behaviour_row rows_latency[]; /* 160..: time before the answer */
extern const struct behaviour_row rows_guard[];   /* 180..: when, by event and attempt */
extern const struct behaviour_row rows_time[];    /* 200..: when, by the clock */
extern const struct behaviour_row rows_name[];    /* 220..: how its name is resolved */

/* Bounds against a typo that would become an attack. */
#define ROWS_SPAN_NS_MAX (3600 * HP_S_NS) /* of one fault */
#define ROWS_WINDOW_NS_MAX (366 * 86400 * HP_S_NS)
#define ROWS_HOLD_NS (120 * HP_S_NS) /* how long a silent fault waits for the peer to leave */
#define ROWS_RETRY_AFTER_S_MAX UINT64_C(1000000000000)
enum { ROWS_TCP_RESET = 0 }; /* where the row `reset` stands in rows_tcp */
enum { ROWS_ATTEMPTS_MAX = BEHAVIOUR_FAULTS_MAX };

/* How the row `latency` draws: fixed, uniform or lognormal, by the parameters that are given
 * (rows_latency.c). For rows whose first parameters are these. */
enum rows_latency { ROWS_DELAY, ROWS_MIN, ROWS_MAX, ROWS_P50, ROWS_P99 };
#define ROWS_LATENCY_PARAM(name, least_ns, text)                                                  \
	{name, BEHAVIOUR_SPAN, 0, least_ns, ROWS_SPAN_NS_MAX, .optional = true, .help = text}
#define ROWS_LATENCY_PARAMS(standard_ns)                                                          \
	[ROWS_DELAY] = {"delay", BEHAVIOUR_SPAN, standard_ns, 0, ROWS_SPAN_NS_MAX,                \
			.optional = true, .help = "always this long"},                            \
	[ROWS_MIN] = ROWS_LATENCY_PARAM("min", 0, "uniform, from"),                               \
	[ROWS_MAX] = ROWS_LATENCY_PARAM("max", 0, "uniform, to; of lognormal the cap (10 x p99)"), \
	[ROWS_P50] = ROWS_LATENCY_PARAM("p50", HP_US_NS, "lognormal, its median"),                \
	[ROWS_P99] = ROWS_LATENCY_PARAM("p99", HP_US_NS, "lognormal, 99th percentile")
uint64_t rows_delay_latency(const struct behaviour_part *part, const struct behaviour_case *c);
int rows_check_latency(const struct behaviour_part *part, struct hp_err *err);

/* What rows of several tables share (rows.c). */

/* The body of answers that have one and were not told which. */
#define ROWS_BODY "{\"received\":true}"
#define ROWS_BODY_LENGTH "Content-Length: 17\r\n"
#define ROWS_CHUNK "11\r\n" ROWS_BODY "\r\n"
_Static_assert(sizeof(ROWS_BODY) - 1 == 17, "as announced in both");

/* The first parameter of rows whose answer has a body; rows_check_code() refuses 204 and 304. */
enum { ROWS_CODE = 0 };
#define ROWS_CODE_PARAM                                                                           \
	[ROWS_CODE] = {"code", BEHAVIOUR_STATUS, 200, 200, 599, .help = "the status answered"}
int rows_check_code(const struct behaviour_part *part, struct hp_err *err);

/* Appends a head: the status line, those lines (each with CRLF), the blank line; sets the status.
 * No step, and nothing added: what frames the body is the caller's. */
void rows_put_head(struct script *script, int status, const char *lines);

/* Writes all of the text once, and closes. */
void rows_write_and_close(struct script *script);

/* Appends as many copies of a unit (1..ROWS_BLOCK_BYTES bytes) as make a good block, and writes
 * `count` copies: at most two steps. */
enum { ROWS_BLOCK_BYTES = 32 * 1024 };
void rows_repeat(struct script *script, struct hp_view unit, uint64_t count);

/* Appends the text of the receiver's ordinary success answer; no step. */
struct script_layout rows_put_success(struct script *script,
				      const struct behaviour_request *request);

/* The same with ROWS_BODY: a 200 where the receiver's own status has no body (204, 205). */
struct script_layout rows_put_success_body(struct script *script,
					   const struct behaviour_request *request);

/* Where half of an answer's body is out. */
size_t rows_half_body(const struct script_layout *layout);

/* So many bytes of a request, but never its last one: what was read is not a whole request. */
uint64_t rows_inside(const struct behaviour_request *request, uint64_t bytes);
#endif
