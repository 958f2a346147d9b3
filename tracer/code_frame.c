/* SPDX-License-Identifier: MIT */
#include "tracer/code_facts.h"

#include <stdlib.h>

void code_frame_finish(struct code_frame *frame)
{
	free((char *)(uintptr_t)frame->file.bytes);
	free((char *)(uintptr_t)frame->function.bytes);
	free((char *)(uintptr_t)frame->source.bytes);
	*frame = (struct code_frame){0};
}

void code_facts_finish(struct code_facts *facts)
{
	for (size_t i = 0; i < facts->frame_count; i++) {
		code_frame_finish(&facts->frames[i]);
	}
	free(facts->frames);
	*facts = (struct code_facts){0};
}
