/* SPDX-License-Identifier: MIT */
/* #! lines, and that the kernel splits them so: each is also executed. */
#include "tracer/exec_script.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CONTENT_MAX = 600, OUTPUT_MAX = 1024 };

/* A file's content; @ stands for a program that prints its arguments. */
static const struct {
	const char *content;
	size_t zeros;	/* after it */
	size_t filling; /* as many x, after it */
} cases[] = {
	{"#!@\n", 0, 0},
	{"#!@", 0, 0},
	{"#!@ \n", 0, 0},
	{"#!@ ", 0, 0},
	{"#!@\t", 0, 0},
	{"#!@  \t", 0, 0},
	{"#! \t@\n", 0, 0},
	{"#!@ one\n", 0, 0},
	{"#!@ one", 0, 0},
	{"#!@ one two \t \n", 0, 0},
	{"#!@ one two \t ", 0, 0},
	{"#!@ \t one\ttwo\nthree\n", 0, 0},
	{"#!@ one\r\n", 0, 0},
	{"#!@\r\n", 0, 0},
	{"#!@ one\n", 5, 0},
	{"#!@ one", 5, 0},
	{"#!@ one", 1, 9},
	{"#!@", 1, 9},
	{"#!@ ", 300, 0},
	{"#!@ one ", 300, 0},
	{"#!@ one ", 0, 300},
	{"#!@\n", 0, 300},
	{"#!@ one\n", 0, 300},
	{"#!@", 0, 300},
	{"#!", 0, 300},
	{"#!", 0, 0},
	{"#! ", 0, 0},
	{"#! ", 300, 0},
	{"#!\n", 0, 0},
	{"#! \t \n", 0, 0},
	{"#!\n@\n", 0, 0},
	{" #!@\n", 0, 0},
	{"#", 0, 0},
	{"", 0, 0},
};

static char folder[] = "/tmp/exec-script-XXXXXX";

/* Runs the file natively; what its interpreter printed, or "errno N". */
static void run_file(const char *path, char output[OUTPUT_MAX])
{
	int ends[2];
	size_t length = 0;
	ssize_t got = 0;

	cr_assert(pipe(ends) == 0);
	const pid_t child = fork();
	if (child == 0) {
		(void)dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		execl(path, "first", "last", NULL);
		dprintf(STDOUT_FILENO, "errno %d", errno);
		_exit(0);
	}
	close(ends[1]);
	while ((got = read(ends[0], output + length, OUTPUT_MAX - 1 - length)) > 0) {
		length += (size_t)got;
	}
	output[length] = '\0';
	close(ends[0]);
	(void)waitpid(child, NULL, 0);
}

/* What we think that it prints. */
static void expect_file(const char *path, const char *content, size_t length,
	const char *printer, char output[OUTPUT_MAX])
{
	char start[EXEC_START_SIZE] = {0};
	struct script_line line;

	memcpy(start, content, length < sizeof(start) ? length : sizeof(start));
	if (!script_line_parse(&line, start)) {
		(void)snprintf(output, OUTPUT_MAX, "errno %d", ENOEXEC);
	} else if (line.interpreter[0] == '\0') {
		(void)snprintf(output, OUTPUT_MAX, "errno %d", EACCES);
	} else if (strcmp(line.interpreter, printer) != 0) {
		(void)snprintf(output, OUTPUT_MAX, "errno %d", ENOENT);
	} else {
		(void)snprintf(output, OUTPUT_MAX, "%s%s%s[%s][last]",
			line.has_argument ? "[" : "", line.argument,
			line.has_argument ? "]" : "", path);
	}
}

static void write_file(const char *path, const char *content, size_t length)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);

	cr_assert(fd >= 0 && write(fd, content, length) == (ssize_t)length);
	cr_assert(fchmod(fd, 0700) == 0 && close(fd) == 0);
}

/* The content of a case; its length. */
static size_t make_content(
	size_t number, const char *printer, char content[CONTENT_MAX])
{
	size_t length = 0;

	memset(content, 0, CONTENT_MAX);
	for (const char *next = cases[number].content; *next != '\0'; next++) {
		if (*next == '@') {
			memcpy(content + length, printer, strlen(printer));
			length += strlen(printer);
		} else {
			content[length++] = *next;
		}
	}
	length += cases[number].zeros;
	cr_assert(length + cases[number].filling < CONTENT_MAX);
	memset(content + length, 'x', cases[number].filling);
	return length + cases[number].filling;
}

Test(exec_script, as_the_kernel)
{
	char printer[64];
	char victim[PATH_MAX];
	char content[CONTENT_MAX];
	char path[64];
	char native[OUTPUT_MAX];
	char own[OUTPUT_MAX];

	const char *victims = getenv("DUENNA_VICTIMS");

	cr_assert(victims != NULL, "DUENNA_VICTIMS is not set: run this with ctest");
	cr_assert(mkdtemp(folder) != NULL);
	(void)snprintf(victim, sizeof(victim), "%s/words", victims);
	(void)snprintf(printer, sizeof(printer), "%s/words", folder);
	cr_assert(symlink(victim, printer) == 0, "a short name for it");
	(void)snprintf(path, sizeof(path), "%s/script", folder);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const size_t length = make_content(i, printer, content);

		write_file(path, content, length);
		run_file(path, native);
		expect_file(path, content, length, printer, own);
		cr_expect(eq(str, native, own), "case %zu: %s", i, content);
	}
	cr_assert(unlink(path) == 0 && unlink(printer) == 0 && rmdir(folder) == 0);
}

Test(exec_script, arguments_are_cut_off)
{
	char start[EXEC_START_SIZE];
	struct script_line line;

	memset(start, 'x', sizeof(start));
	memcpy(start, "#!a ", 4);
	cr_assert(script_line_parse(&line, start));
	cr_assert(eq(str, line.interpreter, "a"));
	cr_assert(eq(sz, strlen(line.argument), EXEC_START_SIZE - 4 - 1));
}
