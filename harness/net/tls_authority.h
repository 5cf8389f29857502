/* A test authority made at run time: a root, an intermediate, and leaves that are good or broken in
 * exactly one respect. EC P-256; everything lives in memory, and nothing expires in the repository.
 * The certificates are those of receivers/handshake.h; names and times come from a table of rows.
 * Not here: who shows which certificate when (tls_contexts.h, receivers/). */
#ifndef HP_NET_TLS_AUTHORITY_H
#define HP_NET_TLS_AUTHORITY_H
#include "base/buf.h"
#include "base/err.h"
#include "receivers/handshake.h"

struct tls_authority;

#define TLS_BY_S_MAX (UINT64_C(3650) * 86400) /* how far in the past or future: the root's life */

/* Returns new. wall_s: the run's start, Unix seconds; all validity is measured from it. */
struct tls_authority *tls_authority_new(uint64_t wall_s);
void tls_authority_free(struct tls_authority *authority);

/* The root as PEM, for those who are to trust it. Good as long as the authority. */
struct hp_view tls_authority_root(const struct tls_authority *authority);

/* Writes the root into a file, so that curl, openssl or Node can be told of it. HP_EENV. */
int tls_authority_save(const struct tls_authority *authority, const char *path, struct hp_err *err)
	__attribute__((warn_unused_result));

struct tls_order { /* what is asked for; borrowed for the call */
	enum handshake_certificate kind;
	uint64_t by_s;    /* of EXPIRED and NOT_YET_VALID, 1..TLS_BY_S_MAX; else not looked at */
	const char *host; /* beside localhost, 127.0.0.1 and ::1: one more name or address; NULL */
	bool host_alone;  /* a certificate for that name and no other */
};

struct tls_issued { /* PEM texts */
	struct hp_buf chain; /* the leaf first, without the root */
	struct hp_buf key;
};

/* Fills *out, which tls_issued_fini() frees. */
void tls_authority_issue(struct tls_authority *authority, const struct tls_order *order,
			 struct tls_issued *out);
void tls_issued_fini(struct tls_issued *issued);
#endif
