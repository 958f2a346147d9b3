/* SPDX-License-Identifier: MIT */
#include "base/xalloc.h"
#include "session/mount_names.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

/* The names in order, with a blank after each. */
static void expect_names(
	const char *mounts, const char *path, int number, const char *wanted)
{
	FILE *file = fmemopen((void *)(uintptr_t)mounts, strlen(mounts), "r");
	struct mount_table table;
	struct mount_names names;
	char *all = xstrdup("");

	mount_table_read(&table, file);
	mount_names_of(&names, path, number, &table);
	for (size_t i = 0; i < names.count; i++) {
		char *longer = xasprintf("%s%s ", all, names.names[i]);
		free(all);
		all = longer;
	}
	cr_expect(eq(str, all, (char *)(uintptr_t)wanted), "of %s", path);
	free(all);
	mount_names_finish(&names);
	mount_table_finish(&table);
	(void)fclose(file);
}

static const char mounts[] =
	"20 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
	"21 20 8:2 / /home rw shared:1 - ext4 /dev/sda2 rw\n"
	"22 20 8:1 /home/u /mnt/with\\040blank rw - ext4 /dev/sda1 rw\n"
	"23 20 8:2 /u/data /mnt/data rw - ext4 /dev/sda2 rw\n"
	"24 20 8:2 / /mnt/whole rw - ext4 /dev/sda2 rw\n"
	"25 20 8:2 /u/data/own/deep /srv/part rw - ext4 /dev/sda2 rw\n"
	"broken\n";

Test(mount_names, what_is_mounted_once_has_one_name)
{
	expect_names(mounts, "/etc/own", 20, "");
	expect_names("20 1 8:1 / / rw - ext4 /dev/sda1 rw\n", "/x", 20, "");
}

Test(mount_names, each_other_mount_of_the_file_system_counts)
{
	expect_names(mounts, "/home/u/data/own/deep/x", 21,
		"/mnt/data/own/deep/x /mnt/whole/u/data/own/deep/x /srv/part/x ");
	expect_names(mounts, "/mnt/data/own/deep", 23,
		"/home/u/data/own/deep /mnt/whole/u/data/own/deep /srv/part ");
	expect_names(mounts, "/home/u/database", 21, "/mnt/whole/u/database ");
}

Test(mount_names, a_part_of_a_folder_is_forbidden_as_a_whole)
{
	expect_names(mounts, "/home/u/data/own", 21,
		"/mnt/data/own /mnt/whole/u/data/own /srv/part ");
}

Test(mount_names, places_with_blanks_and_roots_are_read)
{
	expect_names(mounts, "/home/u/x", 20, "/mnt/with blank/x ");
	expect_names(mounts, "/mnt/with blank", 22, "/home/u ");
	expect_names(mounts, "/home", 21, "/mnt/data /mnt/whole /srv/part ");
}

static const char overlays[] =
	"20 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
	"21 20 8:2 / /media/rw rw - ext4 /dev/sda2 rw\n"
	"22 20 8:2 /over /mnt rw - ext4 /dev/sda2 rw\n"
	"23 20 0:40 / /home rw - overlay root "
	"rw,lowerdir=/l,upperdir=/media/rw/over,x\n"
	"24 20 0:41 / /srv rw - overlay root rw,lowerdir=/l,upperdir=/v/a\\054b\n"
	"25 20 0:42 / /opt rw - overlay root rw,lowerdir=/l,upperdir=v\n";

Test(mount_names, what_is_on_an_overlay_is_where_that_writes)
{
	expect_names(overlays, "/home/u/x", 23, "/mnt/u/x /media/rw/over/u/x ");
	expect_names(overlays, "/home", 23, "/mnt /media/rw/over ");
	expect_names(overlays, "/srv/x", 24, "/v/a,b/x ");
	expect_names(overlays, "/opt/x", 25, "");
}

Test(mount_names, what_is_where_an_overlay_writes_is_on_that)
{
	expect_names(overlays, "/media/rw/over/u/x", 21, "/mnt/u/x /home/u/x ");
	expect_names(overlays, "/v/a,b/x", 20, "/srv/x ");
	expect_names(overlays, "/media/rw/x", 21, "");
}

Test(mount_names, an_unknown_mount_gives_none)
{
	expect_names(mounts, "/home/u/x", -1, "");
	expect_names(mounts, "/elsewhere", 21, "");
}

Test(mount_names, missing_names_are_taken_where_they_would_be)
{
	struct mount_table table;
	struct mount_names names;

	mount_table_read_own(&table);
	cr_expect(gt(sz, table.count, 0));
	mount_names_find(&names, "/proc/self/no/such/thing", &table);
	mount_names_finish(&names);
	mount_table_finish(&table);
	cr_expect(eq(sz, names.count, 0));
}
