/* Profile documents from outside: refused with a place, or printed and read back the same. */
#include "scenarios/profile_document.h"

static void print(const struct profile *profile, struct hp_buf *out)
{
	hp_buf_init(out, PROFILE_DOCUMENT_BYTES_MAX);
	profile_print(profile, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hp_buf first, second;
	struct profile profile;
	struct hp_err err = {.msg = ""};

	if (profile_load(&profile, (struct hp_view){(const char *)data, size}, "fuzz", &err) < 0) {
		assert(*err.msg && err.code == HP_EINPUT);
		return 0;
	}
	print(&profile, &first);
	assert(!first.cut);
	assert(profile_load(&profile, hp_buf_view(&first), "printed", &err) == 0);
	print(&profile, &second);
	assert(hp_view_equal(hp_buf_view(&first), hp_buf_view(&second)));
	hp_buf_fini(&first);
	hp_buf_fini(&second);
	return 0;
}
