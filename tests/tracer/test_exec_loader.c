/* SPDX-License-Identifier: MIT */
/* Which programs and loaders are told apart by their first bytes and their names. */
#include "tracer/exec_loader.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <elf.h>
#include <stdio.h>
#include <string.h>

static bool is_narrow(unsigned char class, unsigned machine, size_t length)
{
	static struct exec_head head;
	const Elf32_Ehdr header = {
		.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, class},
		.e_machine = (Elf32_Half)machine,
	};

	memset(&head, 0, sizeof(head));
	memcpy(head.bytes, &header, sizeof(header));
	head.length = length;
	return exec_head_is_narrow(&head);
}

Test(exec_loader, narrow_programs)
{
	cr_assert(is_narrow(ELFCLASS32, EM_386, 100));
	cr_assert(is_narrow(ELFCLASS32, EM_X86_64, 100), "x32");
	cr_assert(not(is_narrow(ELFCLASS64, EM_X86_64, 100)));
	cr_assert(not(is_narrow(ELFCLASS64, EM_AARCH64, 100)));
	cr_assert(
		not(is_narrow(ELFCLASS32, EM_ARM, 100)), "the kernel will not have it");
	cr_assert(not(is_narrow(ELFCLASS32, EM_386, 40)), "nor one that is cut off");
}

static bool is_system(const char *name)
{
	static struct path path;

	(void)snprintf(path.name, sizeof(path.name), "%s", name);
	path.name_length = strlen(name);
	return exec_loader_is_system(&path);
}

Test(exec_loader, loaders_of_the_system)
{
	cr_assert(is_system("/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"));
	cr_assert(is_system("/usr/lib/x86_64-linux-gnu/ld-2.31.so"));
	cr_assert(is_system("/usr/lib64/ld-linux-x86-64.so.2"));
	cr_assert(is_system("/lib64/ld-linux-x86-64.so.2"));
	cr_assert(is_system("/lib/ld-musl-x86_64.so.1"));
	cr_assert(is_system("/usr/lib/ld.so.1"));
	cr_assert(not(is_system("/home/me/lib/ld-linux-x86-64.so.2")));
	cr_assert(not(is_system("/libraries/project/build/ld-mine.so")));
	cr_assert(not(is_system("/usr/lib/python3/dist-packages/ld-mine.so")));
	cr_assert(not(is_system("/usr/lib/x86_64-linux-gnu/libc.so.6")));
}
