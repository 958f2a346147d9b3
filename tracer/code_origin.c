/* SPDX-License-Identifier: MIT */
#include "tracer/code_origin.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool is_frozen(struct text file)
{
	return text_starts_with(file, "<frozen ");
}

/* "<string>", "<stdin>", "<template>", and what compile() got without a name. */
static bool is_marked(struct text file)
{
	return file.length == 0 ||
	       (file.bytes[0] == '<' && file.bytes[file.length - 1] == '>' &&
		       !is_frozen(file));
}

/* Whether a folder of the path is called python3.N, right in one called lib. */
static bool is_in_library_folder(struct text file)
{
	static const char folder[] = "/lib/python3";
	const char *at = memmem(file.bytes, file.length, folder, sizeof(folder) - 1);

	if (!at) {
		return false;
	}
	at += sizeof(folder) - 1;
	const char *end = file.bytes + file.length;
	while (at < end && (*at == '.' || (*at >= '0' && *at <= '9'))) {
		at++;
	}
	return at < end && *at == '/';
}

static bool has_folder(struct text file, const char *folder)
{
	return memmem(file.bytes, file.length, folder, strlen(folder)) != NULL;
}

static bool is_library(struct text file)
{
	return is_frozen(file) || is_in_library_folder(file) ||
	       has_folder(file, "/site-packages/") ||
	       has_folder(file, "/dist-packages/");
}

/* Cells of notebooks get names of files that are never written. */
static bool is_notebook_cell(struct text file)
{
	return has_folder(file, "/ipykernel_");
}

/* 0, or why nothing of that name can be reached in the process' root folder. */
static int file_look(const char *path, const struct code_place *place)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	char root_name[64];

	(void)snprintf(root_name, sizeof(root_name), "/proc/%d/root", place->pid);
	int root = open(root_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0) {
		return 0; /* nothing can be said against it */
	}
	int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
	int error = fd < 0 ? errno : 0;
	if (fd >= 0) {
		close(fd);
	}
	close(root);
	return error;
}

/* A name below a file (ENOTDIR) is a member of an archive. */
static bool is_no_file(struct text file, const struct code_place *place)
{
	char path[PATH_MAX];
	bool is_relative = file.bytes[0] != '/';
	int length = snprintf(path, sizeof(path), "%s%s%.*s",
		is_relative && place->folder ? place->folder : "",
		is_relative ? "/" : "", (int)file.length, file.bytes);

	if (length >= (int)sizeof(path) || strlen(path) != (size_t)length) {
		return true; /* no file has such a name */
	}
	return file_look(path, place) == ENOENT;
}

/*
 * Python's own site module runs lines of .pth files by exec at every start: they are
 * files of installed packages.
 */
static bool is_path_line(const struct code_facts *facts, size_t at)
{
	if (at + 1 >= facts->frame_count ||
		!text_equal_string(facts->frames[at].file, "<string>")) {
		return false;
	}
	const struct code_frame *caller = &facts->frames[at + 1];
	return text_equal_string(caller->function, "addpackage") &&
	       (text_equal_string(caller->file, "<frozen site>") ||
		       (is_in_library_folder(caller->file) &&
			       text_ends_with(caller->file, "/site.py")));
}

/* Marks a frame; true if it says who calls: it is neither a library's nor site's. */
static bool frame_judge(struct code_facts *facts, size_t at)
{
	struct code_frame *frame = &facts->frames[at];
	bool is_marked_so = is_marked(frame->file) && !is_path_line(facts, at);

	frame->is_generated = is_marked_so || is_notebook_cell(frame->file);
	return !is_library(frame->file) && (!is_marked(frame->file) || is_marked_so);
}

void code_origin_find(struct code_facts *facts, const struct code_place *place)
{
	bool is_generated = false;
	bool has_decisive = false; /* in the interpreter whose frames are looked at */

	for (size_t i = 0; i < facts->frame_count; i++) {
		struct code_frame *frame = &facts->frames[i];
		bool says_who = frame_judge(facts, i);
		if (says_who && !has_decisive) {
			has_decisive = true;
			frame->is_generated =
				frame->is_generated || is_no_file(frame->file, place);
			is_generated = is_generated || frame->is_generated;
		}
		if (frame->is_outermost && i + 1 < facts->frame_count) {
			has_decisive = false;
		}
	}
	if (is_generated) {
		facts->origin = CODE_GENERATED;
	} else {
		/* Further frames may be anything. */
		facts->origin =
			facts->is_cut && !has_decisive ? CODE_UNKNOWN : CODE_FILES;
	}
}
