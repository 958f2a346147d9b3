/* SPDX-License-Identifier: MIT */
/*
 * The many ways to name one file: every form turns an absolute path into a folder
 * descriptor and a text that lead to the same object.
 */
#ifndef TESTS_ATTACKS_PLACE_H
#define TESTS_ATTACKS_PLACE_H

#include <linux/limits.h>
#include <stdbool.h>
#include <stddef.h>

struct place {
	long folder; /* AT_FDCWD, a descriptor, or one with junk in its high half */
	char path[PATH_MAX];
};

enum form_needs {
	FORM_FOLDER = 1 << 0,	 /* the call must take a folder descriptor */
	FORM_FOLLOWS = 1 << 1,	 /* the call must follow a final symbolic link */
	FORM_BYSTANDER = 1 << 2, /* goes by way of the process outside of the tree */
};

struct form {
	const char *name;
	unsigned needs;
	void (*make)(struct place *place, const char *folder, const char *name);
};

extern const struct form forms[];
extern const size_t form_count;

/* Names path, an absolute one, in this form. */
void form_apply(const struct form *form, const char *path, struct place *place);

#endif
