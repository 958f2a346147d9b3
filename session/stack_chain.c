/* SPDX-License-Identifier: MIT */
#include "session/stack_chain.h"

#include "base/xalloc.h"
#include "tracer/code_origin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_MAX = 6, INNERMOST_SHOWN = 3, NAME_MAX_SHOWN = 64 };

static const char arrow[] = "→";

/* Names are the tree's: they are cut, and none of them makes a link of its own. */
static void name_put(FILE *out, struct text name)
{
	size_t length = name.length < NAME_MAX_SHOWN ? name.length : NAME_MAX_SHOWN;

	while (length > 0 && length < name.length &&
		((unsigned char)name.bytes[length] & 0xc0) == 0x80) {
		length--;
	}
	for (size_t i = 0; i < length; i++) {
		if (length - i >= strlen(arrow) &&
			memcmp(name.bytes + i, arrow, strlen(arrow)) == 0) {
			(void)fputc('?', out);
			i += strlen(arrow) - 1;
		} else {
			(void)fputc(name.bytes[i], out);
		}
	}
	if (length < name.length) {
		(void)fputs("…", out);
	}
}

static void frame_put(FILE *out, const struct code_frame *frame)
{
	if (frame->is_generated) {
		(void)fputs("<generated code>", out);
	} else {
		name_put(out, text_base_name(frame->file));
	}
	if (frame->line > 0) {
		(void)fprintf(out, ":%d", frame->line);
	}
	if (frame->function.length > 0 &&
		!text_equal_string(frame->function, "<module>")) {
		(void)fputc(' ', out);
		name_put(out, frame->function);
	}
	if (frame->is_forged) {
		(void)fputs(" (it claims to be ", out);
		name_put(out, text_base_name(frame->file));
		(void)fputc(')', out);
	}
}

static bool is_library(const struct code_facts *code, size_t at)
{
	const struct code_frame *frame = &code->frames[at];

	return !frame->is_generated && code_file_is_library(frame->file);
}

/* Of libraries what others called stays; what they began with and do inside does not. */
static bool is_worth_showing(const struct code_facts *code, size_t at)
{
	if (!is_library(code, at)) {
		return true;
	}
	return at + 1 < code->frame_count && !is_library(code, at + 1);
}

/* Where text was given to the interpreter: the frame that it made, and its caller. */
static size_t generated_find(const struct code_facts *code)
{
	size_t at = code->frame_count;

	while (at > 0 && !code->frames[at - 1].is_generated) {
		at--;
	}
	return at; /* the caller; 0: nothing is generated */
}

/* Marks the frames that stand in the line. */
static bool *frames_choose(const struct code_facts *code)
{
	bool *is_shown = xcalloc(code->frame_count, sizeof(*is_shown));
	const size_t caller = generated_find(code);
	size_t count = 0;
	size_t rank = 0;

	for (size_t i = 0; i < code->frame_count; i++) {
		is_shown[i] = is_worth_showing(code, i);
		count += is_shown[i];
	}
	for (size_t i = 0; count > SHOWN_MAX && i < code->frame_count; i++) {
		bool is_edge = rank < INNERMOST_SHOWN || rank + 1 == count;
		bool is_entry = caller > 0 && (i == caller || i + 1 == caller);
		rank += is_shown[i];
		is_shown[i] = is_shown[i] && (is_edge || is_entry);
	}
	if (count == 0) {
		is_shown[0] = true;
	}
	return is_shown;
}

static char *chain_line(const struct code_facts *code)
{
	bool *is_shown = frames_choose(code);
	bool has_before = false;
	bool has_gap = false;
	char *line = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&line, &size);

	for (size_t i = code->frame_count; out && i-- > 0;) {
		if (!is_shown[i]) {
			has_gap = has_before;
			continue;
		}
		(void)fprintf(out, "%s%s%s", has_before ? " " : "",
			has_gap ? "→ … " : "", has_before ? "→ " : "");
		frame_put(out, &code->frames[i]);
		has_before = true;
		has_gap = false;
	}
	if (out) {
		(void)fclose(out);
	}
	free(is_shown);
	return line ? line : xstrdup("?");
}

static const struct code_frame *frame_with_source(const struct code_facts *code)
{
	for (size_t i = 0; i < code->frame_count; i++) {
		if (code->frames[i].is_generated && code->frames[i].source.length > 0) {
			return &code->frames[i];
		}
	}
	return !code->frames[0].is_generated && code->frames[0].source.length > 0
		       ? &code->frames[0]
		       : NULL;
}

/* "6> send()": a line of an excerpt that runs. */
static bool is_running(struct text line)
{
	size_t digits = 0;

	while (digits < line.length && line.bytes[digits] >= '0' &&
		line.bytes[digits] <= '9') {
		digits++;
	}
	return digits > 0 && digits < line.length && line.bytes[digits] == '>';
}

static size_t excerpt_split(struct text rest, struct text *lines, size_t max)
{
	size_t count = 0;
	bool is_last = false;

	while (rest.length > 0 && count < max && !is_last) {
		const char *end = memchr(rest.bytes, '\n', rest.length);
		size_t length = end ? (size_t)(end - rest.bytes) : rest.length;
		struct text line = {rest.bytes, length};
		is_last = is_running(line);
		lines[count++] = (struct text){xmemdup0(line.bytes, length), length};
		length += end != NULL;
		rest.bytes += length;
		rest.length -= length;
	}
	return count;
}

struct text *stack_chain_lines(const struct code_facts *code, size_t *count)
{
	struct text *lines = xcalloc(STACK_CHAIN_LINES_MAX, sizeof(*lines));

	*count = 0;
	if (code->frame_count == 0) {
		return lines;
	}
	lines[(*count)++] = text_of(chain_line(code));
	const struct code_frame *frame = frame_with_source(code);
	if (!frame) {
		return lines;
	}
	if (frame->is_generated) {
		*count += excerpt_split(
			frame->source, lines + *count, STACK_CHAIN_LINES_MAX - *count);
	} else {
		lines[(*count)++] = text_of(xasprintf("%d> %.*s", frame->line,
			(int)frame->source.length, frame->source.bytes));
	}
	return lines;
}
