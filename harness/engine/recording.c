#include "engine/recording.h"

static bool attempt_went_well(const struct record_attempt *attempt)
{
	return attempt->outcome == OUTCOME_OK && attempt->number == 1;
}

static bool receipt_went_well(const struct record_receipt *receipt)
{
	bool signature = receipt->signature == SCHEME_VALID ||
			 receipt->signature == RECORD_UNVERIFIED;
	bool answer = receipt->end == RECORD_END_ANSWERED && receipt->status >= 200 &&
		      receipt->status < 300;

	return signature && answer && receipt->wanted && receipt->ordinal == 1 &&
	       receipt->effects == 1 && receipt->event_index != RECORD_NO_EVENT;
}

bool recording_keeps(enum plan_recording recording, const struct record *record)
{
	bool all = recording == PLAN_RECORD_ALL, failures = recording == PLAN_RECORD_FAILURES;

	if (record->kind == RECORD_ATTEMPT)
		return all || (failures && !attempt_went_well(&record->attempt));
	if (record->kind == RECORD_RECEIPT)
		return all || (failures && !receipt_went_well(&record->receipt));
	if (record->kind == RECORD_FAULT || record->kind == RECORD_UNACKED)
		return all || failures;
	return true;
}
