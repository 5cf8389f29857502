#include "wire/dns.h"

#include "base/err.h"

enum {
	TYPE_CLASS_BYTES = 4,   /* behind the name of a question */
	RECORD_BYTES_MIN = 10,  /* behind the name of a record, before its data */
	CLASS_IN = 1,
	NAME_AT_QUESTION = 0xC000 | DNS_HEADER_BYTES, /* a pointer, RFC 1035 4.1.4 */
	POINTER_BITS = 0xC0,
};

enum { /* RFC 1035 4.1.1, the second pair of bytes */
	FLAG_ANSWER = 0x8000,
	FLAG_AUTHORITATIVE = 0x0400,
	FLAG_TRUNCATED = 0x0200,
	FLAG_RECURSION_DESIRED = 0x0100,
	OPCODE_SHIFT = 11,
	OPCODE_MASK = 0xF,
};

_Static_assert(DNS_HEADER_BYTES + DNS_NAME_BYTES_MAX + TYPE_CLASS_BYTES +
		DNS_ADDRESSES_MAX * (2 + RECORD_BYTES_MIN + 16) <= DNS_ANSWER_BYTES_MAX,
	       "every answer fits");

struct message {
	const uint8_t *at;
	size_t bytes;
};

static unsigned get16(const struct message *message, size_t at)
{
	return (unsigned)message->at[at] << 8 | message->at[at + 1];
}

/* ---- names ---- */

/* Where the name that begins there ends; 0: it does not, or not like that. */
static size_t skip_name(const struct message *message, size_t at, bool may_point)
{
	size_t from = at;

	while (at < message->bytes && message->at[at] != 0) {
		uint8_t length = message->at[at];

		if (may_point && (length & POINTER_BITS) == POINTER_BITS)
			return at + 2 <= message->bytes ? at + 2 : 0;
		if (length > DNS_LABEL_BYTES_MAX)
			return 0;
		at += 1 + (size_t)length;
		if (at - from >= DNS_NAME_BYTES_MAX)
			return 0;
	}
	return at < message->bytes ? at + 1 : 0;
}

static size_t label_bytes(const char *host)
{
	return strcspn(host, ".");
}

bool dns_is_host(const char *host)
{
	size_t bytes = 1; /* the end */

	for (;;) {
		size_t label = label_bytes(host);

		bytes += 1 + label;
		if (label == 0 || label > DNS_LABEL_BYTES_MAX || bytes > DNS_NAME_BYTES_MAX)
			return false;
		host += label;
		if (*host == '\0')
			return true;
		host++;
	}
}

bool dns_name_is(struct hp_view name, const char *host)
{
	size_t at = 0;

	while (at < name.bytes && name.at[at] != 0) {
		size_t length = (uint8_t)name.at[at++];
		size_t label = label_bytes(host);

		if (length > name.bytes - at ||
		    !hp_view_equal_nocase((struct hp_view){name.at + at, length},
					  (struct hp_view){host, label}))
			return false;
		at += length;
		host += label;
		host += *host == '.';
	}
	return *host == '\0' && at + 1 == name.bytes;
}

/* ---- queries ---- */

/* Where the record that begins there ends; 0: it does not. */
static size_t skip_record(const struct message *message, size_t at)
{
	at = skip_name(message, at, true);
	if (at == 0 || message->bytes - at < RECORD_BYTES_MIN)
		return 0;
	size_t data_bytes = get16(message, at + RECORD_BYTES_MIN - 2);
	at += RECORD_BYTES_MIN;
	return message->bytes - at >= data_bytes ? at + data_bytes : 0;
}

static bool read_question(const struct message *message, struct dns_query *out)
{
	size_t end = skip_name(message, DNS_HEADER_BYTES, false);
	const char *at = (const char *)message->at + DNS_HEADER_BYTES;

	if (end == 0 || message->bytes - end < TYPE_CLASS_BYTES)
		return false;
	out->name = (struct hp_view){at, end - DNS_HEADER_BYTES};
	out->question = (struct hp_view){at, end + TYPE_CLASS_BYTES - DNS_HEADER_BYTES};
	out->type = (uint16_t)get16(message, end);
	return true;
}

/* What is wrong with a query, in the order in which it can be known. */
static enum dns_rcode complaint_of(const struct message *message, struct dns_query *out)
{
	unsigned flags = get16(message, 2), more = get16(message, 10);

	if (out->opcode != 0)
		return DNS_NOTIMP;
	if (flags & FLAG_TRUNCATED || message->bytes > DNS_QUERY_BYTES_MAX ||
	    get16(message, 4) != 1 || get16(message, 6) != 0 || get16(message, 8) != 0 ||
	    !read_question(message, out))
		return DNS_FORMERR;
	size_t at = DNS_HEADER_BYTES + out->question.bytes;
	for (; more != 0 && at != 0; more--)
		at = skip_record(message, at);
	if (at != message->bytes)
		return DNS_FORMERR;
	unsigned class = get16(message, DNS_HEADER_BYTES + out->name.bytes + 2);
	return class == CLASS_IN ? DNS_NOERROR : DNS_REFUSED;
}

enum dns_result dns_parse_query(const char *buf, size_t bytes, struct dns_query *out)
{
	const struct message message = {(const uint8_t *)buf, bytes};

	*out = (struct dns_query){.id = 0};
	if (bytes < DNS_HEADER_BYTES || get16(&message, 2) & FLAG_ANSWER)
		return DNS_MUTE;
	out->id = (uint16_t)get16(&message, 0);
	out->opcode = get16(&message, 2) >> OPCODE_SHIFT & OPCODE_MASK;
	out->recursion_desired = get16(&message, 2) & FLAG_RECURSION_DESIRED;
	out->complaint = complaint_of(&message, out);
	return out->complaint == DNS_NOERROR ? DNS_DONE : DNS_BAD;
}

/* ---- answers ---- */

static char *put16(char *at, unsigned value)
{
	*at++ = (char)(value >> 8);
	*at++ = (char)value;
	return at;
}

static char *put_bytes(char *at, const void *from, size_t bytes)
{
	memcpy(at, from, bytes);
	return at + bytes;
}

static char *put_record(char *at, const struct dns_query *query, uint32_t ttl_s, const uint8_t *ip)
{
	unsigned bytes = query->type == DNS_A ? 4 : 16;

	at = put16(at, NAME_AT_QUESTION);
	at = put16(at, query->type);
	at = put16(at, CLASS_IN);
	at = put16(at, ttl_s >> 16);
	at = put16(at, ttl_s & UINT16_MAX);
	at = put16(at, bytes);
	return put_bytes(at, ip, bytes);
}

static unsigned flags_of(const struct dns_query *query, enum dns_rcode rcode)
{
	return FLAG_ANSWER | FLAG_AUTHORITATIVE | (unsigned)query->opcode << OPCODE_SHIFT |
	       (query->recursion_desired ? FLAG_RECURSION_DESIRED : 0) | (unsigned)rcode;
}

size_t dns_write_answer(const struct dns_query *query, const struct dns_answer *answer,
			char out[static DNS_ANSWER_BYTES_MAX])
{
	char *at = out;

	assert(answer->address_count <= DNS_ADDRESSES_MAX);
	assert(answer->address_count == 0 || query->type == DNS_A || query->type == DNS_AAAA);
	at = put16(at, query->id);
	at = put16(at, flags_of(query, answer->rcode));
	at = put16(at, query->question.bytes != 0);
	at = put16(at, (unsigned)answer->address_count);
	at = put16(at, 0);
	at = put16(at, 0);
	if (query->question.bytes != 0)
		at = put_bytes(at, query->question.at, query->question.bytes);
	for (size_t i = 0; i < answer->address_count; i++)
		at = put_record(at, query, answer->ttl_s, answer->addresses[i]);
	return (size_t)(at - out);
}
