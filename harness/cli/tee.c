#include "cli/tee.h"

static void put(struct history *history, const struct record *record)
{
	struct tee *tee = (struct tee *)history;

	history_put(tee->inner, record);
	if (record->kind != RECORD_RECEIPT)
		return;
	if (tee->lines)
		lines_see(tee->lines, record);
	if (tee->control)
		control_see(tee->control, &record->receipt);
	if (tee->left > 0 && --tee->left == 0)
		tee->last(tee->arg);
}

void tee_init(struct tee *tee)
{
	tee->history.put = put;
}
