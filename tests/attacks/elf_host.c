/* SPDX-License-Identifier: MIT */
#include "tests/attacks/elf_host.h"

#include "tests/attacks/attack.h"

#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

enum { HEAD_SIZE = 4096, ADDRESS = 0x10000000 };

off_t elf_host_make(const char *name)
{
	static unsigned char bytes[HEAD_SIZE + PATH_MAX];
	Elf64_Ehdr header;
	off_t found = 0;
	int tool = (int)need(open(arena.tool, O_RDONLY | O_CLOEXEC), arena.tool);
	size_t size = (size_t)need(read(tool, bytes, HEAD_SIZE), "read");
	close(tool);
	memcpy(&header, bytes, sizeof(header));
	for (int i = 0; i < header.e_phnum; i++) {
		Elf64_Phdr segment;
		size_t at = header.e_phoff + (size_t)i * sizeof(segment);
		memcpy(&segment, bytes + at, sizeof(segment));
		if (segment.p_type == PT_LOAD) {
			segment.p_type = segment.p_offset == 0 ? PT_LOAD : PT_NULL;
			segment.p_vaddr += ADDRESS;
			segment.p_filesz = segment.p_memsz = HEAD_SIZE;
		} else if (segment.p_type == PT_NOTE && found == 0) {
			segment = (Elf64_Phdr){.p_type = PT_INTERP,
				.p_offset = size,
				.p_filesz = strlen(arena.tool) + 1};
			found = (off_t)(at + offsetof(Elf64_Phdr, p_type));
		}
		memcpy(bytes + at, &segment, sizeof(segment));
	}
	memcpy(bytes + size, arena.tool, strlen(arena.tool) + 1);
	size += strlen(arena.tool) + 1;
	int host = (int)need(open(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0755), name);
	need(write(host, bytes, size), "write");
	close(host);
	return found;
}
