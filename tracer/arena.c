/* SPDX-License-Identifier: MIT */
#include "tracer/arena.h"

#include "base/defence.h"
#include "base/xalloc.h"
#include "tracer/credentials.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { SMALL_ADDRESS_SPACE = 1 << 30 };

struct arena {
	int fd;
	unsigned char *memory;
	dev_t device;
	ino_t inode;
	bool taken[ARENA_SLOTS];
	int next; /* where the search for a free slot begins */
};

static bool arena_open(struct arena *arena)
{
	struct stat status;

	arena->fd = memfd_create("duenna-arguments", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (arena->fd < 0 || ftruncate(arena->fd, ARENA_SIZE) != 0 ||
		fstat(arena->fd, &status) != 0) {
		return false;
	}
	arena->device = status.st_dev;
	arena->inode = status.st_ino;
	arena->memory = mmap(
		NULL, ARENA_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, arena->fd, 0);
	const int write_seal =
		defence_is_off(DEFENCE_READ_ONLY) ? 0 : F_SEAL_FUTURE_WRITE;
	/* Keepers, into which others may look, have no use for it. */
	return arena->memory != MAP_FAILED &&
	       madvise(arena->memory, ARENA_SIZE, MADV_DONTFORK) == 0 &&
	       fcntl(arena->fd, F_ADD_SEALS,
		       write_seal | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0;
}

struct arena *arena_create(struct error *err)
{
	struct arena *arena = xcalloc(1, sizeof(*arena));

	arena->memory = MAP_FAILED;
	if (!arena_open(arena)) {
		(void)error_set(err, errno, "cannot make the sealed argument pages: %s",
			strerror(errno));
		arena_destroy(arena);
		return NULL;
	}
	return arena;
}

void arena_destroy(struct arena *arena)
{
	if (!arena) {
		return;
	}
	if (arena->memory != MAP_FAILED) {
		(void)munmap(arena->memory, ARENA_SIZE);
	}
	if (arena->fd >= 0) {
		close(arena->fd);
	}
	free(arena);
}

int arena_fd(const struct arena *arena)
{
	return arena->fd;
}

uint64_t arena_size(int slots)
{
	return (uint64_t)slots * ARENA_SLOT_SIZE;
}

int arena_slots_for(pid_t pid)
{
	struct rlimit limit;

	return prlimit(pid, RLIMIT_AS, NULL, &limit) == 0 &&
			       limit.rlim_cur < SMALL_ADDRESS_SPACE
		       ? ARENA_FEW_SLOTS
		       : ARENA_SLOTS;
}

int arena_slot_take(struct arena *arena, const struct arena_mapping *mapping)
{
	int first = mapping->slots == ARENA_SLOTS ? ARENA_FEW_SLOTS : 0;
	int count = mapping->slots - first;

	for (int i = 0; i < count; i++) {
		int slot = first + (arena->next + i) % count;
		if (!arena->taken[slot]) {
			arena->taken[slot] = true;
			arena->next = slot - first + 1;
			return slot;
		}
	}
	return ARENA_NO_SLOT;
}

void arena_slot_release(struct arena *arena, int slot)
{
	if (slot != ARENA_NO_SLOT) {
		arena->taken[slot] = false;
	}
}

void *arena_slot_memory(struct arena *arena, int slot)
{
	return arena->memory + (size_t)slot * ARENA_SLOT_SIZE;
}

uint64_t arena_slot_address(const struct arena_mapping *mapping, int slot)
{
	return mapping->address + (uint64_t)slot * ARENA_SLOT_SIZE;
}

int arena_protection(void)
{
	return defence_is_off(DEFENCE_READ_ONLY) ? PROT_READ | PROT_WRITE : PROT_READ;
}

/* Reads one line of maps; true if it is this mapping of the arena. */
static bool is_arena_line(const struct arena *arena, const char *line,
	const struct arena_mapping *mapping)
{
	unsigned long long first;
	unsigned long long end;
	unsigned long long offset;
	unsigned long long inode;
	char access[5];
	unsigned major_number;
	unsigned minor_number;

	return sscanf(line, "%llx-%llx %4s %llx %x:%x %llu", &first, &end, access,
		       &offset, &major_number, &minor_number, &inode) == 7 &&
	       first == mapping->address && end == first + arena_size(mapping->slots) &&
	       offset == 0 &&
	       strcmp(access, arena_protection() == PROT_READ ? "r--s" : "rw-s") == 0 &&
	       inode == arena->inode &&
	       makedev(major_number, minor_number) == arena->device;
}

/*
 * Lines of a file of /proc/PID/. They are read whole: a name that the tree chose is in
 * them, and what comes after a cut could be spelled like a line.
 */
struct lines {
	FILE *file;
	char *line;
	size_t size;
};

static struct lines lines_open(pid_t pid, const char *name)
{
	char path[40];

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return (struct lines){.file = fopen(path, "re")};
}

static bool lines_next(struct lines *lines)
{
	return lines->file && getline(&lines->line, &lines->size, lines->file) > 0;
}

static void lines_close(struct lines *lines)
{
	if (lines->file) {
		(void)fclose(lines->file);
	}
	free(lines->line);
}

/* Reads on up to the line of this mapping; false if there is none. */
static bool lines_find(struct lines *lines, const struct arena *arena,
	const struct arena_mapping *mapping)
{
	bool found = false;

	while (!found && lines_next(lines)) {
		found = is_arena_line(arena, lines->line, mapping);
	}
	return found;
}

bool arena_is_mapped_at(
	const struct arena *arena, pid_t pid, const struct arena_mapping *mapping)
{
	struct lines maps = lines_open(pid, "maps");
	const bool found = lines_find(&maps, arena, mapping);

	lines_close(&maps);
	return found;
}

int arena_slots_mapped_at(const struct arena *arena, pid_t pid, uint64_t address)
{
	const struct arena_mapping all = {address, ARENA_SLOTS};

	return arena_is_mapped_at(arena, pid, &all) ? ARENA_SLOTS : ARENA_FEW_SLOTS;
}

bool arena_is_sealed_at(
	const struct arena *arena, pid_t pid, const struct arena_mapping *mapping)
{
	static const char flags[] = "VmFlags:";
	struct lines maps = lines_open(pid, "smaps");
	bool is_sealed = false;

	if (lines_find(&maps, arena, mapping)) {
		bool has_flags = false;
		while (!has_flags && lines_next(&maps)) {
			has_flags = strncmp(maps.line, flags, sizeof(flags) - 1) == 0;
		}
		is_sealed = has_flags && strstr(maps.line, " sl") != NULL;
	}
	lines_close(&maps);
	return is_sealed;
}

bool arena_has_real_seal(
	const struct arena *arena, pid_t tid, const struct arena_mapping *mapping)
{
	return !caller_is_filtered_further(tid) || defence_is_off(DEFENCE_SEAL_PROOF) ||
	       arena_is_sealed_at(arena, tid, mapping);
}
