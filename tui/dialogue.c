/* SPDX-License-Identifier: MIT */
#include "tui/dialogue.h"

#include "base/escape.h"
#include "base/xalloc.h"
#include "tui/answer_menu.h"
#include "tui/question_text.h"
#include "tui/rule_text.h"

#include <inttypes.h>
#include <stdlib.h>

enum { OUTCOME_COLUMNS = 60, MS = 1000, OFFER_LETTER = 'o', OFFER_LINES = 4 };

/* ---- The answer in the making ---- */

static void forget_rules(struct dialogue *dialogue)
{
	for (size_t i = 0; i < dialogue->rule_count; i++) {
		free(dialogue->rules[i]);
	}
	free(dialogue->rules);
	dialogue->rules = NULL;
	dialogue->rule_count = 0;
}

void dialogue_restart(struct dialogue *dialogue)
{
	forget_rules(dialogue);
	free(dialogue->message);
	dialogue->message = NULL;
	dialogue->step = STEP_CHOOSE;
	dialogue->verdict = VERDICT_DENY;
	dialogue->scope = SCOPE_ONCE;
	dialogue->has_scope = false;
	dialogue->until = 0;
}

void dialogue_finish(struct dialogue *dialogue)
{
	dialogue_restart(dialogue);
	dialogue->question = NULL;
}

static void keep_rules(
	struct dialogue *dialogue, const struct text *rules, size_t count)
{
	forget_rules(dialogue);
	dialogue->rules = xcalloc(count, sizeof(char *));
	for (size_t i = 0; i < count; i++) {
		dialogue->rules[i] = text_copy(rules[i]);
	}
	dialogue->rule_count = count;
}

struct protocol_answer dialogue_answer(
	const struct dialogue *dialogue, struct text *texts)
{
	for (size_t i = 0; i < dialogue->rule_count; i++) {
		texts[i] = text_of(dialogue->rules[i]);
	}
	return (struct protocol_answer){
		.question = dialogue->question->id,
		.verdict = dialogue->verdict,
		.scope = dialogue->scope,
		.until = dialogue->until,
		.rules = texts,
		.rule_count = dialogue->rule_count,
		.message = text_of(dialogue->message),
	};
}

/* ---- What can be chosen first ---- */

/* What a letter leads to: a wish, or else another step. */
static const struct choice {
	const char *meaning; /* in the help */
	enum verdict verdict;
	enum dialogue_wish wish;
	enum dialogue_step step;
	char letter;
	bool needs_question;
} choices[] = {
	/* clang-format off */
	{"allow once", VERDICT_ALLOW, WISH_ANSWER, STEP_CHOOSE, 'a', true},
	{"deny once", VERDICT_DENY, WISH_ANSWER, STEP_CHOOSE, 'd', true},
	{"allow for longer: choose how far and which rule", VERDICT_ALLOW, WISH_NOTHING, STEP_SCOPE, 'A', true},
	{"deny for longer: choose how far and which rule", VERDICT_DENY, WISH_NOTHING, STEP_SCOPE, 'D', true},
	{"allow for longer by the rule that was learned from answers", VERDICT_ALLOW, WISH_NOTHING, STEP_SCOPE, OFFER_LETTER, true},
	{"type the rule to store", VERDICT_ALLOW, WISH_NOTHING, STEP_RULE, 'e', true},
	{"deny once with a message to the agent", VERDICT_DENY, WISH_NOTHING, STEP_MESSAGE, 'm', true},
	{"kill the process that asks", VERDICT_DENY, WISH_KILL, STEP_CHOOSE, 'k', true},
	{"pause every process, or let them go on", VERDICT_DENY, WISH_PAUSE, STEP_CHOOSE, 'p', false},
	{"undo the last answer", VERDICT_DENY, WISH_UNDO, STEP_CHOOSE, 'u', false},
	{"view everything known about this question", VERDICT_DENY, WISH_DETAILS, STEP_CHOOSE, 'v', true},
	{"next question", VERDICT_DENY, WISH_NEXT, STEP_CHOOSE, 'n', true},
	{"this help", VERDICT_DENY, WISH_HELP, STEP_CHOOSE, '?', false},
	/* clang-format on */
};
enum { CHOICES = sizeof(choices) / sizeof(choices[0]) };

static bool can_choose(const struct dialogue *dialogue, const struct choice *choice)
{
	if (choice->letter == OFFER_LETTER) {
		return dialogue->question != NULL &&
		       dialogue->question->offer.length > 0;
	}
	return dialogue->question != NULL || !choice->needs_question;
}

static void show_help(const struct dialogue *dialogue, struct lines *lines)
{
	lines_add(lines, "%s: type one of these, then Enter:", dialogue->word);
	for (size_t i = 0; i < CHOICES; i++) {
		if (can_choose(dialogue, &choices[i])) {
			lines_add(lines, "  %c  %s", choices[i].letter,
				choices[i].meaning);
		}
	}
	lines_add(lines,
		"  Ctrl-C and Ctrl-Z go to the program. Enter alone does nothing.");
}

static void show_hint(const struct dialogue *dialogue, struct lines *lines)
{
	if (dialogue->question != NULL) {
		lines_add(lines,
			"%s: a allow once, d deny once, A/D longer, v details, ? more",
			dialogue->word);
	} else {
		lines_add(
			lines, "%s: p lets the tree go on, ? for help", dialogue->word);
	}
}

void dialogue_show_offer(const struct dialogue *dialogue, struct lines *lines)
{
	const struct protocol_question *question = dialogue->question;

	if (question == NULL || question->offer.length == 0) {
		return;
	}
	char *rule = rule_text_show(
		VERDICT_ALLOW, question->offer, 0, (struct text){NULL, 0});
	lines_add(lines, "%s: the like was asked %" PRId64 " times. o keeps this rule:",
		dialogue->word, question->offer_asked);
	lines_field(lines, "learned", rule, OFFER_LINES);
	free(rule);
}

static void enter_step(
	struct dialogue *dialogue, enum dialogue_step step, struct lines *lines)
{
	dialogue->step = step;
	switch (step) {
	case STEP_CHOOSE:
		break;
	case STEP_SCOPE:
		answer_menu_show_scopes(dialogue, lines);
		break;
	case STEP_RUNG:
		answer_menu_show_rungs(dialogue, lines);
		break;
	case STEP_RULE:
		answer_menu_show_exact_rule(dialogue, lines);
		break;
	case STEP_MESSAGE:
		lines_add(lines,
			"%s: deny once, and tell the agent what? Enter alone goes "
			"back.",
			dialogue->word);
		break;
	}
}

/* ---- Steps ---- */

/* Fulfils what needs nobody else; returns what does. */
static enum dialogue_wish choose(struct dialogue *dialogue, const struct choice *choice,
	int64_t now_ms, struct lines *lines)
{
	switch (choice->wish) {
	case WISH_PAUSE:
	case WISH_RESUME:
		return dialogue->is_paused ? WISH_RESUME : WISH_PAUSE;
	case WISH_DETAILS:
		lines_add(lines, "%s: everything known about question %" PRId64 ":",
			dialogue->word, dialogue->question->id);
		question_text_describe(
			dialogue->question, QUESTION_WHOLE, now_ms, lines);
		return WISH_NOTHING;
	case WISH_HELP:
		show_help(dialogue, lines);
		return WISH_NOTHING;
	case WISH_NEXT:
		if (dialogue->open_count < 2) {
			lines_add(lines, "There is no other question.");
			return WISH_NOTHING;
		}
		return WISH_NEXT;
	case WISH_NOTHING:
	case WISH_ANSWER:
	case WISH_KILL:
	case WISH_UNDO:
		break;
	}
	dialogue->verdict = choice->verdict;
	if (choice->letter == OFFER_LETTER) {
		keep_rules(dialogue, &dialogue->question->offer, 1);
		dialogue_show_offer(dialogue, lines);
	}
	enter_step(dialogue, choice->step, lines);
	return choice->wish;
}

static enum dialogue_wish take_choice(struct dialogue *dialogue, struct text typed,
	int64_t now_ms, struct lines *lines)
{
	for (size_t i = 0; i < CHOICES; i++) {
		if (typed.length == 1 && typed.bytes[0] == choices[i].letter &&
			can_choose(dialogue, &choices[i])) {
			return choose(dialogue, &choices[i], now_ms, lines);
		}
	}
	lines_add(lines, typed.length == 0
				 ? "Enter alone decides nothing."
				 : "That is none of the letters, and decides nothing.");
	show_hint(dialogue, lines);
	return WISH_NOTHING;
}

static struct text next_word(struct text *rest)
{
	while (rest->length > 0 && *rest->bytes == ' ') {
		rest->bytes++;
		rest->length--;
	}
	struct text word = {rest->bytes, 0};
	while (word.length < rest->length && rest->bytes[word.length] != ' ') {
		word.length++;
	}
	rest->bytes += word.length;
	rest->length -= word.length;
	return word;
}

static enum dialogue_wish take_scope(struct dialogue *dialogue, struct text typed,
	int64_t now_ms, struct lines *lines)
{
	const struct text word = next_word(&typed);
	const struct text period = next_word(&typed);
	struct error err = {0};
	int64_t until = dialogue->until;
	enum scope scope;

	if (!answer_menu_find_scope(dialogue, word, &scope) ||
		next_word(&typed).length > 0) {
		lines_add(lines, "Type one of the numbers, or Enter alone to go back.");
		return WISH_NOTHING;
	}
	if (period.length > 0 && !until_read(period, now_ms / MS, &until, &err)) {
		lines_add(lines, "Not understood: %s.", err.text);
		return WISH_NOTHING;
	}
	dialogue->scope = scope;
	dialogue->has_scope = true;
	dialogue->until = until;
	if (dialogue->rule_count > 0) {
		return WISH_ANSWER;
	}
	enter_step(dialogue, STEP_RUNG, lines);
	return WISH_NOTHING;
}

static enum dialogue_wish take_rung(
	struct dialogue *dialogue, struct text typed, struct lines *lines)
{
	const struct text word = next_word(&typed);
	size_t number = 0;

	if (text_equal_string(word, "e")) {
		enter_step(dialogue, STEP_RULE, lines);
		return WISH_NOTHING;
	}
	for (size_t i = 0; i < word.length && number <= dialogue->question->rung_count;
		i++) {
		const bool is_digit = word.bytes[i] >= '0' && word.bytes[i] <= '9';
		number = is_digit ? number * 10 + (size_t)(word.bytes[i] - '0')
				  : SIZE_MAX;
	}
	if (number == 0 || number > dialogue->question->rung_count ||
		next_word(&typed).length > 0) {
		lines_add(lines,
			"Type one of the numbers, e, or Enter alone to go back.");
		return WISH_NOTHING;
	}
	const struct protocol_rung *rung = &dialogue->question->rungs[number - 1];
	keep_rules(dialogue, rung->rules, rung->rule_count);
	return WISH_ANSWER;
}

static enum dialogue_wish take_rule(
	struct dialogue *dialogue, struct text typed, struct lines *lines)
{
	struct rule_typed rule;
	struct error err = {0};

	if (!rule_text_read(typed, dialogue->has_scope ? &dialogue->verdict : NULL,
		    &rule, &err)) {
		lines_add(lines, "Not stored: %s.", err.text);
		return WISH_NOTHING;
	}
	const struct text text = text_of(rule.rule);
	keep_rules(dialogue, &text, 1);
	free(rule.rule);
	dialogue->verdict = rule.verdict;
	if (rule.until != 0) {
		dialogue->until = rule.until;
	}
	if (dialogue->has_scope) {
		return WISH_ANSWER;
	}
	enter_step(dialogue, STEP_SCOPE, lines);
	return WISH_NOTHING;
}

static bool has_control_bytes(struct text typed)
{
	for (size_t i = 0; i < typed.length; i++) {
		if ((unsigned char)typed.bytes[i] < ' ' || typed.bytes[i] == 0x7f) {
			return true;
		}
	}
	return false;
}

static enum dialogue_wish take_message(struct dialogue *dialogue, struct text typed)
{
	free(dialogue->message);
	dialogue->message = text_copy(typed);
	dialogue->verdict = VERDICT_DENY;
	return WISH_ANSWER;
}

enum dialogue_wish dialogue_take(struct dialogue *dialogue, struct text typed,
	int64_t now_ms, struct lines *lines)
{
	/* Arrow keys, and what a terminal itself answers to queries of the tree. */
	if (has_control_bytes(typed)) {
		lines_add(lines,
			"That line holds control characters: it decides nothing.");
		return WISH_NOTHING;
	}
	if (typed.length == 0 && dialogue->step != STEP_CHOOSE) {
		dialogue_restart(dialogue);
		lines_add(lines, "Nothing is decided yet.");
		show_hint(dialogue, lines);
		return WISH_NOTHING;
	}
	switch (dialogue->step) {
	case STEP_CHOOSE:
		return take_choice(dialogue, typed, now_ms, lines);
	case STEP_SCOPE:
		return take_scope(dialogue, typed, now_ms, lines);
	case STEP_RUNG:
		return take_rung(dialogue, typed, lines);
	case STEP_RULE:
		return take_rule(dialogue, typed, lines);
	case STEP_MESSAGE:
		break;
	}
	return take_message(dialogue, typed);
}

/* ---- What is shown ---- */

void dialogue_begin(struct dialogue *dialogue, const struct protocol_question *question,
	int64_t now_ms, struct lines *lines)
{
	dialogue_restart(dialogue);
	dialogue->question = question;
	if (question == NULL) {
		lines_add(lines, "%s: the tree is paused.", dialogue->word);
	} else {
		lines_put(lines, "\n%s: question %" PRId64 ", ", dialogue->word,
			question->id);
		if (dialogue->open_count > 1) {
			lines_put(lines, "%zu of %zu, ", dialogue->position,
				dialogue->open_count);
		}
		lines_put(lines, "allow this?\n");
		question_text_describe(question, QUESTION_BRIEF, now_ms, lines);
		dialogue_show_offer(dialogue, lines);
		if (dialogue->is_paused) {
			lines_add(lines, "  The tree is paused; p lets it go on.");
		}
	}
	show_hint(dialogue, lines);
}

void dialogue_prompt(const struct dialogue *dialogue, struct lines *lines)
{
	static const char *const names[] = {
		[STEP_CHOOSE] = "",
		[STEP_SCOPE] = " how far",
		[STEP_RUNG] = " which rule",
		[STEP_RULE] = " rule",
		[STEP_MESSAGE] = " message",
	};

	if (dialogue->step == STEP_CHOOSE && dialogue->open_count > 1) {
		lines_put(
			lines, "%s (%zu open)> ", dialogue->word, dialogue->open_count);
	} else {
		lines_put(lines, "%s%s> ", dialogue->word, names[dialogue->step]);
	}
}

char *dialogue_outcome(const struct dialogue *dialogue)
{
	const bool is_allowed = dialogue->verdict == VERDICT_ALLOW;

	if (dialogue->rule_count == 0) {
		char *title = question_text_title(dialogue->question, OUTCOME_COLUMNS);
		/* More may wait by now than when the question was shown. */
		char *count = dialogue->question->waiting > 1
				      ? xasprintf(", for %u threads",
						dialogue->question->waiting)
				      : xstrdup("");
		char *outcome = xasprintf("%s once: %s%s%s",
			is_allowed ? "allowed" : "denied", title, count,
			dialogue->message != NULL ? ", with your message" : "");
		free(count);
		free(title);
		return outcome;
	}
	char *rule = rule_text_show(dialogue->verdict, text_of(dialogue->rules[0]),
		dialogue->until, answer_menu_program(dialogue));
	char *outcome =
		dialogue->rule_count > 1
			? xasprintf("%s: %s and %zu more",
				  answer_menu_reach(dialogue->scope), rule,
				  dialogue->rule_count - 1)
			: xasprintf("%s: %s", answer_menu_reach(dialogue->scope), rule);
	free(rule);
	return outcome;
}
