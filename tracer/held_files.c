/* SPDX-License-Identifier: MIT */
#include "tracer/held_files.h"

#include "base/xalloc.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void remove_at(struct held_files *held, size_t index)
{
	struct held_file *gone = &held->items[index];

	close(gone->fd);
	free(gone->asked_as);
	free(gone->canonical);
	held->count--;
	memmove(gone, gone + 1, (held->count - index) * sizeof(*gone));
}

void held_files_add(
	struct held_files *held, int fd, struct text asked_as, struct text canonical)
{
	if (held->count == HELD_FILES_MAX) {
		remove_at(held, 0);
	}
	held->items[held->count++] = (struct held_file){
		.number = ++held->last_number,
		.fd = fd,
		.asked_as = xmemdup0(asked_as.bytes, asked_as.length),
		.canonical = xmemdup0(canonical.bytes, canonical.length),
	};
}

uint64_t held_files_apply(const struct held_files *held, struct file_call *file)
{
	for (size_t i = 0; i < held->count; i++) {
		const struct held_file *next = &held->items[i];

		if (file_call_replace(file, next->asked_as, next->fd) ||
			file_call_replace(file, next->canonical, next->fd)) {
			return next->number;
		}
	}
	return 0;
}

void held_files_forget(struct held_files *held, uint64_t number)
{
	for (size_t i = 0; i < held->count; i++) {
		if (held->items[i].number == number) {
			remove_at(held, i);
			return;
		}
	}
}

static bool is_named(const struct held_file *file, const struct arguments *arguments)
{
	for (size_t i = 1; i < arguments->count; i++) {
		if (text_equal_string(arguments->items[i], file->asked_as) ||
			text_equal_string(arguments->items[i], file->canonical)) {
			return true;
		}
	}
	return false;
}

void held_files_keep(struct held_files *held, const struct arguments *arguments)
{
	for (size_t i = held->count; i > 0; i--) {
		if (!is_named(&held->items[i - 1], arguments)) {
			remove_at(held, i - 1);
		}
	}
}

void held_files_finish(struct held_files *held)
{
	while (held->count > 0) {
		remove_at(held, held->count - 1);
	}
}
