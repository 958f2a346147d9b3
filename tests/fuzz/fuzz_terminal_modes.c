/* SPDX-License-Identifier: MIT */
/*
 * Terminal bytes: whatever the tree wrote, and wherever it was cut off, the reset takes
 * back every mode, and what is given back afterwards sets the same modes again.
 */
#include "base/error.h"
#include "tui/modes.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_same(const struct modes *terminal, const struct modes *modes)
{
	invariant(terminal->is_alternate == modes->is_alternate);
	invariant(memcmp(terminal->set, modes->set, sizeof(modes->set)) == 0);
	invariant(terminal->keyboard_flags == modes->keyboard_flags);
	invariant(terminal->other_keys == modes->other_keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char sequence[MODES_SEQUENCE_MAX];
	struct modes modes;

	if (size == 0) {
		return 0;
	}
	const size_t cut = data[0] % size;
	modes_init(&modes);
	modes_follow(&modes, (const char *)data + 1, cut);
	struct modes terminal = modes;
	const size_t reset = modes_leave(&modes, sequence);
	invariant(reset <= sizeof(sequence));
	modes_follow(&terminal, sequence, reset);
	invariant(!modes_are_left_on(&terminal));
	invariant(terminal.is_line_start);
	const size_t restore = modes_enter(&modes, sequence);
	invariant(restore <= sizeof(sequence));
	modes_follow(&terminal, sequence, restore);
	check_same(&terminal, &modes);
	modes_follow(&modes, (const char *)data + 1 + cut, size - 1 - cut);
	return 0;
}
