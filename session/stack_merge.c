/* SPDX-License-Identifier: MIT */
#include "session/stack_merge.h"

size_t stack_merge(const struct stack_shape *shape, struct stack_item *items)
{
	size_t count = 0;
	size_t code = 0;

	for (size_t i = 0; i < shape->native_count; i++) {
		bool is_replaced = shape->evaluates[i] && code < shape->code_count;
		bool is_run = is_replaced;
		while (is_run && code < shape->code_count) {
			is_run = !shape->is_entry[code];
			items[count++] = (struct stack_item){true, code++};
		}
		if (!is_replaced) {
			items[count++] = (struct stack_item){false, i};
		}
	}
	while (code < shape->code_count) {
		items[count++] = (struct stack_item){true, code++};
	}
	return count;
}

void stack_mark_evaluators(struct native_facts *native, const struct code_facts *code)
{
	size_t at = 0;

	for (size_t i = 0; i < code->frame_count; i++) {
		const uint64_t entered = code->frames[i].entered;
		size_t found = at;
		while (entered != 0 && found + 1 < native->frame_count &&
			native->frames[found + 1].stack <= entered) {
			found++;
		}
		if (entered != 0 && found + 1 < native->frame_count &&
			native->frames[found].stack <= entered &&
			native->frames[found].stack != 0) {
			native->frames[found].evaluates = true;
			at = found + 1;
		}
	}
}
