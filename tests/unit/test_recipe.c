/* The rows of recipes: the catalogue is whole, and each row's bodies are those of the real
 * programs. tests/vectors/rewritten.json holds what Node 20 and Python 3.11 made of the same
 * bodies; tests/e2e/rewritten.sh asks the programs that are there again. */
#include "certify/recipe.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "certify/recipe_inside.h"
#include "tests/lib/vector.h"

enum { ANSWER_COUNT = 345, ANSWERS_BYTES_MAX = 4 * 1024 * 1024 };

/* Goal: 121 rows with slugs that are unique, begin with their dimension, and are found again. */
START_TEST(test_rows)
{
	static const char *const opening[] = {
		[RECIPE_ENCODING] = "enc-",    [RECIPE_KEY] = "key-",
		[RECIPE_BODY] = "body-",       [RECIPE_HASH] = "hash-",
		[RECIPE_CONTENT] = "content-", [RECIPE_TIMESTAMP] = "timestamp-",
		[RECIPE_ID] = "id-",           [RECIPE_URL] = "url-",
	};
	const struct recipe *recipe = recipe_at((size_t)_i);
	const char *slug = recipe_slug(recipe), *prefix = opening[recipe_dimension(recipe)];

	ck_assert_ptr_eq(recipe_find(slug), recipe);
	ck_assert_uint_eq(recipe_index(recipe), (size_t)_i);
	ck_assert_msg(strncmp(slug, prefix, strlen(prefix)) == 0, "%s", slug);
	ck_assert_uint_ge(recipe_forms(recipe), 1);
	ck_assert_ptr_nonnull(strchr(recipe_words(recipe), ' '));
	ck_assert_int_eq(recipe_remedy(recipe)[strlen(recipe_remedy(recipe)) - 1], '.');
	ck_assert(!recipe->write != !recipe->make);
}
END_TEST

/* Goal: the tables hold as many rows as the catalogue, and an unknown slug is not found. */
START_TEST(test_count)
{
	ck_assert_uint_eq(recipe_encodings.count + recipe_keys.count + recipe_bodies.count +
				  recipe_hashes.count + recipe_contents.count + recipe_places.count,
			  RECIPE_COUNT);
	ck_assert_ptr_null(recipe_find("body-nodejs"));
}
END_TEST

/* Goal: sets hold each row by itself, first and last too. */
START_TEST(test_sets)
{
	struct recipe_set set = {{0}}, more = {{0}};

	recipe_set_add(&set, 0);
	recipe_set_add(&set, 0);
	recipe_set_add(&more, 63);
	recipe_set_add(&more, 64);
	recipe_set_add(&more, RECIPE_COUNT - 1);
	recipe_set_join(&set, &more);
	ck_assert_uint_eq(recipe_set_count(&set), 4);
	ck_assert(recipe_set_has(&set, 0) && recipe_set_has(&set, 63) && recipe_set_has(&set, 64));
	ck_assert(!recipe_set_has(&set, 1) && !recipe_set_has(&set, 65));
}
END_TEST

static struct hp_json *answers;

static void open_answers(void)
{
	struct hp_err err;

	answers = hp_json_read("tests/vectors/rewritten.json", ANSWERS_BYTES_MAX, &err);
	if (!answers)
		fprintf(stderr, "%s\n", err.msg);
}

static void close_answers(void)
{
	hp_json_free(answers);
}

static uint64_t number_of(const struct hp_json_node *object, const char *name)
{
	return strtoull(hp_json_raw(hp_json_member(object, name)).at, NULL, 10);
}

static const struct hp_json_node *child(const struct hp_json_node *list, uint64_t index)
{
	const struct hp_json_node *node = hp_json_first(list);

	while (index--)
		node = hp_json_next(node);
	return node;
}

/* The bytes of {"text": …} or {"hex": …}. */
static void read_bytes(const struct hp_json_node *object, struct hp_buf *out)
{
	const struct hp_json_node *hex = hp_json_member(object, "hex");
	ssize_t count;
	uint8_t *room;

	hp_buf_init(out, ANSWERS_BYTES_MAX);
	if (!hex) {
		hp_buf_add(out, hp_json_string(hp_json_member(object, "text")));
		return;
	}
	room = malloc(hp_json_string(hex).bytes + 1);
	count = encoding_read(ENCODING_HEX, hp_json_string(hex), room, hp_json_string(hex).bytes);
	ck_assert_int_ge(count, 0);
	hp_buf_add(out, (struct hp_view){(char *)room, (size_t)count});
	free(room);
}

/* Goal: a form of a body recipe gives what the real program gave, byte for byte. An answer that is
 * the body itself is no deviation, and may be refused. */
START_TEST(test_answers)
{
	const struct hp_json_node *root, *answer;
	struct hp_buf body, wanted, printed;
	struct forensics_case given = {.secret = HP_LITERAL("secret")};
	const struct recipe *recipe;
	struct profile profile;
	struct recipe_base base;
	struct hp_err err;
	bool made;

	ck_assert_ptr_nonnull(answers);
	root = hp_json_root(answers);
	answer = child(hp_json_member(root, "answers"), (uint64_t)_i);
	read_bytes(child(hp_json_member(root, "bodies"), number_of(answer, "body")), &body);
	read_bytes(answer, &wanted);
	vector_profile(&profile, "paisr-v1");
	given.profile = &profile;
	given.body = hp_buf_view(&body);
	ck_assert(recipe_base_init(&base, &given, &err) == 0);
	hp_buf_init(&printed, RECIPE_BYTES_MAX);
	recipe = recipe_find(hp_json_string(hp_json_member(answer, "recipe")).at);
	ck_assert_ptr_nonnull(recipe);
	made = recipe_write(recipe, &base, (unsigned)number_of(answer, "form"), &printed);
	ck_assert(made || hp_view_equal(hp_buf_view(&wanted), given.body));
	ck_assert_msg(!made || hp_view_equal(hp_buf_view(&printed), hp_buf_view(&wanted)),
		      "%s %d: %s\nwant %s", recipe->slug, (int)number_of(answer, "form"),
		      hp_buf_text(&printed), hp_buf_text(&wanted));
	recipe_base_fini(&base);
	hp_buf_fini(&printed);
	hp_buf_fini(&wanted);
	hp_buf_fini(&body);
}
END_TEST

/* Goal: no answer of the file is left out of the loop. */
START_TEST(test_answer_count)
{
	ck_assert_ptr_nonnull(answers);
	ck_assert_uint_eq(hp_json_count(hp_json_member(hp_json_root(answers), "answers")),
			  ANSWER_COUNT);
}
END_TEST

Suite *suite_recipe(void);

Suite *suite_recipe(void)
{
	Suite *suite = suite_create("recipe");
	TCase *tcase = tcase_create("recipe");

	tcase_add_unchecked_fixture(tcase, open_answers, close_answers);
	tcase_add_loop_test(tcase, test_rows, 0, RECIPE_COUNT);
	tcase_add_test(tcase, test_count);
	tcase_add_test(tcase, test_sets);
	tcase_add_test(tcase, test_answer_count);
	tcase_add_loop_test(tcase, test_answers, 0, ANSWER_COUNT);
	suite_add_tcase(suite, tcase);
	return suite;
}
