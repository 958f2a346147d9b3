/* SPDX-License-Identifier: MIT */
#include "session/offer.h"

#include "base/xalloc.h"
#include "rules/learn.h"
#include "rules/printer.h"

#include <stdlib.h>
#include <time.h>

enum { SESSIONS_MAX = 50, QUESTIONS_MAX = 3000 };

/* Who asked; kept since the learner borrows it, and tells subjects apart by address. */
struct asker {
	struct asker *next;
	struct subject subject; /* owns its texts */
};

struct offering {
	struct db *db;
	const struct rule_sources *sources;
	struct rule_variables variables;
	struct rule_list rules;
	struct rule_index *index; /* of the rules */
	struct learner *learner;
	struct asker *askers;
	uint32_t verbs; /* of the open question */
	size_t questions;
};

/* ---- Rules in force ---- */

static bool rules_load(struct offering *offering, int64_t session)
{
	const struct rule_filter filter = {
		.project = offering->sources->places->project, .session = session};
	struct rule_list stored = {0};
	bool loaded = db_rules_load(offering->db, &filter, &stored, NULL);
	for (size_t i = 0; i < stored.count; i++) {
		if (stored.rules[i].scope >= SCOPE_SESSION) {
			rule_list_copy(&offering->rules, &stored.rules[i]);
		}
	}
	rule_list_finish(&stored);
	for (size_t i = 0; i < offering->sources->fixed.count; i++) {
		if (offering->sources->fixed.rules[i].kind != RULE_EXPECT) {
			rule_list_copy(
				&offering->rules, &offering->sources->fixed.rules[i]);
		}
	}
	return loaded;
}

static bool is_stored(const struct offering *offering, int64_t id)
{
	for (size_t i = 0; i < offering->rules.count; i++) {
		if (offering->rules.rules[i].id == id) {
			return true;
		}
	}
	return false;
}

/* ---- Questions as recorded actions ---- */

static const struct subject *asker_find(
	struct offering *offering, const struct protocol_program *program)
{
	struct asker *asker = offering->askers;
	while (asker != NULL &&
		(!text_equal(asker->subject.program, program->program) ||
			!text_equal(asker->subject.script, program->script))) {
		asker = asker->next;
	}
	if (asker == NULL) {
		asker = xcalloc(1, sizeof(*asker));
		asker->subject.program = (struct text){
			text_copy(program->program), program->program.length};
		asker->subject.script = (struct text){
			text_copy(program->script), program->script.length};
		asker->next = offering->askers;
		offering->askers = asker;
	}
	return &asker->subject;
}

static void action_fill(const struct protocol_action *shown, struct action *action,
	struct text names[ENDPOINT_NAMES_MAX])
{
	*action = (struct action){
		.verb = shown->verb,
		.object = shown->object,
		.asked_as = shown->asked_as,
		.argv = shown->argv,
		.argc = shown->argc,
	};
	action_set_endpoint(action, names);
}

/* event numbers its actions, so that the open question's are found again. */
static void question_add(struct offering *offering,
	const struct protocol_question *question, struct recorded_action recorded)
{
	struct text names[ENDPOINT_NAMES_MAX];
	if (question->chain_count == 0) {
		return;
	}
	recorded.subject = asker_find(offering, &question->chain[0]);
	for (size_t i = 0; i < question->action_count; i++) {
		action_fill(&question->actions[i], &recorded.action, names);
		learner_add(offering->learner, 0, &recorded, true);
		recorded.event++;
	}
}

static void record_add(
	struct offering *offering, const struct question_record *record, int64_t open)
{
	struct protocol_question question;
	bool has_verb = (offering->verbs & 1u << record->verb) != 0;
	if (!record->answered || !has_verb || record->number == open) {
		return;
	}
	json_t *shown =
		json_loadb(record->details.bytes, record->details.length, 0, NULL);
	if (protocol_question_read(shown, &question)) {
		question_add(offering, &question,
			(struct recorded_action){
				.verdict = record->verdict,
				.by = RECORDED_BY_PERSON,
				.is_persons = true,
				/* A denial counts for good. */
				.is_taken_back = record->verdict == VERDICT_ALLOW &&
						 record->rule > 0 &&
						 !is_stored(offering, record->rule),
				.session = record->session,
				.event = 1,
				.question = record->number,
				.count = 1,
				/* With secrets masked, it was kept without rungs. */
				.is_partial = question.rung_count == 0,
			});
		protocol_question_finish(&question);
		offering->questions++;
	}
	json_decref(shown);
}

static void session_add(struct offering *offering, int64_t session, int64_t open)
{
	struct question_record record;
	if (!db_questions_begin(offering->db, session, NULL)) {
		return;
	}
	while (offering->questions < QUESTIONS_MAX &&
		db_questions_next(offering->db, &record, NULL)) {
		record_add(offering, &record, open);
	}
}

/* The newest sessions of the project, this one last; gives how many. */
static size_t sessions_find(
	const struct offering *offering, int64_t newest[SESSIONS_MAX])
{
	const char *own = offering->sources->places->project;
	struct session_record session;
	size_t count = 0;
	if (!db_sessions_begin(offering->db, NULL)) {
		return 0;
	}
	while (db_sessions_next(offering->db, &session, NULL)) {
		if (!session.is_imported && text_equal(session.project, text_of(own))) {
			newest[count++ % SESSIONS_MAX] = session.id;
		}
	}
	return count < SESSIONS_MAX ? count : SESSIONS_MAX;
}

/* ---- The offer ---- */

static bool has_record(const struct proposal *proposal, int64_t session,
	int64_t question, int64_t event)
{
	for (size_t i = 0; i < proposal->example_count; i++) {
		const struct example *example = proposal->examples[i];
		for (size_t j = 0; j < example->count; j++) {
			const struct recorded_action *record = example->records[j];
			if (record->session == session &&
				record->question == question &&
				record->event == event) {
				return true;
			}
		}
	}
	return false;
}

static const struct proposal *proposal_of(
	const struct learned *learned, int64_t session, int64_t question, int64_t event)
{
	for (size_t i = 0; i < learned->count; i++) {
		if (has_record(&learned->proposals[i], session, question, event)) {
			return &learned->proposals[i];
		}
	}
	return NULL;
}

static bool is_allowed(const struct offering *offering,
	const struct protocol_question *question, size_t at)
{
	const struct subject subject = {.program = question->chain[0].program,
		.script = question->chain[0].script};
	struct action action;
	struct text names[ENDPOINT_NAMES_MAX];
	action_fill(&question->actions[at], &action, names);
	return rule_index_judge(offering->index, &action, &subject, time(NULL))
		       .verdict == VERDICT_ALLOW;
}

/* The one rule that would allow all of the question; NULL: there is none. */
static const struct proposal *proposal_choose(const struct offering *offering,
	const struct learned *learned, int64_t session,
	const struct protocol_question *question)
{
	const struct proposal *chosen = NULL;
	for (size_t i = 0; i < question->action_count; i++) {
		const struct proposal *proposal =
			proposal_of(learned, session, question->id, (int64_t)i + 1);
		if (proposal == NULL && is_allowed(offering, question, i)) {
			continue;
		}
		if (proposal == NULL || (chosen != NULL && chosen != proposal)) {
			return NULL;
		}
		chosen = proposal;
	}
	/* A tree comes with a rule that keeps asking, which no answer can store. */
	return chosen != NULL && chosen->rules.count == 1 &&
			       chosen->answers >= OFFER_ASKED_MIN
		       ? chosen
		       : NULL;
}

static void offer_make(const struct offering *offering, int64_t session,
	const struct protocol_question *question, struct offer *offer)
{
	struct learned learned;
	learner_run(offering->learner, false, &learned);
	const struct proposal *proposal =
		proposal_choose(offering, &learned, session, question);
	if (proposal != NULL) {
		char *text = rule_print(&proposal->rules.rules[0]);
		offer->rule = xstrdup(text + strlen("allow "));
		offer->asked = proposal->answers;
		free(text);
	}
	learned_finish(&learned);
}

static void offering_finish(struct offering *offering)
{
	learner_destroy(offering->learner);
	rule_index_destroy(offering->index);
	rule_list_finish(&offering->rules);
	while (offering->askers != NULL) {
		struct asker *next = offering->askers->next;
		free((void *)(uintptr_t)offering->askers->subject.program.bytes);
		free((void *)(uintptr_t)offering->askers->subject.script.bytes);
		free(offering->askers);
		offering->askers = next;
	}
}

void offer_find(struct db *db, const struct rule_sources *sources, int64_t session,
	const struct protocol_question *question, struct offer *offer)
{
	int64_t newest[SESSIONS_MAX];
	struct offering offering = {.db = db,
		.sources = sources,
		.variables = places_variables(sources->places),
		.learner = learner_create(time(NULL))};
	*offer = (struct offer){0};
	for (size_t i = 0; i < question->action_count; i++) {
		offering.verbs |= 1u << question->actions[i].verb;
	}
	size_t count =
		rules_load(&offering, session) ? sessions_find(&offering, newest) : 0;
	offering.index = rule_index_create(&offering.rules, &offering.variables);
	(void)learner_add_place(offering.learner, &offering.variables, &offering.rules);
	for (size_t i = 0; i < count; i++) {
		session_add(
			&offering, newest[i], newest[i] == session ? question->id : 0);
	}
	if (offering.questions + 1 >= OFFER_ASKED_MIN && question->chain_count > 0) {
		/* As if it were allowed: what would that be an example of? */
		question_add(&offering, question,
			(struct recorded_action){.verdict = VERDICT_ALLOW,
				.by = RECORDED_BY_PERSON,
				.is_persons = true,
				.session = session,
				.event = 1,
				.question = question->id,
				.count = 1});
		offer_make(&offering, session, question, offer);
	}
	offering_finish(&offering);
}
