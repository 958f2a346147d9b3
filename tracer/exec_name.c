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

/* Where the kernel put the name; 0 if that cannot be read. */
static uint64_t address_of_name(pid_t pid)
{
	Elf64_auxv_t vector[VECTOR_MAX] = {{0}};
	char path[40];

	(void)snprintf(path, sizeof(path), "/proc/%d/auxv", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		return 0;
	}
	ssize_t length = read(fd, vector, sizeof(vector));
	close(fd);
	for (size_t i = 0; length > 0 && i < VECTOR_MAX; i++) {
		if (vector[i].a_type == AT_EXECFN) {
			return vector[i].a_un.a_val;
		}
	}
	return 0;
}

bool exec_name_is(const struct call *call, const char *name)
{
	size_t size = strlen(name) + 1;
	char *found = xmalloc(size);
	bool is_same = call_read(call, address_of_name(call->tid), found, size) &&
		       memcmp(found, name, size) == 0;

	free(found);
	return is_same;
}
