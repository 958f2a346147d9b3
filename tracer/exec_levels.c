/* SPDX-License-Identifier: MIT */
#include "tracer/exec_levels.h"

#include "base/xalloc.h"
#include "tracer/binfmt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct exec_level *add_level(struct exec_levels *levels)
{
	struct exec_level *level = xmalloc(sizeof(*level));

	path_init(&level->path);
	level->name[0] = '\0';
	level->arguments = (struct arguments){.count = 0};
	levels->items[levels->count++] = level;
	return level;
}

struct exec_level *exec_levels_begin(struct exec_levels *levels)
{
	return add_level(levels);
}

void exec_levels_finish(struct exec_levels *levels)
{
	for (size_t i = 0; i < levels->count; i++) {
		path_finish(&levels->items[i]->path);
		arguments_finish(&levels->items[i]->arguments);
		free(levels->items[i]);
	}
}

const struct exec_level *exec_levels_last(const struct exec_levels *levels)
{
	return levels->items[levels->count - 1];
}

int exec_path_check(const struct path *path)
{
	if (!S_ISREG(path->status.st_mode)) {
		return -EACCES;
	}
	return faccessat(path->fd, "", X_OK, AT_EACCESS | AT_EMPTY_PATH) == 0 ? 0
									      : -errno;
}

static void append_string(struct arguments *arguments, const char *string)
{
	arguments_append(arguments, string, strlen(string));
}

static void append_rest(
	struct arguments *arguments, const struct arguments *old, size_t first)
{
	for (size_t i = first; i < old->count; i++) {
		arguments_append(arguments, old->items[i].bytes, old->items[i].length);
	}
	arguments_settle(arguments);
}

/* The interpreter, named by the level before, takes its place as the last. */
static int add_interpreter(
	struct exec_levels *levels, const struct call *call, const char *name)
{
	struct exec_level *level = add_level(levels);
	const struct path_request request = {
		.call = call,
		.folder = AT_FDCWD,
		.text = name,
		.length = strlen(name),
	};

	(void)snprintf(level->name, sizeof(level->name), "%s", name);
	/* The kernel takes no name for the working folder: that is no file. */
	return name[0] == '\0' ? -EACCES : path_pin(&level->path, &request);
}

/* Interpreter, its argument and the script's name come before the rest of argv. */
static int add_of_script(struct exec_levels *levels, const struct call *call,
	const struct script_line *line)
{
	const struct exec_level *script = exec_levels_last(levels);
	const int failure = add_interpreter(levels, call, line->interpreter);
	struct arguments *arguments = &levels->items[levels->count - 1]->arguments;

	append_string(arguments, line->interpreter);
	if (line->has_argument) {
		append_string(arguments, line->argument);
	}
	append_string(arguments, script->name);
	append_rest(arguments, &script->arguments, 1);
	return failure;
}

/* It was opened when it was registered: which file that is cannot be told if not here. */
static int refuse_opened(struct exec_levels *levels)
{
	levels->reason = "the kernel runs it with a program that was opened before and "
			 "cannot be told";
	return -EACCES;
}

static int add_of_handler(struct exec_levels *levels, const struct call *call,
	const struct binfmt_handler *handler)
{
	const struct exec_level *handled = exec_levels_last(levels);

	if (handler->gives_opened) {
		if (levels->opened != 0) {
			return -ENOEXEC;
		}
		levels->opened = levels->count;
	}
	int failure = add_interpreter(levels, call, handler->interpreter);
	struct exec_level *level = levels->items[levels->count - 1];
	struct arguments *arguments = &level->arguments;

	append_string(arguments, handler->interpreter);
	append_string(arguments, handled->name);
	append_rest(arguments, &handled->arguments, handler->keeps_first ? 0 : 1);
	if (failure == 0) {
		failure = exec_path_check(&level->path);
	}
	return failure != 0 && handler->is_opened ? refuse_opened(levels) : failure;
}

/* One step on from the last level; *is_image if there is none. */
static int follow_step(
	struct exec_levels *levels, const struct call *call, bool *is_image)
{
	char start[EXEC_START_SIZE] = {0};
	const struct exec_level *last = exec_levels_last(levels);
	const struct exec_head *head = &levels->head;
	struct binfmt_handler handler;
	struct script_line line;

	int failure = exec_path_check(&last->path);
	if (failure == 0) {
		failure = exec_head_read(&levels->head, &last->path);
	}
	if (failure != 0) {
		return failure;
	}
	memcpy(start, head->bytes,
		head->length < sizeof(start) ? head->length : sizeof(start));
	const bool is_handled = binfmt_find(&handler, last->name, start);
	*is_image = !is_handled && !script_line_parse(&line, start);
	if (*is_image) {
		return 0;
	}
	if (levels->is_hidden) {
		return -ENOENT;
	}
	if (levels->count == EXEC_LEVELS_MAX) {
		return -ELOOP;
	}
	return is_handled ? add_of_handler(levels, call, &handler)
			  : add_of_script(levels, call, &line);
}

int exec_levels_follow(struct exec_levels *levels, const struct call *call)
{
	bool is_image = false;
	int failure = 0;

	while (failure == 0 && !is_image) {
		failure = follow_step(levels, call, &is_image);
	}
	if (failure == 0 && exec_head_is_narrow(&levels->head)) {
		levels->reason = "32-bit programs cannot be supervised";
		failure = -EACCES;
	}
	return failure;
}
