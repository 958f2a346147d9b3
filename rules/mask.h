/* SPDX-License-Identifier: MIT */
/*
 * Secrets in argument lists, environments and on terminals, masked before they are stored
 * or shown.
 * The patterns are one table, which docs/duenna-rules.5.scd repeats in words.
 */
#ifndef RULES_MASK_H
#define RULES_MASK_H

#include "base/text.h"

/* What stands in the place of a secret. */
#define MASK_TEXT "[masked]"

/* True if a variable or option of that name usually holds a secret (GITHUB_TOKEN …). */
bool mask_is_secret_name(struct text name);

/*
 * A copy of one argument (previous is the one before it, or empty) with its secrets
 * replaced, or NULL if there is none. Owned.
 */
char *mask_argument(struct text previous, struct text argument);

/* The same for NAME=value of an environment. */
char *mask_environment(struct text entry);

/*
 * A copy of what a program wrote to its terminal with tokens and private keys covered by
 * stars, one for each character, so that everything else stays in its place; or NULL if
 * there is none. Owned. What is split over two pieces of output is not recognised.
 */
char *mask_output(struct text output);

#endif
