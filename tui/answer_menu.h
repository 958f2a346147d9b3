/* SPDX-License-Identifier: MIT */
/* What is offered for an answer that is kept: how far it reaches, and as which rule. */
#ifndef TUI_ANSWER_MENU_H
#define TUI_ANSWER_MENU_H

#include "tui/dialogue.h"

void answer_menu_show_scopes(const struct dialogue *dialogue, struct lines *lines);

/* By number or name; false if it was not offered. */
bool answer_menu_find_scope(
	const struct dialogue *dialogue, struct text word, enum scope *scope);

/* "this session", for the line that confirms. */
const char *answer_menu_reach(enum scope scope);

/* The program that the answer is limited to; empty: none. The session adds it. */
struct text answer_menu_program(const struct dialogue *dialogue);

/* Each with the exact rule that it stores, and how much else that covers. */
void answer_menu_show_rungs(const struct dialogue *dialogue, struct lines *lines);

void answer_menu_show_exact_rule(const struct dialogue *dialogue, struct lines *lines);

#endif
