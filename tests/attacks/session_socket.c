/* SPDX-License-Identifier: MIT */
/*
 * Connecting to the socket by which people answer questions, under every name that it
 * can have. Where it is the kernel tells everybody. Natively a socket of the harness
 * stands in its place.
 */
#include "tests/attacks/attack.h"
#include "tests/attacks/place.h"
#include "tests/attacks/syscalls.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char *find_socket(void)
{
	static char line[4096];
	const char *folder = getenv("XDG_RUNTIME_DIR");
	FILE *sockets = fopen("/proc/net/unix", "re");
	if (sockets == NULL || folder == NULL) {
		failed("/proc/net/unix");
	}
	while (fgets(line, sizeof(line), sockets) != NULL) {
		char *path = strchr(line, '/');
		if (path != NULL &&
			strncmp(path, path_in(folder, ""), strlen(folder) + 1) == 0) {
			path[strcspn(path, "\n")] = '\0';
			fclose(sockets);
			return path;
		}
	}
	failed("no socket is there");
}

static void reach(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(address.sun_path)) {
		not_applicable("the name is too long for an address");
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	attack_answer(syscall(SYS_connect, fd, &address, sizeof(address)));
}

static void run_form(const struct attack *attack)
{
	static struct place place;
	/* Most forms start at the project and expect the other folder beside it. */
	char *here = path_in(getenv("XDG_RUNTIME_DIR"), "here");
	need(mkdir(here, 0755), here);
	need(chdir(here), here);
	arena.project = here;
	form_apply(attack->form, find_socket(), &place);
	reach(place.path);
}

static void run_hard_link(const struct attack *attack)
{
	(void)attack;
	need(link(find_socket(), "own"), "link");
	reach("own");
}

static void run_handle_link(const struct attack *attack)
{
	char name[64];
	(void)attack;
	int handle = (int)need(open(find_socket(), O_PATH), "open");
	snprintf(name, sizeof(name), "/proc/self/fd/%d", handle);
	need(linkat(AT_FDCWD, name, AT_FDCWD, "own", AT_SYMLINK_FOLLOW), "linkat");
	reach("own");
}

static void run_moved(const struct attack *attack)
{
	(void)attack;
	need(rename(find_socket(), "own"), "rename");
	reach("own");
}

static void run_moved_folder(const struct attack *attack)
{
	char *path = find_socket();
	char *name = strrchr(path, '/');
	(void)attack;
	*name = '\0';
	need(rename(path, "own"), "rename");
	reach(path_in("own", name + 1));
}

/* The whole folder of run-time files, with what belongs to others in it. */
static void run_moved_above(const struct attack *attack)
{
	const char *folder = getenv("XDG_RUNTIME_DIR");
	char *path = find_socket();
	(void)attack;
	need(rename(folder, "own"), "rename");
	reach(path_in("own", path + strlen(folder) + 1));
}

static void reach_in_child(void)
{
	setsid();
	reach(find_socket());
}

static void run_child(const struct attack *attack)
{
	(void)attack;
	run_in_child(reach_in_child);
}

/* clang-format off */
static const struct attack_row rows[] = {
	{"socket_hard_link", EFFECT_ANSWERED, 0, "link connect", run_hard_link, NULL},
	{"socket_handle_link", EFFECT_ANSWERED, 0, "linkat connect", run_handle_link, NULL},
	{"socket_moved", EFFECT_ANSWERED, 0, "rename connect", run_moved, NULL},
	{"socket_moved_folder", EFFECT_ANSWERED, 0, "rename connect", run_moved_folder, NULL},
	{"socket_moved_above", EFFECT_ANSWERED, 0, "rename connect", run_moved_above, NULL},
	{"socket_child", EFFECT_ANSWERED, 0, "connect", run_child, NULL},
	{NULL},
};
/* clang-format on */

void session_socket_attacks(void)
{
	for (size_t i = 0; i < form_count; i++) {
		if (forms[i].needs & (FORM_FOLDER | FORM_BYSTANDER)) {
			continue;
		}
		struct attack attack = {.effect = EFFECT_ANSWERED,
			.syscalls = "connect",
			.run = run_form,
			.form = &forms[i]};
		attack_add(&attack, "self/socket_%s", forms[i].name);
	}
	attack_add_rows("self", rows);
}
