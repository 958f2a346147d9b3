/* SPDX-License-Identifier: MIT */
#include "tracer/exec_name.h"

#include "base/xalloc.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { VECTOR_MAX = 64 };

bool exec_vector_read(pid_t pid, struct exec_vector *vector)
{
	Elf64_auxv_t entries[VECTOR_MAX];
	char path[40];
	bool has_loader = false;

	*vector = (struct exec_vector){.name = 0};
	(void)snprintf(path, sizeof(path), "/proc/%d/auxv", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		return false;
	}
	ssize_t length = read(fd, entries, sizeof(entries));
	close(fd);
	for (size_t i = 0; length > 0 && i < (size_t)length / sizeof(entries[0]); i++) {
		if (entries[i].a_type == AT_EXECFN) {
			vector->name = entries[i].a_un.a_val;
		} else if (entries[i].a_type == AT_BASE) {
			vector->loader = entries[i].a_un.a_val;
			has_loader = true;
		} else if (entries[i].a_type == AT_EXECFD) {
			vector->opened = (int)entries[i].a_un.a_val;
			vector->has_opened = true;
		}
	}
	return has_loader && vector->name != 0;
}

bool exec_name_is(
	const struct call *call, const struct exec_vector *vector, const char *name)
{
	size_t size = strlen(name) + 1;
	char *found = xmalloc(size);
	bool is_same = call_read(call, vector->name, found, size) &&
		       memcmp(found, name, size) == 0;

	free(found);
	return is_same;
}
