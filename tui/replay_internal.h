/* SPDX-License-Identifier: MIT */
/*
 * The parts of the replay among themselves: replay_app.c waits, replay_move.c goes to
 * moments, replay_list.c has the events that are shown, replay_search.c looks for words,
 * replay_keys.c takes what is typed, replay_draw.c and replay_status.c draw,
 * replay_views.c fills what is read over the whole screen.
 */
#ifndef TUI_REPLAY_INTERNAL_H
#define TUI_REPLAY_INTERNAL_H

#include "tui/edit.h"
#include "tui/keys.h"
#include "tui/pane.h"
#include "tui/replay.h"
#include "tui/screen.h"
#include "tui/view.h"

#define REPLAY_SECOND INT64_C(1000000000)
#define REPLAY_MS INT64_C(1000000)

enum {
	REPLAY_PENDING_MAX = 512,
	REPLAY_MARKS_MAX = 64,
	REPLAY_SPEEDS = 7,
	REPLAY_SPEED_USUAL = 2,
	REPLAY_CLOCK_SIZE = 32,
};

/* What is asked for in the last line. */
enum replay_prompt {
	REPLAY_PROMPT_NONE,
	REPLAY_PROMPT_TIME,
	REPLAY_PROMPT_EVENTS,
	REPLAY_PROMPT_TERMINAL,
	REPLAY_PROMPT_FILTER,
};

/* The events that are shown: all, or those that pass a filter, found bit by bit. */
struct replay_list {
	struct replay_filter filter;
	char *typed; /* the filter's words; NULL: none */
	int64_t *seqs;
	size_t count, capacity;
	int64_t scan_at; /* where looking goes on; 0: all have been looked at */
};

enum replay_search_kind {
	REPLAY_SEARCH_NONE,
	REPLAY_SEARCH_EVENTS,
	REPLAY_SEARCH_TERMINAL,
};

struct replay_search {
	enum replay_search_kind kind; /* of the last one */
	char words[EDIT_SIZE];
	bool is_forward;
	bool is_active;
	int64_t at; /* seq or chunk where it goes on */
};

struct replay {
	struct replay_options options;
	const struct replay_source *source;
	struct screen screen;
	WINDOW *pad; /* the terminal, before the part that has room is shown */
	struct replay_terminal *terminal;
	struct replay_extent extent;
	struct replay_list list;
	struct replay_search search;

	/* The moment that is shown. */
	int64_t time, seq, chunk; /* seq, chunk 0: before the first */

	bool is_playing, keeps_idle, follows;
	unsigned speed;	  /* index */
	int64_t advanced; /* monotonic ns, when time last went on */

	int64_t marks[REPLAY_MARKS_MAX]; /* in order */
	size_t mark_count;

	char pending[REPLAY_PENDING_MAX];
	size_t pending_length;
	int64_t pending_deadline; /* monotonic ns; 0: none */
	enum replay_prompt prompt;
	struct edit edit;
	bool has_view, is_refilling;
	struct view view;
	void (*fill_view)(struct replay *replay); /* with what it shows, once more */

	bool shows_terminal, shows_events, shows_processes, is_zoomed;
	int share;	      /* hundredths for the terminal */
	bool is_prepared;     /* the terminal has been read to its end */
	bool is_behind;	      /* the terminal is on the way to chunk */
	struct pane *preview; /* shown meanwhile; NULL: none */
	int64_t previewed;    /* the chunk that it is of */
	char *bar;	      /* the time line as it was drawn last, without the hand */
	int64_t bar_made;     /* for that extent; monotonic ns */

	char *message; /* in the status line, safe; or NULL */
	int64_t message_until, refresh_at, drawn;
	bool is_dirty, is_over;
	struct error failure; /* the recording could not be read: it ends */
};

int64_t replay_now(void); /* monotonic ns */
/* Says it in the status line for a while. Takes safe. */
void replay_say(struct replay *replay, char *safe);
/* The recording could not be read. */
void replay_fail(struct replay *replay, const struct error *err);

/* ---- replay_move.c ---- */

void replay_go_to(struct replay *replay, int64_t time);
/* The moment of an event, which is then the present one; 0: the beginning. */
void replay_go_to_event(struct replay *replay, int64_t seq);
void replay_go_to_chunk(struct replay *replay, int64_t chunk);
/* The terminal gets further to where it is to be. */
void replay_catch_up(struct replay *replay);
/* The terminal that is shown: of that moment, or a first impression of it. */
struct pane *replay_pane(const struct replay *replay);
/* False if what was typed is no time; relative to the present with a sign. */
bool replay_go_to_typed(struct replay *replay, const char *typed);
void replay_step(struct replay *replay, enum command_key command);
void replay_toggle_mark(struct replay *replay);
/* Time goes on, if it is played. */
void replay_play(struct replay *replay);
void replay_set_playing(struct replay *replay, bool is_playing);
const char *replay_speed_name(unsigned speed);
/* "1:02:03.4" */
const char *replay_clock(int64_t time, char buffer[static REPLAY_CLOCK_SIZE]);
/* Sees what has been recorded meanwhile. */
void replay_refresh(struct replay *replay);

/* ---- replay_list.c ---- */

size_t replay_list_count(const struct replay *replay);
int64_t replay_list_seq(const struct replay *replay, size_t index);
/* How many lie before seq or are it. */
size_t replay_list_upto(const struct replay *replay, int64_t seq);
/* Takes the filter; typed may be NULL or empty for none. */
void replay_list_filter(
	struct replay *replay, struct replay_filter *filter, const char *typed);
void replay_list_scan(struct replay *replay);
void replay_list_grown(struct replay *replay, int64_t last_before);
void replay_list_finish(struct replay_list *list);

/* ---- replay_search.c ---- */

void replay_search_begin(struct replay *replay, enum replay_search_kind kind,
	const char *words, bool is_forward);
void replay_search_again(struct replay *replay, bool is_forward);
void replay_search_on(struct replay *replay);

/* ---- replay_keys.c ---- */

void replay_take_input(struct replay *replay, bool is_final);

/* ---- replay_draw.c ---- */

void replay_draw(struct replay *replay);
void replay_draw_finish(struct replay *replay);

/* ---- replay_status.c ---- */

void replay_draw_bar(struct replay *replay, WINDOW *window, int row);
/* Gives the column of the cursor, or -1. */
int replay_draw_status(struct replay *replay);

/* ---- replay_views.c ---- */

void replay_view_event(struct replay *replay);
void replay_view_question(struct replay *replay);
void replay_view_summary(struct replay *replay);
void replay_view_help(struct replay *replay);

#endif
