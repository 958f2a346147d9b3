/* SPDX-License-Identifier: MIT */
/*
 * The configuration: $XDG_CONFIG_HOME/duenna/config, lines of a word that says what is
 * set and of what it is set to. duenna(1) describes them.
 */
#ifndef CLI_CONFIG_H
#define CLI_CONFIG_H

#include "base/error.h"
#include "tui/settings.h"

#include <stdio.h>

enum { CONFIG_WORDS_MAX = 32 };

/* Words of one line: owned strings, and where each begins. */
struct config_line {
	char *words[CONFIG_WORDS_MAX + 1];	/* NULL after the last */
	unsigned columns[CONFIG_WORDS_MAX + 1]; /* of the last one too: where it ends */
	size_t count;
};

struct config {
	struct tui_settings tui;
	char **profiles; /* owned; NULL ends it; NULL: none */
	size_t profile_count;
	bool has_no_default_profiles;
	char **notify_command; /* owned; NULL ends it; NULL: none */
};

/* What holds without a file. */
void config_init(struct config *config);
void config_finish(struct config *config);

/* Where it is; owned; NULL: there is no home folder. */
char *config_path(struct error *err);

/*
 * Reads the file, or if it is not there what holds without one. It takes effect as a
 * whole or not at all: an error says file:line:column, and leaves nothing to finish.
 */
bool config_load(struct config *config, struct error *err);
/* The same of a given file, which has to be there. */
bool config_load_file(const char *path, struct config *config, struct error *err);

/* ---- config_line.c ---- */

/*
 * Takes a line apart: blanks part words, double quotes hold one together, in which a
 * backslash takes the next character as it is, and # begins a comment. On failure the
 * column is in *column.
 */
bool config_line_read(const char *text, struct config_line *line, unsigned *column,
	struct error *err);
void config_line_finish(struct config_line *line);

/* ---- config_default.c ---- */

/* A file of comments that says all that can be set, and what holds without it. */
void config_print_default(FILE *out);
/* Lines that set everything as it is in config. */
void config_print(const struct config *config, FILE *out);

#endif
