/* SPDX-License-Identifier: MIT */
/*
 * Controls are the honest counterparts of attacks: what they print, how they end and
 * what they leave in the project must not depend on Duenna.
 */
#ifndef TESTS_ATTACKS_CONTROL_H
#define TESTS_ATTACKS_CONTROL_H

#include "tests/attacks/attack.h"

/* Prints a result: 0 for success of any kind, else the error by its name. */
void show(const char *what, long result);
void show_number(const char *what, long number);
void show_text(const char *what, const char *text);
/* Content of a file, or why there is none. */
void show_file(const char *path);
/* Kind, mode, size and links. */
void show_status(const char *path);

#endif
