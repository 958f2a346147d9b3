/* SPDX-License-Identifier: MIT */
#include "tracer/exec_loader.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { PROGRAM_HEADERS_MAX = 128, AUXV_MAX = 64 };

/* The first PT_INTERP segment of an open ELF file; false if there is none. */
static bool find_segment(int fd, Elf64_Phdr *found)
{
	Elf64_Ehdr header;
	Elf64_Phdr segments[PROGRAM_HEADERS_MAX];

	if (pread(fd, &header, sizeof(header), 0) != sizeof(header) ||
		memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
		header.e_ident[EI_CLASS] != ELFCLASS64 ||
		header.e_phentsize != sizeof(segments[0])) {
		return false;
	}
	size_t count = header.e_phnum < PROGRAM_HEADERS_MAX ? header.e_phnum
							    : PROGRAM_HEADERS_MAX;
	ssize_t size = (ssize_t)(count * sizeof(segments[0]));
	if (pread(fd, segments, (size_t)size, (off_t)header.e_phoff) != size) {
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		if (segments[i].p_type == PT_INTERP) {
			*found = segments[i];
			return true;
		}
	}
	return false;
}

ssize_t exec_loader_name(const struct path *program, char *name, size_t size)
{
	char path[40];
	Elf64_Phdr segment;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", program->fd);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		return -errno;
	}
	ssize_t length = 0;
	if (find_segment(fd, &segment)) {
		/* As the kernel: its length is bounded and its last byte is 0. */
		length = -ENOEXEC;
		if (segment.p_filesz >= 2 && segment.p_filesz <= size &&
			pread(fd, name, segment.p_filesz, (off_t)segment.p_offset) ==
				(ssize_t)segment.p_filesz &&
			name[segment.p_filesz - 1] == '\0') {
			length = (ssize_t)strlen(name);
		}
	}
	close(fd);
	return length;
}

bool exec_loader_is_system(const struct path *path)
{
	static const char *const patterns[] = {
		"/usr/lib*/ld-*.so*",
		"/usr/lib*/ld.so*",
		"/lib*/ld-*.so*",
		"/lib*/ld.so*",
	};

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		if (fnmatch(patterns[i], path->name, 0) == 0) {
			return true;
		}
	}
	return false;
}

/* Options of ld.so(8) that take the next argument as their value. */
static bool takes_value(struct text option)
{
	static const char *const options[] = {"--argv0", "--audit",
		"--glibc-hwcaps-mask", "--glibc-hwcaps-prepend", "--inhibit-rpath",
		"--library-path", "--preload"};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (text_equal_string(option, options[i])) {
			return true;
		}
	}
	return false;
}

size_t exec_loader_program(const struct text *argv, size_t argc)
{
	for (size_t i = 1; i < argc; i++) {
		if (!text_starts_with(argv[i], "--")) {
			return i;
		}
		if (takes_value(argv[i])) {
			i++;
		}
	}
	return 0;
}

/* Where the kernel mapped the interpreter; 0: there is none. */
static uint64_t loader_address(pid_t pid)
{
	char path[40];
	Elf64_auxv_t entries[AUXV_MAX];

	(void)snprintf(path, sizeof(path), "/proc/%d/auxv", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		return UINT64_MAX;
	}
	ssize_t length = read(fd, entries, sizeof(entries));
	close(fd);
	for (size_t i = 0; length > 0 && i < (size_t)length / sizeof(entries[0]); i++) {
		if (entries[i].a_type == AT_BASE) {
			return entries[i].a_un.a_val;
		}
	}
	return UINT64_MAX;
}

bool exec_loader_is_mapped(pid_t pid, const struct stat *loader)
{
	uint64_t address = loader_address(pid);
	char path[40];
	char line[PATH_MAX + 128];
	bool is_mapped = false;

	if (!loader || address == 0) {
		return !loader && address == 0;
	}
	(void)snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	FILE *maps = fopen(path, "re");
	while (maps && !is_mapped && fgets(line, sizeof(line), maps)) {
		unsigned long long first;
		unsigned long long end;
		unsigned long long inode;
		unsigned major_number;
		unsigned minor_number;
		is_mapped = sscanf(line, "%llx-%llx %*s %*x %x:%x %llu", &first, &end,
				    &major_number, &minor_number, &inode) == 5 &&
			    first <= address && address < end &&
			    inode == loader->st_ino &&
			    makedev(major_number, minor_number) == loader->st_dev;
	}
	if (maps) {
		(void)fclose(maps);
	}
	return is_mapped;
}
