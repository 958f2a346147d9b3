/* SPDX-License-Identifier: MIT */
/* What has scrolled off the agent's screen. */
#include "base/xalloc.h"
#include "tui/pane_internal.h"

#include <stdlib.h>

static bool is_blank(const VTermScreenCell *cell)
{
	return (cell->chars[0] == 0 || cell->chars[0] == ' ') && !cell->attrs.reverse &&
	       !cell->attrs.underline && VTERM_COLOR_IS_DEFAULT_BG(&cell->bg);
}

void pane_history_push(struct pane *pane, const VTermScreenCell *cells, int count)
{
	if (pane->is_alternate) {
		return;
	}
	while (count > 0 && is_blank(&cells[count - 1])) {
		count--;
	}
	const int slot = (pane->history_start + pane->history_count) % PANE_HISTORY_MAX;
	struct pane_line *line = &pane->history[slot];
	if (pane->history_count == PANE_HISTORY_MAX) {
		pane->history_start = (pane->history_start + 1) % PANE_HISTORY_MAX;
	} else {
		pane->history_count++;
	}
	line->cells = xreallocarray(
		line->cells, (size_t)(count > 0 ? count : 1), sizeof(*cells));
	memcpy(line->cells, cells, (size_t)count * sizeof(*cells));
	line->count = count;
	if (pane->scrolled > 0) { /* what is looked at stays where it is */
		pane_scroll_to(pane, pane->scrolled + 1);
	}
}

const struct pane_line *pane_history_line(const struct pane *pane, int index)
{
	return &pane->history[(pane->history_start + index) % PANE_HISTORY_MAX];
}

bool pane_history_pop(struct pane *pane, VTermScreenCell *cells, int count)
{
	if (pane->history_count == 0) {
		return false;
	}
	const struct pane_line *line = pane_history_line(pane, --pane->history_count);
	VTermScreenCell blank = {.width = 1};
	vterm_state_get_default_colors(
		vterm_obtain_state(pane->vterm), &blank.fg, &blank.bg);
	for (int i = 0; i < count; i++) {
		cells[i] = i < line->count ? line->cells[i] : blank;
	}
	if (count > 0 && cells[count - 1].width != 1) {
		cells[count - 1] = blank; /* half of a wide character */
	}
	pane_scroll_to(pane, pane->scrolled);
	return true;
}

void pane_history_free(struct pane *pane)
{
	for (int i = 0; i < PANE_HISTORY_MAX; i++) {
		free(pane->history[i].cells);
	}
	free(pane->history);
}

void pane_scroll_to(struct pane *pane, int above)
{
	pane->scrolled = above < 0		       ? 0
			 : above > pane->history_count ? pane->history_count
						       : above;
	pane_damage_all(pane);
}

int pane_scrolled(const struct pane *pane)
{
	return pane->scrolled;
}

int pane_history_count(const struct pane *pane)
{
	return pane->history_count;
}

/* Only ASCII is compared in either case: enough to find words in a log. */
static bool line_has(const struct pane_line *line, const char *words)
{
	const int length = (int)strlen(words);

	for (int start = 0; start + length <= line->count; start++) {
		int at = 0;
		while (at < length) {
			const uint32_t is = line->cells[start + at].chars[0];
			const uint32_t wanted = (unsigned char)words[at];
			const uint32_t lower = is >= 'A' && is <= 'Z' ? is + 32 : is;
			if (is != wanted && lower != wanted) {
				break;
			}
			at++;
		}
		if (at == length) {
			return true;
		}
	}
	return false;
}

bool pane_search_up(struct pane *pane, const char *words)
{
	for (int above = pane->scrolled + 1; above <= pane->history_count; above++) {
		const int index = pane->history_count - above;
		if (line_has(pane_history_line(pane, index), words)) {
			pane_scroll_to(pane, above);
			return true;
		}
	}
	return false;
}
