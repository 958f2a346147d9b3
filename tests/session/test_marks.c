/* SPDX-License-Identifier: MIT */
#include "session/marks.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>

static const struct label_set one = {.mask = 1};
static const struct label_set two = {.mask = 2};

static uint32_t mask_of(const struct marks *marks, const char *path)
{
	struct label_set set = {0};
	marks_get(marks, text_of(path), &set);
	return set.mask;
}

Test(marks, a_path_carries_what_was_added_until_it_is_removed)
{
	struct marks *marks = marks_create(NULL);
	cr_expect(eq(u32, mask_of(marks, "/a"), 0));
	marks_add(marks, text_of("/a"), &one);
	marks_add(marks, text_of("/a"), &two);
	cr_expect(eq(u32, mask_of(marks, "/a"), 3));
	cr_expect(eq(u32, mask_of(marks, "/a/b"), 0));
	marks_remove(marks, text_of("/a"));
	cr_expect(eq(u32, mask_of(marks, "/a"), 0));
	marks_destroy(marks);
}

Test(marks, a_folder_holds_for_all_below_it)
{
	struct marks *marks = marks_create(NULL);
	marks_add_below(marks, text_of("/a"), &one);
	cr_expect(eq(u32, mask_of(marks, "/a/b/c"), 1));
	cr_expect(eq(u32, mask_of(marks, "/ab"), 0));
	marks_destroy(marks);
}

Test(marks, what_lies_in_a_moved_folder_goes_along)
{
	struct marks *marks = marks_create(NULL);
	marks_add(marks, text_of("/a/b/c"), &one);
	marks_add(marks, text_of("/ab"), &two);
	marks_move(marks, text_of("/a"), text_of("/x"));
	cr_expect(eq(u32, mask_of(marks, "/x/b/c"), 1));
	cr_expect(eq(u32, mask_of(marks, "/x"), 0));
	cr_expect(eq(u32, mask_of(marks, "/xb"), 0));
	marks_destroy(marks);
}

Test(marks, what_mounts_show_in_several_places_is_one_file)
{
	static char text[] = "20 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
			     "21 20 8:2 / /home rw - ext4 /dev/sda2 rw\n"
			     "22 20 8:2 /u/data /mnt rw - ext4 /dev/sda2 rw\n"
			     "23 22 8:3 / /mnt/other rw - ext4 /dev/sda3 rw\n";
	FILE *file = fmemopen(text, sizeof(text) - 1, "r");
	struct mount_table mounts;

	mount_table_read(&mounts, file);
	(void)fclose(file);
	struct marks *marks = marks_create(&mounts);
	marks_add(marks, text_of("/home/u/data/a"), &one);
	cr_expect(eq(u32, mask_of(marks, "/mnt/a"), 1));
	cr_expect(eq(u32, mask_of(marks, "/u/data/a"), 0));
	marks_move(marks, text_of("/home/u/data"), text_of("/home/u/moved"));
	cr_expect(eq(u32, mask_of(marks, "/home/u/moved/a"), 1));
	marks_remove(marks, text_of("/mnt/a"));
	cr_expect(eq(u32, mask_of(marks, "/home/u/data/a"), 0));
	marks_add_below(marks, text_of("/mnt"), &two);
	cr_expect(eq(u32, mask_of(marks, "/home/u/data/b/c"), 2));
	cr_expect(eq(u32, mask_of(marks, "/mnt/other/d"), 2));
	cr_expect(eq(u32, mask_of(marks, "/home/u"), 0));
	marks_destroy(marks);
	mount_table_finish(&mounts);
}

Test(marks, with_too_many_everything_is_marked)
{
	enum { MORE_THAN_ENOUGH = 70000 };
	struct marks *marks = marks_create(NULL);
	for (int i = 0; i < MORE_THAN_ENOUGH; i++) {
		char path[32];
		(void)snprintf(path, sizeof(path), "/f/%d", i);
		marks_add(marks, text_of(path), &one);
	}
	cr_expect(eq(u32, mask_of(marks, "/f/1"), 1));
	cr_expect(eq(u32, mask_of(marks, "/f/69999"), 1));
	cr_expect(eq(u32, mask_of(marks, "/elsewhere"), 1));
	marks_destroy(marks);
}
