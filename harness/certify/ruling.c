#include "certify/ruling.h"

#include <stdio.h>

#include "base/span.h"

enum { BODY_CHARS_SHOWN = 60 };

/* The first line of what came, as far as it is shown. */
static int shown_bytes(const struct hp_buf *body)
{
	int bytes = 0;

	while (bytes < BODY_CHARS_SHOWN && (size_t)bytes < body->bytes &&
	       body->at[bytes] != '\n' && body->at[bytes] != '\r')
		bytes++;
	return bytes;
}

static void see(struct ruling *out, const struct courier_answer *answer)
{
	uint64_t took_ns = answer->done_ns - answer->began_ns;
	int shown = shown_bytes(&answer->body);
	char span[HP_SPAN_TEXT_BYTES];

	if (answer->end == COURIER_ANSWERED)
		snprintf(out->seen, sizeof(out->seen), "%d after %s%s%.*s", answer->status,
			 hp_span_text(took_ns, span), shown ? ": " : "", shown,
			 shown ? answer->body.at : "");
	else
		snprintf(out->seen, sizeof(out->seen), "it %s, after %s%s%s",
			 courier_end_text(answer->end), hp_span_text(took_ns, span),
			 *answer->error ? ": " : "", answer->error);
}

static bool is_also(const struct suite_step *step, int status)
{
	for (uint32_t i = 0; i < step->also_count; i++)
		if (step->also[i] == status)
			return true;
	return false;
}

static bool is_rejection(const struct profile *profile, int status)
{
	for (unsigned i = 0; i < profile->reject_count; i++)
		if (profile->reject_status[i] == status)
			return true;
	return profile->reject_may_ack && profile_is_success(profile, status);
}

static bool status_is_right(const struct suite_step *step, enum suite_expectation expect,
			    const struct profile *profile, int status)
{
	if (is_also(step, status))
		return true;
	switch (expect) {
	case SUITE_ACCEPT:
		return profile_is_success(profile, status);
	case SUITE_REJECT:
		return is_rejection(profile, status);
	case SUITE_REFUSE:
		return status >= 400 && status < 500;
	case SUITE_ANSWER:
		return status < 300 || (status >= 400 && status < 500);
	default:
		return true;
	}
}

void ruling_make(struct ruling *out, const struct suite_step *step, enum suite_expectation expect,
		 const struct profile *profile, const struct courier_answer *answer)
{
	bool closed = answer->end == COURIER_CLOSED || answer->end == COURIER_RESET;

	*out = (struct ruling){
		.ours = answer->end == COURIER_NO_PORTS ||
			(answer->end == COURIER_LEFT && step->framing.stop == SUITE_WHOLE),
		.answered = answer->end == COURIER_ANSWERED,
		.acked = answer->end == COURIER_ANSWERED &&
			 profile_is_success(profile, answer->status),
	};
	see(out, answer);
	if (out->answered)
		out->right = status_is_right(step, expect, profile, answer->status);
	else
		out->right = expect == SUITE_ANY || (step->may_close && closed);
}

const char *ruling_wanted(const struct suite_step *step, enum suite_expectation expect,
			  const struct profile *profile, char *out)
{
	int at = snprintf(out, RULING_TEXT_BYTES, "%s", suite_expectation_text(expect));

	for (unsigned i = 0; expect == SUITE_REJECT && i < profile->reject_count; i++)
		at += snprintf(out + at, (size_t)(RULING_TEXT_BYTES - at), "%s%d",
			       i ? ", " : " (", profile->reject_status[i]);
	for (uint32_t i = 0; i < step->also_count; i++)
		at += snprintf(out + at, (size_t)(RULING_TEXT_BYTES - at), "%s%d",
			       expect == SUITE_REJECT || i ? ", " : ", or ", step->also[i]);
	snprintf(out + at, (size_t)(RULING_TEXT_BYTES - at), "%s%s",
		 expect == SUITE_REJECT ? ")" : "",
		 step->may_close ? ", or a closed connection" : "");
	return out;
}
