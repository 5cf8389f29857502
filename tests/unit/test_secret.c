#include "base/secret.h"

#include <check.h>

/* Goal: a secret is a copy of any bytes, NUL too, and the absent one is empty. */
START_TEST(test_secret)
{
	char bytes[] = "whsec\0_x";
	struct hp_secret *secret = hp_secret_new((struct hp_view){bytes, sizeof(bytes)});

	memset(bytes, 0, sizeof(bytes));
	ck_assert(hp_view_equal(hp_secret_view(secret), HP_LITERAL("whsec\0_x\0")));
	hp_secret_free(secret);
	secret = hp_secret_new((struct hp_view){NULL, 0});
	ck_assert_uint_eq(hp_secret_view(secret).bytes, 0);
	hp_secret_free(secret);
	ck_assert_uint_eq(hp_secret_view(NULL).bytes, 0);
	hp_secret_free(NULL);
}
END_TEST

Suite *suite_secret(void);

Suite *suite_secret(void)
{
	Suite *suite = suite_create("secret");
	TCase *tcase = tcase_create("secret");

	tcase_add_test(tcase, test_secret);
	suite_add_tcase(suite, tcase);
	return suite;
}
