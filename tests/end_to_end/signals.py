#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Signals to `duenna run`, and the size of its terminal, reach the command.

Whatever the front end is: none, lines or the full screen.
"""
import argparse
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

LIMIT = 60
PASSED_ON = ["TERM", "INT", "QUIT", "USR1", "USR2"]
# `wait` ends as soon as a signal comes, whatever the machine has to do.
WAITER = ('trap "echo GOT-%(name)s; %(action)s" %(name)s; sleep 1000 & echo READY; '
          'while :; do wait; done')


def resize(terminal, rows, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


class Run:
    def __init__(self, options, ask, script):
        environment = dict(os.environ, HOME=options.home, TERM="xterm", LANG="C.UTF-8")
        self.seen = b""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            resize(0, 24, 80)
            os.chdir(options.home)
            os.execve(options.duenna, [options.duenna, "run", "--ask", ask, "--on-exit",
                                       "kill", "--", "sh", "-c", script], environment)

    def read(self):
        """False at the end."""
        if not select.select([self.terminal], [], [], 1)[0]:
            return True
        try:
            piece = os.read(self.terminal, 65536)
        except OSError:
            return False
        self.seen += piece
        return bool(piece)

    def sees(self, wanted):
        end = time.monotonic() + LIMIT
        while wanted not in self.seen and time.monotonic() < end and self.read():
            pass
        return wanted in self.seen

    def end(self):
        """Exit status; a run that does not end is killed."""
        end = time.monotonic() + LIMIT
        while time.monotonic() < end and self.read():
            pass
        if time.monotonic() >= end:
            os.kill(self.pid, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.terminal)
        return status


def try_signal(options, ask, name):
    run = Run(options, ask, WAITER % {"name": name, "action": "exit 5"})
    if not run.sees(b"READY"):
        return f"{ask}: the command did not start"
    os.kill(run.pid, getattr(signal, "SIG" + name))
    got = run.sees(f"GOT-{name}".encode())
    status = run.end()
    return None if got and status == 5 else f"{ask}: SIG{name}: status {status}, seen {got}"


def try_default(options, ask):
    run = Run(options, ask, "echo READY; exec sleep 1000")
    run.sees(b"READY")
    os.kill(run.pid, signal.SIGTERM)
    status = run.end()
    return None if status == 128 + signal.SIGTERM else f"{ask}: ended by SIGTERM: {status}"


def try_size(options, ask):
    run = Run(options, ask, WAITER % {"name": "WINCH", "action": "stty size; exit 6"})
    run.sees(b"READY")
    resize(run.terminal, 30, 100)
    status = run.end()
    return None if status == 6 and b" 100" in run.seen else f"{ask}: size: status {status}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--duenna", required=True)
    options = parser.parse_args()
    options.duenna = os.path.abspath(options.duenna)
    failures = []
    with tempfile.TemporaryDirectory(prefix="duenna-signals-") as options.home:
        subprocess.run([options.duenna, "run", "--ask", "deny", "--", "true"], check=True,
                       env=dict(os.environ, HOME=options.home), cwd=options.home,
                       capture_output=True)
        for ask in ["deny", "line", "tui"]:
            failures += [try_signal(options, ask, name) for name in PASSED_ON]
            failures += [try_default(options, ask), try_size(options, ask)]
    failures = [failure for failure in failures if failure]
    print("\n".join(failures) or "every signal arrived")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
