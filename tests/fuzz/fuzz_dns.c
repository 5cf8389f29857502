/* Queries of a resolver: no input is read beyond its end, views lie inside it, no shorter piece of
 * a query is one, and its answer, read as a query would be, is none. */
#include <stdlib.h>

#include "base/err.h"
#include "wire/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void check_inside(struct hp_view view, const char *buf, size_t bytes)
{
	if (view.bytes != 0)
		assert(view.at >= buf + DNS_HEADER_BYTES && view.at + view.bytes <= buf + bytes);
}

static void check_answer(const struct dns_query *query)
{
	static const uint8_t addresses[DNS_ADDRESSES_MAX][16];
	bool may = query->type == DNS_A || query->type == DNS_AAAA;
	char out[DNS_ANSWER_BYTES_MAX];
	struct dns_query again;
	size_t bytes = dns_write_answer(query, &(struct dns_answer){
		.rcode = query->complaint, .addresses = addresses,
		.address_count = may ? DNS_ADDRESSES_MAX : 0,
	}, out);

	assert(bytes >= DNS_HEADER_BYTES + query->question.bytes && bytes <= sizeof(out));
	assert(dns_parse_query(out, bytes, &again) == DNS_MUTE);
}

static void check_query(const char *buf, size_t bytes)
{
	struct dns_query query, prefix;
	enum dns_result result = dns_parse_query(buf, bytes, &query);

	assert((result == DNS_BAD) == (query.complaint != DNS_NOERROR));
	if (result == DNS_MUTE)
		return;
	check_inside(query.name, buf, bytes);
	check_inside(query.question, buf, bytes);
	(void)dns_name_is(query.name, "billing.hookproof.test");
	check_answer(&query);
	if (result == DNS_DONE) {
		assert(query.name.bytes >= 1 && query.name.bytes <= DNS_NAME_BYTES_MAX);
		assert(dns_parse_query(buf, bytes - 1, &prefix) != DNS_DONE);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	char *copy = malloc(bytes + 1); /* exact for the sanitizer, never of zero bytes */

	assert(copy != NULL);
	memcpy(copy + 1, data, bytes);
	check_query(copy + 1, bytes);
	free(copy);
	return 0;
}
