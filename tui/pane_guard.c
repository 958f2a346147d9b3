/* SPDX-License-Identifier: MIT */
/*
 * libvterm 0.1.4 writes beyond its parser when a control sequence has more than 16
 * arguments (CSI_ARGS_MAX in its vterm_internal.h). Terminals ignore what is beyond; so
 * it is left out here, for every version.
 */
#include "tui/pane_internal.h"

enum {
	SEPARATORS_MAX = 15,
	ESCAPE = 0x1b,
	CANCEL = 0x18,
	SUBSTITUTE = 0x1a,
	CSI = 0x9b
};

static bool is_separator(unsigned char byte)
{
	return byte == ';' || byte == ':';
}

/* Arguments and marks, 0x30 to 0x3f; ECMA-48, 5.4. */
static bool is_parameter(unsigned char byte)
{
	return byte >= '0' && byte <= '?';
}

static bool is_final(unsigned char byte)
{
	return byte >= '@' && byte <= '~';
}

/* False: the byte is to be left out. */
static bool guard_pass(struct pane_guard *guard, unsigned char byte)
{
	if (byte == ESCAPE) {
		guard->state = PANE_GUARD_ESCAPE;
	} else if (byte == CSI || (guard->state == PANE_GUARD_ESCAPE && byte == '[')) {
		guard->state = PANE_GUARD_SEQUENCE;
		guard->separators = 0;
	} else if (byte == CANCEL || byte == SUBSTITUTE ||
		   (guard->state == PANE_GUARD_ESCAPE && byte > ' ') ||
		   (guard->state == PANE_GUARD_SEQUENCE && is_final(byte))) {
		guard->state = PANE_GUARD_TEXT;
	} else if (guard->state == PANE_GUARD_SEQUENCE && is_parameter(byte)) {
		if (guard->separators <= SEPARATORS_MAX) {
			guard->separators += is_separator(byte);
		}
		return guard->separators <= SEPARATORS_MAX;
	}
	return true;
}

void pane_guard_write(struct pane_guard *guard, VTerm *vterm, struct text bytes)
{
	size_t begin = 0;

	for (size_t i = 0; i < bytes.length; i++) {
		if (!guard_pass(guard, (unsigned char)bytes.bytes[i])) {
			(void)vterm_input_write(vterm, bytes.bytes + begin, i - begin);
			begin = i + 1;
		}
	}
	(void)vterm_input_write(vterm, bytes.bytes + begin, bytes.length - begin);
}
