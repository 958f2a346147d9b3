/* SPDX-License-Identifier: MIT */
/* Compiled tokens for names on file systems that take no heed of case. */
#include "base/xalloc.h"
#include "rules/glob.h"
#include "rules/name_fold.h"

#include <string.h>

/* The run of literal bytes that begins there, folded; longer ones than paths never match. */
static size_t fold_run(const struct glob *glob, size_t begin, struct glob *folded)
{
	static _Thread_local char run[PATH_MAX];
	static _Thread_local char buffer[NAME_FOLDED_SIZE];
	struct text text = {run, 0};
	size_t end = begin;

	while (end < glob->count && glob->units[end] < UNIT_ANY &&
		text.length < sizeof(run)) {
		run[text.length++] = (char)glob->units[end++];
	}
	if (!name_fold(text, buffer, &text)) {
		text.length = 0;
	}
	for (size_t i = 0; i < text.length; i++) {
		folded->units[folded->count++] = (unsigned char)text.bytes[i];
	}
	return end;
}

/* Letters of a set in lower case as well, which is what folded names have. */
static void fold_set(struct glob_set *set)
{
	for (unsigned c = 'A'; c <= 'Z'; c++) {
		unsigned lower = c - 'A' + 'a';

		if (set->members[c / 32] >> (c % 32) & 1) {
			set->members[lower / 32] |= 1U << (lower % 32);
		}
	}
}

void glob_fold(const struct glob *glob, struct glob *folded)
{
	enum { GROWTH = NAME_FOLDED_SIZE / PATH_MAX + 1 };

	*folded = (struct glob){.set_count = glob->set_count};
	folded->units = xcalloc(glob->count * GROWTH + 1, sizeof(*folded->units));
	folded->sets = xcalloc(glob->set_count + 1, sizeof(*folded->sets));
	for (size_t i = 0; i < glob->set_count; i++) {
		folded->sets[i] = glob->sets[i];
		fold_set(&folded->sets[i]);
	}
	for (size_t i = 0; i < glob->count;) {
		if (glob->units[i] < UNIT_ANY) {
			i = fold_run(glob, i, folded);
		} else {
			folded->units[folded->count++] = glob->units[i++];
		}
	}
}
