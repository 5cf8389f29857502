#include "engine/threshold.h"

#include "base/err.h"

bool threshold_holds(const struct threshold *threshold, double observed)
{
	switch (threshold->op) {
	case THRESHOLD_LT:
		return observed < threshold->limit;
	case THRESHOLD_LE:
		return observed <= threshold->limit;
	case THRESHOLD_GT:
		return observed > threshold->limit;
	case THRESHOLD_GE:
		return observed >= threshold->limit;
	}
	assert(false && "a comparison without its meaning");
}
