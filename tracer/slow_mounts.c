/* SPDX-License-Identifier: MIT */
#include "tracer/slow_mounts.h"

#include "tracer/anchors.h"
#include "tracer/mounts.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINKS_MAX = 40, REST_SIZE = 2 * PATH_MAX };

/* What was walked, without links, and what is still to be walked. */
struct look {
	char name[PATH_MAX];
	size_t length;
	char rest[REST_SIZE];
	int links;
};

/* Takes the next component over into the name; false if there is none that fits. */
static bool look_step(struct look *look)
{
	char *rest = look->rest + strspn(look->rest, "/");
	size_t length = strcspn(rest, "/");

	if (length == 0 || look->length + 1 + length >= sizeof(look->name)) {
		return false;
	}
	if (length == 2 && memcmp(rest, "..", 2) == 0) {
		while (look->length > 0 && look->name[--look->length] != '/') {
		}
	} else if (length != 1 || rest[0] != '.') {
		look->name[look->length++] = '/';
		memcpy(look->name + look->length, rest, length);
		look->length += length;
	}
	look->name[look->length] = '\0';
	memmove(look->rest, rest + length, strlen(rest + length) + 1);
	return true;
}

/* Where the name leads if it is a link: its length; 0 if it is none. */
static size_t link_read(
	const struct look *look, const struct call *call, char target[PATH_MAX])
{
	if (strcmp(look->name, "/proc/self") == 0) {
		return (size_t)snprintf(target, PATH_MAX, "%d", (int)call->pid);
	}
	if (strcmp(look->name, "/proc/thread-self") == 0) {
		return (size_t)snprintf(
			target, PATH_MAX, "%d/task/%d", (int)call->pid, (int)call->tid);
	}
	const ssize_t length =
		readlinkat(anchors_get()->root, look->name + 1, target, PATH_MAX - 1);

	return length > 0 ? (size_t)length : 0;
}

/* The link's target takes its place; false if that is too long. */
static bool look_follow(struct look *look, const char *target, size_t length)
{
	size_t rest_length = strlen(look->rest);

	if (++look->links > LINKS_MAX ||
		length + rest_length + 1 > sizeof(look->rest)) {
		return false;
	}
	memmove(look->rest + length, look->rest, rest_length + 1);
	memcpy(look->rest, target, length);
	while (look->length > 0 && look->name[--look->length] != '/') {
	}
	if (target[0] == '/') {
		look->length = 0;
	}
	look->name[look->length] = '\0';
	return true;
}

uint64_t slow_mounts_mark(const struct call *call, const char *name)
{
	char target[PATH_MAX];
	struct look look;

	look.length = 0;
	look.links = 0;
	look.name[0] = '\0';
	(void)snprintf(look.rest, sizeof(look.rest), "%s", name);
	while (look_step(&look)) {
		const uint64_t mark = mounts_mark(MOUNT_SLOW, text_of(look.name));
		if (mark != 0) {
			return mark;
		}
		const size_t length =
			look.length > 0 ? link_read(&look, call, target) : 0;
		if (length > 0 && !look_follow(&look, target, length)) {
			return 0;
		}
	}
	return 0;
}

bool slow_mounts_are_behind(const struct call *call, const char *name)
{
	return slow_mounts_mark(call, name) != 0;
}
