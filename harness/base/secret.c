#include "base/secret.h"

#include <stdlib.h>

#include "base/mem.h"

struct hp_secret {
	size_t bytes;
	char at[];
};

struct hp_secret *hp_secret_new(struct hp_view bytes)
{
	struct hp_secret *secret = hp_xcalloc(1, sizeof(*secret) + bytes.bytes + 1);

	secret->bytes = bytes.bytes;
	if (bytes.bytes)
		memcpy(secret->at, bytes.at, bytes.bytes);
	return secret;
}

void hp_secret_free(struct hp_secret *secret)
{
	if (!secret)
		return;
	explicit_bzero(secret->at, secret->bytes);
	free(secret);
}

struct hp_view hp_secret_view(const struct hp_secret *secret)
{
	return secret ? (struct hp_view){secret->at, secret->bytes} : (struct hp_view){"", 0};
}
