/* SPDX-License-Identifier: MIT */
#include "tui/rung_text.h"

#include "base/escape.h"
#include "base/xalloc.h"
#include "tui/lines.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { NUMBER_SIZE = 32, NAME_COLUMNS = 60, MANY = 10000 };

/* "10,000" */
static const char *grouped(int64_t number, char buffer[NUMBER_SIZE])
{
	char digits[NUMBER_SIZE];
	const int length = snprintf(digits, sizeof(digits), "%" PRId64, number);
	size_t at = 0;

	for (int i = 0; i < length && at + 2 < NUMBER_SIZE; i++) {
		if (i > 0 && (length - i) % 3 == 0 && digits[i - 1] != '-') {
			buffer[at++] = ',';
		}
		buffer[at++] = digits[i];
	}
	buffer[at] = '\0';
	return buffer;
}

/* Nothing that was found in too short a time says nothing. */
static bool has_files(const struct protocol_rung *rung)
{
	return rung->files > 0 || (rung->files == 0 && !rung->has_more_files);
}

/* kind: "other recorded event" and the like. Owned; empty for none. */
static char *count_words(int64_t count, const char *how, const char *kind)
{
	char number[NUMBER_SIZE];

	return count > 0 ? xasprintf("%s%s %s%s", how, grouped(count, number), kind,
				   count == 1 ? "" : "s")
			 : xstrdup("");
}

static char *both_words(const struct protocol_rung *rung, const char *event,
	const char *file, const char *between)
{
	const char *how = !rung->has_more_files ? ""
			  : rung->files >= MANY ? "more than "
						: "at least ";
	char *events = count_words(rung->events, "", event);
	char *files = count_words(rung->files, how, file);
	char *words = xasprintf("%s%s%s", events,
		*events != '\0' && *files != '\0' ? between : "", files);

	free(files);
	free(events);
	return words;
}

static bool covers_nothing(const struct protocol_rung *rung)
{
	return rung->events <= 0 && rung->files <= 0;
}

char *rung_text_covers(const struct protocol_rung *rung)
{
	const bool has_events = rung->events >= 0;

	if (!has_events && !has_files(rung)) {
		return xstrdup("");
	}
	if (covers_nothing(rung)) {
		return xasprintf("covers no other %s%s%s",
			has_events ? "recorded event" : "",
			has_events && has_files(rung) ? " or " : "",
			has_files(rung) ? "file" : "");
	}
	char *both = both_words(rung, "other recorded event", "other file", " and ");
	char *words = xasprintf("covers %s", both);
	free(both);
	return words;
}

char *rung_text_covers_briefly(const struct protocol_rung *rung)
{
	if (rung->events < 0 && !has_files(rung)) {
		return xstrdup("");
	}
	if (covers_nothing(rung)) {
		return xstrdup(!has_files(rung)	  ? "covers no event more"
			       : rung->events < 0 ? "covers no file more"
						  : "covers nothing else");
	}
	char *both = both_words(rung, "event", "file", ", ");
	char *words = xasprintf("covers %s more", both);
	free(both);
	return words;
}

/* Safe and owned. */
static char *name_words(struct text name, struct text project)
{
	const bool is_in_project = project.length > 1 &&
				   name.length > project.length + 1 &&
				   text_path_is_below(name, project);
	const size_t start = is_in_project ? project.length + 1 : 0;
	char *safe =
		escape_quoted((struct text){name.bytes + start, name.length - start});
	char *brief = lines_shorten(safe, NAME_COLUMNS);

	free(safe);
	return brief;
}

char *rung_text_sensitive(const struct protocol_rung *rung, struct text project)
{
	char number[NUMBER_SIZE];

	if (rung->sensitive <= 0 || rung->sensitive_name_count == 0) {
		return NULL;
	}
	const int64_t unnamed = rung->sensitive - (int64_t)rung->sensitive_name_count;
	char *words = xasprintf("covers %s sensitive file%s",
		grouped(rung->sensitive, number), rung->sensitive == 1 ? "" : "s");
	for (size_t i = 0; i < rung->sensitive_name_count; i++) {
		char *name = name_words(rung->sensitive_names[i], project);
		char *longer = xasprintf("%s%s %s", words, i == 0 ? ":" : ",", name);
		free(name);
		free(words);
		words = longer;
	}
	if (unnamed > 0) {
		char *longer =
			xasprintf("%s and %s more", words, grouped(unnamed, number));
		free(words);
		words = longer;
	}
	return words;
}
