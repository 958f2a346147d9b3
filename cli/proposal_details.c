/* SPDX-License-Identifier: MIT */
#include "cli/proposal_details.h"

#include "base/escape.h"
#include "base/xalloc.h"
#include "cli/show.h"
#include "cli/vectors.h"
#include "rules/danger.h"
#include "rules/printer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { EXAMPLES_MAX = 8 };

static void write_rule(FILE *out, const char *label, const struct rule *rule)
{
	char *text = rule_print(rule);
	char *safe = escape_copy(text_of(text));

	(void)fprintf(out, "%s\t%s\n", label, safe);
	free(safe);
	free(text);
}

static void write_examples(FILE *out, const struct proposal *proposal)
{
	for (size_t i = 0; i < proposal->example_count && i < EXAMPLES_MAX; i++) {
		const struct example *example = proposal->examples[i];
		const struct recorded_action *first = example->records[0];
		char *text = rule_print(&example->exact);
		char *safe = escape_copy(text_of(text));
		char *program = show_text(first->subject->program, 0);

		(void)fprintf(out, "%s\t%s, by %s (event %" PRId64 ".%" PRId64 ")\n",
			i == 0 ? "approved" : "", safe + strlen("allow "), program,
			first->session, first->event);
		free(program);
		free(safe);
		free(text);
	}
	if (proposal->example_count > EXAMPLES_MAX) {
		(void)fprintf(out, "\tand %zu more\n",
			proposal->example_count - EXAMPLES_MAX);
	}
}

static void write_vectors(FILE *out, unsigned vectors)
{
	char *words = vectors_words(vectors);

	(void)fprintf(out, "concerns\t%s\n", words);
	free(words);
}

static void write_names(FILE *out, char *const *names)
{
	for (size_t i = 0; i < COVER_NAMES_MAX && names[i]; i++) {
		char *safe = show_text(text_of(names[i]), 0);

		(void)fprintf(out, "%s%s", i ? ", " : ": ", safe);
		free(safe);
	}
	(void)fputc('\n', out);
}

static void write_cover(FILE *out, const struct cover *cover)
{
	char count[SHOW_SIZE];

	if (!cover->is_known) {
		return;
	}
	(void)fprintf(out, "also\t%s%s that exist%s now",
		cover->is_complete ? "" : "at least ",
		show_count((int64_t)cover->files, "other file", count),
		cover->files == 1 ? "s" : "");
	write_names(out, cover->names);
	if (cover->sensitive > 0) {
		(void)fprintf(out, "not\t%s that it matches: other rules still decide",
			show_count((int64_t)cover->sensitive, "file", count));
		write_names(out, cover->sensitive_names);
	}
}

/* Hosts are not on a disk: what else is meant can only be said. */
static void write_hosts(FILE *out, const struct rule *rule)
{
	bool is_host = (rule->verbs & (1u << VERB_CONNECT | 1u << VERB_LISTEN)) != 0;

	if (is_host && strncmp(rule->pattern, "*.", 2) == 0) {
		char *safe = show_text(text_of(rule->pattern + 2), 0);

		(void)fprintf(out, "also\tevery other host below %s\n", safe);
		free(safe);
	}
}

static void write_back_test(
	FILE *out, const struct learning *learning, const struct rule *rule)
{
	struct rule_matches matches;
	char events[SHOW_SIZE], sessions[SHOW_SIZE];

	learner_count_matches(learning->learner, rule, &matches);
	(void)fprintf(out,
		"back-test\t%s in %s match it; of %" PRId64 " that were denied it lets "
		"through %" PRId64 "\n",
		show_count(matches.events, "recorded event", events),
		show_count(learning_tested(learning), "session", sessions),
		matches.denied, matches.let_through);
}

char *proposal_details(const struct learning *learning, size_t at)
{
	const struct proposal *proposal = &learning->learned.proposals[at];
	char events[SHOW_SIZE], sessions[SHOW_SIZE], answers[SHOW_SIZE];
	struct cover cover;
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	invariant(out != NULL);
	write_rule(out, "rule", &proposal->rules.rules[0]);
	for (size_t i = 1; i < proposal->rules.count; i++) {
		write_rule(out, "with it", &proposal->rules.rules[i]);
	}
	if (proposal->is_unreviewed) {
		(void)fputs("REVIEWED\tby nobody: it was only seen to happen\n", out);
	}
	(void)fprintf(out, "evidence\t%s in %s, %s\n",
		show_count(proposal->events, "event", events),
		show_count(proposal->sessions, "session", sessions),
		show_count(proposal->answers, "answer", answers));
	write_vectors(out, proposal_vectors(proposal));
	cover_find(learning_own_place(learning), proposal, &cover);
	write_cover(out, &cover);
	cover_finish(&cover);
	write_hosts(out, &proposal->rules.rules[0]);
	write_back_test(out, learning, &proposal->rules.rules[0]);
	write_examples(out, proposal);
	(void)fclose(out);
	return text;
}

char *proposal_details_open(
	const struct learning *learning, const struct open_action *action)
{
	const struct recorded_action *first = action->first;
	const char *danger =
		danger_note(&first->action, &learning_own_place(learning)->variables);
	char *program = show_text(first->subject->program, 0);
	char *reason = open_action_reason(action);
	char *obstacle = open_action_obstacle(learning, action);
	struct rule rule;
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	invariant(out != NULL);
	open_action_rule(action, &rule);
	write_rule(out, "rule", &rule);
	(void)fprintf(out, "covers\t%s\n", action->ladder.rungs[action->rung].label);
	if (danger) {
		(void)fprintf(out, "DANGER\t%s\n", danger);
	}
	if (obstacle) {
		(void)fprintf(out, "no effect\t%s\n", obstacle);
	}
	write_vectors(out, first->vectors);
	(void)fprintf(out, "was\t%s (event %" PRId64 ".%" PRId64 "), by %s\n", reason,
		first->session, first->event, program);
	write_back_test(out, learning, &rule);
	(void)fclose(out);
	rule_finish(&rule);
	free(obstacle);
	free(reason);
	free(program);
	return text;
}
