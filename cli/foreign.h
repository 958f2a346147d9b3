/* SPDX-License-Identifier: MIT */
/*
 * Permission settings of other tools as rules. They judge the words of a command or the
 * arguments of a tool; rules judge what happens, whoever does it. What cannot be said
 * exactly is said more strictly: an allow covers no more than it did there, a deny no
 * less. What cannot be said even so is noted, and left out.
 */
#ifndef CLI_FOREIGN_H
#define CLI_FOREIGN_H

#include "base/error.h"
#include "rules/rule.h"

struct foreign {
	struct rule_list rules; /* in the order of the file; source: the entry */
	char **notes;		/* "ENTRY: why it is not carried over, or how"; owned */
	size_t note_count;
	size_t left_out;      /* entries that are no rules now */
	bool last_match_wins; /* there; else the strictest does */
	/* Where it is read; NULL: not known. Borrowed. */
	const char *home, *project;
};
void foreign_finish(struct foreign *foreign);

/*
 * Reads a file of the tool. False with err if it cannot be understood as a whole; then
 * nothing of it may be used.
 */
bool foreign_read(
	const char *tool, struct text text, struct foreign *foreign, struct error *err);

/* ---- For the readers ---- */

bool foreign_read_claude(struct text text, struct foreign *foreign, struct error *err);
bool foreign_read_codex(struct text text, struct foreign *foreign, struct error *err);
bool foreign_read_gemini(struct text text, struct foreign *foreign, struct error *err);
bool foreign_read_opencode(
	struct text text, struct foreign *foreign, struct error *err);

/* The entry is left out. */
void foreign_leave_out(struct foreign *foreign, const char *entry, const char *why);
/* The entry became a rule that is stricter than it was. */
void foreign_note_stricter(struct foreign *foreign, const char *entry, const char *how);
/*
 * A rule of verbs and one object, "read ~/x"; left out if it is none, or if the object
 * has blanks and the like, which would say more than an object. Takes text.
 */
void foreign_add(
	struct foreign *foreign, enum verdict verdict, const char *entry, char *text);
/* A program and patterns of its arguments, each as a rule has it; only borrows them. */
void foreign_add_program(struct foreign *foreign, enum verdict verdict,
	const char *entry, const char *program, char **arguments, size_t count);

/* What a pattern of a command ends in. */
enum command_end {
	COMMAND_ENDS,	 /* nothing may follow, unless the pattern has a star */
	COMMAND_ANY,	 /* any arguments, also none */
	COMMAND_ANY_ONE, /* any arguments, at least one */
};
/* Words with stars that take any characters, blanks too. */
void foreign_add_command(struct foreign *foreign, enum verdict verdict,
	const char *entry, struct text words, enum command_end end);
/* Words that stand for themselves. */
void foreign_add_words(struct foreign *foreign, enum verdict verdict, const char *entry,
	const char *const *words, size_t count);

/* How stars of a path pattern are meant. */
enum path_form {
	PATH_IGNORE_FILE, /* as in .gitignore: a bare name is at any depth */
	PATH_ANY_STAR,	  /* a star takes slashes, too */
};
void foreign_add_path(struct foreign *foreign, enum verdict verdict, const char *entry,
	const char *verbs, struct text path, enum path_form form);

#endif
