# SPDX-License-Identifier: MIT
"""Registers a program with the kernel (binfmt_misc) as the handler of a kind of file."""
import os
import subprocess

FOLDER = "/proc/sys/fs/binfmt_misc"


class Handler:
    """Files that begin with the magic text are run by the program, until it is removed."""

    def __init__(self, magic, program):
        self.path = os.path.join(FOLDER, "attack-" + magic)
        self.is_there = False
        if os.getuid() != 0:
            return
        if not os.path.exists(os.path.join(FOLDER, "register")):
            # Seen by the attacks alone: they are in mounts of their own.
            subprocess.run(["mount", "-t", "binfmt_misc", "none", FOLDER], check=False,
                           stderr=subprocess.DEVNULL)
        try:
            with open(os.path.join(FOLDER, "register"), "w", encoding="ascii") as file:
                file.write(f":attack-{magic}:M::{magic}::{program}:")
            self.is_there = True
        except OSError:
            pass

    def remove(self):
        if self.is_there:
            with open(self.path, "w", encoding="ascii") as file:
                file.write("-1")
