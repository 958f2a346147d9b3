/* SPDX-License-Identifier: MIT */
/*
 * Where things lie: the database, configuration, the project. Every path is
 * absolute and owned by the caller.
 */
#ifndef CLI_LOCATIONS_H
#define CLI_LOCATIONS_H

#include "base/error.h"

/* $HOME if it is an absolute path, else the user's entry in the password file. */
char *location_home(struct error *err);

/* $XDG_DATA_HOME/duenna, by default ~/.local/share/duenna. Not created. */
char *location_data_folder(struct error *err);

/* $XDG_CONFIG_HOME/duenna, by default ~/.config/duenna. Not created. */
char *location_config_folder(struct error *err);

/*
 * The database: wish, made absolute, or duenna.db in the data folder, which is created
 * with mode 0700. The file itself need not exist.
 */
char *location_database(const char *wish, struct error *err);

/*
 * What has to stand in a command for this database: nothing if it is the usual one, else
 * " --db PATH" as a shell takes it. Safe to show.
 */
char *location_database_option(const char *database);

/*
 * The project folder, canonical: wish; or the git top level of the working folder; or
 * the working folder. The home folder and / are no projects: *project is then NULL,
 * or it fails if they were wished for.
 */
bool location_project(const char *wish, char **project, struct error *err);

#endif
