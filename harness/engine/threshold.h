/* A threshold: what a scenario or --expect demands of a figure: "response.p99<50ms",
 * "errors<0.1%", "achieved>=99%", "exhausted<=0". Parsed in scenarios/, judged in judge/. */
#ifndef HP_ENGINE_THRESHOLD_H
#define HP_ENGINE_THRESHOLD_H
#include <stdbool.h>
#include <stdint.h>

enum { THRESHOLD_TEXT_BYTES = 64, THRESHOLDS_MAX = 32 };

enum threshold_figure {
	THRESHOLD_RESPONSE, /* of first attempts, from the planned instant; with a percentile */
	THRESHOLD_SERVICE,
	THRESHOLD_QUEUE,
	THRESHOLD_LAG,
	THRESHOLD_DELIVERY, /* planned to the first ok attempt, retries included */
	THRESHOLD_ERRORS,   /* share of attempts that did not succeed */
	THRESHOLD_ACHIEVED, /* achieved rate as a share of the planned one */
	THRESHOLD_RATE,     /* achieved events per second */
	THRESHOLD_DELIVERED, /* share of planned deliveries; without %: a count */
	THRESHOLD_EXHAUSTED,
	THRESHOLD_PENDING,
	THRESHOLD_DROPPED,
	THRESHOLD_DUPLICATES, /* deliveries of an event that already had its effect */
	THRESHOLD_HANDSHAKE,  /* TLS, of each connection; with a percentile */
};

enum threshold_op { THRESHOLD_LT, THRESHOLD_LE, THRESHOLD_GT, THRESHOLD_GE };
enum threshold_unit { THRESHOLD_NS, THRESHOLD_SHARE, THRESHOLD_COUNT, THRESHOLD_PER_S };

struct threshold {
	char text[THRESHOLD_TEXT_BYTES]; /* as written, for people */
	enum threshold_figure figure;
	double percentile; /* 0..100; 100 is the maximum */
	enum threshold_op op;
	enum threshold_unit unit;
	double limit; /* ns, share 0..1, count, per second */
};

/* Whether an observed value, in the threshold's unit, keeps it. */
bool threshold_holds(const struct threshold *threshold, double observed);
#endif
