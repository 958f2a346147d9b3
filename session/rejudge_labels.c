/* SPDX-License-Identifier: MIT */
#include "session/rejudge_labels.h"

#include "base/xalloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct taken_label {
	int64_t process;
	char *name;
};

bool rejudge_labels_load(struct rejudge_labels *labels, struct db *db, int64_t session,
	struct error *err)
{
	struct label_record record;
	struct error local = {0};
	if (!db_labels_begin(db, session, err)) {
		return false;
	}
	while (db_labels_next(db, &record, &local)) {
		if (labels->taken_count == labels->taken_capacity) {
			labels->taken_capacity = labels->taken_capacity * 2 + 16;
			labels->taken = xreallocarray(labels->taken,
				labels->taken_capacity, sizeof(*labels->taken));
		}
		labels->taken[labels->taken_count++] =
			(struct taken_label){record.process, text_copy(record.label)};
	}
	return local.code == 0 || error_set(err, local.code, "%s", local.text);
}

void rejudge_labels_finish(struct rejudge_labels *labels)
{
	for (size_t i = 0; i < labels->taken_count; i++) {
		free(labels->taken[i].name);
	}
	free(labels->taken);
	*labels = (struct rejudge_labels){0};
}

static bool was_touched(const struct rejudge_labels *labels, struct text name)
{
	for (size_t i = 0; i < labels->touched_count; i++) {
		if (text_equal_string(name, labels->touched[i])) {
			return true;
		}
	}
	return false;
}

bool rejudge_labels_hold(
	const struct rejudge_labels *labels, const struct recorded_facts *facts)
{
	bool hold = !labels->are_doubtful;
	for (size_t i = 0; i < facts->label_count && hold; i++) {
		hold = was_touched(labels, facts->labels[i]);
	}
	return hold;
}

static bool was_carried(const struct recorded_facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->label_count; i++) {
		if (text_equal_string(facts->labels[i], name)) {
			return true;
		}
	}
	return false;
}

static int compare_processes(const void *key, const void *element)
{
	const int64_t process = *(const int64_t *)key;
	const struct taken_label *taken = element;
	return process < taken->process ? -1 : process > taken->process;
}

static bool was_taken(
	const struct rejudge_labels *labels, int64_t process, const char *name)
{
	const struct taken_label *end = labels->taken + labels->taken_count;
	const struct taken_label *taken =
		labels->taken_count == 0
			? NULL
			: bsearch(&process, labels->taken, labels->taken_count,
				  sizeof(*taken), compare_processes);
	while (taken != NULL && taken > labels->taken && taken[-1].process == process) {
		taken--;
	}
	for (; taken != NULL && taken < end && taken->process == process; taken++) {
		if (strcmp(taken->name, name) == 0) {
			return true;
		}
	}
	return false;
}

static void touched_add(struct rejudge_labels *labels, const char *name)
{
	if (was_touched(labels, text_of(name))) {
		return;
	}
	if (labels->touched_count == LABELS_MAX) {
		labels->are_doubtful = true;
		return;
	}
	labels->touched[labels->touched_count++] = name;
}

/* As session/label_flow.c has it: what is read is taken, what is renamed stays labelled. */
static bool takes_in(enum verb verb)
{
	return verb == VERB_READ || verb == VERB_EXEC || verb == VERB_CONNECT ||
	       verb == VERB_LISTEN || verb == VERB_INSPECT || verb == VERB_MCP;
}

static void action_note(struct rejudge_labels *labels, const struct rule_index *index,
	const struct action *action, const struct event *event,
	const struct recorded_facts *facts)
{
	const char *names[LABELS_MAX];
	if (!takes_in(action->verb) && action->verb != VERB_DELETE) {
		return;
	}
	size_t count = rule_index_labels(index, action, names, LABELS_MAX);
	while (count > 0) {
		const char *name = names[--count];
		touched_add(labels, name);
		labels->are_doubtful |= takes_in(action->verb) &&
					!was_carried(facts, name) &&
					!was_taken(labels, event->process, name);
	}
}

/* Labelled files in a folder that is moved keep their labels under their new names. */
static void move_note(struct rejudge_labels *labels, const struct rule_index *index,
	const struct action *from, const struct request *request)
{
	const char *names[LABELS_MAX];
	for (size_t i = 0; i < request->action_count; i++) {
		const struct action *to = &request->actions[i];
		size_t count =
			to->verb == VERB_WRITE
				? rule_index_labels_below(index, action_folder(from),
					  action_folder(to), names, LABELS_MAX)
				: 0;
		while (count > 0) {
			touched_add(labels, names[--count]);
		}
	}
}

/*
 * What was denied and would be allowed gives labels that were not recorded; what was
 * allowed and would be denied does not give those that were.
 */
static void other_note(struct rejudge_labels *labels, const struct rule_index *index,
	const struct action *action, const struct event *event,
	const struct recorded_facts *facts)
{
	const char *names[LABELS_MAX];
	const size_t count =
		takes_in(action->verb) || action->verb == VERB_DELETE
			? rule_index_labels(index, action, names, LABELS_MAX)
			: 0;
	for (size_t i = 0; i < count; i++) {
		labels->are_doubtful |= event->verdict == VERDICT_ALLOW ||
					!was_carried(facts, names[i]);
	}
	labels->are_doubtful |= action->verb == VERB_DELETE && action->is_folder;
}

void rejudge_labels_note(struct rejudge_labels *labels, const struct rule_index *index,
	const struct rejudged_request *rejudged, const struct recorded_facts *facts)
{
	const struct request *request = rejudged->request;
	for (size_t i = 0; i < request->action_count; i++) {
		const struct action *action = &request->actions[i];
		const struct event *event = &rejudged->records[i].event;
		if (event->error == ENOENT) {
			continue; /* a name that led nowhere gave nothing away */
		}
		if (rejudged->may_differ[i]) {
			other_note(labels, index, action, event, facts);
		} else if (event->verdict == VERDICT_ALLOW) {
			action_note(labels, index, action, event, facts);
			if (action->verb == VERB_DELETE && action->is_folder) {
				move_note(labels, index, action, request);
			}
		}
	}
}
