/* SPDX-License-Identifier: MIT */
/* The questions of a recording: when they were asked, and what was answered. */
#include "base/xalloc.h"
#include "cli/replay_recording.h"
#include "cli/show.h"

#include <stdlib.h>

enum { OBJECT_COLUMNS = 300, OPEN_MAX = 256 };

bool replay_questions_load(struct replay_recording *recording, struct error *err)
{
	struct question_record question;
	struct error local = {0};

	recording->asked_count = 0;
	if (!db_questions_begin(recording->db, recording->session->id, err)) {
		return false;
	}
	while (db_questions_next(recording->db, &question, &local)) {
		if (recording->asked_count == recording->asked_capacity) {
			recording->asked_capacity = 2 * recording->asked_capacity + 64;
			recording->asked = xreallocarray(recording->asked,
				recording->asked_capacity, sizeof(*recording->asked));
		}
		recording->asked[recording->asked_count++] = (struct replay_asked){
			.number = question.number,
			.process = question.process,
			.time = replay_since(recording, question.time),
			.answer_time = question.answered ? replay_since(recording,
								   question.answer_time)
							 : 0,
		};
	}
	return local.code == 0 || error_set(err, local.code, "%s", local.text);
}

/* How many were asked before that time. Questions are numbered as they are asked. */
static size_t asked_before(const struct replay_recording *recording, int64_t time)
{
	size_t low = 0, high = recording->asked_count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (recording->asked[middle].time < time) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

int64_t replay_question_beside(void *context, int64_t time, bool is_forward)
{
	const struct replay_recording *recording = context;
	const size_t before = asked_before(recording, is_forward ? time + 1 : time);

	if (is_forward) {
		return before < recording->asked_count ? recording->asked[before].number
						       : 0;
	}
	return before > 0 ? recording->asked[before - 1].number : 0;
}

/* What was never answered waits as long as the session runs. */
static bool is_open(const struct replay_recording *recording,
	const struct replay_asked *asked, int64_t time)
{
	return asked->time <= time &&
	       (asked->answer_time > time ||
		       (asked->answer_time == 0 && recording->is_running));
}

int64_t replay_question_open(void *context, int64_t time)
{
	const struct replay_recording *recording = context;
	size_t at = asked_before(recording, time + 1);

	for (int i = 0; i < OPEN_MAX && at > 0; i++) {
		at--;
		if (is_open(recording, &recording->asked[at], time)) {
			return recording->asked[at].number;
		}
	}
	return 0;
}

bool replay_process_waits(
	const struct replay_recording *recording, int64_t process, int64_t time)
{
	size_t at = asked_before(recording, time + 1);

	for (int i = 0; i < OPEN_MAX && at > 0; i++) {
		at--;
		if (recording->asked[at].process == process &&
			is_open(recording, &recording->asked[at], time)) {
			return true;
		}
	}
	return false;
}

int64_t replay_question_time(void *context, int64_t number)
{
	const struct replay_recording *recording = context;

	for (size_t i = 0; i < recording->asked_count; i++) {
		const size_t at =
			number > 0 && (size_t)number <= recording->asked_count
				? ((size_t)number - 1 + i) % recording->asked_count
				: i;
		if (recording->asked[at].number == number) {
			return recording->asked[at].time;
		}
	}
	return 0;
}

bool replay_question_read(void *context, int64_t number,
	struct replay_question *question, struct error *err)
{
	const struct replay_recording *recording = context;
	struct question_record record;

	if (!db_question_get(
		    recording->db, recording->session->id, number, &record, err)) {
		return false;
	}
	char *object =
		show_object(record.object, record.argv, record.argc, OBJECT_COLUMNS);
	*question = (struct replay_question){
		.number = number,
		.time = replay_since(recording, record.time),
		.answer_time = record.answered
				       ? replay_since(recording, record.answer_time)
				       : 0,
		.is_answered = record.answered,
		.verdict = record.verdict,
		.scope = record.scope,
		.details = text_copy(record.details),
		.title = xasprintf("%s %s", verb_name(record.verb), object),
		.rule = text_copy(record.rule_text),
		.message = text_copy(record.message),
	};
	free(object);
	return true;
}
