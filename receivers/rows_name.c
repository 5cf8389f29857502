/* The receiver's name, for senders that ask our resolver: each row changes the answer to a query,
 * and net/ carries it out. Addresses other than the receiver's own are of this machine. Queries for
 * A and AAAA are counted apart, so that a sender that asks for both has one attempt with two
 * queries. See behaviour.h. */
#include "base/random.h"
#include "receivers/rows.h"

#define TTL_S_MAX INT32_MAX /* RFC 2181 8 */
#define QUERIES_MAX UINT64_C(1000000000)
#define OTHER_ADDRESS "127.0.0.2" /* ours: of this machine, and nobody's unless something listens */

/* name-nxdomain, name-servfail */

enum fails_param { FAILS_QUERIES };

static bool fail(const struct behaviour_part *part, const struct behaviour_case *c,
		 enum lookup_outcome outcome, struct lookup *out)
{
	if (c->ordinal > part->values[FAILS_QUERIES])
		return false;
	out->outcome = outcome;
	out->address_count = 0;
	return true;
}

static bool resolve_nxdomain(const struct behaviour_part *part, const struct behaviour_case *c,
			     struct lookup *out)
{
	return fail(part, c, LOOKUP_NO_SUCH_NAME, out);
}

static bool resolve_servfail(const struct behaviour_part *part, const struct behaviour_case *c,
			     struct lookup *out)
{
	return fail(part, c, LOOKUP_SERVER_FAILS, out);
}

/* name-silent */

enum silent_param { SILENT_HOLD };

static bool resolve_silent(const struct behaviour_part *part, const struct behaviour_case *c,
			   struct lookup *out)
{
	(void)c;
	out->silent = true;
	out->delay_ns += part->values[SILENT_HOLD];
	return true;
}

/* name-flip, name-rebind, name-mixed: rows that answer with other addresses */

enum other_param { OTHER_ADDRESSES, OTHER_TTL, OTHER_OWN, MIXED_DEAD_SHARE = OTHER_OWN };

static int check_other(const struct behaviour_part *part, struct hp_err *err)
{
	unsigned count = lookup_list_count(behaviour_text(part, OTHER_ADDRESSES));

	if (count >= 1 && count < LOOKUP_ADDRESSES_MAX) /* the receiver's own may stand beside */
		return 0;
	return hp_err_set(err, HP_EINPUT, "\"%s\": want 1 to %d addresses, found %u",
			  part->row->params[OTHER_ADDRESSES].name, LOOKUP_ADDRESSES_MAX - 1, count);
}

/* A receiver on IPv6 has no address that an IPv4 one could stand for. */
static bool has_own(const struct lookup *lookup)
{
	return lookup->type == LOOKUP_A && lookup->address_count != 0;
}

static void set_ttl(const struct behaviour_part *part, struct lookup *out)
{
	out->ttl_s = (uint32_t)part->values[OTHER_TTL];
}

static bool resolve_flip(const struct behaviour_part *part, const struct behaviour_case *c,
			 struct lookup *out)
{
	const char *list = behaviour_text(part, OTHER_ADDRESSES);
	unsigned index = (c->ordinal - 1) % (1 + lookup_list_count(list));

	if (!has_own(out))
		return false;
	set_ttl(part, out);
	if (index == 0)
		return true;
	out->address_count = 0;
	lookup_add_list(out, list);
	memcpy(out->addresses[0], out->addresses[index - 1], sizeof(out->addresses[0]));
	out->address_count = 1;
	return true;
}

static bool resolve_rebind(const struct behaviour_part *part, const struct behaviour_case *c,
			   struct lookup *out)
{
	if (!has_own(out))
		return false;
	set_ttl(part, out);
	if (c->ordinal <= part->values[OTHER_OWN])
		return true;
	out->address_count = 0;
	lookup_add_list(out, behaviour_text(part, OTHER_ADDRESSES));
	return true;
}

static bool dead_first(const struct behaviour_part *part, const struct behaviour_case *c)
{
	const struct hp_key key = {
		.seed = c->seed, .stream = HP_STREAM_NAME, .endpoint = c->endpoint_index,
		.event = c->identity, .attempt = c->ordinal, .draw = c->draw,
	};
	return hp_random_below(&key, BEHAVIOUR_MICRO) < part->values[MIXED_DEAD_SHARE];
}

static bool resolve_mixed(const struct behaviour_part *part, const struct behaviour_case *c,
			  struct lookup *out)
{
	const char *list = behaviour_text(part, OTHER_ADDRESSES);
	uint8_t own[sizeof(out->addresses[0])];

	if (!has_own(out))
		return false;
	set_ttl(part, out);
	memcpy(own, out->addresses[0], sizeof(own));
	if (!dead_first(part, c)) {
		lookup_add_list(out, list);
		return true;
	}
	out->address_count = 0;
	lookup_add_list(out, list);
	lookup_add(out, own);
	return true;
}

/* name-v6-only */

/* ::ffff:127.0.0.1 reaches a receiver on 127.0.0.1 (RFC 4291 2.5.5.2). */
static void add_mapped(struct lookup *out)
{
	uint8_t ip[16] = {[10] = 0xFF, [11] = 0xFF};

	memcpy(ip + 12, out->own->ip, 4);
	lookup_add(out, ip);
}

static bool resolve_v6_only(const struct behaviour_part *part, const struct behaviour_case *c,
			    struct lookup *out)
{
	(void)part, (void)c;
	if (out->type == LOOKUP_OTHER)
		return false;
	if (out->type == LOOKUP_A)
		out->address_count = 0;
	else if (out->address_count == 0)
		add_mapped(out);
	return true;
}

static const char *remark(const struct behaviour_part *part)
{
	(void)part;
	return "acts on senders alone that ask our resolver for the receiver's name; the "
	       "generator of run and simulate asks nobody";
}

#define NAME_ROW(row_number, row_slug)                                                            \
	.number = row_number, .slug = row_slug, .layer = BEHAVIOUR_NAME,                          \
	.stage = BEHAVIOUR_ON_QUERY, .remark = remark
#define ANSWER_PROOF "the query was read, and the kernel took the whole answer"

#define QUERIES_PARAM                                                                            \
	[FAILS_QUERIES] = {"queries", BEHAVIOUR_COUNT, 1, 1, QUERIES_MAX,                       \
			    .help = "how many of each type, from the first on"}
#define ADDRESSES_PARAM(name, text)                                                               \
	[OTHER_ADDRESSES] = {name, BEHAVIOUR_ADDRESSES, .standard_text = OTHER_ADDRESS,           \
			     .help = text}
#define TTL_PARAM                                                                                 \
	[OTHER_TTL] = {"ttl", BEHAVIOUR_SECONDS, 0, 0, TTL_S_MAX,                                 \
		       .help = "how long the answer may be kept"}

const struct behaviour_row rows_name[] = {
	{
		NAME_ROW(220, "name-nxdomain"), .load_dependent = true,
		.help = "says that there is no such name",
		.proof = ANSWER_PROOF,
		.params = {QUERIES_PARAM},
		.resolve = resolve_nxdomain,
	},
	{
		NAME_ROW(221, "name-servfail"), .load_dependent = true,
		.help = "says that the name server failed",
		.proof = ANSWER_PROOF,
		.params = {QUERIES_PARAM},
		.resolve = resolve_servfail,
	},
	{
		NAME_ROW(222, "name-silent"),
		.help = "reads the query and does not answer",
		.proof = "nothing was sent for that time, or until the same query came again, or "
			 "until the run's end",
		.params = {[SILENT_HOLD] = {"hold", BEHAVIOUR_SPAN, 30 * HP_S_NS, HP_MS_NS,
					    ROWS_SPAN_NS_MAX, .help = "so long it is watched"}},
		.resolve = resolve_silent,
	},
	{
		NAME_ROW(223, "name-slow"),
		.help = "takes its time before the answer, 2 s unless it is told; adds to what "
			"other rows of names decide",
		.proof = "the query was read, and the kernel took the whole answer so much later",
		.params = {ROWS_LATENCY_PARAMS(2 * HP_S_NS)},
		.delay_ns = rows_delay_latency,
		.check = rows_check_latency,
	},
	{
		NAME_ROW(224, "name-flip"), .load_dependent = true,
		.help = "answers with another address each time: the receiver's own, then those of "
			"the list in turn, and again",
		.proof = ANSWER_PROOF,
		.params = {
			ADDRESSES_PARAM("addresses", "behind the receiver's own"),
			TTL_PARAM,
		},
		.resolve = resolve_flip,
		.check = check_other,
	},
	{
		NAME_ROW(225, "name-rebind"), .load_dependent = true,
		.help = "answers with the receiver's own address first, and later with that of a "
			"canary: another receiver that listens there on the same port",
		.proof = ANSWER_PROOF "; what the canary received",
		.params = {
			ADDRESSES_PARAM("to", "of the canary"),
			TTL_PARAM,
			[OTHER_OWN] = {"own", BEHAVIOUR_COUNT, 1, 0, QUERIES_MAX,
				       .help = "how many queries get the receiver's own address"},
		},
		.resolve = resolve_rebind,
		.check = check_other,
	},
	{
		NAME_ROW(226, "name-mixed"), .load_dependent = true,
		.help = "answers with several addresses, one of them the receiver's own and the "
			"others dead",
		.proof = ANSWER_PROOF,
		.params = {
			ADDRESSES_PARAM("dead", "where nobody listens"),
			TTL_PARAM,
			[MIXED_DEAD_SHARE] = {"dead_share", BEHAVIOUR_SHARE, BEHAVIOUR_MICRO / 2, 0,
					      BEHAVIOUR_MICRO,
					      .help = "of the answers, that begin with a dead one"},
		},
		.resolve = resolve_mixed,
		.check = check_other,
	},
	{
		NAME_ROW(227, "name-v6-only"),
		.help = "has an IPv6 address alone: the receiver's own, or its IPv4 one mapped",
		.proof = ANSWER_PROOF,
		.resolve = resolve_v6_only,
	},
	{.number = 0},
};
