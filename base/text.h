/* SPDX-License-Identifier: MIT */
/*
 * A borrowed run of bytes. What comes from a tracee may hold any byte but is passed
 * on as it is; base/escape.h makes it safe to show.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct text {
	const char *bytes; /* not owned; not always terminated */
	size_t length;
};

static inline struct text text_of(const char *string)
{
	return (struct text){string, string ? strlen(string) : 0};
}

bool text_equal(struct text a, struct text b);
bool texts_equal(
	const struct text *a, size_t a_count, const struct text *b, size_t b_count);
bool text_equal_string(struct text a, const char *string);
bool text_starts_with(struct text a, const char *prefix);
bool text_ends_with(struct text a, const char *suffix);

/* True if path is folder itself or lies below it. Both are absolute and canonical. */
bool text_path_is_below(struct text path, struct text folder);

/* The part after the last slash; the whole when there is none. */
struct text text_base_name(struct text path);

/*
 * In place: mountinfo and its like write blanks and backslashes in names as \040 and \134
 * (proc_pid_mountinfo(5)).
 */
void text_unescape_octal(char *name);

/* An owned, terminated copy. */
char *text_copy(struct text a) __attribute__((returns_nonnull));

#endif
