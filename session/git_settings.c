/* SPDX-License-Identifier: MIT */
/* The syntax is that of git-config(1), "CONFIGURATION FILE". */
#include "session/git_settings.h"

#include "base/text.h"
#include "base/xalloc.h"
#include "rules/printer.h"
#include "session/link_way.h"
#include "session/project_file.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	INCLUDES_DEEP = 10, /* as git */
	FILES_MAX = 64,
	PLACES_MAX = 64,
	SECTION_SIZE = 64,
	/* Whoever made the project must not make every session slow. */
	CONFIG_SIZE_MAX = 1 << 20,
};

/* Of all files together. */
struct amount {
	unsigned files, places;
	bool is_too_much; /* not all is known */
};

struct reading {
	FILE *out;
	const char *project, *home;
	const char *folder; /* of the file that is read */
	char section[SECTION_SIZE];
	unsigned depth;
	struct amount *amount;
};

static void read_file(struct reading *reading, const char *path);

/* ---- What is found ---- */

/* Canonical; owned. */
static char *place_of(
	const struct reading *reading, const char *value, const char *relative_to)
{
	struct link_way way = {0};
	const bool is_home = strncmp(value, "~/", 2) == 0 && reading->home != NULL;
	char *path = value[0] == '/' ? xstrdup(value)
		     : is_home	     ? xasprintf("%s%s", reading->home, value + 1)
				     : xasprintf("%s/%s", relative_to, value);
	char *place = link_way_follow(&way, path);

	link_way_finish(&way);
	free(path);
	return place;
}

/* Of places elsewhere the other rules speak. */
static void ask_about(const struct reading *reading, const char *place,
	const char *below, const char *note)
{
	if (!text_path_is_below(text_of(place), text_of(reading->project)) ||
		strcmp(place, reading->project) == 0) {
		return;
	}
	if (reading->amount->places++ == PLACES_MAX) {
		reading->amount->is_too_much = true;
	}
	if (reading->amount->is_too_much) {
		return;
	}
	char *quoted = pattern_quote_literal(text_of(place));

	(void)fprintf(reading->out, "ask write,delete,meta \"%s%s\" note \"%s\"\n",
		quoted, below, note);
	free(quoted);
}

static void take_include(struct reading *reading, const char *value)
{
	struct reading inner = *reading;

	if (reading->depth == INCLUDES_DEEP) {
		return;
	}
	char *place = place_of(reading, value, reading->folder);
	ask_about(reading, place, "", "git runs commands named here");
	inner.depth++;
	read_file(&inner, place);
	free(place);
}

static void take(struct reading *reading, const char *name, const char *value)
{
	if (strcasecmp(reading->section, "core") == 0 &&
		strcasecmp(name, "hookspath") == 0) {
		char *place = place_of(reading, value, reading->project);
		ask_about(reading, place, "/**", "git runs hooks");
		free(place);
	} else if (strncasecmp(reading->section, "include", strlen("include")) == 0 &&
		   strcasecmp(name, "path") == 0) {
		take_include(reading, value);
	}
}

/* ---- Lines ---- */

static char *skip_blanks(char *at)
{
	return at + strspn(at, " \t\r");
}

/* Takes quotes, escapes and comments out, in place. */
static void plain_value(char *value)
{
	char *to = value;
	bool is_quoted = false;

	for (const char *at = value; *at != '\0'; at++) {
		if (*at == '"') {
			is_quoted = !is_quoted;
		} else if (*at == '\\' && at[1] != '\0') {
			*to++ = *++at;
		} else if (!is_quoted && (*at == '#' || *at == ';')) {
			break;
		} else {
			*to++ = *at;
		}
	}
	while (to > value && !is_quoted && isspace((unsigned char)to[-1])) {
		to--;
	}
	*to = '\0';
}

/* "[section "name"]": what comes after it on the line. */
static char *take_section(struct reading *reading, char *at)
{
	char *end = strchr(at, ']');
	const size_t length = strcspn(at + 1, " \t\"].");

	(void)snprintf(reading->section, SECTION_SIZE, "%.*s", (int)length, at + 1);
	return end != NULL ? skip_blanks(end + 1) : at + strlen(at);
}

static void take_line(struct reading *reading, char *line)
{
	char *at = skip_blanks(line);

	if (*at == '[') {
		at = take_section(reading, at);
	}
	char *value = strchr(at, '=');
	if (value == NULL || *at == '#' || *at == ';') {
		return;
	}
	*value = '\0';
	at[strcspn(at, " \t")] = '\0';
	value = skip_blanks(value + 1);
	plain_value(value);
	take(reading, at, value);
}

/* A line that goes on with the next one is one. */
static char *line_next(char **rest)
{
	char *line = strsep(rest, "\n");
	char *end = line + strlen(line);

	while (*rest != NULL && end > line && end[-1] == '\\') {
		const char *next = strsep(rest, "\n");
		const size_t length = strlen(next);
		end--;
		memmove(end, next, length + 1);
		end += length;
	}
	return line;
}

/* ---- Files ---- */

/* Owned; NULL: there is none, or it is too long. */
static char *text_read(const struct reading *reading, const char *path)
{
	struct error err = {0};
	size_t length = 0;
	char *text = project_file_bytes(path, CONFIG_SIZE_MAX, &length, &err);

	reading->amount->is_too_much |= err.code == EFBIG;
	return text;
}

static void read_file(struct reading *reading, const char *path)
{
	if (reading->amount->files++ >= FILES_MAX) {
		reading->amount->is_too_much = true;
		return;
	}
	char *text = text_read(reading, path);
	char *folder = xstrdup(path);
	char *rest = text;

	*strrchr(folder, '/') = '\0';
	reading->folder = folder;
	reading->section[0] = '\0';
	while (rest != NULL) {
		take_line(reading, line_next(&rest));
	}
	free(folder);
	free(text);
}

static void read_below(struct reading *reading, const char *folder, const char *name)
{
	char *path = xasprintf("%s/%s", folder, name);

	read_file(reading, path);
	free(path);
}

/* The folder that the first line of a file names, after head; owned; NULL: none. */
static char *folder_named(const struct reading *reading, const char *folder,
	const char *name, const char *head)
{
	char *path = xasprintf("%s/%s", folder, name);
	char *text = text_read(reading, path);
	char *place = NULL;

	free(path);
	if (text != NULL && strncmp(text, head, strlen(head)) == 0) {
		text[strcspn(text, "\r\n")] = '\0';
		place = place_of(reading, text + strlen(head), folder);
	}
	free(text);
	return place;
}

/* Those of a work tree are its own, and those that it shares with the others. */
static void read_project(struct reading *reading)
{
	char *own = folder_named(reading, reading->project, ".git", "gitdir: ");

	if (own == NULL) {
		own = xasprintf("%s/.git", reading->project);
	}
	char *common = folder_named(reading, own, "commondir", "");
	read_below(reading, common != NULL ? common : own, "config");
	read_below(reading, own, "config.worktree");
	free(common);
	free(own);
}

/* What is relative there is so to each project. */
static void read_persons(struct reading *reading)
{
	const char *config = getenv("XDG_CONFIG_HOME");

	read_file(reading, "/etc/gitconfig");
	if (config != NULL && config[0] == '/') {
		read_below(reading, config, "git/config");
	} else if (reading->home != NULL) {
		read_below(reading, reading->home, ".config/git/config");
	}
	if (reading->home != NULL) {
		read_below(reading, reading->home, ".gitconfig");
	}
}

char *git_settings_rules(const char *project, const char *home)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	struct amount amount = {0};
	struct reading reading = {
		.out = out, .project = project, .home = home, .amount = &amount};

	invariant(out != NULL);
	read_persons(&reading);
	read_project(&reading);
	if (amount.is_too_much) {
		char *quoted = pattern_quote_literal(text_of(project));
		(void)fprintf(out,
			"ask write,delete,meta \"%s/**\" note \"git's settings are "
			"too long to be read, and may name this\"\n",
			quoted);
		free(quoted);
	}
	invariant(fclose(out) == 0);
	return text;
}
