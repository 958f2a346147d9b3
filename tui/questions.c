/* SPDX-License-Identifier: MIT */
#include "tui/questions.h"

#include "base/xalloc.h"

#include <stdlib.h>

void questions_finish(struct questions *questions)
{
	while (questions->count > 0) {
		questions_remove(questions, questions->items[0]->id);
	}
	free(questions->items);
	*questions = (struct questions){0};
}

size_t questions_position(const struct questions *questions, int64_t id)
{
	size_t i = 0;

	while (i < questions->count && questions->items[i]->id != id) {
		i++;
	}
	return i;
}

struct protocol_question *questions_find(const struct questions *questions, int64_t id)
{
	const size_t i = questions_position(questions, id);

	return i < questions->count ? questions->items[i] : NULL;
}

struct protocol_question *questions_after(const struct questions *questions, int64_t id)
{
	if (questions->count == 0) {
		return NULL;
	}
	const size_t i = questions_position(questions, id);
	return questions->items[i + 1 < questions->count ? i + 1 : 0];
}

static bool same_actions(
	const struct protocol_question *a, const struct protocol_question *b)
{
	if (a->action_count != b->action_count) {
		return false;
	}
	for (size_t i = 0; i < a->action_count; i++) {
		if (a->actions[i].verb != b->actions[i].verb ||
			!text_equal(a->actions[i].object, b->actions[i].object)) {
			return false;
		}
	}
	return true;
}

static bool same_rules(const struct protocol_rung *a, const struct protocol_rung *b)
{
	if (a->rule_count != b->rule_count) {
		return false;
	}
	for (size_t i = 0; i < a->rule_count; i++) {
		if (!text_equal(a->rules[i], b->rules[i])) {
			return false;
		}
	}
	return true;
}

static bool same_rungs(
	const struct protocol_question *a, const struct protocol_question *b)
{
	if (a->rung_count != b->rung_count) {
		return false;
	}
	for (size_t i = 0; i < a->rung_count; i++) {
		if (!same_rules(&a->rungs[i], &b->rungs[i])) {
			return false;
		}
	}
	return true;
}

enum questions_change questions_take(
	struct questions *questions, struct protocol_question *question)
{
	struct protocol_question *known = questions_find(questions, question->id);

	if (known != NULL) {
		const bool same =
			same_actions(known, question) && same_rungs(known, question);
		protocol_question_finish(known);
		*known = *question;
		*question = (struct protocol_question){0};
		return same ? QUESTIONS_COUNTED : QUESTIONS_ALTERED;
	}
	if (questions->count == questions->capacity) {
		questions->capacity = 2 * questions->capacity + 8;
		questions->items = xreallocarray(questions->items, questions->capacity,
			sizeof(struct protocol_question *));
	}
	known = xmalloc(sizeof(*known));
	*known = *question;
	*question = (struct protocol_question){0};
	questions->items[questions->count++] = known;
	return QUESTIONS_ADDED;
}

void questions_remove(struct questions *questions, int64_t id)
{
	const size_t i = questions_position(questions, id);

	if (i == questions->count) {
		return;
	}
	protocol_question_finish(questions->items[i]);
	free(questions->items[i]);
	questions->count--;
	memmove(&questions->items[i], &questions->items[i + 1],
		(questions->count - i) * sizeof(struct protocol_question *));
}
