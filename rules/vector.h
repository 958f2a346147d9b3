/* SPDX-License-Identifier: MIT */
/*
 * The ways by which an agent may be attacked, or may do harm: what a recorded action has
 * to do with. An action can have to do with several, and has with one at least. Pure.
 */
#ifndef RULES_VECTOR_H
#define RULES_VECTOR_H

#include "rules/action.h"

/* The later it stands, the more it tells. */
enum vector {
	VECTOR_FILES,
	VECTOR_NETWORK,
	VECTOR_APPLICATIONS, /* programs, processes, sockets of this machine, the system */
	VECTOR_MCP,	     /* calls of tools, and what servers do */
	VECTOR_INTERPRETER, /* generated code */
	VECTOR_RAG,	    /* stores that texts are retrieved from by what they mean */
	VECTOR_MEMORY,	    /* what agents remember, or read as instructions */
	VECTOR_COUNT
};

struct vector_facts {
	enum verb verb;
	struct text object, asked_as;
	enum code_origin code;
	struct text mcp; /* the calls in flight; empty: none */
};

/* Bits 1u << vector. */
unsigned vectors_of(const struct vector_facts *facts);

/* The one that tells most of those bits: files are the least of it. Not of none. */
enum vector vector_foremost(unsigned vectors);

const char *vector_name(enum vector vector);
bool vector_from_name(struct text name, enum vector *vector);

#endif
