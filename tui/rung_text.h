/* SPDX-License-Identifier: MIT */
/* In words: what else the rule of a rung would cover. */
#ifndef TUI_RUNG_TEXT_H
#define TUI_RUNG_TEXT_H

#include "session/protocol.h"

/*
 * "covers 3 other recorded events and 1,204 other files"; empty while nothing was
 * counted. Owned.
 */
char *rung_text_covers(const struct protocol_rung *rung);
/* The same for narrow terminals: "covers 3 events, 1,204 files more". */
char *rung_text_covers_briefly(const struct protocol_rung *rung);

/*
 * "covers 2 sensitive files: .env, /etc/shadow", safe, in the project by what follows
 * its name; NULL: none is known. Owned.
 */
char *rung_text_sensitive(const struct protocol_rung *rung, struct text project);

#endif
