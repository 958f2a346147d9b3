/* SPDX-License-Identifier: MIT */
/*
 * A recorded session on the full screen: the terminal as it was, beside the events and
 * the processes of the same moment. Where the recording lies, this folder does not know:
 * it is read through struct replay_source, a little at a time.
 *
 * Times are nanoseconds since the session began. Text is owned by whoever gets it and is
 * not made safe, unless it says so.
 */
#ifndef TUI_REPLAY_H
#define TUI_REPLAY_H

#include "base/error.h"
#include "base/text.h"
#include "rules/rule.h"
#include "tui/pane.h"

#include <stdbool.h>
#include <stdint.h>

struct tui_settings;

/* How far the recording goes by now. Events, chunks and questions count from 1. */
struct replay_extent {
	int64_t duration;
	int64_t last_event, last_chunk, last_question;
	bool is_running; /* more may come */
};

/* What another judgement says of an event. */
enum replay_change {
	REPLAY_UNCHANGED,
	REPLAY_CHANGED,
	REPLAY_NOT_JUDGED, /* it cannot be judged again */
};

struct replay_event {
	int64_t seq;
	int64_t time; /* when it took effect */
	int64_t pid, process;
	enum verb verb;
	enum verdict verdict;
	int64_t question; /* 0: nobody was asked */
	enum replay_change change;
	enum verdict now;	/* of REPLAY_CHANGED */
	char *program, *object; /* safe; object: with the arguments of an exec */
};

struct replay_process {
	int64_t pid, number;
	int depth;   /* in the tree */
	bool waits;  /* for an answer */
	char *words; /* safe */
};

struct replay_question {
	int64_t number, time, answer_time;
	bool is_answered;
	enum verdict verdict;
	enum scope scope;
	char *details; /* the question as it was sent to front ends, JSON; or empty */
	char *title;   /* verb and object, safe */
	char *rule, *message;
};

/* Bytes of the terminal, or a new size of it (rows above 0). */
struct replay_chunk {
	int64_t number;
	struct text bytes; /* borrowed */
	unsigned rows, columns;
};

/* What events are shown, or searched for. Zero: all of them. */
struct replay_filter {
	uint32_t verbs, verdicts;     /* bits; 0: all */
	unsigned vectors;	      /* likewise */
	int64_t pid;		      /* 0: any */
	char *program, *path, *words; /* NULL: any; with * and ?, else a part of it */
	char *mcp;		      /* server or tool of a call in flight, likewise */
	const char *more_words;	      /* borrowed; these, too */
	bool is_changed;	      /* only what another judgement says otherwise */
};

/* False ends the reading. */
typedef bool replay_chunk_fn(void *context, const struct replay_chunk *chunk);

/* A look through events in one direction, a while at a time. */
struct replay_scan {
	bool is_backward;
	int64_t at;	/* from this one on; 0 afterwards: it was the last */
	int64_t *found; /* room for most of them */
	size_t most, count;
};

/*
 * Functions give false and an error if the recording cannot be read. "0: none" is no
 * error. None takes long, but for scan, which looks at no more events than it may.
 */
struct replay_source {
	void *context;
	const char *title; /* safe */
	bool has_changes;  /* it was judged again */

	/* Also sees what was recorded since the last call. */
	bool (*extent)(void *context, struct replay_extent *extent, struct error *err);

	/* The last one at that time; 0: none yet. */
	bool (*event_at)(void *context, int64_t time, int64_t *seq, struct error *err);
	bool (*chunk_at)(
		void *context, int64_t time, int64_t *number, struct error *err);
	bool (*chunk_time)(
		void *context, int64_t number, int64_t *time, struct error *err);
	/* Gives chunks above number, in order. */
	bool (*chunks)(void *context, int64_t number, replay_chunk_fn *take,
		void *taker, struct error *err);

	/* False without an error: there is none with this number. */
	bool (*event)(void *context, int64_t seq, struct replay_event *event,
		struct error *err);
	/* Some safe lines with everything that is known. */
	char *(*event_details)(
		void *context, int64_t seq, unsigned columns, struct error *err);

	/* The nearest before or after that seq; 0: none. */
	bool (*denial_beside)(void *context, int64_t seq, bool is_forward,
		int64_t *found, struct error *err);
	int64_t (*change_beside)(void *context, int64_t seq, bool is_forward);

	/* The nearest question asked before or after that time; 0: none. */
	int64_t (*question_beside)(void *context, int64_t time, bool is_forward);
	/* The last one that was open at that time; 0: none. */
	int64_t (*question_open)(void *context, int64_t time);
	int64_t (*question_time)(void *context, int64_t number);
	bool (*question)(void *context, int64_t number,
		struct replay_question *question, struct error *err);

	/* Those that lived at that time, parents before their children. */
	bool (*processes)(void *context, int64_t time, struct replay_process **list,
		size_t *count, struct error *err);

	/* Looks for a while at events, and adds those that pass. */
	bool (*scan)(void *context, const struct replay_filter *filter,
		struct replay_scan *scan, struct error *err);

	/* Safe lines about the session, and about how it was judged again. */
	char *(*summary)(void *context, struct error *err);
};

struct replay_options {
	int input, output; /* the person's terminal */
	const struct replay_source *source;
	const struct tui_settings *settings; /* NULL: the usual ones */
	unsigned speed;			     /* in quarters: 1 to 64; 0: as it was */
	bool keeps_idle;		     /* pauses are as long as they were */
};

/* Until the person leaves, the terminal goes away or a signal asks for it. */
bool tui_replay_run(const struct replay_options *options, struct error *err);

void replay_event_finish(struct replay_event *event);
void replay_question_finish(struct replay_question *question);
void replay_processes_free(struct replay_process *list, size_t count);
void replay_filter_finish(struct replay_filter *filter);

/*
 * "verb=write verdict=deny program=git path=*.c pid=12 mcp=files vector=network
 * changed words": what is
 * typed as a filter. False with what is wrong in err.
 */
bool replay_filter_parse(
	const char *typed, struct replay_filter *filter, struct error *err);
/* Whether the text is what was typed for it, NULL being anything. */
bool replay_filter_matches(const char *text, const char *pattern);
/* The same for a program, by its path or by its last part. */
bool replay_filter_matches_program(const char *program, const char *pattern);

/* ---- replay_terminal.c: the terminal at any moment ---- */

struct replay_terminal;

struct replay_terminal *replay_terminal_new(const struct replay_source *source);
void replay_terminal_free(struct replay_terminal *terminal); /* accepts NULL */
/* Bytes between checkpoints, to begin with; for tests. */
void replay_terminal_set_spacing(struct replay_terminal *terminal, size_t bytes);
/* As it was after that chunk; 0: before the first. */
bool replay_terminal_seek(
	struct replay_terminal *terminal, int64_t chunk, struct error *err);
/*
 * The same, but reads no more than about that many bytes. *is_there false: it is on the
 * way, and the next call gets further.
 */
bool replay_terminal_seek_some(struct replay_terminal *terminal, int64_t chunk,
	size_t bytes, bool *is_there, struct error *err);
struct pane *replay_terminal_pane(struct replay_terminal *terminal);
void replay_terminal_size(
	const struct replay_terminal *terminal, int *rows, int *columns);
/*
 * Reads ahead up to that many bytes, so that seeking is quick everywhere. *is_done: there
 * is nothing left.
 */
bool replay_terminal_prepare(struct replay_terminal *terminal, size_t bytes,
	bool *is_done, struct error *err);
/* How far one look through the terminal goes: to that chunk, and about that many bytes. */
struct replay_reach {
	int64_t last;
	size_t bytes;
};
/*
 * Looks through chunks from *chunk + 1 on for a line that shows the words and did not
 * before. *found 0: none so far; *chunk is where to go on. The terminal itself stays
 * where it is.
 */
bool replay_terminal_search(struct replay_terminal *terminal, const char *words,
	struct replay_reach reach, int64_t *chunk, int64_t *found, struct error *err);
/*
 * The last such chunk below *chunk, of those since the checkpoint before; *chunk is then
 * where to go on, 1 at most when there is nothing left.
 */
bool replay_terminal_search_back(struct replay_terminal *terminal, const char *words,
	int64_t *chunk, int64_t *found, struct error *err);

/* ---- replay_preview.c: a first impression of a far moment ---- */

/*
 * As the terminal probably was after that chunk, by the output shortly before it: takes
 * some 20 ms however far the moment is. Of the size of another one. NULL with err.
 */
struct pane *replay_preview_make(const struct replay_source *source, int64_t chunk,
	const struct pane *like, struct error *err);

#endif
