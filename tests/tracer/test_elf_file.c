/* SPDX-License-Identifier: MIT */
/* Where a mapped file's own addresses are, as different linkers lay files out. */
#include "tracer/elf_file.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

/* bfd: segments begin on pages of the file. lld: they share them, as rustc has it. */
static Elf64_Phdr bfd[] = {
	{.p_type = PT_LOAD,
		.p_flags = PF_R,
		.p_offset = 0,
		.p_vaddr = 0,
		.p_filesz = 0x800},
	{.p_type = PT_LOAD,
		.p_flags = PF_R | PF_X,
		.p_offset = 0x1000,
		.p_vaddr = 0x1000,
		.p_filesz = 0x900},
	{.p_type = PT_LOAD,
		.p_flags = PF_R | PF_W,
		.p_offset = 0x2de0,
		.p_vaddr = 0x3de0,
		.p_filesz = 0x300},
};
static Elf64_Phdr lld[] = {
	{.p_type = PT_LOAD,
		.p_flags = PF_R,
		.p_offset = 0,
		.p_vaddr = 0,
		.p_filesz = 0x135c4},
	{.p_type = PT_LOAD,
		.p_flags = PF_R | PF_X,
		.p_offset = 0x135d0,
		.p_vaddr = 0x145d0,
		.p_filesz = 0x3ec90},
	{.p_type = PT_LOAD,
		.p_flags = PF_R | PF_W,
		.p_offset = 0x52260,
		.p_vaddr = 0x54260,
		.p_filesz = 0x2858},
};
/* All in one, as old linkers have it. */
static Elf64_Phdr one[] = {
	{.p_type = PT_LOAD,
		.p_flags = PF_R | PF_X,
		.p_offset = 0,
		.p_vaddr = 0x400000,
		.p_filesz = 0x900},
};

enum { BASE = 0x10000000 };

static const struct bias_case {
	Elf64_Phdr *segments;
	struct elf_mapped mapped;
	Elf64_Addr bias;
} cases[] = {
	{bfd, {BASE, 0, false}, BASE},
	{bfd, {BASE + 0x1000, 0x1000, true}, BASE},
	{bfd, {BASE + 0x3000, 0x2000, false}, BASE},
	{lld, {BASE, 0, false}, BASE},
	{lld, {BASE + 0x14000, 0x13000, true}, BASE},
	{lld, {BASE + 0x15000, 0x14000, true}, BASE}, /* a part of it was split off */
	{lld, {BASE + 0x54000, 0x52000, false}, BASE},
};

Test(elf_file, bias_is_of_the_segment_that_is_mapped)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct elf_file file = {
			.segments = cases[i].segments, .segment_count = 3};
		Elf64_Addr bias = 0;
		cr_expect(elf_file_bias(&file, &cases[i].mapped, &bias), "%zu", i);
		cr_expect(eq(ulong, bias, cases[i].bias), "%zu", i);
	}
}

Test(elf_file, code_that_is_not_executable_any_more_has_one_too)
{
	const struct elf_file file = {.segments = one, .segment_count = 1};
	struct elf_mapped mapped = {0x400000, 0, true};
	Elf64_Addr bias = 1;

	cr_expect(elf_file_bias(&file, &mapped, &bias));
	cr_expect(eq(ulong, bias, 0ul));
	mapped.is_executable = false;
	cr_expect(elf_file_bias(&file, &mapped, &bias));
	cr_expect(eq(ulong, bias, 0ul));
	mapped.offset = 0x1000;
	cr_expect(not(elf_file_bias(&file, &mapped, &bias)));
}
