/* Checks that read what came back in the whole run: refusals that say too much, answers that are
 * too large or repeat the delivery. */
#include <stdio.h>

#include "certify/certify_inside.h"

enum { SECRET_BYTES_MIN = 8, ANSWER_BYTES_MAX = 64 * 1024 };

/* Traces and paths of the common runtimes. */
static const char *const traces[] = {
	"Traceback (most recent call last)", "\n    at ",       "goroutine ", "Exception in thread",
	"node_modules/",                     "site-packages/",  "/home/",     "/usr/lib/",
	"/usr/local/",                       "/var/www/",       "/app/",      "C:\\",
	"panicked at ",                      "stack traceback:",
};

static bool has(const struct hp_buf *text, struct hp_view word)
{
	return word.bytes && text->bytes && memmem(text->at, text->bytes, word.at, word.bytes);
}

static bool either_has(const struct courier_answer *answer, struct hp_view word)
{
	return has(&answer->body, word) || has(&answer->head, word);
}

/* The right digest in a spelling that did not stand in the request itself. */
static bool leaks_digest(const struct forged *forged, const struct courier_answer *answer)
{
	char text[4 * SCHEME_DIGEST_BYTES_MAX];
	uint8_t digest[SCHEME_DIGEST_BYTES_MAX];
	ssize_t bytes = encoding_read(ENCODING_HEX, hp_view_of(forged->right), digest,
				      sizeof(digest));

	for (unsigned encoding = ENCODING_HEX; encoding <= ENCODING_BASE64 && bytes > 0;
	     encoding++) {
		struct hp_view word = {text, encoding_write((enum encoding)encoding, digest,
							    (size_t)bytes, text)};

		if (either_has(answer, word) && !has(&forged->bytes, word))
			return true;
	}
	return false;
}

static const char *leak_of(const struct certify *certify, const struct forged *forged,
			   const struct courier_answer *answer)
{
	struct hp_view secret = certify->config.forge.secret;

	if (leaks_digest(forged, answer))
		return "the expected digest";
	if (secret.bytes >= SECRET_BYTES_MIN && either_has(answer, secret))
		return "the secret";
	for (size_t i = 0; i < sizeof(traces) / sizeof(traces[0]); i++)
		if (has(&answer->body, hp_view_of(traces[i])))
			return "a stack trace or a path";
	return NULL;
}

static void found(struct certify_read *read, const char *what, const struct forged *forged)
{
	if (read->found++)
		return;
	snprintf(read->what, sizeof(read->what), "%s", what);
	snprintf(read->evidence, sizeof(read->evidence), "sent: %.248s", forged->summary);
}

static void read_accepted(struct certify *certify, const struct forged *forged,
			  const struct courier_answer *answer)
{
	certify->answers.looked++;
	if (answer->body.cut || answer->body.bytes >= ANSWER_BYTES_MAX)
		found(&certify->answers, "an answer has 64 kB or more", forged);
	else if (has(&answer->body, hp_view_of(forged->resource)))
		found(&certify->answers, "an answer repeats the delivery", forged);
}

void certify_read_answer(struct certify *certify, const struct forged *forged,
			 enum suite_expectation expect, const struct courier_answer *answer)
{
	char what[VERDICT_REASON_BYTES];
	const char *leak;

	if (answer->end != COURIER_ANSWERED)
		return;
	if (expect == SUITE_ACCEPT && answer->status < 300) {
		read_accepted(certify, forged, answer);
		return;
	}
	if (answer->status < 400)
		return;
	certify->leaks.looked++;
	leak = leak_of(certify, forged, answer);
	if (!leak)
		return;
	snprintf(what, sizeof(what), "an answer %d shows %s", answer->status, leak);
	found(&certify->leaks, what, forged);
}

static const struct certify_read *find(const struct certify *certify, const char *word)
{
	if (strcmp(word, "leaks") == 0)
		return &certify->leaks;
	return strcmp(word, "answers") == 0 ? &certify->answers : NULL;
}

bool certify_reads(const char *word)
{
	static const struct certify none;

	return find(&none, word) != NULL;
}

void certify_read_finding(const struct certify *certify, const struct suite_check *check,
			  struct finding *finding)
{
	const struct certify_read *read = find(certify, check->reads);
	bool must = finding->check->level == CHECK_MUST;

	finding->total = finding->decided = read->looked;
	finding->failed = read->found;
	if (read->found) {
		finding->verdict = must ? VERDICT_FAIL : VERDICT_WARN;
		snprintf(finding->reason, sizeof(finding->reason), "%.160s; %llu of %llu answers",
			 read->what, (unsigned long long)read->found,
			 (unsigned long long)read->looked);
		snprintf(finding->evidence[finding->evidence_count++], VERDICT_EVIDENCE_BYTES, "%s",
			 read->evidence);
	} else if (read->looked) {
		finding->verdict = VERDICT_PASS;
		snprintf(finding->reason, sizeof(finding->reason), "%llu answers read",
			 (unsigned long long)read->looked);
	} else {
		finding->verdict = VERDICT_UNOBSERVED;
		snprintf(finding->reason, sizeof(finding->reason), "no such answer came");
	}
}
