#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Children whose makers are killed in the moment of their birth, while Duenna has no descriptor
left to see whose they are: nobody else is killed in their place.

usage: orphans.py DUENNA

It runs in a namespace of numbers, since that could be everybody.
"""

import os
import resource
import subprocess
import sys

from callers import CALLERS
from names_test import NamesTest, enter_own_numbers

LIMIT = 70
MAKERS = 200
PROGRAM = CALLERS + """
import random, sys, time
limit, makers = map(int, sys.argv[1:])
callers = [caller_start() for _ in range(limit)]
for _ in range(makers):
    maker = os.fork()
    if maker == 0:
        while True:
            child = os.fork()
            if child == 0:
                os._exit(0)
            os.waitpid(child, 0)
    end = time.monotonic() + 0.004 * random.random()
    while time.monotonic() < end:
        pass
    os.kill(maker, signal.SIGKILL)
    os.waitpid(maker, 0)
callers_end(callers)
print("done")
"""


def become_limited():
    resource.setrlimit(resource.RLIMIT_NOFILE, (LIMIT, LIMIT))


def main():
    if sys.argv[-1] != "--inside":
        enter_own_numbers(sys.argv)
    test = NamesTest(sys.argv[1], "orphans")
    try:
        test.remake("project", "home", "run")
        test.write("rules", b"allow any *")
        for carrier in ("auto", "trace"):
            with subprocess.Popen(["/usr/bin/sleep", "600"]) as bystander:
                done = test.run_command(
                    [*test.supervised(carrier, "--rules", test.path("rules")),
                     "/usr/bin/python3", "-c", PROGRAM, str(LIMIT), str(MAKERS)],
                    preexec_fn=become_limited)
                test.expect(bystander.poll() is None and done.stdout == b"done\n",
                            f"carrier {carrier}: {bystander.poll()} {done}")
                bystander.kill()
    finally:
        test.close()
    test.end("2 carriers")


main()
