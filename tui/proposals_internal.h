/* SPDX-License-Identifier: MIT */
/* The parts of the screen of proposals: proposals.c waits and takes keys. */
#ifndef TUI_PROPOSALS_INTERNAL_H
#define TUI_PROPOSALS_INTERNAL_H

#include "tui/proposals.h"
#include "tui/screen.h"
#include "tui/view.h"

enum proposals_mode {
	PROPOSALS_LIST,
	PROPOSALS_HELP,
	PROPOSALS_STORING, /* y stores */
	PROPOSALS_LEAVING, /* y leaves, though something is accepted */
};

/* What was accepted before a change. */
struct proposals_past {
	char **rules;
	size_t count;
};

struct proposals_screen {
	const struct tui_proposals *source;
	struct screen screen;
	struct tui_proposal *items;
	size_t count;
	bool *accepted;	  /* as many as items */
	unsigned vectors; /* bits: only items that have to do with one; 0: all */
	size_t *shown;	  /* numbers of these items */
	size_t shown_count;
	char *summary;
	size_t selected, top; /* of those that are shown */
	char *details;	      /* of details_of; NULL: not asked for yet */
	size_t details_of;    /* the number of an item */
	size_t detail_top;    /* lines of the details that are scrolled off */
	size_t detail_rows, detail_lines; /* as last drawn */
	bool in_project;
	enum proposals_mode mode;
	struct view help;
	char *message;		     /* safe; owned; or NULL */
	struct proposals_past *past; /* one for each change that can be taken back */
	size_t past_count;
};

size_t proposals_accepted(const struct proposals_screen *proposals);

/* proposals_filter.c: the number of the item that is selected; count: none. */
size_t proposals_item(const struct proposals_screen *proposals);
/* Finds out anew what is shown, and selects this item, or what stands in its place. */
void proposals_show(struct proposals_screen *proposals, size_t item);
/* To the next vector that items have to do with; after the last, to all of them. */
void proposals_filter_next(struct proposals_screen *proposals);

/* proposals_past.c: before a change; after one was taken back and the list read anew. */
void proposals_remember(struct proposals_screen *proposals);
void proposals_accept_again(struct proposals_screen *proposals);
/* The change was not made, or is taken back. */
void proposals_forget(struct proposals_screen *proposals);

/* proposals_draw.c */
void proposals_draw(struct proposals_screen *proposals);

#endif
