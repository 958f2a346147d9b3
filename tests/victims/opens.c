/* SPDX-License-Identifier: MIT */
/* Opens of what has no plain name, and what new files are made like: as text to compare. */
#include "victim.h"

#include <linux/memfd.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <termios.h>

enum {
	FIRST = 50, /* the first descriptor that magic links lead to */
	NAME_SIZE = 128,
};

static char folder[] = "/tmp/opensXXXXXX";

static void enter_folder(void)
{
	if (!mkdtemp(folder) || chdir(folder) != 0) {
		_exit(3);
	}
}

static void leave_folder(void)
{
	char command[NAME_SIZE];

	/* By a child, whose own calls are judged like any others. */
	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	if (chdir("/") != 0 || system(command) != 0) {
		_exit(4);
	}
}

static void make_file(const char *name)
{
	const int fd = open(name, O_CREAT | O_RDWR | O_TRUNC, 0640);

	(void)!write(fd, "hello", 5);
	close(fd);
}

/* Numbers and the folder's name differ from run to run. */
static void say_target(int fd)
{
	char link[NAME_SIZE];
	char target[4096];

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	const ssize_t length = readlink(link, target, sizeof(target) - 1);

	target[length > 0 ? length : 0] = '\0';
	const bool is_own = strncmp(target, folder, sizeof(folder) - 1) == 0;
	char *const shown = is_own ? target + sizeof(folder) - 1 : target;

	/* Numbers of processes differ, and so may how many digits they have. */
	char *end = shown;

	for (const char *at = shown; *at; at++) {
		const char said = *at >= '0' && *at <= '9' ? '#' : *at;
		if (said != '#' || end == shown || end[-1] != '#') {
			*end++ = said;
		}
	}
	*end = '\0';
	say(" %s%s", is_own ? "here" : "", shown);
}

static void say_opened(int fd)
{
	struct stat status;

	if (fd < 0) {
		say(" %s", strerrorname_np(errno));
		return;
	}
	if (fstat(fd, &status) != 0) {
		_exit(5);
	}
	say(" mode %o links %d flags %o cloexec %d", status.st_mode,
		S_ISDIR(status.st_mode) ? 0 : (int)status.st_nlink,
		(unsigned)fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
	if (S_ISREG(status.st_mode) && status.st_size < 4096) {
		say(" size %d", (int)status.st_size);
	}
	say_target(fd);
	close(fd);
}

/* Descriptors of all kinds, each under a number of its own. */
static int make_descriptors(void)
{
	int ends[2];
	int pair[2];
	int next = FIRST;

	make_file("file");
	make_file("gone");
	make_file("replaced");
	if (mkdir("dir", 0700) || mkdir("lost", 0700) || mkfifo("fifo", 0600) ||
		symlink("file", "link") || pipe(ends) ||
		socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) {
		_exit(6);
	}
	make_file("dir/inner");
	const int made[] = {open("file", O_RDONLY), open("file", O_RDWR),
		open("file", O_WRONLY | O_APPEND), open("file", O_PATH),
		open("link", O_PATH | O_NOFOLLOW), open("dir", O_RDONLY),
		open("dir", O_PATH), open("gone", O_RDWR), open("gone", O_PATH),
		open("replaced", O_RDWR), open("lost", O_RDONLY | O_DIRECTORY),
		open("fifo", O_RDWR), open("fifo", O_PATH), ends[0], ends[1], pair[0],
		memfd_create("memory", 0), eventfd(0, 0), epoll_create1(0),
		(int)syscall(SYS_pidfd_open, getpid(), 0), open("/dev/null", O_RDONLY),
		open("/proc/self/ns/mnt", O_RDONLY), open("/proc/self/exe", O_RDONLY),
		open(".", O_TMPFILE | O_RDWR, 0600)};

	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++, next++) {
		if (dup2(made[i], next) != next) {
			_exit(7);
		}
	}
	close_range(3, FIRST - 1, 0);
	(void)unlink("gone");
	(void)rmdir("lost");
	make_file("other");
	(void)rename("other", "replaced");
	return next;
}

static const struct {
	const char *name;
	int value;
} flags[] = {
	{"read", O_RDONLY},
	{"write", O_WRONLY},
	{"both", O_RDWR},
	{"neither", 3},
	{"truncate", O_WRONLY | O_TRUNC},
	{"create", O_RDWR | O_CREAT},
	{"exclusive", O_RDWR | O_CREAT | O_EXCL},
	{"nofollow", O_RDONLY | O_NOFOLLOW},
	{"path", O_PATH},
	{"path nofollow", O_PATH | O_NOFOLLOW},
	{"folder", O_RDONLY | O_DIRECTORY},
	{"append", O_WRONLY | O_APPEND | O_CLOEXEC},
	{"unnamed", O_TMPFILE | O_RDWR},
	{"no atime", O_RDONLY | O_NOATIME},
};

/* Nothing here may wait for ever: pipes are opened without. */
static void try_name(const char *label, const char *name)
{
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		say("%s, %s:", label, flags[i].name);
		say_opened(open(name, flags[i].value | O_NONBLOCK | O_NOCTTY, 0600));
		say("\n");
	}
}

static void open_magic_links(void)
{
	static const char *const ways[] = {"/proc/self/fd/%d", "/dev/fd/%d",
		"/proc/thread-self/fd/%d", "/proc/self/fd/%d/",
		"/proc/self/fd/%d/inner", "/proc/self/fd/%d/../file",
		"/proc/self/fdinfo/%d", "via/%d"};
	char label[NAME_SIZE];
	char name[NAME_SIZE];

	umask(0);
	enter_folder();
	const int end = make_descriptors();

	(void)!symlink("/proc/self/fd", "via");
	for (size_t way = 0; way < sizeof(ways) / sizeof(ways[0]); way++) {
		for (int fd = FIRST; fd <= end; fd++) {
			(void)snprintf(name, sizeof(name), ways[way], fd);
			(void)snprintf(
				label, sizeof(label), "way %zu of %d", way, fd - FIRST);
			try_name(label, name);
		}
	}
	leave_folder();
}

/* Some of the opens create and truncate: nothing here may be anybody else's. */
static void open_own_process(void)
{
	static const char *const names[] = {"/proc/self/exe", "/proc/self/cwd",
		"/proc/self/cwd/file", "/proc/self/cwd/absent", "/proc/self/root",
		"/proc/self/cwd/..", "/proc/self", "/proc/self/", "/proc/thread-self",
		"/proc/thread-self/cwd", "/proc/self/ns/mnt", "/proc/self/ns/pid",
		"/proc/self/ns/net", "/proc/self/ns", "/proc/self/fd",
		"/proc/self/maps", "/proc/self/status", "/proc/self/environ",
		"/proc/self/comm", "/proc/self/task", "/proc/self/map_files",
		"/proc/self/exe/x", "/proc/self/nothing",
		"/proc/self/root/tmp/opens-none/x", "/dev/fd", "/dev/stdin/",
		"/dev/stdout/x", "/dev/full", "/dev/zero", "/dev/ptmx",
		"/proc/4194304/fd/0", "/dev/fd/-1", "/dev/fd/4095"};

	enter_folder();
	make_file("file");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		try_name(names[i], names[i]);
		(void)unlink("absent");
	}
	leave_folder();
}

/* Owner, group and others may do all, user 1 may read. */
static void set_default_acl(const char *name)
{
	static const unsigned char acl[] = {2, 0, 0, 0, 1, 0, 7, 0, 255, 255, 255, 255,
		2, 0, 4, 0, 1, 0, 0, 0, 4, 0, 7, 0, 255, 255, 255, 255, 16, 0, 7, 0,
		255, 255, 255, 255, 32, 0, 6, 0, 255, 255, 255, 255};

	if (setxattr(name, "system.posix_acl_default", acl, sizeof(acl), 0) != 0) {
		say("no access control lists: %s\n", strerrorname_np(errno));
	}
}

static void say_made(const char *name)
{
	struct stat status;
	char acl[256];

	if (lstat(name, &status) != 0) {
		say(" %s\n", strerrorname_np(errno));
		return;
	}
	say(" mode %o group %d links %d acl %zd\n", status.st_mode,
		status.st_gid == getegid(), (int)status.st_nlink,
		getxattr(name, "system.posix_acl_access", acl, sizeof(acl)));
}

/* A file without a name gets one, in both ways that there are. */
static void link_unnamed(const char *in, mode_t mode, int exclusive)
{
	char name[NAME_SIZE];
	char source[NAME_SIZE];
	const int fd = open(in, O_TMPFILE | O_WRONLY | exclusive, mode);

	if (fd < 0) {
		say("unnamed: %s\n", strerrorname_np(errno));
		return;
	}
	(void)snprintf(name, sizeof(name), "%s/linked", in);
	(void)snprintf(source, sizeof(source), "/proc/self/fd/%d", fd);
	const int linked = linkat(AT_FDCWD, source, AT_FDCWD, name, AT_SYMLINK_FOLLOW);

	say("linked by its link: %s", linked == 0 ? "done" : strerrorname_np(errno));
	say_made(name);
	(void)unlink(name);
	const int direct = linkat(fd, "", AT_FDCWD, name, AT_EMPTY_PATH);

	say("linked by number: %s", direct == 0 ? "done" : strerrorname_np(errno));
	say_made(name);
	(void)unlink(name);
	close(fd);
}

static void make_in(const char *in, mode_t mask, mode_t mode)
{
	char name[NAME_SIZE];

	umask(mask);
	say("%s, umask %o, mode %o:", in, mask, mode);
	(void)snprintf(name, sizeof(name), "%s/new", in);
	int fd = open(name, O_CREAT | O_EXCL | O_RDONLY, mode);
	say_opened(fd);
	say_made(name);
	fd = open(name, O_CREAT | O_EXCL | O_WRONLY, mode);
	say("again: %s\n", fd < 0 ? strerrorname_np(errno) : "done");
	(void)unlink(name);
	say("node: %s", mknod(name, S_IFIFO | mode, 0) ? strerrorname_np(errno) : "");
	say_made(name);
	(void)unlink(name);
	say("folder: %s", mkdir(name, mode) ? strerrorname_np(errno) : "");
	say_made(name);
	(void)rmdir(name);
	link_unnamed(in, mode, 0);
	link_unnamed(in, mode, O_EXCL);
}

static void make_files(void)
{
	static const char *const folders[] = {
		"plain", "setgid", "sticky", "acl", "shared"};
	static const mode_t masks[] = {0, 022, 027, 077, 0777, 0111};
	static const mode_t modes[] = {
		0, 0400, 0644, 0666, 0777, 02755, 04711, 06777, 01600};

	umask(0);
	enter_folder();
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (mkdir(folders[i], 0755) != 0) {
			_exit(6);
		}
	}
	(void)chmod("sticky", 01777);
	(void)!chown("setgid", (uid_t)-1, getegid() == 0 ? 4711 : getegid());
	(void)chmod("setgid", 02775);
	(void)chmod("shared", 03777);
	set_default_acl("acl");
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		for (size_t j = 0; j < sizeof(masks) / sizeof(masks[0]); j++) {
			for (size_t k = 0; k < sizeof(modes) / sizeof(modes[0]); k++) {
				make_in(folders[i], masks[j], modes[k]);
			}
		}
	}
	umask(022);
	leave_folder();
}

static void say_open(const char *label, const char *name, int how)
{
	say("%s:", label);
	const int fd = open(name, how);

	if (fd >= 0 && (how & O_PATH) == 0) {
		say(" terminal %d session %d", isatty(fd), tcgetsid(fd) == getpid());
	}
	say_opened(fd);
	say("\n");
}

/* Which opens make a terminal that of the session, and what /dev/tty then is. */
static void try_terminals(void)
{
	char name[NAME_SIZE];
	char link[NAME_SIZE];

	setsid();
	say_open("without one", "/dev/tty", O_RDWR);
	say_open("its place", "/dev/tty", O_PATH);
	const int master = open("/dev/ptmx", O_RDWR | O_NOCTTY);

	if (ptsname_r(master, name, sizeof(name)) != 0) {
		_exit(6);
	}
	say_open("locked", name, O_RDWR | O_NOCTTY);
	say("grant %d unlock %d\n", grantpt(master), unlockpt(master));
	say_open("not to be ours", name, O_RDWR | O_NOCTTY);
	say_open("still without", "/dev/tty", O_RDWR);
	say_open("its place alone", name, O_PATH);
	say_open("no folder", name, O_RDWR | O_DIRECTORY);
	say_open("to be written only", name, O_WRONLY);
	const int kept = open(name, O_RDWR | O_NOCTTY);

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", kept);
	say_open("still, by its link", link, O_RDWR | O_NOCTTY);
	const int peer = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);

	say("peer: %d\n", isatty(peer));
	close(peer);
	say_open("ours", link, O_RDWR);
	say_open("named", "/dev/tty", O_RDWR);
	say_open("named, to be read", "/dev/tty", O_RDONLY | O_NONBLOCK);
	say_open("named, no link", "/dev/tty", O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	say("foreground %d\n", tcgetpgrp(kept) == getpgrp());
	say("exclusive %d\n", ioctl(kept, TIOCEXCL));
	say_open("exclusively another's", name, O_RDWR | O_NOCTTY);
	say("shared %d\n", ioctl(kept, TIOCNXCL));
	signal(SIGHUP, SIG_IGN);
	say("given up %d\n", ioctl(kept, TIOCNOTTY));
	say_open("given up", "/dev/tty", O_RDWR);
	say("taken %d\n", ioctl(kept, TIOCSCTTY, 0));
	say_open("taken", "/dev/tty", O_RDWR);
	close(master);
	say_open("hung up", "/dev/tty", O_RDWR);
	say_open("hung up, by its link", link, O_RDWR);
	close(kept);
}

static void open_terminals(void)
{
	int status = 0;
	const pid_t child = fork();

	if (child == 0) {
		try_terminals();
		_exit(0);
	}
	waitpid(child, &status, 0);
	say("status %x\n", (unsigned)status);
}

/* Of the file in the environment somebody else holds a lease. */
static void open_leased(void)
{
	const char *const name = getenv("LEASED");
	int fd = open(name, O_RDWR | O_NONBLOCK);

	say("at once: %s\n", fd < 0 ? strerrorname_np(errno) : "done");
	const pid_t child = fork();

	if (child == 0) {
		fd = open(name, O_RDWR);
		say("in the end: %s\n", fd < 0 ? strerrorname_np(errno) : "done");
		_exit(0);
	}
	/* Others go on meanwhile. */
	fd = open("/etc/passwd", O_RDONLY);
	say("another: %s\n", fd < 0 ? strerrorname_np(errno) : "done");
	close(fd);
	(void)!read(0, &fd, 1);
	waitpid(child, NULL, 0);
}

static const struct behaviour behaviours[] = {
	{"open_magic_links", open_magic_links},
	{"open_own_process", open_own_process},
	{"make_files", make_files},
	{"open_terminals", open_terminals},
	{"open_leased", open_leased},
	{NULL, NULL},
};

int main(int argc, char **argv)
{
	return behave(behaviours, argc, argv);
}
