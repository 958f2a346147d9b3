/* SPDX-License-Identifier: MIT */
#include "cli/rule_provenance.h"

#include "base/xalloc.h"
#include "cli/show.h"
#include "session/protocol.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { NANOSECONDS = 1000000000 };

static void put(FILE *out, const char *label, const char *safe)
{
	(void)fprintf(out, "%s\t%s\n", label, safe);
}

static void put_text(FILE *out, const char *label, struct text text)
{
	char *safe = show_text(text, 0);

	if (*safe) {
		put(out, label, safe);
	}
	free(safe);
}

/* ---- The rule itself ---- */

static void put_scope(FILE *out, const struct rule_record *rule)
{
	char *project = show_text(rule->project, 0);
	char date[SHOW_SIZE];
	char *scope = rule->scope == SCOPE_PROJECT ? xasprintf("in project %s", project)
		      : rule->session ? xasprintf("%s, in session %" PRId64,
						scope_name(rule->scope), rule->session)
				      : xstrdup(scope_name(rule->scope));

	put(out, "holds", scope);
	if (rule->until) {
		/* the last second in which it holds */
		put(out, "until", show_date((rule->until - 1) * NANOSECONDS, date));
	}
	free(scope);
	free(project);
}

static void put_use(FILE *out, const struct rule_record *rule)
{
	char times[SHOW_SIZE], date[SHOW_SIZE];
	char *use = rule->hits ? xasprintf("%s, last %s",
					 show_count(rule->hits, "action", times),
					 show_date(rule->last_hit, date))
			       : xstrdup("nothing yet");

	put(out, "decided", use);
	free(use);
}

/* ---- What it answered ---- */

static void put_program(
	FILE *out, const char *label, const struct protocol_program *program)
{
	char *command = show_command(program->argv, program->argc, 0);
	char *path = show_text(program->program, 0);
	char *script = show_text(program->script, 0);
	char *line = xasprintf("%s (%" PRId64 ")%s%s%s%s", path, program->pid,
		*script ? " running " : "", script, *command ? ": " : "", command);

	put(out, label, line);
	free(line);
	free(script);
	free(path);
	free(command);
}

/* The question as it was shown then, if it is still known. */
static void put_shown(FILE *out, struct text details)
{
	struct protocol_question shown;
	json_t *body = details.length > 0
			       ? json_loadb(details.bytes, details.length, 0, NULL)
			       : NULL;

	if (!body || !protocol_question_read(body, &shown)) {
		json_decref(body);
		return;
	}
	for (size_t i = 0; i < shown.chain_count; i++) {
		put_program(out,
			i == 0	 ? "asked by"
			: i == 1 ? "called by"
				 : "",
			&shown.chain[i]);
	}
	put_text(out, "in", shown.folder);
	put_text(out, "tool call", shown.mcp);
	for (size_t i = 0; i < shown.stack_count; i++) {
		put_text(out, i == 0 ? "stack" : "", shown.stack[i]);
	}
	protocol_question_finish(&shown);
	json_decref(body);
}

static void put_question(FILE *out, const struct question_record *question)
{
	char date[SHOW_SIZE], waited[SHOW_SIZE];
	char *object = show_object(question->object, question->argv, question->argc, 0);
	char *line = xasprintf("%s %s, question %" PRId64 " of session %" PRId64,
		verb_name(question->verb), object, question->number, question->session);

	put(out, "answered", line);
	free(line);
	free(object);
	put(out, "asked", show_date(question->time, date));
	if (question->answered) {
		line = xasprintf("%s, after %s", verdict_name(question->verdict),
			show_duration(question->answer_time - question->time, waited));
		put(out, "answer", line);
		free(line);
	}
	put_shown(out, question->details);
}

static bool put_origin(
	FILE *out, struct db *db, const struct rule_record *rule, struct error *err)
{
	struct question_record question;
	struct error local = {0};
	int64_t number = rule->origin_question;
	bool is_found = false;

	if (rule->origin_event) {
		char *event = xasprintf("%" PRId64 ".%" PRId64 " (duenna log %" PRId64
					")",
			rule->origin_session, rule->origin_event, rule->origin_session);

		put(out, "event", event);
		free(event);
	}
	if (number == 0) {
		return true;
	}
	if (!db_questions_begin(db, rule->origin_session, err)) {
		return false;
	}
	while (!is_found && db_questions_next(db, &question, &local)) {
		is_found = question.number == number;
	}
	if (is_found) {
		put_question(out, &question);
	} else if (!local.code) {
		char *gone = xasprintf("question %" PRId64 " of session %" PRId64
				       ", which is no longer recorded",
			number, rule->origin_session);

		put(out, "answered", gone);
		free(gone);
	}
	return !local.code || error_set(err, local.code, "%s", local.text);
}

static bool find_rule(
	struct db *db, int64_t id, struct rule_record *rule, struct error *err)
{
	const struct rule_filter filter = {.all = true};
	struct error local = {0};

	if (!db_rules_begin(db, &filter, err)) {
		return false;
	}
	while (db_rules_next(db, rule, &local)) {
		if (rule->id == id) {
			return true;
		}
	}
	return local.code ? error_set(err, local.code, "%s", local.text)
			  : error_set(err, ERROR_NOT_FOUND,
				    "there is no rule %" PRId64
				    "; duenna rules lists them",
				    id);
}

char *rule_provenance(struct db *db, int64_t id, struct error *err)
{
	struct rule_record rule;
	char date[SHOW_SIZE];
	char *text = NULL;
	size_t length;

	if (!find_rule(db, id, &rule, err)) {
		return NULL;
	}
	FILE *out = open_memstream(&text, &length);
	invariant(out != NULL);
	put_text(out, "rule", rule.text);
	put_scope(out, &rule);
	put_text(out, "note", rule.note);
	put(out, "stored", show_date(rule.created, date));
	put_text(out, "from", rule.source);
	put_use(out, &rule);
	bool is_good = put_origin(out, db, &rule, err);
	(void)fclose(out);
	if (!is_good) {
		free(text);
		return NULL;
	}
	return text;
}
