/* SPDX-License-Identifier: MIT */
#include "session/recording_fields.h"

#include "base/xalloc.h"
#include "session/protocol_fields.h"

#include <limits.h>
#include <stddef.h>
#include <stdlib.h>

#define FIELD(what, member, kind)                                                      \
	{                                                                              \
#member, kind, offsetof(struct what, member), 0                        \
	}
#define TEXTS(what, member, number)                                                    \
	{                                                                              \
#member, FIELD_TEXTS, offsetof(struct what, member),                   \
			offsetof(struct what, number)                                  \
	}

static const struct recording_field session_fields[] = {
	FIELD(session_record, name, FIELD_TEXT),
	FIELD(session_record, started, FIELD_NUMBER),
	FIELD(session_record, ended, FIELD_NUMBER),
	FIELD(session_record, project, FIELD_TEXT),
	FIELD(session_record, working_folder, FIELD_TEXT),
	TEXTS(session_record, argv, argc),
	FIELD(session_record, options, FIELD_JSON),
	FIELD(session_record, has_status, FIELD_BOOLEAN),
	FIELD(session_record, status, FIELD_STATUS),
	{0},
};

static const struct recording_field process_fields[] = {
	FIELD(process_record, number, FIELD_NUMBER),
	FIELD(process_record, parent, FIELD_NUMBER),
	FIELD(process_record, previous, FIELD_NUMBER),
	FIELD(process_record, pid, FIELD_INT),
	FIELD(process_record, start_ticks, FIELD_NUMBER),
	FIELD(process_record, program, FIELD_TEXT),
	FIELD(process_record, script, FIELD_TEXT),
	TEXTS(process_record, argv, argc),
	FIELD(process_record, working_folder, FIELD_TEXT),
	FIELD(process_record, started, FIELD_NUMBER),
	FIELD(process_record, ended, FIELD_NUMBER),
	FIELD(process_record, has_status, FIELD_BOOLEAN),
	FIELD(process_record, status, FIELD_STATUS),
	{0},
};

static const struct recording_field event_fields[] = {
	FIELD(event, seq, FIELD_NUMBER),
	FIELD(event, time, FIELD_NUMBER),
	FIELD(event, monotonic, FIELD_NUMBER),
	FIELD(event, pid, FIELD_INT),
	FIELD(event, tid, FIELD_INT),
	FIELD(event, process, FIELD_NUMBER),
	FIELD(event, call, FIELD_NUMBER),
	FIELD(event, verb, FIELD_VERB),
	FIELD(event, object, FIELD_TEXT),
	FIELD(event, asked_as, FIELD_TEXT),
	TEXTS(event, argv, argc),
	FIELD(event, syscall, FIELD_TEXT),
	FIELD(event, verdict, FIELD_VERDICT),
	FIELD(event, by, FIELD_DECIDER),
	FIELD(event, rule, FIELD_SIGNED),
	FIELD(event, rule_text, FIELD_TEXT),
	FIELD(event, reason, FIELD_TEXT),
	FIELD(event, has_scope, FIELD_BOOLEAN),
	FIELD(event, scope, FIELD_SCOPE),
	FIELD(event, question, FIELD_NUMBER),
	FIELD(event, waited_ms, FIELD_NUMBER),
	FIELD(event, error, FIELD_INT),
	FIELD(event, flags, FIELD_FLAGS),
	FIELD(event, code, FIELD_CODE),
	FIELD(event, python, FIELD_TEXT),
	FIELD(event, native, FIELD_TEXT),
	FIELD(event, mcp, FIELD_TEXT),
	FIELD(event, labels, FIELD_TEXT),
	{0},
};

static const struct recording_field question_fields[] = {
	FIELD(question_record, number, FIELD_NUMBER),
	FIELD(question_record, time, FIELD_NUMBER),
	FIELD(question_record, process, FIELD_NUMBER),
	FIELD(question_record, pid, FIELD_INT),
	FIELD(question_record, tid, FIELD_INT),
	FIELD(question_record, verb, FIELD_VERB),
	FIELD(question_record, object, FIELD_TEXT),
	FIELD(question_record, asked_as, FIELD_TEXT),
	TEXTS(question_record, argv, argc),
	FIELD(question_record, details, FIELD_JSON),
	FIELD(question_record, answered, FIELD_BOOLEAN),
	FIELD(question_record, answer_time, FIELD_NUMBER),
	FIELD(question_record, verdict, FIELD_VERDICT),
	FIELD(question_record, scope, FIELD_SCOPE),
	FIELD(question_record, rule, FIELD_SIGNED),
	FIELD(question_record, rule_text, FIELD_TEXT),
	FIELD(question_record, message, FIELD_TEXT),
	{0},
};

static const struct recording_field terminal_fields[] = {
	FIELD(terminal_record, number, FIELD_NUMBER),
	FIELD(terminal_record, time, FIELD_NUMBER),
	FIELD(terminal_record, kind, FIELD_TERMINAL),
	FIELD(terminal_record, bytes, FIELD_TEXT),
	FIELD(terminal_record, columns, FIELD_SIZE),
	FIELD(terminal_record, rows, FIELD_SIZE),
	{0},
};

static const struct recording_field mcp_fields[] = {
	FIELD(mcp_record, number, FIELD_NUMBER),
	FIELD(mcp_record, time, FIELD_NUMBER),
	FIELD(mcp_record, ended, FIELD_NUMBER),
	FIELD(mcp_record, process, FIELD_NUMBER),
	FIELD(mcp_record, server, FIELD_TEXT),
	FIELD(mcp_record, tool, FIELD_TEXT),
	FIELD(mcp_record, arguments, FIELD_TEXT),
	FIELD(mcp_record, result, FIELD_TEXT),
	{0},
};

static const struct recording_field label_fields[] = {
	FIELD(label_record, process, FIELD_NUMBER),
	FIELD(label_record, label, FIELD_TEXT),
	FIELD(label_record, time, FIELD_NUMBER),
	FIELD(label_record, event, FIELD_NUMBER),
	{0},
};

static const struct recording_field end_fields[] = {
	{"lines", FIELD_NUMBER, 0, 0},
	{0},
};

const struct recording_shape recording_shapes[RECORDING_KIND_COUNT] = {
	[RECORDING_SESSION] = {"session", session_fields},
	[RECORDING_PROCESS] = {"process", process_fields},
	[RECORDING_EVENT] = {"event", event_fields},
	[RECORDING_QUESTION] = {"question", question_fields},
	[RECORDING_TERMINAL] = {"terminal", terminal_fields},
	[RECORDING_MCP] = {"mcp", mcp_fields},
	[RECORDING_LABEL] = {"label", label_fields},
	[RECORDING_END] = {"end", end_fields},
};

static const char *const code_names[] = {
	[CODE_UNKNOWN] = "unknown",
	[CODE_NONE] = "none",
	[CODE_FILES] = "files",
	[CODE_GENERATED] = "generated",
};

static const char *const terminal_names[] = {
	[TERMINAL_OUTPUT] = "output",
	[TERMINAL_INPUT] = "input",
	[TERMINAL_SIZE] = "size",
};

static const char *code_name(int code)
{
	return code_names[code];
}

static const char *terminal_name(int kind)
{
	return terminal_names[kind];
}

static const char *verb_word(int verb)
{
	return verb_name((enum verb)verb);
}

static const char *verdict_word(int verdict)
{
	return verdict_name((enum verdict)verdict);
}

static const char *decider_word(int by)
{
	return decider_name((enum decider)by);
}

static const char *scope_word(int scope)
{
	return scope_name((enum scope)scope);
}

/* Enumerations travel by their names. */
static const struct naming {
	const char *(*name)(int value);
	int count;
} namings[] = {
	[FIELD_VERB] = {verb_word, VERB_COUNT},
	[FIELD_VERDICT] = {verdict_word, VERDICT_COUNT},
	[FIELD_DECIDER] = {decider_word, BY_COUNT},
	[FIELD_SCOPE] = {scope_word, SCOPE_COUNT},
	[FIELD_CODE] = {code_name, CODE_GENERATED + 1},
	[FIELD_TERMINAL] = {terminal_name, TERMINAL_SIZE + 1},
};

static json_t *field_write(const struct recording_field *field, const char *record)
{
	const char *at = record + field->offset;
	switch (field->type) {
	case FIELD_NUMBER:
	case FIELD_SIGNED:
		return json_integer(*(const int64_t *)at);
	case FIELD_INT:
	case FIELD_STATUS:
		return json_integer(*(const int *)at);
	case FIELD_SIZE:
	case FIELD_FLAGS:
		return json_integer(*(const unsigned *)at);
	case FIELD_TEXT:
	case FIELD_JSON:
		return protocol_text(*(const struct text *)at);
	case FIELD_TEXTS:
		return field_texts(*(const struct text *const *)at,
			*(const size_t *)(record + field->offset_count));
	case FIELD_BOOLEAN:
		return json_boolean(*(const bool *)at);
	case FIELD_VERB:
	case FIELD_VERDICT:
	case FIELD_DECIDER:
	case FIELD_SCOPE:
	case FIELD_CODE:
	case FIELD_TERMINAL:
		break;
	}
	return json_string(namings[field->type].name(*(const int *)at));
}

json_t *recording_record_write(enum recording_kind kind, const void *record)
{
	json_t *object = json_object();
	json_object_set_new(object, "record", json_string(recording_shapes[kind].name));
	const struct recording_field *field = recording_shapes[kind].fields;
	for (; field->name != NULL; field++) {
		json_object_set_new(object, field->name, field_write(field, record));
	}
	return object;
}

static void *memory_keep(struct recording_memory *memory, const void *block)
{
	if (memory->count == memory->capacity) {
		memory->capacity = memory->capacity * 2 + 16;
		memory->blocks = xreallocarray(
			memory->blocks, memory->capacity, sizeof(*memory->blocks));
	}
	memory->blocks[memory->count] = (void *)(uintptr_t)block;
	return memory->blocks[memory->count++];
}

void recording_memory_clear(struct recording_memory *memory)
{
	for (size_t i = 0; i < memory->count; i++) {
		free(memory->blocks[i]);
	}
	memory->count = 0;
}

void recording_memory_finish(struct recording_memory *memory)
{
	recording_memory_clear(memory);
	free(memory->blocks);
	*memory = (struct recording_memory){0};
}

static bool integer_read(const json_t *value, int64_t min, int64_t max, int64_t *number)
{
	*number = json_integer_value(value);
	return json_is_integer(value) && *number >= min && *number <= max;
}

static bool text_read(
	const json_t *value, struct recording_memory *memory, struct text *text)
{
	*text = protocol_text_read(value);
	if (text->bytes == NULL) {
		return false;
	}
	memory_keep(memory, text->bytes);
	return true;
}

static bool json_read(
	const json_t *value, struct recording_memory *memory, struct text *text)
{
	if (!text_read(value, memory, text) || text->length == 0) {
		return text->bytes != NULL;
	}
	json_t *inner = json_loadb(text->bytes, text->length, 0, NULL);
	bool is_object = json_is_object(inner);
	json_decref(inner);
	return is_object;
}

/* Arguments are kept with a zero byte after each: they may have none inside. */
static bool texts_read(const json_t *value, struct recording_memory *memory,
	const struct text **texts, size_t *count)
{
	size_t size = json_array_size(value);
	struct text *list = xcalloc(size + 1, sizeof(*list));
	*texts = memory_keep(memory, list);
	*count = size;
	for (size_t i = 0; i < size; i++) {
		if (!text_read(json_array_get(value, i), memory, &list[i]) ||
			memchr(list[i].bytes, '\0', list[i].length) != NULL) {
			return false;
		}
	}
	return json_is_array(value);
}

static bool name_read(const json_t *value, const struct naming *naming, int *result)
{
	const char *word = json_string_value(value);
	for (int i = 0; i < naming->count && word != NULL; i++) {
		if (strcmp(naming->name(i), word) == 0) {
			*result = i;
			return true;
		}
	}
	return false;
}

/* What numbers may be; those that are not wide are stored in an int. */
static const struct {
	int64_t min, max;
	bool is_wide;
} ranges[] = {
	[FIELD_NUMBER] = {0, INT64_MAX, true},
	[FIELD_SIGNED] = {INT64_MIN, INT64_MAX, true},
	[FIELD_INT] = {0, INT_MAX, false},
	[FIELD_STATUS] = {INT_MIN, INT_MAX, false},
	[FIELD_SIZE] = {0, UINT16_MAX, false},
	[FIELD_FLAGS] = {0, EVENT_FLAGS_ALL, false},
};

static bool number_read(enum recording_type type, const json_t *value, char *at)
{
	int64_t number;
	if (!integer_read(value, ranges[type].min, ranges[type].max, &number)) {
		return false;
	}
	if (ranges[type].is_wide) {
		*(int64_t *)at = number;
	} else {
		*(int *)at = (int)number;
	}
	return true;
}

static bool field_read(const struct recording_field *field, const json_t *value,
	char *record, struct recording_memory *memory)
{
	char *at = record + field->offset;
	switch (field->type) {
	case FIELD_NUMBER:
	case FIELD_SIGNED:
	case FIELD_INT:
	case FIELD_STATUS:
	case FIELD_SIZE:
	case FIELD_FLAGS:
		return number_read(field->type, value, at);
	case FIELD_TEXT:
		return text_read(value, memory, (struct text *)at);
	case FIELD_JSON:
		return json_read(value, memory, (struct text *)at);
	case FIELD_TEXTS:
		return texts_read(value, memory, (const struct text **)at,
			(size_t *)(record + field->offset_count));
	case FIELD_BOOLEAN:
		*(bool *)at = json_is_true(value);
		return json_is_boolean(value);
	case FIELD_VERB:
	case FIELD_VERDICT:
	case FIELD_DECIDER:
	case FIELD_SCOPE:
	case FIELD_CODE:
	case FIELD_TERMINAL:
		break;
	}
	return name_read(value, &namings[field->type], (int *)at);
}

bool recording_record_read(enum recording_kind kind, const json_t *object, void *record,
	struct recording_memory *memory, struct error *err)
{
	const struct recording_field *field = recording_shapes[kind].fields;
	for (; field->name != NULL; field++) {
		const json_t *value = json_object_get(object, field->name);
		if (!field_read(field, value, record, memory)) {
			return error_set(err, ERROR_SYNTAX, "\"%s\" of the %s is %s",
				field->name, recording_shapes[kind].name,
				value == NULL ? "missing" : "not valid");
		}
	}
	return true;
}
