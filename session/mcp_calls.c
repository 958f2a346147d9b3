/* SPDX-License-Identifier: MIT */
#include "session/mcp_calls.h"

#include "base/xalloc.h"
#include "session/mcp_message.h"

#include <stdlib.h>

enum {
	SHOWN_CALLS_MAX = 8,   /* with their arguments */
	SHOWN_BYTES_MAX = 512, /* of one argument */
};

bool mcp_calls_has(const struct mcp_calls *calls, const char *id)
{
	const struct mcp_call *call = calls->first;

	while (call && strcmp(call->id, id) != 0) {
		call = call->next;
	}
	return call != NULL;
}

bool mcp_calls_begin(struct mcp_calls *calls, struct mcp_call call)
{
	struct mcp_call **end = &calls->first;

	if (calls->count >= MCP_IN_FLIGHT_MAX || mcp_calls_has(calls, call.id)) {
		return false;
	}
	while (*end) {
		end = &(*end)->next;
	}
	*end = xmalloc(sizeof(**end));
	**end = call;
	(*end)->next = NULL;
	calls->count++;
	return true;
}

static void remember_ended(struct mcp_calls *calls, const char *tool)
{
	for (size_t i = 0; i < calls->ended_count; i++) {
		if (strcmp(calls->ended[i], tool) == 0) {
			return;
		}
	}
	if (calls->ended_count == MCP_ENDED_MAX) {
		calls->is_ended_full = true;
		return;
	}
	calls->ended[calls->ended_count++] = xstrdup(tool);
}

struct mcp_call *mcp_calls_end(struct mcp_calls *calls, const char *id)
{
	struct mcp_call **link = &calls->first;

	while (*link && strcmp((*link)->id, id) != 0) {
		link = &(*link)->next;
	}
	struct mcp_call *call = *link;
	if (call) {
		*link = call->next;
		calls->count--;
		remember_ended(calls, call->tool);
	}
	return call;
}

void mcp_call_free(struct mcp_call *call)
{
	json_decref(call->json_id);
	free(call->id);
	free(call->tool);
	mcp_arguments_finish(&call->arguments);
	free(call);
}

void mcp_calls_finish(struct mcp_calls *calls)
{
	while (calls->first) {
		struct mcp_call *call = calls->first;
		calls->first = call->next;
		mcp_call_free(call);
	}
	for (size_t i = 0; i < calls->ended_count; i++) {
		free(calls->ended[i]);
	}
	*calls = (struct mcp_calls){0};
}

static void add_name(struct mcp_facts *facts, char *name)
{
	facts->names =
		xreallocarray(facts->names, facts->count + 1, sizeof(*facts->names));
	facts->names[facts->count++] = text_of(name);
}

/* Arguments as {"name": "value"} without secrets; long values are cut. */
static json_t *arguments_json(const struct mcp_call *call)
{
	const struct text *arguments = mcp_arguments_masked(&call->arguments);
	json_t *object = json_object();

	for (size_t i = 0; i < call->arguments.count; i++) {
		struct text argument = arguments[i];
		const char *equals = memchr(argument.bytes, '=', argument.length);
		size_t name =
			equals ? (size_t)(equals - argument.bytes) : argument.length;
		size_t value = equals ? argument.length - name - 1 : 0;
		while (value > SHOWN_BYTES_MAX ||
			(value > 0 && value == SHOWN_BYTES_MAX &&
				((unsigned char)equals[1 + value] & 0xc0) == 0x80)) {
			value = value > SHOWN_BYTES_MAX ? SHOWN_BYTES_MAX : value - 1;
		}
		json_t *text = equals ? json_stringn(equals + 1, value) : json_true();
		char *key = xmemdup0(argument.bytes, name);
		(void)json_object_set_new(object, key, text);
		free(key);
	}
	return object;
}

static void add_json(json_t *array, const char *server, const char *tool,
	const struct mcp_call *call)
{
	json_t *object = json_object();

	(void)json_object_set_new(object, "server", json_string(server));
	(void)json_object_set_new(object, "tool", json_string(tool));
	if (call) {
		(void)json_object_set_new(object, "call", json_integer(call->number));
	} else {
		(void)json_object_set_new(object, "ended", json_true());
	}
	if (call && json_array_size(array) < SHOWN_CALLS_MAX) {
		(void)json_object_set_new(object, "arguments", arguments_json(call));
	}
	(void)json_array_append_new(array, object);
}

/* Appends "server/tool(name=value, …)", one call after the other. */
static char *line_add(
	char *line, const char *name, const struct text *arguments, size_t count)
{
	char *longer = xasprintf("%s%s%s(", line ? line : "", line ? ", " : "", name);

	free(line);
	for (size_t i = 0; i < count; i++) {
		struct text argument = arguments[i];
		bool is_cut = argument.length > SHOWN_BYTES_MAX;
		size_t length = is_cut ? SHOWN_BYTES_MAX : argument.length;
		while (is_cut && length > 0 &&
			((unsigned char)argument.bytes[length] & 0xc0) == 0x80) {
			length--;
		}
		line = longer;
		longer = xasprintf("%s%s%.*s%s", line, i > 0 ? ", " : "", (int)length,
			argument.bytes, is_cut ? "…" : "");
		free(line);
	}
	line = xasprintf("%s)", longer);
	free(longer);
	return line;
}

static void add_own(struct mcp_facts *facts, const struct mcp_calls *calls,
	const char *server, json_t *array)
{
	size_t at = 0;

	for (const struct mcp_call *call = calls->first; call; call = call->next) {
		char *name = xasprintf("%s/%s", server, call->tool);
		if (at++ < SHOWN_CALLS_MAX) {
			const struct mcp_arguments *own = &call->arguments;
			facts->line =
				line_add(facts->line, name, own->shown, own->count);
			facts->recorded_line = line_add(facts->recorded_line, name,
				mcp_arguments_masked(own), own->count);
		}
		add_json(array, server, call->tool, call);
		add_name(facts, name);
	}
	if (calls->first) {
		return;
	}
	facts->are_ended = calls->ended_count > 0;
	facts->is_unknown = calls->is_ended_full;
	for (size_t i = 0; i < calls->ended_count; i++) {
		add_json(array, server, calls->ended[i], NULL);
		add_name(facts, xasprintf("%s/%s", server, calls->ended[i]));
	}
	if (calls->ended_count > 0) {
		facts->line = xasprintf("none; %s answered its last one", server);
		facts->recorded_line = xstrdup(facts->line);
	}
}

static char *line_under(char *line, const char *outer)
{
	if (!outer) {
		return line;
	}
	char *both = line ? xasprintf("%s, under %s", line, outer) : xstrdup(outer);
	free(line);
	return both;
}

static void add_outer(
	struct mcp_facts *facts, const struct mcp_facts *outer, json_t *array)
{
	json_t *others = outer->json ? json_loads(outer->json, 0, NULL) : NULL;

	facts->are_ended |= outer->are_ended;
	facts->is_unknown |= outer->is_unknown;
	(void)json_array_extend(array, others);
	json_decref(others);
	for (size_t i = 0; i < outer->count; i++) {
		add_name(facts, text_copy(outer->names[i]));
	}
	facts->line = line_under(facts->line, outer->line);
	facts->recorded_line = line_under(facts->recorded_line, outer->recorded_line);
}

static uint64_t digest_of(const struct mcp_facts *facts)
{
	const uint64_t prime = UINT64_C(0x100000001b3); /* FNV-1a */
	uint64_t digest = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < facts->count; i++) {
		for (size_t j = 0; j <= facts->names[i].length; j++) {
			digest = (digest ^ (unsigned char)facts->names[i].bytes[j]) *
				 prime;
		}
	}
	return (digest ^ facts->are_ended) * prime;
}

struct mcp_facts *mcp_facts_create(const struct mcp_calls *calls, const char *server,
	const struct mcp_facts *outer)
{
	struct mcp_facts *facts = xcalloc(1, sizeof(*facts));
	json_t *array = json_array();

	facts->references = 1;
	add_own(facts, calls, server, array);
	if (outer) {
		add_outer(facts, outer, array);
	}
	if (json_array_size(array) > 0) {
		facts->json = json_dumps(array, JSON_COMPACT);
	}
	facts->digest = digest_of(facts);
	json_decref(array);
	return facts;
}

struct mcp_facts *mcp_facts_unknown(void)
{
	static char line[] = "unknown: whoever made this process is gone";
	/* Never released by who made it, so that it stays. */
	static struct mcp_facts unknown = {.references = 1,
		.is_unknown = true,
		.line = line,
		.recorded_line = line,
		.digest = 1};

	return &unknown;
}

struct mcp_facts *mcp_facts_reference(struct mcp_facts *facts)
{
	if (facts) {
		facts->references++;
	}
	return facts;
}

void mcp_facts_release(struct mcp_facts *facts)
{
	if (!facts || --facts->references > 0) {
		return;
	}
	for (size_t i = 0; i < facts->count; i++) {
		free((void *)(uintptr_t)facts->names[i].bytes);
	}
	free(facts->names);
	free(facts->json);
	free(facts->line);
	free(facts->recorded_line);
	free(facts);
}

void mcp_facts_apply(const struct mcp_facts *facts, struct subject *subject)
{
	if (facts && facts->is_unknown) {
		return; /* not known counts as the strict case */
	}
	subject->facts_known |= FACT_MCP;
	if (facts) {
		subject->mcp_calls = facts->names;
		subject->mcp_call_count = facts->count;
		subject->are_mcp_calls_ended = facts->are_ended;
	}
}
