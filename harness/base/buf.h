/* A buffer that grows up to a maximum it is born with; full is an answer, not an error.
 * The owner of the struct owns the bytes. Not here: views of other people's bytes (view.h). */
#ifndef HP_BASE_BUF_H
#define HP_BASE_BUF_H
#include <stdbool.h>
#include <stdint.h>

#include "base/view.h"

struct hp_buf {
	char *at;
	size_t bytes;     /* filled */
	size_t room;      /* allocated */
	size_t bytes_max; /* never allocated beyond this */
	bool cut;         /* an append did not fit: what is there is not all */
};

void hp_buf_init(struct hp_buf *buf, size_t bytes_max);
void hp_buf_fini(struct hp_buf *buf);

/* Empties the buffer and keeps its memory. */
void hp_buf_clear(struct hp_buf *buf);

/* Appends all of it, or nothing and marks the buffer as cut. Borrows the bytes for the call. */
bool hp_buf_add(struct hp_buf *buf, struct hp_view bytes);
bool hp_buf_add_text(struct hp_buf *buf, const char *text);
bool hp_buf_add_format(struct hp_buf *buf, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Drops the first bytes. At most buf->bytes. */
void hp_buf_drop(struct hp_buf *buf, size_t bytes);

/* What is in it; good until the next change. */
struct hp_view hp_buf_view(const struct hp_buf *buf);

/* What is in it as a C string; good until the next change. Never NULL. */
const char *hp_buf_text(struct hp_buf *buf);
#endif
