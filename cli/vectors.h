/* SPDX-License-Identifier: MIT */
/* Vectors (rules/vector.h) as the command line names them. */
#ifndef CLI_VECTORS_H
#define CLI_VECTORS_H

#include "cli/options.h"

#define VECTOR_CHOICES "files|network|applications|mcp|interpreter|rag|memory"

/* All values of --vector; bits 1u << enum vector, 0 if there is none. */
bool vectors_option(
	const struct command_line *line, unsigned *vectors, struct error *err);

/* "files, memory"; owned. */
char *vectors_words(unsigned vectors);

#endif
