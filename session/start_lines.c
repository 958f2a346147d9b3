/* SPDX-License-Identifier: MIT */
#include "session/start_lines.h"

#include "base/escape.h"
#include "base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>

static const char first_run[] =
	"duenna: this is the first supervised run. In short:\n"
	"  allowed  reading the system, running its programs, working in %s\n"
	"  asked    secrets, start-up files, agents' memory, the network, the rest\n"
	"  denied   what is asked when nobody is there to answer\n"
	"  kept     every judged action and every answer, in %s\n"
	"  more     duenna profiles, duenna why VERB OBJECT, duenna log\n";

static const char *const asks[] = {
	[ASK_TUI] = "asked here",
	[ASK_LINE] = "asked here",
	[ASK_ATTACH] = "asked from whoever attaches",
	[ASK_DENY] = "denied (--ask deny)",
	[ASK_ALLOW] = "allowed and recorded (--ask allow)",
};

static const char *const repository_lines[] = {
	[REPOSITORY_NONE] = NULL,
	[REPOSITORY_TIGHTENS] =
		"is in force: it can only tighten (duenna rules accept)",
	[REPOSITORY_CHANGED] = "has changed since it was accepted: it can only tighten "
			       "(duenna rules accept)",
	[REPOSITORY_ACCEPTED] = "is in force, as it was accepted",
};

static char *shown_path(const struct places *places, const char *path)
{
	char *shortened = places_shorten(places, text_of(path));
	char *safe = escape_copy(text_of(shortened));
	free(shortened);
	return safe;
}

static void print_first_run(const struct supervisor *supervisor)
{
	const struct places *places = &supervisor->places;
	char *folder = places->project != NULL
			       ? shown_path(places, places->project)
			       : xstrdup("no folder: this is not a project");
	char *database = shown_path(places, places->database);
	fprintf(stderr, first_run, folder, database);
	fprintf(stderr, "  now      what no rule covers is %s\n",
		asks[supervisor->options->ask]);
	free(folder);
	free(database);
}

void start_lines_print(const struct supervisor *supervisor, bool is_first)
{
	if (supervisor->options->quiet) {
		return;
	}
	if (is_first) {
		print_first_run(supervisor);
	}
	if (supervisor->environment.secret_names != NULL) {
		fprintf(stderr,
			"duenna: passed on, though it looks secret: %s (--env clean)\n",
			supervisor->environment.secret_names);
	}
	if (repository_lines[supervisor->sources.repository] != NULL) {
		fprintf(stderr, "duenna: the project's .duenna.rules %s\n",
			repository_lines[supervisor->sources.repository]);
	}
	if (supervisor->options->sealed_reads) {
		fputs("duenna: reads are sealed: outside the readable folders they "
		      "fail "
		      "without a question\n",
			stderr);
	}
}
