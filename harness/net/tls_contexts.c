#include "net/tls_contexts.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

enum { CIPHER_BYTES = 128 };

struct entry {
	struct entry *next;
	struct tls_context *context;
	struct handshake asked; /* the part that is the context's */
	char cipher[CIPHER_BYTES], second_name[TLS_HOST_BYTES];
};

struct tls_contexts {
	struct tls_authority *authority;
	struct entry *entries;
	char host[TLS_HOST_BYTES];
};

static void keep_text(char *own, size_t room, const char *asked)
{
	assert(!asked || strlen(asked) < room); /* the loader holds them shorter */
	snprintf(own, room, "%s", asked ? asked : "");
}

struct tls_contexts *tls_contexts_new(struct tls_authority *authority, const char *host)
{
	struct tls_contexts *contexts = hp_xcalloc(1, sizeof(*contexts));

	contexts->authority = authority;
	keep_text(contexts->host, sizeof(contexts->host), host);
	return contexts;
}

void tls_contexts_free(struct tls_contexts *contexts)
{
	struct entry *entry;

	if (!contexts)
		return;
	while ((entry = contexts->entries)) {
		contexts->entries = entry->next;
		tls_context_free(entry->context);
		free(entry);
	}
	free(contexts);
}

static bool same_text(const char *own, const char *asked)
{
	return strcmp(own, asked ? asked : "") == 0;
}

static bool fits(const struct entry *entry, const struct handshake *asked)
{
	const struct handshake *own = &entry->asked;

	return own->certificate == asked->certificate && own->by_s == asked->by_s &&
	       own->version_min == asked->version_min && own->version_max == asked->version_max &&
	       own->client_certificate_asked == asked->client_certificate_asked &&
	       own->client_certificate_required == asked->client_certificate_required &&
	       own->no_resume == asked->no_resume && same_text(entry->cipher, asked->cipher) &&
	       same_text(entry->second_name, asked->second_name);
}

/* The certificates of the context; returns how many. The second one is good, and for its name. */
static size_t issue(struct tls_contexts *contexts, const struct handshake *asked,
		    struct tls_issued issued[TLS_CERTIFICATES_MAX])
{
	const struct tls_order orders[TLS_CERTIFICATES_MAX] = {
		{.kind = asked->certificate, .by_s = asked->by_s, .host = contexts->host},
		{.kind = HANDSHAKE_GOOD, .host = asked->second_name, .host_alone = true},
	};
	size_t count = asked->second_name && *asked->second_name ? 2 : 1;

	for (size_t i = 0; i < count; i++)
		tls_authority_issue(contexts->authority, &orders[i], &issued[i]);
	return count;
}

static struct tls_context *make(struct tls_contexts *contexts, const struct handshake *asked,
				struct hp_err *err)
{
	struct tls_issued issued[TLS_CERTIFICATES_MAX];
	struct tls_server_config config = {
		.certificate_count = issue(contexts, asked, issued),
		.version_min = asked->version_min,
		.version_max = asked->version_max,
		.cipher = asked->cipher && *asked->cipher ? asked->cipher : NULL,
		.client_asked = asked->client_certificate_asked,
		.client_required = asked->client_certificate_required,
		.no_resume = asked->no_resume,
	};
	struct tls_context *context;

	for (size_t i = 0; i < config.certificate_count; i++)
		config.certificates[i] = (struct tls_certificate){
			.chain = hp_buf_view(&issued[i].chain),
			.key = hp_buf_view(&issued[i].key),
			.name = i ? asked->second_name : NULL,
		};
	context = tls_context_server(&config, err);
	for (size_t i = 0; i < config.certificate_count; i++)
		tls_issued_fini(&issued[i]);
	return context;
}

static struct entry *entry_new(const struct handshake *asked)
{
	struct entry *entry = hp_xcalloc(1, sizeof(*entry));

	entry->asked = *asked;
	keep_text(entry->cipher, sizeof(entry->cipher), asked->cipher);
	keep_text(entry->second_name, sizeof(entry->second_name), asked->second_name);
	return entry;
}

struct tls_context *tls_contexts_get(struct tls_contexts *contexts,
				     const struct handshake *handshake, struct hp_err *err)
{
	struct tls_context *context;
	struct entry *entry;

	for (entry = contexts->entries; entry; entry = entry->next)
		if (fits(entry, handshake))
			return entry->context;
	context = make(contexts, handshake, err);
	if (!context)
		return NULL;
	entry = entry_new(handshake);
	entry->context = context;
	entry->next = contexts->entries;
	contexts->entries = entry;
	return context;
}
