/* SPDX-License-Identifier: MIT */
#include "cli/replay_recording.h"

#include "base/escape.h"
#include "base/xalloc.h"
#include "cli/session_summary.h"
#include "cli/show.h"

#include <stdio.h>
#include <stdlib.h>

enum { OBJECT_COLUMNS = 400 };

static int64_t since(const struct replay_recording *recording, int64_t time)
{
	int64_t after;

	return __builtin_sub_overflow(time, recording->session->started, &after) ||
			       after < 0
		       ? 0
		       : after;
}

int64_t replay_since(const struct replay_recording *recording, int64_t time)
{
	int64_t after;

	return time == 0 || __builtin_sub_overflow(
				    time, recording->session->started, &after)
		       ? 0
	       : after > 0 ? after
			   : 1; /* 0 stands for unknown */
}

static int64_t wall(const struct replay_recording *recording, int64_t time)
{
	int64_t at;

	return __builtin_add_overflow(recording->session->started, time, &at)
		       ? INT64_MAX
		       : at;
}

/* ---- How far it goes ---- */

static bool load_tables(struct replay_recording *recording, struct error *err)
{
	return replay_images_load(recording, err) &&
	       replay_questions_load(recording, err);
}

static bool extent(void *context, struct replay_extent *extent, struct error *err)
{
	struct replay_recording *recording = context;
	const struct session_extent before = recording->extent;
	struct session_extent now;

	db_rest(recording->db);
	if (!db_session_extent(recording->db, recording->session->id, &now, err)) {
		return false;
	}
	recording->extent = now;
	recording->is_running =
		now.ended == 0 && session_is_running(recording->session);
	const bool is_same = before.last_event == now.last_event &&
			     before.last_question == now.last_question &&
			     before.ended == now.ended && recording->image_count > 0;
	if (!is_same && !load_tables(recording, err)) {
		return false;
	}
	const int64_t last = now.ended > now.last_time ? now.ended : now.last_time;
	*extent = (struct replay_extent){
		.duration = since(recording, last),
		.last_event = now.last_event,
		.last_chunk = now.last_chunk,
		.last_question = now.last_question,
		.is_running = recording->is_running,
	};
	return true;
}

/* ---- Moments ---- */

static bool event_at(void *context, int64_t time, int64_t *seq, struct error *err)
{
	const struct replay_recording *recording = context;

	return db_event_at(
		recording->db, recording->session->id, wall(recording, time), seq, err);
}

static bool chunk_at(void *context, int64_t time, int64_t *number, struct error *err)
{
	const struct replay_recording *recording = context;

	return db_terminal_at(recording->db, recording->session->id,
		wall(recording, time), number, err);
}

static bool chunk_time(void *context, int64_t number, int64_t *time, struct error *err)
{
	const struct replay_recording *recording = context;
	int64_t at;

	if (!db_terminal_time(
		    recording->db, recording->session->id, number, &at, err)) {
		return false;
	}
	*time = since(recording, at);
	return true;
}

static bool chunks(void *context, int64_t number, replay_chunk_fn *take, void *taker,
	struct error *err)
{
	const struct replay_recording *recording = context;
	struct terminal_record record;
	struct error local = {0};
	bool goes_on = true;

	if (!db_terminal_begin(recording->db, recording->session->id, number, err)) {
		return false;
	}
	while (goes_on && db_terminal_next(recording->db, &record, &local)) {
		const bool is_size = record.kind == TERMINAL_SIZE;
		const struct replay_chunk chunk = {
			.number = record.number,
			.bytes = record.kind == TERMINAL_OUTPUT ? record.bytes
								: text_of(""),
			.rows = is_size ? record.rows : 0,
			.columns = is_size ? record.columns : 0,
		};
		goes_on = take(taker, &chunk);
	}
	db_rest(recording->db);
	return local.code == 0 || error_set(err, local.code, "%s", local.text);
}

/* ---- Events ---- */

static void set_change(
	const struct replay_recording *recording, struct replay_event *event)
{
	const struct replay_change_record *change =
		recording->changes != NULL
			? replay_changes_find(recording->changes, event->seq)
			: NULL;

	if (change != NULL) {
		event->change =
			change->obstacle != NULL ? REPLAY_NOT_JUDGED : REPLAY_CHANGED;
		event->now = change->now;
	}
}

static bool read_event(
	void *context, int64_t seq, struct replay_event *event, struct error *err)
{
	const struct replay_recording *recording = context;
	struct event record;
	const bool is_there =
		db_event_get(recording->db, recording->session->id, seq, &record, err);

	if (is_there) {
		*event = (struct replay_event){
			.seq = seq,
			.time = since(recording, event_effect_time(&record)),
			.pid = record.pid,
			.process = record.process,
			.verb = record.verb,
			.verdict = record.verdict,
			.question = record.question,
			.program = show_text(
				text_base_name(record.program), OBJECT_COLUMNS),
			.object = show_object(record.object, record.argv, record.argc,
				OBJECT_COLUMNS),
		};
		set_change(recording, event);
	}
	return is_there;
}

static bool denial_beside(
	void *context, int64_t seq, bool is_forward, int64_t *found, struct error *err)
{
	const struct replay_recording *recording = context;

	return db_denial_beside(
		recording->db, recording->session->id, seq, is_forward, found, err);
}

static int64_t change_beside(void *context, int64_t seq, bool is_forward)
{
	const struct replay_recording *recording = context;

	return recording->changes != NULL
		       ? replay_changes_beside(recording->changes, seq, is_forward)
		       : 0;
}

static char *summary(void *context, struct error *err)
{
	const struct replay_recording *recording = context;
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	invariant(out != NULL);
	const bool is_good = session_summary_print(
		out, recording->db, recording->session, true, err);
	if (is_good && recording->changes != NULL) {
		replay_changes_print(recording->changes, out);
	}
	(void)fclose(out);
	if (!is_good) {
		free(text);
		return NULL;
	}
	return text;
}

/* ---- Beginning and end ---- */

static const struct replay_source functions = {
	.extent = extent,
	.event_at = event_at,
	.chunk_at = chunk_at,
	.chunk_time = chunk_time,
	.chunks = chunks,
	.event = read_event,
	.event_details = replay_event_details,
	.denial_beside = denial_beside,
	.change_beside = change_beside,
	.question_beside = replay_question_beside,
	.question_open = replay_question_open,
	.question_time = replay_question_time,
	.question = replay_question_read,
	.processes = replay_processes_at,
	.scan = replay_scan_events,
	.summary = summary,
};

bool replay_recording_open(struct replay_recording *recording, struct db *db,
	const struct session_record *session, struct replay_changes *changes,
	struct error *err)
{
	char *command = show_command(session->argv, session->argc, 60);
	char *name = show_text(session->name, 30);

	*recording = (struct replay_recording){
		.db = db, .session = session, .changes = changes};
	recording->title = xasprintf("session %lld%s%s: %s", (long long)session->id,
		*name != '\0' ? " " : "", name, command);
	free(command);
	free(name);
	recording->source = functions;
	recording->source.context = recording;
	recording->source.title = recording->title;
	recording->source.has_changes = changes != NULL;
	if (!load_tables(recording, err)) {
		replay_recording_close(recording);
		return false;
	}
	return true;
}

void replay_recording_close(struct replay_recording *recording)
{
	replay_images_clear(recording);
	free(recording->images);
	free(recording->asked);
	free(recording->title);
	*recording = (struct replay_recording){0};
}
