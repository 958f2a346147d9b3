/* SPDX-License-Identifier: MIT */
/*
 * A project's own rules, .duenna.rules: whoever can write to the project wrote them, so
 * they can only tighten until a person has accepted exactly this content.
 */
#ifndef SESSION_REPOSITORY_RULES_H
#define SESSION_REPOSITORY_RULES_H

#include "base/error.h"
#include "db/db.h"

enum repository_state {
	REPOSITORY_NONE,     /* there is no such file */
	REPOSITORY_TIGHTENS, /* nobody accepted it */
	REPOSITORY_CHANGED,  /* another content was accepted: it tightens */
	REPOSITORY_ACCEPTED, /* it counts as a rule file of the person's */
};

struct repository_rules {
	enum repository_state state;
	char *path;  /* owned */
	char *bytes; /* what was read, once: what is judged by is what has the hash */
	size_t length;
	char hash[CONTENT_HASH_SIZE];
	int64_t accepted; /* when; 0: never */
};

/*
 * Reads the file of the project (NULL: none) and what was accepted. A database that
 * cannot be read accepted nothing. db may be NULL: it is opened then.
 */
bool repository_rules_read(struct repository_rules *repository, const char *project,
	const char *database, struct db *db, struct error *err);
void repository_rules_finish(struct repository_rules *repository);

#endif
