/* SPDX-License-Identifier: MIT */
/* What is read over the whole screen: an event, a question, the summary, the keys. */
#include "base/escape.h"
#include "base/xalloc.h"
#include "tui/key_help.h"
#include "tui/lines.h"
#include "tui/question_text.h"
#include "tui/replay_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Takes safe lines; NULL: err says why there are none. */
static void show(
	struct replay *replay, const char *title, char *safe, const struct error *err)
{
	if (safe == NULL) {
		if (err->code != 0) {
			replay_fail(replay, err);
		}
		return;
	}
	char *filter = xstrdup(replay->is_refilling ? replay->view.filter : "");
	view_finish(&replay->view);
	(void)snprintf(replay->view.filter, sizeof(replay->view.filter), "%s", filter);
	free(filter);
	replay->view.title = title;
	replay->view.is_text = true;
	for (const char *line = safe; *line != '\0';) {
		const size_t length = strcspn(line, "\n");
		view_add(&replay->view, 0, STYLE_PLAIN, xmemdup0(line, length));
		line += length + (line[length] == '\n' ? 1 : 0);
	}
	free(safe);
	replay->has_view = true;
	replay_set_playing(replay, false);
}

static unsigned text_columns(const struct replay *replay)
{
	const int columns = replay->screen.columns - 3;

	return columns > LINES_COLUMNS_MAX   ? LINES_COLUMNS_MAX
	       : columns < LINES_COLUMNS_MIN ? LINES_COLUMNS_MIN
					     : (unsigned)columns;
}

void replay_view_event(struct replay *replay)
{
	struct error err = {0};

	replay->fill_view = replay_view_event;
	if (replay->seq == 0) {
		replay_say(replay, xstrdup("no event has happened yet"));
		return;
	}
	show(replay, "The event",
		replay->source->event_details(replay->source->context, replay->seq,
			text_columns(replay), &err),
		&err);
}

/* ---- A question ---- */

static void describe_details(
	const struct replay_question *question, struct lines *lines)
{
	struct protocol_question asked;
	json_t *body = json_loads(question->details, 0, NULL);

	/* Counts are of the moment, and were not stored. */
	if (body != NULL && protocol_question_read(body, &asked)) {
		question_text_describe(&asked, QUESTION_WHOLE, asked.opened, lines);
		protocol_question_finish(&asked);
	} else {
		lines_add(lines, "%s", question->title);
		lines_add(lines, "(how it was shown was not recorded)");
	}
	json_decref(body);
}

static void describe_answer(const struct replay_question *question, struct lines *lines)
{
	char clock[REPLAY_CLOCK_SIZE];

	lines_put(lines, "\n");
	if (!question->is_answered) {
		lines_add(lines, "Nobody answered it.");
		return;
	}
	char *rule = escape_copy(text_of(question->rule));
	char *message = escape_copy(text_of(question->message));
	char *answer = xasprintf(
		"%s, %s", verdict_name(question->verdict), scope_name(question->scope));
	lines_field(lines, "answer", answer, 0);
	lines_field(lines, "after",
		replay_clock(question->answer_time - question->time, clock), 0);
	if (*rule != '\0') {
		lines_field(lines, "rule", rule, 0);
	}
	if (*message != '\0') {
		lines_field(lines, "message", message, 0);
	}
	free(answer);
	free(message);
	free(rule);
}

/* The event's, else the last one that was asked. */
static int64_t present_question(const struct replay *replay)
{
	const struct replay_source *source = replay->source;
	struct replay_event event = {0};
	struct error err = {0};
	int64_t number = source->question_open(source->context, replay->time);

	if (number == 0 && source->event(source->context, replay->seq, &event, &err)) {
		number = event.question;
		replay_event_finish(&event);
	}
	return number != 0 ? number
			   : source->question_beside(
				     source->context, replay->time + 1, false);
}

void replay_view_question(struct replay *replay)
{
	const struct replay_source *source = replay->source;
	struct replay_question question = {0};
	struct lines lines = {.columns = text_columns(replay)};
	struct error err = {0};
	char clock[REPLAY_CLOCK_SIZE];
	const int64_t number = present_question(replay);

	replay->fill_view = replay_view_question;
	if (number == 0) {
		replay_say(replay, xstrdup("no question has been asked yet"));
		return;
	}
	if (!source->question(source->context, number, &question, &err)) {
		show(replay, NULL, NULL, &err);
		return;
	}
	lines_add(&lines, "question %" PRId64 ", asked at %s", number,
		replay_clock(question.time, clock));
	lines_put(&lines, "\n");
	describe_details(&question, &lines);
	describe_answer(&question, &lines);
	show(replay, "The question as it was asked",
		xstrdup(lines.bytes != NULL ? lines.bytes : ""), &err);
	lines_finish(&lines);
	replay_question_finish(&question);
}

/* ---- Others ---- */

void replay_view_summary(struct replay *replay)
{
	struct error err = {0};

	replay->fill_view = replay_view_summary;
	show(replay, "Summary", replay->source->summary(replay->source->context, &err),
		&err);
}

void replay_view_help(struct replay *replay)
{
	struct lines lines = {.columns = text_columns(replay)};
	const struct error none = {0};
	const int columns = replay->screen.columns;

	replay->fill_view = replay_view_help;
	lines_add(&lines,
		"A filter is words that the event has, and verb=write, verdict=deny, "
		"program=git, path=*.c, pid=12, mcp=files, vector=network, changed; "
		"several verbs, verdicts or vectors "
		"stand for any of them.");
	lines_put(&lines, "\n");
	show(replay, "Keys", xstrdup(lines.bytes), &none);
	key_help_add(&replay->view, CONTEXT_REPLAY, columns);
	key_help_add(&replay->view, CONTEXT_VIEW, columns);
	lines_finish(&lines);
}
