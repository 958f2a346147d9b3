/* SPDX-License-Identifier: MIT */
/* Makes a folder (its argument) with a file of every kind, mode, age and attribute. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

static void make_file(const char *name, mode_t mode, off_t size)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, name, 4) != 4 || ftruncate(fd, size) < 0 ||
		fchmod(fd, mode) < 0) {
		perror(name);
		exit(1);
	}
	close(fd);
}

static void make_socket(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", name);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		perror(name);
	}
	close(fd);
}

static void make_devices(void)
{
	if (geteuid() == 0) {
		mknod("character", S_IFCHR | 0640, makedev(1, 3));
		mknod("block", S_IFBLK | 0640, makedev(7, 250));
		chown("modes-0644", 12, 34);
		lchown("dangling", 56, 78);
	}
}

int main(int argc, char **argv)
{
	static const mode_t modes[] = {0, 0400, 0644, 0755, 04755, 02755, 01644, 0777};
	static const struct timespec old[2] = {{1000000000, 123}, {1100000000, 456789}};
	char name[64];
	if (argc != 2 || mkdir(argv[1], 0750) < 0 || chdir(argv[1]) < 0) {
		return 2;
	}
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		snprintf(name, sizeof(name), "modes-%04o", modes[i]);
		make_file(name, modes[i], (off_t)(i * 1000));
	}
	make_file("sparse", 0644, 1 << 20);
	make_file("name with\nnewline and \xff", 0644, 4);
	mkdir("sticky", 01777);
	mkdir("group", 0755);
	chmod("group", 02775);
	mkdir("deep", 0755);
	mkdir("deep/er", 0700);
	make_file("deep/er/file", 0644, 10);
	link("modes-0644", "deep/hard");
	symlink("modes-0644", "soft");
	symlink("nowhere", "dangling");
	symlink("..", "deep/up");
	mkfifo("fifo", 0620);
	make_socket("socket");
	setxattr("modes-0755", "user.color", "blue", 4, 0);
	setxattr("deep", "user.size", "large", 5, 0);
	make_devices();
	utimensat(AT_FDCWD, "modes-0777", old, 0);
	utimensat(AT_FDCWD, "soft", old, AT_SYMLINK_NOFOLLOW);
	utimensat(AT_FDCWD, "fifo", old, 0);
	utimensat(AT_FDCWD, "deep/er", old, 0);
	return 0;
}
