#include "tests/mutants/mutant_verify.h"
#include <ctype.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "tests/mutants/mutant_defects.h"
#include "tests/mutants/mutant_mac.h"
#include "tests/mutants/mutant_rewrite.h"
#include "tests/mutants/mutant_time.h"

enum {
	CANDIDATES_MAX = 16,
	KEYS_MAX = 4,
	FLIPPED_BYTES_MAX = 2048, /* of a body, where a defect tries every bit */
	SEARCHED_S = 2 * 3600,    /* into the past, where a defect looks for the signed time */
};

/* What the signature header says: digests that may count, and the time where it holds one. */
struct claim {
	struct view digests[CANDIDATES_MAX];
	enum mac_hash hashes[CANDIDATES_MAX];
	size_t count;
	struct view time; /* .at NULL: none */
	bool time_twice;
};

struct trial {
	const struct mutant *mutant;
	const struct http_request *request;
	const struct claim *claim;
	struct view body; /* as this receiver hashes it */
	struct view time, id;
	const char *content; /* the template */
	struct bytes wanted; /* the last digest that was compared, as text */
};

void verify_key(const struct mutant_profile *profile, const char *secret, struct bytes *key)
{
	if (!profile->whsec) {
		bytes_add_text(key, secret);
		return;
	}
	if (strncmp(secret, "whsec_", 6) == 0)
		secret += 6;
	mac_add_decoded(view_of(secret), key);
}

static const struct http_header *find_signature(const struct mutant *m,
						const struct http_request *r, unsigned *count)
{
	const char *name = defect_is(DEFECT_WRONG_HEADER) ? "X-Signature" : m->profile->signature;
	const struct http_header *found = http_find(r, name, count);

	if (found && defect_is(DEFECT_CASE_SENSITIVE_HEADER) && strcmp(found->name, name) != 0)
		return NULL;
	return found;
}

struct view verify_signature(const struct mutant *mutant, const struct http_request *request)
{
	const struct http_header *found = find_signature(mutant, request, NULL);

	return found ? found->value : view_of(NULL);
}

static struct view behind(struct view text, size_t bytes)
{
	return (struct view){text.at + bytes, text.bytes - bytes};
}

static bool begins(struct view text, const char *with)
{
	return text.bytes >= strlen(with) && memcmp(text.at, with, strlen(with)) == 0;
}

static void add_digest(struct claim *claim, struct view digest, enum mac_hash hash)
{
	if (claim->count == CANDIDATES_MAX)
		return;
	claim->digests[claim->count] = digest;
	claim->hashes[claim->count++] = hash;
}

/* One entry of a list, or the whole value. */
static void read_entry(const struct mutant_profile *p, struct view entry, struct claim *claim)
{
	static const struct {
		const char *tag;
		enum mac_hash hash;
	} tags[] = {{"sha1=", MAC_SHA1}, {"sha512=", MAC_SHA512}, {"md5=", MAC_MD5}};
	const char *separator;

	if (p->form == FORM_PARTS && begins(entry, "t=")) {
		claim->time_twice = claim->time.at != NULL;
		claim->time = behind(entry, 2);
	} else if (begins(entry, p->tag)) {
		add_digest(claim, behind(entry, strlen(p->tag)), MAC_SHA256);
	} else if (defect_is(DEFECT_TAG_IGNORED)) {
		separator = memchr(entry.at, p->form == FORM_LIST ? ',' : '=', entry.bytes);
		add_digest(claim, behind(entry, separator ? (size_t)(separator + 1 - entry.at) : 0),
			   MAC_SHA256);
	} else if (defect_is(DEFECT_ALGORITHM_FROM_TAG)) {
		for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++)
			if (begins(entry, tags[i].tag))
				add_digest(claim, behind(entry, strlen(tags[i].tag)), tags[i].hash);
	}
}

static enum mac_hash hash_of_length(struct view digest)
{
	return digest.bytes == 32 ? MAC_MD5 : digest.bytes == 40 ? MAC_SHA1
	       : digest.bytes == 128 ? MAC_SHA512 : MAC_SHA256;
}

static void read_claim(const struct mutant_profile *p, struct view value, struct claim *claim)
{
	char separator = p->form == FORM_LIST ? ' ' : ',';

	*claim = (struct claim){0};
	if (p->form == FORM_PLAIN) {
		add_digest(claim, value,
			   defect_is(DEFECT_ALGORITHM_FROM_REQUEST) ? hash_of_length(value)
								    : MAC_SHA256);
		return;
	}
	if (p->form == FORM_TAG) {
		read_entry(p, value, claim);
		return;
	}
	while (value.bytes != 0) {
		const char *end = memchr(value.at, separator, value.bytes);
		size_t bytes = end ? (size_t)(end - value.at) : value.bytes;

		read_entry(p, (struct view){value.at, bytes}, claim);
		value = behind(value, bytes + (end != NULL));
	}
	if (claim->count > 1 && defect_is(DEFECT_FIRST_SIGNATURE_ONLY))
		claim->count = 1;
	if (claim->count > 1 && defect_is(DEFECT_LAST_SIGNATURE_ONLY)) {
		claim->digests[0] = claim->digests[claim->count - 1];
		claim->count = 1;
	}
}

static void fill_content(const struct trial *t, struct bytes *content)
{
	for (const char *at = t->content; *at; at++)
		if (*at == 'b')
			bytes_add_view(content, t->body);
		else if (*at == 't')
			bytes_add_view(content, t->time);
		else if (*at == 'i')
			bytes_add_view(content, t->id);
		else if (*at == 'u')
			bytes_add_text(content, t->mutant->url);
		else
			bytes_add(content, at, 1);
}

static bool is_alphabet(struct view text, bool base64)
{
	for (size_t i = 0; i < text.bytes; i++) {
		unsigned char letter = (unsigned char)text.at[i];
		bool hex = (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f');

		if (!hex && !(base64 && (isalnum(letter) || (letter && strchr("+/=", letter)))))
			return false;
	}
	return true;
}

static size_t hex_prefix(struct view text)
{
	size_t i = 0;

	while (i < text.bytes && is_alphabet((struct view){text.at + i, 1}, false))
		i++;
	return i & ~(size_t)1; /* whole bytes */
}

static bool has_high_bytes(struct view text)
{
	for (size_t i = 0; i < text.bytes; i++)
		if (text.at[i] & 0x80)
			return true;
	return false;
}

static enum verify_answer said(bool good)
{
	return good ? VERIFY_GOOD : VERIFY_BAD;
}

/* The good receiver asks for the one spelling, whole, in constant time. */
static enum verify_answer compare(struct view got, struct view wanted, bool base64)
{
	size_t shorter = got.bytes < wanted.bytes ? got.bytes : wanted.bytes;

	if (defect_is(DEFECT_PREFIX_COMPARE))
		return said(memcmp(got.at, wanted.at, shorter) == 0);
	if (defect_is(DEFECT_NO_LENGTH_GUARD) && got.bytes != wanted.bytes)
		return VERIFY_THROWS;
	if (got.bytes != wanted.bytes)
		return VERIFY_BAD;
	if (defect_is(DEFECT_COUNTS_CHARACTERS) && has_high_bytes(got))
		return VERIFY_THROWS;
	if (defect_is(DEFECT_LENGTH_ONLY) && is_alphabet(got, base64))
		return VERIFY_GOOD;
	if (defect_is(DEFECT_LENIENT_HEX) && !base64)
		return said(memcmp(got.at, wanted.at, hex_prefix(got)) == 0);
	if (defect_is(DEFECT_LOOSE_ENCODINGS) && !base64)
		return said(strncasecmp(got.at, wanted.at, got.bytes) == 0);
	return said(CRYPTO_memcmp(got.at, wanted.at, got.bytes) == 0);
}

/* All digests of the claim under one key. */
static enum verify_answer try_key(struct trial *t, struct view key)
{
	struct bytes content = {.max = 2 * HTTP_BODY_BYTES_MAX};
	enum verify_answer answer = VERIFY_BAD;
	bool base64 = t->mutant->profile->base64;

	fill_content(t, &content);
	for (size_t i = 0; i < t->claim->count && answer == VERIFY_BAD; i++) {
		bytes_free(&t->wanted);
		mac_add_text((struct mac_input){t->claim->hashes[i], key, bytes_view(&content)},
			     base64, &t->wanted);
		answer = compare(t->claim->digests[i], bytes_view(&t->wanted), base64);
	}
	bytes_free(&content);
	return answer;
}

static bool old_counts(const struct mutant *m)
{
	if (m->old_secret.bytes == 0 || defect_is(DEFECT_REPLACES_SECRET))
		return false;
	return !m->overlap_over || defect_is(DEFECT_KEEPS_OLD_SECRET);
}

static size_t list_keys(const struct mutant *m, struct view *keys, struct bytes *scratch)
{
	size_t count = 0;

	keys[count++] = bytes_view(&m->secret);
	if (old_counts(m))
		keys[count++] = bytes_view(&m->old_secret);
	if (defect_is(DEFECT_ANY_KNOWN_SECRET) && m->other_secret.bytes != 0)
		keys[count++] = bytes_view(&m->other_secret);
	if (defect_is(DEFECT_EMPTY_KEY))
		keys[count++] = view_of("");
	if (defect_is(DEFECT_FALLBACK_SECRET))
		keys[count++] = view_of("changeme");
	if (defect_is(DEFECT_DECODES_KEY))
		mac_add_decoded(view_of(m->secret_text), scratch);
	if (defect_is(DEFECT_KEY_WITH_NEWLINE)) {
		bytes_add_text(scratch, m->secret_text);
		bytes_add_text(scratch, "\n");
	}
	if (scratch->bytes != 0)
		keys[count++] = bytes_view(scratch);
	return count;
}

static enum verify_answer try_keys(struct trial *t)
{
	struct bytes scratch = {.max = 1024};
	struct view keys[KEYS_MAX];
	size_t count = list_keys(t->mutant, keys, &scratch);
	enum verify_answer answer = VERIFY_BAD;

	for (size_t i = count; i > 0 && answer == VERIFY_BAD; i--) /* ends with the real one */
		answer = try_key(t, keys[i - 1]);
	bytes_free(&scratch);
	return answer;
}

/* A receiver that hashes a few fields sees no change elsewhere: every single bit is tried. */
static enum verify_answer try_flipped(struct trial *t)
{
	struct view body = t->body;
	struct bytes flipped = {.max = FLIPPED_BYTES_MAX};
	enum verify_answer answer = VERIFY_BAD;

	if (!bytes_add_view(&flipped, body))
		return VERIFY_BAD;
	for (size_t bit = 0; bit < body.bytes * 8 && answer == VERIFY_BAD; bit++) {
		flipped.at[bit / 8] = (char)(body.at[bit / 8] ^ (1 << bit % 8));
		t->body = bytes_view(&flipped);
		answer = try_keys(t);
		flipped.at[bit / 8] = body.at[bit / 8];
	}
	bytes_free(&flipped);
	t->body = body;
	return answer;
}

/* A receiver for which the time is not in what it hashes: any time of the last hours fits. */
static enum verify_answer try_times(struct trial *t)
{
	struct view time = t->time;
	enum verify_answer answer = VERIFY_BAD;
	long long now_s = mutant_now_s(t->mutant);

	for (long long s = now_s; s > now_s - SEARCHED_S && answer == VERIFY_BAD; s--) {
		char text[24];

		t->time = time_text(s, text);
		answer = try_key(t, bytes_view(&t->mutant->secret));
	}
	t->time = time;
	return answer;
}

static enum verify_answer try_compact(struct trial *t)
{
	struct bytes compact = {.max = HTTP_BODY_BYTES_MAX};
	struct view body = t->body;
	enum verify_answer answer;

	rewrite_compact(body, &compact);
	t->body = bytes_view(&compact);
	answer = try_keys(t);
	t->body = body;
	bytes_free(&compact);
	return answer;
}

static enum verify_answer try_body_alone(struct trial *t)
{
	const char *content = t->content;
	enum verify_answer answer;

	t->content = "b";
	answer = try_keys(t);
	t->content = content;
	return answer;
}

/* The older schemes, which need another header. */
static enum verify_answer try_older(struct trial *t)
{
	bool github = defect_is(DEFECT_ANY_SCHEME_GITHUB);
	const struct http_header *older =
		http_find(t->request, github ? "X-Hub-Signature" : "X-Paisr-Signature", NULL);
	const struct claim *claim = t->claim;
	struct claim other = {0};
	enum verify_answer answer;

	if (!older || (github && !begins(older->value, "sha1=")))
		return VERIFY_BAD;
	add_digest(&other, behind(older->value, github ? 5 : 0), github ? MAC_SHA1 : MAC_SHA256);
	t->claim = &other;
	answer = try_body_alone(t);
	t->claim = claim;
	return answer;
}

/* Second chances that no receiver should give. */
static const struct {
	enum defect defect;
	enum verify_answer (*attempt)(struct trial *t);
} chances[] = {
	{DEFECT_HASHES_ID_ONLY, try_flipped},    {DEFECT_UNSIGNED_TIMESTAMP, try_times},
	{DEFECT_RETRIES_COMPACTED, try_compact}, {DEFECT_MISSING_IS_FRESH, try_body_alone},
	{DEFECT_ANY_SCHEME, try_older},          {DEFECT_ANY_SCHEME_GITHUB, try_older},
};

static enum verify_answer try_all(struct trial *t)
{
	enum verify_answer answer = try_keys(t);

	for (size_t i = 0; i < sizeof(chances) / sizeof(*chances) && answer == VERIFY_BAD; i++)
		if (defect_is(chances[i].defect) &&
		    (chances[i].defect != DEFECT_MISSING_IS_FRESH || t->time.bytes == 0))
			answer = chances[i].attempt(t);
	return answer;
}

static void tell(struct trial *t, struct bytes *out)
{
	bytes_add_text(out, "refused\n");
	if (defect_is(DEFECT_LEAKS_DIGEST)) {
		bytes_add_text(out, "expected ");
		bytes_add_view(out, bytes_view(&t->wanted));
	}
	if (defect_is(DEFECT_LEAKS_TRACE))
		bytes_add_text(out, "Error: no match\n"
				    "    at verify (/srv/app/hooks/verify.js:12:11)\n"
				    "    at handle (/srv/app/hooks/index.js:40:3)\n");
}

static struct view header_value(const struct http_request *r, const char *name)
{
	const struct http_header *found = name ? http_find(r, name, NULL) : NULL;

	return found ? found->value : (struct view){NULL, 0};
}

static enum verify_answer judge(struct trial *t, const struct claim *claim, struct bytes *out)
{
	const struct mutant_profile *p = t->mutant->profile;
	struct bytes body = {.max = 2 * HTTP_BODY_BYTES_MAX};
	struct view raw = bytes_view(&t->request->body);
	enum verify_answer answer;

	if (defect_is(DEFECT_FIRST_CHUNK_ONLY) && raw.bytes > t->request->first_bytes)
		raw.bytes = t->request->first_bytes;
	if (defect_is(DEFECT_NO_CHUNKED) && t->request->chunked)
		raw.bytes = 0;
	rewrite_body(raw, &body);
	t->claim = claim;
	t->body = bytes_view(&body);
	t->id = header_value(t->request, p->message_id);
	t->time = p->timestamp ? header_value(t->request, p->timestamp) : claim->time;
	answer = try_all(t);
	if (answer == VERIFY_GOOD && p->timed)
		answer = said(!claim->time_twice && time_is_fresh(t->mutant, t->time));
	if (p->message_id && (!t->id.at || t->id.bytes == 0 || memchr(t->id.at, '.', t->id.bytes)))
		answer = VERIFY_BAD;
	if (answer != VERIFY_GOOD)
		tell(t, out);
	bytes_free(&t->wanted);
	bytes_free(&body);
	return answer;
}

/* The value of the first parameter of the query, for a receiver that merges all it can find. */
static struct view merged_parameter(const struct http_request *r)
{
	const char *query = strchr(r->target, '?');
	const char *value = query ? strchr(query, '=') : NULL;

	return value ? (struct view){value + 1, strcspn(value + 1, "&")} : view_of(NULL);
}

/* Decides by the header's presence alone, or reads it. */
static enum verify_answer find_claim(const struct mutant *m, const struct http_request *r,
				     struct view *value)
{
	unsigned count;
	const struct http_header *found = find_signature(m, r, &count);

	*value = found ? found->value : view_of(NULL);
	if (!found && defect_is(DEFECT_MERGED_PARAMETERS))
		*value = merged_parameter(r);
	if (!found && defect_is(DEFECT_FAIL_OPEN))
		return VERIFY_GOOD;
	if (found && value->bytes == 0 && defect_is(DEFECT_FALSY_SKIPS))
		return VERIFY_GOOD;
	if (count > 1 && defect_is(DEFECT_DOUBLED_HEADER))
		return VERIFY_THROWS;
	if (count > 1 || value->bytes == 0)
		value->bytes = 0;
	else if (defect_is(DEFECT_NO_VERIFY))
		return VERIFY_GOOD;
	return VERIFY_BAD;
}

enum verify_answer verify_request(const struct mutant *mutant, const struct http_request *request,
				  struct bytes *said_why)
{
	struct trial t = {.mutant = mutant, .request = request, .wanted.max = 256,
			  .content = mutant->profile->content};
	struct claim claim;
	struct view value;
	enum verify_answer answer = find_claim(mutant, request, &value);

	if (answer != VERIFY_BAD)
		return answer;
	if (value.bytes == 0) {
		bytes_add_text(said_why, "refused\n");
		return VERIFY_BAD;
	}
	read_claim(mutant->profile, value, &claim);
	return judge(&t, &claim, said_why);
}
