/* SPDX-License-Identifier: MIT */
#include "cli/learn_report.h"

#include "base/escape.h"
#include "cli/event_json.h"
#include "cli/show.h"
#include "cli/vectors.h"
#include "rules/printer.h"
#include "rules/vector.h"
#include "session/protocol.h"

#include <inttypes.h>
#include <stdlib.h>

enum { EVIDENCE_MAX = 4, LISTED_MAX = 12 };

/* ---- Rule file ---- */

static void write_sessions(const struct learn_report *report, FILE *file)
{
	(void)fprintf(file, "# Learned from session%s",
		report->session_count == 1 ? "" : "s");
	for (size_t i = 0; i < report->session_count; i++) {
		(void)fprintf(file, "%s%" PRId64, i ? ", " : " ", report->sessions[i]);
	}
	(void)fputs(".\n", file);
}

static void write_totals(const struct learn_report *report, FILE *file)
{
	const struct learn_totals *totals = &report->learned->totals;
	char questions[SHOW_SIZE], sessions[SHOW_SIZE];

	(void)fprintf(file, "# Tested on %s with %" PRId64 " events.\n",
		show_count(report->tested_sessions, "session", sessions),
		totals->events);
	(void)fprintf(file,
		"# Of %s to a person the rules in force would answer %" PRId64
		" now,\n# these rules another %" PRId64 ".\n",
		show_count(totals->questions, "question", questions),
		totals->questions_answered, totals->questions_saved);
	(void)fprintf(file,
		"# Of %" PRId64 " events that a person or a rule denied they let "
		"through %" PRId64 ".\n",
		totals->denials, totals->let_through);
	if (totals->unknown > 0) {
		(void)fprintf(file, "# %" PRId64 " events could not be judged again.\n",
			totals->unknown);
	}
}

static void write_evidence(const struct proposal *proposal, FILE *file)
{
	char events[SHOW_SIZE], sessions[SHOW_SIZE], answers[SHOW_SIZE];

	(void)fprintf(file, "# %s in %s, %s; first of each:",
		show_count(proposal->events, "event", events),
		show_count(proposal->sessions, "session", sessions),
		show_count(proposal->answers, "answer", answers));
	for (size_t i = 0; i < proposal->example_count && i < EVIDENCE_MAX; i++) {
		const struct recorded_action *first = proposal->examples[i]->records[0];

		(void)fprintf(
			file, " %" PRId64 ".%" PRId64, first->session, first->event);
	}
	(void)fputs(proposal->example_count > EVIDENCE_MAX ? " …\n" : "\n", file);
}

static void write_names(char *const *names, FILE *file)
{
	for (size_t i = 0; i < COVER_NAMES_MAX && names[i]; i++) {
		char *safe = show_text(text_of(names[i]), 0);

		(void)fprintf(file, "%s%s", i ? ", " : ": ", safe);
		free(safe);
	}
	(void)fputc('\n', file);
}

static void write_cover(const struct cover *cover, FILE *file)
{
	char count[SHOW_SIZE];

	if (!cover->is_known) {
		return;
	}
	(void)fprintf(file, "# newly covers %s%s that exist%s now",
		cover->is_complete ? "" : "at least ",
		show_count((int64_t)cover->files, "file", count),
		cover->files == 1 ? "s" : "");
	write_names(cover->names, file);
	if (cover->sensitive > 0) {
		(void)fprintf(file, "# %s it matches stay as other rules have it",
			show_count((int64_t)cover->sensitive, "file", count));
		write_names(cover->sensitive_names, file);
	}
}

static void write_rules(const struct rule_list *list, FILE *file)
{
	for (size_t i = 0; i < list->count; i++) {
		char *text = rule_print(&list->rules[i]);

		(void)fprintf(file, "%s\n", text);
		free(text);
	}
}

static void write_proposal(const struct learn_report *report, size_t at, FILE *file)
{
	const struct proposal *proposal = &report->learned->proposals[at];
	const unsigned vectors = proposal_vectors(proposal);

	(void)fputc('\n', file);
	write_evidence(proposal, file);
	if (vectors != 1u << vector_foremost(vectors)) {
		char *words = vectors_words(vectors);
		(void)fprintf(file, "# has to do with: %s\n", words);
		free(words);
	}
	write_cover(&report->covers[at], file);
	write_rules(&proposal->rules, file);
}

/* Of the vector that tells most of each, so that every rule stands there once. */
static void write_of_vector(const struct learn_report *report, bool is_unreviewed,
	enum vector vector, FILE *file)
{
	bool is_first = true;

	for (size_t i = 0; i < report->learned->count; i++) {
		const struct proposal *proposal = &report->learned->proposals[i];

		if (proposal->is_unreviewed != is_unreviewed ||
			vector_foremost(proposal_vectors(proposal)) != vector) {
			continue;
		}
		if (is_first) {
			(void)fprintf(file, "\n# ---- %s ----\n", vector_name(vector));
		}
		is_first = false;
		write_proposal(report, i, file);
	}
}

static void write_group(
	const struct learn_report *report, bool is_unreviewed, FILE *file)
{
	const struct learned *learned = report->learned;
	size_t count = 0;

	for (size_t i = 0; i < learned->count; i++) {
		count += learned->proposals[i].is_unreviewed == is_unreviewed;
	}
	if (count > 0 && is_unreviewed) {
		(void)fputs("\n# UNREVIEWED: nobody approved what follows; it was only "
			    "seen to happen.\n",
			file);
	}
	for (int i = 0; report->is_grouped && i < VECTOR_COUNT; i++) {
		write_of_vector(report, is_unreviewed, (enum vector)i, file);
	}
	for (size_t i = 0; !report->is_grouped && i < learned->count; i++) {
		if (learned->proposals[i].is_unreviewed == is_unreviewed) {
			write_proposal(report, i, file);
		}
	}
}

static void write_examples(const char *title, const struct example *const *examples,
	size_t count, FILE *file)
{
	if (count == 0) {
		return;
	}
	(void)fprintf(file, "\n# %s\n", title);
	for (size_t i = 0; i < count && i < LISTED_MAX; i++) {
		char *text = rule_print(&examples[i]->exact);
		char *safe = escape_copy(text_of(text));

		/* As a rule it would read "allow …"; what stays is the action. */
		(void)fprintf(file, "#   %s\n", safe + strlen("allow "));
		free(safe);
		free(text);
	}
	if (count > LISTED_MAX) {
		(void)fprintf(file, "#   and %zu more\n", count - LISTED_MAX);
	}
}

static void write_open(const struct open_actions *open, FILE *file)
{
	if (open->count == 0) {
		return;
	}
	(void)fputs("\n# Asked or denied, and no rule decides about it yet:\n", file);
	for (size_t i = 0; i < open->count && i < LISTED_MAX; i++) {
		char *text = rule_print(&open->actions[i].ladder.rungs[0].rule);
		char *safe = escape_copy(text_of(text));
		char *reason = open_action_reason(&open->actions[i]);

		(void)fprintf(file, "#   %s (%s)\n", safe + strlen("allow "), reason);
		free(reason);
		free(safe);
		free(text);
	}
	if (open->count + open->left_out > LISTED_MAX) {
		(void)fprintf(file, "#   and %zu more\n",
			open->count + open->left_out - LISTED_MAX);
	}
}

void learn_report_write(const struct learn_report *report, FILE *file)
{
	const struct learned *learned = report->learned;

	write_sessions(report, file);
	write_totals(report, file);
	if (learned->count == 0) {
		(void)fputs("\n# There is nothing new to allow.\n", file);
	}
	write_group(report, false, file);
	write_group(report, true, file);
	write_examples("Approved, but asked about each time: a rule asks, or it is "
		       "dangerous.",
		learned->kept, learned->kept_count, file);
	write_examples("Approved, but not learned: it was denied as well, or only part "
		       "of what allowed it is known.",
		learned->conflicting, learned->conflicting_count, file);
	write_open(report->open, file);
	if (learned->expectations.count > 0) {
		(void)fputc('\n', file);
		write_rules(&learned->expectations, file);
	}
}

/* ---- JSON ---- */

static json_t *rules_json(const struct rule_list *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->count; i++) {
		char *text = rule_print(&list->rules[i]);

		(void)json_array_append_new(array, protocol_text(text_of(text)));
		free(text);
	}
	return array;
}

static json_t *evidence_json(const struct proposal *proposal)
{
	json_t *array = json_array();

	for (size_t i = 0; i < proposal->example_count; i++) {
		const struct example *example = proposal->examples[i];

		for (size_t j = 0; j < example->count; j++) {
			const struct recorded_action *recorded = example->records[j];

			(void)json_array_append_new(
				array, json_pack("{s:I,s:I,s:I,s:o}", "session",
					       (json_int_t)recorded->session, "event",
					       (json_int_t)recorded->event, "question",
					       (json_int_t)recorded->question, "object",
					       protocol_text(recorded->action.object)));
		}
	}
	return array;
}

static json_t *names_json(char *const *names)
{
	json_t *array = json_array();

	for (size_t i = 0; i < COVER_NAMES_MAX && names[i]; i++) {
		(void)json_array_append_new(array, protocol_text(text_of(names[i])));
	}
	return array;
}

static json_t *cover_json(const struct cover *cover)
{
	if (!cover->is_known) {
		return json_null();
	}
	return json_pack("{s:b,s:I,s:o,s:I,s:o}", "complete", cover->is_complete,
		"files", (json_int_t)cover->files, "some", names_json(cover->names),
		"not_allowed", (json_int_t)cover->sensitive, "not_allowed_some",
		names_json(cover->sensitive_names));
}

static json_t *proposal_json(const struct proposal *proposal, const struct cover *cover)
{
	return json_pack("{s:o,s:b,s:I,s:I,s:I,s:o,s:o,s:o}", "rules",
		rules_json(&proposal->rules), "unreviewed", proposal->is_unreviewed,
		"events", (json_int_t)proposal->events, "sessions",
		(json_int_t)proposal->sessions, "answers",
		(json_int_t)proposal->answers, "evidence", evidence_json(proposal),
		"vectors", vectors_json(proposal_vectors(proposal)), "covers",
		cover_json(cover));
}

static json_t *examples_json(const struct example *const *examples, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++) {
		char *text = rule_print(&examples[i]->exact);

		(void)json_array_append_new(
			array, protocol_text(text_of(text + strlen("allow "))));
		free(text);
	}
	return array;
}

static json_t *totals_json(const struct learn_report *report)
{
	const struct learn_totals *totals = &report->learned->totals;

	return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "sessions",
		(json_int_t)report->tested_sessions, "events",
		(json_int_t)totals->events, "questions", (json_int_t)totals->questions,
		"questions_answered", (json_int_t)totals->questions_answered,
		"questions_saved", (json_int_t)totals->questions_saved, "denials",
		(json_int_t)totals->denials, "let_through",
		(json_int_t)totals->let_through, "unknown", (json_int_t)totals->unknown,
		"dropped", (json_int_t)totals->dropped);
}

static json_t *open_json(const struct open_actions *open)
{
	json_t *array = json_array();

	for (size_t i = 0; i < open->count; i++) {
		const struct open_action *action = &open->actions[i];
		char *text = rule_print(&action->ladder.rungs[0].rule);

		(void)json_array_append_new(array,
			json_pack("{s:o,s:o,s:s,s:b,s:I,s:I,s:I}", "action",
				protocol_text(text_of(text + strlen("allow "))),
				"vectors", vectors_json(action->first->vectors),
				"verdict", verdict_name(action->first->verdict),
				"headless", action->first->by == RECORDED_BY_HEADLESS,
				"events", (json_int_t)action->events, "session",
				(json_int_t)action->first->session, "event",
				(json_int_t)action->first->event));
		free(text);
	}
	return array;
}

json_t *learn_report_json(const struct learn_report *report)
{
	const struct learned *learned = report->learned;
	json_t *sessions = json_array();
	json_t *proposals = json_array();

	for (size_t i = 0; i < report->session_count; i++) {
		(void)json_array_append_new(
			sessions, json_integer((json_int_t)report->sessions[i]));
	}
	for (size_t i = 0; i < learned->count; i++) {
		(void)json_array_append_new(proposals,
			proposal_json(&learned->proposals[i], &report->covers[i]));
	}
	return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "sessions", sessions,
		"proposals", proposals, "kept",
		examples_json(learned->kept, learned->kept_count), "conflicting",
		examples_json(learned->conflicting, learned->conflicting_count),
		"expectations", rules_json(&learned->expectations), "open",
		open_json(report->open), "back_test", totals_json(report));
}
