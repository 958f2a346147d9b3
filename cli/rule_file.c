/* SPDX-License-Identifier: MIT */
/* Reading rule files, with every error shown in its place. */
#include "cli/rule_file.h"

#include "base/xalloc.h"
#include "cli/rules_in_force.h"
#include "rules/parser.h"
#include "rules/printer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_STEP = 1 << 16, FILE_MAX = 64 << 20 };

static char *read_all(FILE *file, size_t *length)
{
	char *bytes = NULL;
	size_t used = 0, got;

	do {
		bytes = xrealloc(bytes, used + FILE_STEP);
		got = fread(bytes + used, 1, FILE_STEP, file);
		used += got;
	} while (got == FILE_STEP && used < FILE_MAX);
	*length = used;
	return bytes;
}

static char *read_file(const char *path, size_t *length, struct error *err)
{
	bool is_input = strcmp(path, "-") == 0;
	FILE *file = is_input ? stdin : fopen(path, "re");

	if (!file) {
		(void)error_set(err, errno, "open %s: %s", path, strerror(errno));
		return NULL;
	}
	char *bytes = read_all(file, length);
	int failure = ferror(file) ? errno : *length >= FILE_MAX ? EFBIG : 0;
	if (!is_input) {
		(void)fclose(file); /* it was only read */
	}
	if (failure) {
		(void)error_set(err, failure, "read %s: %s", path, strerror(failure));
		free(bytes);
		return NULL;
	}
	return bytes;
}

static void print_errors(struct rule_errors *errors)
{
	for (size_t i = 0; i < errors->count; i++) {
		char *line = rule_error_format(&errors->errors[i]);

		(void)puts(line);
		free(line);
	}
}

bool rule_file_read(const char *path, struct rule_list *list, struct error *err)
{
	size_t length;
	char *bytes = read_file(path, &length, err);
	struct rule_errors errors = {0};
	const char *name = strcmp(path, "-") == 0 ? "standard input" : path;

	if (!bytes) {
		return false;
	}
	bool is_good = rule_parse_file_text(
		(struct text){bytes, length}, name, ORIGIN_FILE, list, &errors);
	print_errors(&errors);
	rule_errors_finish(&errors);
	free(bytes);
	return is_good;
}

bool rule_file_check(
	const char *path, const char *database, const char *project, struct error *err)
{
	const char *files[] = {path, NULL};
	struct rules_in_force rules;
	struct error found = {0};

	if (rules_in_force_load(&rules, database, project, files, &found)) {
		rules_in_force_finish(&rules);
		return true;
	}
	if (found.code == ERROR_SYNTAX) {
		(void)puts(found.text);
		return false;
	}
	return error_set(err, found.code, "%s", found.text);
}

char *rule_bare_text(const struct rule *rule)
{
	struct rule bare = *rule; /* borrows everything */

	bare.until = 0;
	bare.note = NULL;
	return rule_print(&bare);
}
