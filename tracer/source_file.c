/* SPDX-License-Identifier: MIT */
#include "tracer/source_file.h"

#include "base/xalloc.h"
#include "tracer/credentials.h"
#include "tracer/late.h"
#include "tracer/mounts.h"
#include "tracer/slow_mounts.h"
#include "tracer/source_look.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool path_of(
	struct text name, const struct code_place *place, char path[static PATH_MAX])
{
	bool is_relative = name.length == 0 || name.bytes[0] != '/';
	int length = snprintf(path, PATH_MAX, "%s%s%.*s",
		is_relative && place->folder ? place->folder : "",
		is_relative ? "/" : "", (int)name.length, name.bytes);

	return length < PATH_MAX && strlen(path) == (size_t)length;
}

/* Where so many looks at one file system are under way already, no more are begun. */
enum { LOOKS_MAX = 32, LOOKS_OF_MOUNT_MAX = 4 };

/* The file systems at which looks are under way beside the loop; 0: a free place. */
static atomic_uint_fast64_t looks[LOOKS_MAX];

/* Only the loop takes places. NULL: there is none. */
static atomic_uint_fast64_t *place_take(uint64_t mount)
{
	atomic_uint_fast64_t *place = NULL;
	size_t count = 0;

	for (size_t i = 0; i < LOOKS_MAX; i++) {
		const uint64_t other = atomic_load(&looks[i]);
		place = other == 0 ? &looks[i] : place;
		count += other == mount;
	}
	if (count >= LOOKS_OF_MOUNT_MAX || !place) {
		return NULL;
	}
	atomic_store(place, mount);
	return place;
}

struct late_look {
	struct late_work work;
	struct source_look look; /* its root is owned */
	char path[PATH_MAX];
	bool is_read; /* not only looked at */
	size_t max;
	int result;
	struct source_file file;
	atomic_uint_fast64_t *place;
};

static void late_look_run(struct late_work *work)
{
	struct late_look *late = (struct late_look *)work;

	late->result = late->is_read
			       ? source_read_at(&late->look, late->path, late->max,
					 &late->file)
			       : source_look_at(&late->look, late->path, &late->file);
}

static void late_look_destroy(struct late_work *work)
{
	struct late_look *late = (struct late_look *)work;

	atomic_store(late->place, 0);
	close(late->look.root);
	source_file_finish(&late->file);
	free(late);
}

/* Beside the loop; root is taken; with max 0 it is only looked at. */
static int look_late(int root, const char *path, const struct code_place *place,
	struct source_file *file, size_t max)
{
	const struct call caller = {.pid = place->pid, .tid = place->pid};
	/* Of a local file, a disk is waited for. */
	const uint64_t mark = slow_mounts_mark(&caller, path);
	atomic_uint_fast64_t *taken = place_take(mark != 0 ? mark : 1);
	if (!taken) {
		close(root);
		return ETIMEDOUT;
	}
	struct late_look *late = xcalloc(1, sizeof(*late));
	late->work.run = late_look_run;
	late->work.destroy = late_look_destroy;
	late->look.root = root;
	late->is_read = max > 0;
	late->max = max;
	late->place = taken;
	(void)snprintf(late->path, sizeof(late->path), "%s", path);
	if (!late_run(&late->work)) {
		return ETIMEDOUT;
	}
	const int result = late->result;
	*file = late->file;
	late->file = (struct source_file){0};
	late_look_destroy(&late->work);
	return result;
}

/* Whether the kernel would let who gave up what we have; not where that may wait. */
static bool is_permitted(const struct code_reader *reader, const char *name)
{
	if (!reader->has_own_credentials) {
		return true;
	}
	if (mounts_have(MOUNT_SLOW, text_of(name)) || !credentials_take(reader->tid)) {
		return false;
	}
	const bool is = faccessat(AT_FDCWD, name, R_OK, AT_EACCESS) == 0;

	credentials_drop();
	return is;
}

static bool may_be_used(const struct code_place *place, const char *name)
{
	const struct code_reader *reader = place->reader;

	return !reader || !reader->may_read ||
	       (is_permitted(reader, name) &&
		       reader->may_read(reader->user, reader->request, text_of(name)));
}

/* With max 0 it is only looked at. */
static int look(struct text name, const struct code_place *place,
	struct source_file *file, size_t max)
{
	char path[PATH_MAX];
	char folder[64];

	if (!path_of(name, place, path)) {
		return ENOENT; /* no file has such a name */
	}
	(void)snprintf(folder, sizeof(folder), "/proc/%d/root", place->pid);
	struct source_look quick = {
		.root = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC),
		.is_quick = mounts_exist(MOUNT_SLOW),
	};
	if (quick.root < 0) {
		return ESRCH; /* nothing can be said against it */
	}
	int result = max > 0 ? source_read_at(&quick, path, max, file)
			     : source_look_at(&quick, path, file);
	if (quick.would_wait) {
		result = look_late(quick.root, path, place, file, max);
	} else {
		close(quick.root);
	}
	if (file->name && !may_be_used(place, file->name)) {
		source_file_finish(file);
		result = ETIMEDOUT;
	}
	return result;
}

int source_file_look(struct text name, const struct code_place *place)
{
	struct source_file file = {0};
	const int result = look(name, place, &file, 0);

	source_file_finish(&file);
	return result;
}

int source_file_read(struct source_file *file, struct text name,
	const struct code_place *place, size_t max)
{
	*file = (struct source_file){0};
	return look(name, place, file, max);
}

void source_file_finish(struct source_file *file)
{
	free(file->name);
	free(file->bytes);
	*file = (struct source_file){0};
}

struct text source_file_line(const struct source_file *file, int number)
{
	size_t start = 0;

	for (int i = 1; start < file->length; i++) {
		const char *line = file->bytes + start;
		const char *end = memchr(line, '\n', file->length - start);
		size_t length = end ? (size_t)(end - line) : file->length - start;
		if (i == number) {
			return (struct text){line, length};
		}
		start += length + 1;
	}
	return (struct text){0};
}

/* A line without its end, and as much of it as is shown. */
static struct text line_at(struct text source, size_t start)
{
	const char *line = source.bytes + start;
	const char *end = source.length == start
				  ? NULL
				  : memchr(line, '\n', source.length - start);
	size_t length = end ? (size_t)(end - line) : source.length - start;

	if (length > SOURCE_LINE_SHOWN) {
		length = SOURCE_LINE_SHOWN;
		while (length > 0 && ((unsigned char)line[length] & 0xc0) == 0x80) {
			length--;
		}
	}
	return (struct text){line, length};
}

struct text source_line_shown(struct text line)
{
	while (line.length > 0 && (line.bytes[0] == ' ' || line.bytes[0] == '\t')) {
		line.bytes++;
		line.length--;
	}
	struct text shown = line_at(line, 0);
	return (struct text){xmemdup0(shown.bytes, shown.length), shown.length};
}

struct text source_excerpt(struct text source, int running)
{
	char *excerpt = NULL;
	size_t size = 0;
	size_t start = 0;
	FILE *file = open_memstream(&excerpt, &size);

	if (!file) {
		return text_of(xstrdup(""));
	}
	for (int number = 1; start < source.length; number++) {
		struct text line = line_at(source, start);
		if (number <= SOURCE_LINES_SHOWN || number == running) {
			(void)fprintf(file, "%s%d%s %.*s", number > 1 ? "\n" : "",
				number, number == running ? ">" : ":", (int)line.length,
				line.bytes);
		}
		const char *end =
			memchr(source.bytes + start, '\n', source.length - start);
		if (!end || (number >= SOURCE_LINES_SHOWN && number >= running)) {
			break;
		}
		start = (size_t)(end - source.bytes) + 1;
	}
	(void)fclose(file);
	return (struct text){excerpt, size};
}
