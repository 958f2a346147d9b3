/* SPDX-License-Identifier: MIT */
/* Records to queue bytes and back; the layouts of their structs. */
#include "db/records.h"

#include "base/xalloc.h"

#include <stdlib.h>

enum { TEXTS_MAX = 10 };

#define NO_ARGV SIZE_MAX

/* Where a struct has texts. */
struct layout {
	size_t size;
	size_t argv, argc; /* offsets, or NO_ARGV */
	size_t text_count;
	size_t texts[TEXTS_MAX];
	bool is_urgent;
};

#define EVENT(field) offsetof(struct event, field)
#define PROCESS(field) offsetof(struct process_record, field)
#define QUESTION(field) offsetof(struct question_record, field)
#define MCP(field) offsetof(struct mcp_record, field)
#define DECISION(field) offsetof(struct decision_record, decision.field)

static const struct layout layouts[RECORD_KIND_COUNT] = {
	[RECORD_EVENT] = {sizeof(struct event), EVENT(argv), EVENT(argc), 9,
		{EVENT(object), EVENT(asked_as), EVENT(syscall), EVENT(rule_text),
			EVENT(reason), EVENT(python), EVENT(native), EVENT(mcp),
			EVENT(labels)},
		false},
	[RECORD_PROCESS_START] = {sizeof(struct process_record), PROCESS(argv),
		PROCESS(argc), 3,
		{PROCESS(program), PROCESS(script), PROCESS(working_folder)}, false},
	[RECORD_PROCESS_END] = {sizeof(struct process_record), NO_ARGV, NO_ARGV, 0, {0},
		false},
	[RECORD_QUESTION] = {sizeof(struct question_record), QUESTION(argv),
		QUESTION(argc), 3,
		{QUESTION(object), QUESTION(asked_as), QUESTION(details)}, false},
	[RECORD_TERMINAL] = {sizeof(struct terminal_record), NO_ARGV, NO_ARGV, 1,
		{offsetof(struct terminal_record, bytes)}, false},
	[RECORD_MCP_CALL] = {sizeof(struct mcp_record), NO_ARGV, NO_ARGV, 4,
		{MCP(server), MCP(tool), MCP(arguments), MCP(result)}, false},
	[RECORD_MCP_RESULT] = {sizeof(struct mcp_record), NO_ARGV, NO_ARGV, 1,
		{MCP(result)}, false},
	[RECORD_PIN] = {sizeof(struct pin_record), NO_ARGV, NO_ARGV, 3,
		{offsetof(struct pin_record, server),
			offsetof(struct pin_record, tool),
			offsetof(struct pin_record, definition)},
		false},
	[RECORD_LABEL] = {sizeof(struct label_record), NO_ARGV, NO_ARGV, 1,
		{offsetof(struct label_record, label)}, false},
	[RECORD_DECISION] = {sizeof(struct decision_record), NO_ARGV, NO_ARGV, 5,
		{DECISION(message), DECISION(rule.text), DECISION(rule.project),
			DECISION(rule.source), DECISION(rule.note)},
		true},
	[RECORD_STOP] = {sizeof(struct stop_record), NO_ARGV, NO_ARGV, 0, {0}, true},
};

#undef EVENT
#undef PROCESS
#undef QUESTION
#undef MCP
#undef DECISION

/* Stands before each body. If is_outside, a pointer follows instead of the body. */
struct prefix {
	uint32_t kind;
	uint32_t is_outside;
	size_t argv_length; /* bytes of the argv, each argument with a zero byte */
};

static const void *const_field(const void *body, size_t offset)
{
	return (const char *)body + offset;
}

static void *field(void *body, size_t offset)
{
	return (char *)body + offset;
}

/* The argv of a body; false if its kind has none. */
static bool get_argv(const struct layout *layout, const void *body,
	const struct text **argv, size_t *argc)
{
	if (layout->argv == NO_ARGV) {
		return false;
	}
	memcpy(argv, const_field(body, layout->argv), sizeof(*argv));
	memcpy(argc, const_field(body, layout->argc), sizeof(*argc));
	return true;
}

static size_t argv_length(const struct layout *layout, const void *body)
{
	const struct text *argv;
	size_t argc, length = 0;

	if (!get_argv(layout, body, &argv, &argc)) {
		return 0;
	}
	for (size_t i = 0; i < argc; i++) {
		length += argv[i].length + 1;
	}
	return length;
}

static char *append(char *end, struct text text)
{
	if (text.length) {
		memcpy(end, text.bytes, text.length);
	}
	return end + text.length;
}

static void copy_body(char *end, const struct layout *layout, const void *body)
{
	const struct text *argv;
	size_t argc;

	memcpy(end, body, layout->size);
	end += layout->size;
	for (size_t i = 0; i < layout->text_count; i++) {
		struct text text;

		memcpy(&text, const_field(body, layout->texts[i]), sizeof(text));
		end = append(end, text);
	}
	if (!get_argv(layout, body, &argv, &argc)) {
		return;
	}
	for (size_t i = 0; i < argc; i++) {
		end = append(end, argv[i]);
		*end++ = '\0';
	}
}

static size_t body_length(
	const struct layout *layout, const void *body, const struct prefix *prefix)
{
	size_t length = layout->size + prefix->argv_length;

	for (size_t i = 0; i < layout->text_count; i++) {
		struct text text;

		memcpy(&text, const_field(body, layout->texts[i]), sizeof(text));
		length += text.length;
	}
	return length;
}

void record_put(struct queue *queue, enum record_kind kind, const void *body)
{
	const struct layout *layout = &layouts[kind];
	struct prefix prefix = {.kind = kind, .argv_length = argv_length(layout, body)};
	size_t length = body_length(layout, body, &prefix);
	char *outside = NULL;

	if (sizeof(prefix) + length > queue_record_max(queue)) {
		outside = xmalloc(length);
		copy_body(outside, layout, body);
		prefix.is_outside = 1;
		length = sizeof(outside);
	}
	char *room = queue_reserve(queue, sizeof(prefix) + length);
	memcpy(room, &prefix, sizeof(prefix));
	if (outside) {
		memcpy(room + sizeof(prefix), &outside, sizeof(outside));
	} else {
		copy_body(room + sizeof(prefix), layout, body);
	}
	queue_commit(queue, layout->is_urgent);
}

/* Points the texts of a copied body at the bytes that follow it. */
static void restore_texts(struct record *record, const struct layout *layout,
	const char *next, size_t argv_bytes, struct argument_list *argv)
{
	for (size_t i = 0; i < layout->text_count; i++) {
		struct text text;

		memcpy(&text, const_field(&record->of, layout->texts[i]), sizeof(text));
		text.bytes = next;
		next += text.length;
		memcpy(field(&record->of, layout->texts[i]), &text, sizeof(text));
	}
	if (layout->argv != NO_ARGV) {
		argv_unpack(argv, (struct text){next, argv_bytes});
		memcpy(field(&record->of, layout->argv), &argv->arguments,
			sizeof(argv->arguments));
		memcpy(field(&record->of, layout->argc), &argv->count,
			sizeof(argv->count));
	}
}

bool record_take(struct queue *queue, struct record *record, struct argument_list *argv)
{
	struct prefix prefix;
	size_t length;
	const char *bytes = queue_peek(queue, &length);

	if (!bytes) {
		return false;
	}
	memcpy(&prefix, bytes, sizeof(prefix));
	invariant(prefix.kind < RECORD_KIND_COUNT);
	const struct layout *layout = &layouts[prefix.kind];
	const char *body = bytes + sizeof(prefix);

	record->kind = (enum record_kind)prefix.kind;
	record->outside = NULL;
	if (prefix.is_outside) {
		memcpy(&record->outside, body, sizeof(record->outside));
		body = record->outside;
	}
	memcpy(&record->of, body, layout->size);
	restore_texts(record, layout, body + layout->size, prefix.argv_length, argv);
	return true;
}

void record_release(struct queue *queue, struct record *record)
{
	free(record->outside);
	record->outside = NULL;
	queue_release(queue);
}
