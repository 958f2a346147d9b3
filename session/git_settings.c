/* SPDX-License-Identifier: MIT */
/* The syntax is that of git-config(1), "CONFIGURATION FILE". */
#include "session/git_settings.h"

#include "base/text.h"
#include "base/xalloc.h"
#include "rules/printer.h"
#include "session/link_way.h"
#include "session/rule_set.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { INCLUDES_DEEP = 4, INCLUDES_MAX = 64, SECTION_SIZE = 64 };

struct reading {
	FILE *out;
	const char *project, *home;
	const char *folder; /* of the file that is read */
	char section[SECTION_SIZE];
	unsigned depth;
	unsigned *includes; /* so far, in all files */
};

static void read_file(struct reading *reading, const char *path);

/* ---- What is found ---- */

/* Canonical; owned; NULL: it does not lie in the project. */
static char *place_of(
	const struct reading *reading, const char *value, const char *relative_to)
{
	struct link_way way = {0};
	const bool is_home = strncmp(value, "~/", 2) == 0 && reading->home != NULL;
	char *path = value[0] == '/' ? xstrdup(value)
		     : is_home	     ? xasprintf("%s%s", reading->home, value + 1)
				     : xasprintf("%s/%s", relative_to, value);
	char *place = link_way_follow(&way, path);
	const bool is_inside =
		text_path_is_below(text_of(place), text_of(reading->project)) &&
		strcmp(place, reading->project) != 0;

	link_way_finish(&way);
	free(path);
	if (!is_inside) {
		free(place);
		return NULL;
	}
	return place;
}

static void ask_about(const struct reading *reading, const char *place,
	const char *below, const char *note)
{
	char *quoted = pattern_quote_literal(text_of(place));

	(void)fprintf(reading->out, "ask write,delete,meta \"%s%s\" note \"%s\"\n",
		quoted, below, note);
	free(quoted);
}

static void take_include(struct reading *reading, const char *value)
{
	char *place = place_of(reading, value, reading->folder);
	struct reading inner = *reading;

	if (place != NULL && reading->depth < INCLUDES_DEEP &&
		(*reading->includes)++ < INCLUDES_MAX) {
		ask_about(reading, place, "", "git runs commands named here");
		inner.depth++;
		read_file(&inner, place);
	}
	free(place);
}

static void take(struct reading *reading, const char *name, const char *value)
{
	if (strcasecmp(reading->section, "core") == 0 &&
		strcasecmp(name, "hookspath") == 0) {
		char *place = place_of(reading, value, reading->project);
		if (place != NULL) {
			ask_about(reading, place, "/**", "git runs hooks");
		}
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

static void read_file(struct reading *reading, const char *path)
{
	size_t length = 0;
	char *bytes = rule_file_bytes(path, &length, NULL);
	char *text = bytes != NULL ? xmemdup0(bytes, length) : NULL;
	char *folder = xstrdup(path);
	char *rest = text;

	*strrchr(folder, '/') = '\0';
	reading->folder = folder;
	reading->section[0] = '\0';
	while (rest != NULL) {
		char *line = strsep(&rest, "\n");
		/* A line that goes on with the next one is one. */
		for (size_t end = strlen(line);
			rest != NULL && end > 0 && line[end - 1] == '\\';
			end = strlen(line)) {
			char *next = strsep(&rest, "\n");
			memmove(line + end - 1, next, strlen(next) + 1);
		}
		take_line(reading, line);
	}
	free(folder);
	free(text);
	free(bytes);
}

char *git_settings_rules(const char *project, const char *home)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	char *path = xasprintf("%s/.git/config", project);
	unsigned includes = 0;
	struct reading reading = {
		.out = out, .project = project, .home = home, .includes = &includes};

	invariant(out != NULL);
	read_file(&reading, path);
	free(path);
	invariant(fclose(out) == 0);
	return text;
}
