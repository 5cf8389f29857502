#include "cli/secrets.h"

#include <stdlib.h>

#include "base/json.h"
#include "cli/complain.h"

enum { SECRET_BYTES_MAX = 16 * 1024 }; /* ours: a PEM key has 2 KiB */

static int add(struct secrets *secrets, struct hp_view bytes, struct hp_err *err)
{
	if (bytes.bytes == 0)
		return hp_err_set(err, HP_EUSAGE, "a secret is empty");
	if (secrets->count == SCHEME_KEYS_MAX)
		return hp_err_set(err, HP_EUSAGE, "more than %d secrets", SCHEME_KEYS_MAX);
	secrets->at[secrets->count++] = hp_secret_new(bytes);
	return 0;
}

static int add_variable(struct secrets *secrets, const char *option, const char *name,
			struct hp_err *err)
{
	const char *value = getenv(name);

	if (!value || !*value)
		return hp_err_set(err, HP_EUSAGE,
				  "--%s %s: the variable is not set; export it "
				  "with the secret in it",
				  option, name);
	return add(secrets, hp_view_of(value), err);
}

static int read_variable(struct secrets *secrets, const char *name, struct hp_err *err)
{
	return add_variable(secrets, "secret-env", name, err);
}

/* The file's bytes without the one line end that editors leave. */
static int read_file(struct secrets *secrets, const char *path, struct hp_err *err)
{
	struct hp_buf buf;
	struct hp_view bytes;
	int result;

	hp_buf_init(&buf, SECRET_BYTES_MAX);
	result = hp_json_slurp(path, &buf, err);
	bytes = hp_buf_view(&buf);
	if (bytes.bytes && bytes.at[bytes.bytes - 1] == '\n')
		bytes.bytes--;
	if (bytes.bytes && bytes.at[bytes.bytes - 1] == '\r')
		bytes.bytes--;
	if (result == 0)
		result = add(secrets, bytes, err);
	if (result < 0)
		(void)hp_err_wrap(err, "--secret-file %s", path);
	if (buf.at)
		explicit_bzero(buf.at, buf.room);
	hp_buf_fini(&buf);
	return result;
}

static int read_literal(struct secrets *secrets, const char *text, struct hp_err *err)
{
	complain_warn("--secret shows in the process list and the shell's history; "
		      "--secret-env NAME does not");
	return add(secrets, hp_view_of(text), err);
}

static int read_public(struct secrets *secrets, const char *text, struct hp_err *err)
{
	return add(secrets, hp_view_of(text), err);
}

static const struct {
	enum option_id id;
	int (*read)(struct secrets *secrets, const char *text, struct hp_err *err);
} sources[] = {
	{OPT_SECRET_ENV, read_variable},
	{OPT_SECRET_FILE, read_file},
	{OPT_SECRET, read_literal},
	{OPT_PUBLIC_KEY, read_public},
};

int secrets_read(struct secrets *out, const struct options *options, struct hp_err *err)
{
	*out = (struct secrets){.count = 0};
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		size_t count;
		const char *const *texts = options_texts(options, sources[i].id, &count);

		for (size_t k = 0; k < count; k++) {
			if (sources[i].read(out, texts[k], err) < 0) {
				secrets_fini(out);
				return -1;
			}
		}
	}
	return 0;
}

int secrets_read_variables(struct secrets *out, const struct options *options, enum option_id id,
			   struct hp_err *err)
{
	size_t count;
	const char *const *names = options_texts(options, id, &count);

	*out = (struct secrets){.count = 0};
	for (size_t i = 0; i < count; i++) {
		if (add_variable(out, options_name(id), names[i], err) < 0) {
			secrets_fini(out);
			return -1;
		}
	}
	return 0;
}

void secrets_fini(struct secrets *secrets)
{
	for (size_t i = 0; i < secrets->count; i++)
		hp_secret_free(secrets->at[i]);
	secrets->count = 0;
}
