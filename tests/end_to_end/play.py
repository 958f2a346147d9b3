#!/usr/bin/env python3
"""Plays a recording on a terminal of its own and types keys: replay --plain.

usage: play.py DUENNA SESSION
"""

import os
import pty
import select
import sys
import time

TIME_LIMIT = 30


class Terminal:
    """A player at the other end of a pseudo-terminal."""

    def __init__(self, *arguments):
        self.seen = b""
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            os.execv(arguments[0], arguments)

    def read(self, until):
        """Reads until the text came, or until the player has ended (None)."""
        end = time.monotonic() + TIME_LIMIT
        while until is None or until not in self.seen:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.descriptor], [], [], left)[0]:
                sys.exit(f"play.py: {until!r} did not come; seen: {self.seen!r}")
            try:
                got = os.read(self.descriptor, 65536)
            except OSError:
                got = b""
            if not got:
                if until is None:
                    return
                sys.exit(f"play.py: ended without {until!r}; seen: {self.seen!r}")
            self.seen += got

    def type(self, keys):
        self.seen = b""
        os.write(self.descriptor, keys)

    def status(self):
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def check(is_so, what):
    if not is_so:
        sys.exit(f"play.py: {what}")


def main():
    duenna, session = sys.argv[1:]

    # To the end: all of the output but what is harmful.
    player = Terminal(duenna, "replay", session, "--plain", "--speed", "16")
    player.read(None)
    check(player.status() == 0, "playing failed")
    check(b"\033[31mfirst\033[0m" in player.seen, "the colour is missing")
    check(b"second" in player.seen and b"third" in player.seen, "output is missing")
    check(b"clipboard" not in player.seen, "a harmful sequence went through")
    check(b"\033[6n" not in player.seen, "a question to the terminal went through")

    # Pause, step to the denial and back, speed, idle time, seek, quit.
    player = Terminal(
        duenna, "replay", session, "--plain", "--speed", "0.25", "--keep-idle"
    )
    player.read(b"first")
    player.type(b" ")
    player.read(b"paused, speed 0.25;")
    player.type(b"n")
    player.read(b"denied: write ")
    check(b"third" not in player.seen, "it went too far")
    player.type(b"n")
    player.read(b"no question or denial after this")
    player.type(b"++")
    player.read(b"speed 1;")
    player.type(b"i")
    player.read(b"without idle time")
    player.type(b"\033[D")
    player.read(b"\033[2J")
    player.type(b"\033[C")
    player.read(b"third")
    player.type(b"q")
    player.read(None)
    check(player.status() == 0, "quitting failed")


main()
