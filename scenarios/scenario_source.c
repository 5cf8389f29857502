/* Where documents come from: the program itself, or the disk. */
#include <stdio.h>

#include "base/json.h"
#include "base/nearest.h"
#include "scenarios/scenario.h"
#include "scenarios/shipped.h"

enum { PATH_BYTES = 4096, NAMES_MAX = 128 };

static bool is_path(const char *name)
{
	size_t bytes = strlen(name);

	return strchr(name, '/') || (bytes > 5 && strcmp(name + bytes - 5, ".json") == 0);
}

static int unknown_name(const char *kind, const char *name, struct hp_err *err)
{
	const char *names[NAMES_MAX + 1], *nearest;
	size_t count = 0;

	for (size_t i = 0; i < shipped_count() && count < NAMES_MAX; i++)
		if (strcmp(shipped_at(i)->kind, kind) == 0)
			names[count++] = shipped_at(i)->name;
	names[count] = NULL;
	nearest = hp_nearest(hp_view_of(name), names);
	return hp_err_set(err, HP_EINPUT, "no %s is called \"%.60s\"%s%s%s", kind, name,
			  nearest ? ", did you mean \"" : "; give a path, or see hookproof list",
			  nearest ? nearest : "", nearest ? "\"?" : "");
}

static int read_path(const char *folder, const char *name, struct hp_buf *out, struct hp_err *err)
{
	char path[PATH_BYTES];
	bool inside = *folder && name[0] != '/';
	int bytes = snprintf(path, sizeof(path), "%s%s%s", inside ? folder : "", inside ? "/" : "",
			     name);

	if (bytes < 0 || (size_t)bytes >= sizeof(path))
		return hp_err_set(err, HP_EINPUT, "the path is too long");
	return hp_json_slurp(path, out, err);
}

static int read_disk(const struct scenario_source *source, const char *kind, const char *name,
		     struct hp_buf *out, struct hp_err *err)
{
	const struct shipped *shipped = is_path(name) ? NULL : shipped_find(kind, name);

	if (!shipped && !is_path(name) && strcmp(kind, "profile") == 0)
		return unknown_name(kind, name, err);
	if (!shipped)
		return read_path(source->folder, name, out, err);
	if (!hp_buf_add(out, shipped->text))
		return hp_err_set(err, HP_EINPUT, "want at most %zu bytes", out->bytes_max);
	return 0;
}

struct scenario_source scenario_source_disk(const char *folder)
{
	return (struct scenario_source){
		.read = read_disk, .folder = folder, .secrets_needed = true};
}
