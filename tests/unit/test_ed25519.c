#include "wire/ed25519.h"

#include <check.h>

#include "wire/encoding.h"

/* RFC 8032 7.1, tests 1 and 2. */
static const struct {
	const char *seed, *point, *message, *signature;
} rows[] = {
	{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	 "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
	 "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
	 "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
	{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	 "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
	 "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
	 "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
};

static void read_hex(const char *hex, uint8_t *out, size_t out_bytes_max)
{
	ck_assert_int_ge(encoding_read(ENCODING_HEX, hp_view_of(hex), out, out_bytes_max), 0);
}

/* Goal: the RFC's answers: signing, the public half, and verifying with either key. */
START_TEST(test_answers)
{
	uint8_t seed[32], point[32], message[1], signature[64], made[64];
	struct hp_view view = {(const char *)message, strlen(rows[_i].message) / 2};
	struct ed25519_key *private, *public;

	read_hex(rows[_i].seed, seed, sizeof(seed));
	read_hex(rows[_i].point, point, sizeof(point));
	read_hex(rows[_i].message, message, sizeof(message));
	read_hex(rows[_i].signature, signature, sizeof(signature));
	private = ed25519_key_private(seed);
	public = ed25519_key_public(point);
	ck_assert(ed25519_public_half(private, made));
	ck_assert_mem_eq(made, point, sizeof(point));
	ck_assert(ed25519_sign(private, view, made));
	ck_assert_mem_eq(made, signature, sizeof(signature));
	ck_assert(ed25519_verify(private, view, signature));
	ck_assert(ed25519_verify(public, view, signature));
	signature[63] ^= 1;
	ck_assert(!ed25519_verify(public, view, signature));
	ck_assert(!ed25519_sign(public, view, made));
	ed25519_key_free(private);
	ed25519_key_free(public);
}
END_TEST

Suite *suite_ed25519(void);

Suite *suite_ed25519(void)
{
	Suite *suite = suite_create("ed25519");
	TCase *tcase = tcase_create("ed25519");

	tcase_add_loop_test(tcase, test_answers, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}
