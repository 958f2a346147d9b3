/* SPDX-License-Identifier: MIT */
/* Prints filter_programs.c: part of the build, not of Duenna. */
#include "tracer/filter_generate.h"

#include <stdio.h>
#include <stdlib.h>

static bool print_program(unsigned index)
{
	struct filter_options options = {
		.calls = {.judge_reads = index & 1,
			.privileged = index & 2,
			.guard_window = index & 8 ? GUARD_WINDOW : 0},
		.notify = index & 4,
	};
	struct sock_fprog program;
	struct error err = {0};

	if (!filter_generate(&options, &program, &err)) {
		fprintf(stderr, "generate_filters: %s\n", err.text);
		return false;
	}
	printf("static const struct sock_filter program_%u[] = {\n", index);
	for (unsigned i = 0; i < program.len; i++) {
		const struct sock_filter *instruction = &program.filter[i];
		printf("{%#x, %u, %u, %#x},\n", instruction->code, instruction->jt,
			instruction->jf, instruction->k);
	}
	printf("};\n");
	free(program.filter);
	return true;
}

int main(void)
{
	printf("#include \"tracer/filter_generate.h\"\n");
	for (unsigned i = 0; i < FILTER_PROGRAMS; i++) {
		if (!print_program(i)) {
			return EXIT_FAILURE;
		}
	}
	printf("const struct filter_program filter_programs[FILTER_PROGRAMS] = {\n");
	for (unsigned i = 0; i < FILTER_PROGRAMS; i++) {
		printf("{program_%u, sizeof(program_%u) / sizeof(program_%u[0])},\n", i,
			i, i);
	}
	printf("};\n");
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
