/* SPDX-License-Identifier: MIT */
/*
 * The rules in force: read from everywhere, compiled, counted by reference, and read
 * anew on a thread of its own when the stored ones change. Text for people is made once
 * per rule, when it is first wanted.
 */
#ifndef SESSION_RULE_SET_H
#define SESSION_RULE_SET_H

#include "base/error.h"
#include "rules/rule_index.h"
#include "session/link_names.h"
#include "session/places.h"
#include "session/repository_rules.h"

struct rule_set {
	struct rule_index *index;
	unsigned references;   /* all of them belong to the loop */
	struct rule_set *next; /* of a list of sets that somebody keeps */
	struct rule_text *texts;
	size_t text_count, text_capacity; /* capacity: a power of two, or 0 */
	int64_t *stored;		  /* ids of rules of the database, sorted */
	size_t stored_count;
};

/* Adds a copy of the rule, if it is not NULL. */
void rule_list_copy(struct rule_list *list, const struct rule *rule);

/* Takes what the list owns. */
struct rule_set *rule_set_create(
	struct rule_list *list, const struct rule_variables *variables);
struct rule_set *rule_set_reference(struct rule_set *set);
void rule_set_release(struct rule_set *set); /* accepts NULL */

/* The rule as text, kept by the set. rule is one that the set's index gave. */
struct text rule_set_text(struct rule_set *set, const struct rule *rule);
bool rule_set_has_stored(const struct rule_set *set, int64_t id);

/* Where rules come from. Only read once filled in, also by the reading thread. */
struct rule_sources {
	const struct places *places;
	const char *database;
	const char *const *rule_files;
	const char *const *profiles;
	bool no_default_profiles;
	struct rule_list fixed;	 /* built-in, profiles, files, repository; read once */
	struct link_names links; /* of all rules; see rule_sources_find_links */
	enum repository_state repository; /* the project's own .duenna.rules */
	int64_t session;		  /* 0 until it is known */
	struct db *db; /* to read stored rules by; NULL: opened for it each time */
};

/* Reads everything that does not change during the session, and checks it. */
bool rule_sources_load(struct rule_sources *sources, struct error *err);
void rule_sources_finish(struct rule_sources *sources);

/* Looks for links that the rules name, stored ones too; once, before they are used. */
void rule_sources_find_links(struct rule_sources *sources);

/* The bytes of a rule file, owned; or NULL with err. */
char *rule_file_bytes(const char *path, size_t *length, struct error *err);

/* Adds the stored rules that hold. */
bool rule_sources_stored(
	const struct rule_sources *sources, struct rule_list *list, struct error *err);

/* Stored rules and the fixed ones together, or NULL. Opens the database for itself. */
struct rule_set *rule_sources_compile(
	const struct rule_sources *sources, bool check_expectations, struct error *err);

/* Reads the rules anew beside the loop. Zero-initialise. */
struct rule_reader {
	int fd; /* readable when the thread is done */
	bool is_running, wanted_again;
	const struct rule_sources *sources;
	struct rule_set *result;
	struct error error;
	unsigned long thread;
};
bool rule_reader_init(struct rule_reader *reader, const struct rule_sources *sources,
	struct error *err);
void rule_reader_finish(struct rule_reader *reader);
/* Starts reading; if that goes on already, once more afterwards. */
void rule_reader_start(struct rule_reader *reader);
/* After fd became readable: the new set (owned), or NULL with err (code 0: not yet). */
struct rule_set *rule_reader_take(struct rule_reader *reader, struct error *err);

#endif
