/* SPDX-License-Identifier: MIT */
/* Job control, storms of signals, and the person's own means to stop a tree. */
#include "tree_driver.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

TestSuite(tree_jobs, .timeout = 240);

Test(tree_jobs, waiting_child_is_stopped_and_continued)
{
	tree_expect_as_native("jobs", "control_waiting");
}

Test(tree_jobs, opening_child_is_stopped_and_continued)
{
	tree_expect_as_native("jobs", "control_opening");
}

Test(tree_jobs, threads_are_stopped_and_continued)
{
	tree_expect_as_native("jobs", "control_threads");
}

Test(tree_jobs, executing_child_is_stopped_and_continued)
{
	tree_expect_as_native("jobs", "control_executing");
}

Test(tree_jobs, child_stops_itself)
{
	tree_expect_as_native("jobs", "stop_itself");
}

Test(tree_jobs, every_wait_tells_what_it_tells_natively)
{
	tree_expect_as_native("jobs", "wait_in_all_ways");
	tree_expect_as_native("jobs", "wait_for_ends");
	tree_expect_as_native("jobs", "wait_for_orphans");
}

Test(tree_jobs, storm_of_signals_changes_no_file_call)
{
	tree_expect_as_native("jobs", "create_in_storm");
}

/* What was under way may end; then nothing more may be asked. */
static void expect_silence(struct tree *tree)
{
	size_t before = 0;

	for (int round = 0; round < 4; round++) {
		(void)poll(
			NULL, 0, 50); /* nothing happens: there is no event to await */
		tree_handle_ready(tree);
		if (round == 1) {
			before = tree_count(tree, TRACER_REQUEST, "");
		}
	}
	cr_expect(eq(sz, tree_count(tree, TRACER_REQUEST, ""), before));
}

static void pause_and_resume(const char *victim, const char *behaviour, const char *end)
{
	const char *const argv[] = {tree_victim(victim), behaviour, NULL};
	struct tree tree = {0};

	tree_start(&tree, argv, NULL);
	(void)tree_await_note(&tree, TRACER_PROCESS_START, "", 2);
	for (int i = 0; i < 3 && !tree.tree_ended; i++) {
		tracer_pause_tree(tree.tracer, true);
		expect_silence(&tree);
		tracer_pause_tree(tree.tracer, false);
		for (int step = 0; step < 20 && !tree.tree_ended; step++) {
			tree_step(&tree);
		}
	}
	tree_run_to_end(&tree);
	cr_expect(strstr(tree.shown, end) != NULL, "%s", tree.shown);
	tree_finish(&tree);
}

Test(tree_jobs, paused_tree_does_nothing_until_it_is_resumed)
{
	pause_and_resume("jobs", "control_threads", "end: killed 15\n");
	pause_and_resume("jobs", "control_executing", "end: killed 15\n");
	pause_and_resume("lives", "kill_children", "100 killed\n");
}

Test(tree_jobs, one_process_can_be_killed)
{
	const char *const argv[] = {
		"/bin/sh", "-c", "sleep 1000 & wait $!; echo $?", NULL};
	struct tree tree = {0};

	tree_start(&tree, argv, NULL);
	size_t place = tree_await_note(&tree, TRACER_PROCESS_EXEC, "sleep", 0);
	cr_expect(tracer_kill_process(tree.tracer, tree.notes[place].pid));
	tree_run_to_end(&tree);
	cr_expect(eq(str, tree.shown, "137\n"));
	cr_expect(tracer_kill_process(tree.tracer, 1) == false);
	tree_finish(&tree);
}

Test(tree_jobs, whole_tree_can_be_killed)
{
	const char *const argv[] = {"/bin/sh", "-c", "sleep 1000 & sleep 1000", NULL};
	struct tree tree = {0};

	tree_start(&tree, argv, NULL);
	size_t place = tree_await_note(&tree, TRACER_PROCESS_EXEC, "sleep", 0);
	(void)tree_await_note(&tree, TRACER_PROCESS_EXEC, "sleep", place + 1);
	tracer_kill_tree(tree.tracer);
	tree_run_to_end(&tree);
	cr_expect(eq(int, tree.status, SIGKILL));
	tree_finish(&tree);
}

Test(tree_jobs, stop_of_the_command_is_reported)
{
	const char *const argv[] = {"/bin/sh", "-c", "kill -STOP $$; echo on", NULL};
	struct tree tree = {0};

	tree_start(&tree, argv, NULL);
	size_t place = tree_await_note(&tree, TRACER_COMMAND_STOPPED, "", 0);
	cr_expect(eq(int, tree.notes[place].status, SIGSTOP));
	tracer_signal_command(tree.tracer, SIGCONT);
	tree_run_to_end(&tree);
	cr_expect(eq(str, tree.shown, "on\n"));
	tree_finish(&tree);
}
