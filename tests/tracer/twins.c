/* SPDX-License-Identifier: MIT */
/* Making the folders, making the calls, and comparing what came of them. */
#include "twins.h"

#include <criterion/criterion.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

static void write_file(const char *name, mode_t mode)
{
	const int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	cr_assert(fd >= 0 && write(fd, "hello", 5) == 5 && fchmod(fd, mode) == 0);
	(void)close(fd);
}

static void bind_socket(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", name);
	cr_assert(fd >= 0 &&
		  bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0);
	(void)close(fd);
}

static void make_tree(const char *folder)
{
	char target[PATH_MAX];

	(void)mkdir(folder, 0755);
	cr_assert(chdir(folder) == 0 && chmod(".", 0755) == 0);
	write_file("file", 0644);
	write_file("other", 0604);
	write_file("noread", 0200);
	write_file("readonly", 0444);
	cr_assert(mkdir("dir", 0755) == 0 && mkdir("dir/empty", 0755) == 0);
	cr_assert(mkdir("sticky", 0777) == 0 && chmod("sticky", 01777) == 0);
	cr_assert(mkdir("setgid", 0755) == 0 && chmod("setgid", 02755) == 0);
	write_file("dir/inner", 0640);
	write_file("sticky/inner", 0666);
	cr_assert(symlink("file", "link") == 0 && symlink("dir", "dirlink") == 0);
	cr_assert(symlink("dir/", "slashlink") == 0 && symlink("loop", "loop") == 0);
	cr_assert(symlink("absent", "dangling") == 0);
	cr_assert(symlink("absent/", "dangling-slash") == 0);
	cr_assert(symlink("dir/absent", "dangling-deep") == 0);
	cr_assert(symlink("/dev/null", "null") == 0 && symlink("link", "link2") == 0);
	cr_assert(symlink("../file", "dir/up") == 0);
	(void)snprintf(target, sizeof(target), "%s/file", folder);
	cr_assert(symlink(target, "absolute") == 0);
	cr_assert(mkfifo("fifo", 0644) == 0);
	bind_socket("socket");
	cr_assert(link("other", "dir/hard") == 0);
	cr_assert(mkdir("closed", 0755) == 0);
	write_file("closed/inner", 0644);
	cr_assert(chmod("closed", 0) == 0);
}

static int remove_one(
	const char *name, const struct stat *status, int kind, struct FTW *at)
{
	(void)status;
	(void)kind;
	return at->level > 0 ? remove(name) : 0;
}

static int open_one(
	const char *name, const struct stat *status, int kind, struct FTW *at)
{
	(void)at;
	return kind == FTW_DNR || (S_ISDIR(status->st_mode) &&
					  (status->st_mode & 0700) != 0700)
		       ? chmod(name, 0700)
		       : 0;
}

/* Emptied rather than removed: somebody stands in it. */
static void empty_tree(const char *folder)
{
	(void)nftw(folder, open_one, 16, FTW_PHYS);
	(void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void put_descriptor(int fd, int number)
{
	if (fd < 0 || dup2(fd, number) < 0) {
		_exit(1);
	}
	(void)close(fd);
}

/* In the child as well: system calls only. */
static void open_descriptors(void *data)
{
	int ends[2] = {-1, -1};

	(void)data;
	put_descriptor(open("file", O_RDWR), TWINS_FILE);
	put_descriptor(open("file", O_RDONLY), TWINS_READER);
	put_descriptor(open("dir", O_RDONLY | O_DIRECTORY), TWINS_FOLDER);
	put_descriptor(open("file", O_PATH), TWINS_HANDLE);
	put_descriptor(inotify_init(), TWINS_INOTIFY);
	(void)!pipe(ends);
	put_descriptor(ends[0], TWINS_PIPE);
}

void twins_start(struct twins *twins)
{
	(void)umask(027);
	(void)snprintf(twins->base, sizeof(twins->base), "/tmp/duenna-twins.XXXXXX");
	cr_assert(mkdtemp(twins->base) != NULL);
	(void)snprintf(
		twins->native, sizeof(twins->native), "%.200s/native", twins->base);
	(void)snprintf(
		twins->other, sizeof(twins->other), "%.200s/others", twins->base);
	cr_assert(mkdir(twins->native, 0755) == 0 && mkdir(twins->other, 0755) == 0);
	strcat(twins->native, "/tree");
	strcat(twins->other, "/tree");
	make_tree(twins->other);
	make_tree(twins->native);
	caller_start(&twins->caller, twins->other, open_descriptors, NULL);
	open_descriptors(NULL);
}

void twins_finish(struct twins *twins)
{
	caller_finish(&twins->caller);
	cr_assert(chdir("/") == 0);
	empty_tree(twins->base);
	(void)rmdir(twins->base);
}

void twins_reset(struct twins *twins)
{
	empty_tree(twins->native);
	empty_tree(twins->other);
	make_tree(twins->other);
	make_tree(twins->native);
}

bool twins_agree(struct twins *twins, int number,
	const struct twins_argument arguments[6], const char *label)
{
	uint64_t here[6], there[6];
	int slot = 0;

	for (int i = 0; i < 6; i++) {
		const struct twins_argument *argument = &arguments[i];

		here[i] = argument->bytes ? (uint64_t)(uintptr_t)argument->bytes
					  : argument->value;
		there[i] = argument->bytes ? caller_put(&twins->caller, slot++,
						     argument->bytes, argument->size)
					   : argument->value;
	}
	const long result =
		syscall(number, here[0], here[1], here[2], here[3], here[4], here[5]);
	const int64_t native = result < 0 ? -errno : result;
	const int64_t other = caller_run(&twins->caller, number, there);

	if (native != other) {
		cr_log_error("%s: native %ld, on behalf %ld", label, (long)native,
			(long)other);
		return false;
	}
	if (native < 0) {
		return true;
	}
	const bool are_equal = twins_are_equal(twins);

	if (!are_equal) {
		cr_log_error("%s: the folders differ", label);
	}
	twins_reset(twins);
	return are_equal;
}

struct listing {
	char *text;
	size_t size, used;
	size_t prefix; /* length of the folder's name, left out */
};

static void list_one(struct listing *listing, const char *name)
{
	struct stat status;
	char target[PATH_MAX] = "";
	char names[512] = "";
	const bool found = lstat(name, &status) == 0;

	if (!found || listing->used >= listing->size) {
		return;
	}
	if (S_ISLNK(status.st_mode)) {
		const ssize_t length = readlink(name, target, sizeof(target) - 1);

		target[length > 0 ? length : 0] = '\0';
		if (target[0] == '/') {
			(void)memmove(target, "/", 2);
		}
	}
	const ssize_t listed = llistxattr(name, names, sizeof(names) - 1);

	/* Times of before 2001 were set on purpose. */
	const long changed = status.st_mtime < 1000000000 ? status.st_mtime : 0;
	const long read = status.st_atime < 1000000000 ? status.st_atime : 0;

	listing->used += (size_t)snprintf(listing->text + listing->used,
		listing->size - listing->used, "%s %o %u:%u %ld %lu %s %zd %ld %ld\n",
		name + listing->prefix, status.st_mode, status.st_uid, status.st_gid,
		S_ISREG(status.st_mode) ? (long)status.st_size : 0L,
		(unsigned long)status.st_nlink, target, listed, changed, read);
}

static void list_folder(struct listing *listing, const char *folder)
{
	struct dirent **entries = NULL;
	const int count = scandir(folder, &entries, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		char name[PATH_MAX];
		const char *entry = entries[i]->d_name;

		(void)snprintf(name, sizeof(name), "%s/%s", folder, entry);
		if (strcmp(entry, ".") != 0 && strcmp(entry, "..") != 0) {
			struct stat status;

			list_one(listing, name);
			if (lstat(name, &status) == 0 && S_ISDIR(status.st_mode)) {
				list_folder(listing, name);
			}
		}
		free(entries[i]);
	}
	free(entries);
}

void twins_tree(const char *folder, char *text, size_t size)
{
	struct listing listing = {text, size, 0, strlen(folder)};

	text[0] = '\0';
	list_folder(&listing, folder);
}

bool twins_are_equal(const struct twins *twins)
{
	static char native[TWINS_TREE_SIZE], other[TWINS_TREE_SIZE];

	twins_tree(twins->native, native, sizeof(native));
	twins_tree(twins->other, other, sizeof(other));
	if (strcmp(native, other) != 0) {
		cr_log_error("native:\n%s\non behalf:\n%s", native, other);
		return false;
	}
	return true;
}
