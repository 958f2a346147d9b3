/* SPDX-License-Identifier: MIT */
/*
 * Gives files names by their descriptors alone, which the kernel allows to whoever opened
 * them itself: in the same process and program, with the same credentials.
 */
#include "victim.h"

#include <pthread.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { STRANGER = 4711, INHERITED = 50, INHERITED_NAMELESS };

static char folder[] = "/tmp/linksXXXXXX";

static void give_name(const char *what, int fd)
{
	const int failed =
		linkat(fd, "", AT_FDCWD, "name", AT_EMPTY_PATH) == 0 ? 0 : errno;

	say("%s: %s\n", what, failed ? strerrorname_np(failed) : "done");
	(void)unlink("name");
}

static int open_nameless(void)
{
	return open(".", O_TMPFILE | O_RDWR, 0600);
}

static void give_all_names(void)
{
	const int own = open("own", O_RDWR | O_CREAT, 0600);

	give_name("created", own);
	give_name("its copy", dup(own));
	give_name("to read", open("own", O_RDONLY));
	give_name("as a handle", open("own", O_PATH));
	give_name("nameless", open_nameless());
	give_name("nameless for ever", open(".", O_TMPFILE | O_EXCL | O_RDWR, 0600));
	give_name("a link", open("link", O_PATH | O_NOFOLLOW));
	give_name("a folder", open(".", O_RDONLY | O_DIRECTORY));
	give_name("the working folder", AT_FDCWD);
	give_name("nothing", 999);
	give_name("a socket", socket(AF_UNIX, SOCK_STREAM, 0));
	give_name("a device", open("/dev/null", O_RDWR));
	give_name("of /proc", open("/proc/self/status", O_RDONLY));
	(void)unlink("own");
	give_name("removed", own);
	give_name("inherited", INHERITED);
	give_name("inherited, nameless", INHERITED_NAMELESS);
}

static void give_in_child(const char *how, void (*change)(void), bool is_before)
{
	say("-- %s\n", how);
	const pid_t child = fork();

	if (child == 0) {
		const int kept = open("there", O_RDWR);
		change();
		give_name("opened before", kept);
		give_name("opened after", open("there", O_RDONLY));
		if (is_before) {
			give_all_names();
		}
		_exit(0);
	}
	(void)waitpid(child, NULL, 0);
}

static void change_nothing(void)
{
}

static void change_all(void)
{
	(void)syscall(SYS_setresuid, STRANGER, STRANGER, STRANGER);
}

static void change_to_the_same(void)
{
	(void)syscall(SYS_setresuid, -1, -1, -1);
}

static void change_twice(void)
{
	(void)syscall(SYS_setresuid, -1, STRANGER, -1);
	(void)syscall(SYS_setresuid, -1, 0, -1);
	(void)syscall(SYS_setresuid, -1, STRANGER + 1, -1);
}

static void change_groups(void)
{
	change_all();
	(void)syscall(SYS_setgroups, 0, NULL);
}

static void *open_in_thread(void *fd)
{
	*(int *)fd = open("there", O_RDWR);
	return NULL;
}

static void give_threads(void)
{
	pthread_t thread;
	int fd = -1;

	if (pthread_create(&thread, NULL, open_in_thread, &fd) == 0) {
		(void)pthread_join(thread, NULL);
	}
	give_name("opened by a thread", fd);
}

static void enter_folder(void)
{
	if (!mkdtemp(folder) || chdir(folder) != 0 || chmod(".", 0777) != 0 ||
		symlink("there", "link") != 0) {
		_exit(3);
	}
	const int there = open("there", O_RDWR | O_CREAT, 0600);
	const int inherited = open("inherited", O_RDWR | O_CREAT, 0600);

	if (there < 0 || fchmod(there, 0666) != 0 || inherited < 0 ||
		dup2(inherited, INHERITED) < 0 ||
		dup2(open_nameless(), INHERITED_NAMELESS) < 0) {
		_exit(4);
	}
}

/* Of the program that was executed; INHERITED was open before. */
static void give_executed(void)
{
	give_all_names();
	if (geteuid() == 0) {
		change_all();
		give_all_names();
	}
}

static void link_opened(void)
{
	char command[64];

	enter_folder();
	give_all_names();
	give_threads();
	give_in_child("forked", change_nothing, true);
	if (geteuid() == 0) {
		give_in_child("to a stranger", change_all, true);
		give_in_child("to the same", change_to_the_same, true);
		give_in_child("to and fro", change_twice, false);
		give_in_child("without groups", change_groups, true);
	}
	const pid_t child = fork();
	if (child == 0) {
		(void)execl("/proc/self/exe", "links", "give_executed", NULL);
		_exit(5);
	}
	(void)waitpid(child, NULL, 0);
	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	if (chdir("/") != 0 || system(command) != 0) {
		_exit(6);
	}
}

static const struct behaviour behaviours[] = {
	{"link_opened", link_opened},
	{"give_executed", give_executed},
	{NULL, NULL},
};

int main(int argc, char **argv)
{
	return behave(behaviours, argc, argv);
}
