/* SPDX-License-Identifier: MIT */
/*
 * What inotify tells of each call that opens or changes files: neither more nor less than
 * natively. That something was closed may come later, and is looked for at the end.
 */
#include "victim.h"

#include <poll.h>
#include <stdbool.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

enum { PATIENCE = 60000 };

static const char folder_pattern[] = "/tmp/eventsXXXXXX";
static int notes = -1, kept = -1;
static bool is_last_closed;

static void say_event(const struct inotify_event *event)
{
	if ((event->mask & IN_CLOSE_WRITE) && event->len > 0 &&
		strcmp(event->name, "last") == 0) {
		is_last_closed = true;
	}
	if ((event->mask & IN_CLOSE) == 0) {
		/* Names of nameless files are their numbers. */
		say(" %x%s%s", event->mask, event->cookie ? "+" : "",
			event->len == 0		? ""
			: event->name[0] == '#' ? "#"
						: event->name);
	}
}

static void take_events(int patience)
{
	_Alignas(struct inotify_event) char buffer[4096];
	struct pollfd ready = {.fd = notes, .events = POLLIN};

	while (poll(&ready, 1, patience) > 0) {
		const ssize_t length = read(notes, buffer, sizeof(buffer));
		const struct inotify_event *event;
		for (char *at = buffer; at < buffer + length;
			at += sizeof(*event) + event->len) {
			event = (const struct inotify_event *)at;
			say_event(event);
		}
		patience = 0;
	}
}

static void say_result(const char *call, long result)
{
	const int failed = errno;

	say("%s: %s:", call, result < 0 ? strerrorname_np(failed) : "done");
	take_events(0);
	say("\n");
}

static int opens_and_closes(const char *name, int flags)
{
	const int fd = open(name, flags, 0644);

	if (fd >= 0) {
		(void)close(fd);
	}
	return fd;
}

#define TRY(CALL) say_result(#CALL, (long)(CALL))

static void try_opens(void)
{
	TRY(opens_and_closes("file", O_RDONLY));
	TRY(opens_and_closes("file", O_RDONLY));
	TRY(opens_and_closes("file", O_RDONLY | O_NOFOLLOW));
	TRY(opens_and_closes("link", O_RDONLY));
	TRY(opens_and_closes("link", O_RDONLY | O_NOFOLLOW));
	TRY(opens_and_closes("file", O_WRONLY | O_APPEND));
	TRY(opens_and_closes("file", O_RDWR));
	TRY(opens_and_closes("file", O_PATH));
	TRY(opens_and_closes("file", O_WRONLY | O_TRUNC));
	TRY(opens_and_closes("file", O_RDWR | O_TRUNC | O_NOFOLLOW));
	TRY(opens_and_closes("link", O_RDWR | O_TRUNC));
	TRY(opens_and_closes("file", O_RDWR | O_CREAT));
	TRY(opens_and_closes("file", O_RDWR | O_CREAT | O_EXCL));
	TRY(opens_and_closes("one", O_RDWR | O_CREAT));
	TRY(opens_and_closes("two", O_RDWR | O_CREAT | O_EXCL));
	TRY(opens_and_closes("none", O_RDONLY));
	TRY(opens_and_closes("file", O_RDONLY | O_DIRECTORY));
	TRY(opens_and_closes("file/below", O_RDONLY));
	TRY(opens_and_closes(".", O_RDONLY | O_DIRECTORY));
	TRY(opens_and_closes("folder", O_RDONLY));
	TRY(opens_and_closes("folder/file", O_RDONLY));
	TRY(opens_and_closes(".", O_TMPFILE | O_RDWR));
	TRY(opens_and_closes("pipe", O_RDONLY | O_NONBLOCK));
	TRY(opens_and_closes("pipe", O_RDWR));
	TRY(opens_and_closes("dangling", O_RDWR | O_CREAT));
}

static void try_descriptor(void)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", kept);
	TRY(opens_and_closes(name, O_RDONLY));
	TRY(opens_and_closes(name, O_WRONLY));
	TRY(opens_and_closes(name, O_WRONLY | O_TRUNC));
	TRY(write(kept, "text", 4));
	TRY(ftruncate(kept, 2));
	TRY(fchmod(kept, 0600));
	TRY(fchown(kept, getuid(), -1));
	TRY(futimens(kept, NULL));
	TRY(fsetxattr(kept, "user.new", "a", 1, 0));
	TRY(linkat(kept, "", AT_FDCWD, "linked", AT_EMPTY_PATH));
	TRY(linkat(AT_FDCWD, name, AT_FDCWD, "again", AT_SYMLINK_FOLLOW));
}

static void try_attributes(void)
{
	const struct timespec times[2] = {{5, 0}, {6, 0}};
	const struct timespec read_only[2] = {{7, 0}, {0, UTIME_OMIT}};

	TRY(truncate("file", 1));
	TRY(truncate("file", 100));
	TRY(truncate("link", 100));
	TRY(truncate("folder", 1));
	TRY(chmod("file", 0644));
	TRY(chmod("link", 0640));
	TRY(chown("file", -1, -1));
	TRY(chown("file", getuid(), getgid()));
	TRY(utimensat(AT_FDCWD, "file", NULL, 0));
	TRY(utimensat(AT_FDCWD, "file", times, 0));
	TRY(utimensat(AT_FDCWD, "file", read_only, 0));
	TRY(setxattr("file", "user.a", "b", 1, 0));
	TRY(removexattr("file", "user.a"));
	TRY(removexattr("file", "user.a"));
}

static void try_names(void)
{
	TRY(mkdir("made", 0755));
	TRY(mkdir("made", 0755));
	TRY(rmdir("made"));
	TRY(symlink("nowhere", "symbolic"));
	TRY(link("file", "hard"));
	TRY(rename("hard", "harder"));
	TRY(rename("harder", "one"));
	TRY(rename("linked", "file"));
	TRY(syscall(SYS_renameat2, AT_FDCWD, "one", AT_FDCWD, "two", 2));
	TRY(syscall(SYS_renameat2, AT_FDCWD, "one", AT_FDCWD, "two", 1));
	TRY(rename("one", "folder/one"));
	TRY(rename("folder/one", "one"));
	TRY(unlink("one"));
	TRY(unlink("none"));
	TRY(mknod("fifo", S_IFIFO | 0600, 0));
	TRY(mknod("node", S_IFREG | 0600, 0));
	TRY(unlink("again"));
	TRY(unlink("file"));
	TRY(close(kept));
	TRY(unlink("node"));
}

static void make_all(void)
{
	const int fd = open("file", O_RDWR | O_CREAT, 0644);

	(void)!write(fd, "content", 7);
	(void)close(fd);
	if (mkdir("folder", 0755) != 0 || mkfifo("pipe", 0644) != 0 ||
		symlink("file", "link") != 0 || symlink("new", "dangling") != 0 ||
		opens_and_closes("folder/file", O_RDWR | O_CREAT) < 0) {
		_exit(3);
	}
}

static void watch_calls(void)
{
	char folder[sizeof(folder_pattern)];
	char command[64];

	memcpy(folder, folder_pattern, sizeof(folder));
	if (!mkdtemp(folder) || chdir(folder) != 0) {
		_exit(4);
	}
	make_all();
	notes = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (inotify_add_watch(notes, ".", IN_ALL_EVENTS) < 0) {
		_exit(5);
	}
	try_opens();
	kept = open("file", O_RDWR | O_CLOEXEC);
	try_descriptor();
	try_attributes();
	try_names();
	TRY(opens_and_closes("last", O_RDWR | O_CREAT));
	while (!is_last_closed) {
		take_events(PATIENCE);
	}
	say("closed\n");
	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	if (chdir("/") != 0 || system(command) != 0) {
		_exit(6);
	}
}

static const struct behaviour behaviours[] = {
	{"watch_calls", watch_calls},
	{NULL, NULL},
};

int main(int argc, char **argv)
{
	return behave(behaviours, argc, argv);
}
