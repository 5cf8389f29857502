#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/nearest.h"
#include "cli/complain.h"

enum { FORMATS_MAX = 32 };

/* ---- --report FORMAT[=PATH] ---- */

static bool to_stdout(const struct runner_report *report)
{
	const char *path = report->path ? report->path : report->format->default_file;

	return *path == '\0' || strcmp(path, "-") == 0;
}

static int refuse_format(const char *name, struct hp_err *err)
{
	const char *names[FORMATS_MAX + 1] = {NULL}, *near;

	for (size_t i = 0; i < FORMATS_MAX && report_formats[i].name; i++)
		names[i] = report_formats[i].name;
	near = hp_nearest(hp_view_of(name), names);
	if (near)
		return hp_err_set(err, HP_EUSAGE, "--report: unknown format '%s'; did you mean %s?",
				  name, near);
	return hp_err_set(err, HP_EUSAGE,
			  "--report: unknown format '%s'; text, json and junit are "
			  "some",
			  name);
}

static int read_report(const char *text, struct runner_report *out, struct hp_err *err)
{
	size_t bytes = strcspn(text, "=");
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)bytes, text);
	out->format = report_find(name);
	out->path = text[bytes] ? text + bytes + 1 : NULL;
	if (!out->format)
		return refuse_format(name, err);
	if (out->path && !*out->path)
		return hp_err_set(err, HP_EUSAGE, "--report %s: missing path behind '='", text);
	return 0;
}

int output_read_reports(const char *const texts[], size_t count, bool json,
			struct runner_report out[], struct hp_err *err)
{
	size_t printed = 0;

	if (count > RUNNER_REPORTS_MAX)
		return hp_err_set(err, HP_EUSAGE, "--report: at most %d", RUNNER_REPORTS_MAX);
	for (size_t i = 0; i < count; i++) {
		if (read_report(texts[i], &out[i], err) < 0)
			return -1;
		if (!to_stdout(&out[i]))
			continue;
		if (json && strcmp(out[i].format->name, "json") != 0)
			return hp_err_set(err, HP_EUSAGE,
					  "--report %s needs a path (=PATH): with --json, "
					  "standard output carries the JSON alone",
					  texts[i]);
		if (++printed > 1)
			return hp_err_set(err, HP_EUSAGE,
					  "--report %s needs a path (=PATH): another report "
					  "goes to standard output",
					  texts[i]);
	}
	return 0;
}

/* ---- files ---- */

struct target {
	char path[PATH_MAX];
	char fresh[PATH_MAX]; /* the new file beside it; empty: path itself is written */
};

/* A pipe or a device is written as it is: renaming over it would replace it. */
static bool is_special(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 && !S_ISREG(info.st_mode);
}

static void target_init(struct target *target, const struct output *output,
			const struct runner_report *report)
{
	int bytes;

	if (report->path)
		bytes = snprintf(target->path, sizeof(target->path), "%s", report->path);
	else
		bytes = snprintf(target->path, sizeof(target->path), "%s/%s", output->folder,
				 report->format->default_file);
	target->fresh[0] = '\0';
	if (bytes < PATH_MAX && !is_special(target->path))
		snprintf(target->fresh, sizeof(target->fresh), "%.*s.%ld.new", PATH_MAX - 32,
			 target->path, (long)getpid());
}

static FILE *target_open(const struct target *target)
{
	int flags = O_WRONLY | O_CLOEXEC | (*target->fresh ? O_CREAT | O_EXCL : 0);
	int fd = open(*target->fresh ? target->fresh : target->path, flags, 0666);

	return fd < 0 ? NULL : fdopen(fd, "w");
}

/* Whether all that was printed arrived; closes the stream. errno says why not. */
static bool finish(FILE *out)
{
	bool whole = !ferror(out) && fflush(out) == 0;

	return fclose(out) == 0 && whole;
}

static bool target_write(const struct target *target, const struct report_format *format,
			 const struct result *result)
{
	FILE *out = target_open(target);
	bool whole;

	if (!out)
		return false;
	whole = format->write(out, result, &(struct report_style){.utf8 = true}) == 0;
	whole = finish(out) && whole;
	if (*target->fresh) {
		whole = whole && rename(target->fresh, target->path) == 0;
		if (!whole)
			unlink(target->fresh);
	}
	return whole;
}

static int no_report(const struct target *target, struct hp_err *err)
{
	const char *shortage = hp_err_shortage(errno);

	return hp_err_set(err, HP_EENV, "cannot write the report %s: %m%s%s", target->path,
			  shortage ? "; " : "", shortage ? shortage : "");
}

static int check_one(const struct target *target, struct hp_err *err)
{
	FILE *out;

	if (is_special(target->path) && !*target->fresh && access(target->path, W_OK) == 0)
		return 0;
	out = target_open(target);
	if (!out)
		return no_report(target, err);
	fclose(out);
	unlink(target->fresh);
	return 0;
}

int output_check(const struct output *output, struct hp_err *err)
{
	struct target target;

	for (size_t i = 0; i < output->report_count; i++) {
		if (to_stdout(&output->reports[i]))
			continue;
		target_init(&target, output, &output->reports[i]);
		if (check_one(&target, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- writing ---- */

static const struct report_format *format_of_stdout(const struct output *output)
{
	if (output->json)
		return report_find("json");
	for (size_t i = 0; i < output->report_count; i++) {
		if (to_stdout(&output->reports[i]))
			return output->reports[i].format;
	}
	return report_find("text");
}

static size_t write_stdout(const struct output *output, const struct result *result,
			   const struct report_style *style)
{
	if (format_of_stdout(output)->write(stdout, result, style) == 0 && fflush(stdout) == 0)
		return 0;
	complain_warn("standard output: %s", strerror(errno));
	clearerr(stdout);
	return 1;
}

/* Those that go to files, and which of them are written. Returns how many failed. */
static size_t write_files(const struct output *output, const struct result *result,
			  struct report_file files[RUNNER_REPORTS_MAX], size_t *written)
{
	static struct target targets[RUNNER_REPORTS_MAX]; /* too large for a stack */
	size_t failed = 0;

	*written = 0;
	for (size_t i = 0; i < output->report_count; i++) {
		if (to_stdout(&output->reports[i]))
			continue;
		target_init(&targets[i], output, &output->reports[i]);
		if (target_write(&targets[i], output->reports[i].format, result)) {
			files[(*written)++].path = targets[i].path;
			continue;
		}
		complain_warn("the report %s was not written: %s", targets[i].path,
			      strerror(errno));
		failed++;
	}
	return failed;
}

size_t output_write_files(const struct output *output, const struct result *result)
{
	struct report_file files[RUNNER_REPORTS_MAX];
	size_t written;

	return write_files(output, result, files, &written);
}

size_t output_write(const struct output *output, const struct result *result,
		    const struct report_style *style)
{
	struct report_file files[RUNNER_REPORTS_MAX];
	struct report_style shown = *style;
	size_t failed = write_files(output, result, files, &shown.file_count);

	shown.files = files;
	return failed + write_stdout(output, result, &shown);
}

bool output_is_text(const struct output *output)
{
	return format_of_stdout(output) == report_find("text");
}
