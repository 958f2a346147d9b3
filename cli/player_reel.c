/* SPDX-License-Identifier: MIT */
#include "cli/player_reel.h"

#include "base/xalloc.h"
#include "cli/show.h"

#include <errno.h>
#include <stdlib.h>

enum { BYTES_MAX = 512 << 20 };

static int64_t time_since(const struct session_record *session, int64_t time)
{
	return time > session->started ? time - session->started : 0;
}

static void add_bytes(struct player_reel *reel, struct text bytes)
{
	if (reel->byte_count + bytes.length > reel->byte_capacity) {
		reel->byte_capacity = (reel->byte_count + bytes.length) * 2;
		reel->bytes = xrealloc(reel->bytes, reel->byte_capacity);
	}
	if (bytes.length) {
		memcpy(reel->bytes + reel->byte_count, bytes.bytes, bytes.length);
	}
	reel->byte_count += bytes.length;
}

static void add_chunk(struct player_reel *reel, int64_t time, struct text bytes)
{
	if (reel->chunk_count == reel->chunk_capacity) {
		reel->chunk_capacity = reel->chunk_capacity * 2 + 64;
		reel->chunks = xreallocarray(
			reel->chunks, reel->chunk_capacity, sizeof(*reel->chunks));
	}
	/* Clocks may be set back; a recording goes forward. */
	int64_t before =
		reel->chunk_count ? reel->chunks[reel->chunk_count - 1].time : 0;
	reel->chunks[reel->chunk_count++] = (struct player_chunk){
		time > before ? time : before, reel->byte_count, bytes.length};
	add_bytes(reel, bytes);
}

/* Takes its words. */
static void add_mark(struct player_reel *reel, struct player_mark mark)
{
	if (reel->mark_count == reel->mark_capacity) {
		reel->mark_capacity = reel->mark_capacity * 2 + 16;
		reel->marks = xreallocarray(
			reel->marks, reel->mark_capacity, sizeof(*reel->marks));
	}
	reel->marks[reel->mark_count++] = mark;
}

static bool load_terminal(struct player_reel *reel, struct db *db,
	const struct session_record *session, struct error *err)
{
	struct terminal_record chunk;
	struct error local = {0};

	if (!db_terminal_begin(db, session->id, 0, err)) {
		return false;
	}
	while (db_terminal_next(db, &chunk, &local)) {
		if (reel->byte_count + chunk.bytes.length > BYTES_MAX) {
			return error_set(err, EFBIG,
				"the recorded output is larger than %d bytes",
				BYTES_MAX);
		}
		if (chunk.kind == TERMINAL_OUTPUT) {
			add_chunk(reel, time_since(session, chunk.time), chunk.bytes);
		} else if (chunk.kind == TERMINAL_SIZE) {
			reel->columns = chunk.columns > reel->columns ? chunk.columns
								      : reel->columns;
			reel->rows = chunk.rows > reel->rows ? chunk.rows : reel->rows;
		}
	}
	return !local.code || error_set(err, local.code, "%s", local.text);
}

static char *question_words(const struct question_record *question)
{
	char *object =
		show_object(question->object, question->argv, question->argc, 200);
	char *program = show_text(text_base_name(question->program), 40);
	char *words = xasprintf("asked: %s %s (%s): %s%s%s", verb_name(question->verb),
		object, program,
		question->answered ? verdict_name(question->verdict) : "no answer",
		question->answered ? ", " : "",
		question->answered ? scope_name(question->scope) : "");

	free(object);
	free(program);
	return words;
}

static bool load_questions(struct player_reel *reel, struct db *db,
	const struct session_record *session, struct error *err)
{
	struct question_record question;
	struct error local = {0};

	if (!db_questions_begin(db, session->id, err)) {
		return false;
	}
	while (db_questions_next(db, &question, &local)) {
		struct player_mark mark = {
			time_since(session, question.time), question_words(&question)};
		add_mark(reel, mark);
	}
	return !local.code || error_set(err, local.code, "%s", local.text);
}

static bool load_denials(struct player_reel *reel, struct db *db,
	const struct session_record *session, struct error *err)
{
	const struct event_filter filter = {.session = session->id,
		.verdicts = 1u << VERDICT_DENY | 1u << VERDICT_FORBID};
	struct event event;
	struct error local = {0};

	if (!db_events_begin(db, &filter, err)) {
		return false;
	}
	while (db_events_next(db, &event, &local)) {
		if (event.question) {
			continue; /* it has a mark, where it was asked */
		}
		char *object = show_object(event.object, event.argv, event.argc, 200);
		char *by = show_decider(&event, 200);
		struct player_mark mark = {time_since(session, event.time),
			xasprintf("denied: %s %s: %s", verb_name(event.verb), object,
				by)};
		add_mark(reel, mark);
		free(object);
		free(by);
	}
	return !local.code || error_set(err, local.code, "%s", local.text);
}

static int compare_marks(const void *a, const void *b)
{
	int64_t left = ((const struct player_mark *)a)->time;
	int64_t right = ((const struct player_mark *)b)->time;

	return (left > right) - (left < right);
}

bool player_reel_load(struct player_reel *reel, struct db *db,
	const struct session_record *session, struct error *err)
{
	if (!load_terminal(reel, db, session, err) ||
		!load_questions(reel, db, session, err) ||
		!load_denials(reel, db, session, err)) {
		return false;
	}
	if (reel->mark_count) {
		qsort(reel->marks, reel->mark_count, sizeof(*reel->marks),
			compare_marks);
	}
	return true;
}

void player_reel_finish(struct player_reel *reel)
{
	for (size_t i = 0; i < reel->mark_count; i++) {
		free(reel->marks[i].words);
	}
	free(reel->marks);
	free(reel->chunks);
	free(reel->bytes);
	*reel = (struct player_reel){0};
}
