/* SPDX-License-Identifier: MIT */
#include "tracer/exec_arguments.h"

#include "base/xalloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	ARGUMENT_MAX = 131072,	      /* MAX_ARG_STRLEN */
	ARGUMENTS_SIZE_MAX = 6 << 20, /* three quarters of the largest stack, roughly */
	ARGUMENT_COUNT_MAX = 1 << 20,
	PAGE_BYTES = 4096,
};

/* What was read last, up to the end of its page: arguments lie close together. */
struct window {
	uint64_t address;
	size_t length;
	char bytes[PAGE_BYTES];
};

/* What the caller has at an address, and how much of it is at hand; NULL: nothing. */
static const char *look(struct window *window, const struct call *call,
	uint64_t address, size_t *length)
{
	if (address < window->address || address - window->address >= window->length) {
		const size_t size = PAGE_BYTES - address % PAGE_BYTES;

		window->length = 0;
		if (!call_read(call, address, window->bytes, size)) {
			return NULL;
		}
		window->address = address;
		window->length = size;
	}
	*length = window->length - (size_t)(address - window->address);
	return window->bytes + (address - window->address);
}

static bool read_pointer(struct window *window, const struct call *call,
	uint64_t address, uint64_t *pointer)
{
	size_t length = 0;
	const char *found = look(window, call, address, &length);

	if (!found || length < sizeof(*pointer)) {
		return call_read(call, address, pointer, sizeof(*pointer));
	}
	memcpy(pointer, found, sizeof(*pointer));
	return true;
}

/* As call_read_string. */
static ssize_t read_argument(
	struct window *window, const struct call *call, uint64_t address, char *string)
{
	size_t length = 0;
	const char *found = look(window, call, address, &length);
	const char *end = found ? memchr(found, '\0', length) : NULL;

	if (!end) {
		return call_read_string(call, address, string, ARGUMENT_MAX + 1);
	}
	memcpy(string, found, (size_t)(end - found) + 1);
	return end - found;
}

void arguments_finish(struct arguments *arguments)
{
	free(arguments->items);
	free(arguments->bytes);
}

void arguments_append(struct arguments *arguments, const char *bytes, size_t length)
{
	if (arguments->length + length + 1 > arguments->capacity) {
		arguments->capacity = 2 * (arguments->length + length + 1) + 256;
		arguments->bytes = xrealloc(arguments->bytes, arguments->capacity);
	}
	if ((arguments->count & (arguments->count + 1)) == 0) {
		arguments->items = xreallocarray(arguments->items,
			2 * (arguments->count + 1), sizeof(arguments->items[0]));
	}
	arguments->items[arguments->count++].length = length;
	if (length > 0) {
		memcpy(arguments->bytes + arguments->length, bytes, length);
	}
	arguments->bytes[arguments->length + length] = '\0';
	arguments->length += length + 1;
}

void arguments_settle(struct arguments *arguments)
{
	const char *next = arguments->bytes;

	for (size_t i = 0; i < arguments->count; i++) {
		arguments->items[i].bytes = next;
		next += arguments->items[i].length + 1;
	}
}

int arguments_read(
	const struct call *call, uint64_t address, struct arguments *arguments)
{
	char *string = xmalloc(ARGUMENT_MAX + 1);
	struct window pointers = {.length = 0};
	struct window strings = {.length = 0};
	int failure = 0;
	uint64_t pointer = 0;

	for (; address != 0 && failure == 0; address += sizeof(pointer)) {
		if (!read_pointer(&pointers, call, address, &pointer)) {
			failure = -EFAULT;
			break;
		}
		if (pointer == 0) {
			break;
		}
		ssize_t length = read_argument(&strings, call, pointer, string);
		if (length < 0) {
			failure = length == -ENAMETOOLONG ? -E2BIG : (int)length;
		} else if (arguments->length + (size_t)length > ARGUMENTS_SIZE_MAX ||
			   arguments->count >= ARGUMENT_COUNT_MAX) {
			failure = -E2BIG;
		} else {
			arguments_append(arguments, string, (size_t)length);
		}
	}
	free(string);
	/* Since Linux 5.18 an empty argv gets an empty first string. */
	if (failure == 0 && arguments->count == 0) {
		arguments_append(arguments, "", 0);
	}
	arguments_settle(arguments);
	return failure;
}
