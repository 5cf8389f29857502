#include "cli/sources.h"

static void keep(struct hp_buf *kept, struct hp_view text)
{
	hp_buf_fini(kept);
	hp_buf_init(kept, text.bytes);
	hp_buf_add(kept, text);
}

static int read_keeping(const struct scenario_source *source, const char *kind, const char *name,
			struct hp_buf *out, struct hp_err *err)
{
	struct sources *sources = (struct sources *)(uintptr_t)source->user;
	struct scenario_source inner = sources->inner;
	size_t before = out->bytes;
	struct hp_view text;

	inner.folder = source->folder;
	if (inner.read(&inner, kind, name, out, err) < 0)
		return -1;
	text = (struct hp_view){out->at + before, out->bytes - before};
	if (strcmp(kind, "profile") == 0)
		keep(&sources->profile, text);
	else if (strcmp(kind, "recorded") == 0)
		keep(&sources->recorded, text);
	return 0;
}

struct scenario_source sources_keeping(struct sources *sources, struct scenario_source inner)
{
	struct scenario_source keeping = inner;

	*sources = (struct sources){.inner = inner};
	keeping.read = read_keeping;
	keeping.user = sources;
	return keeping;
}

void sources_fini(struct sources *sources)
{
	hp_buf_fini(&sources->profile);
	hp_buf_fini(&sources->recorded);
}
