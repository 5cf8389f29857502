#include "cli/excerpt.h"

#include <stdbool.h>
#include <string.h>

#include "base/nearest.h"
#include "base/view.h"

static const char blank[] = " \t\r\n";
static const char ends_word[] = " \t\r\n\"{}[]:,";

struct token { /* a string with its quotes, or a bare word: a number, a literal, rubbish */
	struct hp_view text;
	bool string, whole;
};

static struct token token_at(const char *at)
{
	struct token token = {.text = {at, strcspn(at, ends_word)}, .whole = true};
	size_t bytes = 1;

	if (*at != '"')
		return token;
	while (at[bytes] && at[bytes] != '"')
		bytes += at[bytes] == '\\' && at[bytes + 1] ? 2 : 1;
	token.string = true;
	token.whole = at[bytes] == '"';
	token.text.bytes = bytes + token.whole;
	return token;
}

static bool is_literal(const struct token *token)
{
	return hp_view_equal(token->text, HP_LITERAL("true")) ||
	       hp_view_equal(token->text, HP_LITERAL("false")) ||
	       hp_view_equal(token->text, HP_LITERAL("null"));
}

static bool is_key(const struct token *token)
{
	const char *behind = token->text.at + token->text.bytes;

	return token->string && token->whole && behind[strspn(behind, blank)] == ':';
}

/* Keys whose values are shown to nobody, with what people make of them. */
static bool is_secretive(struct hp_view key)
{
	static const char *const names[] = {"secret", "secrets", "token", "password", "passwort",
					    "apikey", "key", NULL};

	if (hp_view_equal(key, HP_LITERAL("secret_env"))) /* holds a name */
		return false;
	for (const char *const *name = names; *name; name++)
		if (memmem(key.at, key.bytes, *name, strlen(*name)))
			return true;
	return hp_nearest(key, names) != NULL;
}

static void hide(char *at, const struct token *token)
{
	size_t end = token->text.bytes - (token->string && token->whole);

	for (size_t i = token->string; i < end; i++)
		at[i] = '*';
}

void excerpt_hide(char *line, size_t place, char before)
{
	struct hp_view key = {NULL, 0};
	char *at = line;

	while (*(at += strspn(at, blank))) {
		struct token token = token_at(at);
		bool harmless = key.at ? !is_secretive(key) : before == '[' || before == ',';

		if (token.text.bytes == 0) {
			before = *at++;
			continue;
		}
		if (is_key(&token))
			key = (struct hp_view){at + 1, token.text.bytes - 2};
		else if (!is_literal(&token) && !((size_t)(at - line) == place && token.whole &&
						  harmless && before && strchr("[,:", before)))
			hide(at, &token);
		before = '"'; /* nothing may follow a value but what is no value */
		at += token.text.bytes;
	}
}
