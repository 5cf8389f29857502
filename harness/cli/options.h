/* The options of the command line: one table of all of them, and typed getters over what was given.
 * Usage, help and parsing are expanded from the table; a command lists the ids that it takes.
 * Not here: what the options mean (cmd_*.c). The main thread's. */
#ifndef HP_CLI_OPTIONS_H
#define HP_CLI_OPTIONS_H
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"

/* FLAG has no value; TEXTS may stand several times, the others once. INTEGER: 0 .. 2^53 - 1.
 * WORD: one of the alternatives that the argument names. */
enum option_type {
	OPTION_FLAG,
	OPTION_WORD,
	OPTION_TEXT,
	OPTION_TEXTS,
	OPTION_SPAN,
	OPTION_RATE,
	OPTION_SIZE,
	OPTION_INTEGER,
};

#define OPTIONS(X) /* id, name, type, argument, default, help */                                   \
	X(OPT_SEED, "seed", INTEGER, "N", "the scenario's",                                        \
	  "the same seed gives the same events, faults and waits")                                 \
	X(OPT_PROFILE, "profile", TEXT, "NAME|FILE", "paisr-v1",                                   \
	  "the sender's rules: a shipped profile or a JSON file")                                  \
	X(OPT_SET, "set", TEXTS, "NAME=VALUE", "",                                                 \
	  "override one value of the profile, like retry.base=200ms")                              \
	X(OPT_SECRET_ENV, "secret-env", TEXTS, "VARIABLE", "",                                     \
	  "the environment variable that holds the signing secret")                                \
	X(OPT_SECRET_FILE, "secret-file", TEXTS, "PATH", "",                                       \
	  "a file that holds the secret; one line end at its end is dropped")                      \
	X(OPT_SECRET, "secret", TEXTS, "TEXT", "",                                                 \
	  "the secret itself; other users of this machine can see it")                             \
	X(OPT_PUBLIC_KEY, "public-key", TEXTS, "TEXT", "",                                         \
	  "the key to verify with when the scheme is asymmetric")                                  \
	X(OPT_RATE, "rate", RATE, "N/s", "",                                                       \
	  "open loop: events a second, whatever the target does")                                  \
	X(OPT_CLOSED, "closed", FLAG, "", "", "closed loop: the next event when one is done")      \
	X(OPT_FOR, "for", SPAN, "SPAN", "", "how long, like 30s")                                  \
	X(OPT_DURATION, "duration", SPAN, "SPAN", "", "another name for --for")                    \
	X(OPT_COUNT, "count", INTEGER, "N", "", "stop after N events; receive: N deliveries")      \
	X(OPT_CONNECTIONS, "connections", INTEGER, "N", "64",                                      \
	  "connections at most; in the closed loop, events in flight")                             \
	X(OPT_WARMUP, "warmup", SPAN, "SPAN", "0s", "attempts planned before count in no latency") \
	X(OPT_EXPECT, "expect", TEXTS, "THRESHOLD", "",                                            \
	  "what must hold, like 'response.p99<50ms' or 'errors<0.1%'")                             \
	X(OPT_BODY_SIZE, "body", SIZE, "SIZE", "thin",                                             \
	  "fill the body of each event up to this size")                                           \
	X(OPT_TYPE, "type", TEXTS, "EVENT", "a catalogue",                                         \
	  "an event type to send, like invoice.paid")                                              \
	X(OPT_LISTEN, "listen", TEXT, "ADDR:PORT", "127.0.0.1:0",                                  \
	  "where to listen; port 0: any free one")                                                 \
	X(OPT_TLS, "tls", FLAG, "", "",                                                            \
	  "speak TLS, with a certificate of a test authority made for the run")                    \
	X(OPT_STATUS, "status", INTEGER, "N", "204", "the status that is answered")                \
	X(OPT_NO_VERIFY, "no-verify", FLAG, "", "",                                                \
	  "accept deliveries without looking at the signature")                                    \
	X(OPT_NOT_IDEMPOTENT, "not-idempotent", FLAG, "", "",                                      \
	  "let a duplicate have its effect again")                                                 \
	X(OPT_LATENCY, "latency", TEXT, "KIND:SPAN,...", "",                                       \
	  "before an answer: fixed:20ms, uniform:1ms,5ms, lognormal:5ms,80ms, pareto:5ms,80ms")    \
	X(OPT_BEHAVIOUR, "behaviour", TEXTS, "NAME[:K=V,...]", "",                                 \
	  "what the receiver does, like latency:p50=5ms,p99=80ms")                                 \
	X(OPT_DNS, "dns", TEXT, "ADDR:PORT", "",                                                   \
	  "resolve NAME.hookproof.test there, on this machine only; port 0: any free one")         \
	X(OPT_CONTROL, "control", TEXT, "ADDR:PORT", "",                                           \
	  "serve the control endpoint there, on this machine only; port 0: any free one")          \
	X(OPT_CONTROL_TOKEN_ENV, "control-token-env", TEXT, "VARIABLE", "one made at the start",   \
	  "the environment variable that holds the control endpoint's token")                      \
	X(OPT_RECORD, "record", WORD, "all|failures|summary", "the scenario's",                    \
	  "what the run file keeps")                                                               \
	X(OPT_OUT, "out", TEXT, "DIR", "hookproof-out/<run id>/", "where the run's files go")      \
	X(OPT_RUN_ID, "run-id", TEXT, "ID", "made from the time", "the run's name")                \
	X(OPT_REPORT, "report", TEXTS, "FORMAT[=PATH]", "text",                                    \
	  "a report to write: text, json, junit, ...")                                             \
	X(OPT_CA, "ca", TEXT, "FILE", "the system's",                                              \
	  "PEM file of the authorities that an https target is verified by")                       \
	X(OPT_INSECURE, "insecure", FLAG, "", "",                                                  \
	  "take any certificate of an https target")                                               \
	X(OPT_ALLOW_HOST, "allow-host", TEXTS, "HOST", "",                                         \
	  "a host beyond this machine that may be sent to")                                        \
	X(OPT_BODY, "body", TEXT, "FILE|-", "",                                                    \
	  "the exact bytes of the body; - is standard input")                                      \
	X(OPT_TIMESTAMP, "timestamp", TEXT, "T", "now",                                            \
	  "the timestamp to sign, in the scheme's unit")                                           \
	X(OPT_MESSAGE_ID, "message-id", TEXT, "ID", "made from the body",                          \
	  "the message id, where the scheme signs one")                                            \
	X(OPT_URL, "url", TEXT, "URL", "", "the endpoint's URL, where the scheme signs it")        \
	X(OPT_HEADER, "header", TEXTS, "'NAME: VALUE'", "",                                        \
	  "a header of the request as it arrived")                                                 \
	X(OPT_SIGNATURE, "signature", TEXT, "VALUE", "",                                           \
	  "the signature that arrived: the header's value, or the digest alone")                   \
	X(OPT_HEADERS, "headers", TEXT, "FILE", "",                                                \
	  "a file with the headers of the request, one a line")                                    \
	X(OPT_OLD_SECRET_ENV, "old-secret-env", TEXTS, "VARIABLE", "",                             \
	  "the environment variable that holds the secret from before a rotation")                 \
	X(OPT_OTHER_SECRET_ENV, "other-secret-env", TEXTS, "VARIABLE", "",                         \
	  "the environment variable that holds the secret of another endpoint")                    \
	X(OPT_AT, "at", INTEGER, "SECONDS", "now", "the instant of verification, Unix seconds")    \
	X(OPT_ONLY, "only", TEXTS, "CHECK|GROUP", "all", "run these checks, or groups of them")    \
	X(OPT_SKIP, "skip", TEXTS, "CHECK|GROUP", "none", "leave these checks or groups out")      \
	X(OPT_LEVEL, "level", WORD, "must|should|all", "all", "the least that is run")             \
	X(OPT_TIMEOUT, "timeout", SPAN, "SPAN", "the profile's",                                   \
	  "how long a delivery waits for its answer")                                              \
	X(OPT_MAX_BODY, "max-body", SIZE, "SIZE", "the profile's",                                 \
	  "the largest body that must be accepted")                                                \
	X(OPT_EFFECT_URL, "effect-url", TEXT, "URL", "",                                           \
	  "asked how often {key} took effect: a number, {\"count\":n}, or JSON at #/pointer")      \
	X(OPT_EFFECT_COMMAND, "effect-command", TEXT, "COMMAND", "",                               \
	  "run for the same, without a shell: 'psql -At -c ... {key}'")                            \
	X(OPT_RESTART_COMMAND, "restart-command", TEXT, "COMMAND", "",                             \
	  "restarts the receiver, without a shell")                                                \
	X(OPT_ROTATE_COMMAND, "rotate-command", TEXT, "COMMAND", "",                               \
	  "ends the overlap of the old secret")                                                    \
	X(OPT_CLOCK_COMMAND, "clock-command", TEXT, "COMMAND", "",                                 \
	  "moves the receiver's clock by {shift} seconds, to {offset} from the truth")             \
	X(OPT_LIST, "list", FLAG, "", "", "show the checks that would run, and send nothing")      \
	X(OPT_JSON, "json", FLAG, "", "", "print one JSON object on standard output")              \
	X(OPT_COLOUR, "color", WORD, "auto|always|never", "auto", "colour; auto heeds NO_COLOR")   \
	X(OPT_QUIET, "quiet", FLAG, "", "", "the verdict alone, and no progress")                  \
	X(OPT_VERBOSE, "verbose", FLAG, "", "",                                                    \
	  "more in the text report, and remarks on standard error")                                \
	X(OPT_HELP, "help", FLAG, "", "", "show this help")

enum option_id {
#define X(id, ...) id,
	OPTIONS(X)
#undef X
	OPT_END, /* ends a command's list; how many there are */
};

struct options; /* what was given to one command */

/* Reads the words behind the command's name. `takes` is the command's list, which ends with
 * OPT_END; OPT_HELP is always taken, as --help and -h. "--" ends the options, "-" is a word.
 * Returns new, or NULL with HP_EUSAGE, which names the nearest option. Borrows argv and takes. */
struct options *options_parse(int argc, char *const argv[], const unsigned char takes[],
			      struct hp_err *err) __attribute__((warn_unused_result));
void options_free(struct options *options);

/* Whether --json stands among words that options_parse() may have refused. */
bool options_want_json(int argc, char *const argv[]);

/* The name of an option, without its dashes. */
const char *options_name(enum option_id id);

bool options_given(const struct options *options, enum option_id id);

/* The text of an option, or otherwise the fallback. Borrowed from argv. */
const char *options_text(const struct options *options, enum option_id id, const char *fallback);

/* All texts of a repeated option, in order. *count may become 0. Good as long as the options. */
const char *const *options_texts(const struct options *options, enum option_id id, size_t *count);

/* Numbers, in ns, bytes, millionths of an event a second, or as they are. */
uint64_t options_span_ns(const struct options *options, enum option_id id, uint64_t fallback_ns);
uint64_t options_size_bytes(const struct options *options, enum option_id id, uint64_t fallback);
uint64_t options_rate_micro(const struct options *options, enum option_id id, uint64_t fallback);
uint64_t options_integer(const struct options *options, enum option_id id, uint64_t fallback);

/* The words that are no options. */
size_t options_word_count(const struct options *options);
const char *options_word(const struct options *options, size_t index);

/* Appends the line that gives the same words and options again, quoted for a shell: "hookproof load
 * URL --rate 500/s". Leaves out secrets, and what names one run only: --out, --run-id. */
void options_repeat(const struct options *options, const char *command, struct hp_buf *out);

/* Prints the rows of a command's list as people read them, wrapped at `columns`. */
void options_print(FILE *out, const unsigned char takes[], unsigned columns);

/* Prints text in lines of at most `columns`, all but the first indented. Ends the last one. */
void options_print_wrapped(FILE *out, const char *text, unsigned indent, unsigned columns);
#endif
