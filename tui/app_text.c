/* SPDX-License-Identifier: MIT */
/* Views that are only read: help, details of a question, summary. */
#include "base/escape.h"
#include "base/xalloc.h"
#include "tui/app_fill.h"
#include "tui/key_help.h"
#include "tui/lines.h"
#include "tui/question_text.h"

#include <inttypes.h>
#include <stdlib.h>

void app_add_text(struct view *view, const char *text)
{
	while (*text != '\0') {
		const size_t length = strcspn(text, "\n");
		view_add(view, 0, STYLE_PLAIN, xmemdup0(text, length));
		text += length + (text[length] == '\n' ? 1 : 0);
	}
}

/* What can be typed where the help was asked for comes first. */
void app_fill_help(struct app *app)
{
	char *words = key_hints(CONTEXT_PREFIX,
		"Keys go to the agent. {prefix} comes before a key for Duenna; typed "
		"twice, it goes to the agent itself.");
	key_help_add_words(&app->view, words, app->screen.columns);
	view_add(&app->view, 0, STYLE_PLAIN, xstrdup(""));
	free(words);
	key_help_add(&app->view, app->help_context, app->screen.columns);
	for (int context = 0; context < CONTEXT_PROPOSALS; context++) {
		if ((enum key_context)context != app->help_context) {
			key_help_add(&app->view, (enum key_context)context,
				app->screen.columns);
		}
	}
}

void app_fill_details(struct app *app)
{
	const struct protocol_question *question =
		questions_find(&app->questions, app->current);
	struct lines lines = {.columns = app->screen.columns - 2 > LINES_COLUMNS_MAX
						 ? LINES_COLUMNS_MAX
					 : app->screen.columns - 2 < LINES_COLUMNS_MIN
						 ? LINES_COLUMNS_MIN
						 : (unsigned)app->screen.columns - 2};

	if (question != NULL) {
		question_text_describe(question, QUESTION_WHOLE, app_now_ms(), &lines);
		app_add_text(&app->view, lines.bytes != NULL ? lines.bytes : "");
		lines_finish(&lines);
	}
}

void app_fill_summary(struct app *app)
{
	const struct tui_memory *memory = app->options.memory;
	struct error err = {0};
	char clock[APP_CLOCK_SIZE];

	view_add(&app->view, 0, STYLE_PLAIN,
		xasprintf("session %" PRId64 ": %s, since %s, %s", app->session,
			app->command, app_clock(app->started, clock),
			app->is_paused ? "paused" : "running"));
	char *project = escape_copy(text_of(app->project));
	view_add(&app->view, 0, STYLE_PLAIN,
		xasprintf("project %s", *project != '\0' ? project : "none"));
	free(project);
	view_add(&app->view, 0, STYLE_PLAIN,
		xasprintf("open questions: %zu", app->questions.count));
	char *text = memory != NULL && memory->summary != NULL
			     ? memory->summary(memory->context, app->session, &err)
			     : NULL;
	if (text != NULL) {
		app_add_text(&app->view, text);
		free(text);
	}
}
