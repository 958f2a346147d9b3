/* SPDX-License-Identifier: MIT */
/* What an answer would store, and the keys that answer. */
#include "base/escape.h"
#include "base/xalloc.h"
#include "tui/answer_menu.h"
#include "tui/question_box_internal.h"
#include "tui/rule_text.h"
#include "tui/rung_text.h"

#include <inttypes.h>
#include <stdlib.h>

enum { NARROW = 63, WIDE = 75 };

/* ---- What would be stored ---- */

static char *until_words(int64_t until, int64_t now_ms)
{
	enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };
	const int64_t left = until - now_ms / 1000;

	if (until == 0) {
		return xstrdup("with no end");
	}
	if (left >= DAY) {
		return xasprintf("for %" PRId64 " d", (left + HOUR) / DAY);
	}
	return left >= HOUR ? xasprintf("for %" PRId64 " h", (left + MINUTE) / HOUR)
			    : xasprintf("for %" PRId64 " min", (left + 30) / MINUTE);
}

/* Owned. What the rule is like is left out where there is little room: it is shown. */
static char *rung_words(const struct composing *composing)
{
	const struct protocol_question *question = composing->question;
	const struct question_view *view = composing->view;
	const struct protocol_rung *rung = &question->rungs[view->rung];
	const bool is_narrow = composing->columns < NARROW;
	char *label = escape_copy(rung->label);
	char *covers =
		is_narrow ? rung_text_covers_briefly(rung) : rung_text_covers(rung);
	char *words = xasprintf(is_narrow ? "%s%zu of %zu%s%s" : "%s (%zu of %zu)%s%s",
		is_narrow ? "" : label, view->rung + 1, question->rung_count,
		*covers != '\0' ? "; " : "", covers);

	free(covers);
	free(label);
	return words;
}

static void add_reach(const struct composing *composing)
{
	const struct question_view *view = composing->view;
	const bool is_learned =
		view->typed_rule != NULL &&
		text_equal_string(composing->question->offer, view->typed_rule);
	char *until = until_words(view->until, composing->frame->now_ms);
	char *rung = view->typed_rule == NULL ? rung_words(composing)
		     : is_learned	      ? xstrdup("learned from answers")
					      : xstrdup("typed by hand");
	char *line =
		xasprintf("%s, %s; %s", answer_menu_reach(view->scope), until, rung);

	box_add_field(composing, STYLE_PLAIN, "for", line, composing->squeeze->reach);
	free(line);
	free(rung);
	free(until);
}

/* What a wider rule would open besides, by name. */
static void add_sensitive(const struct composing *composing)
{
	const struct question_view *view = composing->view;
	char *words =
		view->typed_rule == NULL
			? rung_text_sensitive(&composing->question->rungs[view->rung],
				  view->dialogue.project)
			: NULL;

	if (words != NULL) {
		box_add_field(composing, STYLE_DANGER, "DANGER", words,
			composing->squeeze->value);
	}
	free(words);
}

/* The rules as they will be stored. most 0: whole. */
static void add_rules(const struct composing *composing, size_t most)
{
	const struct question_view *view = composing->view;
	const struct protocol_rung *rung = &composing->question->rungs[view->rung];
	struct dialogue answer = view->dialogue;
	const size_t count = view->typed_rule != NULL ? 1 : rung->rule_count;
	const bool is_keeping = view->state == QUESTION_KEEPING;

	answer.scope = view->scope;
	for (size_t i = 0; i < count; i++) {
		const struct text rule = view->typed_rule != NULL
						 ? text_of(view->typed_rule)
						 : rung->rules[i];
		const enum verdict verdict =
			is_keeping ? view->dialogue.verdict : VERDICT_ALLOW;
		char *shown = rule_text_show(
			verdict, rule, view->until, answer_menu_program(&answer));
		/* Which verdict it gets is not said before A or D. */
		const char *at = is_keeping ? shown : shown + strcspn(shown, " ");
		box_add_field(composing,
			!is_keeping		   ? STYLE_PLAIN
			: verdict == VERDICT_ALLOW ? STYLE_ALLOW
						   : STYLE_DENY,
			i > 0	     ? ""
			: is_keeping ? "stores"
				     : "A/D keep",
			*at == ' ' ? at + 1 : at, most);
		free(shown);
	}
}

/* What answers to the like of it have in common. */
static void add_offer(const struct composing *composing)
{
	const struct protocol_question *question = composing->question;

	if (question->offer.length == 0) {
		return;
	}
	char *rule = rule_text_show(
		VERDICT_ALLOW, question->offer, 0, (struct text){NULL, 0});
	char *key = key_hints(CONTEXT_QUESTION, "{offer}");
	char *line = xasprintf("the like was asked %" PRId64 " times; %s keeps: %s",
		question->offer_asked, key, rule);
	box_add_field(composing, STYLE_STRONG, "learned", line, 3);
	free(line);
	free(key);
	free(rule);
}

/* ---- Keys ---- */

static void add_keys(const struct composing *composing)
{
	const bool is_paused = composing->frame->is_paused;

	if (!composing->frame->is_armed) {
		box_add_line(
			composing, STYLE_FAINT, xstrdup("  (keys count in a moment)"));
		if (composing->squeeze->has_second_keys) {
			box_add_line(composing, STYLE_FAINT, xstrdup(""));
		}
		return;
	}
	box_add_hints(composing, STYLE_STRONG, CONTEXT_QUESTION,
		composing->columns < NARROW
			? "  {allow} allow  {deny} deny  "
			  "{keep-allow}/{keep-deny} keep  {help} more"
			: "  {allow} allow once   {deny} deny once   "
			  "{keep-allow} allow longer   {keep-deny} deny "
			  "longer   {help} help");
	if (!composing->squeeze->has_second_keys) {
		return;
	}
	const bool has_more = composing->frame->open_count > 1;
	const char *last = has_more    ? "{next} next"
			   : is_paused ? "{pause} resume"
				       : "{pause} pause";
	char *words =
		composing->columns < NARROW
			? xasprintf("  {narrower} {wider} rule {scope} scope "
				    "{details} view%s {later} later",
				  has_more ? " {next} next" : "")
			: xasprintf("  {narrower} {wider} rule  {scope} scope  "
				    "{expiry} expiry  {edit} edit%s  {details} view  "
				    "{kill} kill  %s",
				  composing->columns < WIDE ? ""
							    : "  {message} message",
				  last);
	box_add_hints(composing, STYLE_FAINT, CONTEXT_QUESTION, words);
	free(words);
}

static void add_keeping_keys(const struct composing *composing)
{
	const bool allows = composing->view->dialogue.verdict == VERDICT_ALLOW;
	char *words = xasprintf("  %s %s   {later} back",
		allows ? "{allow} store and allow" : "{deny} store and deny",
		composing->columns < NARROW ? "by it" : "by this rule");

	box_add_hints(composing, STYLE_STRONG, CONTEXT_KEEP, words);
	box_add_hints(composing, STYLE_FAINT, CONTEXT_KEEP,
		"  {narrower} {wider} rule  {scope} scope  {expiry} expiry  {edit} "
		"edit");
	free(words);
}

static void add_typing(const struct composing *composing)
{
	enum { LABEL = 10 };
	const bool is_rule = composing->view->state == QUESTION_RULE;
	struct box *box = composing->box;
	int cursor;
	char *shown = edit_show(
		&composing->view->edit, composing->frame->columns - LABEL - 1, &cursor);

	box->cursor_row = (int)box->count;
	box->cursor_column = LABEL + cursor;
	box_add_line(composing, STYLE_STRONG,
		xasprintf("  %-8s%s", is_rule ? "rule" : "message", shown));
	free(shown);
	box_add_line(composing, STYLE_FAINT,
		xstrdup(is_rule ? "  Enter shows it to be stored  Esc back"
			: composing->columns < NARROW
				? "  Enter denies and says so  Esc back"
				: "  Enter denies once and says so   Esc back"));
}

void box_add_answers(const struct composing *composing)
{
	struct question_view *view = composing->view;

	switch (view->state) {
	case QUESTION_ASKING:
		if (!composing->is_tightest) {
			add_rules(composing, 2);
			add_reach(composing);
			add_sensitive(composing);
			add_offer(composing);
		}
		break;
	case QUESTION_KEEPING:
		add_rules(composing, 0);
		add_reach(composing);
		add_sensitive(composing);
		break;
	case QUESTION_RULE:
	case QUESTION_MESSAGE:
		break;
	}
	if (view->problem != NULL) {
		box_add_paragraph(composing, STYLE_STRONG, view->problem);
	}
	if (view->state == QUESTION_ASKING) {
		add_keys(composing);
	} else if (view->state == QUESTION_KEEPING) {
		add_keeping_keys(composing);
	} else {
		add_typing(composing);
	}
}
