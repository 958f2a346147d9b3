/* SPDX-License-Identifier: MIT */
/*
 * Events joined with the processes that made them. Subjects are kept once each: equal
 * program, script, ancestors and facts are one subject.
 */
#include "cli/recordings.h"

#include "base/xalloc.h"
#include "cli/fact_subjects.h"

#include <stdlib.h>
#include <string.h>

enum { TEMPORARY_NAME = 6, ABOVE_MAX = 64 };

/* A subject, found again by what led to it and its own names. */
struct known_subject {
	struct known_subject *next;
	const struct known_subject *parent, *former; /* made it; ran before it */
	struct subject subject;
	struct fact_subjects with_facts;
	struct text above[]; /* ancestors, parent first, and then formers */
};

struct recordings {
	struct db *db;
	struct known_subject *subjects;
	struct known_subject **processes; /* by number; [0]: nothing known */
	size_t process_count, process_capacity;
	int64_t *stored; /* ids of the rules that are still stored */
	size_t stored_count, stored_capacity;
	const char *temporary;
	struct text names[ENDPOINT_NAMES_MAX]; /* of the current action's host */
	char *object; /* of the current action, if it was written anew */
};

static int64_t *add_number(
	int64_t *numbers, size_t count, size_t *capacity, int64_t number)
{
	if (count == *capacity) {
		*capacity = *capacity ? *capacity * 2 : 64;
		numbers = xreallocarray(numbers, *capacity, sizeof(*numbers));
	}
	numbers[count] = number;
	return numbers;
}

/* Ids come in rising order. */
static bool read_stored(struct recordings *recordings, struct error *err)
{
	const struct rule_filter filter = {.all = true};
	struct rule_record rule;
	struct error local = {0};

	if (!db_rules_begin(recordings->db, &filter, err)) {
		return false;
	}
	while (db_rules_next(recordings->db, &rule, &local)) {
		recordings->stored =
			add_number(recordings->stored, recordings->stored_count,
				&recordings->stored_capacity, rule.id);
		recordings->stored_count++;
	}
	return !local.code || error_set(err, local.code, "%s", local.text);
}

static int compare_numbers(const void *a, const void *b)
{
	const int64_t *x = a;
	const int64_t *y = b;

	return *x < *y ? -1 : *x > *y;
}

static bool is_stored(const struct recordings *recordings, int64_t id)
{
	return recordings->stored_count > 0 &&
	       bsearch(&id, recordings->stored, recordings->stored_count, sizeof(id),
		       compare_numbers) != NULL;
}

struct recordings *recordings_open(struct db *db, struct error *err)
{
	struct recordings *recordings = xcalloc(1, sizeof(*recordings));

	recordings->db = db;
	if (!read_stored(recordings, err)) {
		recordings_close(recordings);
		return NULL;
	}
	return recordings;
}

void recordings_close(struct recordings *recordings)
{
	if (!recordings) {
		return;
	}
	while (recordings->subjects) {
		struct known_subject *next = recordings->subjects->next;

		free((void *)(uintptr_t)recordings->subjects->subject.program.bytes);
		free((void *)(uintptr_t)recordings->subjects->subject.script.bytes);
		fact_subjects_finish(&recordings->subjects->with_facts);
		free(recordings->subjects);
		recordings->subjects = next;
	}
	free(recordings->processes);
	free(recordings->stored);
	free(recordings->object);
	free(recordings);
}

/* ---- Subjects ---- */

static size_t at_most(size_t count)
{
	return count < ABOVE_MAX ? count : ABOVE_MAX;
}

/* How many names it runs by: the program's, and that of the script that it interprets. */
static size_t own_count(const struct known_subject *known)
{
	return known->subject.script.length > 0 ? 2 : 1;
}

/* Those of last, and then what was before it. */
static void programs_copy(struct text *to, size_t count,
	const struct known_subject *last, const struct text *before)
{
	const size_t own = own_count(last);

	for (size_t i = 0; i < count; i++) {
		to[i] = i >= own ? before[i - own]
			: i == 0 ? last->subject.program
				 : last->subject.script;
	}
}

/* What its parent was before counts for it as well. */
static struct known_subject *subject_create(const struct known_subject *parent,
	const struct known_subject *former, struct text program, struct text script)
{
	const struct known_subject *last = former ? former : parent;
	size_t ancestors =
		parent ? at_most(parent->subject.ancestor_count + own_count(parent))
		       : 0;
	size_t formers = last ? last->subject.former_count : 0;
	struct known_subject *known;

	formers = former ? at_most(formers + own_count(former)) : formers;
	known = xcalloc(
		1, sizeof(*known) + (ancestors + formers) * sizeof(struct text));
	known->parent = parent;
	known->former = former;
	known->subject = (struct subject){
		.program = {text_copy(program), program.length},
		.script = {text_copy(script), script.length},
		.ancestors = known->above,
		.ancestor_count = ancestors,
		.formers = known->above + ancestors,
		.former_count = formers,
	};
	if (parent) {
		programs_copy(
			known->above, ancestors, parent, parent->subject.ancestors);
	}
	if (former) {
		programs_copy(known->above + ancestors, formers, former,
			former->subject.formers);
	} else if (formers > 0) {
		memcpy(known->above + ancestors, parent->subject.formers,
			formers * sizeof(struct text));
	}
	return known;
}

static struct known_subject *subject_find(struct recordings *recordings,
	const struct known_subject *parent, const struct known_subject *former,
	struct text program, struct text script)
{
	for (struct known_subject *known = recordings->subjects; known;
		known = known->next) {
		if (known->parent == parent && known->former == former &&
			text_equal(known->subject.program, program) &&
			text_equal(known->subject.script, script)) {
			return known;
		}
	}
	struct known_subject *known = subject_create(parent, former, program, script);
	known->next = recordings->subjects;
	recordings->subjects = known;
	return known;
}

static struct known_subject *process_subject(
	const struct recordings *recordings, int64_t number)
{
	return number > 0 && (size_t)number < recordings->process_count
		       ? recordings->processes[number]
		       : NULL;
}

static void put_process(
	struct recordings *recordings, size_t number, struct known_subject *subject)
{
	while (number >= recordings->process_count) {
		if (recordings->process_count == recordings->process_capacity) {
			recordings->process_capacity =
				recordings->process_capacity
					? recordings->process_capacity * 2
					: 64;
			recordings->processes = xreallocarray(recordings->processes,
				recordings->process_capacity,
				sizeof(*recordings->processes));
		}
		recordings->processes[recordings->process_count++] = NULL;
	}
	recordings->processes[number] = subject;
}

static bool read_processes(
	struct recordings *recordings, int64_t session, struct error *err)
{
	struct process_record process;
	struct error local = {0};
	struct text nothing = {"", 0};

	recordings->process_count = 0;
	put_process(
		recordings, 0, subject_find(recordings, NULL, NULL, nothing, nothing));
	if (!db_processes_begin(recordings->db, session, err)) {
		return false;
	}
	while (db_processes_next(recordings->db, &process, &local)) {
		const struct known_subject *parent =
			process_subject(recordings, process.parent);
		const struct known_subject *former =
			process_subject(recordings, process.previous);

		if (process.number > 0) {
			put_process(recordings, (size_t)process.number,
				subject_find(recordings, parent, former,
					process.program, process.script));
		}
	}
	return !local.code || error_set(err, local.code, "%s", local.text);
}

bool recordings_begin(struct recordings *recordings, int64_t session,
	const char *temporary, struct error *err)
{
	const struct event_filter filter = {.session = session};

	recordings->temporary = temporary;
	return read_processes(recordings, session, err) &&
	       db_events_begin(recordings->db, &filter, err);
}

/* ---- Events ---- */

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

/*
 * Where the object lies in the temporary folder that its session had: the same place in
 * the one that stands for {tmp} now. Both are named duenna-XXXXXX.
 */
static struct text in_temporary(struct recordings *recordings, struct text object)
{
	struct text prefix = text_of(recordings->temporary);
	size_t start = text_starts_with(object, "unix:/") ? 5 : 0;
	size_t fixed = prefix.length - TEMPORARY_NAME;

	if (object.length < start + prefix.length ||
		memcmp(object.bytes + start, prefix.bytes, fixed) != 0) {
		return object;
	}
	for (size_t i = fixed; i < prefix.length; i++) {
		if (!is_word(object.bytes[start + i])) {
			return object;
		}
	}
	if (object.length > start + prefix.length &&
		object.bytes[start + prefix.length] != '/') {
		return object;
	}
	free(recordings->object);
	recordings->object = text_copy(object);
	memcpy(recordings->object + start, prefix.bytes, prefix.length);
	return (struct text){recordings->object, object.length};
}

static enum recorded_by recorded_by(const struct event *event)
{
	switch (event->by) {
	case BY_RULE:
		return RECORDED_BY_RULE;
	case BY_PERSON:
		return RECORDED_BY_PERSON;
	case BY_DEFAULT:
		return RECORDED_BY_NOBODY;
	case BY_HEADLESS:
		return RECORDED_BY_HEADLESS;
	case BY_BUILT_IN:
	case BY_COUNT:
		break;
	}
	return RECORDED_BY_BUILT_IN;
}

static void fill(struct recordings *recordings, const struct event *event,
	struct recorded_action *recorded)
{
	struct known_subject *known = process_subject(recordings, event->process);

	known = known ? known : recordings->processes[0];
	*recorded = (struct recorded_action){
		.action = {.verb = event->verb,
			.object = in_temporary(recordings, event->object),
			.argv = event->argv,
			.argc = event->argc,
			.is_folder = (event->flags & EVENT_FOLDER) != 0,
			.ignores_case = (event->flags & EVENT_IGNORES_CASE) != 0},
		.subject =
			fact_subjects_find(&known->with_facts, &known->subject, event),
		.verdict = event->verdict,
		.by = recorded_by(event),
		.rule_text = event->rule_text,
		.session = event->session,
		.event = event->seq,
		.question = event->question,
		.count = 1,
		.vectors = event_vectors(event),
		.is_partial =
			(event->flags & (EVENT_ARGV_MASKED | EVENT_UNREADABLE)) != 0,
		/* Only rules that people stored have a scope. */
		.is_persons = event->by == BY_PERSON ||
			      (event->by == BY_RULE && event->has_scope),
		.is_taken_back = event->rule > 0 && !is_stored(recordings, event->rule),
	};
	recorded->action.asked_as = event->asked_as;
	action_set_endpoint(&recorded->action, recordings->names);
}

bool recordings_next(struct recordings *recordings, struct recorded_action *recorded,
	struct error *err)
{
	struct event event;

	while (db_events_next(recordings->db, &event, err)) {
		bool is_decided = event.verdict != VERDICT_ASK &&
				  !(event.flags & EVENT_WITHDRAWN);

		if (is_decided) {
			fill(recordings, &event, recorded);
			return true;
		}
	}
	return false;
}
