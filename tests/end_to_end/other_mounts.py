#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Rules are about names of the tree's own mounts: nobody reaches what a process outside
has mounted for itself, of which the same names are, by way of its root folder. Each way is
tried without Duenna first.

usage: other_mounts.py DUENNA
"""

import os
import subprocess
import sys

from names_test import NamesTest

SECRET = b"known only there"
OWN = b"known here"
# Where names mean the other mount nothing is asked or denied by them.
RULES = b"""
allow any           {project}/**
allow connect       unix:{project}/**
deny  inspect       *
"""
# The process outside; it ends with its input.
OUTSIDER = """
import os, socket, subprocess, sys
place, secret = sys.argv[1:]
subprocess.run(["mount", "-t", "tmpfs", "none", place], check=True)
os.chdir(place)
open("secret", "w").write(secret)
open("tool", "w").write("#!/bin/sh\\necho " + secret)
os.chmod("tool", 0o755)
listener = socket.socket(socket.AF_UNIX); listener.bind("socket"); listener.listen()
print("ready", flush=True)
if os.fork() == 0:
    while True:
        listener.accept()[0].sendall(secret.encode())
sys.stdin.read()
os.killpg(0, 9)
"""
PRELUDE = """
import os, socket, sys
outsider, place = sys.argv[1:]
there = f"/proc/{outsider}/root"
def root():
    return os.open(there, os.O_PATH)
def show(descriptor):
    show_text(os.read(descriptor, 99))
def show_text(text):
    print(text.decode())
"""
ATTACKS = {
    "by a descriptor": "show(os.open(f'.{place}/secret', os.O_RDONLY, dir_fd=root()))",
    "by the name of a descriptor": "show(os.open(f'/dev/fd/{root()}{place}/secret', 0))",
    "by the working folder": "os.chdir(there); show(os.open(f'.{place}/secret', 0))",
    "by its own name": "show(os.open(f'{there}{place}/secret', 0))",
    "making a file":
        "os.open(f'.{place}/made', os.O_CREAT | os.O_WRONLY, dir_fd=root())",
    "making a file from one without a name": """
fd = os.open('.' + place, os.O_TMPFILE | os.O_WRONLY, dir_fd=root())
os.link(f'/proc/self/fd/{fd}', f'.{place}/made', dst_dir_fd=root(), follow_symlinks=True)""",
    "making a folder": "os.mkdir(f'.{place}/made', dir_fd=root())",
    "renaming": """
os.rename(f'.{place}/secret', f'.{place}/made', src_dir_fd=root(), dst_dir_fd=root())""",
    "running a program": "os.chdir(there); os.execv(f'.{place}/tool', ['tool'])",
    "running a program by a name that is here as well": """
tool = os.open(place + '/tool', os.O_CREAT | os.O_WRONLY, 0o755); os.write(tool, b'#!/bin/sh')
os.close(tool); os.chdir(there + place); os.execv('tool', ['tool'])""",
    "connecting": """
os.chdir(there + place); s = socket.socket(socket.AF_UNIX); s.connect('./socket')
show(s.fileno())""",
    "connecting by a name that is here as well": """
own = socket.socket(socket.AF_UNIX); own.bind(place + '/socket'); own.listen()
os.chdir(there + place); s = socket.socket(socket.AF_UNIX); s.connect('socket')
s.settimeout(1); show_text(s.recv(99))""",
}
HARMLESS = {
    "own names": "show(os.open(f'.{place}/own', 0, dir_fd=os.open('/', os.O_PATH)))",
    "the working folder": "os.chdir(place); show(os.open('../shared/own', 0))",
    "the name of a descriptor": "show(os.open(f'/dev/fd/{os.open(place, 0)}/own', 0))",
}


class Test(NamesTest):
    def start(self):
        self.remake("project", "home", "run")
        os.mkdir(self.path("project/shared"))
        self.write("rules", RULES)
        self.write("project/shared/own", OWN)
        mapped = [] if os.getuid() == 0 else ["--user", "--map-root-user"]
        # pylint: disable-next=consider-using-with
        outsider = subprocess.Popen(
            ["unshare", "--mount", *mapped, sys.executable, "-c", OUTSIDER,
             self.path("project/shared"), SECRET.decode()],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        if outsider.stdout.readline() != b"ready\n":
            print("skipped: nothing can be mounted in a namespace of mounts")
            sys.exit(0)
        return outsider

    def run(self, script, *before):
        """What came of it in the other namespace, or is known from there."""
        outsider = self.start()
        try:
            done = self.run_command([*before, "/usr/bin/python3", "-c", PRELUDE + script,
                                     str(outsider.pid), self.path("project/shared")])
            made = f"/proc/{outsider.pid}/root{self.path('project/shared/made')}"
            return done, SECRET in done.stdout or os.path.lexists(made)
        finally:
            outsider.stdin.close()
            outsider.wait()
            outsider.stdout.close()

    def watched(self, carrier):
        return self.supervised(carrier, "--project", self.path("project"), "--rules",
                               self.path("rules"))


def main():
    test = Test(sys.argv[1], "other-mounts")
    try:
        for name, script in ATTACKS.items():
            done, effect = test.run(script)
            test.expect(effect, f"{name}: natively {done}")
            for carrier in ("auto", "trace"):
                done, effect = test.run(script, *test.watched(carrier))
                test.expect(not effect and b"Error" in done.stderr,
                            f"{name} under carrier {carrier}: {done}")
        for name, script in HARMLESS.items():
            for before in ([], test.watched("auto"), test.watched("trace")):
                done, _ = test.run(script, *before)
                test.expect(OWN in done.stdout, f"{name} by {before}: {done}")
    finally:
        test.close()
    test.end(f"{len(ATTACKS)} ways, {len(HARMLESS)} harmless")


main()
