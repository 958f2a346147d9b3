/* SPDX-License-Identifier: MIT */
/*
 * Prints every row of the system call table: its name, its class, how many names of
 * files it takes, and whether they may start at a descriptor.
 */
#include "tracer/syscall_table.h"

#include <stdio.h>

static const char *class_name(enum syscall_class class)
{
	switch (class) {
	case CLASS_UNKNOWN:
		return "unknown";
	case CLASS_PASS:
		return "pass";
	case CLASS_ABSENT:
		return "absent";
	case CLASS_REFUSED:
		return "refused";
	case CLASS_FILE:
	case CLASS_FILE_STOP:
		return "file";
	case CLASS_STOP:
		return "stop";
	}
	return NULL;
}

/* The strictest of what the row and its argument rules say. */
static enum syscall_class row_class(const struct syscall_row *row)
{
	enum syscall_class class = row->class;
	for (size_t i = 0; i < row->rule_count; i++) {
		if (class == CLASS_PASS) {
			class = row->rules[i].class;
		}
	}
	return class;
}

int main(void)
{
	for (size_t number = 0; number < syscall_table_size(); number++) {
		const struct syscall_row *row = syscall_table_row(number);
		if (row != NULL && row->name != NULL) {
			int names = (row->path != POSITION_NONE) +
				    (row->path2 != POSITION_NONE);
			printf("%s %s %d %s\n", row->name, class_name(row_class(row)),
				names, row->folder != POSITION_NONE ? "folder" : "-");
		}
	}
	return 0;
}
