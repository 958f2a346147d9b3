/* SPDX-License-Identifier: MIT */
#include "session/rejudge.h"

#include "base/xalloc.h"
#include "session/judge.h"
#include "session/recorded_facts.h"
#include "session/recorded_places.h"
#include "session/recorded_tree.h"
#include "session/rejudge_labels.h"
#include "session/rule_use.h"

#include <jansson.h>

#include <stdlib.h>
#include <time.h>

/* The actions of one call, copied where a call has to be judged as a whole. */
struct pending {
	struct request request;
	struct action_record actions[REQUEST_ACTIONS_MAX];
	struct text names[REQUEST_ACTIONS_MAX][ENDPOINT_NAMES_MAX];
	char *objects[REQUEST_ACTIONS_MAX];
	bool may_differ[REQUEST_ACTIONS_MAX]; /* in how they end */
};

struct rejudge {
	int64_t session;
	struct places places;
	bool has_places;
	struct rule_sources sources;
	struct judge judge;
	struct rule_use *use;
	struct recorded_tree tree;
	struct recorded_facts facts;
	struct rejudge_labels labels;
	struct pending pending;
	struct rejudge_totals totals;
	rejudge_report_fn *report;
	void *context;
	time_t now;
};

static bool places_load(struct rejudge *rejudge, const struct session_record *session,
	const struct rejudge_options *options, struct error *err)
{
	rejudge->has_places = recorded_places_read(session, &rejudge->places);
	if (rejudge->has_places) {
		return true;
	}
	char *project =
		session->project.length > 0 ? text_copy(session->project) : NULL;
	const struct session_options as_if = {
		.ask = ASK_DENY, .project = project, .database = options->database};
	bool found = places_find(&as_if, &rejudge->places, err);
	free(project);
	return found;
}

struct rejudge *rejudge_create(const struct session_record *session,
	const struct rejudge_options *options, struct error *err)
{
	struct rejudge *rejudge = xcalloc(1, sizeof(*rejudge));
	rejudge->session = session->id;
	rejudge->now = time(NULL);
	rejudge->sources = (struct rule_sources){
		.places = &rejudge->places,
		.database = options->database,
		.rule_files = options->rule_files,
		.profiles = options->profiles,
		.no_default_profiles = options->no_default_profiles,
	};
	rejudge->judge.places = &rejudge->places;
	if (!places_load(rejudge, session, options, err) ||
		!rule_sources_load(&rejudge->sources, err)) {
		rejudge_destroy(rejudge);
		return NULL;
	}
	rejudge->judge.main = rule_sources_compile(&rejudge->sources, true, err);
	rule_sources_find_links(&rejudge->sources);
	rejudge->judge.links = &rejudge->sources.links;
	rejudge->use = rejudge->judge.main != NULL
			       ? rule_use_create(&rejudge->sources, err)
			       : NULL;
	if (rejudge->use == NULL) {
		rejudge_destroy(rejudge);
		return NULL;
	}
	return rejudge;
}

void rejudge_destroy(struct rejudge *rejudge)
{
	if (rejudge == NULL) {
		return;
	}
	for (size_t i = 0; i < REQUEST_ACTIONS_MAX; i++) {
		free(rejudge->pending.objects[i]);
	}
	recorded_facts_finish(&rejudge->facts);
	recorded_tree_finish(&rejudge->tree);
	rejudge_labels_finish(&rejudge->labels);
	rule_use_destroy(rejudge->use);
	judge_finish(&rejudge->judge);
	rule_sources_finish(&rejudge->sources);
	if (rejudge->has_places) {
		places_forget(&rejudge->places);
	} else {
		places_finish(&rejudge->places);
	}
	free(rejudge);
}

bool rejudge_has_places(const struct rejudge *rejudge)
{
	return rejudge->has_places;
}

const struct rejudge_totals *rejudge_totals(const struct rejudge *rejudge)
{
	return &rejudge->totals;
}

const struct rule *rejudge_unmatched(const struct rejudge *rejudge, size_t index)
{
	return rule_use_unmatched(rejudge->use, index);
}

/*
 * Answers for less than a project ended with their session: what they decided, a person
 * decided, and a new run would ask again.
 */
static bool was_asked(const struct event *event)
{
	switch (event->by) {
	case BY_PERSON:
	case BY_DEFAULT:
	case BY_HEADLESS:
		return true;
	case BY_RULE:
		return event->question != 0 || event->verdict == VERDICT_ASK ||
		       (event->has_scope && event->scope <= SCOPE_SESSION);
	case BY_BUILT_IN:
	case BY_COUNT:
		break;
	}
	return false;
}

static bool is_denial(enum verdict verdict)
{
	return verdict == VERDICT_DENY || verdict == VERDICT_FORBID;
}

static void totals_add(
	struct rejudge_totals *totals, const struct rejudged_action *rejudged)
{
	bool asks = rejudged->now == VERDICT_ASK;
	totals->different++;
	totals->asks_saved += rejudged->was_asked && !asks;
	totals->newly_asked += !rejudged->was_asked && asks;
	totals->newly_denied += !is_denial(rejudged->then) && is_denial(rejudged->now);
	totals->newly_allowed +=
		is_denial(rejudged->then) && rejudged->now == VERDICT_ALLOW;
}

static bool action_report(
	struct rejudge *rejudge, struct rejudged_action *rejudged, struct error *err)
{
	struct rejudge_totals *totals = &rejudge->totals;
	if (rejudged->obstacle != NULL) {
		totals->not_judged++;
		return rejudge->report(rejudge->context, rejudged, err);
	}
	totals->judged++;
	enum verdict then = rejudged->was_asked ? VERDICT_ASK : rejudged->then;
	if (then == rejudged->now) {
		return true;
	}
	totals_add(totals, rejudged);
	return rejudge->report(rejudge->context, rejudged, err);
}

static void result_fill(
	struct rejudged_action *rejudged, const struct judged_action *action)
{
	rejudged->now = action->verdict;
	if (action->rule != NULL) {
		rejudged->rule = rule_set_text(action->set, action->rule);
		rejudged->source = text_of(action->rule->source);
	}
}

static const char *missing_words(unsigned facts)
{
	if ((facts & FACT_CODE) != 0) {
		return "it was not recorded what code it came from";
	}
	if ((facts & FACT_MCP) != 0) {
		return "it was not recorded what MCP tool was being called";
	}
	return facts != 0 ? "it was not recorded what labels the process carried"
			  : NULL;
}

/* Whether the rules tell TCP from UDP here, which recordings do not. */
static bool depends_on_transport(
	struct rejudge *rejudge, struct action *action, const struct subject *subject)
{
	const struct rule_index *index = rejudge->judge.main->index;
	enum endpoint_family family = action->endpoint.family;
	if (family != ENDPOINT_IPV4 && family != ENDPOINT_IPV6) {
		return false;
	}
	action->endpoint.transport = TRANSPORT_UDP;
	enum verdict udp =
		rule_index_judge(index, action, subject, rejudge->now).verdict;
	action->endpoint.transport = TRANSPORT_TCP;
	return rule_index_judge(index, action, subject, rejudge->now).verdict != udp;
}

/* Why what the rules say of the index-th action cannot be relied on; NULL: it can. */
static const char *obstacle_find(struct rejudge *rejudge, size_t at,
	const struct judged_action *judged, const struct subject *subject)
{
	struct pending *pending = &rejudge->pending;
	if ((pending->actions[at].event.flags & EVENT_ARGV_MASKED) != 0) {
		return "a secret in its arguments was masked";
	}
	if (depends_on_transport(rejudge, &pending->request.actions[at], subject)) {
		return "it was not recorded whether it was TCP or UDP";
	}
	return missing_words(judged->facts_missing);
}

/* What Duenna refuses whatever the rules say. */
static bool is_beyond_rules(const struct action_record *action)
{
	return action->event.by == BY_BUILT_IN && !action->has_rule;
}

/* A person who was asked would answer the same again. */
static bool may_end_otherwise(const struct rejudged_action *rejudged)
{
	if (rejudged->obstacle != NULL) {
		return true;
	}
	return rejudged->now == VERDICT_ASK
		       ? !rejudged->was_asked
		       : is_denial(rejudged->now) != is_denial(rejudged->then);
}

static bool action_finish(struct rejudge *rejudge, size_t at,
	const struct judged *judged, const struct subject *subject, struct error *err)
{
	const struct action_record *action = &rejudge->pending.actions[at];
	struct rejudged_action rejudged = {
		.seq = action->event.seq,
		.was_asked = was_asked(&action->event),
		.then = action->event.verdict,
		.now = action->event.verdict,
	};
	bool *may_differ = &rejudge->pending.may_differ[at];
	*may_differ = false;
	if (is_beyond_rules(action)) {
		return action_report(rejudge, &rejudged, err);
	}
	if (judged == NULL) {
		*may_differ = true;
		rejudged.obstacle = "it was not recorded which process did it";
		return action_report(rejudge, &rejudged, err);
	}
	rejudged.obstacle = obstacle_find(rejudge, at, &judged->actions[at], subject);
	result_fill(&rejudged, &judged->actions[at]);
	*may_differ = may_end_otherwise(&rejudged);
	if (judged->actions[at].is_below) {
		rule_use_note_rule(rejudge->use, judged->actions[at].rule);
	}
	rule_use_note(rejudge->use, rejudge->judge.main->index,
		&rejudge->pending.request.actions[at], subject, rejudge->now);
	return action_report(rejudge, &rejudged, err);
}

static bool pending_judge(struct rejudge *rejudge, struct error *err)
{
	struct pending *pending = &rejudge->pending;
	struct request *request = &pending->request;
	const struct event *event = &pending->actions[0].event;
	struct subject subject;
	struct judged *judged = NULL;
	bool is_good = true;
	if (recorded_tree_subject(&rejudge->tree, event->process, &subject)) {
		recorded_facts_apply(&rejudge->facts, &subject);
		if (!rejudge_labels_hold(&rejudge->labels, &rejudge->facts)) {
			subject.facts_known &= ~(unsigned)FACT_LABELS;
		}
		judged = judge_request_of(
			&rejudge->judge, request, &subject, rejudge->now);
	}
	for (size_t i = 0; i < request->action_count && is_good; i++) {
		is_good = action_finish(rejudge, i, judged, &subject, err);
	}
	if (judged != NULL) {
		judge_release(&rejudge->judge, judged);
	}
	const struct rejudged_request rejudged = {
		request, pending->actions, pending->may_differ};
	rejudge_labels_note(&rejudge->labels, rejudge->judge.main->index, &rejudged,
		&rejudge->facts);
	request->action_count = 0;
	return is_good;
}

/* A move of a folder depends on its other end: its actions are judged together. */
static bool belongs_to_move(const struct event *event)
{
	return text_starts_with(event->syscall, "rename");
}

static void pending_add(struct rejudge *rejudge, const struct action_record *recorded)
{
	struct pending *pending = &rejudge->pending;
	size_t at = pending->request.action_count++;
	struct action_record *action = &pending->actions[at];
	*action = *recorded;
	pending->request.syscall_name = "";
	if (at == 0) {
		recorded_facts_read(&rejudge->facts, &recorded->event);
	}
	if (belongs_to_move(&recorded->event)) {
		free(pending->objects[at]);
		pending->objects[at] = text_copy(recorded->event.object);
		action->event.object.bytes = pending->objects[at];
		action->event.asked_as = (struct text){0};
		pending->request.syscall_name = "rename";
	}
	recorded_facts_action(
		&pending->request.actions[at], &action->event, pending->names[at]);
}

static bool action_take(
	struct rejudge *rejudge, const struct action_record *action, struct error *err)
{
	struct request *request = &rejudge->pending.request;
	bool goes_on = request->action_count > 0 &&
		       request->action_count < REQUEST_ACTIONS_MAX &&
		       rejudge->pending.actions[0].event.call == action->event.call;
	if (request->action_count > 0 && !goes_on && !pending_judge(rejudge, err)) {
		return false;
	}
	pending_add(rejudge, action);
	return belongs_to_move(&action->event) || pending_judge(rejudge, err);
}

bool rejudge_run(struct rejudge *rejudge, struct db *db, rejudge_report_fn *report,
	void *context, struct error *err)
{
	struct action_record action;
	struct error local = {0};
	rejudge->report = report;
	rejudge->context = context;
	if (!recorded_tree_load(&rejudge->tree, db, rejudge->session, err) ||
		!rejudge_labels_load(&rejudge->labels, db, rejudge->session, err) ||
		!db_actions_begin(db, rejudge->session, err)) {
		return false;
	}
	bool is_good = true;
	while (is_good && db_actions_next(db, &action, &local)) {
		is_good = action_take(rejudge, &action, err);
	}
	if (local.code != 0) {
		return error_set(err, local.code, "%s", local.text);
	}
	return is_good && (rejudge->pending.request.action_count == 0 ||
				  pending_judge(rejudge, err));
}

bool rejudge_reads_were_sealed(const struct session_record *session)
{
	json_t *options =
		json_loadb(session->options.bytes, session->options.length, 0, NULL);
	const char *reads = json_string_value(json_object_get(options, "reads"));
	bool were_sealed = reads != NULL && strcmp(reads, "sealed") == 0;
	json_decref(options);
	return were_sealed;
}
