/* SPDX-License-Identifier: MIT */
/*
 * Programs whose arguments say what else is run, by name: for them a rule may not leave
 * arguments open. Paths and versions do not matter.
 */
#ifndef RULES_PROGRAM_KIND_H
#define RULES_PROGRAM_KIND_H

#include "base/text.h"

/* Shells, interpreters and programs that start others: any argument may be a command. */
bool program_runs_anything(struct text program);

/* Options or subcommands of it run others (git -c, tar -I): never any arguments. */
bool program_runs_by_option(struct text program);

/* A word that can only be the name of a subcommand: no option, no path, no file. */
bool argument_is_subcommand(struct text word);

/* Whatever may follow this subcommand: it runs nothing that it is told. */
bool program_takes_any_rest(struct text program, struct text subcommand);

/* Other names of files, in the place of those that follow it, run nothing. */
bool program_takes_shapes(struct text program, struct text first);

#endif
