/* SPDX-License-Identifier: MIT */
#include "tracer/exec_call.h"

#include "base/xalloc.h"
#include "tracer/exec_levels.h"
#include "tracer/exec_loader.h"
#include "tracer/exec_mappings.h"
#include "tracer/exec_name.h"
#include "tracer/held_files.h"
#include "tracer/path.h"
#include "tracer/thread_place.h"
#include "tracer/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

struct exec_call {
	struct exec_levels levels;
	struct path loader; /* the ELF interpreter of the image */
	bool has_loader;
	struct mapped_file mapped_image, mapped_loader;
	struct path loaded; /* what a loader that is started as a program will run */
	size_t loaded_at;   /* its place in the image's argv; 0: image is no loader */
	char asked_as[PATH_MAX];
	char *working_folder;
};

static struct exec_level *program_of(const struct exec_call *exec)
{
	return exec->levels.items[0];
}

/* What the new image finds on its stack. */
static const struct arguments *running_of(const struct exec_call *exec)
{
	return &exec_levels_last(&exec->levels)->arguments;
}

/* True if the caller's descriptor is closed by an exec. */
static bool closes_at_exec(const struct call *call, int fd)
{
	char path[64];
	char text[256];
	unsigned flags = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", call->tid, fd);
	FILE *file = fopen(path, "re");

	while (file && fgets(text, sizeof(text), file)) {
		if (sscanf(text, "flags: %o", &flags) == 1) {
			break;
		}
	}
	if (file) {
		(void)fclose(file);
	}
	return (flags & O_CLOEXEC) != 0;
}

/* The name that scripts are told: the path as given, or /dev/fd/N for a descriptor. */
static void name_program(struct exec_call *exec, const struct call *call, int folder)
{
	char *name = program_of(exec)->name;
	const size_t size = sizeof(program_of(exec)->name);

	if (folder == AT_FDCWD || exec->asked_as[0] == '/') {
		(void)snprintf(name, size, "%s", exec->asked_as);
		return;
	}
	if (exec->asked_as[0] == '\0') {
		(void)snprintf(name, size, "/dev/fd/%d", folder);
	} else {
		(void)snprintf(name, size, "/dev/fd/%d/%s", folder, exec->asked_as);
	}
	exec->levels.is_hidden = closes_at_exec(call, folder);
}

static int pin_program(struct exec_call *exec, const struct call *call)
{
	const struct syscall_row *row = call->row;
	int folder = row->folder == POSITION_NONE ? AT_FDCWD
						  : (int)call->arguments[row->folder];
	unsigned flags =
		row->flags == POSITION_NONE ? 0 : (unsigned)call->arguments[row->flags];
	ssize_t length = call_read_string(call, call->arguments[row->path],
		exec->asked_as, sizeof(exec->asked_as));

	if (length < 0) {
		return (int)length;
	}
	struct path_request request = {
		.call = call,
		.folder = folder,
		.text = exec->asked_as,
		.length = (size_t)length,
		.flags = PATH_FROM_FOLDER |
			 ((flags & AT_EMPTY_PATH) ? PATH_EMPTY : 0U) |
			 ((flags & AT_SYMLINK_NOFOLLOW) ? PATH_NO_FOLLOW : 0U),
	};
	struct path *path = &program_of(exec)->path;
	int failure = path_pin(path, &request);
	if (failure == 0 && S_ISLNK(path->status.st_mode)) {
		failure = -ELOOP;
	}
	name_program(exec, call, folder);
	return failure;
}

static struct action exec_action(const struct path *path,
	const struct arguments *arguments, const char *asked_as)
{
	/* An interpreter that is refused because it is not there has the name that it is
	 * asked for by. */
	struct text name = path->name_length == 0
				   ? text_of(asked_as)
				   : (struct text){path->name, path->name_length};

	return (struct action){
		.verb = VERB_EXEC,
		.object = name,
		.asked_as = text_equal_string(name, asked_as) ? text_of(NULL)
							      : text_of(asked_as),
		.argv = arguments->items,
		.argc = arguments->count,
	};
}

static const struct path *loaded_path(const struct exec_call *exec)
{
	return &exec_levels_last(&exec->levels)->path;
}

/* The interpreter that the kernel will map beside the image. */
static int find_loader(struct exec_call *exec, const struct call *call)
{
	char name[PATH_MAX];
	ssize_t length = exec_loader_name(
		loaded_path(exec), &exec->levels.head, name, sizeof(name));

	if (length <= 0) {
		return (int)length;
	}
	struct path_request request = {.call = call,
		.folder = AT_FDCWD,
		.text = name,
		.length = (size_t)length};
	exec->has_loader = true;
	path_init(&exec->loader);
	return path_pin(&exec->loader, &request);
}

/* A loader started as a program: what it will run counts like a script. */
static void find_loaded(struct exec_call *exec, const struct call *call)
{
	const struct arguments *running = running_of(exec);
	size_t at = exec_loader_program(running->items, running->count);

	if (exec->has_loader || at == 0 || !exec_loader_is_system(loaded_path(exec))) {
		return;
	}
	struct path_request request = {
		.call = call,
		.folder = AT_FDCWD,
		.text = running->items[at].bytes,
		.length = running->items[at].length,
	};
	path_init(&exec->loaded);
	if (path_pin(&exec->loaded, &request) == 0) {
		exec->loaded_at = at;
	} else {
		path_finish(&exec->loaded); /* the loader will not find it either */
	}
}

static void list_actions(const struct exec_call *exec, struct request *request)
{
	const struct exec_levels *levels = &exec->levels;
	const struct arguments *running = running_of(exec);

	request->action_count = 0;
	for (size_t i = 0; i < levels->count; i++) {
		request->actions[request->action_count++] = exec_action(
			&levels->items[i]->path, &levels->items[i]->arguments,
			i == 0 ? exec->asked_as : levels->items[i]->name);
	}
	if (exec->has_loader && !exec_loader_is_system(&exec->loader)) {
		request->actions[request->action_count++] =
			exec_action(&exec->loader, running, running->items[0].bytes);
	}
	if (exec->loaded_at != 0) {
		struct arguments rest = {
			.items = running->items + exec->loaded_at,
			.count = running->count - exec->loaded_at,
		};
		request->actions[request->action_count++] =
			exec_action(&exec->loaded, &rest, rest.items[0].bytes);
	}
}

/* True if the caller could read the file: else its image could not be inspected. */
static bool is_readable(const struct path *path)
{
	return faccessat(path->fd, "", R_OK, AT_EACCESS | AT_EMPTY_PATH) == 0;
}

/* Reads what the caller gave and follows it to what would run. */
static int read_call(struct exec_call *exec, const struct call *call)
{
	int failure = pin_program(exec, call);

	if (failure == 0) {
		failure = arguments_read(call, call->arguments[call->row->path + 1],
			&program_of(exec)->arguments);
	}
	return failure;
}

static int find_image(struct exec_call *exec, const struct call *call)
{
	int failure = exec_levels_follow(&exec->levels, call);

	if (failure == 0) {
		failure = find_loader(exec, call);
	}
	if (failure == 0) {
		exec->mapped_image = mapped_file_of(loaded_path(exec));
		if (exec->has_loader) {
			exec->mapped_loader = mapped_file_of(&exec->loader);
		}
		find_loaded(exec, call);
	}
	return failure;
}

/* Anything of what would run. */
static bool is_elsewhere(const struct exec_call *exec)
{
	bool is_found = (exec->has_loader && exec->loader.is_elsewhere) ||
			(exec->loaded_at != 0 && exec->loaded.is_elsewhere);

	for (size_t i = 0; i < exec->levels.count && !is_found; i++) {
		is_found = exec->levels.items[i]->path.is_elsewhere;
	}
	return is_found;
}

int exec_call_prepare(
	struct exec_call **result, const struct call *call, struct request *request)
{
	struct exec_call *exec = xcalloc(1, sizeof(*exec));

	*result = exec;
	const struct path *program = &exec_levels_begin(&exec->levels)->path;
	int failure = read_call(exec, call);
	if (failure != 0) {
		return failure;
	}
	exec->working_folder = thread_folder_read(call->tid);
	failure = find_image(exec, call);
	list_actions(exec, request);
	request->reason =
		is_elsewhere(exec) ? path_elsewhere_reason : exec->levels.reason;
	if (failure == -EACCES && !is_readable(program) &&
		exec_path_check(program) == 0) {
		request->reason = "a program that cannot be read cannot be supervised";
	}
	if (request->reason) {
		request->refused = EACCES;
		return 0;
	}
	return failure;
}

void exec_call_destroy(struct exec_call *exec)
{
	if (!exec) {
		return;
	}
	exec_levels_finish(&exec->levels);
	if (exec->has_loader) {
		path_finish(&exec->loader);
	}
	if (exec->loaded_at != 0) {
		path_finish(&exec->loaded);
	}
	free(exec->working_folder);
	free(exec);
}

/* Whether a link of /proc leads to the file; asks no server, which may be slow. */
static bool leads_to(const char *link, const struct stat *file)
{
	struct statx now;

	return statx(AT_FDCWD, link, AT_STATX_DONT_SYNC, STATX_INO, &now) == 0 &&
	       makedev(now.stx_dev_major, now.stx_dev_minor) == file->st_dev &&
	       now.stx_ino == file->st_ino;
}

/* The image is the judged inode. An exec in between cannot have run anything. */
static bool is_same_image(const struct exec_call *exec, pid_t pid)
{
	char path[40];

	(void)snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	return leads_to(path, &loaded_path(exec)->status);
}

/* argc, the pointers and the strings, as the kernel laid them on the new stack. */
static bool is_same_argv(
	const struct exec_call *exec, const struct call *call, uint64_t stack)
{
	const struct arguments *running = running_of(exec);
	struct {
		uint64_t argc, pointer;
	} start = {0, 0};

	if (!call_read(call, stack, &start, sizeof(start)) ||
		start.argc != running->count) {
		return false;
	}
	/* The kernel lays the strings one after the other: one comparison. */
	char *found = xmalloc(running->length);
	bool is_same = call_read(call, start.pointer, found, running->length) &&
		       memcmp(found, running->bytes, running->length) == 0;
	free(found);
	return is_same;
}

/* The descriptor that a handler gets, if it gets one, is of the very file. */
static bool is_same_opened(
	const struct exec_call *exec, pid_t pid, const struct exec_vector *vector)
{
	const size_t opened = exec->levels.opened;
	char path[64];

	if (opened == 0 || !vector->has_opened) {
		return opened == 0 && !vector->has_opened;
	}
	(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, vector->opened);
	return leads_to(path, &exec->levels.items[opened - 1]->path.status);
}

bool exec_call_verify(const struct exec_call *exec, pid_t pid, int memory_fd)
{
	struct registers registers;
	const struct call call = {
		.tid = pid, .pid = pid, .memory_fd = memory_fd, .is_fresh = true};

	struct exec_vector vector;

	return is_same_image(exec, pid) && exec_vector_read(pid, &vector) &&
	       exec_name_is(&call, &vector, program_of(exec)->name) &&
	       is_same_opened(exec, pid, &vector) &&
	       exec_mappings_are(
		       pid, &vector, &exec->mapped_image, &exec->mapped_loader) &&
	       registers_read(pid, &registers) &&
	       is_same_argv(exec, &call, registers_stack(&registers));
}

struct image *exec_call_image(const struct exec_call *exec)
{
	struct image *image = image_create();
	const struct path *program = &program_of(exec)->path;
	const struct arguments *given = &program_of(exec)->arguments;

	image->program =
		xmemdup0(loaded_path(exec)->name, loaded_path(exec)->name_length);
	image->script = exec->levels.count > 1
				? xmemdup0(program->name, program->name_length)
				: NULL;
	image->working_folder = xstrdup(exec->working_folder);
	image->strings = xmemdup0(given->bytes, given->length);
	image->argc = given->count;
	image->argv = xcalloc(given->count, sizeof(image->argv[0]));
	for (size_t i = 0; i < given->count; i++) {
		image->argv[i] = (struct text){
			image->strings + (given->items[i].bytes - given->bytes),
			given->items[i].length};
	}
	return image;
}

static void hold(const struct exec_call *exec, struct held_files *held,
	struct path *path, const char *asked_as)
{
	held_files_add(held, path->fd, asked_as,
		(struct text){path->name, path->name_length}, exec->working_folder);
	path->fd = -1;
}

void exec_call_hold(
	struct exec_call *exec, struct held_files *held, struct image *image)
{
	const struct arguments *running = running_of(exec);

	held_files_keep(held, running);
	if (image && !image->script && held->count > 0) {
		image->script = xstrdup(held->items[held->count - 1].canonical);
	}
	for (size_t i = 0; i + 1 < exec->levels.count; i++) {
		struct exec_level *level = exec->levels.items[i];

		hold(exec, held, &level->path, level->name);
	}
	if (exec->loaded_at != 0) {
		hold(exec, held, &exec->loaded, running->items[exec->loaded_at].bytes);
	}
}
