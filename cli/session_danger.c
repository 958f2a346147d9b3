/* SPDX-License-Identifier: MIT */
#include "cli/session_danger.h"

#include "base/xalloc.h"
#include "cli/show.h"
#include "rules/danger.h"
#include "session/recorded_places.h"

#include <stdlib.h>
#include <string.h>

enum { DANGERS_MAX = 5, OBJECT_ROOM_MIN = 24 };

/* Objects of the same kind: one verb, one warning, one end. */
struct danger_group {
	int rank; /* the lower, the nearer */
	enum verb verb;
	enum verdict verdict;
	const char *note; /* static; NULL: none */
	char *object;	  /* the first one, as it is shown before it is made safe */
	int64_t objects;
};

struct nearest {
	struct places places;
	struct danger_group groups[DANGERS_MAX]; /* by rank, then as they came */
	size_t count;
};

/* Done is nearer than asked, asked nearer than denied; without a warning, the stricter. */
static int rank_of(enum verdict verdict, bool has_note)
{
	static const int noted[VERDICT_COUNT] = {
		[VERDICT_ALLOW] = 0,
		[VERDICT_ASK] = 1,
		[VERDICT_DENY] = 2,
		[VERDICT_FORBID] = 3,
	};
	static const int plain[VERDICT_COUNT] = {
		[VERDICT_FORBID] = 4,
		[VERDICT_DENY] = 5,
		[VERDICT_ASK] = 6,
		[VERDICT_ALLOW] = 7,
	};

	return has_note ? noted[verdict] : plain[verdict];
}

static void group_insert(struct nearest *nearest, const struct danger_group *group)
{
	size_t at = nearest->count;

	while (at > 0 && nearest->groups[at - 1].rank > group->rank) {
		at--;
	}
	if (at == DANGERS_MAX) {
		free(group->object);
		return;
	}
	if (nearest->count == DANGERS_MAX) {
		free(nearest->groups[--nearest->count].object);
	}
	memmove(&nearest->groups[at + 1], &nearest->groups[at],
		(nearest->count - at) * sizeof(*group));
	nearest->groups[at] = *group;
	nearest->count++;
}

static void object_add(
	struct nearest *nearest, const struct danger_group *found, struct text object)
{
	for (size_t i = 0; i < nearest->count; i++) {
		struct danger_group *group = &nearest->groups[i];

		if (group->verb == found->verb && group->verdict == found->verdict &&
			group->note == found->note) {
			group->objects++;
			return;
		}
	}
	struct danger_group group = *found;
	group.objects = 1;
	group.object = nearest->places.home != NULL
			       ? places_shorten(&nearest->places, object)
			       : text_copy(object);
	group_insert(nearest, &group);
}

/* was_asked: what was allowed counts although nothing warns of it. */
static void consider(struct nearest *nearest, enum verb verb, enum verdict verdict,
	struct text object, bool was_asked)
{
	const struct rule_variables variables = places_variables(&nearest->places);
	struct text names[ENDPOINT_NAMES_MAX];
	struct action action = {.verb = verb, .object = object, .asked_as = object};

	action_set_endpoint(&action, names);
	const char *note = danger_note(&action, &variables);
	if (note == NULL && verdict == VERDICT_ALLOW && !was_asked) {
		return;
	}
	const struct danger_group found = {.rank = rank_of(verdict, note != NULL),
		.verb = verb,
		.verdict = verdict,
		.note = note};
	object_add(nearest, &found, object);
}

static bool events_read(
	struct nearest *nearest, struct db *db, int64_t session, struct error *err)
{
	const struct event_filter filter = {.session = session};
	struct object_count object;
	struct error local = {0};

	if (!db_objects_begin(db, &filter, err)) {
		return false;
	}
	while (db_objects_next(db, &object, &local)) {
		consider(nearest, object.verb, object.verdict, object.object, false);
	}
	return local.code == 0 || error_set(err, local.code, "%s", local.text);
}

/* What was denied, or is not answered, is among the events as well. */
static bool questions_read(
	struct nearest *nearest, struct db *db, int64_t session, struct error *err)
{
	const struct rule_variables variables = places_variables(&nearest->places);
	struct question_record question;
	struct error local = {0};

	if (!db_questions_begin(db, session, err)) {
		return false;
	}
	while (db_questions_next(db, &question, &local)) {
		const struct action action = {
			.verb = question.verb, .object = question.object};

		if (question.answered && question.verdict == VERDICT_ALLOW &&
			danger_note(&action, &variables) == NULL) {
			consider(nearest, question.verb, question.verdict,
				question.object, true);
		}
	}
	return local.code == 0 || error_set(err, local.code, "%s", local.text);
}

static void group_print(FILE *out, const struct danger_group *group)
{
	static const char *const ends[VERDICT_COUNT] = {
		[VERDICT_ALLOW] = "allowed",
		[VERDICT_ASK] = "asked",
		[VERDICT_DENY] = "denied",
		[VERDICT_FORBID] = "forbidden",
	};
	char *rest = group->objects > 1 ? xasprintf(" and %lld more",
						  (long long)(group->objects - 1))
					: xstrdup("");
	const size_t width = show_width();
	const size_t taken = strlen("  forbidden  connect ") + strlen(rest) +
			     (group->note != NULL ? strlen(group->note) + 2 : 0);
	char *object = show_text(text_of(group->object),
		width == 0			  ? 0
		: width > taken + OBJECT_ROOM_MIN ? width - taken
						  : OBJECT_ROOM_MIN);

	(void)fprintf(out, "  %-9s  %-7s %s%s%s%s\n", ends[group->verdict],
		verb_name(group->verb), object, rest, group->note != NULL ? ": " : "",
		group->note != NULL ? group->note : "");
	free(object);
	free(rest);
}

bool session_danger_print(FILE *out, struct db *db,
	const struct session_record *session, struct error *err)
{
	struct nearest nearest = {0};
	const bool has_places = recorded_places_read(session, &nearest.places);
	const bool is_good = events_read(&nearest, db, session->id, err) &&
			     questions_read(&nearest, db, session->id, err);

	if (is_good && nearest.count > 0) {
		(void)fputs("\nNearest to danger\n", out);
	}
	for (size_t i = 0; i < nearest.count; i++) {
		if (is_good) {
			group_print(out, &nearest.groups[i]);
		}
		free(nearest.groups[i].object);
	}
	if (has_places) {
		places_forget(&nearest.places);
	}
	return is_good;
}
