/* SPDX-License-Identifier: MIT */
/* Births, execs and ends of processes and threads, as the tracer reports them. */
#include "tracer/probe.h"
#include "tree_driver.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

TestSuite(tree_lives, .timeout = 120);

Test(tree_lives, exit_status_is_the_commands)
{
	tree_expect_as_native("lives", "exit_seven");
}

Test(tree_lives, fatal_signal_is_the_commands)
{
	tree_expect_as_native("lives", "kill_itself");
}

Test(tree_lives, crash_is_the_commands)
{
	tree_expect_as_native("lives", "crash");
}

Test(tree_lives, alarm_ends_the_command)
{
	tree_expect_as_native("lives", "end_by_alarm");
}

static int create_fails(const char *program)
{
	const char *const argv[] = {program, NULL};
	char *const environment[] = {(char *)"PATH=/usr/bin:/bin", NULL};
	struct tracer_options options = {.argv = (char *const *)argv,
		.environment = environment,
		.stdio = {0, 1, 2},
		.judge_reads = true};
	struct error err = {0};

	cr_expect(tracer_create(&options, &err) == NULL);
	cr_expect(strstr(err.text, program) != NULL, "%s", err.text);
	return err.code;
}

Test(tree_lives, unknown_command_is_not_found)
{
	cr_expect(eq(int, create_fails("no-such-program-here"), ENOENT));
	cr_expect(eq(int, create_fails("/no/such/program"), ENOENT));
}

Test(tree_lives, file_without_execute_bit_cannot_run)
{
	cr_expect(eq(int, create_fails("/etc/passwd"), EACCES));
	cr_expect(eq(int, create_fails("/etc"), EACCES));
}

/* Every "how PARENT CHILD" line of the output was reported with that parent. */
static void expect_family(const struct tree *tree)
{
	int parent, child, found = 0;
	char how[16];

	for (const char *line = tree->shown; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "%15s %d %d", how, &parent, &child) != 3 ||
			strcmp(how, "thread") == 0) {
			continue;
		}
		for (size_t i = 0; i < tree->note_count; i++) {
			const struct tree_note *note = &tree->notes[i];
			if (note->kind == TRACER_PROCESS_START && note->pid == child) {
				cr_expect(note->parent == parent, "%s %d: parent %d",
					how, child, note->parent);
				found++;
			}
		}
	}
	cr_expect(eq(int, found, 6));
}

Test(tree_lives, every_birth_has_its_parent)
{
	const char *const argv[] = {tree_victim("lives"), "found_family", NULL};
	struct tree tree = {0};

	tree_start(&tree, argv, NULL);
	tree_run_to_end(&tree);
	expect_family(&tree);
	cr_expect(eq(sz, tree_count(&tree, TRACER_PROCESS_START, ""), 7));
	cr_expect(eq(sz, tree_count(&tree, TRACER_PROCESS_END, ""), 7));
	cr_expect(eq(sz, tree_count(&tree, TRACER_PROCESS_EXEC, "/true"), 2));
	tree_finish(&tree);
}

Test(tree_lives, threads_are_no_processes_however_they_are_made)
{
	const char *const argv[] = {tree_victim("lives"), "make_odd_threads", NULL};
	struct tree tree = {0};

	tree_start(&tree, argv, NULL);
	tree_run_to_end(&tree);
	cr_expect(eq(str, tree.shown, "thread made: 1\nthread made: 1\n"));
	cr_expect(eq(sz, tree_count(&tree, TRACER_PROCESS_START, ""), 1));
	cr_expect(eq(sz, tree_count(&tree, TRACER_PROCESS_END, ""), 1));
	tree_finish(&tree);
}

Test(tree_lives, thread_executes_in_place_of_the_leader)
{
	tree_expect_as_native("lives", "execute_in_thread");
}

Test(tree_lives, images_are_told_their_name)
{
	tree_expect_as_native("lives", "execute_in_all_ways");
}

Test(tree_lives, threads_live_on_without_their_leader)
{
	struct probe_features features;

	tree_expect_as_native("lives", "leave_other_threads_at_once");
	probe_run(&features);
	if (!features.thread_pidfd) {
		cr_skip_test("their sockets can be had of the leader only");
	}
	tree_expect_as_native("lives", "leave_other_threads");
}

Test(tree_lives, daemon_outlives_the_command)
{
	const char *const argv[] = {tree_victim("lives"), "leave_daemon", NULL};
	struct tree tree = {0};

	tree_start(&tree, argv, NULL);
	while (!tree.command_ended) {
		tree_step(&tree);
	}
	tree_await_output(&tree, "daemon\n");
	cr_expect(tree.tree_ended == false);
	cr_expect(eq(int, WEXITSTATUS(tree.status), 3));
	size_t before = tree.note_count;
	tree_type(&tree, "x");
	tree_run_to_end(&tree);
	cr_expect(strstr(tree.shown, "daemon opened 1\n") != NULL);
	cr_expect(
		tree_await_note(&tree, TRACER_REQUEST, "read /etc/passwd", before) > 0);
	tree_finish(&tree);
}

Test(tree_lives, hundreds_of_short_lived_children_are_followed)
{
	tree_expect_as_native("lives", "have_many_children");
}

Test(tree_lives, a_thousand_threads_are_followed)
{
	const char *const argv[] = {tree_victim("lives"), "have_many_threads", NULL};
	struct tree tree = {0};
	struct tracer_counters counters;

	tree_start(&tree, argv, NULL);
	tree_run_to_end(&tree);
	cr_expect(eq(str, tree.shown, "0 failed\n"));
	tracer_counters(tree.tracer, &counters);
	cr_expect(eq(u64, counters.tasks, 0));
	cr_expect(counters.tasks_peak > 1000);
	tree_finish(&tree);
}

Test(tree_lives, children_may_be_killed_at_any_moment)
{
	tree_expect_as_native("lives", "kill_children");
}

Test(tree_lives, nobody_is_left_of_who_was_killed_executing)
{
	const char *const argv[] = {tree_victim("lives"), "kill_executing", NULL};
	struct tree tree = {0};
	struct tracer_counters counters;

	tree_start(&tree, argv, NULL);
	tree_await_output(&tree, "all are gone\n");
	tree_handle_ready(&tree);
	tracer_counters(tree.tracer, &counters);
	cr_expect(eq(u64, counters.tasks, 1));
	tree_type(&tree, "x");
	tree_run_to_end(&tree);
	tree_finish(&tree);
}

Test(tree_lives, full_descriptor_table_says_so)
{
	const char *disabled = getenv("DUENNA_DISABLE");

	if (disabled && strcmp(disabled, "all") == 0) {
		cr_skip_test("taking a descriptor from the keeper needs two places");
	}
	tree_expect_as_native("lives", "run_out_of_descriptors");
}

Test(tree_lives, what_is_left_is_killed_at_the_end)
{
	const char *const argv[] = {tree_victim("lives"), "kill_children", NULL};
	struct tree tree = {0};

	tree_start(&tree, argv, NULL);
	(void)tree_await_note(&tree, TRACER_PROCESS_START, "", 3);
	tree_finish(&tree);
	cr_expect(eq(int, waitpid(-1, NULL, WNOHANG), -1));
}
