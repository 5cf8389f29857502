#include "engine/result.h"

#include "base/err.h"

const char *result_time_word(enum result_time mode)
{
	static const char *const words[] = {
		[RESULT_REAL] = "real",
		[RESULT_SCALED] = "scaled",
		[RESULT_VIRTUAL] = "virtual",
	};

	assert(mode <= RESULT_VIRTUAL);
	return words[mode];
}
