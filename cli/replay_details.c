/* SPDX-License-Identifier: MIT */
/* Everything known of one recorded event, as lines for people. */
#include "base/escape.h"
#include "base/xalloc.h"
#include "cli/event_json.h"
#include "cli/replay_recording.h"
#include "cli/show.h"
#include "session/protocol.h"
#include "tui/lines.h"

#include <stdlib.h>
#include <string.h>

enum { CALLERS_MAX = 20, FRAMES_MAX = 200 };

static void add(struct lines *lines, const char *label, char *safe)
{
	if (*safe != '\0') {
		lines_field(lines, label, safe, 0);
	}
	free(safe);
}

static char *moment(const struct replay_recording *recording, const struct event *event)
{
	char date[SHOW_SIZE], after[SHOW_SIZE];

	return xasprintf("%s, %s after the start", show_date(event->time, date),
		show_duration(event->time - recording->session->started, after));
}

static void describe_action(struct lines *lines, const struct event *event)
{
	char *object = show_object(event->object, event->argv, event->argc, 0);
	char *code = event->error != 0 ? xasprintf("%s (%s)",
						 strerrorname_np(event->error) != NULL
							 ? strerrorname_np(event->error)
							 : "error",
						 strerror(event->error))
				       : xstrdup("");

	add(lines, "action", xasprintf("%s %s", verb_name(event->verb), object));
	add(lines, "asked as", escape_copy(event->asked_as));
	add(lines, "call", escape_copy(event->syscall));
	add(lines, "error", code);
	free(object);
}

static void describe_verdict(const struct replay_recording *recording,
	struct lines *lines, const struct event *event)
{
	char waited[SHOW_SIZE];
	char *by = show_decider(event, 0);

	add(lines, "verdict", xasprintf("%s: %s", verdict_name(event->verdict), by));
	free(by);
	if (event->question != 0) {
		add(lines, "question",
			xasprintf("%lld, waited %s", (long long)event->question,
				show_duration(event->waited_ms * 1000000, waited)));
	}
	const struct replay_change_record *change =
		recording->changes != NULL
			? replay_changes_find(recording->changes, event->seq)
			: NULL;
	if (change == NULL) {
		if (recording->changes != NULL) {
			add(lines, "now", xstrdup("the same"));
		}
		return;
	}
	if (change->obstacle != NULL) {
		add(lines, "now", xasprintf("not possible: %s", change->obstacle));
		return;
	}
	const struct replay_change_rule *rule =
		&recording->changes->rules[change->rule];
	char *text = escape_copy(rule->rule);
	char *source = escape_copy(rule->source);
	add(lines, "now",
		xasprintf("%s: %s%s%s", verdict_name(change->now), source,
			*source != '\0' ? ": " : "", *text != '\0' ? text : "no rule"));
	free(source);
	free(text);
}

static void describe_callers(const struct replay_recording *recording,
	struct lines *lines, const struct event *event)
{
	const struct replay_image *image = replay_image_find(recording, event->process);

	for (int i = 0; i < CALLERS_MAX && image != NULL; i++) {
		add(lines, i == 0 ? "by" : "called by",
			xasprintf("%lld %s", (long long)image->pid, image->words));
		image = replay_image_find(
			recording, recording->images[image->root].parent);
	}
}

static char *frame_words(const json_t *frame)
{
	struct text file = protocol_text_read(json_object_get(frame, "file"));
	struct text function = protocol_text_read(json_object_get(frame, "function"));
	const json_int_t line = json_integer_value(json_object_get(frame, "line"));
	const json_int_t offset = json_integer_value(json_object_get(frame, "offset"));
	char *where = escape_copy(file.bytes != NULL ? file : text_of("?"));
	char *what = escape_copy(function.bytes != NULL ? function : text_of(""));
	char *words = line > 0 ? xasprintf("%s:%lld %s", where, (long long)line, what)
		      : *what != 0 ? xasprintf("%s+0x%llx in %s", what,
					     (unsigned long long)offset, where)
				   : xasprintf("%s+0x%llx", where,
					     (unsigned long long)offset);

	free(where);
	free(what);
	free((void *)(uintptr_t)file.bytes);
	free((void *)(uintptr_t)function.bytes);
	return words;
}

static void describe_stack(struct lines *lines, const struct event *event)
{
	json_t *whole = event_json(event);
	const json_t *stack = json_object_get(whole, "stack");
	const size_t count = json_array_size(stack);

	for (size_t i = 0; i < count && i < FRAMES_MAX; i++) {
		add(lines, i == 0 ? "stack" : "",
			frame_words(json_array_get(stack, i)));
	}
	if (count == 0) {
		add(lines, "stack", xstrdup("not taken"));
	}
	json_decref(whole);
}

char *replay_event_details(
	void *context, int64_t seq, unsigned columns, struct error *err)
{
	const struct replay_recording *recording = context;
	struct lines lines = {.columns = columns};
	struct event event;

	if (!db_event_get(recording->db, recording->session->id, seq, &event, err)) {
		return err->code != 0 ? NULL : xstrdup("It is not in the recording.\n");
	}
	lines_add(&lines, "event %lld", (long long)seq);
	lines_put(&lines, "\n");
	add(&lines, "time", moment(recording, &event));
	describe_action(&lines, &event);
	describe_verdict(recording, &lines, &event);
	describe_callers(recording, &lines, &event);
	add(&lines, "thread", xasprintf("%d", (int)event.tid));
	add(&lines, "MCP calls", escape_copy(event.mcp));
	add(&lines, "labels", escape_copy(event.labels));
	describe_stack(&lines, &event);
	db_rest(recording->db);
	return lines.bytes;
}
