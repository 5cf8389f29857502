#include "engine/outcome.h"

#include "base/err.h"

static const struct {
	const char *word, *sentence;
	enum outcome_class class;
} rows[] = {
#define X(name, word, class, sentence) [name] = {word, sentence, OUTCOME_CLASS_##class},
	OUTCOMES(X)
#undef X
};

const char *outcome_word(enum outcome outcome)
{
	assert(outcome < OUTCOME_COUNT);
	return rows[outcome].word;
}

const char *outcome_sentence(enum outcome outcome)
{
	assert(outcome < OUTCOME_COUNT);
	return rows[outcome].sentence;
}

enum outcome_class outcome_class(enum outcome outcome)
{
	assert(outcome < OUTCOME_COUNT);
	return rows[outcome].class;
}

const char *outcome_class_word(enum outcome_class class)
{
	static const char *const words[] = {
		[OUTCOME_CLASS_OK] = "ok",
		[OUTCOME_CLASS_FAIL] = "fail",
		[OUTCOME_CLASS_INFO] = "info",
	};

	assert(class <= OUTCOME_CLASS_INFO);
	return words[class];
}

const char *delivery_state_word(enum delivery_state state)
{
	static const char *const words[] = {
#define X(name, word) [name] = word,
		DELIVERY_STATES_X(X)
#undef X
	};

	assert(state < DELIVERY_STATES);
	return words[state];
}
