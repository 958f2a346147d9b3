/* SPDX-License-Identifier: MIT */
/* Where the session's own things lie: what rules' variables stand for, and what the
 * tree must not reach. All paths are absolute and, where they exist, canonical. */
#ifndef SESSION_PLACES_H
#define SESSION_PLACES_H

#include "rules/rule_index.h"
#include "session/link_way.h"
#include "session/session.h"

struct places {
	char *home;
	char *project;	      /* NULL: none */
	char *temporary;      /* made for this session, and removed at its end */
	char *working_folder; /* of the command */
	char *database;
	char *config_folder; /* may not exist */
	char *config_file;   /* likewise; NULL: of a recorded session */
	char *socket_folder;
	char *binary;	     /* Duenna itself */
	char *terminal;	     /* the person's own; NULL: none, or the tree's as well */
	char *terminal2;     /* likewise, where output goes to another one */
	struct link_way way; /* to the database and the configuration */
};

bool places_find(const struct session_options *options, struct places *places,
	struct error *err);
/* Also removes the temporary folder. Accepts a zeroed struct. */
void places_finish(struct places *places);
/* Frees, and leaves the temporary folder alone: for places of a recorded session. */
void places_forget(struct places *places);

struct rule_variables places_variables(const struct places *places);

/* "~/x" for what lies in the home folder, else the path as it is; owned. */
char *places_shorten(const struct places *places, struct text path);

#endif
