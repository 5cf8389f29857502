/* A scenario document: who sends what to whom, what the receivers do, what must hold.
 *
 * {
 *   "name": "outage-and-recovery",            // [a-z0-9-], default: the file's name
 *   "description": "one or two sentences",
 *   "seed": 42,                               // 0 .. 2^53-1; default 1
 *   "profile": "paisr-v1",                    // shipped name or path relative to this file
 *   "set": { "retry.base": "200ms" },         // overrides of single profile values
 *   "time_scale": 0.001,                      // multiplies the retry delays; default 1
 *   "events": {
 *     "types": [ {"type": "invoice.paid", "weight": 3, "resource": "inv"} ], // or a catalogue
 *     "body": "thin"                          // or a size: "4KiB"
 *   },
 *   "arrivals": {"kind": "constant", "rate": "200/s", "for": "5s"},  // "count" instead of "for"
 *     // {"kind": "ramp", "from": "10/s", "to": "500/s", "for": "10s"}
 *     // {"kind": "steps", "steps": [{"rate": "100/s", "for": "2s"}, …]}
 *     // {"kind": "burst", "size": 50, "every": "1s", "gap": "10us", "for": "5s"}
 *     // {"kind": "poisson", "rate": "200/s", "for": "5s"}
 *     // {"kind": "recorded", "file": "arrivals.txt", "scale": 1.0}   one offset per line: "1.5ms"
 *     // {"kind": "closed", "concurrency": 64, "for": "5s"}           and/or "count"
 *   "warmup": "0s",
 *   "endpoints": [ {"name": "billing",
 *                   "receiver": "billing",          // one of the receivers below, or
 *                   "url": "http://127.0.0.1:8080/hooks",   // or https
 *                   "tls": {"ca": "ca.pem",         // PEM; default: the system's authorities,
 *                                                   // the run's own for a receiver
 *                           "verify": true,         // false: any certificate is taken
 *                           "resume": true},        // false: every handshake is a full one
 *                   "events": ["invoice.*"],        // default: everything
 *                   "secret_env": "HOOK_SECRET",    // or "secret": literal; default with a
 *                                                   // receiver: generated from the seed
 *                   "connections": 64} ],
 *   "receivers": [ {"name": "billing", "listen": "127.0.0.1:0", "path": "/hooks",
 *                   "verify": true, "idempotent": true, "tls": false, "events": ["*"],
 *                   "secret": "…", "secret_env": "…",  // default: the endpoint's own
 *                   "status": 204,
 *                   "behaviours": [ {"behaviour": "latency", "p50": "5ms", "p99": "50ms"} ]} ],
 *   "dns": "127.0.0.1:5353",       // a resolver of ours: NAME.hookproof.test is the receiver NAME
 *   "network": {"latency": "1ms", "loss": 0.01},   // of hookproof simulate only
 *   "limits": {"in_flight": 10000, "queue": "never", "drain": "60s", "lag": "1ms",
 *              "answer": "64KiB"},
 *   "record": "all",                          // failures, summary
 *   "thresholds": ["response.p99<50ms", "errors<0.1%"],
 *   "judge": {"set": {"retry.base": "60s"}},  // hold the sender to another profile value
 *   "must_fail": ["never-early"]              // this scenario is there to fail in exactly these
 * }
 *
 * The loader refuses what it does not know, with file:line:column and the nearest known name. */
#ifndef HP_SCENARIOS_SCENARIO_H
#define HP_SCENARIOS_SCENARIO_H
#include "base/err.h"
#include "base/buf.h"
#include "engine/plan.h"

enum {
	SCENARIO_RECEIVERS_MAX = 256,
	SCENARIO_MUST_FAIL_MAX = 16,
	SCENARIO_ID_BYTES = 64,
	SCENARIO_DESCRIPTION_BYTES = 512,
	SCENARIO_BYTES_MAX = 4 * 1024 * 1024, /* of a document */
};

struct receiver_config; /* receivers/receiver.h */

struct scenario_network { /* of simulate: one way latency, share of connections that are lost */
	uint64_t latency_ns;
	double loss;
};

struct scenario {
	struct plan plan;
	char description[SCENARIO_DESCRIPTION_BYTES];
	struct receiver_config *receivers; /* owned, with what their guards hold */
	struct hp_secret **receiver_secrets; /* owned; NULL: the receiver knows its endpoint's */
	size_t receiver_count;
	struct scenario_network network;
	struct port_address dns; /* where names of receivers are asked for; family 0: nowhere */
	char must_fail[SCENARIO_MUST_FAIL_MAX][SCENARIO_ID_BYTES];
	unsigned must_fail_count;
};

/* Where the texts of profiles and recorded arrivals come from: the shipped ones and the disk for
 * a new run, the run file for one that is judged again. */
struct scenario_source {
	/* Appends the text of a document to out. kind: "profile", "recorded", "delays" (those of a
	 * receiver; what judges a run again need not have them). -1 with *err. */
	int (*read)(const struct scenario_source *source, const char *kind, const char *name,
		    struct hp_buf *out, struct hp_err *err);
	const void *user;    /* of whoever set the reader */
	const char *folder;  /* relative names start here; "" is the current folder */
	bool secrets_needed; /* false: an unset secret variable is no error (lint, check) */
	struct hp_buf *warnings; /* lines for lint; NULL: nobody asks */
};

/* The source for a new run: shipped documents by name, files by path. */
struct scenario_source scenario_source_disk(const char *folder);

/* What the command line overrides, in the order given; each may be NULL or 0. */
struct scenario_overrides {
	const uint64_t *seed;
	const char *profile;
	const char *const *set; /* "retry.base=200ms" */
	size_t set_count;
	const char *record;
	const struct hp_secret *secret; /* of endpoints that name none; borrowed for the call */
	bool make_secrets; /* load without a secret: URLs too get one made from the seed */
};

/* A document as it is loaded. Borrowed for the call. */
struct scenario_text {
	const char *name; /* what errors call it: the path */
	struct hp_view json;
};

/* Loads a document; overrides may be NULL. Fills *out, which scenario_fini() frees; on -1 nothing
 * is left to free. Receivers borrow the plan's profile: *out must not move. */
int scenario_load(struct scenario *out, struct scenario_text text,
		  const struct scenario_source *source, const struct scenario_overrides *overrides,
		  struct hp_err *err) __attribute__((warn_unused_result));
void scenario_fini(struct scenario *scenario);

/* Loads the behaviours of a receiver from a document of their own: the JSON array that stands under
 * "behaviours" in a scenario. The config has none, and its other keys are filled in. Fills
 * config->behaviours, which scenario_free_behaviours() frees; on -1 nothing is left to free. */
int scenario_load_behaviours(struct receiver_config *config, struct scenario_text text,
			     struct hp_err *err) __attribute__((warn_unused_result));
void scenario_free_behaviours(struct receiver_config *config);

/* Writes asterisks over the literal secrets in the text of a document, which may be cut off or
 * wrong; no byte moves. Where secrets are not needed, the loader takes them for absent ones. */
void scenario_hide_secrets(char *text);

/* Points an endpoint at an address once it is known (a receiver that listens on port 0): fills url,
 * host, target and address. Whether it is https was said before: endpoint->tls.used. */
void scenario_endpoint_at(struct plan_endpoint *endpoint, const struct port_address *address,
			  const char *path);

/* Fills url, host, target, address and tls.used from "http://host:port/path" or "https://…"; a host
 * that is a name leaves the address' family 0. False when it is anything else. */
bool scenario_parse_url(struct hp_view text, struct plan_endpoint *endpoint);

/* Reads "127.0.0.1:0" or "[::1]:8080". */
bool scenario_parse_listen(struct hp_view text, struct port_address *out);

/* Reads one threshold: "response.p99<50ms". -1 with HP_EUSAGE, which names the figures. */
int threshold_parse(struct threshold *out, const char *text, struct hp_err *err)
	__attribute__((warn_unused_result));
#endif
