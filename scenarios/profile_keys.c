/* The table of what a profile says. A new key is one row here and a line in profiles/README.md. */
#include <stddef.h>

#include "base/nearest.h"
#include "scenarios/profile_inside.h"

#define X(name, word, ...) word,
static const char *const encodings[] = {ENCODINGS(X) NULL};
static const char *const key_formats[] = {SCHEME_KEY_FORMATS(X) NULL};
static const char *const units[] = {SCHEME_UNITS(X) NULL};
static const char *const body_forms[] = {SCHEME_BODY_FORMS(X) NULL};
#undef X
static const char *const algorithms[] = {
#define X(name, word, version) word,
	SCHEME_ALGORITHMS(X)
#undef X
	NULL};
static const char *const laws[] = {"exponential", "linear", "list", NULL};
static const char *const afters[] = {"ignore", "next-slot", "double", "honour", NULL};
static const char *const anchors[] = {"failure", "start", NULL};
static const char *const redirects[] = {"fail", "follow", NULL};
static const char *const rotations[] = {"instant", "grace", "dual", NULL};
static const char *const stamps[] = {"fresh", "preserved", NULL};

#define AT(member) offsetof(struct profile, member)
#define TEXT(path, member) \
	{path, &profile_kind_text, AT(member), 0, sizeof(((struct profile *)0)->member), NULL}
#define WORD(path, member, words) {path, &profile_kind_word, AT(member), 0, 0, words}
#define FLAG(path, member) {path, &profile_kind_flag, AT(member), 0, 0, NULL}
#define SPAN(path, member, min) \
	{path, &profile_kind_span, AT(member), min, 366 * UINT64_C(86400) * HP_S_NS, NULL}
#define COUNT(path, member, min, max) {path, &profile_kind_count, AT(member), min, max, NULL}
#define NAME(path, member) \
	{path, &profile_kind_family_name, AT(scheme.member), 0, SCHEME_NAME_BYTES, NULL}
#define OWN(path, kind, member) {path, &profile_kind_##kind, AT(member), 0, 0, NULL}

const struct profile_key profile_keys[] = {
	TEXT("name", name),
	TEXT("source", source),
	TEXT("date", date),
	OWN("assumed", assumed, assumed),

	NAME("scheme.header", families[0].signature),
	NAME("scheme.timestamp_header", families[0].timestamp),
	NAME("scheme.id_header", families[0].id),
	NAME("scheme.also.header", families[1].signature),
	NAME("scheme.also.timestamp_header", families[1].timestamp),
	NAME("scheme.also.id_header", families[1].id),
	{"scheme.algorithm", &profile_kind_algorithm, AT(scheme.algorithm), 0, 0, algorithms},
	WORD("scheme.encoding", scheme.encoding, encodings),
	WORD("scheme.key_format", scheme.key_format, key_formats),
	TEXT("scheme.public_key", scheme.public_key),
	OWN("scheme.content", content, scheme.content),
	WORD("scheme.body_form", scheme.body_form, body_forms),
	OWN("scheme.value", value, scheme.value),
	WORD("scheme.timestamp_unit", scheme.unit, units),
	OWN("scheme.tolerance_past", tolerance, scheme.past_s),
	OWN("scheme.tolerance_future", tolerance, scheme.future_s),

	COUNT("retry.attempts_max", retry.attempts_max, 1, RETRY_ATTEMPTS_MAX),
	WORD("retry.law", retry.law, laws),
	SPAN("retry.base", retry.base_ns, 0),
	{"retry.factor", &profile_kind_factor, AT(retry.factor), 1000000, 1000000000, NULL},
	SPAN("retry.cap", retry.cap_ns, 0),
	OWN("retry.list", spans, retry.list_ns),
	OWN("retry.jitter", jitter, retry.jitter),
	WORD("retry.after", retry.after, afters),
	WORD("retry.anchor", retry.anchor, anchors),
	SPAN("retry.poll", retry.poll_ns, 0),

	SPAN("timeout", timeout_ns, HP_MS_NS),
	SPAN("connect_timeout", connect_timeout_ns, HP_MS_NS),
	SPAN("first_byte_timeout", first_byte_timeout_ns, HP_MS_NS),
	OWN("success", success, success_min),
	FLAG("gone_stops", gone_stops),
	WORD("redirects", redirects, redirects),
	WORD("rotation", rotation, rotations),
	SPAN("rotation_grace", rotation_grace_ns, 0),
	WORD("timestamp_on_retry", stamp_on_retry, stamps),
	OWN("reject_status", statuses, reject_status),
	FLAG("reject_may_ack", reject_may_ack),

	TEXT("identity.header", id_header),
	TEXT("identity.id", id_pointer),
	TEXT("identity.type", type_pointer),
	TEXT("body", body),
	{"body_bytes_max", &profile_kind_size, AT(body_bytes_max), 1, UINT64_C(1) << 30, NULL},
	OWN("headers", headers, headers),
};

const unsigned profile_key_count = sizeof(profile_keys) / sizeof(profile_keys[0]);

_Static_assert(sizeof(profile_keys) / sizeof(profile_keys[0]) <= PROFILE_KEYS_MAX,
	       "profile.assumed has a bit for each key");

/* The last part of a path: "base" of "retry.base". */
static struct hp_view short_name(const char *path)
{
	const char *dot = strrchr(path, '.');

	return hp_view_of(dot ? dot + 1 : path);
}

/* The one key that ends in this name; PROFILE_KEYS_MAX when it is none or several. */
static unsigned find_short(struct hp_view name)
{
	unsigned found = PROFILE_KEYS_MAX;

	for (unsigned i = 0; i < profile_key_count; i++) {
		if (!hp_view_equal(short_name(profile_keys[i].path), name))
			continue;
		if (found != PROFILE_KEYS_MAX)
			return PROFILE_KEYS_MAX;
		found = i;
	}
	return found;
}

unsigned profile_key_find(struct hp_view path)
{
	for (unsigned i = 0; i < profile_key_count; i++) {
		if (hp_view_equal(hp_view_of(profile_keys[i].path), path))
			return i;
	}
	return find_short(path);
}

int profile_key_unknown(struct hp_view path, struct hp_err *err)
{
	const char *names[PROFILE_KEYS_MAX + 1] = {NULL};
	const char *near;

	for (unsigned i = 0; i < profile_key_count; i++)
		names[i] = profile_keys[i].path;
	near = hp_nearest(path, names);
	return hp_err_set(err, HP_EUSAGE, "unknown key \"%.*s\"%s%s%s",
			  (int)(path.bytes < 80 ? path.bytes : 80), path.bytes ? path.at : "",
			  near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}
