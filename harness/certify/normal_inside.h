/* The tables of normal.c, for it alone. */
#ifndef HP_CERTIFY_NORMAL_INSIDE_H
#define HP_CERTIFY_NORMAL_INSIDE_H
#include <stddef.h>
#include <stdint.h>

struct normal_pair { /* composed = base and mark */
	uint16_t composed, base, mark;
};

enum { NORMAL_MARK_FIRST = 0x300, NORMAL_MARKS = 0x70 };

extern const struct normal_pair normal_pairs[]; /* ascending by composed */
extern const size_t normal_pair_count;
extern const unsigned char normal_classes[NORMAL_MARKS]; /* canonical combining classes */
#endif
