#include "cli/profile_text.h"

#include "scenarios/profile_document.h"

static const char *print(struct hp_buf *out, const struct profile *profile)
{
	hp_buf_init(out, PROFILE_DOCUMENT_BYTES_MAX);
	profile_print(profile, out);
	return hp_buf_text(out);
}

void profile_text_show(struct profile_text *text, struct result *result)
{
	result->profile_json = print(&text->sender, &result->plan->profile);
	result->judged_json = print(&text->judged, &result->plan->judged);
}

void profile_text_fini(struct profile_text *text)
{
	hp_buf_fini(&text->sender);
	hp_buf_fini(&text->judged);
}
