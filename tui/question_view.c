/* SPDX-License-Identifier: MIT */
#include "tui/question_view.h"

#include "base/escape.h"
#include "base/xalloc.h"
#include "tui/answer_menu.h"
#include "tui/rule_text.h"

#include <stdlib.h>

enum { MINUTE = 60, HOUR = 3600, DAY = 86400, WEEK = 604800 };

static const int64_t expiries[] = {0, INT64_C(10) * MINUTE, HOUR, DAY, WEEK};
enum { EXPIRIES = sizeof(expiries) / sizeof(expiries[0]) };

static const enum scope scopes[] = {
	SCOPE_PROCESS, SCOPE_PROGRAM, SCOPE_SESSION, SCOPE_PROJECT, SCOPE_ALWAYS};
enum { SCOPES = sizeof(scopes) / sizeof(scopes[0]) };

void question_view_set_problem(struct question_view *view, const char *safe)
{
	free(view->problem);
	view->problem = safe != NULL ? xstrdup(safe) : NULL;
}

static void forget_typed(struct question_view *view)
{
	free(view->typed_rule);
	view->typed_rule = NULL;
}

void question_view_finish(struct question_view *view)
{
	dialogue_finish(&view->dialogue);
	forget_typed(view);
	question_view_set_problem(view, NULL);
}

void question_view_begin(struct question_view *view,
	const struct protocol_question *question, struct text project)
{
	question_view_finish(view);
	view->dialogue.question = question;
	view->dialogue.project = project;
	view->state = QUESTION_ASKING;
	view->rung = 0;
	view->expiry = 0;
	view->scope = SCOPE_SESSION;
	view->until = 0;
	view->was_viewed = false;
}

/* ---- Putting an answer together ---- */

static void keep_rules(struct question_view *view)
{
	struct dialogue *dialogue = &view->dialogue;
	const struct protocol_rung *rung = &dialogue->question->rungs[view->rung];
	const size_t count = view->typed_rule != NULL ? 1 : rung->rule_count;

	dialogue->rules = xcalloc(count, sizeof(char *));
	for (size_t i = 0; i < count; i++) {
		dialogue->rules[i] = view->typed_rule != NULL
					     ? xstrdup(view->typed_rule)
					     : text_copy(rung->rules[i]);
	}
	dialogue->rule_count = count;
	dialogue->scope = view->scope;
	dialogue->until = view->until;
}

static enum question_wish answer(
	struct question_view *view, enum verdict verdict, bool is_kept)
{
	char *message = view->dialogue.message;

	view->dialogue.message = NULL;
	dialogue_restart(&view->dialogue);
	view->dialogue.verdict = verdict;
	view->dialogue.message = message;
	if (is_kept) {
		keep_rules(view);
	}
	return QUESTION_WISH_ANSWER;
}

struct protocol_answer question_view_answer(
	const struct question_view *view, struct text *texts)
{
	return dialogue_answer(&view->dialogue, texts);
}

static void move_rung(struct question_view *view, bool is_wider)
{
	const size_t count = view->dialogue.question->rung_count;

	forget_typed(view);
	if (is_wider && view->rung + 1 < count) {
		view->rung++;
	} else if (is_wider) {
		question_view_set_problem(view, "No rule that is offered covers more.");
	} else if (view->rung > 0) {
		view->rung--;
	} else {
		question_view_set_problem(view, "This is the narrowest rule.");
	}
}

static void next_scope(struct question_view *view)
{
	size_t at = 0;

	while (scopes[at] != view->scope) {
		at++;
	}
	do {
		at = (at + 1) % SCOPES;
	} while (scopes[at] == SCOPE_PROJECT && view->dialogue.project.length == 0);
	view->scope = scopes[at];
}

static void begin_rule(struct question_view *view)
{
	const struct protocol_rung *rung = &view->dialogue.question->rungs[view->rung];
	const enum verdict verdict = view->state == QUESTION_KEEPING
					     ? view->dialogue.verdict
					     : VERDICT_ALLOW;
	char *rule = view->typed_rule != NULL ? xstrdup(view->typed_rule)
					      : text_copy(rung->rules[0]);
	char *whole = xasprintf("%s %s", verdict_name(verdict), rule);

	edit_begin(&view->edit, whole);
	view->state = QUESTION_RULE;
	free(whole);
	free(rule);
}

static void begin_keeping(struct question_view *view, enum verdict verdict)
{
	view->dialogue.verdict = verdict;
	view->state = QUESTION_KEEPING;
}

/* What was learned, shown as it would be stored: still to be confirmed. */
static void take_offer(struct question_view *view)
{
	const struct protocol_question *question = view->dialogue.question;

	if (question->offer.length == 0) {
		question_view_set_problem(view,
			"Nothing is learned yet: this was not asked often enough.");
		return;
	}
	forget_typed(view);
	view->typed_rule = text_copy(question->offer);
	view->scope = view->dialogue.project.length > 0 ? SCOPE_PROJECT : SCOPE_ALWAYS;
	begin_keeping(view, VERDICT_ALLOW);
}

/* Keys that mean the same while asking and while keeping. False: another key. */
static bool take_adjustment(
	struct question_view *view, enum command_key command, int64_t now)
{
	if (command == COMMAND_WIDER || command == COMMAND_NARROWER) {
		move_rung(view, command == COMMAND_WIDER);
	} else if (command == COMMAND_SCOPE) {
		next_scope(view);
	} else if (command == COMMAND_EXPIRY) {
		view->expiry = (view->expiry + 1) % EXPIRIES;
		view->until = view->expiry > 0 ? now + expiries[view->expiry] : 0;
	} else if (command == COMMAND_EDIT) {
		begin_rule(view);
	} else {
		return false;
	}
	return true;
}

/* ---- Keys ---- */

/* False if what would be allowed was not seen to its end, which is said. */
static bool is_seen(struct question_view *view)
{
	if (!view->hides_asked || view->was_viewed) {
		return true;
	}
	char *words =
		key_hints(CONTEXT_QUESTION, "Not all of it has room here: {details} "
					    "shows it, then {allow} counts.");
	question_view_set_problem(view, words);
	free(words);
	return false;
}

static enum question_wish take_asking(struct question_view *view, uint32_t key)
{
	static const struct {
		enum command_key command;
		enum question_wish wish;
	} wishes[] = {
		{COMMAND_KILL, QUESTION_WISH_KILL},
		{COMMAND_PAUSE, QUESTION_WISH_PAUSE},
		{COMMAND_UNDO, QUESTION_WISH_UNDO},
		{COMMAND_DETAILS, QUESTION_WISH_DETAILS},
		{COMMAND_NEXT, QUESTION_WISH_NEXT},
		{COMMAND_LATER, QUESTION_WISH_LATER},
		{COMMAND_HELP, QUESTION_WISH_HELP},
	};
	const enum command_key command = key_command(CONTEXT_QUESTION, key);

	if (command == COMMAND_ALLOW || command == COMMAND_DENY) {
		const bool allows = command == COMMAND_ALLOW;
		return allows && !is_seen(view)
			       ? QUESTION_WISH_NOTHING
			       : answer(view, allows ? VERDICT_ALLOW : VERDICT_DENY,
					 false);
	}
	if (command == COMMAND_KEEP_ALLOW || command == COMMAND_KEEP_DENY) {
		begin_keeping(view,
			command == COMMAND_KEEP_ALLOW ? VERDICT_ALLOW : VERDICT_DENY);
	} else if (command == COMMAND_OFFER) {
		take_offer(view);
	} else if (command == COMMAND_MESSAGE) {
		edit_begin(&view->edit, "");
		view->state = QUESTION_MESSAGE;
	} else if (command == COMMAND_DETAILS) {
		view->was_viewed = true;
	}
	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
		if (wishes[i].command == command) {
			return wishes[i].wish;
		}
	}
	return QUESTION_WISH_NOTHING;
}

static enum question_wish take_keeping(struct question_view *view, uint32_t key)
{
	const enum command_key command = key_command(CONTEXT_KEEP, key);
	const enum verdict verdict = view->dialogue.verdict;

	if (command == COMMAND_LATER) {
		forget_typed(view);
		view->state = QUESTION_ASKING;
	} else if (command == COMMAND_ALLOW || command == COMMAND_DENY) {
		if ((command == COMMAND_ALLOW) != (verdict == VERDICT_ALLOW)) {
			question_view_set_problem(view,
				verdict == VERDICT_ALLOW ? "This rule allows: a stores "
							   "it, Esc goes back."
							 : "This rule denies: d stores "
							   "it, Esc goes back.");
		} else if (!view->is_rule_whole) {
			question_view_set_problem(view,
				"The rule is too long to be shown here, so it is not "
				"stored.");
		} else {
			return answer(view, verdict, true);
		}
	}
	return QUESTION_WISH_NOTHING;
}

static void take_typed_rule(struct question_view *view)
{
	struct rule_typed typed = {0};
	struct error err = {0};

	if (!rule_text_read(text_of(view->edit.bytes), NULL, &typed, &err)) {
		char *safe = escape_copy(text_of(err.text));
		question_view_set_problem(view, safe);
		free(safe);
		return;
	}
	forget_typed(view);
	view->typed_rule = typed.rule;
	view->until = typed.until != 0 ? typed.until : view->until;
	begin_keeping(view, typed.verdict);
}

static enum question_wish take_typing(struct question_view *view, uint32_t key)
{
	if (key == KEY_ESC) {
		view->state = QUESTION_ASKING;
	} else if (key != KEY_RETURN) {
		(void)edit_take(&view->edit, key);
	} else if (view->state == QUESTION_RULE) {
		take_typed_rule(view);
	} else if (view->edit.length > 0) {
		free(view->dialogue.message);
		view->dialogue.message = xstrdup(view->edit.bytes);
		return answer(view, VERDICT_DENY, false);
	}
	return QUESTION_WISH_NOTHING;
}

enum question_wish question_view_take(
	struct question_view *view, uint32_t key, int64_t now)
{
	question_view_set_problem(view, NULL);
	switch (view->state) {
	case QUESTION_ASKING:
		return take_adjustment(view, key_command(CONTEXT_QUESTION, key), now)
			       ? QUESTION_WISH_NOTHING
			       : take_asking(view, key);
	case QUESTION_KEEPING:
		return take_adjustment(view, key_command(CONTEXT_KEEP, key), now)
			       ? QUESTION_WISH_NOTHING
			       : take_keeping(view, key);
	case QUESTION_RULE:
	case QUESTION_MESSAGE:
		break;
	}
	return take_typing(view, key);
}
