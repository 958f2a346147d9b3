/* SPDX-License-Identifier: MIT */
/* What the kernel says of its handlers, and which files they are for. */
#include "tracer/binfmt.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

static struct binfmt_handler read_entry(const char *text)
{
	struct binfmt_handler handler;

	cr_assert(binfmt_handler_parse(&handler, text), "%s", text);
	return handler;
}

static bool takes_bytes(
	const struct binfmt_handler *handler, const char *bytes, size_t length)
{
	char start[EXEC_START_SIZE] = {0};

	memcpy(start, bytes, length);
	return binfmt_handler_takes(handler, "/any/name", start);
}

static bool takes_name(const struct binfmt_handler *handler, const char *name)
{
	const char start[EXEC_START_SIZE] = {0};

	return binfmt_handler_takes(handler, name, start);
}

Test(binfmt, magic_number_with_offset)
{
	struct binfmt_handler handler = read_entry("enabled\n"
						   "interpreter /usr/bin/show me\n"
						   "flags: \n"
						   "offset 2\n"
						   "magic 616200ff\n");

	cr_assert(handler.is_enabled);
	cr_assert(eq(str, handler.interpreter, "/usr/bin/show me"));
	cr_assert(
		not(handler.keeps_first || handler.gives_opened || handler.is_opened));
	cr_assert(takes_bytes(&handler, "..ab\0\xff!", 7));
	cr_assert(not(takes_bytes(&handler, "..ab\0\xfe", 6)));
	cr_assert(not(takes_bytes(&handler, "ab\0\xff", 4)));
	cr_assert(not(takes_bytes(&handler, "..ab", 4)), "the file ends too early");
}

/* As qemu-user-static registers it for arm64, beside a real file's start. */
Test(binfmt, masked_magic_number)
{
	struct binfmt_handler handler =
		read_entry("enabled\n"
			   "interpreter /usr/libexec/qemu-binfmt/aarch64-binfmt-P\n"
			   "flags: POCF\n"
			   "offset 0\n"
			   "magic 7f454c460201010000000000000000000200b700\n"
			   "mask ffffffffffffff00fffffffffffffffffeffffff\n");
	static const char static_program[] = "\x7f"
					     "ELF\2\1\1\3\0\0\0\0\0\0\0\0\2\0\xb7\0";
	static const char shared_program[] = "\x7f"
					     "ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0\xb7\0";
	static const char own_program[] = "\x7f"
					  "ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0\x3e\0";

	cr_assert(handler.keeps_first && handler.gives_opened && handler.is_opened);
	cr_assert(takes_bytes(&handler, static_program, sizeof(static_program)));
	cr_assert(takes_bytes(&handler, shared_program, sizeof(shared_program)));
	cr_assert(not(takes_bytes(&handler, own_program, sizeof(own_program))));
}

Test(binfmt, magic_number_up_to_the_end)
{
	struct binfmt_handler handler =
		read_entry("enabled\ninterpreter a\nflags: \noffset 254\nmagic 0102\n");
	char start[EXEC_START_SIZE] = {0};

	start[254] = 1;
	start[255] = 2;
	cr_assert(binfmt_handler_takes(&handler, "name", start));
	start[255] = 3;
	cr_assert(not(binfmt_handler_takes(&handler, "name", start)));
}

Test(binfmt, extension)
{
	struct binfmt_handler handler =
		read_entry("enabled\ninterpreter wine\nflags: F\nextension .exe\n");
	struct binfmt_handler dotted =
		read_entry("enabled\ninterpreter wine\nflags: \nextension .a.b\n");

	cr_assert(not(handler.gives_opened || handler.keeps_first));
	cr_assert(handler.is_opened);
	cr_assert(takes_name(&handler, "./a.exe"));
	cr_assert(takes_name(&handler, ".exe"));
	cr_assert(takes_name(&handler, "/dev/fd/3/x.y.exe"));
	cr_assert(not(takes_name(&handler, "a.EXE")));
	cr_assert(not(takes_name(&handler, "a.exe/")));
	cr_assert(not(takes_name(&handler, "exe")));
	cr_assert(not(takes_name(&handler, "a.exe.old")));
	cr_assert(
		not(takes_name(&dotted, "x.a.b")), "what follows the last dot counts");
}

Test(binfmt, flags)
{
	struct binfmt_handler given =
		read_entry("enabled\ninterpreter a\nflags: C\nextension .b\n");
	struct binfmt_handler kept =
		read_entry("disabled\ninterpreter a\nflags: P\nextension .b\n");

	cr_assert(given.gives_opened, "credentials of the file need the file");
	cr_assert(not(given.keeps_first || given.is_opened));
	cr_assert(kept.keeps_first);
	cr_assert(not(kept.gives_opened || kept.is_enabled));
}

Test(binfmt, texts_that_are_not_understood)
{
	static const char *const texts[] = {
		"",
		"enabled",
		"enabled\n",
		"enabled\ninterpreter a\n",
		"enabled\ninterpreter a\nflags: \n",
		"enabled\ninterpreter \nflags: \nextension .a\n",
		"enabled\ninterpreter a\nflags: X\nextension .a\n",
		"enabled\ninterpreter a\nflags: \nextension .\n",
		"enabled\ninterpreter a\nflags: \nextension .a\nmore\n",
		"enabled\ninterpreter a\nflags: \nextension .a",
		"enabled\ninterpreter a\nb\nflags: \nextension .a\n",
		"enabled\ninterpreter a\nflags: \noffset 0\n",
		"enabled\ninterpreter a\nflags: \noffset 0\nmagic \n",
		"enabled\ninterpreter a\nflags: \noffset 0\nmagic 6\n",
		"enabled\ninterpreter a\nflags: \noffset 0\nmagic 6g\n",
		"enabled\ninterpreter a\nflags: \noffset \nmagic 66\n",
		"enabled\ninterpreter a\nflags: \noffset 1x\nmagic 66\n",
		"enabled\ninterpreter a\nflags: \noffset -1\nmagic 66\n",
		"enabled\ninterpreter a\nflags: \noffset 256\nmagic 66\n",
		"enabled\ninterpreter a\nflags: \noffset 255\nmagic 6666\n",
		"enabled\ninterpreter a\nflags: \noffset 0\nmagic 6666\nmask ff\n",
		"enabled\ninterpreter a\nflags: \noffset 0\nmagic 66\nmask ff\nmore\n",
	};
	struct binfmt_handler handler;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		cr_expect(
			not(binfmt_handler_parse(&handler, texts[i])), "%s", texts[i]);
	}
}

Test(binfmt, texts_that_are_too_long)
{
	static char text[8192];
	static char name[BINFMT_TEXT_SIZE + 1];
	struct binfmt_handler handler;

	memset(name, 'n', BINFMT_TEXT_SIZE);
	(void)snprintf(text, sizeof(text),
		"enabled\ninterpreter %s\nflags: \nextension .a\n", name);
	cr_assert(not(binfmt_handler_parse(&handler, text)));
	(void)snprintf(text, sizeof(text),
		"enabled\ninterpreter %s\nflags: \nextension .a\n", name + 1);
	cr_assert(binfmt_handler_parse(&handler, text));
	memset(text, 'x', sizeof(text) - 1);
	cr_assert(not(binfmt_handler_parse(&handler, text)));
}
