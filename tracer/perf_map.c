/* SPDX-License-Identifier: MIT */
#include "tracer/perf_map.h"

#include "base/xalloc.h"
#include "tracer/source_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_MAX = 4 << 20, NAME_SHOWN_MAX = 256, STATUS_SIZE = 4096 };

static bool is_made_code(const struct native_frame *frame, const struct memory_map *map)
{
	const struct mapping *mapping = memory_map_find(map, frame->address);

	return mapping && mapping->inode == 0 && mapping->is_executable &&
	       frame->function.length == 0 && !frame->evaluates;
}

/* The number that the process has in its own namespace; the last of "NSpid:". */
static long number_inside(pid_t pid)
{
	char name[64];
	char text[STATUS_SIZE];

	(void)snprintf(name, sizeof(name), "/proc/%d/status", pid);
	FILE *file = fopen(name, "re");
	size_t length = file ? fread(text, 1, sizeof(text) - 1, file) : 0;
	if (file) {
		(void)fclose(file);
	}
	text[length] = '\0';
	char *line = strstr(text, "\nNSpid:");
	if (!line) {
		return pid;
	}
	line++;
	line[strcspn(line, "\n")] = '\0';
	const char *last = strrchr(line, '\t');
	return last ? strtol(last + 1, NULL, 10) : pid;
}

/* "START SIZE NAME", numbers in hexadecimal; false: it is none. */
static bool line_parse(
	struct text line, uint64_t *start, uint64_t *size, struct text *name)
{
	char numbers[48];
	size_t length =
		line.length < sizeof(numbers) ? line.length : sizeof(numbers) - 1;
	char *end;

	memcpy(numbers, line.bytes, length);
	numbers[length] = '\0';
	*start = strtoull(numbers, &end, 16);
	if (end == numbers || *end != ' ') {
		return false;
	}
	const char *second = end;
	*size = strtoull(second, &end, 16);
	if (end == second || *end != ' ') {
		return false;
	}
	size_t used = (size_t)(end - numbers) + 1;
	*name = (struct text){line.bytes + used, line.length - used};
	return name->length > 0;
}

static void frame_name(struct native_frame *frame, struct text name, uint64_t start)
{
	size_t length = name.length < NAME_SHOWN_MAX ? name.length : NAME_SHOWN_MAX;

	free((char *)(uintptr_t)frame->function.bytes);
	frame->function = (struct text){xmemdup0(name.bytes, length), length};
	frame->offset = frame->address - start;
}

static void line_apply(
	struct native_facts *facts, const bool *is_sought, struct text line)
{
	uint64_t address;
	uint64_t size;
	struct text name;

	if (!line_parse(line, &address, &size, &name)) {
		return;
	}
	for (size_t i = 0; i < facts->frame_count; i++) {
		struct native_frame *frame = &facts->frames[i];
		if (is_sought[i] && frame->address - address < size) {
			frame_name(frame, name, address);
		}
	}
}

/* The last line that fits is the one that holds: code may be replaced. */
static void lines_apply(struct native_facts *facts, const bool *is_sought,
	const struct source_file *file)
{
	size_t start = 0;

	while (start < file->length) {
		const char *bytes = file->bytes + start;
		const char *end = memchr(bytes, '\n', file->length - start);
		size_t length = end ? (size_t)(end - bytes) : file->length - start;

		line_apply(facts, is_sought, (struct text){bytes, length});
		start += length + 1;
	}
}

void perf_map_names(struct native_facts *facts, const struct memory_map *map, pid_t pid)
{
	const struct code_place place = {pid, NULL, NULL};
	struct source_file file;
	struct stat process;
	char name[64];
	bool *is_sought = xcalloc(facts->frame_count + 1, sizeof(*is_sought));
	bool is_any = false;

	for (size_t i = 0; i < facts->frame_count; i++) {
		is_sought[i] = is_made_code(&facts->frames[i], map);
		is_any = is_any || is_sought[i];
	}
	(void)snprintf(name, sizeof(name), "/proc/%d", pid);
	if (is_any && stat(name, &process) == 0) {
		(void)snprintf(
			name, sizeof(name), "/tmp/perf-%ld.map", number_inside(pid));
		if (source_file_read(&file, text_of(name), &place, FILE_MAX) == 0 &&
			file.owner == process.st_uid) {
			lines_apply(facts, is_sought, &file);
		}
		source_file_finish(&file);
	}
	free(is_sought);
}
