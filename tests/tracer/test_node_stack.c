/* SPDX-License-Identifier: MIT */
/* The reader of JavaScript stacks against what a script says of its own ones. */
#include "tracer/node_stack.h"
#include "tree_driver.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(tree_node, .timeout = 120);

static char *taken;
static size_t taken_length;
static FILE *taken_file;

static void frame_print(const struct code_frame *frame)
{
	if (!text_starts_with(frame->file, "node:")) {
		fprintf(taken_file, "\t%.*s:%d", (int)frame->function.length,
			frame->function.bytes, frame->line);
	}
}

static int take_at_hostname(struct tree *tree, const struct request *request)
{
	struct code_facts facts;

	if (!text_equal_string(request->actions[0].object, "/etc/hostname")) {
		return TREE_ALLOWS;
	}
	tracer_take_code(tree->tracer, request, &facts);
	fputs(facts.origin == CODE_FILES	 ? "F"
		: facts.origin == CODE_GENERATED ? "G"
						 : "?",
		taken_file);
	for (size_t i = 0; i < facts.frame_count; i++) {
		frame_print(&facts.frames[i]);
	}
	fputs("\n", taken_file);
	code_facts_finish(&facts);
	return TREE_ALLOWS;
}

static void expect_stacks_of(const char *node)
{
	char script[TREE_TEXT_SIZE];
	struct tree tree = {0};

	(void)snprintf(script, sizeof(script), "%s/tests/victims/node_probe.js",
		getenv("DUENNA_SOURCE"));
	const char *const argv[] = {node, script, NULL};
	taken_file = open_memstream(&taken, &taken_length);
	tree_start_libunwind();
	tree_start(&tree, argv, take_at_hostname);
	tree_run_to_end(&tree);
	fclose(taken_file);
	cr_expect(eq(int, tree.status, 0));
	cr_expect(eq(str, taken, tree.shown));
	tree_finish(&tree);
	free(taken);
}

/* node, and others by DUENNA_TEST_NODES, "PATH:PATH…". */
Test(tree_node, stack_is_what_the_script_says)
{
	const char *list = getenv("DUENNA_TEST_NODES");
	char *copy = strdup(list ? list : "/usr/bin/node");
	char *position = NULL;
	bool is_there = false;

	for (char *node = strtok_r(copy, ":", &position); node;
		node = strtok_r(NULL, ":", &position)) {
		if (access(node, X_OK) == 0) {
			expect_stacks_of(node);
			is_there = true;
		}
	}
	free(copy);
	if (!is_there) {
		cr_skip_test("there is no node");
	}
}

/* Asynchronous calls are carried out by threads without any JavaScript. */
static enum code_origin last_origin;

static int take_origin(struct tree *tree, const struct request *request)
{
	struct code_facts facts;

	if (text_ends_with(request->actions[0].object, tree->word)) {
		tracer_take_code(tree->tracer, request, &facts);
		last_origin = facts.origin;
		code_facts_finish(&facts);
	}
	return TREE_ALLOWS;
}

static void expect_origin(const char *text, const char *word, enum code_origin origin)
{
	const char *const argv[] = {"/usr/bin/node", "-e", text, NULL};
	struct tree tree = {.word = word};

	if (access(argv[0], X_OK) != 0) {
		cr_skip_test("there is no node");
	}
	last_origin = CODE_NONE;
	tree_start_libunwind();
	tree_start(&tree, argv, take_origin);
	tree_run_to_end(&tree);
	cr_expect(eq(int, (int)last_origin, (int)origin));
	tree_finish(&tree);
}

Test(tree_node, call_of_a_thread_without_script_is_unknown)
{
	expect_origin("require('fs').promises.readFile('/etc/hostname')", "/hostname",
		CODE_UNKNOWN);
}

Test(tree_node, code_on_the_command_line_is_generated)
{
	expect_origin("require('fs').readFileSync('/etc/hostname')", "/hostname",
		CODE_GENERATED);
}

/* The forked child lacks the heap, which is read where its parent waits. */
Test(tree_node, program_started_by_generated_code_is_seen_so)
{
	expect_origin("require('child_process').spawnSync('/bin/true')", "/true",
		CODE_GENERATED);
}
