#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A thread that executes a program takes the number of its process's first one. Its own may
be a newborn's before the program runs: nobody takes the two for one another. Later it may be
that of a process outside of the tree, which is not signalled without asking.

usage: reused_number.py DUENNA ODD-THREAD

It runs in a namespace of numbers, of which there are few.
"""

import os
import signal
import subprocess
import sys

from names_test import NamesTest, enter_own_numbers

NUMBERS = "900"
LIMIT_FILE = "/proc/sys/kernel/pid_max"
# The kernel is long at giving the memory back, which is there for nothing else.
SCRIPT = """
import mmap, os, sys, threading, time
RESERVED, SIZE, NO_RESERVE, NO_HUGE_PAGES, READ_ALL = 320, 2 << 30, 0x4000, 15, 22
def pass_number():
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return child
def execute():
    os.write(says[1], b"%d" % threading.get_native_id())
    os.read(begins[0], 1)
    os.execv("/bin/sleep", ["sleep", "0.01"])
says, begins = os.pipe(), os.pipe()
while pass_number() < RESERVED:
    pass
executing = os.fork()
if executing == 0:
    memory = mmap.mmap(-1, SIZE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | NO_RESERVE,
                       mmap.PROT_READ)
    memory.madvise(NO_HUGE_PAGES)
    memory.madvise(READ_ALL)
    threading.Thread(target=execute).start()
    time.sleep(60)
number = int(os.read(says[0], 20))
while pass_number() != executing - 1:
    pass
os.write(begins[1], b"x")
while os.path.exists(f"/proc/{executing}/task/{number}"):
    pass
child = os.fork()
if child == 0:
    print(os.readlink("/proc/self"), open(sys.argv[1]).read(), flush=True)
    os._exit(0)
print("ended", os.waitpid(child, 0)[1], flush=True)
os.waitpid(executing, 0)
"""


# The process outside comes when it is asked to.
KILLER = """
import os, sys
number = int(sys.argv[1])
print(number, flush=True)
sys.stdin.readline()
try:
    os.kill(number, 10)
    print("signalled", flush=True)
except OSError as error:
    print(error.strerror, flush=True)
"""


def read_limit():
    with open(LIMIT_FILE, encoding="ascii") as file:
        return file.read()


def have_few_numbers(outside):
    """Since Linux 6.14 the limit is the namespace's own, and not yet that of outside."""
    if read_limit() == outside:
        print("skipped: the limit of numbers is that of all namespaces")
        sys.exit(0)
    with open(LIMIT_FILE, "w", encoding="ascii") as file:
        file.write(NUMBERS)


def be_born_as(number):
    """A process with this number, which waits for a signal that ends it."""
    while True:
        child = os.fork()
        if child == 0:
            if os.getpid() == number:
                signal.pause()
            os._exit(0)
        if child == number:
            return child
        os.waitpid(child, 0)


def kill_outsider(test, before):
    """What the killer says, and by which signal the process outside ends."""
    command = [*before, os.path.realpath(sys.argv[2]), "/usr/bin/python3", "-c", KILLER]
    with subprocess.Popen(command, cwd=test.path("project"), env=test.environment,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as killer:
        outsider = be_born_as(int(killer.stdout.readline()))
        said, _ = killer.communicate(b"now\n", timeout=60)
    os.kill(outsider, signal.SIGKILL)
    return said, os.WTERMSIG(os.waitpid(outsider, 0)[1])


def main():
    if sys.argv[-1] != "--inside":
        os.environ["OUTSIDE"] = read_limit()
        enter_own_numbers(sys.argv)
    have_few_numbers(os.environ["OUTSIDE"])
    test = NamesTest(sys.argv[1], "reused-number")
    try:
        test.remake("project", "home", "run")
        test.write("rules", b"allow any *\ndeny signal *")
        test.write("project/own", b"known here")
        command = ["/usr/bin/python3", "-c", SCRIPT, test.path("project/own")]
        for carrier in (None, "auto", "trace"):
            before = test.supervised(carrier, "--rules", test.path("rules")) if carrier else []
            done = test.run_command([*before, *command])
            number = done.stdout.split()[0] if done.stdout else b""
            test.expect(done.stdout == number + b" known here\nended 0\n",
                        f"under carrier {carrier}: {done}")
            ended = kill_outsider(test, before)
            wanted = ((b"Operation not permitted\n", signal.SIGKILL) if carrier
                      else (b"signalled\n", signal.SIGUSR1))
            test.expect(ended == wanted, f"outsider under carrier {carrier}: {ended}")
    finally:
        test.close()
    test.end("two numbers")


main()
