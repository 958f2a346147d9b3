/* SPDX-License-Identifier: MIT */
/* `duenna rules review`: stored rules that deserve a look. */
#include "base/xalloc.h"
#include "cli/cmd_rules.h"
#include "cli/event_json.h"
#include "cli/locations.h"
#include "cli/recordings.h"
#include "cli/show.h"
#include "rules/generalise.h"
#include "rules/glob.h"
#include "rules/printer.h"
#include "rules/review.h"
#include "session/protocol.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct stored {
	struct rule rule;
	char *project; /* NULL: everywhere */
	int64_t hits, created;
	size_t sessions; /* begun since then, where the rule holds */
	size_t objects;	 /* 0, 1, or 2 for more */
	struct rule only;
};

struct rules_reviewing {
	struct stored *stored;
	size_t count;
	struct rule_variables variables;
};

static bool read_stored(
	struct rules_reviewing *reviewing, struct db *db, struct error *err)
{
	const struct rule_filter filter = {.all = true};
	struct rule_record record;
	struct error local = {0};

	if (!db_rules_begin(db, &filter, err)) {
		return false;
	}
	while (db_rules_next(db, &record, &local)) {
		struct stored stored = {.hits = record.hits, .created = record.created};

		if (!db_rule_parse(&record, &stored.rule, &local)) {
			break;
		}
		stored.project =
			record.project.length ? text_copy(record.project) : NULL;
		reviewing->stored = xreallocarray(reviewing->stored,
			reviewing->count + 1, sizeof(*reviewing->stored));
		reviewing->stored[reviewing->count++] = stored;
	}
	return !local.code || error_set(err, local.code, "%s", local.text);
}

static struct stored *find_stored(struct rules_reviewing *reviewing, int64_t id)
{
	for (size_t i = 0; i < reviewing->count; i++) {
		if (reviewing->stored[i].rule.id == id) {
			return &reviewing->stored[i];
		}
	}
	return NULL;
}

/* What a rule decided, as the rule for just that. */
static void add_event(struct rules_reviewing *reviewing, const struct event *event)
{
	struct stored *stored =
		event->rule > 0 ? find_stored(reviewing, event->rule) : NULL;
	struct action action = {.verb = event->verb,
		.object = event->object,
		.argv = event->argv,
		.argc = event->argc,
		.is_folder = (event->flags & EVENT_FOLDER) != 0};
	struct rule exact;

	if (!stored || stored->objects > 1) {
		return;
	}
	if (verb_object_kind(event->verb) == OBJECT_HOST) {
		stored->objects = 2; /* one name may have many addresses */
		return;
	}
	generalise_exact(&action, &reviewing->variables, &exact);
	if (stored->objects == 0) {
		stored->only = exact;
		stored->objects = 1;
		return;
	}
	if (strcmp(stored->only.pattern, exact.pattern) != 0) {
		stored->objects = 2;
	}
	stored->only.verbs |= exact.verbs;
	rule_finish(&exact);
}

/* Rules of one session are not waited for in others. */
static void count_session(
	struct rules_reviewing *reviewing, const struct session_record *session)
{
	for (size_t i = 0; i < reviewing->count; i++) {
		struct stored *stored = &reviewing->stored[i];
		const bool holds =
			stored->rule.scope == SCOPE_ALWAYS ||
			(stored->rule.scope == SCOPE_PROJECT && stored->project &&
				text_equal_string(session->project, stored->project));
		stored->sessions += holds && session->started > stored->created;
	}
}

static bool read_session(
	struct rules_reviewing *reviewing, struct db *db, int64_t id, struct error *err)
{
	const struct event_filter filter = {.session = id};
	struct event event;
	struct error local = {0};

	if (!db_events_begin(db, &filter, err)) {
		return false;
	}
	while (db_events_next(db, &event, &local)) {
		add_event(reviewing, &event);
	}
	return !local.code || error_set(err, local.code, "%s", local.text);
}

static bool read_events(
	struct rules_reviewing *reviewing, struct db *db, struct error *err)
{
	struct session_record session;
	struct error local = {0};

	if (!db_sessions_begin(db, err)) {
		return false;
	}
	while (db_sessions_next(db, &session, &local)) {
		count_session(reviewing, &session);
		if (!read_session(reviewing, db, session.id, err)) {
			return false;
		}
	}
	return !local.code || error_set(err, local.code, "%s", local.text);
}

/* ---- Programs ---- */

/* True if the pattern names one file, and that is not there. */
static bool is_missing(const char *pattern, const struct rule_variables *variables)
{
	struct glob glob;
	bool missing = false;

	if (!pattern || !glob_compile(text_of(pattern), variables, &glob)) {
		return false;
	}
	if (glob_is_literal(&glob)) {
		char *path = xmalloc(glob.count + 1);

		for (size_t i = 0; i < glob.count; i++) {
			path[i] = (char)glob.units[i];
		}
		path[glob.count] = '\0';
		missing = access(path, F_OK) != 0;
		free(path);
	}
	glob_finish(&glob);
	return missing;
}

static bool names_missing_program(
	const struct rule *rule, const struct rule_variables *variables)
{
	return is_missing(rule->by, variables) || is_missing(rule->under, variables) ||
	       (rule->verbs == 1U << VERB_EXEC && is_missing(rule->pattern, variables));
}

/* ---- Output ---- */

static char *tightened(const struct stored *stored)
{
	struct rule rule = stored->rule; /* borrows everything */

	rule.pattern = stored->only.pattern;
	rule.argv_patterns = stored->only.argv_patterns;
	rule.argv_pattern_count = stored->only.argv_pattern_count;
	rule.has_argv = stored->only.has_argv;
	rule.verbs &= stored->only.verbs;
	return rule_print(&rule);
}

static void print_finding(
	const struct rules_reviewing *reviewing, const struct finding *finding)
{
	const struct stored *stored = &reviewing->stored[finding->rule];
	const struct stored *other = &reviewing->stored[finding->other];
	char *text = rule_print(&stored->rule);
	char *safe = show_text(text_of(text), 0);

	(void)printf("rule %lld: %s\n    %s", (long long)stored->rule.id, safe,
		finding_words(finding->kind));
	free(safe);
	free(text);
	if (finding->kind == FINDING_SHADOWED ||
		finding->kind == FINDING_CONTRADICTING) {
		text = rule_print(&other->rule);
		safe = show_text(text_of(text), 0);
		(void)printf(": rule %lld, %s", (long long)other->rule.id, safe);
		free(safe);
		free(text);
	} else if (finding->kind == FINDING_WIDE) {
		text = tightened(stored);
		safe = show_text(text_of(text), 0);
		(void)printf("; this would do: %s", safe);
		free(safe);
		free(text);
	}
	(void)putchar('\n');
}

static void print_json(
	const struct rules_reviewing *reviewing, const struct finding *finding)
{
	const struct stored *stored = &reviewing->stored[finding->rule];
	char *text = rule_print(&stored->rule);
	json_t *object = json_pack("{s:I,s:o,s:s}", "rule", (json_int_t)stored->rule.id,
		"text", protocol_text(text_of(text)), "finding",
		finding_name(finding->kind));

	free(text);
	if (finding->kind == FINDING_SHADOWED ||
		finding->kind == FINDING_CONTRADICTING) {
		(void)json_object_set_new(object, "other",
			json_integer(
				(json_int_t)reviewing->stored[finding->other].rule.id));
	} else if (finding->kind == FINDING_WIDE) {
		text = tightened(stored);
		(void)json_object_set_new(
			object, "tightened", protocol_text(text_of(text)));
		free(text);
	}
	json_print_line(object);
}

static void print_review(const struct rules_reviewing *reviewing, bool is_json)
{
	struct reviewed_rule *rules = xcalloc(reviewing->count + 1, sizeof(*rules));
	struct finding *findings = NULL;

	for (size_t i = 0; i < reviewing->count; i++) {
		const struct stored *stored = &reviewing->stored[i];

		rules[i] = (struct reviewed_rule){
			.rule = &stored->rule,
			.project = stored->project,
			.hits = stored->hits,
			.sessions = stored->sessions,
			.objects = stored->objects,
			.only = stored->objects == 1 ? &stored->only : NULL,
			.has_missing_program = names_missing_program(
				&stored->rule, &reviewing->variables),
		};
	}
	size_t count = rules_review(
		rules, reviewing->count, &reviewing->variables, time(NULL), &findings);
	invariant(count == 0 || reviewing->stored != NULL);
	for (size_t i = 0; i < count; i++) {
		if (is_json) {
			print_json(reviewing, &findings[i]);
		} else {
			print_finding(reviewing, &findings[i]);
		}
	}
	if (count == 0 && !is_json) {
		(void)puts("nothing to say about the stored rules");
	}
	free(findings);
	free(rules);
}

static int run_review(const struct command_line *line, struct error *err)
{
	struct rules_reviewing reviewing = {0};
	char *home = location_home(err);
	struct db *db = home ? show_open(line->database, err) : NULL;

	reviewing.variables =
		(struct rule_variables){.home = home, .project = line->project};
	if (db && read_stored(&reviewing, db, err) &&
		read_events(&reviewing, db, err)) {
		print_review(&reviewing, line->json);
	}
	for (size_t i = 0; i < reviewing.count; i++) {
		rule_finish(&reviewing.stored[i].rule);
		rule_finish(&reviewing.stored[i].only);
		free(reviewing.stored[i].project);
	}
	free(reviewing.stored);
	db_close(db);
	free(home);
	return EXIT_DONE;
}

const struct command rules_review_command = {
	.name = "review",
	.arguments = "",
	.summary = "say which stored rules deserve a look",
	.description =
		"Names stored rules that are over or end soon, never decided, are "
		"covered or contradicted by another, only ever decided about one "
		"thing, or name a program that is not there. Nothing is changed.",
	.common = COMMON_DATABASE | COMMON_PROJECT | COMMON_JSON,
	.run = run_review,
};
