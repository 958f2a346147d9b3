/* SPDX-License-Identifier: MIT */
/* From a person's answer to rules in force. */
#include "session/answer.h"

#include "base/failpoint.h"
#include "base/xalloc.h"
#include "rules/printer.h"
#include "session/clients.h"
#include "session/supervisor.h"

#include <inttypes.h>
#include <stdlib.h>

/* An answer, or its undoing, on the way to the disk. */
struct answering {
	struct answering *next;
	struct question *question; /* NULL: it has gone meanwhile, or this undoes */
	struct answer_sender sender;
	struct answer_record *record;
	enum verdict verdict;
	bool is_undo;
	bool waits_for_rules; /* undone on disk; the rules in force have it still */
	int64_t first_ticket; /* of as many tickets as there are decisions */
	size_t count, done;
	struct error failure;
};

void answer_record_free(struct answer_record *record)
{
	if (record != NULL) {
		rule_list_finish(&record->rules);
		free(record->message);
		free(record);
	}
}

bool answer_has_rule(const struct answer_record *record, int64_t id)
{
	for (size_t i = 0; i < record->rules.count; i++) {
		if (record->rules.rules[i].id == id) {
			return true;
		}
	}
	return false;
}

void answer_forget(struct question *question)
{
	if (question->answering != NULL) {
		question->answering->question = NULL;
		question->answering = NULL;
	}
}

/* ---- Storing ---- */

static struct answering *answering_add(
	struct supervisor *supervisor, struct answer_sender sender)
{
	struct answering *answering = xcalloc(1, sizeof(*answering));
	answering->sender = sender;
	answering->next = supervisor->answering;
	supervisor->answering = answering;
	return answering;
}

static int64_t wall_now(const struct supervisor *supervisor)
{
	return clock_wall(&supervisor->clock, clock_monotonic());
}

/* The text that is stored: expiry and note are columns of their own. */
static char *rule_stored_text(const struct rule *rule)
{
	struct rule bare = *rule;
	bare.until = 0;
	bare.note = NULL;
	return rule_print(&bare);
}

static void rule_store(struct supervisor *supervisor, const struct answering *answering,
	size_t at, struct decision *decision)
{
	const struct rule *rule = &answering->record->rules.rules[at];
	char *text = rule_stored_text(rule);
	bool is_of_session = rule->scope == SCOPE_SESSION ||
			     rule->scope == SCOPE_PROGRAM ||
			     rule->scope == SCOPE_PROCESS;
	decision->rule = (struct rule_record){
		.text = text_of(text),
		.origin = ORIGIN_PERSON,
		.scope = rule->scope,
		.project = text_of(rule->scope == SCOPE_PROJECT
					   ? supervisor->places.project
					   : NULL),
		.session = is_of_session ? supervisor->session : 0,
		.process = rule->scope == SCOPE_PROCESS ? answering->record->image : 0,
		.created = decision->time,
		.until = rule->until,
		.origin_session = supervisor->session,
		.origin_question = answering->record->question,
		.note = text_of(rule->note),
	};
	(void)recorder_decide(supervisor->recorder, decision);
	free(text);
}

/* The answer itself goes last: on disk it is complete. */
static void answering_store(struct supervisor *supervisor, struct answering *answering)
{
	const struct answer_record *record = answering->record;
	struct decision decision = {
		.kind = DECISION_RULE,
		.question = record->question,
		.time = wall_now(supervisor),
		.verdict = answering->verdict,
		.scope = record->scope,
		.message = text_of(record->message),
	};
	failpoint("answer-before-store");
	answering->first_ticket = supervisor->last_ticket + 1;
	answering->count = record->rules.count > 0 ? record->rules.count : 1;
	supervisor->last_ticket += (int64_t)answering->count;
	for (size_t i = record->rules.count; i > 1; i--) {
		rule_store(supervisor, answering, i - 1, &decision);
	}
	decision.kind = DECISION_ANSWER;
	if (record->rules.count > 0) {
		rule_store(supervisor, answering, 0, &decision);
	} else {
		(void)recorder_decide(supervisor->recorder, &decision);
	}
}

/* Others may wait with it, but the person was shown this one. */
static bool image_waits(const struct question *question)
{
	const struct waiter *waiter = question->waiters;
	while (waiter != NULL && waiter->image != question->image) {
		waiter = waiter->next;
	}
	return waiter != NULL;
}

static bool answer_check(struct supervisor *supervisor, const struct question *question,
	const struct protocol_answer *answer, struct error *err)
{
	if (question == NULL) {
		return error_set(err, ERROR_NOT_FOUND,
			"there is no open question %" PRId64, answer->question);
	}
	if (question->answering != NULL) {
		return error_set(err, ERROR_REFUSED, "it was answered just now");
	}
	if (answer->scope == SCOPE_PROJECT && supervisor->places.project == NULL) {
		return error_set(err, ERROR_REFUSED, "this session has no project");
	}
	if (answer->scope == SCOPE_PROCESS && !image_waits(question)) {
		return error_set(err, ERROR_REFUSED,
			"the process that is shown no longer waits");
	}
	return true;
}

bool answer_submit(struct supervisor *supervisor, struct answer_sender sender,
	const struct protocol_answer *answer, struct error *err)
{
	struct question *question = question_find(supervisor, answer->question);
	struct rule_list rules = {0};
	if (!answer_check(supervisor, question, answer, err)) {
		return false;
	}
	if (answer->scope != SCOPE_ONCE &&
		(!answer_rules_make(question, answer, &rules, err) ||
			!answer_rules_take_effect(supervisor, question, &rules, err))) {
		rule_list_finish(&rules);
		return false;
	}
	struct answering *answering = answering_add(supervisor, sender);
	answering->question = question;
	answering->verdict = answer->verdict;
	answering->record = xcalloc(1, sizeof(*answering->record));
	*answering->record = (struct answer_record){
		.question = question->number,
		.rules = rules,
		.image = question->image,
		.scope = answer->scope,
		.message =
			answer->message.length > 0 ? text_copy(answer->message) : NULL,
	};
	question->answering = answering;
	answering_store(supervisor, answering);
	return true;
}

bool answer_undo(
	struct supervisor *supervisor, struct answer_sender sender, struct error *err)
{
	struct answer_record *record = supervisor->questions.last_answer;
	if (record == NULL) {
		return error_set(err, ERROR_NOT_FOUND,
			"there is no answer to take back that stored a rule");
	}
	struct answering *answering = answering_add(supervisor, sender);
	answering->is_undo = true;
	answering->record = record;
	answering->count = record->rules.count;
	answering->first_ticket = supervisor->last_ticket + 1;
	supervisor->last_ticket += (int64_t)answering->count;
	supervisor->questions.last_answer = NULL;
	for (size_t i = 0; i < record->rules.count; i++) {
		const struct decision decision = {
			.kind = DECISION_REMOVE,
			.time = wall_now(supervisor),
			.rule = {.id = record->rules.rules[i].id},
		};
		(void)recorder_decide(supervisor->recorder, &decision);
	}
	return true;
}

/* ---- Putting into force ---- */

static void answer_apply(struct supervisor *supervisor, struct answering *answering)
{
	struct answer_record *record = answering->record;
	struct question *question = answering->question;
	enum verdict verdict = answering->verdict;
	const struct protocol_question_end end = {
		.question = record->question,
		.end = QUESTION_ANSWERED,
		.verdict = verdict,
		.scope = record->scope,
		.by = text_of(clients_name(supervisor, answering->sender.client)),
	};
	if (question != NULL) {
		answer_forget(question);
	}
	if (record->scope == SCOPE_ONCE) {
		if (question != NULL) {
			question_settle_once(
				supervisor, question, verdict, record->message);
		}
	} else {
		rules_put_in_force(supervisor, record);
		if (question != NULL) {
			(void)question_rejudge(supervisor, question, record, &verdict);
		}
	}
	if (question != NULL) {
		question_close_if_empty(supervisor, question, &end);
	}
	if (record->scope != SCOPE_ONCE) {
		question_rejudge_all(supervisor);
		answer_record_free(supervisor->questions.last_answer);
		supervisor->questions.last_answer = record;
		answering->record = NULL;
	}
}

static void answering_free(struct supervisor *supervisor, struct answering *answering)
{
	struct answering **link = &supervisor->answering;
	while (*link != answering) {
		link = &(*link)->next;
	}
	*link = answering->next;
	answer_record_free(answering->record);
	free(answering);
}

/* stored: the rules of an answer, which may belong to the record for undo; or NULL. */
static void answering_end(struct supervisor *supervisor, struct answering *answering,
	const struct rule_list *stored)
{
	clients_reply(supervisor, answering->sender.client, answering->sender.request,
		stored, &answering->failure);
	answering_free(supervisor, answering);
}

/* Whoever undid hears of it once it no longer holds. */
static void answering_stored(struct supervisor *supervisor, struct answering *answering)
{
	const struct answer_record *record = answering->record;
	const bool is_stored = !answering->is_undo && answering->failure.code == 0;

	failpoint("answer-before-apply");
	if (answering->failure.code != 0) {
		if (answering->question != NULL) {
			answer_forget(answering->question);
		}
	} else if (answering->is_undo) {
		answering->waits_for_rules = rules_take_back(supervisor, record);
	} else {
		answer_apply(supervisor, answering);
	}
	failpoint("answer-after-apply");
	if (!answering->waits_for_rules) {
		answering_end(supervisor, answering, is_stored ? &record->rules : NULL);
	}
}

void answer_rules_read(struct supervisor *supervisor, const struct error *err)
{
	struct answering *answering = supervisor->answering;

	while (answering != NULL) {
		struct answering *next = answering->next;
		if (answering->waits_for_rules) {
			answering->failure = *err;
			answering_end(supervisor, answering, NULL);
		}
		answering = next;
	}
}

static struct answering *answering_find(struct supervisor *supervisor, int64_t ticket)
{
	struct answering *answering = supervisor->answering;
	while (answering != NULL &&
		(ticket < answering->first_ticket ||
			ticket >=
				answering->first_ticket + (int64_t)answering->count)) {
		answering = answering->next;
	}
	return answering;
}

void answer_completed(
	struct supervisor *supervisor, const struct completion *completion)
{
	struct answering *answering = answering_find(supervisor, completion->ticket);
	if (answering == NULL) {
		return;
	}
	struct rule_list *rules = &answering->record->rules;
	/* Stored from the last rule to the first. */
	size_t at = answering->count - 1 -
		    (size_t)(completion->ticket - answering->first_ticket);
	if (!answering->is_undo && at < rules->count) {
		rules->rules[at].id = completion->rule;
	}
	if (completion->error.code != 0) {
		answering->failure = completion->error;
	}
	if (++answering->done == answering->count) {
		answering_stored(supervisor, answering);
	}
}

void answer_finish_all(struct supervisor *supervisor)
{
	while (supervisor->answering != NULL) {
		answering_free(supervisor, supervisor->answering);
	}
	rule_list_finish(&supervisor->fresh);
	rule_list_finish(&supervisor->process_rules);
}
