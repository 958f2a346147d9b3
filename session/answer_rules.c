/* SPDX-License-Identifier: MIT */
/* The rules that an answer means, and whether they would decide what was asked. */
#include "base/xalloc.h"
#include "rules/parser.h"
#include "rules/printer.h"
#include "session/answer.h"
#include "session/supervisor.h"

#include <stdlib.h>

static void rule_add_program(struct rule *rule, const struct question *question)
{
	const struct call_key *key = &question->key;
	if (rule->by == NULL) {
		rule->by = pattern_quote_literal(
			key->script.length > 0 ? key->script : key->program);
	}
}

static bool rule_make(const struct question *question,
	const struct protocol_answer *answer, struct text text, struct rule *rule,
	struct error *err)
{
	char *line = xasprintf(
		"%s %.*s", verdict_name(answer->verdict), (int)text.length, text.bytes);
	bool parsed = rule_parse_line(text_of(line), rule, err);
	free(line);
	if (!parsed) {
		return false;
	}
	if (rule->kind != RULE_JUDGE || rule->verdict != answer->verdict) {
		rule_finish(rule);
		return error_set(
			err, ERROR_REFUSED, "an answer stores allow or deny rules");
	}
	if (answer->scope == SCOPE_PROGRAM) {
		rule_add_program(rule, question);
	}
	rule->origin = ORIGIN_PERSON;
	rule->scope = answer->scope;
	if (answer->until != 0) {
		rule->until = answer->until;
	}
	if (answer->note.length > 0) {
		free(rule->note);
		rule->note = text_copy(answer->note);
	}
	return true;
}

bool answer_rules_make(const struct question *question,
	const struct protocol_answer *answer, struct rule_list *list, struct error *err)
{
	const json_t *rungs = json_object_get(question->shown, "rungs");
	const json_t *texts =
		json_object_get(json_array_get(rungs, (size_t)answer->rung), "rules");
	size_t count = answer->rule_count;
	if (count == 0) {
		count = json_array_size(texts);
	}
	if (count == 0) {
		return error_set(err, ERROR_REFUSED, "the question has no such rule");
	}
	for (size_t i = 0; i < count; i++) {
		struct rule rule = {0};
		struct text text = {0};
		struct text own = {0};
		if (answer->rule_count > 0) {
			text = answer->rules[i];
		} else {
			own = protocol_text_read(json_array_get(texts, i));
			text = own;
		}
		bool made = rule_make(question, answer, text, &rule, err);
		free((void *)(uintptr_t)own.bytes);
		if (!made) {
			return false;
		}
		rule_list_take(list, &rule);
	}
	return true;
}

/* ---- Checking that they will take effect ---- */

/*
 * Judges one action by the rules that decide it now together with the new ones. What
 * decides now is already in what was judged when the call was held.
 */
static bool action_takes_effect(struct supervisor *supervisor,
	const struct waiter *waiter, size_t at, const struct rule_list *rules,
	struct error *err)
{
	struct judged *judged = waiter->judged;
	if (judged->actions[at].is_below && rules->rules[0].verdict == VERDICT_ALLOW) {
		return error_set(err, ERROR_REFUSED,
			"this would not take effect: another rule is about what is "
			"moved there; allow it once");
	}
	struct rule_variables variables = places_variables(&supervisor->places);
	struct subject subject =
		judge_subject(&supervisor->judge, waiter->request->process);
	struct rule_list list = {0};
	rule_list_copy(&list, judged->actions[at].rule);
	for (size_t i = 0; i < rules->count; i++) {
		rule_list_copy(&list, &rules->rules[i]);
	}
	struct rule_set *set = rule_set_create(&list, &variables);
	struct judgement judgement = rule_index_judge(
		set->index, &waiter->request->actions[at], &subject, time(NULL));
	const bool misnames = judge_misnames(
		waiter->request, &waiter->request->actions[at], judgement.rule);
	bool takes = judgement.rule != NULL && !misnames &&
		     judgement.verdict == rules->rules[0].verdict;
	if (misnames) {
		error_set(err, ERROR_REFUSED,
			"this would not take effect: it is called by another "
			"name; allow it once, or with any arguments");
	} else if (!takes && judgement.rule != NULL) {
		struct text text = rule_set_text(set, judgement.rule);
		const char *source = judgement.rule->source;
		error_set(err, ERROR_REFUSED,
			"this would not take effect: %.*s still decides%s%s%s",
			(int)text.length, text.bytes, source != NULL ? " (" : "",
			source != NULL ? source : "", source != NULL ? ")" : "");
	} else if (!takes) {
		error_set(err, ERROR_REFUSED,
			"this would not take effect: it does not cover the question");
	}
	rule_set_release(set);
	return takes;
}

bool answer_rules_take_effect(struct supervisor *supervisor,
	const struct question *question, const struct rule_list *rules,
	struct error *err)
{
	const struct waiter *waiter = question->waiters;
	while (waiter != NULL && waiter->request == NULL) {
		waiter = waiter->next;
	}
	if (waiter == NULL) {
		return error_set(
			err, ERROR_REFUSED, "the call was interrupted just now");
	}
	bool denies = rules->rules[0].verdict == VERDICT_DENY;
	bool any = false;
	bool all = true;
	struct error why = {0};
	for (size_t i = 0; i < waiter->judged->action_count; i++) {
		if (waiter->judged->actions[i].verdict == VERDICT_ASK) {
			bool takes =
				action_takes_effect(supervisor, waiter, i, rules, &why);
			any = any || takes;
			all = all && takes;
		}
	}
	if (denies ? any : all) {
		return true;
	}
	return error_set(err, why.code, "%s", why.text);
}
