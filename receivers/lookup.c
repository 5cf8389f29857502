#include "receivers/lookup.h"

#include <arpa/inet.h>

#include "base/err.h"

enum { IP_TEXT_BYTES = sizeof("127.255.255.255"), LOOPBACK_NET = 127 /* RFC 1122 3.2.1.3 */ };

const char *lookup_type_word(enum lookup_type type)
{
	static const char *const words[] = {
		[LOOKUP_A] = "A", [LOOKUP_AAAA] = "AAAA", [LOOKUP_OTHER] = "other",
	};

	assert(type < LOOKUP_TYPES);
	return words[type];
}

bool lookup_parse(struct hp_view text, uint8_t ip[4])
{
	char number[IP_TEXT_BYTES];

	if (text.bytes >= sizeof(number))
		return false;
	memcpy(number, text.at, text.bytes);
	number[text.bytes] = '\0';
	return inet_pton(AF_INET, number, ip) == 1 && ip[0] == LOOPBACK_NET;
}

bool lookup_is_here(const struct port_address *address)
{
	static const uint8_t six[sizeof(address->ip)] = {[15] = 1};

	return address->family == 4 ? address->ip[0] == LOOPBACK_NET
				    : memcmp(address->ip, six, sizeof(six)) == 0;
}

void lookup_add(struct lookup *lookup, const uint8_t *ip)
{
	assert(lookup->address_count < LOOKUP_ADDRESSES_MAX && lookup->type != LOOKUP_OTHER);
	memcpy(lookup->addresses[lookup->address_count++], ip, lookup->type == LOOKUP_A ? 4 : 16);
}

/* Cuts the next address off a list; empty at its end. */
static struct hp_view next_of(const char **list)
{
	struct hp_view text = {*list, strcspn(*list, " ")};

	*list += text.bytes;
	*list += **list == ' ';
	return text;
}

unsigned lookup_list_count(const char *list)
{
	unsigned count = 0;

	while (next_of(&list).bytes != 0)
		count++;
	return count;
}

void lookup_add_list(struct lookup *lookup, const char *list)
{
	struct hp_view text;
	uint8_t ip[4];

	while ((text = next_of(&list)).bytes != 0) {
		bool good = lookup_parse(text, ip);

		assert(good);
		lookup_add(lookup, ip);
	}
}
