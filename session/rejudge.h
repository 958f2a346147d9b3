/* SPDX-License-Identifier: MIT */
/*
 * Judging a recording again: what `duenna run` with other rules would have said of each
 * recorded action. The rules are put together, and the actions judged, by the code that
 * a running session uses; only the facts come from the recording. An action whose facts
 * do not suffice is never guessed.
 */
#ifndef SESSION_REJUDGE_H
#define SESSION_REJUDGE_H

#include "db/db.h"
#include "session/rule_set.h"

struct rejudge_options {
	const char *database;	       /* whose stored rules hold */
	const char *const *rule_files; /* as for struct rule_sources */
	const char *const *profiles;
	bool no_default_profiles;
};

/* One action that came out otherwise, or that could not be judged again. */
struct rejudged_action {
	int64_t seq;
	bool was_asked; /* no rule decided then: a person, or what stood in for one */
	enum verdict then;    /* how it ended */
	enum verdict now;     /* ask: a person would be asked */
	struct text rule;     /* that decides now; empty: none */
	struct text source;   /* where that rule is from */
	const char *obstacle; /* why it cannot be judged again; NULL: it was */
};

struct rejudge_totals {
	int64_t judged, different;
	int64_t asks_saved;    /* asked then, decided by a rule now */
	int64_t newly_asked;   /* decided by a rule then, asked now */
	int64_t newly_denied;  /* allowed then, denied now */
	int64_t newly_allowed; /* denied then, allowed now */
	int64_t not_judged;
};

/* Called in order of seq; texts are borrowed. False ends the judging with err. */
typedef bool rejudge_report_fn(
	void *context, const struct rejudged_action *rejudged, struct error *err);

struct rejudge;

/* Reads the rules; errors as rule_sources_load and rule_sources_compile give them. */
struct rejudge *rejudge_create(const struct session_record *session,
	const struct rejudge_options *options, struct error *err);
void rejudge_destroy(struct rejudge *rejudge); /* accepts NULL */

/* False: the recording does not say where its folders lay, and this machine's are used. */
bool rejudge_has_places(const struct rejudge *rejudge);
/* Reads inside the readable zone were not judged in that session, and are not recorded. */
bool rejudge_reads_were_sealed(const struct session_record *session);

bool rejudge_run(struct rejudge *rejudge, struct db *db, rejudge_report_fn *report,
	void *context, struct error *err);
const struct rejudge_totals *rejudge_totals(const struct rejudge *rejudge);

/* After rejudge_run: the index-th rule of a file or a person that matched no action. */
const struct rule *rejudge_unmatched(const struct rejudge *rejudge, size_t index);

#endif
