/* What stands in a request's target: its path against a route's, and the members of its query.
 * Pure; percent escapes (RFC 3986 2.1) are decoded once, and ones that are none, or stand for NUL,
 * are refused. */
#ifndef HP_WEB_WEB_PATH_H
#define HP_WEB_WEB_PATH_H
#include "base/buf.h"

enum web_path_result { WEB_PATH_YES, WEB_PATH_NO, WEB_PATH_BAD };

/* Whether path is the route's: "/v1/receivers/STAR/behaviours" with an asterisk for STAR, which is
 * one segment of any text but none; at most one. On YES its decoded text stands in part, which is
 * cleared before. BAD: the path fits, and the segment is no text or too long for part. Borrows the
 * views for the call. */
enum web_path_result web_path_match(const char *route, struct hp_view path, struct hp_buf *part);

/* The decoded value of a member of a query ("from=0&limit=10"), the first of that name; '+' is a
 * space. NO: there is none. BAD: it is no text, or too long for value, which is cleared before. */
enum web_path_result web_path_query(struct hp_view query, const char *name, struct hp_buf *value);
#endif
