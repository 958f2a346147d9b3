/* SPDX-License-Identifier: MIT */
#include "tracer/python_names.h"

#include "tracer/python_text.h"

#include <stdlib.h>

void python_names_read(struct stack_memory *memory, const struct python_layout *layout,
	uint64_t code, struct python_names *names)
{
	uint64_t tuple;
	uint64_t count;
	uint64_t name;

	names->count = 0;
	if (!stack_memory_word(memory, code + layout->names, &tuple) ||
		!stack_memory_word(memory, tuple + layout->head, &count)) {
		return;
	}
	for (size_t i = 0; i < count && i < PYTHON_NAMES_MAX; i++) {
		uint64_t at = tuple + layout->tuple_items + i * sizeof(name);
		if (!stack_memory_word(memory, at, &name) ||
			!python_text_read(
				memory, layout, name, &names->names[names->count])) {
			return;
		}
		names->count++;
	}
}

void python_names_finish(struct python_names *names)
{
	for (size_t i = 0; i < names->count; i++) {
		free((char *)(uintptr_t)names->names[i].bytes);
	}
	names->count = 0;
}

/* "__doc__", ".type_params": the compiler uses such where the source does not. */
static bool is_made_up(struct text name)
{
	return name.length == 0 || name.bytes[0] == '.' ||
	       (text_starts_with(name, "__") && text_ends_with(name, "__"));
}

/* "_Class__name" stands as "__name" in the source. */
static struct text unmangled(struct text name)
{
	const char *inner = name.bytes[0] == '_'
				    ? memmem(name.bytes + 1, name.length - 1, "__", 2)
				    : NULL;

	return inner ? (struct text){inner, name.length - (size_t)(inner - name.bytes)}
		     : name;
}

bool python_names_occur(const struct python_names *names, struct text source)
{
	for (size_t i = 0; i < names->count; i++) {
		if (is_made_up(names->names[i])) {
			continue;
		}
		struct text name = unmangled(names->names[i]);
		if (!memmem(source.bytes, source.length, name.bytes, name.length)) {
			return false;
		}
	}
	return true;
}
