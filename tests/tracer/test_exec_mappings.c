/* SPDX-License-Identifier: MIT */
/* By which numbers lists of mappings tell files, on file systems of all kinds. */
#include "tracer/exec_mappings.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static void make_file(const char *path)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	cr_assert(fd >= 0 && write(fd, "text", 4) == 4 && close(fd) == 0, "%s", path);
}

/* What /proc/self/maps says of the file while it is mapped under this name. */
static struct mapped_file look_up(const char *path)
{
	struct mapped_file found = {0, 0};
	char line[4096];
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *memory = mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0);
	FILE *list = fopen("/proc/self/maps", "re");

	cr_assert(fd >= 0 && memory != MAP_FAILED && list != NULL);
	while (fgets(line, sizeof(line), list) != NULL) {
		unsigned numbers[2];
		unsigned long inode;

		if (strstr(line, path) != NULL &&
			sscanf(line, "%*s %*s %*s %x:%x %lu", &numbers[0], &numbers[1],
				&inode) == 3) {
			found = (struct mapped_file){
				makedev(numbers[0], numbers[1]), inode};
		}
	}
	(void)fclose(list);
	(void)munmap(memory, 1);
	close(fd);
	return found;
}

/* Twice, since what is found out is remembered. */
static void check_file(const char *path)
{
	static struct path pinned;
	const struct mapped_file expected = look_up(path);

	pinned.fd = open(path, O_PATH | O_CLOEXEC);
	cr_assert(pinned.fd >= 0 && fstat(pinned.fd, &pinned.status) == 0);
	for (int i = 0; i < 2; i++) {
		const struct mapped_file found = mapped_file_of(&pinned);

		cr_expect(eq(ulong, found.device, expected.device), "%s", path);
		cr_expect(eq(u64, found.inode, expected.inode), "%s", path);
	}
	close(pinned.fd);
}

Test(exec_mappings, system_files)
{
	check_file("/usr/bin/env");
	check_file("/etc/passwd");
}

/* An overlay of two file systems: one layer's files have numbers of their own. */
Test(exec_mappings, overlays)
{
	static const char top[] = "/tmp/exec-mappings";

	if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0 ||
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
		cr_skip_test("needs root, who may mount");
	}
	(void)mkdir(top, 0700);
	cr_assert(mount("none", top, "tmpfs", 0, NULL) == 0 && chdir(top) == 0);
	cr_assert(mkdir("upper", 0700) == 0 && mkdir("work", 0700) == 0 &&
		  mkdir("lower", 0700) == 0 && mkdir("all", 0700) == 0);
	cr_assert(mount("none", "lower", "tmpfs", 0, NULL) == 0);
	make_file("lower/below");
	make_file("upper/above");
	if (mount("none", "all", "overlay", 0,
		    "lowerdir=lower,upperdir=upper,workdir=work") == 0) {
		check_file("/tmp/exec-mappings/all/above");
		check_file("/tmp/exec-mappings/all/below");
		(void)umount("all");
	} else {
		(void)fprintf(stderr, "left out: the kernel has no overlays\n");
	}
	cr_assert(chdir("/") == 0 && umount2(top, MNT_DETACH) == 0 && rmdir(top) == 0);
}
