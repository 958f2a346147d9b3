/* SPDX-License-Identifier: MIT */
/*
 * A folder below /tmp of a test's own that is its home and where it works, with an
 * environment that does not depend on who runs it: for tests of the real binary.
 */
#ifndef TESTS_SUPPORT_OWN_HOME_H
#define TESTS_SUPPORT_OWN_HOME_H

/*
 * Makes it and goes there; skips the test if DUENNA names no binary. The words become part
 * of its name. Returns its path, which is borrowed.
 */
const char *own_home_open(const char *words);
/* Removes it; does nothing if the test was skipped. */
void own_home_close(void);

/* A file with that text; the path may start where the test works. */
void own_home_write(const char *path, const char *text);

#endif
