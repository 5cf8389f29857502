#include "cli/document.h"

#include <stdio.h>
#include <unistd.h>

#include "base/json.h"
#include "base/nearest.h"
#include "scenarios/scenario.h"
#include "scenarios/shipped.h"

enum { NAMES_MAX = 256 };

static bool is_path(const char *name)
{
	size_t bytes = strlen(name);

	return strchr(name, '/') || (bytes > 5 && strcmp(name + bytes - 5, ".json") == 0);
}

static const struct shipped *find(const char *name, const char *const kinds[])
{
	const struct shipped *found = NULL;

	for (; *kinds && !found; kinds++)
		found = shipped_find(*kinds, name);
	return found;
}

static int refuse(const char *name, const char *const kinds[], struct hp_err *err)
{
	const char *names[NAMES_MAX + 1] = {NULL}, *near;
	size_t count = 0;

	for (size_t i = 0; i < shipped_count() && count < NAMES_MAX; i++) {
		for (size_t k = 0; kinds[k]; k++) {
			if (strcmp(shipped_at(i)->kind, kinds[k]) == 0)
				names[count++] = shipped_at(i)->name;
		}
	}
	near = hp_nearest(hp_view_of(name), names);
	if (near)
		return hp_err_set(err, HP_EINPUT,
				  "no file '%s', and no shipped %s of that name; did "
				  "you mean %s?",
				  name, kinds[0], near);
	return hp_err_set(err, HP_EINPUT,
			  "no file '%s', and no shipped %s of that name; hookproof "
			  "list %ss shows them",
			  name, kinds[0], kinds[0]);
}

static void set_folder(struct document *document, const char *path)
{
	const char *slash = strrchr(path, '/');

	snprintf(document->folder, sizeof(document->folder), "%.*s",
		 slash ? (int)(slash - path) + (slash == path) : 0, path);
}

int document_read(struct document *out, const char *name, const char *const kinds[],
		  struct hp_err *err)
{
	const struct shipped *shipped = is_path(name) ? NULL : find(name, kinds);

	*out = (struct document){.folder = ""};
	hp_buf_init(&out->text, SCENARIO_BYTES_MAX);
	if (shipped) {
		hp_buf_add(&out->text, shipped->text);
		(void)hp_buf_text(&out->text);
		return 0;
	}
	if (!is_path(name) && access(name, F_OK) != 0)
		return refuse(name, kinds, err);
	set_folder(out, name);
	if (hp_json_slurp(name, &out->text, err) < 0) {
		hp_buf_fini(&out->text);
		return -1;
	}
	(void)hp_buf_text(&out->text);
	return 0;
}

void document_fini(struct document *document)
{
	hp_buf_fini(&document->text);
}
