/* SPDX-License-Identifier: MIT */
#include "base/defence.h"

#include <criterion/criterion.h>

#include <stdlib.h>

#ifdef DUENNA_TEST_HOOKS

static void expect_off(const char *list, bool pins, bool guards)
{
	cr_assert(setenv("DUENNA_TEST_WITHOUT", list, 1) == 0);
	cr_expect(defence_is_off(DEFENCE_PINS) == pins, "pins in '%s'", list);
	cr_expect(
		defence_is_off(DEFENCE_PAGE_GUARDS) == guards, "guards in '%s'", list);
}

Test(defence, is_off_only_by_its_whole_name)
{
	expect_off("", false, false);
	expect_off("pins", true, false);
	expect_off("pin", false, false);
	expect_off("pinss", false, false);
	expect_off("page", false, false);
	expect_off("page-guards,pins", true, true);
	expect_off(",,pins,", true, false);
	expect_off("page-seal,page-guards", false, true);
}

Test(defence, is_on_by_itself)
{
	cr_assert(unsetenv("DUENNA_TEST_WITHOUT") == 0);
	for (int i = 0; i < DEFENCE_COUNT; i++) {
		cr_expect_not(defence_is_off((enum defence)i));
	}
}

#else

Test(defence, cannot_be_off)
{
	cr_assert(setenv("DUENNA_TEST_WITHOUT", "pins", 1) == 0);
	cr_expect_not(defence_is_off(DEFENCE_PINS));
}

#endif
