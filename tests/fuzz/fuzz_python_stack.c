/* SPDX-License-Identifier: MIT */
/* Interpreter memory made of hostile bytes; the budget of reads must end all chains. */
#include "tests/fuzz/hostile_image.h"
#include "tracer/code_origin.h"
#include "tracer/python_source.h"
#include "tracer/python_stack.h"

#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_stack(struct hostile_image *image, const struct python_layout *layout,
	uint64_t fs_base)
{
	static struct stack_memory memory;
	const struct python_thread thread = {
		.fs_base = fs_base, .stack = 64, .tid = 1, .is_main = true};
	const struct code_place place = {.pid = getpid(), .folder = "/"};
	struct code_facts facts = {0};

	image->reads = 0;
	stack_memory_init(&memory, hostile_image_read, image, PYTHON_READS_MAX);
	if (python_stack_read(&memory, layout, 4096, &thread, &facts)) {
		code_origin_find(&facts, &place, NULL);
	}
	for (size_t i = 0; i < facts.frame_count; i++) {
		facts.frames[i].is_generated = true;
	}
	struct python_program program = {
		.memory = &memory, .layout = layout, .budget = PYTHON_SOURCES_BUDGET};
	python_sources_find(&program, &facts);
	if (image->reads > PYTHON_READS_MAX || facts.frame_count > CODE_FRAMES_MAX) {
		abort();
	}
	code_facts_finish(&facts);
}

/* A build without the global lock: longer heads, instructions by thread. */
static struct python_layout lockless(void)
{
	struct python_layout layout = *python_layout_find(15);

	layout.head += 16;
	layout.bytecode_index = 72;
	layout.bytecodes = 224;
	return layout;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hostile_image image = {data, size, 0};
	const struct python_layout layout = lockless();

	for (unsigned minor = 8; minor <= 15; minor++) {
		read_stack(&image, python_layout_find(minor), 0);
		read_stack(&image, python_layout_find(minor), 99);
	}
	read_stack(&image, &layout, 99);
	return 0;
}
