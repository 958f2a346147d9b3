/* SPDX-License-Identifier: MIT */
/* A JavaScript heap made of hostile bytes; the budget of reads must end all chains. */
#include "base/xalloc.h"
#include "tests/fuzz/hostile_image.h"
#include "tracer/node_stack.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Types as small as may be, so that chance finds them. */
	static struct node_layout layout = {.function_type = 0x81,
		.shared_type = 0x82,
		.script_type = 0x83,
		.scope_type = 0x84,
		.shared = 24};
	enum { FRAMES = 8 };
	static struct stack_memory memory;
	struct hostile_image image = {data, size, 0};
	struct native_frame frames[FRAMES] = {0};
	struct native_facts native = {.frames = frames, .frame_count = FRAMES};
	struct code_facts code = {0};

	layout.scope_first = size > 0 && (data[size - 1] & 1) != 0 ? 5 : 3;
	for (size_t i = 0; i < FRAMES; i++) {
		frames[i].frame_pointer = 4096 + i * 64;
	}
	stack_memory_init(&memory, hostile_image_read, &image, NODE_READS_MAX);
	node_stack_read(&memory, &layout, &native, &code);
	for (size_t i = 0; i < code.frame_count; i++) {
		code.frames[i].is_generated = true;
	}
	node_sources_find(&memory, &code);
	if (image.reads > NODE_READS_MAX || code.frame_count > FRAMES) {
		abort();
	}
	code_facts_finish(&code);
	return 0;
}
