/* SPDX-License-Identifier: MIT */
/*
 * Everything remembered, in one SQLite file. A struct db is one connection: it belongs
 * to one thread at a time and never crosses a fork. A running supervisor writes through
 * db/recorder.h instead; commands read, and change rules, here.
 *
 * Functions that fail leave the database as it was.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include "base/error.h"
#include "db/event.h"

struct db;

enum db_mode { DB_READ, DB_WRITE };

/*
 * Opens the file, after bringing an older one up to date (a copy of it is kept beside
 * it, FILE.before-vN). DB_WRITE creates file (0600) and folder (0700) where absent;
 * DB_READ fails with ERROR_NOT_FOUND. A file of a newer Duenna gives ERROR_NEWER and
 * one that is no database ERROR_DAMAGED; neither is changed. ":memory:" is for tests.
 */
struct db *db_open(const char *path, enum db_mode mode, struct error *err);
void db_close(struct db *db); /* accepts NULL */

/* Full integrity check, for doctor. */
bool db_check(struct db *db, struct error *err);

/*
 * Readers. Each kind has one cursor per connection: *_begin starts it anew, *_next
 * gives the next row, or returns false at the end (err->code 0) or on failure. Texts
 * and argv of a row are borrowed until the next call for the same kind.
 */
bool db_sessions_begin(struct db *db, struct error *err); /* oldest first */
bool db_sessions_next(struct db *db, struct session_record *session, struct error *err);

/* Of these, those of this machine that have not ended: they run, or were killed. */
bool db_unended_begin(struct db *db, struct error *err);
bool db_unended_next(struct db *db, struct session_record *session, struct error *err);

/*
 * The session that a person names: an id, a name (the newest of that name), or `last`
 * (also NULL). ERROR_NOT_FOUND with a sentence if there is none.
 */
bool db_session_find(struct db *db, const char *name, struct session_record *session,
	struct error *err);

struct event_filter {
	int64_t session;
	int64_t after;	   /* only seq above this */
	uint32_t verbs;	   /* bits 1u << VERB_…; 0: all */
	uint32_t verdicts; /* bits 1u << VERDICT_…; 0: all */
	int64_t process;   /* 0: all */
	int64_t question;  /* 0: all */
};
bool db_events_begin(
	struct db *db, const struct event_filter *filter, struct error *err);
bool db_events_next(struct db *db, struct event *event, struct error *err);

/*
 * Every event of a session in order, with only what judging it again needs: not session,
 * monotonic, pid, tid, program, process_argv, rule_text, reason, waited_ms, native.
 */
struct action_record {
	struct event event;
	bool has_rule; /* a rule decided */
};
bool db_actions_begin(struct db *db, int64_t session, struct error *err);
bool db_actions_next(struct db *db, struct action_record *action, struct error *err);

bool db_processes_begin(struct db *db, int64_t session, struct error *err);
bool db_processes_next(
	struct db *db, struct process_record *process, struct error *err);

bool db_questions_begin(struct db *db, int64_t session, struct error *err);
bool db_questions_next(
	struct db *db, struct question_record *question, struct error *err);

/* Chunks with number above `after`. */
bool db_terminal_begin(
	struct db *db, int64_t session, int64_t after, struct error *err);
bool db_terminal_next(struct db *db, struct terminal_record *chunk, struct error *err);

bool db_labels_begin(struct db *db, int64_t session, struct error *err);
bool db_labels_next(struct db *db, struct label_record *label, struct error *err);

bool db_mcp_calls_begin(struct db *db, int64_t session, struct error *err);
bool db_mcp_calls_next(struct db *db, struct mcp_record *call, struct error *err);

/* What is known of the tools of a server, by name. */
bool db_pins_begin(struct db *db, struct text server, struct error *err);
bool db_pins_next(struct db *db, struct pin_record *pin, struct error *err);

/* Events of a session by verb and verdict, without reading the events one by one. */
struct event_counts {
	int64_t by_verb[VERB_COUNT][VERDICT_COUNT];
	int64_t total;
};
bool db_event_counts(
	struct db *db, int64_t session, struct event_counts *counts, struct error *err);

/* How far the hash chain over a session's events holds. */
struct chain_state {
	int64_t checked;     /* events that are as they were recorded */
	int64_t broken;	     /* the first that is not, or is missing; 0: none */
	int64_t broken_time; /* when it was recorded, by what it says; 0: unknown */
	const char *reason;  /* in words; NULL: the chain is whole */
	bool is_unchained;   /* recorded by a Duenna that did not chain events yet */
	char head[65];	     /* the last link, in hexadecimal */
	/* What was recorded beside events; looked at if events are whole. */
	int64_t sealed;		 /* rows that are as they were recorded */
	const char *broken_kind; /* what broken is a number of; NULL: events */
	bool is_unsealed;	 /* recorded by a Duenna that sealed nothing else yet */
	char seal[65];		 /* of all of it, in hexadecimal */
};
bool db_chain_verify(
	struct db *db, int64_t session, struct chain_state *state, struct error *err);

/*
 * The distinct objects of a session's events, in order of their first; only session,
 * verbs and verdicts of the filter count.
 */
struct object_count {
	enum verb verb;
	enum verdict verdict;
	struct text object;
	int64_t count;
};
bool db_objects_begin(
	struct db *db, const struct event_filter *filter, struct error *err);
bool db_objects_next(struct db *db, struct object_count *object, struct error *err);

/* How often a person allowed and denied an object before, in all sessions. */
struct object_history {
	int64_t allowed, denied;
};
bool db_object_history(struct db *db, enum verb verb, struct text object,
	struct object_history *history, struct error *err);

/* Stored rules. `session` and `project` of the filter select what holds there. */
struct rule_filter {
	bool all;	     /* every stored rule, also expired and narrower ones */
	const char *project; /* rules of this project; NULL: none of a project */
	int64_t session;     /* rules of this session; 0: none of a session */
};
bool db_rules_begin(struct db *db, const struct rule_filter *filter, struct error *err);
bool db_rules_next(struct db *db, struct rule_record *rule, struct error *err);

/* Each is a transaction of its own, on disk when it returns. */
bool db_rule_add(
	struct db *db, const struct rule_record *rule, int64_t *id, struct error *err);
/* All or none, for `rules load`. */
bool db_rules_add(struct db *db, const struct rule_record *rules, size_t count,
	struct error *err);
/* ERROR_NOT_FOUND if there is none with this id. */
bool db_rule_remove(struct db *db, int64_t id, struct error *err);
/* Removes the rules that the last addition brought; gives how many. */
bool db_rules_undo(struct db *db, size_t *removed, struct error *err);

/*
 * The stored rules that hold for a session, parsed: always, of its project, and its own
 * (also of narrower scopes). Appends to list. Call it away from the loop. A stored rule
 * that cannot be parsed fails the whole.
 */
bool db_rules_load(struct db *db, const struct rule_filter *filter,
	struct rule_list *list, struct error *err);

/* A stored rule as a value, with id, origin, scope, expiry, note and source. */
bool db_rule_parse(
	const struct rule_record *record, struct rule *rule, struct error *err);

/* A project's own rule file counts as far as a person accepted its very content. */
enum { CONTENT_HASH_SIZE = 65 }; /* SHA-256 in hexadecimal, terminated */
struct acceptance {
	char hash[CONTENT_HASH_SIZE];
	int64_t time; /* nanoseconds since the epoch */
};
void db_content_hash(struct text content, char hash[static CONTENT_HASH_SIZE]);
/* In place of what was accepted for the project before. On disk when it returns. */
bool db_accept(struct db *db, struct text project, const char *hash, int64_t time,
	struct error *err);
bool db_withdraw_acceptance(
	struct db *db, struct text project, bool *was_accepted, struct error *err);
/* False if nothing was accepted (err->code 0), or on failure. */
bool db_accepted(struct db *db, struct text project, struct acceptance *accepted,
	struct error *err);

/* A number that grows with each change of the stored rules; -1: it cannot be told. */
int64_t db_rule_changes(struct db *db);
/* To be said before the first call of db_rules_changed on a connection. */
void db_rules_changed_since(struct db *db, int64_t changes);
/*
 * Whether other connections changed the stored rules since the last call on this one
 * (true at the first, unless it was said since when). Cheap enough for a few calls a
 * second; events written meanwhile do not count.
 */
bool db_rules_changed(struct db *db);

/* False also for a session whose supervisor died without ending it. */
bool session_is_running(const struct session_record *session);

/* Sessions to remove: ended before a time, or the oldest until the file is small. */
struct prune_limits {
	int64_t ended_before; /* nanoseconds since the epoch; 0: no limit of age */
	int64_t size;	      /* bytes that the recordings may take; 0: no limit */
};
struct prune_result {
	int64_t *sessions; /* ids, owned */
	size_t count;
	int64_t bytes; /* an estimate of what they take */
};
/* Lists what prune would remove; running sessions are never listed. */
bool db_prune_plan(struct db *db, const struct prune_limits *limits,
	struct prune_result *result, struct error *err);
/* Removes the listed sessions with all that belongs to them; decisions stay. */
bool db_prune(struct db *db, const struct prune_result *result, struct error *err);
void prune_result_finish(struct prune_result *result);

#endif
