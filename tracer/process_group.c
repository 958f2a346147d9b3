/* SPDX-License-Identifier: MIT */
#include "tracer/process_group.h"

#include "tracer/credentials.h"
#include "tracer/tree.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool process_is_in_tree(const struct tracer *tracer, pid_t pid)
{
	return pid_map_get(&tracer->tracees, pid) ||
	       pid_map_get(&tracer->processes, pid);
}

bool process_is_remains(const struct tracer *tracer, pid_t pid)
{
	char path[40];
	char text[512];
	char state = '\0';
	pid_t parent = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	FILE *file = fopen(path, "re");
	if (!file) {
		return false;
	}
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	(void)fclose(file);
	/* The name before it may hold anything, even a parenthesis. */
	const char *field = strrchr(text, ')');
	return field && sscanf(field, ") %c %d", &state, &parent) == 2 &&
	       state == 'Z' && process_is_in_tree(tracer, parent);
}

bool process_may_signal(const struct call *call, pid_t pid, int sig)
{
	return !call->has_own_credentials || pid == call->pid ||
	       caller_may_signal(call->tid, pid, sig);
}

/* Calls visit for every process of the group; stops when it returns false. */
typedef bool (*visit_fn)(struct tracer *tracer, pid_t pid, void *context);

static void visit_group(
	struct tracer *tracer, pid_t group, visit_fn visit, void *context)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;

	while (proc && (entry = readdir(proc)) != NULL) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		if (pid > 0 && (group == PROCESS_ALL || getpgid(pid) == group) &&
			!visit(tracer, pid, context)) {
			break;
		}
	}
	if (proc) {
		(void)closedir(proc);
	}
}

struct outsiders {
	pid_t *list;
	size_t count, most;
	bool has_members; /* of whatever kind */
};

static bool add_outsider(struct tracer *tracer, pid_t pid, void *context)
{
	struct outsiders *outsiders = context;

	outsiders->has_members = true;
	if (pid != getpid() && !process_is_in_tree(tracer, pid) &&
		!process_is_remains(tracer, pid)) {
		outsiders->list[outsiders->count++] = pid;
	}
	return outsiders->count < outsiders->most;
}

int process_group_outsiders(
	struct tracer *tracer, pid_t group, pid_t *outsiders, size_t most)
{
	struct outsiders found = {.list = outsiders, .most = most};

	/* A session that began in the tree has only members of the tree. */
	pid_t session = getsid(group);
	if (session > 0 && session != getsid(0) &&
		process_is_in_tree(tracer, session)) {
		return 0;
	}
	visit_group(tracer, group, add_outsider, &found);
	return found.has_members ? (int)found.count : -ESRCH;
}

struct group_signal {
	int sig;
	const struct call *call;
	bool found, sent;
};

static bool signal_member(struct tracer *tracer, pid_t pid, void *context)
{
	struct group_signal *wanted = context;

	if (pid != wanted->call->pid && pid_map_get(&tracer->processes, pid)) {
		wanted->found = true;
		if (process_may_signal(wanted->call, pid, wanted->sig)) {
			wanted->sent = true;
			(void)kill(pid, wanted->sig);
		}
	}
	return true;
}

/* What would end or stop us; we block all others. */
static bool reaches_us(int sig)
{
	static const int signals[] = {SIGKILL, SIGSTOP, SIGILL, SIGTRAP, SIGABRT,
		SIGBUS, SIGFPE, SIGSEGV, SIGSYS};

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		if (signals[i] == sig) {
			return true;
		}
	}
	return false;
}

bool process_group_is_spared(pid_t group, int sig)
{
	/* Group 1 has no name but 0: kill(-1) is for everybody. */
	return group == PROCESS_ALL || group == 1 ||
	       (group == getpgrp() && reaches_us(sig));
}

int process_group_signal(
	struct tracer *tracer, const struct call *call, pid_t group, int sig)
{
	struct group_signal wanted = {.sig = sig, .call = call};

	if (sig < 0 || sig > SIGRTMAX) {
		return -EINVAL;
	}
	visit_group(tracer, group, signal_member, &wanted);
	if (group != PROCESS_ALL && getpgid(call->pid) == group) {
		wanted.found = wanted.sent = true;
		(void)kill(call->pid, sig);
	}
	/* To all, the kernel says nothing of those whom it left out. */
	if (wanted.sent || (wanted.found && group == PROCESS_ALL)) {
		return 0;
	}
	return wanted.found ? -EPERM : -ESRCH;
}
