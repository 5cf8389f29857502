/* How one attempt ended, as its sender can know it, and where a delivery ends. */
#ifndef HP_ENGINE_OUTCOME_H
#define HP_ENGINE_OUTCOME_H

/* Jepsen's three completions: happened, certainly did not, unknown. */
enum outcome_class { OUTCOME_CLASS_OK, OUTCOME_CLASS_FAIL, OUTCOME_CLASS_INFO };

#define OUTCOMES(X) /* name, word in JSON, class, sentence */                                     \
	X(OUTCOME_OK, "ok", OK, "a complete success answer was read")                             \
	X(OUTCOME_STATUS, "status", FAIL, "a complete answer that is no success")                 \
	X(OUTCOME_REFUSED, "refused", FAIL, "the connection was refused")                         \
	X(OUTCOME_UNREACHABLE, "unreachable", FAIL, "no route, or the network said no")           \
	X(OUTCOME_CONNECT_TIMEOUT, "connect-timeout", FAIL, "no connection in time")              \
	X(OUTCOME_FIRST_BYTE_TIMEOUT, "first-byte-timeout", INFO, "no answer byte in time")       \
	X(OUTCOME_TIMEOUT, "timeout", INFO, "the answer was not complete in time")                \
	X(OUTCOME_RESET, "reset", INFO, "the connection was reset after the request began")       \
	X(OUTCOME_CLOSED, "closed", INFO, "the connection was closed without an answer")          \
	X(OUTCOME_TRUNCATED, "truncated", INFO, "the answer ended before its declared length")    \
	X(OUTCOME_GARBAGE, "garbage", INFO, "the answer is no HTTP/1")                            \
	X(OUTCOME_TOO_LARGE, "too-large", INFO, "the answer was cut off at our limit")            \
	X(OUTCOME_NO_PORTS, "no-ports", FAIL, "we had no local port or descriptor left: ours")    \
	X(OUTCOME_ABANDONED, "abandoned", INFO, "the run ended while the attempt was in flight")   \
	X(OUTCOME_TLS_FAILED, "tls-failed", FAIL, "no TLS handshake, or a certificate refused")

enum outcome {
#define X(name, word, class, sentence) name,
	OUTCOMES(X)
#undef X
	OUTCOME_COUNT
};

const char *outcome_word(enum outcome outcome);
const char *outcome_sentence(enum outcome outcome);
enum outcome_class outcome_class(enum outcome outcome);
const char *outcome_class_word(enum outcome_class class);

/* Every planned delivery ends in exactly one bucket; PLANNED and IN_FLIGHT are on the way. */
#define DELIVERY_STATES_X(X) /* name, word */                                                     \
	X(DELIVERY_PLANNED, "planned")                                                            \
	X(DELIVERY_IN_FLIGHT, "in-flight")                                                        \
	X(DELIVERY_PENDING, "pending")     /* waits for its next attempt */                       \
	X(DELIVERY_DELIVERED, "delivered") /* an attempt was answered with success */             \
	X(DELIVERY_EXHAUSTED, "exhausted") /* the last attempt failed, or a 410 ended it */       \
	X(DELIVERY_DROPPED, "dropped")     /* a cap of ours: it waited too long for its turn */   \
	X(DELIVERY_NOT_SENT, "not-sent")   /* the run ended before its first attempt */

enum delivery_state {
#define X(name, word) name,
	DELIVERY_STATES_X(X)
#undef X
	DELIVERY_STATES
};

const char *delivery_state_word(enum delivery_state state);
#endif
