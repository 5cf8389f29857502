/* A secret: a type of its own that no printer takes. Wiped when freed. */
#ifndef HP_BASE_SECRET_H
#define HP_BASE_SECRET_H
#include "base/view.h"

struct hp_secret;

/* Returns new; copies the bytes. */
struct hp_secret *hp_secret_new(struct hp_view bytes);
void hp_secret_free(struct hp_secret *secret);

/* The bytes, for signing only; good until freed. An absent secret (NULL) is empty. */
struct hp_view hp_secret_view(const struct hp_secret *secret);
#endif
