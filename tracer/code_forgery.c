/* SPDX-License-Identifier: MIT */
#include "tracer/code_forgery.h"

#include "tracer/python_names.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum {
	WINDOW = 32 << 10,    /* bytes of a function that are looked through */
	FILE_MAX = 512 << 10, /* larger ones are not compared */
	MODULES_MAX = 4,      /* nobody runs more files by exec inside each other */
};

void forgery_look_finish(struct forgery_look *look)
{
	source_file_finish(&look->file);
	look->name = (struct text){0};
}

static bool file_get(struct forgery_look *look, struct text name)
{
	if (look->name.bytes && text_equal(look->name, name)) {
		return look->file.bytes != NULL;
	}
	source_file_finish(&look->file);
	look->name = name;
	int failure = source_file_read(&look->file, name, &look->place, FILE_MAX);
	look->is_late = look->is_late || failure == ETIMEDOUT;
	return failure == 0;
}

static int file_look(struct forgery_look *look, struct text name)
{
	int result = source_file_look(name, &look->place);

	look->is_late = look->is_late || result == ETIMEDOUT;
	return result;
}

/* A compiled file may be all there is. */
static bool has_compiled(struct forgery_look *look, struct text name)
{
	char compiled[PATH_MAX];
	int length = snprintf(
		compiled, sizeof(compiled), "%.*sc", (int)name.length, name.bytes);

	return length < (int)sizeof(compiled) &&
	       file_look(look, text_of(compiled)) == 0;
}

static struct text last_part(struct text name)
{
	const char *dot = memrchr(name.bytes, '.', name.length);
	size_t skipped = dot ? (size_t)(dot - name.bytes) + 1 : 0;

	return (struct text){name.bytes + skipped, name.length - skipped};
}

/* Whether the line begins with the word and goes on with the name. */
static bool defines(struct text line, const char *word, struct text name)
{
	size_t length = strlen(word);

	if (!text_starts_with(line, word) || line.length < length + name.length) {
		return false;
	}
	return memcmp(line.bytes + length, name.bytes, name.length) == 0;
}

/* Whether a function, class or lambda of that name begins on this line. */
static bool begins_here(struct text line, struct text name)
{
	while (line.length > 0 && (line.bytes[0] == ' ' || line.bytes[0] == '\t')) {
		line.bytes++;
		line.length--;
	}
	if (text_equal_string(name, "<lambda>")) {
		return memmem(line.bytes, line.length, "lambda", strlen("lambda"));
	}
	return text_starts_with(name, "<") || text_starts_with(line, "@") ||
	       defines(line, "def ", name) || defines(line, "async def ", name) ||
	       defines(line, "class ", name);
}

/* Python itself runs a file's own lines as the first code, or when it imports it. */
static bool is_run_as_module(const struct code_facts *facts, size_t at)
{
	return facts->frames[at].is_outermost || at + 1 >= facts->frame_count ||
	       text_starts_with(facts->frames[at + 1].file, "<frozen ");
}

static bool fits_file(
	const struct forgery_look *look, const struct code_frame *frame, bool is_module)
{
	const struct source_file *file = &look->file;
	struct text start = source_file_line(file, is_module ? 1 : frame->first_line);
	struct python_names names;

	if (!start.bytes ||
		(frame->line > 0 && !source_file_line(file, frame->line).bytes)) {
		return false;
	}
	if (!is_module && !begins_here(start, last_part(frame->function))) {
		return false;
	}
	size_t rest = file->length - (size_t)(start.bytes - file->bytes);
	struct text source = {start.bytes, is_module || rest < WINDOW ? rest : WINDOW};
	python_names_read(look->memory, look->layout, frame->code, &names);
	bool occur = python_names_occur(&names, source);
	python_names_finish(&names);
	return occur;
}

bool frame_is_forged(
	struct forgery_look *look, const struct code_facts *facts, size_t at)
{
	const struct code_frame *frame = &facts->frames[at];
	bool is_module = text_equal_string(frame->function, "<module>");

	if (frame->code == 0 || (is_module && is_run_as_module(facts, at))) {
		return false;
	}
	if (!file_get(look, frame->file)) {
		return !look->is_late && file_look(look, frame->file) == ENOENT &&
		       !has_compiled(look, frame->file) && !look->is_late;
	}
	if (is_module && look->modules++ >= MODULES_MAX) {
		return true;
	}
	return look->file.changed.tv_sec < look->started &&
	       !fits_file(look, frame, is_module);
}
