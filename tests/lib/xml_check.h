/* A tiny judge of XML: elements nest and close, attributes stand in double quotes, only the five
 * named entities and character references of legal characters are used, every character is legal
 * in XML 1.0. Knows no comments, CDATA or processing instructions beyond the declaration: our
 * reports have none. */
#ifndef HP_TESTS_LIB_XML_CHECK_H
#define HP_TESTS_LIB_XML_CHECK_H
#include "base/view.h"

/* True for a whole document. */
bool xml_check_document(struct hp_view document);

/* True for text that may stand between tags, or within a value's double quotes: no '<', no '>', no
 * quote, legal characters, known references. */
bool xml_check_text(struct hp_view text);
#endif
