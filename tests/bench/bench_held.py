#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How much longer another process of the tree computes while one waits for an answer.

Prints the median milliseconds without Duenna, and the ratio to them.

usage: bench_held.py DUENNA PROJECT CPU_LOOP ROUNDS [WRAPPER...]
"""
import fcntl
import os
import pty
import select
import statistics
import struct
import subprocess
import sys
import termios
import time

DRAWN = b"Allow this?"
LIMIT = 120  # seconds
KEY_PAUSE = 1  # seconds; what is pressed sooner may be a key held down, and does not count

# One process asks for a key of the bench's own home folder; once it waits, another computes.
# Neither test nor sleep makes anybody wait for the other.
TREE = """
(read key <~/.ssh/id_ed25519) &
until [ -e go ]; do sleep 0.05; done
"$0" took && : >finished
wait
"""


RULES = "held.rules"  # only the key is asked about


def number(path):
    with open(path, encoding="ascii") as file:
        return float(file.read())


def remove(*names):
    for name in names:
        if os.path.exists(name):
            os.unlink(name)


def supervised(wrapper, duenna, project, loop):
    remove("go", "took", "finished")
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        command = [*wrapper, duenna, "run", "--rules", RULES, "--project", project,
                   "--", "/bin/sh", "-c", TREE, loop]
        os.execvp(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    seen, is_answered, end = b"", False, time.monotonic() + LIMIT
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                seen = seen[-4096:] + os.read(terminal, 65536)
            except OSError:
                break
        if DRAWN in seen and not os.path.exists("go"):
            time.sleep(KEY_PAUSE)  # what is looked up about it is done
            with open("go", "w", encoding="ascii"):
                pass
        if os.path.exists("finished"):
            time.sleep(KEY_PAUSE)
            os.write(terminal, b"d")
            is_answered = True
    os.close(terminal)
    os.waitpid(pid, 0)
    if not is_answered:
        sys.exit("bench_held: nobody was asked, or nothing was computed")
    return number("took") / 1000


def native(wrapper, loop):
    subprocess.run([*wrapper, loop, "took"], check=True)
    return number("took") / 1000


def main():
    duenna, project, loop, rounds = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    wrapper = sys.argv[5:]
    folder = os.path.join(os.environ["HOME"], ".ssh")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    with open(os.path.join(folder, "id_ed25519"), "w", encoding="ascii"):
        pass
    os.chdir(project)
    with open(RULES, "w", encoding="utf-8") as file:
        file.write(f"allow exec {loop}\n")
    natives, ratios = [], []
    for _ in range(rounds):  # in turn: a change of the machine's speed touches both
        natives.append(native(wrapper, loop))
        ratios.append(supervised(wrapper, duenna, project, loop) / natives[-1])
    print(f"{statistics.median(natives):.0f} {statistics.median(ratios):.3f}")


main()
