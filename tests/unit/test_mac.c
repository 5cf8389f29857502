#include "wire/mac.h"

#include <check.h>

#include "tests/lib/guard.h"
#include "wire/encoding.h"

/* RFC 2202, RFC 4231, and the empty key and message, whose answers are published widely. */
static const struct answer {
	enum mac_hash hash;
	const char *key, *message, *digest;
} answers[] = {
	{MAC_MD5, "Jefe", "what do ya want for nothing?", "750c783e6ab0b503eaa86e310a5db738"},
	{MAC_SHA1, "Jefe", "what do ya want for nothing?",
	 "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
	{MAC_SHA224, "Jefe", "what do ya want for nothing?",
	 "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44"},
	{MAC_SHA256, "Jefe", "what do ya want for nothing?",
	 "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
	{MAC_SHA384, "Jefe", "what do ya want for nothing?",
	 "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
	 "8e2240ca5e69e2c78b3239ecfab21649"},
	{MAC_SHA512, "Jefe", "what do ya want for nothing?",
	 "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
	 "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
	{MAC_SHA256, "", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
};

enum { ANSWERS = sizeof(answers) / sizeof(answers[0]), LONG_KEY = 131 };

static void check_digest(const struct mac_key *key, const uint8_t *digest, const char *wanted)
{
	char text[2 * MAC_BYTES_MAX + 1] = "";

	encoding_write(ENCODING_HEX, digest, mac_digest_bytes(key), text);
	ck_assert_str_eq(text, wanted);
}

/* Goal: the published answers, with the message split at each byte and ending at a guard page. */
START_TEST(test_answers)
{
	const struct answer *answer = &answers[_i];
	struct mac_key *key = mac_key_new(answer->hash, hp_view_of(answer->key));
	size_t bytes = strlen(answer->message);
	char *message = guard_copy(answer->message, bytes);
	uint8_t digest[MAC_BYTES_MAX];
	struct mac mac;

	for (size_t split = 0; split <= bytes; split++) {
		mac_begin(&mac, key);
		mac_add(&mac, (struct hp_view){message, split});
		mac_add(&mac, (struct hp_view){message + split, bytes - split});
		mac_end(&mac, digest);
		check_digest(key, digest, answer->digest);
	}
	guard_free(message);
	mac_key_free(key);
}
END_TEST

/* Goal: the hashes without a key, of "abc" and of nothing (RFC 1321, FIPS 180-4's examples). */
START_TEST(test_plain)
{
	static const struct {
		enum mac_hash hash;
		const char *message, *digest;
	} plain[] = {
		{MAC_MD5, "abc", "900150983cd24fb0d6963f7d28e17f72"},
		{MAC_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
		{MAC_SHA224, "abc", "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"},
		{MAC_SHA256, "",
		 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	};

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		char text[2 * MAC_BYTES_MAX + 1] = "";
		uint8_t digest[MAC_BYTES_MAX];
		size_t count = mac_plain(plain[i].hash, hp_view_of(plain[i].message), digest);

		encoding_write(ENCODING_HEX, digest, count, text);
		ck_assert_str_eq(text, plain[i].digest);
	}
}
END_TEST

/* Goal: a key longer than a block is hashed first (RFC 4231, case 6), and one key serves many. */
START_TEST(test_long_key)
{
	static const char message[] = "Test Using Larger Than Block-Size Key - Hash Key First";
	static const char wanted[] =
		"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54";
	char bytes[LONG_KEY];
	struct mac_key *key;
	uint8_t digest[MAC_BYTES_MAX];
	struct mac mac;

	memset(bytes, 0xaa, sizeof(bytes));
	key = mac_key_new(MAC_SHA256, (struct hp_view){bytes, sizeof(bytes)});
	for (int i = 0; i < 2; i++) {
		mac_begin(&mac, key);
		mac_add(&mac, hp_view_of(message));
		mac_end(&mac, digest);
		check_digest(key, digest, wanted);
	}
	mac_key_free(key);
}
END_TEST

/* Goal: a finished MAC leaves nothing of the key behind in the caller's memory. */
START_TEST(test_wipes)
{
	struct mac_key *key = mac_key_new(MAC_SHA256, HP_LITERAL("secret"));
	uint8_t digest[MAC_BYTES_MAX];
	struct mac mac = {.state = {0}};

	mac_begin(&mac, key);
	mac_end(&mac, digest);
	for (int i = 0; i < MAC_STATE_WORDS; i++)
		ck_assert_uint_eq(mac.state[i], 0);
	mac_key_free(key);
}
END_TEST

/* Goal: equality looks at every byte. */
START_TEST(test_equal)
{
	char a[32] = "", b[32] = "";

	ck_assert(mac_equal(a, b, sizeof(a)));
	b[_i] ^= 1;
	ck_assert(!mac_equal(a, b, sizeof(a)));
}
END_TEST

Suite *suite_mac(void);

Suite *suite_mac(void)
{
	Suite *suite = suite_create("mac");
	TCase *tcase = tcase_create("mac");

	tcase_add_loop_test(tcase, test_answers, 0, ANSWERS);
	tcase_add_test(tcase, test_plain);
	tcase_add_test(tcase, test_long_key);
	tcase_add_test(tcase, test_wipes);
	tcase_add_loop_test(tcase, test_equal, 0, 32);
	suite_add_tcase(suite, tcase);
	return suite;
}
