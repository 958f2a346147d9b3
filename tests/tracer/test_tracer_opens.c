/* SPDX-License-Identifier: MIT */
/* Opens by whole programs: magic links, terminals, leases, what new files are made like. */
#include "tree_driver.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(tree_opens, .timeout = 240);

Test(tree_opens, magic_links_lead_where_they_lead_natively)
{
	tree_expect_as_native("opens", "open_magic_links");
}

Test(tree_opens, the_callers_own_process_is_the_callers)
{
	tree_expect_as_native("opens", "open_own_process");
}

Test(tree_opens, new_files_get_the_same_mode_and_group)
{
	tree_expect_as_native("opens", "make_files");
}

Test(tree_opens, terminals_become_a_sessions_own_as_natively)
{
	tree_expect_as_native("opens", "open_terminals");
}

Test(tree_opens, opened_files_get_names_as_natively)
{
	tree_expect_as_native("links", "link_opened");
}

Test(tree_opens, locks_end_with_the_files_that_they_belong_to)
{
	tree_expect_as_native("locks", "lock_closed");
}

Test(tree_opens, who_watches_files_sees_what_happens_natively)
{
	tree_expect_as_native("events", "watch_calls");
}

Test(tree_opens, opens_get_the_same_numbers_or_leave_all_as_it_is)
{
	tree_expect_as_native("numbers", "open_numbers");
}

struct lease {
	char name[32];
	pid_t holder;
	int orders; /* a byte has the lease given up */
	bool is_possible;
};

/* Never returns. A lease that is about to be broken is kept until it is told. */
static void hold_lease(const char *name, int orders, int report)
{
	const int fd = open(name, O_RDWR | O_CLOEXEC);
	char byte;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGIO, SIG_IGN);
	(void)!write(report, fcntl(fd, F_SETLEASE, F_WRLCK) == 0 ? "y" : "n", 1);
	(void)!read(orders, &byte, 1);
	(void)fcntl(fd, F_SETLEASE, F_UNLCK);
	_exit(0);
}

static void take_lease(struct lease *lease)
{
	int orders[2];
	int report[2];
	char answer = 'n';

	(void)strcpy(lease->name, "/tmp/leasedXXXXXX");
	const int fd = mkstemp(lease->name);

	cr_assert(fd >= 0 && close(fd) == 0);
	cr_assert(pipe2(orders, O_CLOEXEC) == 0 && pipe2(report, O_CLOEXEC) == 0);
	lease->holder = fork();
	if (lease->holder == 0) {
		close(orders[1]);
		hold_lease(lease->name, orders[0], report[1]);
	}
	close(orders[0]);
	close(report[1]);
	cr_assert(read(report[0], &answer, 1) == 1);
	close(report[0]);
	lease->orders = orders[1];
	lease->is_possible = answer == 'y';
}

static void drop_lease(struct lease *lease)
{
	cr_expect(write(lease->orders, "x", 1) == 1);
	cr_expect(waitpid(lease->holder, NULL, 0) == lease->holder);
}

static void forget_lease(struct lease *lease)
{
	close(lease->orders);
	(void)unlink(lease->name);
}

/* Only who opens waits for whoever outside holds the lease. */
Test(tree_opens, leases_of_others_are_waited_for)
{
	const char *const argv[] = {tree_victim("opens"), "open_leased", NULL};
	struct tree tree = {0};
	struct lease lease;

	take_lease(&lease);
	if (!lease.is_possible) {
		drop_lease(&lease);
		forget_lease(&lease);
		cr_skip_test("no leases here");
	}
	cr_assert(setenv("LEASED", lease.name, 1) == 0);
	tree_start(&tree, argv, NULL);
	tree_await_output(&tree, "another: done\n");
	cr_expect(strstr(tree.shown, "at once: EAGAIN\n") != NULL, "%s", tree.shown);
	cr_expect(strstr(tree.shown, "in the end") == NULL, "%s", tree.shown);
	drop_lease(&lease);
	tree_await_output(&tree, "in the end: done\n");
	tree_type(&tree, "x");
	tree_run_to_end(&tree);
	tree_finish(&tree);
	forget_lease(&lease);
}
