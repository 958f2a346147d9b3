/* SPDX-License-Identifier: MIT */
/* The parts of the views among themselves: each fills the view with its lines. */
#ifndef TUI_APP_FILL_H
#define TUI_APP_FILL_H

#include "tui/app_internal.h"

enum { APP_CLOCK_SIZE = 16, APP_REFILL_MS = 1000, APP_ANSWERS_MAX = 500 };
enum { APP_WIDE = 60 }; /* from that width on, tables have all their columns */

/* "08:04:16" */
const char *app_clock(int64_t time_ms, char buffer[APP_CLOCK_SIZE]);

/* ---- app_lists.c ---- */
void app_fill_processes(struct app *app);
void app_fill_questions(struct app *app);
void app_fill_batch(struct app *app);
/* The rule that was stored with the answer to a question that is no longer open. */
int64_t app_answer_rule(const struct app *app, int64_t question);
void app_answers_free(struct app *app);

/* ---- app_events.c ---- */
void app_fill_events(struct app *app);
void app_fill_event(struct app *app);
enum screen_style app_verdict_style(enum verdict verdict);
/* NULL: it is not kept. */
const struct app_event *app_event_find(const struct app *app, int64_t seq);
/* What was recorded before the view was opened for the first time. */
void app_read_events(struct app *app);

/* ---- app_rules.c ---- */
void app_fill_rules(struct app *app);
void app_fill_rule(struct app *app);
void app_begin_rule_edit(struct app *app, int64_t id);
/* text NULL: revokes it. */
void app_change_rule(struct app *app, int64_t id, const char *text);

/* ---- app_text.c ---- */
/* Each line of text as a row of its own. */
void app_add_text(struct view *view, const char *text);
void app_fill_help(struct app *app);
void app_fill_details(struct app *app);
void app_fill_summary(struct app *app);

#endif
