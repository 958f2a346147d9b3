/* SPDX-License-Identifier: MIT */
/* `duenna why`: what the rules in force say of an action, and for which reason. */
#include "cli/commands.h"
#include "cli/rules_in_force.h"
#include "cli/show.h"
#include "cli/typed_action.h"
#include "cli/why_event.h"
#include "session/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MATCHES_MAX = 64, WORDS_SIZE = 256 };

static void print_verdict(const struct action *action, const struct judgement *judged)
{
	char *object = show_object(action->object, action->argv, action->argc, 0);

	(void)printf("%s %s %s\n", verdict_name(judged->verdict),
		verb_name(action->verb), object);
	free(object);
}

static const char *origin_words(const struct rule *rule, char buffer[static WORDS_SIZE])
{
	if (rule->id > 0) {
		(void)snprintf(buffer, WORDS_SIZE, "rule %lld, %s", (long long)rule->id,
			rule->source ? rule->source : rule_origin_name(rule->origin));
	} else {
		(void)snprintf(buffer, WORDS_SIZE, "%s",
			rule->source ? rule->source : rule_origin_name(rule->origin));
	}
	return buffer;
}

static void print_match(
	struct rule_set *set, const struct rule *const *rules, size_t index)
{
	char origin[WORDS_SIZE], reason[WORDS_SIZE];
	char *text = show_text(rule_set_text(set, rules[index]), 0);
	char *from = show_text(text_of(origin_words(rules[index], origin)), 0);

	(void)printf("  %s  (%s)\n", text, from);
	if (index > 0) {
		rule_index_explain(
			set->index, rules[0], rules[index], reason, sizeof(reason));
		(void)printf("      the first decides: %s\n", reason);
	}
	free(text);
	free(from);
}

static void print_missing(unsigned facts)
{
	static const struct {
		enum fact fact;
		const char *words;
	} names[] = {
		{FACT_CODE, "which code the call comes from"},
		{FACT_MCP, "which MCP tool is being called"},
		{FACT_LABELS, "which labelled objects the process has touched"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (facts & names[i].fact) {
			(void)printf("It could be otherwise by %s.\n", names[i].words);
		}
	}
}

/* True if a rule decides that names something which leads there by a link. */
static bool is_by_link(const struct rules_in_force *rules, const struct link_use *use,
	const struct judgement *judged, struct judgement *by_link)
{
	return judge_by_links(&rules->sources.links, rules->set->index, use, by_link) &&
	       verdict_strictness(by_link->verdict) >
		       verdict_strictness(judged->verdict) &&
	       !judge_link_yields(by_link->rule, judged->rule);
}

static void print_matches(struct rule_set *set, const struct link_use *use)
{
	const struct rule *rules[MATCHES_MAX];
	size_t count = rule_index_matches(
		set->index, use->action, use->subject, use->now, rules, MATCHES_MAX);

	if (count == 0) {
		(void)puts(
			"\nNo rule matches, so a person is asked; with nobody to ask "
			"it is denied.");
	} else {
		(void)puts(count == 1 ? "\nOne rule matches:"
				      : "\nThese rules match, the deciding one first:");
	}
	for (size_t i = 0; i < count; i++) {
		print_match(set, rules, i);
	}
}

static void explain(const struct rules_in_force *rules, const struct action *action,
	const struct subject *subject)
{
	const struct link_use use = {action, subject, time(NULL), false};
	const struct judgement judged =
		rule_index_judge(rules->set->index, action, subject, use.now);
	struct judgement by_link;
	const bool has_link = is_by_link(rules, &use, &judged, &by_link);

	print_verdict(action, has_link ? &by_link : &judged);
	if (has_link) {
		(void)puts("\nA name that leads there by a symbolic link has the rule "
			   "that decides:");
		print_match(rules->set, &by_link.rule, 0);
	}
	print_matches(rules->set, &use);
	print_missing(judged.facts_missing | (has_link ? by_link.facts_missing : 0));
}

static int run_why(const struct command_line *line, struct error *err)
{
	struct rules_in_force rules;
	struct typed_action typed;
	struct why_event recorded;

	if (!rules_in_force_load(&rules, line->database, line->project, NULL, err)) {
		return EXIT_DONE;
	}
	if (line->arguments[2] == NULL && strcmp(line->arguments[0], "event") == 0) {
		if (why_event_init(
			    &recorded, line->database, line->arguments[1], err)) {
			why_event_print(&recorded);
			explain(&rules, &recorded.action, &recorded.subject);
			why_event_finish(&recorded);
		}
	} else if (typed_action_init(&typed, line->arguments, option_text(line, "by"),
			   rules.places.home, err)) {
		explain(&rules, &typed.action, &typed.subject);
		typed_action_finish(&typed);
	}
	rules_in_force_finish(&rules);
	return EXIT_DONE;
}

static const struct option_row why_options[] = {
	{.name = "by",
		.value = "PROGRAM",
		.meaning = "as if this program did it; none by default"},
	{0},
};

const struct command command_why = {
	.name = "why",
	.arguments = "VERB OBJECT [ARG...]",
	.summary = "say what the rules make of an action, and why",
	.description =
		"Judges the action by the rules that a new session would have here "
		"and prints the verdict, every rule that matches, and why the "
		"first of them decides. ARGs are the arguments of a program to "
		"exec.\n"
		"With event SESSION.NUMBER, judges a recorded action, and prints what "
		"was decided\nthen and the call stack that it came from.",
	.common = COMMON_DATABASE | COMMON_PROJECT,
	.options = why_options,
	.arguments_min = 2,
	.arguments_max = ARGUMENTS_ANY,
	.run = run_why,
};
