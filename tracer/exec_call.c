/* SPDX-License-Identifier: MIT */
#include "tracer/exec_call.h"

#include "base/xalloc.h"
#include "tracer/exec_arguments.h"
#include "tracer/exec_loader.h"
#include "tracer/exec_name.h"
#include "tracer/path.h"
#include "tracer/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	INTERPRETERS_MAX = 5, /* BINPRM_BUF levels of the kernel's exec_binprm */
	HEAD_SIZE = 256,      /* BINPRM_BUF_SIZE */
};

struct exec_call {
	struct path program; /* as named by the caller */
	struct path image;   /* what the kernel will load: the last interpreter */
	bool has_image;	     /* image differs from program: program is a script */
	struct path loader;  /* the ELF interpreter of the image */
	bool has_loader;
	struct path loaded; /* what a loader that is started as a program will run */
	size_t loaded_at;   /* its place in running; 0: image is no loader */
	char asked_as[PATH_MAX];
	char script_name[PATH_MAX + 32]; /* the script's name in the rewritten argv */
	char *working_folder;
	struct exec_head head;	  /* of the image */
	struct arguments given;	  /* the caller's argv */
	struct arguments running; /* what the new image finds on its stack */
};

/* A #! line split as the kernel's load_script does; false if the file is none. */
struct script_line {
	char interpreter[HEAD_SIZE];
	char argument[HEAD_SIZE];
	bool has_argument;
};

static bool parse_script_line(char head[HEAD_SIZE + 1], struct script_line *line)
{
	if (head[0] != '#' || head[1] != '!') {
		return false;
	}
	char *text = head + 2;
	text[strcspn(text, "\n")] = '\0';
	text += strspn(text, " \t");
	size_t end = strlen(text);
	while (end > 0 && (text[end - 1] == ' ' || text[end - 1] == '\t')) {
		text[--end] = '\0';
	}
	size_t length = strcspn(text, " \t");
	if (length == 0) {
		return false;
	}
	(void)snprintf(line->interpreter, sizeof(line->interpreter), "%.*s",
		(int)length, text);
	text += length;
	text += strspn(text, " \t");
	line->has_argument = *text != '\0';
	(void)snprintf(line->argument, sizeof(line->argument), "%s", text);
	return true;
}

/* The first bytes of a pinned file; 0 or a negative errno. */
static int read_head(
	struct exec_call *exec, const struct path *path, char head[HEAD_SIZE + 1])
{
	const int failure = exec_head_read(&exec->head, path);
	const size_t length =
		exec->head.length < HEAD_SIZE ? exec->head.length : HEAD_SIZE;

	memcpy(head, exec->head.bytes, length);
	head[length] = '\0';
	return failure;
}

/* As the kernel: a regular file with an execute bit for the caller. */
static int check_executable(const struct path *path)
{
	if (!S_ISREG(path->status.st_mode)) {
		return -EACCES;
	}
	return faccessat(path->fd, "", X_OK, AT_EACCESS | AT_EMPTY_PATH) == 0 ? 0
									      : -errno;
}

/* Puts interpreter, its argument and the script's name before the rest of argv. */
static void rewrite_arguments(
	struct exec_call *exec, const struct script_line *line, const char *script_name)
{
	struct arguments old = exec->running;
	struct arguments rewritten = {0};

	arguments_append(&rewritten, line->interpreter, strlen(line->interpreter));
	if (line->has_argument) {
		arguments_append(&rewritten, line->argument, strlen(line->argument));
	}
	arguments_append(&rewritten, script_name, strlen(script_name));
	for (size_t i = 1; i < old.count; i++) {
		arguments_append(&rewritten, old.items[i].bytes, old.items[i].length);
	}
	arguments_settle(&rewritten);
	arguments_finish(&old);
	exec->running = rewritten;
}

/* Follows #! lines to the image that is loaded in the end. */
static int follow_scripts(struct exec_call *exec, const struct call *call)
{
	char head[HEAD_SIZE + 1] = "";
	char script_name[PATH_MAX + 32];
	struct script_line line;
	const struct path *current = &exec->program;

	(void)snprintf(script_name, sizeof(script_name), "%s", exec->script_name);
	for (int level = 0;; level++) {
		int failure = check_executable(current);
		if (failure == 0) {
			failure = read_head(exec, current, head);
		}
		if (failure != 0 || !parse_script_line(head, &line)) {
			return failure;
		}
		if (level == INTERPRETERS_MAX) {
			return -ELOOP;
		}
		rewrite_arguments(exec, &line, script_name);
		(void)snprintf(
			script_name, sizeof(script_name), "%s", line.interpreter);
		struct path_request request = {
			.call = call,
			.folder = AT_FDCWD,
			.text = line.interpreter,
			.length = strlen(line.interpreter),
		};
		if (exec->has_image) {
			path_finish(&exec->image);
		}
		path_init(&exec->image);
		exec->has_image = true;
		failure = path_pin(&exec->image, &request);
		if (failure != 0) {
			return failure;
		}
		current = &exec->image;
	}
}

/* The name that scripts are told: the path as given, or /dev/fd/N for a descriptor. */
static void name_script(struct exec_call *exec, int folder)
{
	if (folder == AT_FDCWD || exec->asked_as[0] == '/') {
		(void)snprintf(exec->script_name, sizeof(exec->script_name), "%s",
			exec->asked_as);
	} else if (exec->asked_as[0] == '\0') {
		(void)snprintf(exec->script_name, sizeof(exec->script_name),
			"/dev/fd/%d", folder);
	} else {
		(void)snprintf(exec->script_name, sizeof(exec->script_name),
			"/dev/fd/%d/%s", folder, exec->asked_as);
	}
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
		.flags = ((flags & AT_EMPTY_PATH) ? PATH_EMPTY : 0U) |
			 ((flags & AT_SYMLINK_NOFOLLOW) ? PATH_NO_FOLLOW : 0U),
	};
	int failure = path_pin(&exec->program, &request);
	if (failure == 0 && S_ISLNK(exec->program.status.st_mode)) {
		failure = -ELOOP;
	}
	name_script(exec, folder);
	return failure;
}

static struct action exec_action(const struct path *path,
	const struct arguments *arguments, const char *asked_as)
{
	struct text name = {path->name, path->name_length};

	return (struct action){
		.verb = VERB_EXEC,
		.object = name,
		.asked_as = text_equal_string(name, asked_as) ? text_of(NULL)
							      : text_of(asked_as),
		.argv = arguments->items,
		.argc = arguments->count,
	};
}

static char *read_working_folder(pid_t tid)
{
	char path[40];
	char folder[PATH_MAX];

	(void)snprintf(path, sizeof(path), "/proc/%d/cwd", tid);
	ssize_t length = readlink(path, folder, sizeof(folder));
	return xmemdup0(folder, length > 0 ? (size_t)length : 0);
}

static const struct path *loaded_path(const struct exec_call *exec)
{
	return exec->has_image ? &exec->image : &exec->program;
}

/* The interpreter that the kernel will map beside the image. */
static int find_loader(struct exec_call *exec, const struct call *call)
{
	char name[PATH_MAX];
	ssize_t length =
		exec_loader_name(loaded_path(exec), &exec->head, name, sizeof(name));

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
	const struct arguments *running = &exec->running;
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

static void list_actions(struct exec_call *exec, struct request *request)
{
	request->actions[0] = exec_action(&exec->program, &exec->given, exec->asked_as);
	request->action_count = 1;
	if (exec->has_image) {
		request->actions[1] = exec_action(
			&exec->image, &exec->running, exec->running.items[0].bytes);
		request->action_count = 2;
	}
	if (exec->has_loader && !exec_loader_is_system(&exec->loader)) {
		request->actions[request->action_count++] = exec_action(
			&exec->loader, &exec->running, exec->running.items[0].bytes);
	}
	if (exec->loaded_at != 0) {
		struct arguments rest = {
			.items = exec->running.items + exec->loaded_at,
			.count = exec->running.count - exec->loaded_at,
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

int exec_call_prepare(
	struct exec_call **result, const struct call *call, struct request *request)
{
	struct exec_call *exec = xcalloc(1, sizeof(*exec));

	*result = exec;
	path_init(&exec->program);
	int failure = pin_program(exec, call);
	if (failure == 0) {
		failure = arguments_read(
			call, call->arguments[call->row->path + 1], &exec->given);
	}
	if (failure != 0) {
		return failure;
	}
	for (size_t i = 0; i < exec->given.count; i++) {
		arguments_append(&exec->running, exec->given.items[i].bytes,
			exec->given.items[i].length);
	}
	arguments_settle(&exec->running);
	exec->working_folder = read_working_folder(call->tid);
	failure = follow_scripts(exec, call);
	if (failure == 0) {
		failure = find_loader(exec, call);
	}
	if (failure == 0) {
		find_loaded(exec, call);
	}
	list_actions(exec, request);
	if (failure == -EACCES && !is_readable(&exec->program) &&
		check_executable(&exec->program) == 0) {
		request->refused = EACCES;
		request->reason = "a program that cannot be read cannot be supervised";
		return 0;
	}
	return failure;
}

void exec_call_destroy(struct exec_call *exec)
{
	if (!exec) {
		return;
	}
	path_finish(&exec->program);
	if (exec->has_image) {
		path_finish(&exec->image);
	}
	if (exec->has_loader) {
		path_finish(&exec->loader);
	}
	if (exec->loaded_at != 0) {
		path_finish(&exec->loaded);
	}
	arguments_finish(&exec->given);
	arguments_finish(&exec->running);
	free(exec->working_folder);
	free(exec);
}

/* The image is the judged inode. An exec in between cannot have run anything. */
static bool is_same_image(const struct exec_call *exec, pid_t pid)
{
	const struct stat *judged = &loaded_path(exec)->status;
	struct stat now;
	char path[40];

	(void)snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	return stat(path, &now) == 0 && now.st_dev == judged->st_dev &&
	       now.st_ino == judged->st_ino;
}

/* argc, the pointers and the strings, as the kernel laid them on the new stack. */
static bool is_same_argv(
	const struct exec_call *exec, const struct call *call, uint64_t stack)
{
	struct {
		uint64_t argc, pointer;
	} start = {0, 0};

	if (!call_read(call, stack, &start, sizeof(start)) ||
		start.argc != exec->running.count) {
		return false;
	}
	/* The kernel lays the strings one after the other: one comparison. */
	char *found = xmalloc(exec->running.length);
	bool is_same = call_read(call, start.pointer, found, exec->running.length) &&
		       memcmp(found, exec->running.bytes, exec->running.length) == 0;
	free(found);
	return is_same;
}

bool exec_call_verify(const struct exec_call *exec, pid_t pid, int memory_fd)
{
	struct registers registers;
	const struct call call = {.tid = pid, .pid = pid, .memory_fd = memory_fd};

	struct exec_vector vector;

	return is_same_image(exec, pid) && exec_vector_read(pid, &vector) &&
	       exec_name_is(&call, &vector, exec->script_name) &&
	       exec_loader_is_mapped(
		       pid, &vector, exec->has_loader ? &exec->loader.status : NULL) &&
	       registers_read(pid, &registers) &&
	       is_same_argv(exec, &call, registers_stack(&registers));
}

struct image *exec_call_image(const struct exec_call *exec)
{
	struct image *image = image_create();
	const struct arguments *given = &exec->given;

	image->program =
		xmemdup0(loaded_path(exec)->name, loaded_path(exec)->name_length);
	image->script = exec->has_image ? xmemdup0(exec->program.name,
						  exec->program.name_length)
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

int exec_call_script(const struct exec_call *exec, char **name)
{
	if (exec->loaded_at != 0) {
		*name = xstrdup(exec->running.items[exec->loaded_at].bytes);
		return fcntl(exec->loaded.fd, F_DUPFD_CLOEXEC, 3);
	}
	if (!exec->has_image) {
		return -1;
	}
	*name = xstrdup(exec->script_name);
	return fcntl(exec->program.fd, F_DUPFD_CLOEXEC, 3);
}
