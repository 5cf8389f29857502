#include "cli/signing.h"

#include <errno.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "cli/secrets.h"
#include "scenarios/profile_document.h"
#include "scenarios/scenario.h"

int signing_load_profile(struct profile *out, const struct options *options, struct hp_err *err)
{
	const char *name = options_text(options, OPT_PROFILE, "paisr-v1");
	struct scenario_source source = scenario_source_disk("");
	size_t count;
	const char *const *sets = options_texts(options, OPT_SET, &count);
	struct hp_buf text;
	int result;

	hp_buf_init(&text, PROFILE_DOCUMENT_BYTES_MAX);
	result = source.read(&source, "profile", name, &text, err);
	if (result == 0)
		result = profile_load(out, hp_buf_view(&text), name, err);
	for (size_t i = 0; result == 0 && i < count; i++)
		result = profile_set(out, sets[i], err);
	if (result == 0)
		result = profile_check(out, err);
	hp_buf_fini(&text);
	return result;
}

static int make_keys(struct signing *signing, const struct options *options, struct hp_err *err)
{
	struct secrets secrets;
	int result = 0;

	if (secrets_read(&secrets, options, err) < 0)
		return -1;
	if (secrets.count == 0)
		result = hp_err_set(err, HP_EUSAGE,
				    "which secret? --secret-env NAME says where it is");
	for (size_t i = 0; result == 0 && i < secrets.count; i++) {
		signing->keys[i] = scheme_key_new(&signing->profile.scheme,
						  hp_secret_view(secrets.at[i]), err);
		if (signing->keys[i])
			signing->key_count++;
		else
			result = -1;
	}
	secrets_fini(&secrets);
	return result;
}

static int read_stdin(struct hp_buf *out, struct hp_err *err)
{
	char chunk[4096];
	size_t bytes;

	while ((bytes = fread(chunk, 1, sizeof(chunk), stdin)) > 0) {
		if (!hp_buf_add(out, (struct hp_view){chunk, bytes}))
			return hp_err_set(err, HP_EINPUT, "--body -: more than %d bytes",
					  SIGNING_BODY_BYTES_MAX);
	}
	if (ferror(stdin))
		return hp_err_set(err, HP_EINPUT, "--body -: %s", strerror(errno));
	return 0;
}

static int read_body(struct signing *signing, const struct options *options, struct hp_err *err)
{
	const char *path = options_text(options, OPT_BODY, NULL);

	if (!path)
		return hp_err_set(err, HP_EUSAGE,
				  "which body? --body FILE, or --body - for standard "
				  "input");
	if (strcmp(path, "-") == 0)
		return read_stdin(&signing->body, err);
	return hp_json_slurp(path, &signing->body, err);
}

struct signing *signing_new(const struct options *options, struct hp_err *err)
{
	struct signing *signing = hp_xcalloc(1, sizeof(*signing));

	hp_buf_init(&signing->body, SIGNING_BODY_BYTES_MAX);
	if (signing_load_profile(&signing->profile, options, err) < 0 ||
	    make_keys(signing, options, err) < 0 || read_body(signing, options, err) < 0) {
		signing_free(signing);
		return NULL;
	}
	return signing;
}

void signing_free(struct signing *signing)
{
	if (!signing)
		return;
	for (size_t i = 0; i < signing->key_count; i++)
		scheme_key_free(signing->keys[i]);
	hp_buf_fini(&signing->body);
	free(signing);
}

struct scheme_keys signing_keys(const struct signing *signing)
{
	return (struct scheme_keys){(const struct scheme_key *const *)signing->keys,
				    signing->key_count};
}
