#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"

enum { FIRST_ROOM = 256 };

void hp_buf_init(struct hp_buf *buf, size_t bytes_max)
{
	*buf = (struct hp_buf){.bytes_max = bytes_max};
}

void hp_buf_fini(struct hp_buf *buf)
{
	free(buf->at);
	*buf = (struct hp_buf){.bytes_max = buf->bytes_max};
}

void hp_buf_clear(struct hp_buf *buf)
{
	buf->bytes = 0;
	buf->cut = false;
}

/* One byte beyond bytes_max is allocated, so that hp_buf_text() always finds room for its NUL. */
static bool make_room(struct hp_buf *buf, size_t more)
{
	size_t room = buf->room ? buf->room : FIRST_ROOM;

	if (more > buf->bytes_max - buf->bytes) {
		buf->cut = true;
		return false;
	}
	if (buf->at && buf->bytes + more < buf->room)
		return true;
	while (room <= buf->bytes + more)
		room *= 2;
	if (room > buf->bytes_max + 1)
		room = buf->bytes_max + 1;
	buf->at = hp_xgrow(buf->at, room, 1);
	buf->room = room;
	return true;
}

bool hp_buf_add(struct hp_buf *buf, struct hp_view bytes)
{
	if (!make_room(buf, bytes.bytes))
		return false;
	if (bytes.bytes)
		memcpy(buf->at + buf->bytes, bytes.at, bytes.bytes);
	buf->bytes += bytes.bytes;
	return true;
}

bool hp_buf_add_text(struct hp_buf *buf, const char *text)
{
	return hp_buf_add(buf, hp_view_of(text));
}

bool hp_buf_add_format(struct hp_buf *buf, const char *format, ...)
{
	va_list args;
	int bytes;

	va_start(args, format);
	bytes = vsnprintf(NULL, 0, format, args);
	va_end(args);
	assert(bytes >= 0);
	if (!make_room(buf, (size_t)bytes))
		return false;
	va_start(args, format);
	vsnprintf(buf->at + buf->bytes, buf->room - buf->bytes, format, args);
	va_end(args);
	buf->bytes += (size_t)bytes;
	return true;
}

void hp_buf_drop(struct hp_buf *buf, size_t bytes)
{
	assert(bytes <= buf->bytes);
	buf->bytes -= bytes;
	if (buf->bytes)
		memmove(buf->at, buf->at + bytes, buf->bytes);
}

struct hp_view hp_buf_view(const struct hp_buf *buf)
{
	return (struct hp_view){buf->at, buf->bytes};
}

const char *hp_buf_text(struct hp_buf *buf)
{
	if (!buf->at)
		return "";
	buf->at[buf->bytes] = '\0';
	return buf->at;
}
