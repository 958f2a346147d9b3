/* SPDX-License-Identifier: MIT */
/* Held calls: only their thread waits, and signals, answers and ends reach it. */
#include "tree_driver.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

TestSuite(tree_holds, .timeout = 120);

enum { SECOND = 1 };

/* A victim that holds at what its behaviour's calls have in common. */
static void start_holding(struct tree *tree, const char *behaviour, const char *word)
{
	const char *const argv[] = {tree_victim("holds"), behaviour, NULL};

	*tree = (struct tree){.word = word, .policy_answer = TREE_HOLDS};
	tree_start(tree, argv, tree_answer_matching);
	(void)tree_await_held(tree, 1);
}

static void expect_end(struct tree *tree, const char *shown)
{
	tree_run_to_end(tree);
	cr_expect(strstr(tree->shown, shown) != NULL, "%s", tree->shown);
	tree_finish(tree);
}

/* The sibling works while the call is held; then the answer is given. */
static void answer_after_sibling(
	const char *behaviour, const char *word, int answer, const char *shown)
{
	struct tree tree;

	start_holding(&tree, behaviour, word);
	tree_type(&tree, "a");
	tree_await_output(&tree, "sibling a 1\n");
	tree_type(&tree, "b");
	tree_await_output(&tree, "sibling b 1\n");
	cr_expect(tree.held[0] != NULL);
	tree.policy_answer = TREE_ALLOWS; /* also when it is given out again */
	tree_answer_held(&tree, 0, answer);
	expect_end(&tree, shown);
}

Test(tree_holds, allowed_open_happens)
{
	answer_after_sibling("hold_open", "hostname", TREE_ALLOWS, "open done\n");
}

Test(tree_holds, denied_open_fails)
{
	answer_after_sibling("hold_open", "hostname", EPERM, "open EPERM\n");
}

Test(tree_holds, allowed_connect_happens)
{
	answer_after_sibling(
		"hold_connect", "127.9.9.9", TREE_ALLOWS, "connect done\n");
}

Test(tree_holds, denied_connect_fails)
{
	answer_after_sibling(
		"hold_connect", "127.9.9.9", ECONNREFUSED, "connect ECONNREFUSED\n");
}

Test(tree_holds, denied_exec_fails)
{
	answer_after_sibling("hold_exec", "bin/true", EACCES, "exec EACCES\n");
}

Test(tree_holds, allowed_exec_replaces_the_sibling)
{
	answer_after_sibling("hold_exec", "bin/true", TREE_ALLOWS, "sibling b 1\n");
}

Test(tree_holds, child_of_vfork_waits_like_any_other)
{
	answer_after_sibling("hold_vfork_exec", "bin/true", TREE_ALLOWS, "child 0\n");
	answer_after_sibling("hold_vfork_exec", "bin/true", EPERM, "child 100\n");
}

static void maker_is_ended(const char *behaviour, const char *word)
{
	struct tree tree;

	start_holding(&tree, behaviour, word);
	tracer_signal_command(tree.tracer, SIGWINCH); /* not fatal */
	tracer_signal_command(tree.tracer, SIGTERM);
	tree_run_to_end(&tree);
	cr_expect(eq(int, tree.status, SIGTERM));
	cr_expect(eq(sz, tree_count(&tree, TRACER_WITHDRAWN, word), 1));
	tree_finish(&tree);
}

Test(tree_holds, fatal_signal_reaches_who_waits_for_a_held_child_of_vfork)
{
	maker_is_ended("hold_vfork_alone", "bin/true");
	maker_is_ended("hold_vfork_open", "hostname");
}

static void sibling_ends_all(const char *behaviour, const char *word)
{
	struct tree tree;

	start_holding(&tree, behaviour, word);
	tree_type(&tree, "x");
	tree_run_to_end(&tree);
	cr_expect(eq(int, WEXITSTATUS(tree.status), 9));
	cr_expect(tree.held[0] == NULL);
	cr_expect(eq(sz, tree_count(&tree, TRACER_WITHDRAWN, word), 1));
	tree_finish(&tree);
}

Test(tree_holds, sibling_may_end_the_process)
{
	sibling_ends_all("hold_open", "hostname");
	sibling_ends_all("hold_connect", "127.9.9.9");
	sibling_ends_all("hold_exec", "bin/true");
}

static void sibling_executes(const char *behaviour, const char *word)
{
	struct tree tree;

	start_holding(&tree, behaviour, word);
	tree_type(&tree, "e");
	tree_run_to_end(&tree);
	cr_expect(strstr(tree.shown, "executed\n") != NULL);
	cr_expect(eq(sz, tree_count(&tree, TRACER_WITHDRAWN, word), 1));
	tree_finish(&tree);
}

Test(tree_holds, sibling_may_execute)
{
	sibling_executes("hold_open", "hostname");
	sibling_executes("hold_connect", "127.9.9.9");
	sibling_executes("hold_exec", "bin/true");
}

Test(tree_holds, killed_process_withdraws_its_question)
{
	struct tree tree;

	start_holding(&tree, "hold_open", "hostname");
	tracer_signal_command(tree.tracer, SIGKILL);
	tree_run_to_end(&tree);
	cr_expect(tree.held[0] == NULL);
	cr_expect(eq(int, tree.status, SIGKILL));
	tree_finish(&tree);
}

static void handler_restarts(const char *behaviour, const char *word, const char *shown)
{
	struct tree tree;

	start_holding(&tree, behaviour, word);
	tracer_signal_command(tree.tracer, SIGUSR1);
	tree_await_output(&tree, "handler 1\n");
	(void)tree_await_held(&tree, 2);
	cr_expect(tree.held[0] == NULL);
	cr_expect(tree.held[SECOND]->restarted);
	tree.policy_answer = TREE_ALLOWS;
	tree_answer_held(&tree, SECOND, TREE_ALLOWS);
	expect_end(&tree, shown);
}

Test(tree_holds, handler_with_restart_asks_again)
{
	handler_restarts("hold_open_restarting", "hostname", "open done\n");
	handler_restarts("hold_connect_restarting", "127.9.9.9", "connect done\n");
}

static void handler_interrupts(
	const char *behaviour, const char *word, const char *shown)
{
	struct tree tree;

	start_holding(&tree, behaviour, word);
	tracer_signal_command(tree.tracer, SIGUSR1);
	tree_await_output(&tree, shown);
	cr_expect(strstr(tree.shown, "handler 1\n") != NULL);
	cr_expect(eq(sz, tree_count(&tree, TRACER_WITHDRAWN, word), 1));
	expect_end(&tree, shown);
}

Test(tree_holds, handler_without_restart_interrupts)
{
	handler_interrupts("hold_open_interrupted", "hostname", "open EINTR\n");
	handler_interrupts("hold_connect_interrupted", "127.9.9.9", "connect EINTR\n");
}

Test(tree_holds, stopped_process_keeps_or_repeats_its_question)
{
	struct tree tree;

	start_holding(&tree, "hold_open", "hostname");
	tracer_signal_command(tree.tracer, SIGSTOP);
	(void)tree_await_note(&tree, TRACER_COMMAND_STOPPED, "", 0);
	tracer_signal_command(tree.tracer, SIGCONT);
	tree_type(&tree, "a");
	tree_await_output(&tree, "sibling a 1\n");
	while (!tree.held[tree.held_count - 1]) {
		tree_step(&tree);
	}
	tree.policy_answer = TREE_ALLOWS;
	tree_answer_held(&tree, tree.held_count - 1, TREE_ALLOWS);
	expect_end(&tree, "open done\n");
}

static bool is_anything_held(const struct tree *tree)
{
	return tree->held_count > 0 && tree->held[tree->held_count - 1] != NULL;
}

/* Ctrl-Z, a continuation, and Ctrl-C of a job that a question holds. */
static void keys_reach_job(const char *behaviour, const char *word)
{
	struct tree tree;

	start_holding(&tree, behaviour, word);
	tree_type(&tree, "a");
	tree_await_output(&tree, "continued 1\n");
	cr_expect(strstr(tree.shown, "stopped by 20\n") != NULL, "%s", tree.shown);
	while (!is_anything_held(&tree)) {
		tree_step(&tree);
	}
	tree_type(&tree, "b");
	tree_run_to_end(&tree);
	cr_expect(strstr(tree.shown, "killed by 2\n") != NULL, "%s", tree.shown);
	cr_expect(strstr(tree.shown, "open") == NULL, "%s", tree.shown);
	cr_expect(is_anything_held(&tree) == false);
	tree_finish(&tree);
}

Test(tree_holds, keys_stop_and_end_a_job_that_is_held)
{
	keys_reach_job("hold_job_open", "hostname");
	keys_reach_job("hold_job_open_beside_others", "hostname");
	keys_reach_job("hold_job_connect", "127.9.9.9");
	keys_reach_job("hold_job_exec", "bin/true");
}

Test(tree_holds, answered_call_happens_once)
{
	struct tree tree;

	start_holding(&tree, "hold_create", "write");
	tree.policy_answer = TREE_ALLOWS;
	tree_answer_held(&tree, 0, TREE_ALLOWS);
	tree_run_to_end(&tree);
	cr_expect(eq(str, tree.shown, "mkdir done\nrmdir done\n"));
	tree_finish(&tree);
}

static int hold_once(struct tree *tree, const struct request *request)
{
	(void)tree;
	const struct text object = request->actions[0].object;
	bool is_held = memmem(object.bytes, object.length, "hostname", 8) != NULL ||
		       memmem(object.bytes, object.length, "127.9.9.9", 9) != NULL;

	return is_held && !request->restarted ? TREE_HOLDS : TREE_ALLOWS;
}

/* Lets some time pass, each time another, in which the tracer does its work. */
static void wait_a_moment(struct tree *tree, unsigned *seed)
{
	enum { ROUNDS = 16, LOOPS = 2000 };
	int rounds = rand_r(seed) % ROUNDS;

	for (int i = 0; i < rounds; i++) {
		tree_handle_ready(tree);
		for (volatile int k = rand_r(seed) % LOOPS; k > 0; k--) {
		}
	}
}

/* An answer may find the thread anywhere on its way to where it is held. */
static void answer_at_any_moment(const char *behaviour)
{
	const char *const argv[] = {tree_victim("holds"), behaviour, NULL};
	struct tree tree = {0};
	unsigned seed = 1;

	tree_start(&tree, argv, hold_once);
	while (!tree.tree_ended) {
		tree_step(&tree);
		if (tree.held_count > 0) {
			wait_a_moment(&tree, &seed);
			if (tree.held[0]) {
				tree_answer_held(&tree, 0, TREE_ALLOWS);
			}
			tree.held_count = 0;
		}
	}
	expect_end(&tree, "done 4000 of 4000\n");
}

Test(tree_holds, answer_finds_the_thread_at_any_moment)
{
	answer_at_any_moment("hold_many");
}

Test(tree_holds, answer_and_signals_find_the_thread_at_any_moment)
{
	answer_at_any_moment("hold_many_with_signals");
}
