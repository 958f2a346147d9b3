/* SPDX-License-Identifier: MIT */
/* The reader of Python stacks against what Python says of its own ones. */
#include "tracer/python_stack.h"
#include "tree_driver.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

TestSuite(tree_python, .timeout = 120);
TestSuite(python_stack, .timeout = 60);

/* What was read at each stop, in the form that the victim prints. */
static char *taken;
static size_t taken_length;
static FILE *taken_file;
static unsigned origins[CODE_GENERATED + 1];

static void take_stack(struct tree *tree, const struct request *request)
{
	struct code_facts facts;

	tracer_take_code(tree->tracer, request, &facts);
	origins[facts.origin]++;
	if (facts.origin == CODE_FILES || facts.origin == CODE_GENERATED) {
		fputs(facts.origin == CODE_FILES ? "F" : "G", taken_file);
	}
	for (size_t i = 0; i < facts.frame_count; i++) {
		const struct code_frame *frame = &facts.frames[i];
		fprintf(taken_file, "\t%.*s|%d|%.*s", (int)frame->file.length,
			frame->file.bytes, frame->line, (int)frame->function.length,
			frame->function.bytes);
	}
	fputs("\n", taken_file);
	code_facts_finish(&facts);
}

static int take_at_word(struct tree *tree, const struct request *request)
{
	if (memmem(request->actions[0].object.bytes, request->actions[0].object.length,
		    tree->word, strlen(tree->word))) {
		take_stack(tree, request);
	}
	return TREE_ALLOWS;
}

static void start(struct tree *tree, const char *const argv[], const char *word)
{
	*tree = (struct tree){.word = word};
	memset(origins, 0, sizeof(origins));
	taken_file = open_memstream(&taken, &taken_length);
	tree_start(tree, argv, take_at_word);
}

static void finish(struct tree *tree)
{
	tree_finish(tree);
	fclose(taken_file);
	free(taken);
}

static void expect_same_lines(const char *got, const char *want)
{
	int number = 1;

	while (*got && *want) {
		size_t got_length = strcspn(got, "\n");
		size_t want_length = strcspn(want, "\n");
		cr_expect(
			got_length == want_length && memcmp(got, want, got_length) == 0,
			"stack %d\n got %.*s\nwant %.*s", number, (int)got_length, got,
			(int)want_length, want);
		got += got_length + (got[got_length] == '\n');
		want += want_length + (want[want_length] == '\n');
		number++;
	}
	bool are_as_many = *got == *want;
	cr_expect(are_as_many, "%d stacks, then\n got %s\nwant %s", number, got, want);
}

static void expect_stacks_of(const char *python)
{
	char script[TREE_TEXT_SIZE];
	struct tree tree;

	(void)snprintf(script, sizeof(script), "%s/tests/victims/python_probe.py",
		getenv("DUENNA_SOURCE"));
	const char *const argv[] = {python, "-X", "utf8", script, NULL};
	start(&tree, argv, "/etc/hostname");
	tree_run_to_end(&tree);
	fflush(taken_file);
	expect_same_lines(taken, tree.shown);
	cr_expect(eq(int, tree.status, 0));
	cr_expect(gt(uint, origins[CODE_FILES], 20));
	cr_expect(gt(uint, origins[CODE_GENERATED], 4));
	finish(&tree);
}

Test(tree_python, stack_is_what_python_itself_says)
{
	expect_stacks_of("/usr/bin/python3");
}

/* Other versions, where they are installed. */
Test(tree_python, stacks_of_other_versions_too)
{
	const char *list = getenv("DUENNA_TEST_PYTHONS");
	char *copy = strdup(list ? list : "");
	char *position = NULL;

	for (char *python = strtok_r(copy, ":", &position); python;
		python = strtok_r(NULL, ":", &position)) {
		expect_stacks_of(python);
	}
	free(copy);
}

static void expect_origin(const char *const argv[], enum code_origin origin)
{
	struct tree tree;

	start(&tree, argv, "/etc/hostname");
	tree_run_to_end(&tree);
	fflush(taken_file);
	for (int i = 0; i <= CODE_GENERATED; i++) {
		cr_expect(eq(uint, origins[i], i == (int)origin),
			"origin %d, stacks %s", i, taken);
	}
	finish(&tree);
}

Test(tree_python, code_on_the_command_line_is_generated)
{
	const char *const argv[] = {"/usr/bin/python3", "-c",
		"import shutil; shutil.copyfile('/etc/hostname', '/dev/null')", NULL};

	expect_origin(argv, CODE_GENERATED);
}

/* The library starts it by -c. */
Test(tree_python, worker_of_a_file_is_not_generated)
{
	char script[TREE_TEXT_SIZE];

	(void)snprintf(script, sizeof(script), "%s/tests/victims/python_worker.py",
		getenv("DUENNA_SOURCE"));
	const char *const argv[] = {
		"/usr/bin/python3", "-X", "utf8", "-W", "ignore", script, NULL};
	expect_origin(argv, CODE_FILES);
}

Test(tree_python, other_programs_run_no_python)
{
	const char *const argv[] = {"cat", "/etc/hostname", NULL};

	expect_origin(argv, CODE_NONE);
}

/* Its exec comes from a vfork child that shares the interpreter's memory. */
Test(tree_python, program_started_by_generated_code_is_seen_so)
{
	const char *const argv[] = {"/usr/bin/python3", "-c",
		"import subprocess; subprocess.run(['/bin/true', '/etc/hostname'])",
		NULL};
	struct tree tree;

	start(&tree, argv, "/true");
	tree_run_to_end(&tree);
	fflush(taken_file);
	cr_expect(gt(uint, origins[CODE_GENERATED], 0), "%s", taken);
	cr_expect(eq(uint, origins[CODE_GENERATED], 1));
	cr_expect(strstr(taken, "|Popen._execute_child\t") != NULL, "%s", taken);
	finish(&tree);
}

/* What it cost the tracer itself, whatever else the machine does. */
static double seconds_used(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static unsigned forged_stacks;
static size_t forged_frames;
static double forged_longest;

static int take_forged(struct tree *tree, const struct request *request)
{
	static const char wanted[] = "/etc/hostname";
	struct code_facts facts;

	if (!text_equal_string(request->actions[0].object, wanted)) {
		return TREE_ALLOWS;
	}
	double start = seconds_used();
	tracer_take_code(tree->tracer, request, &facts);
	tracer_take_sources(tree->tracer, request, &facts);
	double used = seconds_used() - start;
	forged_longest = used > forged_longest ? used : forged_longest;
	forged_stacks++;
	forged_frames += facts.frame_count;
	/* Names of nothing: at best generated, never files alone. */
	cr_expect(ne(int, facts.origin, CODE_FILES));
	cr_expect(ne(int, facts.origin, CODE_NONE));
	code_facts_finish(&facts);
	return TREE_ALLOWS;
}

/* Circles, wild pointers and huge lengths, and all of it changes while it is read. */
Test(tree_python, memory_that_is_forged_meanwhile_costs_little_and_loosens_nothing)
{
	const char *const argv[] = {tree_victim("forged_python"), "200", NULL};
	struct tree tree = {0};

	tree_start(&tree, argv, take_forged);
	tree_run_to_end(&tree);
	cr_expect(eq(int, tree.status, 0));
	cr_expect(eq(uint, forged_stacks, 200));
	cr_expect(gt(sz, forged_frames, (size_t)200));
	cr_expect(lt(dbl, forged_longest, 1.0));
	tree_finish(&tree);
}

/* ---- made-up memory ---- */

enum { BASE = 0x10000, IMAGE_SIZE = 64 * 1024 };

static unsigned char image[IMAGE_SIZE];
static unsigned reads;

static bool image_read(void *context, uint64_t address, void *buffer, size_t size)
{
	(void)context;
	reads++;
	if (address < BASE || address - BASE > IMAGE_SIZE ||
		size > IMAGE_SIZE - (address - BASE)) {
		return false;
	}
	memcpy(buffer, image + (address - BASE), size);
	return true;
}

static void put(uint64_t address, uint64_t value)
{
	memcpy(image + (address - BASE), &value, sizeof(value));
}

enum {
	RUNTIME = BASE,
	INTERPRETER = BASE + 0x400,
	THREAD = BASE + 0x800,
	CONTROL = BASE + 0xc00,
	FRAME = BASE + 0x1000,
	CODE = BASE + 0x2000,
	STRING = BASE + 0x3000,
	TABLE = BASE + 0x4000,
};

/* One frame of 3.11: f.py, line 7. */
static void put_stack(void)
{
	memset(image, 0, sizeof(image));
	put(RUNTIME + 40, INTERPRETER);
	put(INTERPRETER + 16, THREAD);
	put(THREAD + 152, 99);
	put(THREAD + 56, CONTROL);
	put(CONTROL + 8, FRAME);
	put(FRAME + 32, CODE);
	put(FRAME + 56, CODE + 184);
	put(CODE + 72, 7);
	put(CODE + 112, STRING);
	put(CODE + 128, STRING);
	put(CODE + 136, TABLE);
	put(STRING + 16, 4);
	put(STRING + 32, 1u << 2 | 1u << 5 | 1u << 6);
	memcpy(image + (STRING + 48 - BASE), "f.py", 4);
	put(TABLE + 16, 1);
	image[TABLE + 32 - BASE] = 0x80 | 10 << 3;
}

static bool read_stack_as(const struct python_layout *layout, struct code_facts *facts)
{
	static struct stack_memory memory;
	const struct python_thread thread = {.fs_base = 99};

	*facts = (struct code_facts){0};
	reads = 0;
	stack_memory_init(&memory, image_read, NULL, PYTHON_READS_MAX);
	return python_stack_read(&memory, layout, RUNTIME, &thread, facts);
}

static bool read_stack(struct code_facts *facts)
{
	return read_stack_as(python_layout_find(11), facts);
}

Test(python_stack, made_up_stack_is_read)
{
	struct code_facts facts;

	put_stack();
	cr_assert(read_stack(&facts));
	cr_assert(eq(sz, facts.frame_count, 1));
	cr_expect(text_equal_string(facts.frames[0].file, "f.py"));
	cr_expect(eq(int, facts.frames[0].line, 7));
	cr_expect(not(facts.is_cut));
	cr_expect(le(uint, reads, 16));
	code_facts_finish(&facts);
}

/* 3.14 without the global lock: where its headers put things. */
static struct python_layout layout_without_lock(void)
{
	struct python_layout layout = *python_layout_find(14);

	layout.entry = 78;
	layout.file = 128;
	layout.name = 144;
	layout.first_line = 84;
	layout.line_table = 152;
	layout.instructions = 232;
	layout.head = 32;
	layout.ascii = 56;
	layout.wide = 72;
	layout.bytecode_index = 72;
	layout.bytecodes = 224;
	return layout;
}

enum { COPIES = BASE + 0x5000, COPY = BASE + 0x6000 };

/* The frame runs the thread's copy of the instructions, the second of them on line 9. */
static void put_stack_without_lock(void)
{
	memset(image, 0, sizeof(image));
	put(RUNTIME + 808, INTERPRETER);
	put(INTERPRETER + 7344, THREAD);
	put(THREAD + 152, 99);
	put(THREAD + 72, FRAME);
	put(FRAME, CODE | 1);
	put(FRAME + 56, COPY + 2);
	put(FRAME + 72, 3);
	put(CODE + 84, 7);
	put(CODE + 128, STRING);
	put(CODE + 144, STRING);
	put(CODE + 152, TABLE);
	put(CODE + 224, COPIES);
	put(COPIES, 4);
	put(COPIES + 8 + 3 * 8, COPY);
	put(STRING + 32, 4);
	put(STRING + 48, 1u << 8 | 1u << 11 | 1u << 12 | 2u);
	memcpy(image + (STRING + 56 - BASE), "f.py", 4);
	put(TABLE + 32, 4);
	image[TABLE + 48 - BASE] = 0x80 | 10 << 3;
	image[TABLE + 50 - BASE] = 0x80 | 12 << 3;
}

Test(python_stack, threads_without_the_lock_run_their_own_instructions)
{
	struct python_layout layout = layout_without_lock();
	struct code_facts facts;

	put_stack_without_lock();
	cr_assert(read_stack_as(&layout, &facts));
	cr_assert(eq(sz, facts.frame_count, 1));
	cr_expect(text_equal_string(facts.frames[0].file, "f.py"));
	cr_expect(text_equal_string(facts.frames[0].function, "f.py"));
	cr_expect(eq(int, facts.frames[0].line, 9));
	code_facts_finish(&facts);

	put(FRAME + 72, UINT32_MAX); /* no such copy */
	cr_assert(read_stack_as(&layout, &facts));
	cr_expect(eq(int, facts.frames[0].line, 0));
	code_facts_finish(&facts);
}

Test(python_stack, circle_of_frames_is_cut)
{
	struct code_facts facts;

	put_stack();
	put(FRAME + 48, FRAME);
	cr_assert(read_stack(&facts));
	cr_expect(eq(sz, facts.frame_count, (size_t)CODE_FRAMES_MAX));
	cr_expect(facts.is_cut);
	code_facts_finish(&facts);
}

Test(python_stack, circles_of_threads_and_interpreters_end)
{
	struct code_facts facts;

	put_stack();
	put(THREAD + 152, 98);
	put(THREAD + 8, THREAD);
	put(INTERPRETER, INTERPRETER);
	cr_expect(not(read_stack(&facts)));
	code_facts_finish(&facts);
}

Test(python_stack, wild_pointers_give_nothing)
{
	static const uint64_t places[] = {RUNTIME + 40, INTERPRETER + 16, THREAD + 56,
		CONTROL + 8, FRAME + 32, CODE + 112};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct code_facts facts;
		put_stack();
		put(places[i], UINT64_MAX - 7);
		cr_expect(not(read_stack(&facts)), "%zu", i);
		code_facts_finish(&facts);
	}
}

Test(python_stack, huge_lengths_are_no_strings)
{
	struct code_facts facts;

	put_stack();
	put(STRING + 16, UINT64_MAX);
	cr_expect(not(read_stack(&facts)));
	code_facts_finish(&facts);
	put_stack();
	put(TABLE + 16, UINT64_MAX / 2);
	cr_assert(read_stack(&facts));
	cr_expect(eq(int, facts.frames[0].line, 0));
	code_facts_finish(&facts);
}
