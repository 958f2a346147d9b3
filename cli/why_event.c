/* SPDX-License-Identifier: MIT */
#include "cli/why_event.h"

#include "base/xalloc.h"
#include "cli/event_json.h"
#include "cli/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool name_parse(const char *name, int64_t *session, int64_t *event)
{
	int used = 0;

	return sscanf(name, "%" SCNd64 ".%" SCNd64 "%n", session, event, &used) == 2 &&
	       name[used] == '\0' && *session > 0 && *event > 0;
}

/* The event stays that of the database's cursor. */
static bool event_read(
	struct why_event *why, int64_t session, int64_t number, struct error *err)
{
	const struct event_filter filter = {.session = session, .after = number - 1};

	if (!db_events_begin(why->db, &filter, err)) {
		return false;
	}
	if (db_events_next(why->db, &why->event, err) && why->event.seq == number) {
		return true;
	}
	if (err->code == 0) {
		error_set(err, ERROR_NOT_FOUND,
			"session %" PRId64 " has no event %" PRId64, session, number);
	}
	return false;
}

bool why_event_init(struct why_event *why, const char *database, const char *name,
	struct error *err)
{
	int64_t session;
	int64_t number;

	*why = (struct why_event){0};
	if (!name_parse(name, &session, &number)) {
		return error_set(err, ERROR_SYNTAX,
			"an event is SESSION.NUMBER, as in: duenna why event 3.17");
	}
	why->db = db_open(database, DB_READ, err);
	if (!why->db || !recorded_tree_load(&why->tree, why->db, session, err) ||
		!event_read(why, session, number, err)) {
		why_event_finish(why);
		return false;
	}
	recorded_facts_read(&why->facts, &why->event);
	recorded_facts_action(&why->action, &why->event, why->names);
	if (!recorded_tree_subject(&why->tree, why->event.process, &why->subject)) {
		why->subject = (struct subject){
			.pid = why->event.pid, .program = why->event.program};
	}
	recorded_facts_apply(&why->facts, &why->subject);
	return true;
}

void why_event_finish(struct why_event *why)
{
	recorded_facts_finish(&why->facts);
	recorded_tree_finish(&why->tree);
	db_close(why->db);
	*why = (struct why_event){0};
}

static const char *field_of(const json_t *frame, const char *name, const char *other)
{
	const char *value = json_string_value(json_object_get(frame, name));

	return value ? value : other;
}

/* "FILE:LINE FUNCTION", "FUNCTION+OFFSET FILE"; owned. */
static char *frame_words(const json_t *frame)
{
	const char *file = field_of(frame, "file", "");
	const json_t *line = json_object_get(frame, "line");

	if (line) {
		return xasprintf("%s:%" JSON_INTEGER_FORMAT " %s%s", file,
			json_integer_value(line), field_of(frame, "function", "?"),
			json_is_true(json_object_get(frame, "generated"))
				? " (generated code)"
				: "");
	}
	return xasprintf("%s+0x%" PRIx64 " %s%s", field_of(frame, "function", "?"),
		(uint64_t)json_integer_value(json_object_get(frame, "offset")), file,
		json_is_true(json_object_get(frame, "guessed")) ? " (guessed)" : "");
}

static void line_print(const char *indent, struct text line)
{
	char *safe = show_text(line, 0);

	(void)printf("%s%s\n", indent, safe);
	free(safe);
}

static void source_print(const char *source)
{
	while (*source != '\0') {
		size_t length = strcspn(source, "\n");
		line_print("        ", (struct text){source, length});
		source += length + (source[length] == '\n');
	}
}

static void stack_print(const struct event *event)
{
	json_t *stack = event_stack_json(event);

	if (json_array_size(stack) > 0) {
		(void)puts("Called from:");
	}
	for (size_t i = 0; i < json_array_size(stack); i++) {
		const json_t *frame = json_array_get(stack, i);
		char *words = frame_words(frame);
		line_print("    ", text_of(words));
		source_print(field_of(frame, "source", ""));
		free(words);
	}
	json_decref(stack);
}

void why_event_print(const struct why_event *why)
{
	char when[SHOW_SIZE];
	const struct event *event = &why->event;
	char *program = show_text(event->program, 0);
	char *decider = show_decider(event, 0);

	(void)printf("Recorded %s: %s by %s (%d), decided by %s.\n",
		show_date(event->time, when), verdict_name(event->verdict), program,
		event->pid, decider);
	free(decider);
	free(program);
	stack_print(event);
	(void)puts("\nBy the rules that a new session would have here:");
}
