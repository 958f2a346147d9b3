/* SPDX-License-Identifier: MIT */
#include "tracer/terminal_owner.h"

#include "tracer/anchors.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Documentation/admin-guide/devices.txt of the kernel. */
enum { CONSOLE_MAJOR = 4, PTS_MAJOR_FIRST = 136, PTS_MAJOR_LAST = 143 };

bool terminal_is_device(dev_t device)
{
	unsigned number = major(device);

	return number == CONSOLE_MAJOR ||
	       (number >= PTS_MAJOR_FIRST && number <= PTS_MAJOR_LAST);
}

/* As field 7 of /proc/PID/stat has it, proc(5). */
static long device_number(dev_t device)
{
	return (long)((minor(device) & 0xffU) | (major(device) << 8) |
		      ((minor(device) & ~0xffU) << 12));
}

/* Something could not be looked at, though it may be there: no descriptor was left. */
static _Thread_local bool is_blind;

/* Reads an entry of a process; false if it is gone, or cannot be read now. */
static bool read_entry(const char *process, const char *entry, char *text, size_t size)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "%.20s/%s", process, entry);
	int fd = openat(anchors_get()->proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		is_blind |= errno == EMFILE || errno == ENFILE || errno == ENOMEM;
		return false;
	}
	ssize_t length = read(fd, text, size - 1);
	close(fd);
	text[length > 0 ? length : 0] = '\0';
	return length > 0;
}

/* The number of a process' controlling terminal; 0: none. */
static long terminal_of(const char *process)
{
	char text[1024];

	if (!read_entry(process, "stat", text, sizeof(text))) {
		return 0;
	}
	/* The name before it may hold anything, even a parenthesis. */
	const char *field = strrchr(text, ')');
	for (int i = 2; field && i < 7; i++) {
		field = strchr(field + 1, ' ');
	}
	return field ? strtol(field, NULL, 10) : 0;
}

static bool is_in_tree(const char *process)
{
	char text[2048];

	if (!read_entry(process, "status", text, sizeof(text))) {
		return true; /* it is gone, or is_blind says so */
	}
	const char *field = strstr(text, "\nTracerPid:");
	return field && strtol(field + strlen("\nTracerPid:"), NULL, 10) == getpid();
}

int terminal_outsiders(long number, pid_t *outsiders, int most)
{
	int fd = openat(anchors_get()->proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	int count = 0;

	is_blind = !folder;
	while (folder && count < most && (entry = readdir(folder)) != NULL) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		if (pid > 0 && terminal_of(entry->d_name) == number &&
			!is_in_tree(entry->d_name)) {
			outsiders[count++] = pid;
		}
	}
	if (folder) {
		(void)closedir(folder);
	} else if (fd >= 0) {
		close(fd);
	}
	return is_blind ? -EMFILE : count;
}

int terminal_foreign_owner(pid_t caller, dev_t device, pid_t *owner)
{
	long number = device_number(device);
	char process[24];

	(void)snprintf(process, sizeof(process), "%d", caller);
	return terminal_of(process) == number || terminal_of("self") == number
		       ? 0
		       : terminal_outsiders(number, owner, 1);
}

long terminal_number(int fd)
{
	struct stat status;
	unsigned number = 0;

	return fstat(fd, &status) == 0 && S_ISCHR(status.st_mode) && isatty(fd) &&
			       ioctl(fd, TIOCGDEV, &number) == 0
		       ? (long)number
		       : 0;
}
