/* SPDX-License-Identifier: MIT */
/* What the files path*.c share. */
#ifndef TRACER_PATH_INTERNAL_H
#define TRACER_PATH_INTERNAL_H

#include "tracer/path.h"

/* A descriptor under which its number is kept as text, for /proc/self/fd. */
struct fd_text {
	char text[16];
};

struct fd_text fd_text_of(int fd);

/* openat2 for O_PATH; the descriptor or a negative errno. */
int path_open(int folder, const char *text, uint64_t flags, uint64_t resolve);

/*
 * Fills path for an object: takes fd. name is its canonical name, or NULL to take it
 * from the descriptor.
 */
int path_set_object(struct path *path, int fd, const char *name);

/* 0 if names can be looked up there: it is a folder that may be searched. */
int path_check_search(int folder);
/*
 * Fills path for a component of a folder: takes folder. The component need not be
 * terminated. folder_name is canonical, or NULL to take it from the descriptor.
 */
int path_set_entry(struct path *path, int folder, const char *folder_name,
	struct text component, bool has_slash);

/* An absolute text that is its own canonical name if it has no symbolic link. */
bool path_is_clean(const char *text, size_t length);

/* True if the name would lead to a slow file system, and the thread must not wait. */
bool path_waits_by_text(const struct path_request *request);
bool path_waits_by_link(const struct path_request *request);
bool path_waits_by_descriptor(int fd);

/* For what no name leads to: whether who has the descriptor that did has it not open. */
bool path_is_by_handle(const struct path *path, const struct path_request *request);

/*
 * Hands on what resolving gave, and notes whether what was found has its name in this
 * namespace of mounts.
 */
int path_note_place(struct path *path, const struct path_request *request, int result);

/* Fills in the canonical name. */
void path_set_name(struct path *path, const char *name);

/* Before a name is resolved: what is found then holds until names are moved. */
void path_begin_pin(void);

/*
 * With PATH_READ, opens what has this canonical name if it is known to be plain, or
 * looks whether it is. False: nothing was done.
 */
bool path_open_plain(struct path *path, const struct path_request *request,
	const char *name, bool looks);
/* Remembers the name of a pinned object if it is plain. */
void path_note_plain(const struct path *path);

/* The same for an absolute text that led there through links; does not name it yet. */
bool path_open_linked(struct path *path, const struct path_request *request);
void path_note_linked(const struct path *path, const char *text);
/* A hint: the text is known to lead through links. */
bool path_is_linked(const char *text);

/*
 * As path_open, what has this canonical name, if there is no link on the way: else
 * -ELOOP. Where nothing had it, a link that was put on the way may give -ENOENT as well.
 */
int path_open_clean(const struct path_request *request, uint64_t flags);

/* What a relative name starts from: owned if it is not the root's, or an errno. */
int path_open_base(const struct path_request *request);

/* With the folder pinned: 0 if nothing is there, -ELOOP if it has to be walked. */
int path_expect_missing(const struct path *path);

/*
 * A quicker way for plain relative names: by the canonical name of the folder that they
 * start from. -ELOOP if it is not applicable; -ENOENT with PATH_CREATE only hints that
 * nothing is there.
 */
int path_pin_by_folder_name(struct path *path, const struct path_request *request);

/* A name cut into the folder's and the last component. */
struct path_split {
	char folder[PATH_MAX]; /* empty: where the name starts */
	size_t folder_length;
	struct text last;
	bool has_slash;
};

void path_split(struct path_split *split, const struct path_request *request);

/* Resolves within the RESOLVE_… limits of the caller's own openat2. */
int path_restricted(struct path *path, const struct path_request *request, int base);

/* Resolves component by component, from base (borrowed). */
int path_walk(struct path *path, const struct path_request *request, int base);

#endif
