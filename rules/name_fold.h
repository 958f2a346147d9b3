/* SPDX-License-Identifier: MIT */
/*
 * Names as file systems compare them that take no heed of case (FAT, NTFS, APFS, what
 * Windows and macOS share with a Linux guest …): two names that such a file system may
 * take for one are the same text here. It may say so of too many, never of too few:
 * full case folding, canonical decomposition, no characters that are not seen (Git's
 * CVE-2014-9390), no dots or spaces at the end of a segment, no NTFS streams.
 */
#ifndef RULES_NAME_FOLD_H
#define RULES_NAME_FOLD_H

#include "base/text.h"

#include <limits.h>
#include <stdbool.h>

/* Folding makes three bytes or less of one, and of most just one. */
enum { NAME_FOLDED_SIZE = 3 * (PATH_MAX + NAME_MAX) };

/* Puts the path, or part of it, into buffer; false if it does not fit there. */
bool name_fold(struct text name, char buffer[NAME_FOLDED_SIZE], struct text *folded);

/*
 * True if a segment looks like the second name that FAT and NTFS give to files with
 * long names ("SECRET~1.TXT"): what is meant by it cannot be told from its text.
 */
bool name_may_be_short(struct text path);

#endif
