/* Whom a run trusts: the test authority of its receivers that speak TLS, and the authorities that
 * its endpoints name. Not here: certificates and handshakes (net/tls*.h). */
#ifndef HP_CLI_TRUST_H
#define HP_CLI_TRUST_H
#include "net/client.h"
#include "scenarios/scenario.h"

struct tls_authority;

/* Returns new, made for this run alone; NULL when no receiver of the scenario speaks TLS. */
struct tls_authority *trust_authority(const struct scenario *scenario);

/* Writes its root into ca.pem of the folder. -1 with HP_EENV. */
int trust_save(const struct tls_authority *authority, const char *folder, struct hp_err *err)
	__attribute__((warn_unused_result));

/* Tells the client how connections to each https endpoint are secured. authority: of receivers of
 * ours, or NULL. -1 with HP_EINPUT for a file that holds no authorities. */
int trust_endpoints(const struct plan *plan, struct client *client,
		    const struct tls_authority *authority, struct hp_err *err)
	__attribute__((warn_unused_result));

/* The host of an endpoint without port and brackets. Returns out. */
const char *trust_host(const struct plan_endpoint *endpoint, char out[PLAN_HOST_BYTES]);
#endif
