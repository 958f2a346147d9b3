/* SPDX-License-Identifier: MIT */
#include "tracer/code_origin.h"

#include <errno.h>
#include <string.h>

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

bool code_file_is_library(struct text file)
{
	return is_frozen(file) || text_starts_with(file, "node:") ||
	       is_in_library_folder(file) || has_folder(file, "/site-packages/") ||
	       has_folder(file, "/dist-packages/");
}

/* Cells of notebooks get names of files that are never written. */
static bool is_notebook_cell(struct text file)
{
	return has_folder(file, "/ipykernel_");
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
	/* Nothing but the library runs yet at that time. */
	for (size_t i = at + 1; i < facts->frame_count; i++) {
		if (!code_file_is_library(facts->frames[i].file)) {
			return false;
		}
	}
	const struct code_frame *caller = &facts->frames[at + 1];
	return text_equal_string(caller->function, "addpackage") &&
	       (text_equal_string(caller->file, "<frozen site>") ||
		       (is_in_library_folder(caller->file) &&
			       text_ends_with(caller->file, "/site.py")));
}

/* Methods that dataclasses writes for the classes of files. */
static bool is_class_method(const struct code_frame *frame)
{
	return text_equal_string(frame->file, "<string>") &&
	       text_starts_with(frame->function, "__create_fn__.<locals>.__");
}

static bool is_given_as_text(const struct code_facts *facts, size_t at)
{
	const struct code_frame *frame = &facts->frames[at];

	return is_notebook_cell(frame->file) ||
	       (is_marked(frame->file) && !frame->is_starter &&
		       !is_path_line(facts, at) && !is_class_method(frame));
}

/* Whether the frame bears a file's name and does not come from that file. */
static bool is_forged(
	const struct code_facts *facts, size_t at, struct forgery_look *look)
{
	const struct code_frame *frame = &facts->frames[at];
	bool is_file = !is_marked(frame->file) && !is_frozen(frame->file);

	for (size_t i = 0; is_file && i < at; i++) {
		if (facts->frames[i].code == frame->code) {
			return facts->frames[i].is_forged; /* it calls itself */
		}
	}
	return is_file && frame_is_forged(look, facts, at);
}

/* Outside the library a name without a file is one for text. */
static bool is_missing(const struct code_facts *facts, size_t at,
	const struct code_place *place, bool *is_late)
{
	struct text file = facts->frames[at].file;

	if (is_marked(file) || code_file_is_library(file)) {
		return false;
	}
	if (at > 0 && text_equal(facts->frames[at - 1].file, file)) {
		return facts->frames[at - 1].is_generated &&
		       !facts->frames[at - 1].is_forged;
	}
	int result = *is_late ? ETIMEDOUT : source_file_look(file, place);
	*is_late = result == ETIMEDOUT;
	return result == ENOENT;
}

void code_origin_find(struct code_facts *facts, const struct code_place *place,
	struct forgery_look *look)
{
	enum { COMPARED_MAX = 32 };
	bool is_generated = false;
	bool is_late = false; /* then nothing more is looked at */

	for (size_t i = 0; i < facts->frame_count; i++) {
		struct code_frame *frame = &facts->frames[i];
		frame->is_generated = is_given_as_text(facts, i) ||
				      is_missing(facts, i, place, &is_late);
		frame->is_forged = look && i < COMPARED_MAX && !is_late &&
				   !frame->is_generated && is_forged(facts, i, look);
		is_late = is_late || (look && look->is_late);
		frame->is_generated = frame->is_generated || frame->is_forged;
		is_generated = is_generated || frame->is_generated;
	}
	if (is_generated) {
		facts->origin = CODE_GENERATED;
	} else {
		/* Further frames may be anything. */
		facts->origin = facts->is_cut || is_late ? CODE_UNKNOWN : CODE_FILES;
	}
}
