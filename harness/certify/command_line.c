#include "certify/command_line.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/span.h"
#include "net/clock.h"

enum { WORDS_MAX = 64, WORD_BYTES_MAX = 4096 };

struct command_line {
	char *words[WORDS_MAX + 1]; /* owned, with their slots; ended with NULL */
	size_t word_count;
};

/* ---- words ---- */

/* Takes the next word off the front of *text into a buffer. False: a quote without its end. */
static bool take_word(const char **text, struct hp_buf *word)
{
	char quote = '\0';
	const char *at = *text;

	for (; *at && (quote || *at != ' '); at++) {
		if (quote && *at == quote)
			quote = '\0';
		else if (!quote && (*at == '"' || *at == '\''))
			quote = *at;
		else
			hp_buf_add(word, (struct hp_view){at, 1});
	}
	*text = at;
	return !quote;
}

static int split(struct command_line *line, const char *text, struct hp_err *err)
{
	struct hp_buf word;

	while (*(text += strspn(text, " ")) && line->word_count < WORDS_MAX) {
		bool ended;

		hp_buf_init(&word, WORD_BYTES_MAX);
		ended = take_word(&text, &word);
		line->words[line->word_count++] = hp_xstrdup(hp_buf_text(&word));
		hp_buf_fini(&word);
		if (!ended)
			return hp_err_set(err, HP_EUSAGE, "a command has a quote without "
					  "its end");
	}
	if (*text || line->word_count == 0)
		return hp_err_set(err, HP_EUSAGE, "a command has 1 to %d words", WORDS_MAX);
	return 0;
}

/* Returns new: the word with its slots filled. */
static char *fill_word(const char *word, struct command_line_slots slots)
{
	struct hp_buf filled;
	char *text;

	hp_buf_init(&filled, 2 * WORD_BYTES_MAX);
	fill_template(hp_view_of(word), slots.at, slots.count, &filled);
	text = hp_xstrdup(hp_buf_text(&filled));
	hp_buf_fini(&filled);
	return text;
}

/* ---- running ---- */

extern char **environ;

/* Starts the words with their standard output in our hands. Returns the child, or -1 with errno. */
static pid_t start(char *const words[], int *out_fd)
{
	posix_spawn_file_actions_t actions;
	int ends[2], error;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	error = posix_spawnp(&child, words[0], &actions, NULL, words, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (error) {
		close(ends[0]);
		errno = error;
		return -1;
	}
	*out_fd = ends[0];
	return child;
}

/* Reads until the end or the deadline. True at the end. */
static bool read_all(int fd, uint64_t until_ns, struct hp_buf *out)
{
	char chunk[4096];

	for (;;) {
		struct pollfd ready = {.fd = fd, .events = POLLIN};
		uint64_t now_ns = clock_mono_ns();
		ssize_t bytes;

		if (now_ns >= until_ns)
			return false;
		if (poll(&ready, 1, (int)((until_ns - now_ns) / HP_MS_NS + 1)) <= 0)
			continue;
		bytes = read(fd, chunk, sizeof(chunk));
		if (bytes <= 0)
			return bytes == 0;
		hp_buf_add(out, (struct hp_view){chunk, (size_t)bytes});
	}
}

/* Runs the words to their end. False, and why, when they did not end well. */
static bool run(char *const words[], uint64_t within_ns, struct hp_buf *out,
		char why[COMMAND_LINE_WHY_BYTES])
{
	int fd, status = 0;
	pid_t child = start(words, &fd);
	bool ended;

	if (child < 0) {
		snprintf(why, COMMAND_LINE_WHY_BYTES, "%s: %s", words[0], strerror(errno));
		return false;
	}
	ended = read_all(fd, clock_mono_ns() + within_ns, out);
	close(fd);
	if (!ended)
		kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (ended && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	snprintf(why, COMMAND_LINE_WHY_BYTES, "%s %s", words[0],
		 ended ? "ended with an error" : "did not end in time");
	return false;
}

bool command_line_run(const struct command_line *line, struct command_line_slots slots,
		      uint64_t within_ns, struct hp_buf *out, char why[COMMAND_LINE_WHY_BYTES])
{
	char *words[WORDS_MAX + 1] = {NULL};
	bool result;

	for (size_t i = 0; i < line->word_count; i++)
		words[i] = fill_word(line->words[i], slots);
	result = run(words, within_ns, out, why);
	for (size_t i = 0; i < line->word_count; i++)
		free(words[i]);
	return result;
}

struct command_line *command_line_new(const char *text, struct hp_err *err)
{
	struct command_line *line = hp_xcalloc(1, sizeof(*line));

	if (split(line, text, err) == 0)
		return line;
	command_line_free(line);
	return NULL;
}

void command_line_free(struct command_line *line)
{
	if (!line)
		return;
	for (size_t i = 0; i < line->word_count; i++)
		free(line->words[i]);
	free(line);
}
