/* SPDX-License-Identifier: MIT */
/*
 * Memory for one libvterm, all in one place that never moves: its state can be copied as
 * bytes, and put back later as it was, pointers included.
 */
#ifndef TUI_PANE_ARENA_H
#define TUI_PANE_ARENA_H

#include <vterm.h>

#include <stddef.h>

struct pane_arena;

struct pane_arena *pane_arena_new(void);
void pane_arena_free(struct pane_arena *arena); /* accepts NULL */

/* To be given to libvterm with the arena. */
extern const VTermAllocatorFunctions pane_arena_functions;

/* The bytes that say everything, including what is free. */
size_t pane_arena_used(const struct pane_arena *arena);
const void *pane_arena_bytes(const struct pane_arena *arena);
/* Puts bytes of this same arena back. */
void pane_arena_restore(struct pane_arena *arena, const void *bytes, size_t used);

#endif
