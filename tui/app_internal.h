/* SPDX-License-Identifier: MIT */
/*
 * The parts of the full-screen front end among themselves: app.c waits, app_session.c
 * speaks with the session, app_input.c takes what is typed, app_question.c shows
 * questions, app_views.c fills the views, app_draw.c draws.
 */
#ifndef TUI_APP_INTERNAL_H
#define TUI_APP_INTERNAL_H

#include "session/protocol.h"
#include "tui/app.h"
#include "tui/pane.h"
#include "tui/question_view.h"
#include "tui/questions.h"
#include "tui/screen.h"
#include "tui/view.h"

enum app_mode {
	APP_STARTING, /* the session has not said hello */
	APP_PANE,     /* keys go to the agent */
	APP_PREFIX,   /* the prefix key was typed */
	APP_QUESTION,
	APP_VIEW,
	APP_SCROLL, /* looking at what has scrolled off */
	APP_OVER,
};

enum app_view {
	VIEW_PROCESSES,
	VIEW_EVENTS,
	VIEW_QUESTIONS,
	VIEW_RULES,
	VIEW_SUMMARY,
	VIEW_HELP,
	VIEW_DETAILS, /* of the question that is shown */
	VIEW_RULE,    /* where one comes from */
	VIEW_EVENT,   /* everything known of one */
	VIEW_BATCH,   /* what an answer to many would answer */
};

enum app_request {
	REQUEST_NONE,
	REQUEST_ANSWER,
	REQUEST_KILL,
	REQUEST_PAUSE,
	REQUEST_RESUME,
	REQUEST_UNDO,
	REQUEST_STOP,
	REQUEST_PROCESSES,
};

enum { APP_PENDING_MAX = 8192, APP_EVENTS_MAX = 5000 };

/* Its texts are safe and owned. */
struct app_event {
	int64_t seq, time, pid, rule;
	enum verb verb;
	enum verdict verdict;
	char *program, *object, *by, *mcp;
	unsigned vectors; /* bits */
};

/* A view to go back to. */
struct app_step {
	enum app_view kind;
	int64_t id;   /* that was selected */
	char *filter; /* owned */
	bool is_sorted;
};
enum { APP_TRAIL_MAX = 8 };

struct app {
	struct tui_options options;
	struct tui_settings settings;
	struct screen screen;
	struct protocol_stream stream;
	struct pane *pane;
	struct tui_end *end;

	/* The session, as it introduced itself. */
	int64_t session, started;
	char *project, *command;
	bool is_paused;
	bool is_ready; /* all that was before has been sent */

	enum app_mode mode;
	bool is_gone; /* the terminal */
	bool has_focus;
	bool is_dirty; /* something but the pane is to be drawn */
	int64_t drawn; /* when, monotonic ms */

	/* What is typed. */
	char pending[APP_PENDING_MAX];
	size_t pending_length;
	int64_t pending_deadline; /* when an unfinished sequence counts as it is */
	bool is_pasting;
	uint32_t last_key;
	int64_t last_key_time;
	int64_t deaf_until; /* typing does not count: it was meant for a question */

	/* Questions. */
	struct questions questions;
	struct question_view question;
	struct box box;
	int64_t current;  /* the question that is shown; 0: none */
	int64_t armed_at; /* when keys begin to count */
	bool is_shown;	  /* it has been drawn since it began */
	bool is_put_off;  /* the person wants the open ones to wait */
	enum app_request awaited;
	int64_t request;      /* number of the last one that is awaited */
	int64_t last_request; /* number of the last one of all */
	char *outcome;	      /* to be said when it has succeeded; or NULL */

	char *message; /* in the status line, safe; or NULL */
	int64_t message_until;

	/* Views. */
	struct view view;
	enum app_view view_kind;
	enum app_mode before_view;     /* the question or the pane */
	enum key_context help_context; /* where help was asked for */
	int64_t refill_at; /* when a view that lives is filled again; 0: never */
	struct protocol_processes processes;
	struct app_event *events;
	size_t event_count;
	struct tui_answer *answers; /* as they were last read for VIEW_QUESTIONS */
	size_t answer_count;
	bool has_events; /* subscribed */
	int64_t *batch;
	size_t batch_count;
	enum verdict batch_verdict;
	/* The requests of a batch that was sent; first 0: none is awaited. */
	int64_t batch_first, batch_last;
	size_t batch_done, batch_refused;
	char *batch_problem; /* of the first that was refused; safe; owned; or NULL */
	int64_t rule;	     /* of VIEW_RULE */
	int64_t event, event_session; /* of VIEW_EVENT */
	struct app_step trail[APP_TRAIL_MAX];
	size_t trail_length;
	struct edit scroll_search;
	bool is_scroll_searching;
};

int64_t app_monotonic_ms(void);
int64_t app_now_ms(void);

/* Says it in the status line for a while. Takes safe. */
void app_say(struct app *app, char *safe);

/* ---- app_session.c ---- */

void app_say_hello(struct app *app);
void app_send_window(struct app *app);
void app_send_input(struct app *app, struct text bytes);
/* What the terminal itself answers to a program. */
void app_send_reply(struct app *app, struct text bytes);
void app_send_focus(struct app *app);
void app_send_detach(struct app *app);
void app_send_events_wish(struct app *app);
/* One of the requests without more than a number. */
void app_send_request(struct app *app, enum app_request request, int64_t pid);
void app_send_answer(struct app *app, struct protocol_answer *answer);
/* Handles every message that has come. False if the session broke the protocol. */
bool app_receive(struct app *app, struct error *err);

/* ---- app_input.c ---- */

/* Takes what is pending; is_final: an unfinished sequence counts as it is. */
void app_take_input(struct app *app, bool is_final);

/* ---- app_question.c ---- */

/* Shows a question if one is open and nothing else is in the way. */
void app_settle(struct app *app);
/* The question, from the list or by its turn. */
void app_show_question(struct app *app, const struct protocol_question *question);
void app_question_key(struct app *app, uint32_t key, bool is_alone);
void app_question_added(struct app *app);
void app_question_altered(struct app *app, int64_t id);
/* It has ended by another's doing; reason is safe. */
void app_question_gone(struct app *app, int64_t id, const char *reason);
/* The same for one answer of a batch; all of them are told of together. */
void app_batch_replied(struct app *app, bool ok, struct text error);
void app_replied(struct app *app, bool ok, struct text error, int64_t rule);
void app_undo(struct app *app);
void app_toggle_pause(struct app *app);
/* True if a key that decides may count now. */
bool app_key_counts(struct app *app, uint32_t key, bool is_alone);
/* Begins the time in which keys do not count. */
void app_arm(struct app *app);

/* ---- app_views.c ---- */

void app_open_view(struct app *app, enum app_view kind);
void app_close_view(struct app *app);
/* The same from another view, to which closing it goes back; id is selected in it. */
void app_jump(struct app *app, enum app_view kind, int64_t id, const char *filter);
void app_fill_view(struct app *app);
void app_view_key(struct app *app, uint32_t key, bool is_alone);
void app_take_event(struct app *app, const struct protocol_event *event);
void app_events_finish(struct app *app);

/* ---- app_jump.c ---- */

void app_trail_clear(struct app *app);
/* Closes the view: back to the one before, if there is one. */
void app_step_back(struct app *app);
/* From a line of one view to what it is about in another. */
void app_jump_to_event(struct app *app, int64_t seq);
void app_jump_to_rule(struct app *app, int64_t id);
void app_jump_to_origin(struct app *app, int64_t rule);
void app_jump_to_question_event(struct app *app, int64_t question);
void app_jump_to_actions(struct app *app, int64_t pid);

/* What belongs to the selected line, and the other order of lines. */
void app_open_selected(struct app *app);
void app_sort_view(struct app *app);

/* ---- app_mouse.c ---- */

/* True while the terminal is to tell of its mouse for Duenna. */
bool app_wants_mouse(const struct app *app);
void app_take_mouse(struct app *app, struct text bytes);

/* ---- app_draw.c ---- */

void app_draw(struct app *app);

#endif
