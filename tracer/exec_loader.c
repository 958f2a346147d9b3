/* SPDX-License-Identifier: MIT */
#include "tracer/exec_loader.h"

#include "tracer/anchors.h"
#include "tracer/path_internal.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { PROGRAM_HEADERS_MAX = 128 };

static int open_pinned(const struct path *path)
{
	const struct fd_text number = fd_text_of(path->fd);
	const int fd = openat(anchors_get()->self_fd, number.text,
		O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	return fd < 0 ? -errno : fd;
}

int exec_head_read(struct exec_head *head, const struct path *path)
{
	const int fd = open_pinned(path);

	head->length = 0;
	if (fd < 0) {
		return fd;
	}
	const ssize_t length = pread(fd, head->bytes, sizeof(head->bytes), 0);

	close(fd);
	head->length = length > 0 ? (size_t)length : 0;
	return 0;
}

/* A program that is being looked at; what lies beyond its head is read. */
struct file_view {
	const struct path *path;
	const struct exec_head *head;
};

static bool view_read(
	const struct file_view *view, void *buffer, size_t size, uint64_t offset)
{
	const struct exec_head *head = view->head;

	if (offset <= head->length && size <= head->length - offset) {
		memcpy(buffer, head->bytes + offset, size);
		return true;
	}
	const int fd = open_pinned(view->path);

	if (fd < 0) {
		return false;
	}
	const ssize_t length = pread(fd, buffer, size, (off_t)offset);

	close(fd);
	return length == (ssize_t)size;
}

/* The first PT_INTERP segment of an ELF file; false if there is none. */
static bool find_segment(const struct file_view *view, Elf64_Phdr *found)
{
	Elf64_Ehdr header;
	Elf64_Phdr segments[PROGRAM_HEADERS_MAX];

	if (!view_read(view, &header, sizeof(header), 0) ||
		memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
		header.e_ident[EI_CLASS] != ELFCLASS64 ||
		header.e_phentsize != sizeof(segments[0])) {
		return false;
	}
	size_t count = header.e_phnum < PROGRAM_HEADERS_MAX ? header.e_phnum
							    : PROGRAM_HEADERS_MAX;
	if (!view_read(view, segments, count * sizeof(segments[0]), header.e_phoff)) {
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

bool exec_head_is_narrow(const struct exec_head *head)
{
	Elf32_Ehdr header;

	if (head->length < sizeof(header)) {
		return false;
	}
	memcpy(&header, head->bytes, sizeof(header));
	return memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
	       (header.e_machine == EM_386 ||
		       (header.e_machine == EM_X86_64 &&
			       header.e_ident[EI_CLASS] != ELFCLASS64));
}

ssize_t exec_loader_name(const struct path *program, const struct exec_head *head,
	char *name, size_t size)
{
	const struct file_view view = {program, head};
	Elf64_Phdr segment;

	if (!find_segment(&view, &segment)) {
		return 0;
	}
	/* As the kernel: its length is bounded and its last byte is 0. */
	if (segment.p_filesz < 2 || segment.p_filesz > size ||
		!view_read(&view, name, segment.p_filesz, segment.p_offset) ||
		name[segment.p_filesz - 1] != '\0') {
		return -ENOEXEC;
	}
	return (ssize_t)strlen(name);
}

bool exec_loader_is_system(const struct path *path)
{
	static const char *const patterns[] = {
		"/usr/lib*/ld-*.so*",
		"/usr/lib*/*/ld-*.so*",
		"/usr/lib*/ld.so*",
		"/lib*/ld-*.so*",
		"/lib*/*/ld-*.so*",
		"/lib*/ld.so*",
	};

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		if (fnmatch(patterns[i], path->name, FNM_PATHNAME) == 0) {
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
