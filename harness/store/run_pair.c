#include "store/run_pair.h"

#define X(name, text) const char run_meta_##name[] = #name;
RUN_META_KEYS(X)
RUN_META_OWN_KEYS(X)
#undef X
