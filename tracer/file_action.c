/* SPDX-License-Identifier: MIT */
/* What a file call would do, as actions for rules, or why that is refused. */
#include "base/defence.h"
#include "tracer/anchors.h"
#include "tracer/file_internal.h"
#include "tracer/path_proc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* NULL: there is no room, so the call is refused. */
static struct action *add(struct request *request, enum verb verb, struct text object,
	struct text asked_as, bool is_folder)
{
	if (request->action_count == REQUEST_ACTIONS_MAX) {
		request->refused = EACCES;
		request->reason = "it does more than can be shown";
		return NULL;
	}
	struct action *action = &request->actions[request->action_count++];

	*action = (struct action){.verb = verb,
		.object = object,
		.asked_as = asked_as,
		.is_folder = is_folder};
	return action;
}

void file_add_inspection(struct file_call *file, struct request *request, pid_t pid)
{
	char name[32];

	if (file->inspected != 0) {
		if (file->inspected != pid) {
			request->refused = EACCES;
			request->reason = "it looks into several processes at once";
		}
		return;
	}
	file->inspected = pid;
	(void)snprintf(name, sizeof(name), "%d/exe", (int)pid);
	const ssize_t length = readlinkat(
		anchors_get()->proc, name, file->program, sizeof(file->program) - 1);

	if (length > 0) {
		file->program[length] = '\0';
	} else {
		(void)snprintf(
			file->program, sizeof(file->program), "/proc/%d", (int)pid);
	}
	struct action *action = add(request, VERB_INSPECT, text_of(file->program),
		text_of(file->text), false);
	if (action) {
		action->process = pid;
	}
}

/* Shows the caller's own entries as /proc/self; true if all is said about the name. */
static bool add_proc_entry(struct file_call *file, struct request *request,
	enum verb verb, struct path *path)
{
	struct proc_entry entry;

	if (!proc_entry_parse(&entry, &file->call, path->name) ||
		entry.owner == PROC_NOBODY) {
		return false;
	}
	if (entry.is_memory && verb != VERB_READ &&
		!defence_is_off(DEFENCE_CLOSED_MEMORY)) {
		request->refused = EACCES;
		request->reason = "it would write the memory of a process";
	}
	switch (entry.owner) {
	case PROC_NOBODY:
		return false;
	case PROC_SUPERVISOR:
		if (entry.is_private || verb != VERB_READ) {
			request->refused = EACCES;
			request->reason = "it belongs to Duenna itself";
		}
		return false;
	case PROC_OTHER:
		if (!entry.is_private) {
			return false;
		}
		file_add_inspection(file, request, entry.pid);
		return true;
	case PROC_CALLER:
		break;
	}
	(void)snprintf(file->shown, sizeof(file->shown), "/proc/self%s", entry.rest);
	(void)add(request, verb, text_of(file->shown), text_of(file->text), false);
	return true;
}

/* Who it is between matters to whoever stands there. */
static void note_pipe(struct request *request, const struct path *path)
{
	for (size_t i = 0; i < request->action_count; i++) {
		struct action *action = &request->actions[i];
		if (action->verb == VERB_INSPECT && path->is_unnamed &&
			S_ISFIFO(path->status.st_mode)) {
			action->pipe = path->status.st_ino;
		}
	}
}

void file_add_action(struct file_call *file, struct request *request, enum verb verb,
	struct path *path)
{
	const char *text = path == &file->path2 ? file->text2 : file->text;
	const struct text name = {path->name, path->name_length};
	const struct text asked_as = text_of(text);

	if (path->is_ours || path->is_foreign_proc || path->is_elsewhere ||
		path->is_only_handle) {
		(void)file_refuse_path(file, request, path);
		return;
	}
	if (path->through != 0) {
		file_add_inspection(file, request, path->through);
		note_pipe(request, path);
	}
	if (path->is_unnamed) {
		return;
	}
	if (path->is_proc && add_proc_entry(file, request, verb, path)) {
		return;
	}
	(void)add(request, verb, name,
		text_equal(name, asked_as) ? text_of("") : asked_as,
		!path->is_missing && S_ISDIR(path->status.st_mode));
}

void file_add_named_action(struct file_call *file, struct request *request,
	enum verb verb, struct text name)
{
	(void)add(request, verb, name, text_of(file->text), false);
}

void file_add_socket(struct request *request, const struct path *path, char *object)
{
	if (!S_ISSOCK(path->status.st_mode) || path->name_length == 0) {
		return;
	}
	(void)snprintf(object, FILE_SOCKET_SIZE, "unix:%s", path->name);
	struct action *action =
		add(request, VERB_CONNECT, text_of(object), text_of(""), false);

	if (action) {
		action->endpoint.family = ENDPOINT_UNIX;
	}
}

int file_refuse(
	struct file_call *file, struct request *request, int error, const char *reason)
{
	request->refused = error;
	request->reason = reason;
	if (request->action_count == 0) {
		(void)add(request, file->call.row->verb, text_of(file->text),
			text_of(""), false);
	}
	return 0;
}

bool file_refuse_path(
	struct file_call *file, struct request *request, const struct path *path)
{
	if (path->is_ours) {
		(void)file_refuse(file, request, EACCES, "it belongs to Duenna itself");
		return true;
	}
	if (path->is_too_long) {
		(void)file_refuse(file, request, ENAMETOOLONG,
			"its whole name is too long to judge");
		return true;
	}
	if (path->is_foreign_proc) {
		(void)file_refuse(file, request, EACCES,
			"processes are looked into only by way of /proc");
		return true;
	}
	if (path->is_elsewhere) {
		(void)file_refuse(file, request, EACCES, path_elsewhere_reason);
		return true;
	}
	if (path->is_only_handle) {
		(void)file_refuse(file, request, EACCES,
			"no name leads to it, and it is not open: it may be anybody's");
		return true;
	}
	return false;
}
