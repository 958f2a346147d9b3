/* SPDX-License-Identifier: MIT */
#include "rules/program_kind.h"

#include <criterion/criterion.h>

enum kind { PLAIN, BY_OPTION, ANYTHING };

static const struct {
	const char *program;
	enum kind kind;
} programs[] = {
	{"/usr/bin/python3.11", ANYTHING},
	{"/usr/bin/perl5.36-x86_64-linux-gnu", ANYTHING},
	{"/usr/bin/vim.basic", ANYTHING},
	{"/usr/bin/emacs-nox", ANYTHING},
	{"/usr/bin/tclsh8.6", ANYTHING},
	{"/usr/bin/guile-3.0", ANYTHING},
	{"/usr/bin/run0", ANYTHING},
	{"/usr/bin/Rscript", ANYTHING},
	{"/lib64/ld-linux-x86-64.so.2", ANYTHING},
	{"/usr/bin/nice", ANYTHING},
	{"/usr/bin/timeout", ANYTHING},
	{"/usr/bin/nohup", ANYTHING},
	{"/usr/bin/setsid", ANYTHING},
	{"/usr/bin/stdbuf", ANYTHING},
	{"/usr/bin/strace", ANYTHING},
	{"/usr/bin/gdb-multiarch", ANYTHING},
	{"/usr/bin/make", ANYTHING},
	{"/usr/bin/npx", ANYTHING},
	{"/usr/bin/uvx", ANYTHING},
	{"/usr/bin/docker", ANYTHING},
	{"/usr/bin/busybox", ANYTHING},
	{"/usr/bin/rsync", ANYTHING},
	{"/usr/bin/sudo", ANYTHING},
	{"/usr/bin/su", ANYTHING},
	{"/usr/bin/git", BY_OPTION},
	{"/usr/bin/tar", BY_OPTION},
	{"/usr/bin/x86_64-linux-gnu-gcc-12", BY_OPTION},
	{"/usr/bin/g++-12", BY_OPTION},
	{"/home/u/.cargo/bin/cargo", BY_OPTION},
	{"/usr/bin/ls", PLAIN},
	{"/usr/bin/sha256sum", PLAIN},
	{"/home/u/src/p/build/makefile-check", PLAIN},
	{"/usr/bin/7z", PLAIN},
	{"/", PLAIN},
	{"", PLAIN},
};

Test(program_kind, programs_that_run_others_are_known_by_any_version)
{
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		struct text program = text_of(programs[i].program);
		enum kind kind = program_runs_anything(program)	   ? ANYTHING
				 : program_runs_by_option(program) ? BY_OPTION
								   : PLAIN;

		cr_expect(kind == programs[i].kind, "%s", programs[i].program);
	}
}

Test(program_kind, only_quiet_subcommands_may_be_followed_by_anything)
{
	const struct text git = text_of("/usr/bin/git");

	cr_expect(program_takes_any_rest(git, text_of("commit")));
	cr_expect(!program_takes_any_rest(git, text_of("fetch")));
	cr_expect(!program_takes_any_rest(git, text_of("commi")));
	cr_expect(!program_takes_any_rest(text_of("/usr/bin/npm"), text_of("run")));
	cr_expect(program_takes_any_rest(text_of("/opt/tool"), text_of("run")));
	cr_expect(program_takes_shapes(text_of("/usr/bin/gcc"), text_of("-c")));
	cr_expect(!program_takes_shapes(text_of("/usr/bin/pip3"), text_of("install")));
}
