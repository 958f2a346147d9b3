/* SPDX-License-Identifier: MIT */
/* Lists of processes and of open questions. */
#include "base/escape.h"
#include "base/xalloc.h"
#include "tui/app_fill.h"
#include "tui/question_text.h"

#include <inttypes.h>
#include <stdlib.h>

enum { DEPTH_MAX = 20, TITLE_COLUMNS = 200, MS = 1000 };

/* ---- Processes ---- */

static bool is_held(const struct app *app, int64_t pid)
{
	for (size_t i = 0; i < app->questions.count; i++) {
		const struct protocol_question *question = app->questions.items[i];
		if (question->chain_count > 0 && question->chain[0].pid == pid) {
			return true;
		}
	}
	return false;
}

static void add_process(
	struct app *app, const struct protocol_process *process, int depth)
{
	const bool is_wide = app->screen.columns >= APP_WIDE;
	char *line = process->argc > 0
			     ? question_text_arguments(process->argv, process->argc)
			     : escape_quoted(process->program);
	const bool held = is_held(app, process->pid);

	char *did = is_wide ? xasprintf("%7" PRId64 " %6" PRId64 " ", process->judged,
				      process->denied)
			    : xstrdup("");
	view_add(&app->view, process->pid, held ? STYLE_STRONG : STYLE_PLAIN,
		xasprintf("%7" PRId64 " %s%s%*s%s", process->pid,
			held ? "WAITS " : "      ", did, 2 * depth, "", line));
	free(did);
	free(line);
}

static void add_children(struct app *app, int64_t parent, int depth)
{
	for (size_t i = 0; i < app->processes.count; i++) {
		const struct protocol_process *process = &app->processes.processes[i];
		if (process->parent == parent && depth < DEPTH_MAX) {
			add_process(app, process, depth);
			add_children(app, process->pid, depth + 1);
		}
	}
}

static bool is_listed(const struct app *app, int64_t pid)
{
	for (size_t i = 0; i < app->processes.count; i++) {
		if (app->processes.processes[i].pid == pid) {
			return true;
		}
	}
	return false;
}

static int by_pid(const void *a, const void *b)
{
	const struct protocol_process *left = a;
	const struct protocol_process *right = b;

	return (left->pid > right->pid) - (left->pid < right->pid);
}

void app_fill_processes(struct app *app)
{
	struct protocol_process *list = app->processes.processes;

	app->view.heading = app->screen.columns >= APP_WIDE
				    ? "  process         judged denied command"
				    : "  process       command";
	if (app->processes.count > 0) {
		qsort(list, app->processes.count, sizeof(*list), by_pid);
	}
	for (size_t i = 0; i < app->processes.count; i++) {
		if (app->view.is_sorted) {
			add_process(app, &list[i], 0);
		} else if (!is_listed(app, list[i].parent)) {
			add_process(app, &list[i], 0);
			add_children(app, list[i].pid, 1);
		}
	}
	app->refill_at = app_monotonic_ms() + APP_REFILL_MS;
}

/* ---- Questions ---- */

static const struct protocol_question *nth_question(const struct app *app, size_t n)
{
	/* Few enough to find the next by looking at all of them. */
	size_t best = 0;

	if (!app->view.is_sorted) {
		return app->questions.items[n];
	}
	for (size_t i = 0; i < app->questions.count; i++) {
		size_t before = 0;
		for (size_t j = 0; j < app->questions.count; j++) {
			const uint32_t other = app->questions.items[j]->waiting;
			const uint32_t own = app->questions.items[i]->waiting;
			before += other > own || (other == own && j < i);
		}
		best = before == n ? i : best;
	}
	return app->questions.items[best];
}

/* ---- Answers ---- */

void app_answers_free(struct app *app)
{
	for (size_t i = 0; i < app->answer_count; i++) {
		free(app->answers[i].action);
	}
	free(app->answers);
	app->answers = NULL;
	app->answer_count = 0;
}

int64_t app_answer_rule(const struct app *app, int64_t question)
{
	for (size_t i = 0; i < app->answer_count; i++) {
		if (app->answers[i].number == question) {
			return app->answers[i].rule;
		}
	}
	return 0;
}

static void add_answer(struct app *app, const struct tui_answer *answer)
{
	char clock[APP_CLOCK_SIZE];
	char *how = answer->is_answered
			    ? xasprintf("%s %s", verdict_name(answer->verdict),
				      scope_name(answer->scope))
			    : xstrdup("not answered");

	view_add(&app->view, -answer->number, STYLE_FAINT,
		xasprintf("%s  %-14s %s", app_clock(answer->time, clock), how,
			answer->action));
	free(how);
}

/* Those that are open are told of by the session; the others are remembered. */
static void add_answers(struct app *app)
{
	const struct tui_memory *memory = app->options.memory;
	struct error err = {0};

	app_answers_free(app);
	if (memory == NULL || memory->answers == NULL ||
		!memory->answers(memory->context, app->session, APP_ANSWERS_MAX,
			&app->answers, &app->answer_count, &err)) {
		return; /* the open ones are shown all the same */
	}
	for (size_t i = 0; i < app->answer_count; i++) {
		if (questions_find(&app->questions, app->answers[i].number) == NULL) {
			add_answer(app, &app->answers[i]);
		}
	}
}

void app_fill_questions(struct app *app)
{
	for (size_t i = 0; i < app->questions.count; i++) {
		const struct protocol_question *question = nth_question(app, i);
		const int64_t age = (app_now_ms() - question->opened) / MS;
		char *title = question_text_title(question, TITLE_COLUMNS);
		char *vectors = question_text_vectors(question);
		char *program = question->chain_count > 0
					? question_text_program(&question->chain[0])
					: xstrdup("");
		const int64_t seconds = age > 0 ? age : 0;
		view_add(&app->view, question->id, STYLE_PLAIN,
			app->screen.columns < APP_WIDE
				? xasprintf("%s  by %s, for %" PRId64 " s%s", title,
					  program, seconds, vectors)
				: xasprintf("%5" PRId64 " s %3u waiting  %s  by %s%s",
					  seconds, question->waiting, title, program,
					  vectors));
		free(vectors);
		free(program);
		free(title);
	}
	add_answers(app);
	app->refill_at = app_monotonic_ms() + APP_REFILL_MS;
}

void app_fill_batch(struct app *app)
{
	for (size_t i = 0; i < app->batch_count; i++) {
		const struct protocol_question *question =
			questions_find(&app->questions, app->batch[i]);
		if (question != NULL) {
			char *title = question_text_title(question, TITLE_COLUMNS);
			view_add(&app->view, question->id, STYLE_PLAIN,
				xasprintf("%s %s", verdict_name(app->batch_verdict),
					title));
			free(title);
		}
	}
}
