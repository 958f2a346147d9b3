/* SPDX-License-Identifier: MIT */
/* How questions come up, are answered and go away. */
#include "base/escape.h"
#include "base/xalloc.h"
#include "tui/app_internal.h"
#include "tui/question_text.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
	REPEAT_MS = 700, /* the same key sooner than that may be a key held down */
	TITLE_COLUMNS = 60,
	MS = 1000,
};

/* ---- When keys count ---- */

void app_arm(struct app *app)
{
	/* What was typed up to now was not typed in view of this. */
	tty_flush_input(&app->screen.tty);
	app->pending_length = 0;
	app->armed_at = app_monotonic_ms() + app->options.arming_ms;
	app->is_shown = false;
	app->is_dirty = true;
}

bool app_key_counts(struct app *app, uint32_t key, bool is_alone)
{
	const int64_t now = app_monotonic_ms();
	const bool is_repeated =
		key == app->last_key && now - app->last_key_time < REPEAT_MS;

	return app->armed_at == 0 && app->is_shown && is_alone && !is_repeated;
}

/* Keys that decide something, now or with the next key. */
static bool is_weighty(const struct app *app, uint32_t key)
{
	const enum key_context context = app->question.state == QUESTION_KEEPING
						 ? CONTEXT_KEEP
						 : CONTEXT_QUESTION;

	switch ((int)key_command(context, key)) {
	case COMMAND_WIDER:
	case COMMAND_NARROWER:
	case COMMAND_SCOPE:
	case COMMAND_EXPIRY:
	case COMMAND_NEXT:
	case COMMAND_LATER:
	case COMMAND_HELP:
	case COMMAND_DETAILS:
		return false;
	default:
		return true;
	}
}

static bool is_typing(const struct app *app)
{
	return app->question.state == QUESTION_RULE ||
	       app->question.state == QUESTION_MESSAGE;
}

/* ---- Showing ---- */

void app_show_question(struct app *app, const struct protocol_question *question)
{
	app->current = question->id;
	app->mode = APP_QUESTION;
	app->is_pasting = false;
	question_view_begin(&app->question, question, text_of(app->project));
	app_arm(app);
}

void app_settle(struct app *app)
{
	const bool is_free = app->mode == APP_PANE || app->mode == APP_QUESTION;

	app->is_dirty = true;
	if (!is_free || !app->is_ready) {
		return;
	}
	if (app->questions.count > 0 && !app->is_put_off) {
		app_show_question(app, app->questions.items[0]);
		return;
	}
	app->current = 0;
	app->mode = APP_PANE;
}

static void notify(struct app *app)
{
	if (app->has_focus) {
		return;
	}
	if (app->settings.rings_bell) {
		screen_ring(&app->screen);
	}
	if (app->settings.tells_terminal) {
		const size_t count = app->questions.count;
		char *words = xasprintf("Duenna: %zu question%s from %s", count,
			count == 1 ? "" : "s", app->command);
		screen_notify(&app->screen, words);
		free(words);
	}
}

void app_question_added(struct app *app)
{
	app->is_put_off = false;
	if (app->is_ready) {
		notify(app);
	}
	if (app->mode == APP_PANE) {
		app_settle(app);
	}
}

static bool is_on_screen(const struct app *app, int64_t id)
{
	return app->current == id && id != 0;
}

void app_question_altered(struct app *app, int64_t id)
{
	if (is_on_screen(app, id) && app->awaited != REQUEST_ANSWER) {
		const struct protocol_question *question =
			questions_find(&app->questions, id);
		question_view_begin(&app->question, question, text_of(app->project));
		question_view_set_problem(&app->question, "The question has changed.");
		app_arm(app);
	}
}

/* The question on the screen is to go; the next one comes, or the agent. */
static void leave_question(struct app *app)
{
	question_view_finish(&app->question);
	app->current = 0;
	if (app->mode == APP_VIEW && app->view_kind == VIEW_DETAILS) {
		app_close_view(app);
	}
	app_settle(app);
}

void app_question_gone(struct app *app, int64_t id, const char *reason)
{
	const bool was_shown = is_on_screen(app, id);

	questions_remove(&app->questions, id);
	app->is_dirty = true;
	if (app->mode == APP_VIEW && app->view_kind == VIEW_QUESTIONS) {
		app_fill_view(app);
	}
	if (!was_shown) {
		return;
	}
	if (app->awaited == REQUEST_ANSWER) { /* the reply comes next */
		question_view_finish(&app->question);
		app->current = 0;
		return;
	}
	app_say(app, xstrdup(reason));
	/* What is being typed right now is meant for the question, not for the agent. */
	app->deaf_until = app_monotonic_ms() + app->options.arming_ms;
	leave_question(app);
}

/* ---- Answering ---- */

static void send_answer(struct app *app)
{
	const size_t count = app->question.dialogue.rule_count;
	struct text *texts = xcalloc(count + 1, sizeof(*texts));
	struct protocol_answer answer = question_view_answer(&app->question, texts);

	free(app->outcome);
	app->outcome = dialogue_outcome(&app->question.dialogue);
	app_send_answer(app, &answer);
	free(texts);
}

void app_undo(struct app *app)
{
	free(app->outcome);
	app->outcome = xstrdup("the last kept answer is undone");
	app_send_request(app, REQUEST_UNDO, 0);
}

void app_toggle_pause(struct app *app)
{
	free(app->outcome);
	app->outcome = xstrdup(
		app->is_paused ? "every process goes on" : "every process is paused");
	app_send_request(app, app->is_paused ? REQUEST_RESUME : REQUEST_PAUSE, 0);
}

static void kill_caller(struct app *app)
{
	const struct protocol_question *question = app->question.dialogue.question;
	const int64_t pid = question->chain_count > 0 ? question->chain[0].pid : 0;

	free(app->outcome);
	app->outcome = xasprintf("process %" PRId64 " was killed", pid);
	app_send_request(app, REQUEST_KILL, pid);
}

static void fulfil(struct app *app, enum question_wish wish)
{
	switch (wish) {
	case QUESTION_WISH_NOTHING:
		break;
	case QUESTION_WISH_ANSWER:
		send_answer(app);
		break;
	case QUESTION_WISH_KILL:
		kill_caller(app);
		break;
	case QUESTION_WISH_PAUSE:
		app_toggle_pause(app);
		break;
	case QUESTION_WISH_UNDO:
		app_undo(app);
		break;
	case QUESTION_WISH_DETAILS:
		app_open_view(app, VIEW_DETAILS);
		break;
	case QUESTION_WISH_NEXT:
		if (app->questions.count > 1) {
			app_show_question(
				app, questions_after(&app->questions, app->current));
		}
		break;
	case QUESTION_WISH_LATER:
		app->is_put_off = true;
		app_settle(app);
		break;
	case QUESTION_WISH_HELP:
		app_open_view(app, VIEW_HELP);
		break;
	}
}

void app_question_key(struct app *app, uint32_t key, bool is_alone)
{
	if (app->awaited == REQUEST_ANSWER || app->current == 0) {
		return;
	}
	const enum command_key command = key_command(CONTEXT_QUESTION, key);
	const bool only_moves =
		!is_typing(app) &&
		(command == COMMAND_LATER ||
			(command == COMMAND_NEXT && app->questions.count > 1));
	if (app->armed_at != 0 && !only_moves) {
		app_arm(app); /* it has to be quiet first */
		return;
	}
	if (!is_typing(app) && is_weighty(app, key) &&
		!app_key_counts(app, key, is_alone)) {
		return;
	}
	app->is_dirty = true;
	fulfil(app, question_view_take(&app->question, key, app_now_ms() / MS));
}

static void say_outcome(struct app *app, int64_t rule)
{
	app_say(app, rule > 0 ? xasprintf("stored as rule %" PRId64 ", %s", rule,
					app->outcome)
			      : xstrdup(app->outcome));
}

void app_replied(struct app *app, bool ok, struct text error, int64_t rule)
{
	const enum app_request awaited = app->awaited;

	app->awaited = REQUEST_NONE;
	app->is_dirty = true;
	if (!ok) {
		char *safe = error.length > 0 ? escape_copy(error) : xstrdup("refused");
		char *sentence = xasprintf("Not done: %s.", safe);
		if (app->mode == APP_QUESTION && app->current != 0) {
			question_view_set_problem(&app->question, sentence);
		}
		app_say(app, sentence);
		free(safe);
	} else if (app->outcome != NULL) {
		say_outcome(app, rule);
	}
	free(app->outcome);
	app->outcome = NULL;
	if (awaited != REQUEST_ANSWER) {
		return;
	}
	if (ok) {
		questions_remove(&app->questions, app->current);
		app->current = 0;
	}
	if (app->current == 0) {
		leave_question(app);
	}
}
