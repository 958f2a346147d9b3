/* SPDX-License-Identifier: MIT */
#include "base/text_buffer.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>

Test(text, octal_escapes_are_undone)
{
	static const char *const cases[][2] = {
		{"/mnt/a\\040b", "/mnt/a b"},
		{"/back\\134slash\\012", "/back\\slash\n"},
		{"/cut\\04", "/cut\\04"},
		{"\\", "\\"},
		{"\\089", "\\089"},
		{"", ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *name = text_copy(text_of(cases[i][0]));
		text_unescape_octal(name);
		cr_expect(eq(str, name, (char *)cases[i][1]));
		free(name);
	}
}

Test(text, a_buffer_grows_and_stays_terminated)
{
	struct text_buffer buffer = {0};

	text_buffer_add_string(&buffer, "");
	cr_assert(buffer.bytes != NULL && buffer.length == 0);
	for (int i = 0; i < 1000; i++) {
		text_buffer_add(&buffer, (struct text){"a\0b", 3});
		cr_assert(buffer.length == 3 * (size_t)(i + 1));
		cr_assert(buffer.bytes[buffer.length] == '\0');
	}
	cr_expect(memcmp(buffer.bytes + 2997, "a\0b", 4) == 0);
	free(buffer.bytes);
}
