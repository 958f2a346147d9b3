/* SPDX-License-Identifier: MIT */
/* Honest work on files of the project. */
#include "tests/attacks/control.h"

#include "tests/attacks/syscalls.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

void show(const char *what, long result)
{
	printf("%s: %s\n", what, result < 0 ? strerrorname_np(errno) : "done");
	fflush(stdout);
}

void show_number(const char *what, long number)
{
	printf("%s: %ld\n", what, number);
	fflush(stdout);
}

void show_text(const char *what, const char *text)
{
	printf("%s: %s\n", what, text);
	fflush(stdout);
}

void show_file(const char *path)
{
	char buffer[4096] = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		show(path, fd);
		return;
	}
	ssize_t n = read(fd, buffer, sizeof(buffer) - 1);
	close(fd);
	show_text(path, n < 0 ? strerrorname_np(errno) : buffer);
}

void show_status(const char *path)
{
	struct stat status;
	if (lstat(path, &status) < 0) {
		show(path, -1);
		return;
	}
	printf("%s: %o, %ld links, %ld bytes\n", path, status.st_mode,
		(long)status.st_nlink,
		S_ISREG(status.st_mode) ? (long)status.st_size : 0);
	fflush(stdout);
}

static void control_create(const struct attack *attack)
{
	(void)attack;
	write_file("file", "text\n");
	show_file("file");
	show_status("file");
	show("exclusive", open("file", O_WRONLY | O_CREAT | O_EXCL, 0600));
	int fd = open("file", O_WRONLY | O_APPEND);
	show("append", write(fd, "more\n", 5));
	show_file("file");
	show("truncate", open("file", O_WRONLY | O_TRUNC));
	show_status("file");
}

static void control_modes(const struct attack *attack)
{
	static const mode_t masks[] = {0, 022, 077, 0777};
	(void)attack;
	for (size_t i = 0; i < 4; i++) {
		char name[32];
		umask(masks[i]);
		snprintf(name, sizeof(name), "file%zu", i);
		show("create", open(name, O_WRONLY | O_CREAT, 0666));
		show_status(name);
		snprintf(name, sizeof(name), "folder%zu", i);
		show("mkdir", mkdir(name, 0777));
		show_status(name);
		snprintf(name, sizeof(name), "fifo%zu", i);
		show("mkfifo", mkfifo(name, 0666));
		show_status(name);
	}
	umask(022);
}

static void control_no_mode(const struct attack *attack)
{
	(void)attack;
	int fd = open("file", O_RDWR | O_CREAT | O_EXCL, 0);
	show("write", write(fd, "text", 4));
	show_status("file");
}

static void control_rename(const struct attack *attack)
{
	(void)attack;
	write_file("a", "a\n");
	write_file("b", "b\n");
	show("rename", rename("a", "c"));
	show("over", rename("b", "c"));
	show_file("c");
	show("missing", rename("a", "d"));
	write_file("a", "a\n");
	show("no replace",
		syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "c", RENAME_NOREPLACE));
	show("exchange",
		syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "c", RENAME_EXCHANGE));
	show_file("c");
	show("mkdir", mkdir("folder", 0755));
	show("into", rename("a", "folder/a"));
	show("itself", rename("folder", "folder/b"));
	show("folder", rename("folder", "other"));
	show_file("other/a");
	show("file over folder", rename("c", "other"));
	show("folder over file", rename("other", "c"));
}

static void control_links(const struct attack *attack)
{
	(void)attack;
	write_file("file", "text\n");
	show("link", link("file", "hard"));
	show_status("hard");
	show("symlink", symlink("file", "soft"));
	show_file("soft");
	show("nofollow", open("soft", O_RDONLY | O_NOFOLLOW));
	show("path nofollow", open("soft", O_PATH | O_NOFOLLOW));
	show("link of link", link("soft", "soft2"));
	show_status("soft2");
	show("followed",
		linkat(AT_FDCWD, "soft", AT_FDCWD, "hard2", AT_SYMLINK_FOLLOW));
	show_status("hard2");
	show("loop", symlink("loop", "loop"));
	show("open loop", open("loop", O_RDONLY));
	show("dangling", symlink("new", "dangling"));
	show("create through", open("dangling", O_WRONLY | O_CREAT, 0644));
	show_status("new");
	show("exclusive through", open("dangling", O_WRONLY | O_CREAT | O_EXCL, 0644));
	show("unlink", unlink("hard"));
	show_status("file");
}

static void control_errors(const struct attack *attack)
{
	char long_name[300];
	(void)attack;
	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	write_file("file", "");
	mkdir("folder", 0755);
	show("missing", open("missing", O_RDONLY));
	show("below missing", open("missing/file", O_RDONLY | O_CREAT, 0644));
	show("below file", open("file/file", O_RDONLY));
	show("slash", open("file/", O_RDONLY));
	show("folder to write", open("folder", O_WRONLY));
	show("create folder", open("folder", O_RDONLY | O_CREAT, 0644));
	show("create slash", open("new/", O_RDONLY | O_CREAT, 0644));
	show("as folder", open("file", O_RDONLY | O_DIRECTORY));
	show("long", open(long_name, O_RDONLY | O_CREAT, 0644));
	show("empty", open("", O_RDONLY));
	show("null", (long)syscall(SYS_open, NULL, O_RDONLY));
	show("bad folder", openat(999, "file", O_RDONLY));
	show("file as folder", openat(open("file", O_RDONLY), "x", O_RDONLY));
	show("mkdir", mkdir("folder", 0755));
	show("mkdir dot", mkdir(".", 0755));
	show("rmdir file", rmdir("file"));
	show("rmdir dot", rmdir("folder/."));
	show("unlink folder", unlink("folder"));
	show("unlink slash", unlink("file/"));
	write_file("folder/file", "");
	show("rmdir full", rmdir("folder"));
	show("symlink", symlink("x", "file"));
	show("link", link("file", "folder"));
	show("truncate", truncate("file", -1));
	show("flags", openat(AT_FDCWD, "file", O_TMPFILE | O_RDONLY, 0600));
}

static void control_resolve(const struct attack *attack)
{
	static const uint64_t resolves[] = {RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH,
		RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS, RESOLVE_NO_XDEV, RESOLVE_CACHED,
		1 << 20};
	char own[64];
	const char *const names[] = {"file", "soft", "folder/../file",
		"../project/file", "folder/up", "/proc/self/mem", "/proc/self/cwd",
		"/proc/self/cwd/file", own};
	(void)attack;
	snprintf(own, sizeof(own), "/proc/%d/mem", (int)getpid());
	write_file("file", "text\n");
	mkdir("folder", 0755);
	need(symlink("file", "soft"), "symlink");
	need(symlink("../file", "folder/up"), "symlink");
	for (size_t i = 0; i < sizeof(resolves) / sizeof(resolves[0]); i++) {
		for (size_t j = 0; j < sizeof(names) / sizeof(names[0]); j++) {
			struct open_how how = {
				.flags = O_RDONLY, .resolve = resolves[i]};
			long fd;
			/* ".." says so when anybody renames at the same moment. */
			do {
				fd = syscall(SYS_openat2, AT_FDCWD, names[j], &how,
					sizeof(how));
			} while (fd < 0 && errno == EAGAIN &&
				 resolves[i] != RESOLVE_CACHED);
			/* What is cached depends on what ran before. */
			if (resolves[i] != RESOLVE_CACHED) {
				show(names[j] == own ? "own" : names[j], fd);
			}
		}
	}
	struct open_how how = {.flags = O_RDONLY, .mode = 0644};
	show("mode without create",
		syscall(SYS_openat2, AT_FDCWD, "file", &how, sizeof(how)));
	show("size", syscall(SYS_openat2, AT_FDCWD, "file", &how, 8L));
}

static void control_temporary(const struct attack *attack)
{
	char path[64];
	(void)attack;
	int fd = open(".", O_TMPFILE | O_RDWR, 0640);
	show("temporary", fd);
	show("write", write(fd, "text\n", 5));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	show("link", linkat(AT_FDCWD, path, AT_FDCWD, "file", AT_SYMLINK_FOLLOW));
	show_file("file");
	show_status("file");
	fd = open(".", O_TMPFILE | O_RDWR | O_EXCL, 0640);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	show("exclusive", linkat(AT_FDCWD, path, AT_FDCWD, "x", AT_SYMLINK_FOLLOW));
}

static void control_descriptors(const struct attack *attack)
{
	char path[64];
	(void)attack;
	write_file("file", "text\n");
	int fd = open("file", O_RDONLY);
	unlink("file");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	show("deleted", open(path, O_RDWR));
	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	show("device", open(path, O_RDONLY));
	int ends[2];
	need(pipe(ends), "pipe");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[1]);
	show("pipe", open(path, O_WRONLY));
	int memory = memfd_create("memory", 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", memory);
	show("memory", open(path, O_RDWR));
	show("standard input", open("/dev/stdin", O_RDONLY));
	show("null", open("/dev/null", O_RDWR));
	show("cloexec", fcntl(open("/dev/null", O_RDONLY | O_CLOEXEC), F_GETFD) - 1);
	show_number("flags",
		fcntl(open("/dev/null", O_RDWR | O_APPEND | O_NONBLOCK), F_GETFL) &
			(O_ACCMODE | O_APPEND | O_NONBLOCK));
}

static void control_lowest_descriptor(const struct attack *attack)
{
	(void)attack;
	int first = open("/dev/null", O_RDONLY), second = open("/dev/null", O_RDONLY);
	close(first);
	show_number("lowest", open("/dev/null", O_RDONLY) - first);
	show_number("next", open("/dev/null", O_RDONLY) - second);
}

static void control_folder(const struct attack *attack)
{
	char path[4096];
	(void)attack;
	need(mkdir("folder", 0755), "mkdir");
	int fd = open("folder", O_RDONLY | O_DIRECTORY);
	show("mkdirat", mkdirat(fd, "a", 0700));
	show("openat", openat(fd, "b", O_WRONLY | O_CREAT, 0644));
	show("symlinkat", symlinkat("b", fd, "c"));
	show("renameat", renameat(fd, "b", fd, "d"));
	show("fchmodat", fchmodat(fd, "d", 0600, 0));
	show("unlinkat", unlinkat(fd, "c", 0));
	show("rmdir", unlinkat(fd, "a", AT_REMOVEDIR));
	show("fchdir", fchdir(fd));
	show_status("d");
	show_text("working folder", strstr(getcwd(path, sizeof(path)), "/project"));
	DIR *folder = opendir(".");
	int count = 0;
	while (readdir(folder) != NULL) {
		count++;
	}
	show_number("entries", count);
	show("moved", rename("../folder", "../moved"));
	show_text("working folder", strstr(getcwd(path, sizeof(path)), "/project"));
	show("remove", unlink("d"));
	show("itself", rmdir("../moved"));
	show("create in removed", open("x", O_WRONLY | O_CREAT, 0644));
}

static void control_attributes(const struct attack *attack)
{
	char value[64] = {0};
	(void)attack;
	write_file("file", "");
	int fd = open("file", O_RDONLY);
	show("set", setxattr("file", "user.one", "1", 1, XATTR_CREATE));
	show("create again", setxattr("file", "user.one", "1", 1, XATTR_CREATE));
	show("replace missing", setxattr("file", "user.two", "1", 1, XATTR_REPLACE));
	show("by descriptor", fsetxattr(fd, "user.two", "22", 2, 0));
	show("get", getxattr("file", "user.two", value, sizeof(value)));
	show_text("value", value);
	show("remove", removexattr("file", "user.one"));
	show("remove missing", fremovexattr(fd, "user.one"));
	show("bad name", setxattr("file", "nothing", "1", 1, 0));
	symlink("file", "soft");
	show("on a link", lsetxattr("soft", "user.one", "1", 1, 0));
}

static void control_times(const struct attack *attack)
{
	static const struct timespec times[2] = {{1000000, 5}, {2000000, 7}};
	struct stat status;
	(void)attack;
	write_file("file", "");
	show("utimensat", utimensat(AT_FDCWD, "file", times, 0));
	stat("file", &status);
	show_number("accessed", status.st_atim.tv_sec);
	show_number("changed", status.st_mtim.tv_nsec);
	const struct timespec omit[2] = {{0, UTIME_OMIT}, {3000000, 0}};
	show("omit", utimensat(AT_FDCWD, "file", omit, 0));
	stat("file", &status);
	show_number("accessed", status.st_atim.tv_sec);
	symlink("file", "soft");
	show("link", utimensat(AT_FDCWD, "soft", times, AT_SYMLINK_NOFOLLOW));
	show("descriptor", futimens(open("file", O_RDONLY), times));
	show("missing", utimensat(AT_FDCWD, "missing", times, 0));
}

static void control_permissions(const struct attack *attack)
{
	(void)attack;
	write_file("file", "");
	int fd = open("file", O_RDONLY);
	show("chmod", chmod("file", 0600));
	show_status("file");
	show("fchmod", fchmod(fd, 0640));
	show_status("file");
	show("fchmodat2", syscall(SYS_fchmodat2, AT_FDCWD, "file", 0604, 0));
	show_status("file");
	show("chown", chown("file", getuid(), getgid()));
	show("fchown", fchown(fd, (uid_t)-1, (gid_t)-1));
	symlink("file", "soft");
	show("lchown", lchown("soft", getuid(), getgid()));
	show("chmod of link",
		syscall(SYS_fchmodat2, AT_FDCWD, "soft", 0600, AT_SYMLINK_NOFOLLOW));
	show("missing", chmod("missing", 0600));
}

/* Files made in a folder with the set-group-id bit get its group and pass the bit on. */
static void control_group_folder(const struct attack *attack)
{
	(void)attack;
	need(mkdir("folder", 0755), "mkdir");
	if (getuid() == 0) {
		need(chown("folder", 0, 1), "chown");
	}
	need(chmod("folder", 02775), "chmod");
	show("file", open("folder/file", O_WRONLY | O_CREAT, 0664));
	show("folder", mkdir("folder/inner", 0777));
	show_status("folder/file");
	show_status("folder/inner");
	struct stat status;
	stat("folder/file", &status);
	show_number("group", getuid() == 0 ? (long)status.st_gid : 0);
}

/* An access list that folders hand down (the value is acl_ea_header and entries). */
static void control_default_list(const struct attack *attack)
{
	static const unsigned char list[] = {2, 0, 0, 0, 1, 0, 7, 0, 0xff, 0xff, 0xff,
		0xff, 2, 0, 5, 0, 1, 0, 0, 0, 4, 0, 5, 0, 0xff, 0xff, 0xff, 0xff, 0x10,
		0, 7, 0, 0xff, 0xff, 0xff, 0xff, 0x20, 0, 0, 0, 0xff, 0xff, 0xff, 0xff};
	(void)attack;
	need(mkdir("folder", 0755), "mkdir");
	show("default list",
		setxattr("folder", "system.posix_acl_default", list, sizeof(list), 0));
	show("file", open("folder/file", O_WRONLY | O_CREAT, 0666));
	show("folder", mkdir("folder/inner", 0777));
	show("fifo", mkfifo("folder/fifo", 0666));
	show_status("folder/file");
	show_status("folder/inner");
	show_status("folder/fifo");
}

static void control_truncate(const struct attack *attack)
{
	(void)attack;
	write_file("file", "some text\n");
	show("truncate", truncate("file", 4));
	show_file("file");
	int fd = open("file", O_RDWR);
	show("longer", ftruncate(fd, 8192));
	show("fallocate", fallocate(fd, 0, 0, 16384));
	show("punch",
		fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096));
	show_status("file");
	show("folder", truncate(".", 0));
}

static void control_copies(const struct attack *attack)
{
	int ends[2];
	(void)attack;
	write_file("from", "some text to be copied\n");
	int from = open("from", O_RDONLY), to = open("to", O_RDWR | O_CREAT, 0644);
	show("sendfile", sendfile(to, from, &(off_t){0}, 10));
	show("copy_file_range", copy_file_range(from, &(off_t){0}, to, NULL, 10, 0));
	need(pipe(ends), "pipe");
	show("splice in", splice(from, &(off_t){0}, ends[1], NULL, 5, 0));
	show("splice out", splice(ends[0], NULL, to, NULL, 5, 0));
	show_file("to");
}

static void control_map(const struct attack *attack)
{
	(void)attack;
	write_file("file", "some text\n");
	int fd = open("file", O_RDWR);
	char *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	char *private = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	memcpy(private, "mine", 4);
	memcpy(shared, "SOME", 4);
	show("msync", msync(shared, 4096, MS_SYNC));
	show_file("file");
	show_text("private", private[0] == 'm' ? "kept" : "lost");
	show("protect", mprotect(shared, 4096, PROT_READ));
	show("grow",
		mremap(private, 4096, 8192, MREMAP_MAYMOVE) == MAP_FAILED ? -1 : 0);
	show("unmap", munmap(shared, 4096));
}

static void control_locks(const struct attack *attack)
{
	struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10};
	int status;
	(void)attack;
	write_file("file", "0123456789");
	int fd = open("file", O_RDWR);
	show("flock", flock(fd, LOCK_EX));
	show("range", fcntl(fd, F_SETLK, &range));
	if (fork() == 0) {
		int again = open("file", O_RDWR);
		show("other flock", flock(again, LOCK_EX | LOCK_NB));
		show("other range", fcntl(again, F_SETLK, &range));
		_exit(0);
	}
	wait(&status);
	show("release", flock(fd, LOCK_UN));
}

static void control_watch(const struct attack *attack)
{
	char buffer[4096] __attribute__((aligned(8)));
	(void)attack;
	int fd = inotify_init1(IN_NONBLOCK);
	show("watch", inotify_add_watch(fd, ".",
			      IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_ATTRIB |
				      IN_CLOSE_WRITE));
	write_file("file", "text");
	rename("file", "other");
	chmod("other", 0600);
	unlink("other");
	ssize_t n = read(fd, buffer, sizeof(buffer));
	for (ssize_t at = 0; at < n;) {
		struct inotify_event *event = (struct inotify_event *)(buffer + at);
		printf("event %x %s\n", event->mask, event->name);
		at += (ssize_t)(sizeof(*event) + event->len);
	}
	show("missing", inotify_add_watch(fd, "missing", IN_CREATE));
}

static void control_fifo(const struct attack *attack)
{
	char buffer[16] = {0};
	(void)attack;
	need(mkfifo("fifo", 0600), "mkfifo");
	show("no reader", open("fifo", O_WRONLY | O_NONBLOCK));
	int early = open("fifo", O_RDONLY | O_NONBLOCK);
	show("no writer", early);
	close(early);
	if (fork() == 0) {
		int fd = open("fifo", O_WRONLY);
		(void)!write(fd, "through\n", 8);
		_exit(0);
	}
	int fd = open("fifo", O_RDONLY);
	show("read", read(fd, buffer, sizeof(buffer) - 1));
	show_text("text", buffer);
	wait(NULL);
	show("both", open("fifo", O_RDWR));
}

static void control_flags(const struct attack *attack)
{
	int flags = 0;
	(void)attack;
	write_file("file", "");
	int fd = open("file", O_RDONLY);
	show("get", ioctl(fd, FS_IOC_GETFLAGS, &flags));
	flags |= FS_NODUMP_FL;
	show("set", ioctl(fd, FS_IOC_SETFLAGS, &flags));
	flags = 0;
	ioctl(fd, FS_IOC_GETFLAGS, &flags);
	show_number("no dump", (flags & FS_NODUMP_FL) != 0);
	struct file_attributes attributes = {.xflags = FS_XFLAG_NODUMP};
	show("file_setattr", syscall(SYS_file_setattr, AT_FDCWD, "file", &attributes,
				     sizeof(attributes), 0));
}

static void control_read_only(const struct attack *attack)
{
	(void)attack;
	show_file("../guarded/protected");
	show("absolute", open(arena.protected, O_RDONLY));
	show("list", open(arena.guarded, O_RDONLY | O_DIRECTORY));
	show("stat", access("../outside/secret", F_OK));
	show("path only", open("../guarded", O_PATH));
	show("map", mmap(NULL, 10, PROT_READ, MAP_PRIVATE,
			    open(arena.protected, O_RDONLY), 0) == MAP_FAILED
			    ? -1
			    : 0);
}

static void control_many_files(const struct attack *attack)
{
	enum { FILES = 300 };
	char name[32];
	int made = 0, gone = 0;
	(void)attack;
	for (int i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "file%d", i);
		int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		made += fd >= 0;
		close(fd);
	}
	for (int i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "file%d", i);
		gone += unlink(name) == 0;
	}
	show_number("made", made);
	show_number("gone", gone);
}

static void control_limits(const struct attack *attack)
{
	(void)attack;
	int fd, last = -1;
	for (int i = 0; (fd = open("/dev/null", O_RDONLY)) >= 0 && i < 2000; i++) {
		last = fd;
	}
	show_number("last descriptor", last > 100);
	while (last > 2) {
		close(last--);
	}
	write_file("file", "text\n");
	show_file("file");
}

static void control_special(const struct attack *attack)
{
	(void)attack;
	show("regular", mknod("regular", S_IFREG | 0644, 0));
	show("socket", mknod("socket", S_IFSOCK | 0600, 0));
	show("open socket", open("socket", O_RDWR));
	show_status("regular");
	show_status("socket");
	show("wrong", mknod("wrong", S_IFDIR | 0755, 0));
	show("access", access("regular", X_OK) < 0 && getuid() != 0 ? -1 : 0);
	show("statx", syscall(SYS_statx, AT_FDCWD, "regular", 0, 0x7ff, NULL));
	char text[64];
	symlink("text of a link", "link");
	show_number("readlink", readlink("link", text, sizeof(text)));
}

/* clang-format off */
static const struct attack_row rows[] = {
	{"create", EFFECT_NONE, 0, "openat", control_create, NULL},
	{"modes", EFFECT_NONE, 0, "openat mkdir mknodat", control_modes, NULL},
	{"no_mode", EFFECT_NONE, 0, "openat", control_no_mode, NULL},
	{"rename", EFFECT_NONE, 0, "rename renameat2", control_rename, NULL},
	{"links", EFFECT_NONE, 0, "link symlink linkat", control_links, NULL},
	{"errors", EFFECT_NONE, 0, "openat", control_errors, NULL},
	{"resolve", EFFECT_NONE, 0, "openat2", control_resolve, NULL},
	{"temporary", EFFECT_NONE, 0, "openat linkat", control_temporary, NULL},
	{"descriptors", EFFECT_NONE, 0, "open", control_descriptors, NULL},
	{"lowest_descriptor", EFFECT_NONE, 0, "open", control_lowest_descriptor, NULL},
	{"folder", EFFECT_NONE, 0, "mkdirat openat renameat", control_folder, NULL},
	{"attributes", EFFECT_NONE, 0, "setxattr", control_attributes, NULL},
	{"times", EFFECT_NONE, 0, "utimensat", control_times, NULL},
	{"permissions", EFFECT_NONE, 0, "chmod chown", control_permissions, NULL},
	{"group_folder", EFFECT_NONE, 0, "openat mkdir", control_group_folder, NULL},
	{"default_list", EFFECT_NONE, 0, "openat mkdir", control_default_list, NULL},
	{"truncate", EFFECT_NONE, 0, "truncate", control_truncate, NULL},
	{"copies", EFFECT_NONE, 0, "sendfile", control_copies, NULL},
	{"map", EFFECT_NONE, 0, "mmap", control_map, NULL},
	{"locks", EFFECT_NONE, 0, "flock", control_locks, NULL},
	{"watch", EFFECT_NONE, 0, "inotify_add_watch", control_watch, NULL},
	{"fifo", EFFECT_NONE, 0, "mknod open", control_fifo, NULL},
	{"flags", EFFECT_NONE, 0, "ioctl file_setattr", control_flags, NULL},
	{"read_only", EFFECT_NONE, 0, "open", control_read_only, NULL},
	{"many_files", EFFECT_NONE, 0, "openat unlink", control_many_files, NULL},
	{"limits", EFFECT_NONE, 0, "openat", control_limits, NULL},
	{"special", EFFECT_NONE, 0, "mknod", control_special, NULL},
	{NULL},
};
/* clang-format on */

void control_attacks(void)
{
	attack_add_rows("control_file", rows);
}
