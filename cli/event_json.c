/* SPDX-License-Identifier: MIT */
/* The fields of docs/events.md. */
#include "cli/event_json.h"

#include "base/xalloc.h"
#include "cli/show.h"
#include "session/protocol.h"
#include "session/stack_merge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NANOSECONDS = 1000000000 };

static const struct {
	unsigned flag;
	const char *name;
} flag_names[] = {
	{EVENT_CODE_UNTAKEN, "code_untaken"},
	{EVENT_NATIVE_UNTAKEN, "native_untaken"},
	{EVENT_MCP_UNTAKEN, "mcp_untaken"},
	{EVENT_LABELS_UNTAKEN, "labels_untaken"},
	{EVENT_ARGV_MASKED, "argv_masked"},
	{EVENT_WITHDRAWN, "withdrawn"},
	{EVENT_UNREADABLE, "unreadable"},
	{EVENT_FOLDER, "folder"},
	{EVENT_IGNORES_CASE, "ignores_case"},
};

static void set(json_t *object, const char *key, json_t *value)
{
	(void)json_object_set_new(object, key, value); /* fails only without memory */
}

static json_t *text_or_null(struct text text)
{
	return text.length ? protocol_text(text) : json_null();
}

/* Nanoseconds do not fit a JSON number of most readers; "2026-01-31T08:04:16.000000001Z"
 */
static json_t *time_json(int64_t nanoseconds)
{
	char date[40], whole[64];
	time_t seconds = (time_t)(nanoseconds / NANOSECONDS);
	struct tm parts;

	if (nanoseconds == 0 || !gmtime_r(&seconds, &parts)) {
		return json_null();
	}
	(void)strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &parts);
	(void)snprintf(whole, sizeof(whole), "%s.%09dZ", date,
		(int)(nanoseconds % NANOSECONDS));
	return json_string(whole);
}

static json_t *list_json(const struct text *texts, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		(void)json_array_append_new(list, protocol_text(texts[i]));
	}
	return list;
}

/* JSON that was stored as text; null if it was not taken. */
static json_t *stored_json(struct text text)
{
	json_t *value =
		text.length ? json_loadb(text.bytes, text.length, JSON_DECODE_ANY, NULL)
			    : NULL;

	return value ? value : json_null();
}

static json_t *labels_json(struct text labels)
{
	json_t *list = json_array();
	const char *next = labels.bytes, *end = labels.bytes + labels.length;

	while (next < end) {
		const char *comma = memchr(next, ',', (size_t)(end - next));
		const char *last = comma ? comma : end;

		(void)json_array_append_new(list,
			protocol_text((struct text){next, (size_t)(last - next)}));
		next = last + 1;
	}
	return list;
}

static json_t *flags_json(unsigned flags)
{
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof(flag_names) / sizeof(flag_names[0]); i++) {
		if (flags & flag_names[i].flag) {
			(void)json_array_append_new(
				list, json_string(flag_names[i].name));
		}
	}
	return list;
}

static json_t *decider_json(const struct event *event)
{
	char rule[SHOW_SIZE];

	if (event->by != BY_RULE) {
		return json_string(decider_name(event->by));
	}
	(void)snprintf(rule, sizeof(rule), "rule:%lld", (long long)event->rule);
	return json_string(rule);
}

static json_t *generated_json(enum code_origin code)
{
	switch (code) {
	case CODE_UNKNOWN:
		return json_null();
	case CODE_NONE:
	case CODE_FILES:
		return json_false();
	case CODE_GENERATED:
		return json_true();
	}
	return json_null();
}

/* True if the frame has this mark. */
static bool *marks_read(const json_t *frames, const char *mark)
{
	bool *marks = xcalloc(json_array_size(frames) + 1, sizeof(*marks));

	for (size_t i = 0; i < json_array_size(frames); i++) {
		marks[i] =
			json_is_true(json_object_get(json_array_get(frames, i), mark));
	}
	return marks;
}

json_t *event_stack_json(const struct event *event)
{
	json_t *python = stored_json(event->python);
	json_t *native = stored_json(event->native);
	json_t *stack = json_array();
	bool *evaluates = marks_read(native, "evaluator");
	bool *is_entry = marks_read(python, "entry");
	const struct stack_shape shape = {
		evaluates, json_array_size(native), is_entry, json_array_size(python)};
	struct stack_item *items =
		xcalloc(shape.native_count + shape.code_count + 1, sizeof(*items));
	size_t count = stack_merge(&shape, items);

	for (size_t i = 0; i < count; i++) {
		json_t *frames = items[i].is_code ? python : native;
		(void)json_array_append(stack, json_array_get(frames, items[i].index));
	}
	free(items);
	free(evaluates);
	free(is_entry);
	json_decref(python);
	json_decref(native);
	if (count == 0) {
		json_decref(stack);
		return json_null();
	}
	return stack;
}

static void set_action(json_t *object, const struct event *event)
{
	bool has_own = event->verb == VERB_EXEC || event->verb == VERB_MCP;

	set(object, "argv",
		has_own ? list_json(event->argv, event->argc)
			: list_json(event->process_argv, event->process_argc));
	set(object, "verb", json_string(verb_name(event->verb)));
	set(object, "object", protocol_text(event->object));
	set(object, "asked_as",
		protocol_text(
			event->asked_as.length ? event->asked_as : event->object));
	set(object, "syscall", protocol_text(event->syscall));
	set(object, "verdict", json_string(verdict_name(event->verdict)));
	set(object, "by", decider_json(event));
	set(object, "scope",
		event->has_scope ? json_string(scope_name(event->scope)) : json_null());
	set(object, "waited_ms", json_integer(event->waited_ms));
	set(object, "errno", json_integer(event->error));
	const char *name = event->error ? strerrorname_np(event->error) : NULL;
	set(object, "errno_name", name ? json_string(name) : json_null());
}

json_t *vectors_json(unsigned vectors)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < VECTOR_COUNT; i++) {
		if ((vectors >> i & 1) != 0) {
			(void)json_array_append_new(
				list, json_string(vector_name((enum vector)i)));
		}
	}
	return list;
}

json_t *event_json(const struct event *event)
{
	json_t *object = json_object();

	set(object, "session", json_integer(event->session));
	set(object, "seq", json_integer(event->seq));
	set(object, "time", time_json(event->time));
	set(object, "pid", json_integer(event->pid));
	set(object, "tid", json_integer(event->tid));
	set(object, "program", text_or_null(event->program));
	set_action(object, event);
	set(object, "python", stored_json(event->python));
	set(object, "native", stored_json(event->native));
	set(object, "stack", event_stack_json(event));
	set(object, "generated_code", generated_json(event->code));
	set(object, "mcp", stored_json(event->mcp));
	set(object, "vectors", vectors_json(event_vectors(event)));
	set(object, "rule_text", text_or_null(event->rule_text));
	set(object, "reason", text_or_null(event->reason));
	set(object, "question",
		event->question ? json_integer(event->question) : json_null());
	set(object, "process", json_integer(event->process));
	set(object, "process_argv",
		list_json(event->process_argv, event->process_argc));
	set(object, "call", json_integer(event->call));
	set(object, "labels", labels_json(event->labels));
	set(object, "flags", flags_json(event->flags));
	return object;
}

json_t *session_json(const struct session_record *session)
{
	json_t *object = json_object();
	char state[SHOW_SIZE];

	set(object, "session", json_integer(session->id));
	set(object, "name", text_or_null(session->name));
	set(object, "started", time_json(session->started));
	set(object, "ended", time_json(session->ended));
	set(object, "state",
		json_string(session->ended ? "ended" : show_state(session, state)));
	set(object, "status",
		session->has_status ? json_integer(session->status) : json_null());
	set(object, "argv", list_json(session->argv, session->argc));
	set(object, "project", text_or_null(session->project));
	set(object, "working_folder", text_or_null(session->working_folder));
	set(object, "options", stored_json(session->options));
	set(object, "events", json_integer(session->event_count));
	set(object, "imported", json_boolean(session->is_imported));
	return object;
}

json_t *chain_json(
	const struct session_record *session, const struct chain_state *state)
{
	json_t *object = json_object();
	bool is_broken = state->reason && !state->is_unchained;

	set(object, "session", json_integer(session->id));
	set(object, "state",
		json_string(state->is_unchained ? "unchained"
			    : is_broken		? "broken"
						: "intact"));
	set(object, "events", json_integer(state->checked));
	set(object, "others", json_integer(state->sealed));
	set(object, "since", is_broken ? json_integer(state->broken) : json_null());
	set(object, "since_kind",
		is_broken
			? json_string(state->broken_kind ? state->broken_kind : "event")
			: json_null());
	set(object, "reason", is_broken ? json_string(state->reason) : json_null());
	set(object, "last_link", is_broken ? json_null() : json_string(state->head));
	set(object, "seal",
		is_broken || state->is_unsealed ? json_null()
						: json_string(state->seal));
	return object;
}

void json_print_line(json_t *object)
{
	/* ASCII: nothing in it can trick a terminal. */
	(void)json_dumpf(object, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
	(void)putchar('\n');
	json_decref(object);
}
