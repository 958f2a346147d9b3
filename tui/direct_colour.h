/* SPDX-License-Identifier: MIT */
/*
 * Colours by red, green and blue. Most terminals that have them run under a TERM whose
 * description says 256 and tell of the rest in COLORTERM, which ncurses does not look
 * at. For those a description is made that has both: the first 256 numbers stand for the
 * terminal's own palette, all others for 0xRRGGBB.
 */
#ifndef TUI_DIRECT_COLOUR_H
#define TUI_DIRECT_COLOUR_H

#include <stdbool.h>

enum { DIRECT_COLOUR_PALETTE = 256, DIRECT_COLOURS = 1 << 24 };

/* Whether the environment says that the terminal has them. */
bool direct_colour_is_told(void);
/*
 * The description of TERM with such colours, as a value for TERMINFO; owned. NULL if TERM
 * has none, or fewer colours than the palette. output is the terminal.
 */
char *direct_colour_description(int output);
/* Whether the terminal that is open under ncurses counts colours as said above. */
bool direct_colour_is_in_use(void);

#endif
