/* SPDX-License-Identifier: MIT */
/* Names made, removed and moved on behalf, compared with the kernel's own way. */
#include "twins.h"

#include <criterion/criterion.h>

#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char long_name[NAME_MAX + 1], longer_name[NAME_MAX + 2];
static char below_file[2 * NAME_MAX], below_closed[2 * NAME_MAX];

static const char *const names[] = {
	"file",
	"file/",
	"dir",
	"dir/",
	"dir/empty",
	"dir/empty/",
	"dir/inner",
	"link",
	"link/",
	"dirlink",
	"dirlink/",
	"dirlink/inner",
	"slashlink",
	"dangling",
	"dangling/",
	"loop",
	"loop/x",
	"fifo",
	"socket",
	"absent",
	"absent/",
	"absent//",
	"absent/x",
	"file/x",
	"dir/absent",
	"dirlink/absent",
	"closed",
	"closed/inner",
	"",
	".",
	"..",
	"dir/.",
	"dir/..",
	"dir/../file",
	"./absent",
	"/",
	"//",
	"absolute",
	"sticky/inner",
	"setgid/absent",
	"setgid",
	"readonly",
	"dir/hard",
	"other",
	"/proc/self/comm",
	"/proc/self/absent",
	"/proc",
	"/absent-here/x",
	"file/absent/",
	"closed/absent/",
	long_name,
	longer_name,
	below_file,
	below_closed,
};

/* Enough to meet each other; all pairs of the above would take minutes. */
static const char *const pair_names[] = {
	"file",
	"file/",
	"dir",
	"dir/",
	"dir/empty",
	"dir/inner",
	"link",
	"dirlink",
	"dirlink/",
	"dangling",
	"loop/x",
	"fifo",
	"absent",
	"absent/",
	"file/x",
	"dir/absent",
	"closed/inner",
	"",
	".",
	"dir/..",
	"/",
	"sticky/inner",
	"dir/hard",
	"other",
	"/proc/self/comm",
	"/proc/self/absent",
	longer_name,
};

enum {
	NAME_COUNT = sizeof(names) / sizeof(names[0]),
	PAIR_NAME_COUNT = sizeof(pair_names) / sizeof(pair_names[0]),
};

static void fill_names(void)
{
	memset(long_name, 'n', NAME_MAX);
	memset(longer_name, 'n', NAME_MAX + 1);
	(void)snprintf(below_file, sizeof(below_file), "file/%s", longer_name);
	(void)snprintf(below_closed, sizeof(below_closed), "closed/%s", longer_name);
}

static struct twins_argument number(uint64_t value)
{
	return (struct twins_argument){.value = value};
}

static struct twins_argument text(const char *string)
{
	return (struct twins_argument){.bytes = string, .size = strlen(string) + 1};
}

/* A call whose first argument is a name, or whose second is after a folder. */
struct one_name {
	const char *label;
	int number;
	bool has_folder;
	struct twins_argument first, second; /* after the name */
};

static const int folders[] = {AT_FDCWD, TWINS_FOLDER, TWINS_FILE, TWINS_NONE, -7};

enum { FOLDER_COUNT = sizeof(folders) / sizeof(folders[0]) };

static int compare_one(
	struct twins *twins, const struct one_name *call, const char *name, int folder)
{
	char label[NAME_MAX + 64];
	struct twins_argument arguments[6] = {text(name), call->first, call->second};

	if (call->has_folder) {
		arguments[0] = number((uint64_t)folder);
		arguments[1] = text(name);
		arguments[2] = call->first;
		arguments[3] = call->second;
	}
	(void)snprintf(label, sizeof(label), "%s(%d, \"%s\", %lu)", call->label, folder,
		name, (unsigned long)call->first.value);
	return twins_agree(twins, call->number, arguments, label) ? 0 : 1;
}

static int compare_names(const struct one_name *call)
{
	struct twins twins;
	int differences = 0;

	fill_names();
	for (int j = 0; j < (call->has_folder ? FOLDER_COUNT : 1); j++) {
		twins_start(&twins);
		for (size_t i = 0; i < NAME_COUNT; i++) {
			/* After the first, the descriptors lead to what was deleted. */
			differences += compare_one(&twins, call, names[i], folders[j]);
			if (folders[j] == TWINS_FOLDER && i % 2 == 0) {
				twins_finish(&twins);
				twins_start(&twins);
			}
		}
		twins_finish(&twins);
	}
	return differences;
}

static void expect_no_difference(const struct one_name *call)
{
	const int differences = compare_names(call);

	cr_expect(differences == 0, "%s: %d differences", call->label, differences);
}

Test(file_change, makes_folders_as_the_kernel_does, .timeout = 120)
{
	const struct one_name calls[] = {
		{"mkdir", SYS_mkdir, false, number(0777)},
		{"mkdir", SYS_mkdir, false, number(07001)},
		{"mkdirat", SYS_mkdirat, true, number(0770)},
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		expect_no_difference(&calls[i]);
	}
}

Test(file_change, makes_nodes_as_the_kernel_does, .timeout = 120)
{
	const struct one_name calls[] = {
		{"mknod", SYS_mknod, false, number(S_IFREG | 0666)},
		{"mknod", SYS_mknod, false, number(0666)},
		{"mknod", SYS_mknod, false, number(S_IFDIR | 0666)},
		{"mknod", SYS_mknod, false, number(S_IFLNK | 0666)},
		{"mknodat", SYS_mknodat, true, number(S_IFIFO | 0666)},
		{"mknodat", SYS_mknodat, true, number(S_IFSOCK | 04666)},
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		expect_no_difference(&calls[i]);
	}
}

Test(file_change, removes_as_the_kernel_does, .timeout = 120)
{
	const struct one_name calls[] = {
		{"unlink", SYS_unlink, false, number(0)},
		{"rmdir", SYS_rmdir, false, number(0)},
		{"unlinkat", SYS_unlinkat, true, number(0)},
		{"unlinkat", SYS_unlinkat, true, number(AT_REMOVEDIR)},
		{"unlinkat", SYS_unlinkat, true, number(AT_SYMLINK_NOFOLLOW)},
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		expect_no_difference(&calls[i]);
	}
}

static bool agree_on_two(struct twins *twins, int number_, const char *from,
	const char *to, uint64_t flags)
{
	char label[2 * NAME_MAX + 64];
	const struct twins_argument here = number((uint64_t)AT_FDCWD);
	const struct twins_argument arguments[6] = {
		here, text(from), here, text(to), number(flags)};

	(void)snprintf(label, sizeof(label), "call %d (\"%s\", \"%s\", %lu)", number_,
		from, to, (unsigned long)flags);
	return twins_agree(twins, number_, arguments, label);
}

static int compare_two(int number_, const uint64_t *flags, size_t flag_count)
{
	struct twins twins;
	int differences = 0;

	fill_names();
	twins_start(&twins);
	for (size_t k = 0; k < flag_count; k++) {
		for (size_t i = 0; i < PAIR_NAME_COUNT; i++) {
			for (size_t j = 0; j < PAIR_NAME_COUNT; j++) {
				const bool agree = agree_on_two(&twins, number_,
					pair_names[i], pair_names[j], flags[k]);

				differences += agree ? 0 : 1;
			}
		}
	}
	twins_finish(&twins);
	return differences;
}

Test(file_change, renames_as_the_kernel_does, .timeout = 240)
{
	const uint64_t flags[] = {0, RENAME_NOREPLACE, RENAME_EXCHANGE,
		RENAME_NOREPLACE | RENAME_EXCHANGE};
	const int differences = compare_two(SYS_renameat2, flags, 4);

	cr_expect(differences == 0, "%d differences", differences);
}

Test(file_change, links_as_the_kernel_does, .timeout = 240)
{
	const uint64_t flags[] = {0, AT_SYMLINK_FOLLOW, AT_SYMLINK_NOFOLLOW};
	const int differences = compare_two(SYS_linkat, flags, 3);

	cr_expect(differences == 0, "%d differences", differences);
}

Test(file_change, makes_symbolic_links_as_the_kernel_does, .timeout = 120)
{
	static const char *const targets[] = {"file", "", "../x y", "\n"};
	struct twins twins;
	int differences = 0;

	fill_names();
	twins_start(&twins);
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		for (size_t j = 0; j < NAME_COUNT; j++) {
			const struct twins_argument arguments[6] = {
				text(targets[i]), text(names[j])};

			differences +=
				twins_agree(&twins, SYS_symlink, arguments, names[j])
					? 0
					: 1;
		}
	}
	twins_finish(&twins);
	cr_expect(differences == 0, "%d differences", differences);
}
