/* SPDX-License-Identifier: MIT */
#include "cli/rules_effect.h"

#include "base/escape.h"
#include "base/xalloc.h"
#include "cli/learn_places.h"
#include "cli/recordings.h"
#include "cli/show.h"
#include "rules/printer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { CHANGES_SHOWN = 15, CHANGES_MAX = 10000 };

struct change {
	char *action; /* owned, safe */
	enum verdict before, after;
	char *rule; /* that decides now; owned, safe */
	int64_t events;
	bool was_denied; /* by a person or a rule, and would be allowed */
};

struct place_effect {
	struct learn_place place;
	struct rule_index *before, *after;
};

struct effect {
	const struct effect_options *options;
	struct db *db;
	struct recordings *recordings;
	struct place_effect **places;
	size_t place_count;
	struct change *changes;
	size_t change_count;
	int64_t sessions, events, changed, unknown, let_through;
	time_t now;
};

/* ---- Places ---- */

static struct rule_index *index_after(
	const struct effect *effect, const struct learn_place *place)
{
	const struct rule_list *added = effect->options->added;
	struct rule_list list = {0};

	for (size_t i = 0; i < place->rules.count; i++) {
		rule_list_copy(&list, &place->rules.rules[i]);
		struct rule *copy = &list.rules[list.count - 1];

		if (copy->origin == ORIGIN_REPOSITORY &&
			effect->options->accepts_repository) {
			copy->origin = ORIGIN_FILE;
		}
	}
	for (size_t i = 0; added && i < added->count; i++) {
		if (added->rules[i].kind != RULE_EXPECT) {
			rule_list_copy(&list, &added->rules[i]);
		}
	}
	struct rule_index *index = rule_index_create(&list, &place->variables);
	rule_list_finish(&list);
	return index;
}

static struct place_effect *find_place(
	struct effect *effect, const char *project, struct error *err)
{
	const struct learn_rules from = {.database = effect->options->database};

	for (size_t i = 0; i < effect->place_count; i++) {
		if (strcmp(effect->places[i]->place.project, project) == 0) {
			return effect->places[i];
		}
	}
	struct place_effect *place = xcalloc(1, sizeof(*place));
	if (!learn_place_init(&place->place, project, &from, err)) {
		free(place);
		return NULL;
	}
	place->before = rule_index_create(&place->place.rules, &place->place.variables);
	place->after = index_after(effect, &place->place);
	effect->places = xreallocarray(
		effect->places, effect->place_count + 1, sizeof(struct place_effect *));
	effect->places[effect->place_count++] = place;
	return place;
}

/* ---- Changes ---- */

static char *action_text(const struct action *action)
{
	char *object = show_object(action->object, action->argv, action->argc, 0);
	char *text = xasprintf("%s %s", verb_name(action->verb), object);

	free(object);
	return text;
}

static char *rule_text(const struct rule *rule)
{
	if (!rule) {
		return xstrdup("no rule");
	}
	char *text = rule_print(rule);
	char *safe = escape_copy(text_of(text));

	free(text);
	return safe;
}

static void add_change(struct effect *effect, const struct recorded_action *recorded,
	const struct rejudged *before, const struct rejudged *after)
{
	char *action = action_text(&recorded->action);
	bool was_denied = back_test_lets_through(recorded, after);

	effect->changed += recorded->count;
	effect->let_through += was_denied ? recorded->count : 0;
	for (size_t i = 0; i < effect->change_count; i++) {
		struct change *change = &effect->changes[i];

		if (change->before == before->after && change->after == after->after &&
			strcmp(change->action, action) == 0) {
			change->events += recorded->count;
			change->was_denied = change->was_denied || was_denied;
			free(action);
			return;
		}
	}
	if (effect->change_count == CHANGES_MAX) {
		free(action); /* counted, but not listed */
		return;
	}
	effect->changes = xreallocarray(
		effect->changes, effect->change_count + 1, sizeof(*effect->changes));
	effect->changes[effect->change_count++] = (struct change){.action = action,
		.before = before->after,
		.after = after->after,
		.rule = rule_text(after->rule),
		.events = recorded->count,
		.was_denied = was_denied};
}

static void judge(struct effect *effect, const struct place_effect *place,
	const struct recorded_action *recorded)
{
	struct rejudged before = back_test_judge(place->before, recorded, effect->now);
	struct rejudged after = back_test_judge(place->after, recorded, effect->now);

	effect->events += recorded->count;
	if (before.outcome == BACK_TEST_UNKNOWN || after.outcome == BACK_TEST_UNKNOWN) {
		effect->unknown += recorded->count;
	} else if (before.after != after.after) {
		add_change(effect, recorded, &before, &after);
	}
}

static bool judge_session(
	struct effect *effect, int64_t session, const char *project, struct error *err)
{
	struct place_effect *place = find_place(effect, project, err);
	struct recorded_action recorded;
	struct error local = {0};

	if (!place || !recordings_begin(effect->recordings, session,
			      place->place.variables.temporary, err)) {
		return false;
	}
	effect->sessions++;
	while (recordings_next(effect->recordings, &recorded, &local)) {
		judge(effect, place, &recorded);
	}
	return !local.code || error_set(err, local.code, "%s", local.text);
}

/* ---- All sessions ---- */

struct listed {
	int64_t id;
	char *project;
};

static size_t list_sessions(
	const struct effect *effect, struct listed **list, struct error *err)
{
	const char *only = effect->options->project;
	struct session_record session;
	size_t count = 0;

	*list = NULL;
	if (!db_sessions_begin(effect->db, err)) {
		return 0;
	}
	while (db_sessions_next(effect->db, &session, err)) {
		if (only && !text_equal_string(session.project, only)) {
			continue;
		}
		*list = xreallocarray(*list, count + 1, sizeof(**list));
		(*list)[count++] =
			(struct listed){session.id, text_copy(session.project)};
	}
	return count;
}

static bool judge_all(struct effect *effect, struct error *err)
{
	struct listed *list;
	size_t count = list_sessions(effect, &list, err);
	bool is_good = !err->code;

	for (size_t i = 0; i < count; i++) {
		is_good = is_good &&
			  judge_session(effect, list[i].id, list[i].project, err);
		free(list[i].project);
	}
	free(list);
	return is_good;
}

/* ---- Output ---- */

/* What was denied and would be allowed first, then other loosening, then by number. */
static int change_compare(const void *a, const void *b)
{
	const struct change *x = a;
	const struct change *y = b;
	bool x_allows = x->after == VERDICT_ALLOW;
	bool y_allows = y->after == VERDICT_ALLOW;

	if (x->was_denied != y->was_denied) {
		return x->was_denied ? -1 : 1;
	}
	if (x_allows != y_allows) {
		return x_allows ? -1 : 1;
	}
	return x->events != y->events ? (x->events > y->events ? -1 : 1)
				      : strcmp(x->action, y->action);
}

static void print_change(const struct change *change)
{
	char events[SHOW_SIZE];

	(void)printf("  %-5s -> %-5s  %s (%s)%s\n                  by %s\n",
		verdict_name(change->before), verdict_name(change->after),
		change->action, show_count(change->events, "event", events),
		change->was_denied ? ": it was DENIED" : "", change->rule);
}

static void print_effect(struct effect *effect)
{
	char events[SHOW_SIZE], sessions[SHOW_SIZE];

	if (effect->sessions == 0) {
		(void)puts("Nothing is recorded here: what they would change cannot be "
			   "said.");
		return;
	}
	(void)printf("In %s with %s, %" PRId64 " would come out otherwise",
		show_count(effect->sessions, "recorded session", sessions),
		show_count(effect->events, "event", events), effect->changed);
	(void)printf("; %" PRId64 " that were denied would be allowed.\n",
		effect->let_through);
	if (effect->change_count > 0) {
		qsort(effect->changes, effect->change_count, sizeof(struct change),
			change_compare);
	}
	for (size_t i = 0; i < effect->change_count && i < CHANGES_SHOWN; i++) {
		print_change(&effect->changes[i]);
	}
	if (effect->change_count > CHANGES_SHOWN) {
		(void)printf("  and %zu more\n", effect->change_count - CHANGES_SHOWN);
	}
	if (effect->unknown > 0) {
		(void)printf("%" PRId64 " events cannot be judged again.\n",
			effect->unknown);
	}
}

static void finish(struct effect *effect)
{
	for (size_t i = 0; i < effect->place_count; i++) {
		rule_index_destroy(effect->places[i]->before);
		rule_index_destroy(effect->places[i]->after);
		learn_place_finish(&effect->places[i]->place);
		free(effect->places[i]);
	}
	for (size_t i = 0; i < effect->change_count; i++) {
		free(effect->changes[i].action);
		free(effect->changes[i].rule);
	}
	free(effect->places);
	free(effect->changes);
	recordings_close(effect->recordings);
	db_close(effect->db);
}

bool rules_effect_print(const struct effect_options *options, struct error *err)
{
	struct effect effect = {.options = options, .now = time(NULL)};
	struct error local = {0};

	effect.db = db_open(options->database, DB_READ, &local);
	if (!effect.db && local.code == ERROR_NOT_FOUND) {
		print_effect(&effect); /* nothing was recorded yet */
		return true;
	}
	bool is_good = effect.db != NULL;
	if (is_good) {
		effect.recordings = recordings_open(effect.db, &local);
		is_good = effect.recordings && judge_all(&effect, &local);
	}
	if (is_good) {
		print_effect(&effect);
	}
	finish(&effect);
	return is_good || error_set(err, local.code, "%s", local.text);
}
