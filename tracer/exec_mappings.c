/* SPDX-License-Identifier: MIT */
#include "tracer/exec_mappings.h"

#include "tracer/anchors.h"
#include "tracer/path_internal.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { DEVICES_MAX = 32 };

/* Devices whose files have the same numbers in both places, as most have. */
static struct {
	pthread_mutex_t mutex;
	dev_t devices[DEVICES_MAX];
	size_t count;
} same = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static bool device_is_same(dev_t device)
{
	bool is_same = false;

	pthread_mutex_lock(&same.mutex);
	for (size_t i = 0; i < same.count && !is_same; i++) {
		is_same = same.devices[i] == device;
	}
	pthread_mutex_unlock(&same.mutex);
	return is_same;
}

static void device_note_same(dev_t device)
{
	pthread_mutex_lock(&same.mutex);
	if (same.count < DEVICES_MAX) {
		same.devices[same.count++] = device;
	}
	pthread_mutex_unlock(&same.mutex);
}

/* One line of a list of mappings. */
struct mapped_line {
	uint64_t start, end;
	struct mapped_file file;
};

static bool line_read(struct mapped_line *line, const char *text)
{
	unsigned long long start;
	unsigned long long end;
	unsigned long long inode;
	unsigned major_number;
	unsigned minor_number;

	if (sscanf(text, "%llx-%llx %*s %*x %x:%x %llu", &start, &end, &major_number,
		    &minor_number, &inode) != 5) {
		return false;
	}
	*line = (struct mapped_line){.start = start,
		.end = end,
		.file = {makedev(major_number, minor_number), inode}};
	return true;
}

/* The list of a process; NULL if it cannot be read. */
static FILE *list_open(pid_t pid)
{
	char path[40];

	(void)snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	return fopen(path, "re");
}

/* The file that is mapped at an address of the supervisor's own; zero: none. */
static struct mapped_file find_own(uint64_t address)
{
	struct mapped_file found = {0, 0};
	struct mapped_line line;
	char *text = NULL;
	size_t size = 0;
	FILE *list = list_open(anchors_get()->self);

	while (list && found.inode == 0 && getline(&text, &size, list) > 0) {
		if (line_read(&line, text) && line.start <= address &&
			address < line.end) {
			found = line.file;
		}
	}
	if (list) {
		(void)fclose(list);
	}
	free(text);
	return found;
}

/* Found out by mapping the file and looking at what the kernel says then. */
static struct mapped_file map_and_look(const struct path *path)
{
	const struct fd_text number = fd_text_of(path->fd);
	struct mapped_file found = {0, 0};
	const int fd = openat(anchors_get()->self_fd, number.text,
		O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0) {
		return found;
	}
	void *memory = mmap(NULL, 1, PROT_READ, MAP_PRIVATE, fd, 0);

	close(fd);
	if (memory != MAP_FAILED) {
		found = find_own((uintptr_t)memory);
		(void)munmap(memory, 1);
	}
	return found;
}

struct mapped_file mapped_file_of(const struct path *path)
{
	const struct mapped_file plain = {path->status.st_dev, path->status.st_ino};

	if (device_is_same(plain.device)) {
		return plain;
	}
	const struct mapped_file found = map_and_look(path);

	if (found.device == plain.device && found.inode == plain.inode) {
		device_note_same(plain.device);
	}
	return found;
}

static bool file_equal(const struct mapped_file *a, const struct mapped_file *b)
{
	return a->device == b->device && a->inode == b->inode;
}

bool exec_mappings_are(pid_t pid, const struct exec_vector *vector,
	const struct mapped_file *image, const struct mapped_file *loader)
{
	const bool has_loader = loader->inode != 0;
	bool is_known = true;
	bool is_placed = !has_loader && vector->loader == 0;
	struct mapped_line line;
	char *text = NULL; /* whole: a name in it could be spelled like a line */
	size_t size = 0;
	FILE *list = list_open(pid);

	while (list && is_known && getline(&text, &size, list) > 0) {
		is_known = line_read(&line, text);
		if (!is_known || line.file.inode == 0) {
			continue;
		}
		const bool is_loader = has_loader && file_equal(&line.file, loader);

		is_known = is_loader || file_equal(&line.file, image);
		/* A loader at fixed addresses is said to be at 0. */
		is_placed = is_placed ||
			    (is_loader && (vector->loader == 0 ||
						  (line.start <= vector->loader &&
							  vector->loader < line.end)));
	}
	if (list) {
		(void)fclose(list);
	}
	free(text);
	return list && is_known && is_placed;
}
