/* SPDX-License-Identifier: MIT */
/* Calls whose arguments are read, judged and pinned have the results of native ones. */
#include "tree_driver.h"

#include <criterion/criterion.h>

TestSuite(tree_arguments, .timeout = 120);

Test(tree_arguments, bad_pointers_are_faults)
{
	tree_expect_as_native("arguments", "give_bad_pointers");
}

Test(tree_arguments, odd_addresses_fail_as_ever)
{
	tree_expect_as_native("arguments", "give_odd_addresses");
}

Test(tree_arguments, names_of_files_mean_nothing_to_other_sockets)
{
	tree_expect_as_native("arguments", "give_names_to_other_sockets");
}

Test(tree_arguments, all_ways_of_sending_arrive)
{
	tree_expect_as_native("arguments", "send_in_all_ways");
}

Test(tree_arguments, relatives_share_or_inherit_the_pages)
{
	tree_expect_as_native("arguments", "connect_in_relatives");
}

Test(tree_arguments, pages_fit_into_little_address_space)
{
	tree_expect_as_native("arguments", "connect_within_limits");
}

Test(tree_arguments, no_register_changes)
{
	tree_expect_as_native("arguments", "keep_registers");
}

Test(tree_arguments, no_register_of_any_kind_changes)
{
	tree_expect_as_native("registers", "keep_all_registers");
}

Test(tree_arguments, users_that_root_becomes_can_work)
{
	tree_expect_as_native("arguments", "become_others");
}

Test(tree_arguments, fifos_block_and_connect)
{
	tree_expect_as_native("arguments", "open_fifos");
}
