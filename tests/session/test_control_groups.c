/* SPDX-License-Identifier: MIT */
#include "session/control_groups.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

static void expect_rules(const char *mounts, const char *groups, const char *wanted)
{
	FILE *mount_file = fmemopen((void *)(uintptr_t)mounts, strlen(mounts), "r");
	FILE *group_file = fmemopen((void *)(uintptr_t)groups, strlen(groups), "r");
	char *text = control_groups_rules(mount_file, group_file);

	cr_expect(eq(str, text, (char *)(uintptr_t)wanted));
	free(text);
	(void)fclose(mount_file);
	(void)fclose(group_file);
}

static const char unified[] = "24 19 0:22 / /proc rw - proc proc rw\n"
			      "35 25 0:30 / /sys/fs/cgroup rw,nosuid shared:9 - "
			      "cgroup2 cgroup2 rw,nsdelegate\n";

#define CHANGES "forbid write,delete,meta "
#define ENTRANCES(PLACE)                                                               \
	CHANGES "\"" PLACE "/**/cgroup.procs\"\n" CHANGES "\"" PLACE                   \
		"/**/cgroup.threads\"\n" CHANGES "\"" PLACE "/**/tasks\"\n"
#define GROUP(FOLDER) CHANGES "\"" FOLDER "\"\n" CHANGES "\"" FOLDER "/*\"\n"

Test(control_groups, our_group_and_all_above_it_are_out_of_reach)
{
	expect_rules(unified, "0::/user.slice/run-1.scope\n",
		ENTRANCES("/sys/fs/cgroup")
			GROUP("/sys/fs/cgroup/user.slice/run-1.scope") GROUP(
				"/sys/fs/cgroup/user.slice") GROUP("/sys/fs/cgroup"));
	expect_rules(
		unified, "0::/\n", ENTRANCES("/sys/fs/cgroup") GROUP("/sys/fs/cgroup"));
}

Test(control_groups, each_old_hierarchy_has_its_own_group)
{
	expect_rules(
		"32 31 0:29 / /cg/cpu\\0401 rw - cgroup cgroup rw,cpu,cpuacct\n"
		"33 31 0:30 / /cg/named rw - cgroup cgroup rw,xattr,name=systemd\n",
		"4:name=systemd:/a\n3:cpu,cpuacct:/b\n0::/c\n",
		ENTRANCES("/cg/cpu 1") GROUP("/cg/cpu 1/b") GROUP("/cg/cpu 1")
			ENTRANCES("/cg/named") GROUP("/cg/named/a") GROUP("/cg/named"));
}

Test(control_groups, a_mount_may_show_only_a_part_of_a_hierarchy)
{
	static const char part[] = "35 25 0:30 /docker/1 /cg rw - cgroup2 cgroup rw\n";

	expect_rules(
		part, "0::/docker/1/x\n", ENTRANCES("/cg") GROUP("/cg/x") GROUP("/cg"));
	expect_rules(part, "0::/docker/12\n", ENTRANCES("/cg"));
	expect_rules(part, "0::/../other\n", ENTRANCES("/cg"));
}

Test(control_groups, what_is_no_hierarchy_forbids_nothing)
{
	expect_rules("35 25 0:30 / /cg rw - tmpfs cgroup2 rw\nnonsense\n1 2 3\n",
		"0::/\n", "");
	char *text = control_groups_rules(NULL, NULL);
	cr_expect(eq(str, text, ""));
	free(text);
}
