/* SPDX-License-Identifier: MIT */
/* Chooses among the programs that the build made, or makes another. */
#include "tracer/filter.h"

#include "base/xalloc.h"
#include "tracer/filter_generate.h"

#include <stdlib.h>
#include <string.h>

bool filter_build(const struct filter_options *options, struct sock_fprog *program,
	struct error *err)
{
	uint32_t window = options->calls.guard_window;

	if (window != 0 && window != GUARD_WINDOW) {
		return filter_generate(options, program, err);
	}
	const struct filter_program *made =
		&filter_programs[filter_program_index(options)];
	size_t size = made->count * sizeof(*made->instructions);
	*program = (struct sock_fprog){.len = made->count, .filter = xmalloc(size)};
	memcpy(program->filter, made->instructions, size);
	return true;
}

void filter_finish(struct sock_fprog *program)
{
	free(program->filter);
	*program = (struct sock_fprog){0};
}
