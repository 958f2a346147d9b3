/* SPDX-License-Identifier: MIT */
#include "session/recorded_facts.h"

#include "base/xalloc.h"
#include "session/protocol_fields.h"

#include <jansson.h>

#include <stdlib.h>

static void list_add(struct text **list, size_t *count, char *text)
{
	*list = xreallocarray(*list, *count + 1, sizeof(**list));
	(*list)[(*count)++] = text_of(text);
}

/* "server/tool", written as such or as an object of both; NULL: it is neither. */
static char *call_name(const json_t *call)
{
	const char *server = json_string_value(json_object_get(call, "server"));
	const char *tool = json_string_value(json_object_get(call, "tool"));
	if (json_is_string(call)) {
		return xstrdup(json_string_value(call));
	}
	return server != NULL && tool != NULL ? xasprintf("%s/%s", server, tool) : NULL;
}

/* The file of a stack frame; NULL: it names none. */
static char *frame_file(const json_t *frame)
{
	const char *file = json_string_value(json_object_get(frame, "file"));
	return file != NULL ? xstrdup(file) : NULL;
}

/* False if the text is no array of what read understands. */
static bool array_read(struct text text, char *(*read)(const json_t *),
	struct text **list, size_t *count)
{
	json_t *array =
		text.length > 0 ? json_loadb(text.bytes, text.length, 0, NULL) : NULL;
	bool is_whole = json_is_array(array);
	size_t size = json_array_size(array);
	for (size_t i = 0; i < size && is_whole; i++) {
		char *item = read(json_array_get(array, i));
		is_whole = item != NULL;
		if (item != NULL) {
			list_add(list, count, item);
		}
	}
	json_decref(array);
	return is_whole;
}

/* Whether some call was answered already when the event came. */
static bool calls_have_ended(struct text text)
{
	json_t *array =
		text.length > 0 ? json_loadb(text.bytes, text.length, 0, NULL) : NULL;
	bool have_ended = false;
	size_t i;
	const json_t *call;

	json_array_foreach(array, i, call)
	{
		have_ended |= json_is_true(json_object_get(call, "ended"));
	}
	json_decref(array);
	return have_ended;
}

static void labels_read(struct recorded_facts *facts, struct text labels)
{
	while (labels.length > 0) {
		const char *comma = memchr(labels.bytes, ',', labels.length);
		size_t length =
			comma != NULL ? (size_t)(comma - labels.bytes) : labels.length;
		list_add(&facts->labels, &facts->label_count,
			xmemdup0(labels.bytes, length));
		size_t step = length + (comma != NULL);
		labels.bytes += step;
		labels.length -= step;
	}
	facts->known |= FACT_LABELS;
}

void recorded_facts_read(struct recorded_facts *facts, const struct event *event)
{
	recorded_facts_finish(facts);
	if ((event->flags & EVENT_LABELS_UNTAKEN) == 0) {
		labels_read(facts, event->labels);
	}
	facts->are_mcp_calls_ended = calls_have_ended(event->mcp);
	if ((event->flags & EVENT_MCP_UNTAKEN) == 0 &&
		(event->mcp.length == 0 ||
			array_read(event->mcp, call_name, &facts->mcp_calls,
				&facts->mcp_call_count))) {
		facts->known |= FACT_MCP;
	}
	/* A stack that could not be read was judged as the strict case: so it is again. */
	if ((event->flags & EVENT_CODE_UNTAKEN) == 0 &&
		(event->python.length == 0 ||
			array_read(event->python, frame_file, &facts->code_files,
				&facts->code_file_count))) {
		facts->code = event->code;
		facts->known |= FACT_CODE;
	}
}

void recorded_facts_apply(const struct recorded_facts *facts, struct subject *subject)
{
	subject->facts_known = facts->known;
	if ((facts->known & FACT_CODE) != 0) {
		subject->code = facts->code;
		subject->code_files = facts->code_files;
		subject->code_file_count = facts->code_file_count;
	}
	if ((facts->known & FACT_MCP) != 0) {
		subject->mcp_calls = facts->mcp_calls;
		subject->mcp_call_count = facts->mcp_call_count;
		subject->are_mcp_calls_ended = facts->are_mcp_calls_ended;
	}
	if ((facts->known & FACT_LABELS) != 0) {
		subject->labels = facts->labels;
		subject->label_count = facts->label_count;
	}
}

void recorded_facts_finish(struct recorded_facts *facts)
{
	field_texts_free(facts->code_files, facts->code_file_count);
	field_texts_free(facts->mcp_calls, facts->mcp_call_count);
	field_texts_free(facts->labels, facts->label_count);
	*facts = (struct recorded_facts){0};
}

void recorded_facts_action(struct action *action, const struct event *event,
	struct text names[ENDPOINT_NAMES_MAX])
{
	*action = (struct action){
		.verb = event->verb,
		.object = event->object,
		.asked_as = event->asked_as,
		.argv = event->argv,
		.argc = event->argc,
		.is_folder = (event->flags & EVENT_FOLDER) != 0,
		.ignores_case = (event->flags & EVENT_IGNORES_CASE) != 0,
	};
	action_set_endpoint(action, names);
}
