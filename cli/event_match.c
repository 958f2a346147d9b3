/* SPDX-License-Identifier: MIT */
/*
 * A pattern means different things for paths, hosts and programs, so it becomes one rule
 * for each verb that it is valid for, and an event matches if its action would.
 */
#include "cli/event_match.h"

#include "base/xalloc.h"
#include "cli/locations.h"
#include "rules/parser.h"
#include "rules/rule_index.h"
#include "session/recorded_facts.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct event_match {
	struct rule_index *index;
};

static void add_rule(
	struct rule_list *list, enum verb verb, const char *pattern, struct error *err)
{
	char *text = xasprintf("allow %s %s", verb_name(verb), pattern);
	struct rule rule;

	if (rule_parse_line(text_of(text), &rule, err)) {
		rule_list_take(list, &rule);
	}
	free(text);
}

struct event_match *event_match_create(
	const char *pattern, const struct session_record *session, struct error *err)
{
	struct rule_list list = {0};
	struct error first = {0};
	char *home = location_home(err);

	if (!home) {
		return NULL;
	}
	for (int verb = 0; verb < VERB_COUNT; verb++) {
		struct error local = {0};

		add_rule(&list, (enum verb)verb, pattern, &local);
		if (!first.code) {
			first = local;
		}
	}
	if (list.count == 0) {
		/* The column counts from a verb that nobody wrote. */
		const char *message = strstr(first.text, ": ");

		(void)error_set(err, ERROR_USAGE, "--match %s: %s", pattern,
			message ? message + 2 : first.text);
		free(home);
		return NULL;
	}
	char *project = session->project.length ? text_copy(session->project) : NULL;
	struct rule_variables variables = {.home = home, .project = project};
	struct event_match *match = xcalloc(1, sizeof(*match));
	match->index = rule_index_create(&list, &variables);
	rule_list_finish(&list);
	free(home);
	free(project);
	return match;
}

void event_match_destroy(struct event_match *match)
{
	if (!match) {
		return;
	}
	rule_index_destroy(match->index);
	free(match);
}

bool event_match(const struct event_match *match, const struct event *event)
{
	const struct subject subject = {.program = event->program};
	struct text names[ENDPOINT_NAMES_MAX];
	struct action action;

	recorded_facts_action(&action, event, names);
	return rule_index_judge(match->index, &action, &subject, time(NULL)).rule !=
	       NULL;
}
