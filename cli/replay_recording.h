/* SPDX-License-Identifier: MIT */
/*
 * A recorded session for the full-screen replay: struct replay_source over a database.
 * Small tables are kept in memory, events and terminal output never.
 */
#ifndef CLI_REPLAY_RECORDING_H
#define CLI_REPLAY_RECORDING_H

#include "cli/replay_changes.h"
#include "db/timeline.h"
#include "tui/replay.h"

/* One process image. Times are nanoseconds since the session began; ended 0: it lives. */
struct replay_image {
	int64_t number, parent, pid;
	int64_t started, ended;
	size_t root;	      /* index of the first image of the same process */
	char *program;	      /* its path */
	char *words, *script; /* words: the command line, safe and shortened */
};

struct replay_asked {
	int64_t number, process;
	int64_t time, answer_time; /* 0: not answered */
};

struct replay_recording {
	struct db *db; /* not owned */
	const struct session_record *session;
	char *title;
	struct session_extent extent;
	bool is_running;
	struct replay_image *images; /* by number */
	size_t image_count, image_capacity;
	struct replay_asked *asked; /* by number */
	size_t asked_count, asked_capacity;
	struct replay_changes *changes; /* not owned; NULL: it was not judged again */
	struct replay_source source;
};

/* changes may be NULL. */
bool replay_recording_open(struct replay_recording *recording, struct db *db,
	const struct session_record *session, struct replay_changes *changes,
	struct error *err);
void replay_recording_close(struct replay_recording *recording);
/* Nanoseconds from the session's begin to a time, at least 1; 0 if it is 0: unknown. */
int64_t replay_since(const struct replay_recording *recording, int64_t time);

/* ---- replay_processes.c ---- */

bool replay_images_load(struct replay_recording *recording, struct error *err);
void replay_images_clear(struct replay_recording *recording);
/* NULL: there is none with this number. */
const struct replay_image *replay_image_find(
	const struct replay_recording *recording, int64_t number);
bool replay_processes_at(void *context, int64_t time, struct replay_process **list,
	size_t *count, struct error *err);

/* ---- replay_questions.c ---- */

bool replay_questions_load(struct replay_recording *recording, struct error *err);
int64_t replay_question_beside(void *context, int64_t time, bool is_forward);
int64_t replay_question_open(void *context, int64_t time);
int64_t replay_question_time(void *context, int64_t number);
bool replay_question_read(void *context, int64_t number,
	struct replay_question *question, struct error *err);
/* Whether the process waits for an answer then. */
bool replay_process_waits(
	const struct replay_recording *recording, int64_t process, int64_t time);

/* ---- replay_scan.c ---- */

bool replay_scan_events(void *context, const struct replay_filter *filter,
	struct replay_scan *scan, struct error *err);

/* ---- replay_details.c ---- */

char *replay_event_details(
	void *context, int64_t seq, unsigned columns, struct error *err);

#endif
