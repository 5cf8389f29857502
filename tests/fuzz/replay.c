/* Feeds stored inputs to a fuzz target without a fuzzer: every corpus file, and every prefix of the
 * small ones, each ending at a guard page. A crash or a failed assert ends the process.
 * Usage: replay_<name> FOLDER. A folder without files is a failure. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/guard.h"

enum {
	PREFIXES_BYTES_MAX = 2048,    /* all prefixes of files up to here: 2 M bytes of input */
	FILE_BYTES_MAX = 1024 * 1024, /* libFuzzer's own files stay far below */
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void feed(const char *bytes, size_t count)
{
	char *copy = guard_copy(bytes, count);

	LLVMFuzzerTestOneInput((const uint8_t *)copy, count);
	guard_free(copy);
}

static void feed_file(const char *bytes, size_t count)
{
	feed(bytes, count);
	if (count > PREFIXES_BYTES_MAX)
		return;
	for (size_t i = 0; i < count; i++)
		feed(bytes, i);
}

static void end_with(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

static void replay(const char *path)
{
	static char bytes[FILE_BYTES_MAX];
	FILE *file = fopen(path, "rb");
	size_t count;

	if (!file)
		end_with(path);
	count = fread(bytes, 1, sizeof(bytes), file);
	if (ferror(file))
		end_with(path);
	fclose(file);
	fprintf(stderr, "%s\n", path); /* the last line names the file that crashes */
	feed_file(bytes, count);
}

static int replay_folder(const char *folder)
{
	DIR *entries = opendir(folder);
	struct dirent *entry;
	char path[4096];
	int files = 0;

	if (!entries)
		end_with(folder);
	while ((entry = readdir(entries))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		replay(path);
		files++;
	}
	closedir(entries);
	return files;
}

int main(int argc, char **argv)
{
	int files = argc == 2 ? replay_folder(argv[1]) : 0;

	feed("", 0);
	printf("%d files\n", files);
	return files > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
