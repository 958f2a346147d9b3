/* SPDX-License-Identifier: MIT */
#include "session/call_stack.h"

#include "base/hash.h"
#include "base/xalloc.h"
#include "session/stack_merge.h"

#include <jansson.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Function names and lines of questions are cut; whole files are what rules match. */
enum { FUNCTION_MAX = 256, FILE_SHOWN_MAX = 512, SOURCE_MAX = 2048 };

/* At most max bytes of UTF-8, without a part of a character at the end. */
static size_t utf8_cut(struct text text, size_t max)
{
	if (text.length <= max) {
		return text.length;
	}
	while (max > 0 && ((unsigned char)text.bytes[max] & 0xc0) == 0x80) {
		max--;
	}
	return max;
}

/* File and symbol names may be any bytes. */
static json_t *name_json(struct text name, size_t max)
{
	json_t *value = json_stringn(name.bytes, utf8_cut(name, max));
	return value != NULL ? value : json_string("?");
}

static json_t *frame_json(const struct code_frame *frame)
{
	json_t *object = json_object();

	(void)json_object_set_new(
		object, "file", json_stringn(frame->file.bytes, frame->file.length));
	(void)json_object_set_new(object, "line", json_integer(frame->line));
	(void)json_object_set_new(object, "function",
		json_stringn(frame->function.bytes,
			utf8_cut(frame->function, FUNCTION_MAX)));
	if (frame->is_generated) {
		(void)json_object_set_new(object, "generated", json_true());
	}
	if (frame->is_script) {
		(void)json_object_set_new(
			object, "language", json_string("javascript"));
	}
	if (frame->is_forged) {
		(void)json_object_set_new(object, "forged", json_true());
	}
	if (frame->source.length > 0) {
		(void)json_object_set_new(
			object, "source", name_json(frame->source, SOURCE_MAX));
	}
	if (frame->is_entry) {
		(void)json_object_set_new(object, "entry", json_true());
	}
	return object;
}

static char *frames_json(const struct code_facts *code)
{
	if (code->frame_count == 0) {
		return NULL;
	}
	json_t *array = json_array();
	for (size_t i = 0; i < code->frame_count; i++) {
		(void)json_array_append_new(array, frame_json(&code->frames[i]));
	}
	char *text = json_dumps(array, JSON_COMPACT);
	json_decref(array);
	return text;
}

struct call_stack *call_stack_take(struct tracer *tracer, const struct request *request)
{
	struct call_stack *stack = xcalloc(1, sizeof(*stack));

	stack->references = 1;
	if (request->syscall >= 0) { /* else it stands for a message */
		tracer_take_code(tracer, request, &stack->code);
	}
	stack->files = xcalloc(stack->code.frame_count + 1, sizeof(*stack->files));
	for (size_t i = 0; i < stack->code.frame_count; i++) {
		stack->files[i] = stack->code.frames[i].file;
	}
	stack->python = frames_json(&stack->code);
	return stack;
}

static json_t *native_frame_json(const struct native_frame *frame)
{
	char address[32];
	json_t *object = json_object();

	(void)snprintf(address, sizeof(address), "0x%" PRIx64, frame->address);
	(void)json_object_set_new(object, "address", json_string(address));
	(void)json_object_set_new(
		object, "file", name_json(frame->module, FILE_SHOWN_MAX));
	if (frame->function.length > 0) {
		(void)json_object_set_new(
			object, "function", name_json(frame->function, FUNCTION_MAX));
	}
	(void)json_object_set_new(
		object, "offset", json_integer((json_int_t)frame->offset));
	if (frame->is_guessed) {
		(void)json_object_set_new(object, "guessed", json_true());
	}
	if (frame->evaluates) {
		(void)json_object_set_new(object, "evaluator", json_true());
	}
	return object;
}

void call_stack_take_native(
	struct call_stack *stack, struct tracer *tracer, const struct request *request)
{
	struct native_facts *facts = &stack->native_facts;

	if (stack->has_native) {
		return;
	}
	stack->has_native = true;
	if (request->syscall < 0) {
		return;
	}
	tracer_take_sources(tracer, request, &stack->code);
	free(stack->python);
	stack->python = frames_json(&stack->code);
	tracer_take_native(tracer, request, facts);
	if (facts->frame_count == 0) {
		return;
	}
	stack_mark_evaluators(facts, &stack->code);
	json_t *array = json_array();
	for (size_t i = 0; i < facts->frame_count; i++) {
		(void)json_array_append_new(
			array, native_frame_json(&facts->frames[i]));
	}
	stack->native = json_dumps(array, JSON_COMPACT);
	json_decref(array);
}

struct call_stack *call_stack_reference(struct call_stack *stack)
{
	if (stack != NULL) {
		stack->references++;
	}
	return stack;
}

void call_stack_release(struct call_stack *stack)
{
	if (stack == NULL || --stack->references > 0) {
		return;
	}
	code_facts_finish(&stack->code);
	free(stack->files);
	free(stack->python);
	native_facts_finish(&stack->native_facts);
	free(stack->native);
	free(stack);
}

void call_stack_apply(const struct call_stack *stack, struct subject *subject)
{
	subject->facts_known |= FACT_CODE;
	subject->code = stack->code.origin;
	subject->code_files = stack->files;
	subject->code_file_count = stack->code.frame_count;
}

uint64_t call_stack_digest(const struct call_stack *stack)
{
	uint64_t digest = HASH_START;

	if (stack == NULL) {
		return 0;
	}
	digest = hash_number(digest, (uint64_t)stack->code.origin);
	for (size_t i = 0; i < stack->code.frame_count; i++) {
		digest = hash_text(digest, stack->files[i]);
		digest = hash_number(digest, UINT8_MAX); /* no byte of UTF-8 */
	}
	return digest;
}

static char *frame_line(const struct code_frame *frame)
{
	bool has_line = frame->source.length > 0 && !frame->is_generated;
	return xasprintf("%.*s:%d %.*s%s%s%.*s",
		(int)utf8_cut(frame->file, FILE_SHOWN_MAX), frame->file.bytes,
		frame->line, (int)utf8_cut(frame->function, FUNCTION_MAX),
		frame->function.bytes,
		frame->is_forged      ? " (generated code, forged file name)"
		: frame->is_generated ? " (generated code)"
				      : "",
		has_line ? " | " : "",
		has_line ? (int)utf8_cut(frame->source, SOURCE_MAX) : 0,
		has_line ? frame->source.bytes : "");
}

/* Lines that are filled one by one, up to what a question may have. */
struct line_list {
	struct text *lines;
	size_t count;
};

static void line_add(struct line_list *list, char *line)
{
	if (list->count < CALL_STACK_LINES_MAX) {
		list->lines[list->count++] = text_of(line);
	} else {
		free(line);
	}
}

/* The frame, and below one of generated code what is known of its source. */
static void frame_add(struct line_list *list, const struct code_frame *frame)
{
	struct text rest = frame->source;

	line_add(list, frame_line(frame));
	if (!frame->is_generated || !rest.bytes) {
		return;
	}
	if (rest.length == 0) {
		line_add(list, xstrdup("    (its source is not kept)"));
	}
	while (rest.length > 0) {
		const char *end = memchr(rest.bytes, '\n', rest.length);
		size_t length = end ? (size_t)(end - rest.bytes) : rest.length;
		line_add(list, xasprintf("    %.*s", (int)length, rest.bytes));
		length += end != NULL;
		rest.bytes += length;
		rest.length -= length;
	}
}

struct text *call_stack_lines(const struct call_stack *stack, size_t *count)
{
	struct line_list list = {xcalloc(CALL_STACK_LINES_MAX, sizeof(*list.lines)), 0};

	for (size_t i = 0; stack != NULL && i < stack->code.frame_count; i++) {
		frame_add(&list, &stack->code.frames[i]);
	}
	*count = list.count;
	return list.lines;
}

static char *native_line(const struct native_frame *frame)
{
	bool is_named = frame->function.length > 0;
	return xasprintf("%.*s+0x%" PRIx64 " %.*s%s",
		is_named ? (int)utf8_cut(frame->function, FUNCTION_MAX) : 1,
		is_named ? frame->function.bytes : "?", frame->offset,
		(int)utf8_cut(frame->module, FILE_SHOWN_MAX), frame->module.bytes,
		frame->is_guessed ? " (guessed)" : "");
}

struct text *call_stack_native_lines(const struct call_stack *stack, size_t *count)
{
	size_t frames = stack != NULL ? stack->native_facts.frame_count : 0;

	*count = frames < CALL_STACK_LINES_MAX ? frames : CALL_STACK_LINES_MAX;
	struct text *lines = xcalloc(*count + 1, sizeof(*lines));
	for (size_t i = 0; i < *count; i++) {
		lines[i] = text_of(native_line(&stack->native_facts.frames[i]));
	}
	return lines;
}

/* Which frames of both kinds belong where; given back by free. */
static struct stack_item *frames_merge(const struct call_stack *stack, size_t *count)
{
	const struct native_facts *native = &stack->native_facts;
	const struct code_facts *code = &stack->code;
	bool *evaluates = xcalloc(native->frame_count + 1, sizeof(*evaluates));
	bool *is_entry = xcalloc(code->frame_count + 1, sizeof(*is_entry));
	struct stack_item *items =
		xcalloc(native->frame_count + code->frame_count + 1, sizeof(*items));

	for (size_t i = 0; i < native->frame_count; i++) {
		evaluates[i] = native->frames[i].evaluates;
	}
	for (size_t i = 0; i < code->frame_count; i++) {
		is_entry[i] = code->frames[i].is_entry;
	}
	const struct stack_shape shape = {
		evaluates, native->frame_count, is_entry, code->frame_count};
	*count = stack_merge(&shape, items);
	free(evaluates);
	free(is_entry);
	return items;
}

struct text *call_stack_merged_lines(const struct call_stack *stack, size_t *count)
{
	struct line_list list = {xcalloc(CALL_STACK_LINES_MAX, sizeof(*list.lines)), 0};
	size_t frames = 0;
	struct stack_item *items = stack != NULL ? frames_merge(stack, &frames) : NULL;

	for (size_t i = 0; i < frames; i++) {
		if (items[i].is_code) {
			frame_add(&list, &stack->code.frames[items[i].index]);
		} else {
			line_add(&list,
				native_line(
					&stack->native_facts.frames[items[i].index]));
		}
	}
	free(items);
	*count = list.count;
	return list.lines;
}
