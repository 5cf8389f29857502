#include "base/version.h"

/* HP_VERSION comes from the Makefile's rule for this file. */
const char hp_version[] = HP_VERSION;
