#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints the median of the milliseconds from a call that asks to its question on the screen.

usage: bench_question.py DUENNA PROJECT ROUNDS
"""
import fcntl
import os
import pty
import select
import statistics
import struct
import sys
import termios
import time

DRAWN = b"Allow this?"
LIMIT = 30  # seconds
KEY_PAUSE = 1  # seconds; what is pressed sooner may be a key held down, and does not count

# What asks: it notes the time and reads a key of the bench's own home folder.
ASKING = "date +%s%N >stamp; read key <~/.ssh/id_ed25519"


def measure(duenna, project):
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(project)
        os.environ["TERM"] = "xterm-256color"
        os.execv(duenna, [duenna, "run", "--project", project, "--", "/bin/sh", "-c", ASKING])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    drawn, seen, end = None, b"", time.monotonic() + LIMIT
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.5)[0]:
            try:
                seen = seen[-4096:] + os.read(terminal, 65536)
            except OSError:
                break
        if drawn is None and DRAWN in seen:
            drawn = time.time_ns()
        elif drawn is not None:
            time.sleep(KEY_PAUSE)
            os.write(terminal, b"d")
    os.close(terminal)
    os.waitpid(pid, 0)
    if drawn is None:
        sys.exit("bench_question: no question was drawn")
    with open(os.path.join(project, "stamp"), encoding="ascii") as stamp:
        return (drawn - int(stamp.read())) / 1e6


def main():
    duenna, project, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
    folder = os.path.join(os.environ["HOME"], ".ssh")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    with open(os.path.join(folder, "id_ed25519"), "w", encoding="ascii"):
        pass
    print(f"{statistics.median(measure(duenna, project) for _ in range(rounds)):.2f}")


main()
