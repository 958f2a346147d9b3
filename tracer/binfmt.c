/* SPDX-License-Identifier: MIT */
#include "tracer/binfmt.h"

#include "base/xalloc.h"
#include "tracer/anchors.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Texts as registered, the magic number and its mask twice as long, and some words. */
enum { ENTRY_FILE_SIZE = 4096, LISTING_STEP = 4096 };

static const char folder_name[] = "sys/fs/binfmt_misc"; /* in /proc */

/* Takes "WORD REST\n" off the text; NULL if it does not begin with that word. */
static char *take_line(char **text, const char *word)
{
	const size_t length = strlen(word);
	char *end = strchr(*text, '\n');

	if (!end || strncmp(*text, word, length) != 0) {
		return NULL;
	}
	char *rest = *text + length;

	*end = '\0';
	*text = end + 1;
	return rest;
}

static bool copy_text(char copy[BINFMT_TEXT_SIZE], const char *text)
{
	const size_t length = text ? strlen(text) : 0;

	if (length == 0 || length >= BINFMT_TEXT_SIZE) {
		return false;
	}
	memcpy(copy, text, length + 1);
	return true;
}

static bool read_flags(struct binfmt_handler *handler, const char *flags)
{
	for (; flags && *flags != '\0'; flags++) {
		if (*flags == 'P') {
			handler->keeps_first = true;
		} else if (*flags == 'O' || *flags == 'C') {
			handler->gives_opened = true;
		} else if (*flags == 'F') {
			handler->is_opened = true;
		} else {
			return false;
		}
	}
	return flags != NULL;
}

static int digit_value(char digit)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = digit == '\0' ? NULL : strchr(digits, digit);

	return found ? (int)(found - digits) : -1;
}

/* How many bytes; 0 if the text is no such number or is too long. */
static size_t read_bytes(unsigned char bytes[EXEC_START_SIZE], const char *text)
{
	const size_t length = strlen(text);

	if (length % 2 != 0 || length > (size_t)2 * EXEC_START_SIZE) {
		return 0;
	}
	for (size_t i = 0; i < length / 2; i++) {
		const int high = digit_value(text[2 * i]);
		const int low = digit_value(text[2 * i + 1]);

		if (high < 0 || low < 0) {
			return 0;
		}
		bytes[i] = (unsigned char)(16 * high + low);
	}
	return length / 2;
}

static bool read_magic(struct binfmt_handler *handler, const char *offset, char *text)
{
	const char *magic = take_line(&text, "magic ");
	char *end = NULL;

	handler->offset = strtoul(offset, &end, 10);
	handler->size = magic ? read_bytes(handler->magic, magic) : 0;
	if (end == offset || *end != '\0' || handler->size == 0 ||
		handler->offset > EXEC_START_SIZE - handler->size) {
		return false;
	}
	const char *mask = take_line(&text, "mask ");

	memset(handler->mask, 0xff, sizeof(handler->mask));
	return *text == '\0' &&
	       (!mask || read_bytes(handler->mask, mask) == handler->size);
}

bool binfmt_handler_parse(struct binfmt_handler *handler, const char *text)
{
	char copy[ENTRY_FILE_SIZE];
	char *rest = copy;

	if (strlen(text) >= sizeof(copy)) {
		return false;
	}
	memcpy(copy, text, strlen(text) + 1);
	memset(handler, 0, sizeof(*handler));
	const char *state = take_line(&rest, "");
	const char *interpreter = take_line(&rest, "interpreter ");
	const char *flags = take_line(&rest, "flags: ");

	if (!state || !copy_text(handler->interpreter, interpreter) ||
		!read_flags(handler, flags)) {
		return false;
	}
	handler->is_enabled = strcmp(state, "enabled") == 0;
	const char *offset = take_line(&rest, "offset ");

	if (offset) {
		return read_magic(handler, offset, rest);
	}
	return copy_text(handler->extension, take_line(&rest, "extension .")) &&
	       *rest == '\0';
}

bool binfmt_handler_takes(const struct binfmt_handler *handler, const char *name,
	const char start[EXEC_START_SIZE])
{
	if (handler->extension[0] != '\0') {
		const char *dot = strrchr(name, '.');

		return dot && strcmp(dot + 1, handler->extension) == 0;
	}
	const char *found = start + handler->offset;

	for (size_t i = 0; i < handler->size; i++) {
		if ((((unsigned char)found[i] ^ handler->magic[i]) &
			    handler->mask[i]) != 0) {
			return false;
		}
	}
	return true;
}

/* What a folder lists, newest first, as the kernel tries them: inode, name, zero, … */
struct listing {
	dev_t device;
	char *bytes;
	size_t length, capacity;
};

/* A handler that was read, under its name. */
struct known_handler {
	char name[NAME_MAX + 1];
	struct binfmt_handler handler;
};

/* What was read last. */
static struct {
	pthread_mutex_t mutex;
	struct listing listing;
	struct known_handler *handlers;
	size_t count;
} known = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* The text of a file in the folder; false if it cannot be read whole. */
static bool read_text(int folder, const char *name, char text[ENTRY_FILE_SIZE])
{
	const int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0) {
		return false;
	}
	const ssize_t length = read(fd, text, ENTRY_FILE_SIZE);

	close(fd);
	if (length <= 0 || length == ENTRY_FILE_SIZE) {
		return false;
	}
	text[length] = '\0';
	return true;
}

static bool read_handler(struct binfmt_handler *handler, int folder, const char *name)
{
	char text[ENTRY_FILE_SIZE];

	return read_text(folder, name, text) && binfmt_handler_parse(handler, text);
}

static void listing_append(struct listing *listing, const struct dirent64 *entry)
{
	const size_t length = sizeof(entry->d_ino) + strlen(entry->d_name) + 1;

	if (listing->length + length > listing->capacity) {
		listing->capacity = listing->length + length + LISTING_STEP;
		listing->bytes = xrealloc(listing->bytes, listing->capacity);
	}
	memcpy(listing->bytes + listing->length, &entry->d_ino, sizeof(entry->d_ino));
	memcpy(listing->bytes + listing->length + sizeof(entry->d_ino), entry->d_name,
		length - sizeof(entry->d_ino));
	listing->length += length;
}

static bool is_entry(const char *name)
{
	static const char *const others[] = {".", "..", "register", "status"};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (strcmp(name, others[i]) == 0) {
			return false;
		}
	}
	return true;
}

static bool listing_read(struct listing *listing, int folder)
{
	_Alignas(struct dirent64) char buffer[LISTING_STEP];
	ssize_t length = 0;

	while ((length = getdents64(folder, buffer, sizeof(buffer))) > 0) {
		for (ssize_t at = 0; at < length;) {
			const struct dirent64 *entry = (const void *)(buffer + at);

			if (is_entry(entry->d_name)) {
				listing_append(listing, entry);
			}
			at += entry->d_reclen;
		}
	}
	return length == 0;
}

static bool listing_equal(const struct listing *a, const struct listing *b)
{
	return a->device == b->device && a->length == b->length &&
	       (a->length == 0 || memcmp(a->bytes, b->bytes, a->length) == 0);
}

/* Reads all handlers anew. One that has gone or is not understood is left out. */
static void read_handlers(int folder, const struct listing *listing)
{
	known.count = 0;
	for (size_t at = 0; at < listing->length;) {
		const char *name = listing->bytes + at + sizeof(ino64_t);

		known.handlers = xreallocarray(
			known.handlers, known.count + 1, sizeof(known.handlers[0]));
		struct known_handler *next = &known.handlers[known.count];

		if (strlen(name) < sizeof(next->name) &&
			read_handler(&next->handler, folder, name)) {
			memcpy(next->name, name, strlen(name) + 1);
			known.count++;
		}
		at += sizeof(ino64_t) + strlen(name) + 1;
	}
}

/* Brings what is known up to date; false if nothing can be known. */
static bool refresh(int folder)
{
	struct stat status;
	struct listing listing = {.length = 0};

	if (fstat(folder, &status) != 0 || !listing_read(&listing, folder)) {
		free(listing.bytes);
		return false;
	}
	listing.device = status.st_dev;
	if (listing_equal(&listing, &known.listing)) {
		free(listing.bytes);
		return true;
	}
	read_handlers(folder, &listing);
	free(known.listing.bytes);
	known.listing = listing;
	return true;
}

static bool find_known(struct binfmt_handler *found, int folder, const char *name,
	const char start[EXEC_START_SIZE])
{
	char status[ENTRY_FILE_SIZE];

	for (size_t i = 0; i < known.count; i++) {
		const struct known_handler *next = &known.handlers[i];

		/* Switching one off changes neither names nor inodes: it is read again. */
		if (binfmt_handler_takes(&next->handler, name, start) &&
			read_handler(found, folder, next->name) && found->is_enabled &&
			binfmt_handler_takes(found, name, start)) {
			return read_text(folder, "status", status) &&
			       strcmp(status, "enabled\n") == 0;
		}
	}
	return false;
}

/*
 * The folder, if handlers can be seen in it; or -1. Where it would be mounted as soon as
 * it is opened, it is not: there is nothing in it yet, and whoever mounts may be slow.
 */
static int open_folder(void)
{
	struct statfs status;
	int folder = -1;
	const int place = openat(
		anchors_get()->proc, folder_name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (place < 0) {
		return -1;
	}
	if (fstatfs(place, &status) == 0 && status.f_type == BINFMTFS_MAGIC) {
		folder = openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	close(place);
	return folder;
}

bool binfmt_find(struct binfmt_handler *found, const char *name,
	const char start[EXEC_START_SIZE])
{
	const int folder = open_folder();

	if (folder < 0) {
		return false;
	}
	pthread_mutex_lock(&known.mutex);
	const bool is_found = refresh(folder) && find_known(found, folder, name, start);

	pthread_mutex_unlock(&known.mutex);
	close(folder);
	return is_found;
}
