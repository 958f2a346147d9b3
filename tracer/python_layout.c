/* SPDX-License-Identifier: MIT */
#include "tracer/python_layout.h"

#include <stddef.h>

/* clang-format off */
static const struct python_layout layouts[] = {
	{.minor = 11, .interpreters = 40, .first_thread = 16,
	 .next_thread = 8, .thread_id = 152, .native_thread_id = 160,
	 .control = 56, .current = 8,
	 .code = 32, .previous = 48, .instruction = 56, .owner = 69,
	 .first_shim = UINT8_MAX, .frame_size = 72,
	 .file = 112, .name = 128, .first_line = 72, .line_table = 136,
	 .instructions = 184, .code_size = 144, .ascii = 48, .wide = 72},
	{.minor = 12, .interpreters = 40, .first_thread = 72,
	 .next_thread = 8, .thread_id = 136, .native_thread_id = 144,
	 .control = 56, .current = 0,
	 .code = 0, .previous = 8, .instruction = 56, .owner = 70,
	 .first_shim = 3, .frame_size = 72,
	 .file = 112, .name = 128, .first_line = 68, .line_table = 136,
	 .instructions = 192, .code_size = 144, .ascii = 40, .wide = 56},
	{.minor = 13, .interpreters = 632, .first_thread = 7344,
	 .next_thread = 8, .thread_id = 152, .native_thread_id = 160,
	 .control = 0, .current = 72,
	 .code = 0, .previous = 8, .instruction = 56, .owner = 70,
	 .first_shim = 3, .frame_size = 72,
	 .file = 112, .name = 128, .first_line = 68, .line_table = 136,
	 .instructions = 200, .code_size = 144, .ascii = 40, .wide = 56},
	{.minor = 14, .interpreters = 808, .first_thread = 7344,
	 .next_thread = 8, .thread_id = 152, .native_thread_id = 160,
	 .control = 0, .current = 72,
	 .code = 0, .previous = 8, .instruction = 56, .owner = 74,
	 .first_shim = 3, .frame_size = 80,
	 .file = 112, .name = 128, .first_line = 68, .line_table = 136,
	 .instructions = 208, .code_size = 144, .ascii = 40, .wide = 56},
};
/* clang-format on */

const struct python_layout *python_layout_find(unsigned minor)
{
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		if (layouts[i].minor == minor) {
			return &layouts[i];
		}
	}
	return NULL;
}
