/* SPDX-License-Identifier: MIT */
/*
 * The screen of proposals: rules that could be stored, each with what speaks for it and
 * what it would do, to be widened, narrowed, split, dropped and accepted. Where they come
 * from, and where they go, is up to whoever fills the struct in.
 */
#ifndef TUI_PROPOSALS_H
#define TUI_PROPOSALS_H

#include "base/error.h"

#include <stddef.h>

/* All of it owned and safe to show. */
struct tui_proposal {
	char *rule;   /* one line; what else goes with it stands in the details */
	char *reason; /* a few words: "4 answers", "denied: nobody was there" */
	/* Each has to be accepted by itself: nobody approved it. */
	bool is_single;
	unsigned vectors; /* what it has to do with: bits 1u << enum vector */
};

struct tui_settings;

enum tui_proposal_change {
	TUI_PROPOSAL_WIDEN,
	TUI_PROPOSAL_NARROW,
	TUI_PROPOSAL_SPLIT,
	TUI_PROPOSAL_DROP,
	TUI_PROPOSAL_FLIP, /* allow becomes deny, and back */
	TUI_PROPOSAL_UNDO, /* the last of these changes, wherever it was */
};

/* False with a sentence where a change or storing is not possible; all is as before. */
struct tui_proposals {
	void *context;
	bool has_project; /* rules can be stored for it alone */
	const char *title;
	const struct tui_settings *settings; /* keys and looks; NULL: the usual ones */
	/* All as they are now; *proposals is owned. */
	void (*list)(void *context, struct tui_proposal **proposals, size_t *count);
	/* All that is known of one, in lines "label\tvalue"; safe, owned. */
	char *(*details)(void *context, size_t at);
	/* A line about all together; safe, owned. */
	char *(*summary)(void *context);
	/* *at is then where the changed one is. */
	bool (*change)(void *context, enum tui_proposal_change change, size_t *at,
		struct error *err);
	/* Stores those that are accepted[]. */
	bool (*store)(void *context, const bool *accepted, bool in_project,
		struct error *err);
};

/*
 * Shows it until something is stored or the person leaves; *is_stored says which. The
 * terminal is then as it was found. Fails if it cannot be drawn on, or has gone.
 */
bool tui_proposals_run(int input, int output, const struct tui_proposals *proposals,
	bool *is_stored, struct error *err);

#endif
