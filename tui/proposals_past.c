/* SPDX-License-Identifier: MIT */
/* What was accepted before each change, so that taking it back brings that back, too. */
#include "base/xalloc.h"
#include "tui/proposals_internal.h"

#include <stdlib.h>

void proposals_remember(struct proposals_screen *proposals)
{
	struct proposals_past past = {
		.rules = xcalloc(proposals->count + 1, sizeof(char *))};

	for (size_t i = 0; i < proposals->count; i++) {
		if (proposals->accepted[i]) {
			past.rules[past.count++] = xstrdup(proposals->items[i].rule);
		}
	}
	proposals->past = xreallocarray(
		proposals->past, proposals->past_count + 1, sizeof(*proposals->past));
	proposals->past[proposals->past_count++] = past;
}

/* What was accepted since stays so. */
void proposals_accept_again(struct proposals_screen *proposals)
{
	const struct proposals_past *past = &proposals->past[proposals->past_count - 1];

	for (size_t i = 0; i < proposals->count; i++) {
		for (size_t j = 0; j < past->count; j++) {
			if (strcmp(proposals->items[i].rule, past->rules[j]) == 0) {
				proposals->accepted[i] = true;
			}
		}
	}
}

void proposals_forget(struct proposals_screen *proposals)
{
	struct proposals_past *past = &proposals->past[--proposals->past_count];

	for (size_t i = 0; i < past->count; i++) {
		free(past->rules[i]);
	}
	free(past->rules);
}
