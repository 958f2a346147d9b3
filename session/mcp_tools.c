/* SPDX-License-Identifier: MIT */
#include "session/mcp_tools.h"

#include "base/xalloc.h"
#include "session/supervisor.h"

#include <stdlib.h>

enum {
	LINES_MAX = 200, /* of one question */
	LINE_BYTES_MAX = 2 << 10,
	CONTEXT = 40,	 /* bytes shown before a difference */
	PINS_MAX = 1024, /* of one server */
};

static const char instructions_name[] = "(instructions)";
static const char command_name[] = "(command)";

char *mcp_command_json(struct text program, const struct text *argv, size_t argc)
{
	json_t *array = json_array();

	for (size_t i = 0; i <= argc; i++) {
		struct text word = i == 0 ? program : argv[i - 1];
		json_t *text = json_stringn(word.bytes, word.length);
		(void)json_array_append_new(array, text ? text : json_string("?"));
	}
	char *json = json_dumps(array, JSON_COMPACT);
	json_decref(array);
	return json;
}

void mcp_pins_free(struct mcp_pin *pins)
{
	while (pins) {
		struct mcp_pin *next = pins->next;
		free(pins->tool);
		free(pins->definition);
		free(pins);
		pins = next;
	}
}

static struct mcp_pin *pin_find(struct mcp_pin *pins, const char *tool)
{
	while (pins && strcmp(pins->tool, tool) != 0) {
		pins = pins->next;
	}
	return pins;
}

static size_t pins_count(const struct mcp_pin *pins)
{
	size_t count = 0;

	for (; pins; pins = pins->next) {
		count++;
	}
	return count;
}

static void pin_add(struct mcp_pin **pins, const char *tool, char *definition)
{
	struct mcp_pin *pin = xcalloc(1, sizeof(*pin));

	pin->tool = xstrdup(tool);
	pin->definition = definition;
	pin->next = *pins;
	*pins = pin;
}

static char *member_text(const json_t *value)
{
	if (!value) {
		return NULL;
	}
	return json_is_string(value) ? xstrdup(json_string_value(value))
				     : json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS |
								 JSON_ENCODE_ANY);
}

/* From shortly before the difference, at most LINE_BYTES_MAX. */
static char *excerpt(const char *text, size_t difference)
{
	size_t start = difference > CONTEXT ? difference - CONTEXT : 0;
	while (start > 0 && ((unsigned char)text[start] & 0xc0) == 0x80) {
		start--;
	}
	size_t length = strlen(text + start);
	size_t shown = length;
	if (length > LINE_BYTES_MAX) {
		shown = LINE_BYTES_MAX;
		while (shown > 0 &&
			((unsigned char)text[start + shown] & 0xc0) == 0x80) {
			shown--;
		}
	}
	const char *before = start > 0 ? "…" : "";
	return shown == length ? xasprintf("%s%s", before, text + start)
			       : xasprintf("%s%.*s… (%zu bytes more)", before,
					 (int)shown, text + start, length - shown);
}

static void compare_member(
	const char *name, char *before, char *after, struct mcp_arguments *lines)
{
	size_t same = 0;

	if (!before || !after || strcmp(before, after) != 0) {
		while (before && after && before[same] && before[same] == after[same]) {
			same++;
		}
		const char *const sides[] = {before, after};
		for (int i = 0; i < 2; i++) {
			if (sides[i]) {
				char *part = excerpt(sides[i], same);
				mcp_arguments_add(lines,
					xasprintf("%c %s: %s", "-+"[i], name, part));
				free(part);
			}
		}
	}
	free(before);
	free(after);
}

void mcp_tool_difference(const char *tool, const char *before, const char *after,
	struct mcp_arguments *lines)
{
	json_t *old = before ? json_loads(before, JSON_DECODE_ANY, NULL) : NULL;
	json_t *new = json_loads(after, JSON_DECODE_ANY, NULL);
	const char *key;
	json_t *value;

	mcp_arguments_add(
		lines, xasprintf("%s %s", before ? "changed:" : "new:", tool));
	if (!json_is_object(new) || (old && !json_is_object(old))) {
		compare_member(tool, member_text(old), member_text(new), lines);
	}
	json_object_foreach(new, key, value)
	{
		compare_member(key, member_text(json_object_get(old, key)),
			member_text(value), lines);
	}
	json_object_foreach(old, key, value)
	{
		if (json_is_object(new) && !json_object_get(new, key)) {
			compare_member(key, member_text(value), NULL, lines);
		}
	}
	json_decref(old);
	json_decref(new);
}

/* What the database knows of the server, once. */
static void read_pins(struct supervisor *supervisor, struct mcp_server *server)
{
	struct error err = {0};
	struct pin_record record;

	if (server->has_pins) {
		return;
	}
	server->has_pins = true;
	struct db *db = db_open(supervisor->places.database, DB_READ, &err);
	if (db == NULL || !db_pins_begin(db, text_of(server->name), &err)) {
		db_close(db);
		return; /* as if all were new: it is asked about */
	}
	while (db_pins_next(db, &record, &err)) {
		char *tool = text_copy(record.tool);
		pin_add(&server->pins, tool, text_copy(record.definition));
		free(tool);
	}
	server->is_first_use = server->pins == NULL && err.code == 0;
	db_close(db);
}

struct comparison {
	struct mcp_server *server;
	struct mcp_held *held;
	bool has_changed; /* something that was known is different now */
	size_t unshown;	  /* differences for which there is no room */
};

/* Takes the definition. */
static void compare_one(
	struct comparison *comparison, const char *tool, char *definition)
{
	struct mcp_held *held = comparison->held;
	const struct mcp_pin *pin = pin_find(comparison->server->pins, tool);

	if (pin && strcmp(pin->definition, definition) == 0) {
		free(definition);
		return;
	}
	if (held->arguments.count < LINES_MAX) {
		mcp_tool_difference(tool, pin ? pin->definition : NULL, definition,
			&held->arguments);
	} else {
		comparison->unshown++;
	}
	comparison->has_changed |= pin != NULL;
	pin_add(&held->pins, tool, definition);
}

static void compare_tools(struct comparison *comparison, const json_t *tools)
{
	size_t i;
	const json_t *tool;

	json_array_foreach((json_t *)(uintptr_t)tools, i, tool)
	{
		char *name = mcp_name(json_string_value(json_object_get(tool, "name")));
		compare_one(comparison, name,
			json_dumps(
				tool, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY));
		free(name);
	}
}

void mcp_tools_compare(struct supervisor *supervisor, struct mcp_server *server,
	const json_t *result, struct mcp_held *held)
{
	struct comparison comparison = {.server = server, .held = held};
	json_t *instructions = json_object_get(result, "instructions");

	read_pins(supervisor, server);
	compare_tools(&comparison, json_object_get(result, "tools"));
	if (instructions) {
		compare_one(&comparison, instructions_name,
			json_dumps(instructions, JSON_COMPACT | JSON_ENCODE_ANY));
	}
	if (!server->is_configured) {
		compare_one(&comparison, command_name, xstrdup(server->identity));
	}
	if (comparison.unshown > 0) {
		mcp_arguments_add(&held->arguments,
			xasprintf("… (%zu tools more are new or changed)",
				comparison.unshown));
	}
	/* Lists come in pages: the first use lasts until one is asked for again. */
	if (server->is_first_use && held->pins && !comparison.has_changed) {
		mcp_tools_pin(supervisor, server, held->pins);
		mcp_pins_free(held->pins);
		held->pins = NULL;
	}
}

void mcp_tools_pin(struct supervisor *supervisor, struct mcp_server *server,
	const struct mcp_pin *pins)
{
	for (; pins; pins = pins->next) {
		struct mcp_pin *known = pin_find(server->pins, pins->tool);
		if (known) {
			free(known->definition);
			known->definition = xstrdup(pins->definition);
		} else if (pins_count(server->pins) < PINS_MAX) {
			pin_add(&server->pins, pins->tool, xstrdup(pins->definition));
		}
		const struct pin_record record = {
			.time = clock_wall(&supervisor->clock, clock_monotonic()),
			.server = text_of(server->name),
			.tool = text_of(pins->tool),
			.definition = text_of(pins->definition),
		};
		recorder_pin(supervisor->recorder, &record);
	}
}
