/* What the files of the control endpoint share. For them alone: callers use control.h. */
#ifndef HP_WEB_CONTROL_INSIDE_H
#define HP_WEB_CONTROL_INSIDE_H
#include "web/control.h"
#include "web/control_known.h"
#include "web/web.h"

struct control {
	struct control_config config;
	struct web *web;
	struct control_known *known; /* one for each receiver; of the server's thread */
	struct receiver_config **changes; /* owned: of receivers whose behaviours were replaced */
	size_t change_count;
};

/* control_events.c, control_change.c: answers of routes; arg is the control. */
void control_events(void *arg, const struct web_request *request, struct web_answer *answer);
void control_event(void *arg, const struct web_request *request, struct web_answer *answer);
void control_behaviours(void *arg, const struct web_request *request, struct web_answer *answer);
void control_reset(void *arg, const struct web_request *request, struct web_answer *answer);

/* The receiver of a name; *index is its place. False: the answer is a 404. */
bool control_find(const struct control *control, struct hp_view name, size_t *index,
		  struct web_answer *answer);
#endif
