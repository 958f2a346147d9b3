/* SPDX-License-Identifier: MIT */
/* Which events of a recording pass a filter. */
#include "cli/replay_recording.h"
#include "rules/vector.h"
#include "tui/mcp_words.h"

#include <stdlib.h>
#include <string.h>

/* Rows that are looked at in one go: some 20 ms. */
enum { ROWS_MAX = 20000, TEXT_MAX = 8192 };

/* The text, terminated, with blanks where it has zero bytes; cut where it is very long. */
static const char *terminated(struct text text, char buffer[static TEXT_MAX])
{
	const size_t length = text.length < TEXT_MAX ? text.length : TEXT_MAX - 1;

	memcpy(buffer, text.bytes, length);
	for (size_t i = 0; i < length; i++) {
		buffer[i] = buffer[i] == '\0' ? ' ' : buffer[i];
	}
	buffer[length] = '\0';
	return buffer;
}

static bool has_words(
	const struct scanned_event *event, const char *program, const char *words)
{
	char buffer[TEXT_MAX];

	return words == NULL ||
	       strcasestr(terminated(event->object, buffer), words) != NULL ||
	       strcasestr(terminated(event->argv, buffer), words) != NULL ||
	       strcasestr(program, words) != NULL ||
	       strcasestr(verb_name(event->verb), words) != NULL ||
	       strcasestr(verdict_name(event->verdict), words) != NULL;
}

static bool has_call(const struct scanned_event *event, const char *pattern)
{
	if (pattern == NULL || event->mcp.length == 0) {
		return pattern == NULL;
	}
	char *words = mcp_words(event->mcp);
	const bool has = replay_filter_matches(words, pattern);
	free(words);
	return has;
}

static unsigned vectors(const struct scanned_event *event)
{
	const struct vector_facts facts = {.verb = event->verb,
		.object = event->object,
		.asked_as = event->asked_as,
		.code = event->code,
		.mcp = event->mcp};
	return vectors_of(&facts);
}

static bool passes(const struct replay_recording *recording,
	const struct replay_filter *filter, const struct scanned_event *event)
{
	char buffer[TEXT_MAX];

	if ((filter->verbs != 0 && (filter->verbs >> event->verb & 1) == 0) ||
		(filter->verdicts != 0 &&
			(filter->verdicts >> event->verdict & 1) == 0) ||
		(filter->pid != 0 && filter->pid != event->pid) ||
		(filter->vectors != 0 && (filter->vectors & vectors(event)) == 0)) {
		return false;
	}
	if (filter->is_changed &&
		(recording->changes == NULL ||
			replay_changes_find(recording->changes, event->seq) == NULL)) {
		return false;
	}
	const struct replay_image *image = replay_image_find(recording, event->process);
	const char *program = image != NULL ? image->program : "";
	const char *script = image != NULL ? image->script : "";
	if (filter->program != NULL &&
		!replay_filter_matches_program(program, filter->program) &&
		!replay_filter_matches_program(script, filter->program)) {
		return false;
	}
	return replay_filter_matches(terminated(event->object, buffer), filter->path) &&
	       has_call(event, filter->mcp) &&
	       has_words(event, program, filter->words) &&
	       has_words(event, program, filter->more_words);
}

bool replay_scan_events(void *context, const struct replay_filter *filter,
	struct replay_scan *scan, struct error *err)
{
	struct replay_recording *recording = context;
	const struct scan wanted = {
		.session = recording->session->id,
		.from = scan->at,
		.is_backward = scan->is_backward,
	};
	struct scanned_event event;
	struct error local = {0};

	scan->count = 0;
	if (!db_scan_begin(recording->db, &wanted, err)) {
		return false;
	}
	scan->at = 0;
	for (int i = 0; db_scan_next(recording->db, &event, &local); i++) {
		if (i == ROWS_MAX || scan->count == scan->most) {
			scan->at = event.seq;
			break;
		}
		if (passes(recording, filter, &event)) {
			scan->found[scan->count++] = event.seq;
		}
	}
	db_rest(recording->db);
	return local.code == 0 || error_set(err, local.code, "%s", local.text);
}
