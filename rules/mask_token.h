/* SPDX-License-Identifier: MIT */
#ifndef RULES_MASK_TOKEN_H
#define RULES_MASK_TOKEN_H

#include "base/text.h"

/* The length of the token or private key with which the text begins; 0: it does not. */
size_t mask_token_length(struct text text);

#endif
