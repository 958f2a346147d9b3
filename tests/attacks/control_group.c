/* SPDX-License-Identifier: MIT */
/*
 * Control groups against the supervisor: it is taken into another group, or the group
 * that it is in is given limits. The harness made both groups; they are the new kind, or
 * the old one.
 */
#include "tests/attacks/attack.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct group_attack {
	const char *group; /* the variable that has its folder */
	const char *file;
	const char *text; /* NULL: the number of the parent */
};

static const char *folder_of(const char *variable)
{
	const char *folder = getenv(variable);

	if (folder == NULL) {
		not_applicable("no control group can be made");
	}
	return folder;
}

static void run_write(const struct attack *attack)
{
	const struct group_attack *what = attack->operation;
	char number[32];

	snprintf(number, sizeof(number), "%d", getppid());
	const char *text = what->text != NULL ? what->text : number;
	const char *path = path_in(folder_of(what->group), what->file);
	int fd = (int)need(open(path, O_WRONLY), path);
	need(write(fd, text, strlen(text)), path);
	acted();
}

/* Only the old kind has groups that can get another name. */
static void run_rename(const struct attack *attack)
{
	const char *folder = folder_of(attack->operation);
	char renamed[4096];

	snprintf(renamed, sizeof(renamed), "%s-renamed", folder);
	need(rename(folder, renamed), "rename");
	acted();
	need(rename(renamed, folder), "rename");
}

/* Who may make groups below could go on to fill them. */
static void run_make(const struct attack *attack)
{
	const char *folder = folder_of(attack->operation);

	need(mkdir(path_in(folder, "below"), 0755), "mkdir");
	acted();
	need(rmdir(path_in(folder, "below")), "rmdir");
}

static const struct group_attack move = {"ATTACK_GROUP_OTHER", "cgroup.procs", NULL};
static const struct group_attack limit = {"ATTACK_GROUP", "cgroup.max.depth", "7"};
static const struct group_attack move_old = {
	"ATTACK_OLD_GROUP_OTHER", "cgroup.procs", NULL};
static const struct group_attack move_task = {"ATTACK_OLD_GROUP_OTHER", "tasks", NULL};
static const struct group_attack limit_old = {
	"ATTACK_OLD_GROUP", "notify_on_release", "1"};

/* clang-format off */
static const struct attack_row rows[] = {
	{"group_move", EFFECT_SUPERVISOR, 0, "open", run_write, &move},
	{"group_limit", EFFECT_SUPERVISOR, 0, "open", run_write, &limit},
	{"group_make", EFFECT_SUPERVISOR, 0, "mkdir", run_make, "ATTACK_GROUP"},
	{"group_move_old", EFFECT_SUPERVISOR, 0, "open", run_write, &move_old},
	{"group_move_task", EFFECT_SUPERVISOR, 0, "open", run_write, &move_task},
	{"group_limit_old", EFFECT_SUPERVISOR, 0, "open", run_write, &limit_old},
	{"group_rename_old", EFFECT_SUPERVISOR, 0, "rename", run_rename, "ATTACK_OLD_GROUP"},
	{NULL},
};
/* clang-format on */

void control_group_attacks(void)
{
	attack_add_rows("self", rows);
}
