#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A tree that uses up the descriptors that Duenna may have, one after the other: in between
there are too few to see whose terminal is opened, and then nobody gets it.

usage: descriptors.py DUENNA
"""

import errno
import os
import pty
import resource
import select
import sys

from callers import CALLERS
from names_test import NamesTest

LIMIT = 100
RULES = b"""
allow any     *
deny  inspect *
"""
PROGRAM = CALLERS + r"""
import sys
terminal, fifo, most = sys.argv[1:]
os.close(os.open(fifo, os.O_RDWR))
callers, said = [], set()
for _ in range(int(most)):
    callers.append(caller_start())
    try:
        os.write(os.open(terminal, os.O_WRONLY | os.O_NOCTTY), b"drawn")
    except OSError as error:
        said.add(error.errno)
callers_end(callers)
print(sorted(said))
"""


def become_limited():
    resource.setrlimit(resource.RLIMIT_NOFILE, (LIMIT, LIMIT))


class Test(NamesTest):
    def run(self, *before, most, limit=None):
        """What the program says, and what the terminal of another session got."""
        self.remake("project", "home", "run")
        self.write("rules", RULES)
        os.mkfifo(self.path("project/fifo"))
        ready, done = os.pipe()
        owner, master = pty.fork()
        if owner == 0:
            os.write(done, os.ttyname(0).encode())
            os.read(0, 1)
            os._exit(0)
        terminal = os.read(ready, 99).decode()
        command = [*before, "/usr/bin/python3", "-c", PROGRAM, terminal, "fifo", str(most)]
        said = self.run_command(command, preexec_fn=limit)
        shown = os.read(master, 99) if select.select([master], [], [], 0)[0] else b""
        for fd in (ready, done, master):
            os.close(fd)
        os.waitpid(owner, 0)
        return said, shown


def main():
    test = Test(sys.argv[1], "descriptors")
    try:
        said, shown = test.run(most=1)
        test.expect(b"drawn" in shown, f"natively: {said} {shown}")
        for carrier in ("auto", "trace"):
            before = test.supervised(carrier, "--rules", test.path("rules"))
            said, shown = test.run(*before, most=LIMIT, limit=become_limited)
            test.expect(not shown, f"carrier {carrier}: {shown}")
            test.expect(said.stdout.endswith(f"{errno.EMFILE}]\n".encode()),
                        f"carrier {carrier}: {said}")
    finally:
        test.close()
    test.end("2 carriers")


main()
