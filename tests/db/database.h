/* SPDX-License-Identifier: MIT */
/* What the tests of db/ share: a folder of their own, and short ways to fill a database. */
#ifndef TESTS_DB_DATABASE_H
#define TESTS_DB_DATABASE_H

#include "db/connection.h"
#include "db/recorder.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>

/* Makes the test's folder; path_in names a file in it (kept until the process ends). */
void make_folder(void);
void remove_folder(void);
const char *path_in(const char *name);

/* Opens the database of that name in the folder for writing. */
struct db *open_database(const char *name);
void check_is_sound(const char *path);

struct session_record a_session(void);
struct event an_event(const char *object);
struct rule_record a_rule(const char *text);
int64_t insert_session(struct db *db);

/* A text as a string, for comparing. One of a few buffers that are used in turn. */
const char *shown(struct text text);

/* Waits for one completion of the recorder. */
void await_completion(struct recorder *recorder, struct completion *completion);

#endif
