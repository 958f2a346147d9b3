/* SPDX-License-Identifier: MIT */
#include "tracer/held_files.h"

#include "base/xalloc.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPENS_MAX = 3 };

/* The name from the root, without empty components and single dots; owned. */
static char *make_absolute(const char *name, const char *folder)
{
	/* That may be out of reach and have no name from the root. */
	const char *from = name[0] == '/' || folder[0] != '/' ? "" : folder;
	char *whole = xasprintf("%s/%s", from, name);
	char *end = whole;

	for (const char *next = whole; *next != '\0';) {
		next += strspn(next, "/");
		const size_t length = strcspn(next, "/");

		if (length > 0 && (length != 1 || next[0] != '.')) {
			*end++ = '/';
			memmove(end, next, length);
			end += length;
		}
		next += length;
	}
	*end = '\0';
	return whole;
}

static void remove_at(struct held_files *held, size_t index)
{
	struct held_file *gone = &held->items[index];

	close(gone->fd);
	free(gone->asked_as);
	free(gone->absolute);
	free(gone->canonical);
	held->count--;
	memmove(gone, gone + 1, (held->count - index) * sizeof(*gone));
}

void held_files_add(struct held_files *held, int fd, const char *asked_as,
	struct text canonical, const char *folder)
{
	if (held->count == HELD_FILES_MAX) {
		remove_at(held, 0);
	}
	held->items[held->count++] = (struct held_file){
		.number = ++held->last_number,
		.fd = fd,
		.asked_as = xstrdup(asked_as),
		.absolute = make_absolute(asked_as, folder),
		.canonical = xmemdup0(canonical.bytes, canonical.length),
	};
}

/* absolute: the same name, if it is one from the root; else NULL. */
static bool is_of(const struct held_file *file, const char *name, const char *absolute)
{
	if (!absolute) {
		return file->opens == 0 && strcmp(name, file->asked_as) == 0;
	}
	return strcmp(absolute, file->absolute) == 0 ||
	       strcmp(absolute, file->canonical) == 0;
}

uint64_t held_files_apply(const struct held_files *held, struct file_call *file)
{
	const char *name = file_call_opened_name(file);
	uint64_t number = 0;

	if (!name) {
		return 0;
	}
	char *absolute = name[0] == '/' ? make_absolute(name, "") : NULL;

	for (size_t i = 0; i < held->count && number == 0; i++) {
		const struct held_file *next = &held->items[i];

		if (is_of(next, name, absolute) && file_call_replace(file, next->fd)) {
			number = next->number;
		}
	}
	free(absolute);
	return number;
}

void held_files_opened(struct held_files *held, uint64_t number)
{
	for (size_t i = 0; i < held->count; i++) {
		struct held_file *file = &held->items[i];

		if (file->number == number) {
			file->opens++;
			if (file->opens == OPENS_MAX) {
				remove_at(held, i);
			}
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
		if (held->items[i - 1].opens > 0 ||
			!is_named(&held->items[i - 1], arguments)) {
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
