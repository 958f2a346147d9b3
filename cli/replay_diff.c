/* SPDX-License-Identifier: MIT */
#include "cli/replay_diff.h"

#include "cli/event_json.h"
#include "cli/replay_totals.h"
#include "cli/report.h"
#include "cli/show.h"
#include "rules/printer.h"
#include "session/protocol.h"

#include <stdio.h>
#include <stdlib.h>

enum { INDENT = 8, PROGRAM_MAX = 16, OBJECT_MIN = 24 };

struct diff {
	struct db *db;
	int64_t session;
	bool json;
	size_t width;
};

/* Only what is printed is read as a whole; the judging reads less of each event. */
static bool event_read(
	struct diff *diff, int64_t seq, struct event *event, struct error *err)
{
	const struct event_filter filter = {.session = diff->session, .after = seq - 1};

	if (!db_events_begin(diff->db, &filter, err)) {
		return false;
	}
	return db_events_next(diff->db, event, err) ||
	       error_set(err, err->code ? err->code : ERROR_DAMAGED,
		       "event %lld cannot be read again", (long long)seq);
}

static void print_action(const struct diff *diff, const struct event *event)
{
	char *program = show_text(text_base_name(event->program), PROGRAM_MAX);
	size_t taken = INDENT + INDENT + strlen(program) + 2;
	size_t room = !diff->width			 ? 0
		      : diff->width > taken + OBJECT_MIN ? diff->width - taken
							 : OBJECT_MIN;
	char *object = show_object(event->object, event->argv, event->argc, room);

	(void)printf("%6lld  %-7s %s  %s\n", (long long)event->seq,
		verb_name(event->verb), object, program);
	free(program);
	free(object);
}

static void print_now(const struct diff *diff, const struct rejudged_action *rejudged)
{
	size_t room = diff->width > INDENT + INDENT + OBJECT_MIN
			      ? diff->width - INDENT - INDENT
			      : 0;

	if (rejudged->rule.length == 0) {
		(void)printf("%*snow  %-6s  no rule\n", INDENT, "",
			verdict_name(rejudged->now));
		return;
	}
	char *rule = show_text(rejudged->rule, room);
	char *source = show_text(rejudged->source, 0);
	(void)printf("%*snow  %-6s  %s%s%s\n", INDENT, "", verdict_name(rejudged->now),
		source, *source ? ": " : "", rule);
	free(rule);
	free(source);
}

static void print_rejudged(const struct diff *diff, const struct event *event,
	const struct rejudged_action *rejudged)
{
	print_action(diff, event);
	if (rejudged->obstacle) {
		(void)printf("%*scannot be judged again: %s\n", INDENT, "",
			rejudged->obstacle);
		return;
	}
	char *by = show_decider(event, diff->width ? diff->width - INDENT - INDENT : 0);
	(void)printf("%*sthen %-6s  %s%s\n", INDENT, "", verdict_name(event->verdict),
		rejudged->was_asked ? "asked: " : "", by);
	print_now(diff, rejudged);
	free(by);
}

static void set(json_t *object, const char *key, json_t *value)
{
	(void)json_object_set_new(object, key, value); /* fails only without memory */
}

static json_t *text_or_null(struct text text)
{
	return text.length ? protocol_text(text) : json_null();
}

static json_t *now_json(const struct rejudged_action *rejudged)
{
	json_t *now = json_object();

	if (rejudged->obstacle) {
		json_decref(now);
		return json_null();
	}
	set(now, "verdict", json_string(verdict_name(rejudged->now)));
	set(now, "rule_text", text_or_null(rejudged->rule));
	set(now, "reason", text_or_null(rejudged->source));
	return now;
}

static void print_json(
	const struct event *event, const struct rejudged_action *rejudged)
{
	json_t *object = json_object();

	set(object, "kind",
		json_string(rejudged->obstacle ? "not_judged" : "difference"));
	set(object, "then", event_json(event));
	set(object, "was_asked", json_boolean(rejudged->was_asked));
	set(object, "now", now_json(rejudged));
	set(object, "obstacle",
		rejudged->obstacle ? json_string(rejudged->obstacle) : json_null());
	json_print_line(object);
}

static bool report(
	void *context, const struct rejudged_action *rejudged, struct error *err)
{
	struct diff *diff = context;
	struct event event;

	if (!event_read(diff, rejudged->seq, &event, err)) {
		return false;
	}
	if (diff->json) {
		print_json(&event, rejudged);
	} else {
		print_rejudged(diff, &event, rejudged);
	}
	return true;
}

static void print_totals(
	const struct diff *diff, const struct rejudge_totals *totals, bool were_sealed)
{
	if (diff->json) {
		json_t *object = replay_totals_json(totals);
		set(object, "kind", json_string("totals"));
		set(object, "session", json_integer(diff->session));
		set(object, "reads_unjudged", json_boolean(were_sealed));
		json_print_line(object);
		return;
	}
	replay_totals_print(totals, stdout);
	if (were_sealed) {
		(void)puts("Reads were not judged in this session (--reads sealed): "
			   "none of them is here.");
	}
}

static void print_unmatched(const struct diff *diff, const struct rejudge *rejudge)
{
	const struct rule *rule;

	for (size_t i = 0; (rule = rejudge_unmatched(rejudge, i)); i++) {
		char *text = rule_print(rule);
		if (diff->json) {
			json_t *object = json_object();
			set(object, "kind", json_string("unmatched_rule"));
			set(object, "rule_text", protocol_text(text_of(text)));
			set(object, "reason", text_or_null(text_of(rule->source)));
			json_print_line(object);
		} else {
			char *shown = show_text(text_of(text), 0);
			char *source = show_text(text_of(rule->source), 0);
			(void)printf("%s  %s%s%s\n",
				i == 0 ? "rules that never matched:\n" : "", source,
				*source ? ": " : "", shown);
			free(shown);
			free(source);
		}
		free(text);
	}
}

bool replay_diff(struct db *db, const struct session_record *session,
	const struct rejudge_options *options, bool json, bool *is_different,
	struct error *err)
{
	struct diff diff = {
		.db = db,
		.session = session->id,
		.json = json,
		.width = json ? 0 : show_width(),
	};
	bool were_sealed = rejudge_reads_were_sealed(session);
	struct rejudge *rejudge = rejudge_create(session, options, err);

	if (!rejudge) {
		return false;
	}
	if (!rejudge_has_places(rejudge)) {
		report_warning("session %lld does not say where its folders lay; those "
			       "of a session here are taken",
			(long long)session->id);
	}
	bool is_good = rejudge_run(rejudge, db, report, &diff, err);
	if (is_good) {
		print_unmatched(&diff, rejudge);
		print_totals(&diff, rejudge_totals(rejudge), were_sealed);
		*is_different = rejudge_totals(rejudge)->different > 0;
	}
	rejudge_destroy(rejudge);
	return is_good && report_output_written(err);
}
