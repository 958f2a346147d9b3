/* SPDX-License-Identifier: MIT */
/* Only the proposals that have to do with one vector. */
#include "base/xalloc.h"
#include "rules/vector.h"
#include "tui/proposals_internal.h"

#include <stdlib.h>

static bool is_shown(const struct proposals_screen *proposals, size_t item)
{
	return proposals->vectors == 0 ||
	       (proposals->vectors & proposals->items[item].vectors) != 0;
}

size_t proposals_item(const struct proposals_screen *proposals)
{
	return proposals->selected < proposals->shown_count
		       ? proposals->shown[proposals->selected]
		       : proposals->count;
}

static void find_shown(struct proposals_screen *proposals)
{
	proposals->shown_count = 0;
	for (size_t i = 0; i < proposals->count; i++) {
		if (is_shown(proposals, i)) {
			proposals->shown[proposals->shown_count++] = i;
		}
	}
}

void proposals_show(struct proposals_screen *proposals, size_t item)
{
	proposals->shown = xreallocarray(
		proposals->shown, proposals->count + 1, sizeof(*proposals->shown));
	find_shown(proposals);
	if (proposals->shown_count == 0) {
		proposals->vectors = 0; /* the last of them was dropped */
		find_shown(proposals);
	}
	proposals->selected = 0;
	while (proposals->selected + 1 < proposals->shown_count &&
		proposals->shown[proposals->selected] < item) {
		proposals->selected++;
	}
}

static unsigned all_vectors(const struct proposals_screen *proposals)
{
	unsigned vectors = 0;

	for (size_t i = 0; i < proposals->count; i++) {
		vectors |= proposals->items[i].vectors;
	}
	return vectors;
}

void proposals_filter_next(struct proposals_screen *proposals)
{
	const unsigned all = all_vectors(proposals);
	const size_t item = proposals_item(proposals);
	unsigned next = proposals->vectors != 0 ? proposals->vectors << 1 : 1;

	while (next < 1u << VECTOR_COUNT && (next & all) == 0) {
		next <<= 1;
	}
	proposals->vectors = next < 1u << VECTOR_COUNT ? next : 0;
	proposals->top = proposals->detail_top = 0;
	proposals_show(proposals, item);
}
