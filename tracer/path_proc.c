/* SPDX-License-Identifier: MIT */
/* Taking names below /proc apart. */
#include "tracer/path_proc.h"

#include "tracer/anchors.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What lets one process see into another, rather than only see that it is there. */
static const char *const private_entries[] = {
	"mem",
	"environ",
	"auxv",
	"maps",
	"smaps",
	"smaps_rollup",
	"numa_maps",
	"pagemap",
	"fd",
	"fdinfo",
	"map_files",
	"stack",
	"syscall",
	"io",
	"clear_refs",
	"ns",
	"cwd",
	"root",
	"exe",
	"mountinfo",
	"mounts",
	"personality",
	"patch_state",
};

enum { PRIVATE_COUNT = sizeof(private_entries) / sizeof(private_entries[0]) };

enum proc_owner proc_owner_of(const struct call *call, pid_t pid)
{
	char name[64];

	if (pid == call->pid || pid == call->tid) {
		return PROC_CALLER;
	}
	(void)snprintf(name, sizeof(name), "%d", (int)pid);
	if (faccessat(anchors_get()->self_task, name, F_OK, 0) == 0) {
		return PROC_SUPERVISOR;
	}
	(void)snprintf(name, sizeof(name), "%d/task/%d", (int)call->pid, (int)pid);
	if (faccessat(anchors_get()->proc, name, F_OK, 0) == 0) {
		return PROC_CALLER;
	}
	return PROC_OTHER;
}

/* The number that a component consists of, or 0. */
static pid_t leading_number(const char *text, const char **rest)
{
	char *end = NULL;

	if (!isdigit((unsigned char)*text)) {
		return 0;
	}
	const long number = strtol(text, &end, 10);

	if ((*end != '/' && *end != '\0') || number <= 0 || number > 1 << 30) {
		return 0;
	}
	*rest = end;
	return (pid_t)number;
}

/* True if the first component of "/rest…" is word. */
static bool begins_with(const char *rest, const char *word)
{
	const size_t length = strlen(word);

	return rest[0] == '/' && strncmp(rest + 1, word, length) == 0 &&
	       (rest[1 + length] == '/' || rest[1 + length] == '\0');
}

static void classify(struct proc_entry *entry)
{
	const char *rest = entry->rest;
	const char *after = NULL;

	if (begins_with(rest, "task") && strlen(rest) > strlen("/task/") &&
		leading_number(rest + strlen("/task/"), &after) != 0) {
		rest = after;
	}
	entry->is_memory = begins_with(rest, "mem");
	for (size_t i = 0; i < PRIVATE_COUNT && !entry->is_private; i++) {
		entry->is_private = begins_with(rest, private_entries[i]);
	}
}

bool proc_is_named(const char *name)
{
	return begins_with(name, "proc");
}

bool proc_entry_parse(
	struct proc_entry *entry, const struct call *call, const char *name)
{
	*entry = (struct proc_entry){.rest = ""};
	if (!proc_is_named(name)) {
		return false;
	}
	name += strlen("/proc");
	if (*name == '\0') {
		return true;
	}
	entry->pid = leading_number(name + 1, &entry->rest);
	if (entry->pid != 0) {
		entry->owner = proc_owner_of(call, entry->pid);
		classify(entry);
	}
	return true;
}
