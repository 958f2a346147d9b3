#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Rules about a name hold for what it leads to: a person's settings often are links into a
folder of settings, in which the tree may work. Each way is tried without Duenna first.

usage: linked_names.py DUENNA
"""

import os
import sys

from names_test import NamesTest

SECRET = b"known only here"
RULES = """
deny  read  ~/secret
deny  exec  ~/tool
ask   connect  unix:~/run/**
label marked   ~/marked
deny  connect  unix:{project}/run/socket  after marked
deny  connect  unix:{project}/run/socket  by ~/python
deny  connect  unix:{project}/run/socket  under ~/shell
"""
PRELUDE = """
import os, socket
def make(path, text="changed"):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True); open(path, "w").write(text)
"""
# What is laid out, what the tree does in the project, and where it has its effect.
ATTACKS = {
    "a start-up file": (
        {"home/.bashrc": "../project/bashrc"}, "make('bashrc')", "home/.bashrc"),
    "a start-up file that is to come": (
        {"home/.config/autostart": "../../project/start"},
        "make('start/x.desktop')", "home/.config/autostart/x.desktop"),
    "settings as a whole": (
        {"home/.config": "../project/config", "project/config/": None},
        "make('config/systemd/user/x.service')", "home/.config/systemd/user/x.service"),
    "a folder that is a link in one that is": (
        {"home/.config": "../project/config", "project/config/fish": "../fish"},
        "make('fish/config.fish')", "home/.config/fish/config.fish"),
    "a start-up file is renamed over": (
        {"home/.bashrc": "../project/bashrc", "project/bashrc": "#"},
        "make('x'); os.rename('x', 'bashrc')", "home/.bashrc"),
    "a link on the way is replaced": (
        {"home/.bashrc": "../project/current", "project/current": "one"},
        "make('two'); os.unlink('current'); os.symlink('two', 'current')", "home/.bashrc"),
    "a link is moved over one on the way": (
        {"home/.bashrc": "../project/current", "project/current": "one"},
        "make('two'); os.symlink('two', 'x'); os.rename('x', 'current')", "home/.bashrc"),
    "a folder above is replaced": (
        {"home/.bashrc": "../project/shell/bashrc", "project/shell/bashrc": "#"},
        "make('own/bashrc'); os.rename('shell', 'x'); os.rename('own', 'shell')",
        "home/.bashrc"),
    "what a profile asks about is read": (
        {"home/.netrc": "../project/netrc", "project/netrc": "$"},
        "print(open('netrc').read())", None),
    "what a rule denies is read": (
        {"home/secret": "../project/x", "project/x": "$"}, "print(open('x').read())", None),
    "what a rule denies is read under yet another name": (
        {"home/secret": "../project/x", "project/x": "$"},
        "os.rename('x', 'y'); print(open('y').read())", None),
    "what a rule denies is run": (
        {"home/tool": "../project/x", "project/x": "!"}, "os.execv('x', ['x'])", None),
    "a socket is reached": (
        {"home/run": "../project/run", "project/run/": None}, """
s = socket.socket(socket.AF_UNIX); s.connect('run/socket'); print(s.recv(99).decode())""",
        None),
    "a program that a rule names by a link reaches a socket": (
        {"home/python": "/usr/bin/python3", "project/run/": None}, """
s = socket.socket(socket.AF_UNIX); s.connect('run/socket'); print(s.recv(99).decode())""",
        None),
    "a program under one that a rule names by a link reaches a socket": (
        {"home/shell": "/bin/sh", "project/run/": None}, """
script = "import socket; s = socket.socket(socket.AF_UNIX); s.connect('run/socket');"
import subprocess
subprocess.run(["/bin/sh", "-c", f'/usr/bin/python3 -c "{script} print(s.recv(99))"; :'],
               check=False)""",
        None),
    "what a label is about is read before a socket is reached": (
        {"home/marked": "../project/x", "project/x": "#", "project/run/": None}, """
open('x').read()
s = socket.socket(socket.AF_UNIX); s.connect('run/socket'); print(s.recv(99).decode())""",
        None),
}
LAYOUT = {"home/.bashrc": "../project/bashrc", "project/bashrc": "#",
          "home/.config": "../project/config", "project/config/": None}
HARMLESS = {
    "what may be read by the other name": ({}, "open('bashrc').read()"),
    "other files": ({}, "make('x'); os.rename('x', 'bashrc.old'); os.unlink('bashrc.old')"),
    "folders": ({}, "make('a/b'); os.rename('a', 'c'); os.symlink('c', 'd')"),
    "what a person's own rule allows":
        ({"rules": "allow write {project}/bashrc\n"}, "make('bashrc')"),
}


class Test(NamesTest):
    def fill(self, layout):
        self.remake("project", "home", "run")
        self.write("rules", (RULES + layout.get("rules", "")).encode())
        for name, content in layout.items():
            os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
            if content == "#":
                self.write(name, b"# as it was\n")
            elif content == "$":
                self.write(name, SECRET)
            elif content == "!":
                self.write(name, b"#!/bin/sh\necho '" + SECRET + b"'\n", 0o755)
            elif content is not None and name != "rules":
                os.symlink(content, self.path(name))
        if "project/run/" in layout:
            self.listen("project/run/socket", SECRET)

    def run(self, layout, script, *before):
        self.fill(layout)
        return self.run_command([*before, "/usr/bin/python3", "-c", PRELUDE + script])

    def has_effect(self, done, found):
        if found is None:
            return SECRET in done.stdout
        try:
            with open(self.path(found), "rb") as file:
                return file.read() == b"changed"
        except OSError:
            return False

    def watched(self, carrier, *more):
        return self.supervised(carrier, *more, "--project", self.path("project"),
                               "--rules", self.path("rules"))


def main():
    test = Test(sys.argv[1], "linked-names")
    try:
        for name, (layout, script, found) in ATTACKS.items():
            done = test.run(layout, script)
            test.expect(test.has_effect(done, found), f"{name}: does nothing natively")
            for carrier in ("auto", "trace"):
                done = test.run(layout, script, *test.watched(carrier))
                test.expect(not test.has_effect(done, found), f"{name} under {carrier}")
                test.expect(b"PermissionError" in done.stderr,
                            f"{name} under {carrier} says {done.stderr}")
        for name, (layout, script, found) in ATTACKS.items():
            if "is read" in name and "label" not in name:
                done = test.run(layout, script,
                                *test.watched("auto", "--reads", "sealed"))
                test.expect(not test.has_effect(done, found), f"{name} under a seal")
        for name, (layout, script) in HARMLESS.items():
            for before in ([], test.watched("auto"), test.watched("trace")):
                done = test.run({**LAYOUT, **layout}, script, *before)
                test.expect(done.returncode == 0, f"{name} by {before}: {done.stderr}")
    finally:
        test.close()
    test.end(f"{len(ATTACKS)} ways, {len(HARMLESS)} harmless")


main()
