#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Rules are about names: nobody gets around them by giving things other names, or names
other things. Each way is tried without Duenna first.

usage: moved_names.py DUENNA
"""

import os
import sys

from names_test import NamesTest

SECRET = b"known only here"
RULES = b"""
deny read    {project}/secret
deny read    {project}/*/folder/secret
deny exec    {project}/tool
deny write   {project}/settings/**/production
deny connect unix:{project}/run/socket
allow inspect *
"""
PRELUDE = """
import ctypes, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def show(path):
    print(open(path).read())
def connect(path):
    s = socket.socket(socket.AF_UNIX); s.connect(path); print(s.recv(99).decode())
def exchange(one, two):
    if libc.renameat2(-100, one.encode(), -100, two.encode(), 2):
        raise OSError(ctypes.get_errno(), "exchange")
def make(path, text="changed"):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True); open(path, "w").write(text)
def by_child(action):
    child = os.fork()
    if child == 0:
        import time; time.sleep(60); os._exit(0)
    try:
        action(f"/proc/{child}/cwd/")
    finally:
        os.kill(child, 9); os.waitpid(child, 0)
HOME = os.environ["HOME"]
"""
ATTACKS = {
    "a file is renamed": "os.rename('secret', 'x'); show('x')",
    "a file is exchanged": "make('x'); exchange('secret', 'x'); show('x')",
    "a file is exchanged for": "make('x'); exchange('x', 'secret'); show('x')",
    "a file is linked": "os.link('secret', 'x'); show('x')",
    "a file is renamed to look deleted":
        "os.rename('secret', 'secret (deleted)'); show('secret (deleted)')",
    "a folder is renamed": "os.rename('a/folder', 'a/x'); show('a/x/secret')",
    "a folder above is renamed": "os.mkdir('b'); os.rename('a', 'b/a'); show('b/a/folder/secret')",
    "a file that a profile asks about is renamed": "os.rename('.env', 'x'); show('x')",
    "a file is removed while it is held":
        "fd = os.open('secret', os.O_PATH); os.unlink('secret'); show(f'/proc/self/fd/{fd}')",
    "a file is replaced while it is held": """
fd = os.open('secret', os.O_PATH); make('x'); os.rename('x', 'secret')
show(f'/dev/fd/{fd}')""",
    "a program is renamed": "os.rename('tool', 'x'); os.execv('x', ['x'])",
    "a program is linked": "os.link('tool', 'x'); os.execv('x', ['x'])",
    "a socket is renamed": "os.rename('run/socket', 'x'); connect('x')",
    "a socket is linked": "os.link('run/socket', 'x'); connect('x')",
    "a socket is exchanged": "make('x'); exchange('run/socket', 'x'); connect('x')",
    "a socket is exchanged for an own one by a child's folder": """
own = socket.socket(socket.AF_UNIX); own.bind('x')
by_child(lambda cwd: exchange(cwd + 'x', cwd + 'run/socket'))
connect('x')""",
    "a socket's folder is renamed": "os.rename('run', 'x'); connect('x/socket')",
    "a socket of a cache is renamed":
        "os.rename(HOME + '/.cache/socket', 'x'); connect('x')",
    "a socket of a cache is linked": "os.link(HOME + '/.cache/socket', 'x'); connect('x')",
    "a link stands for a folder": "make('x/production'); os.symlink('x', 'settings')",
    "a link that leads nowhere stands for a folder":
        "os.symlink('x', 'settings'); make('x/production')",
    "a link is renamed to stand for a folder":
        "make('x/production'); os.symlink('x', 'y'); os.rename('y', 'settings')",
    "a link is linked to stand for a folder":
        "make('x/production'); os.symlink('x', 'y');"
        " os.link('y', 'settings', follow_symlinks=False)",
    "a link is exchanged to stand for a folder":
        "make('x/production'); os.symlink('x', 'y'); make('settings');"
        " exchange('y', 'settings')",
    "a folder is exchanged into its place":
        "make('x/production'); make('settings'); exchange('x', 'settings')",
    "a folder is renamed into its place": "make('x/production'); os.rename('x', 'settings')",
    "a link is linked to stand for a folder by a child's folder": """
make('x/production'); os.symlink('x', 'y')
by_child(lambda cwd: os.link('y', cwd + 'settings', follow_symlinks=False))""",
    "git is sent elsewhere by a file": "make('.git', 'gitdir: x')",
    "git is sent elsewhere by a link": "os.mkdir('x'); os.symlink('x', '.git')",
    "hooks are elsewhere": "os.symlink('../x', 'repository/.git/hooks')",
    "settings of git are elsewhere": "make('repository/.git/commondir', '../../x')",
    "settings of git are elsewhere for a work tree":
        "make('repository/.git/worktrees/w/commondir', '../../../../x')",
    "a work tree of git comes with settings": """
make('repository/w/commondir', '../../../../x'); os.mkdir('repository/.git/worktrees')
os.rename('repository/w', 'repository/.git/worktrees/w')""",
}
HARMLESS = {
    "other files": "make('x'); os.rename('x', 'y'); os.link('y', 'z'); exchange('y', 'z')",
    "what is new takes a guarded name":
        "make('x', 'text'); os.symlink('x', 'y'); os.rename('x', 'new')",
    "what the same rule is about": "make('.env.x'); os.rename('.env.x', '.env.y')",
    "links and folders of other names":
        "os.symlink('a', 'b'); os.rename('b', 'c'); os.mkdir('d'); os.rename('d', 'e')",
    "an own socket": """
s = socket.socket(socket.AF_UNIX); s.bind('own'); os.rename('own', 'other')""",
    "a link is replaced": """
os.symlink('a', 'current'); os.symlink('b', 'next'); os.rename('next', 'current')""",
}


class Test(NamesTest):
    def fill(self):
        self.remake("project", "home", "run")
        self.write("rules", RULES)
        for name in ("a/folder", "run", "repository/.git"):
            os.makedirs(self.path("project/" + name))
        os.makedirs(self.path("home/.cache"))
        for name in ("secret", "a/folder/secret", ".env"):
            self.write("project/" + name, SECRET)
        self.write("project/tool", b"#!/bin/sh\necho '" + SECRET + b"'\n", 0o755)
        self.listen("project/run/socket", SECRET)
        self.listen("home/.cache/socket", SECRET)

    def effect(self, output):
        """What a way reached that the rules guard."""
        project = self.path("project/")
        made = [name for name in (
            "settings/production", ".git", "repository/.git/hooks",
            "repository/.git/commondir",
            "repository/.git/worktrees/w/commondir") if os.path.lexists(project + name)]
        return [SECRET.decode()] * (SECRET in output) + made

    def run(self, script, *before, cwd="project"):
        self.fill()
        done = self.run_command([*before, "/usr/bin/python3", "-c", PRELUDE + script], cwd)
        return done, self.effect(done.stdout)

    def watched(self, carrier, project):
        return self.supervised(carrier, "--project", self.path(project), "--rules",
                               self.path("rules"))


def main():
    test = Test(sys.argv[1], "moved-names")
    try:
        for name, script in ATTACKS.items():
            project = "project/repository" if "repository/" in script else "project"
            _, native = test.run(script)
            test.expect(native, f"{name}: does nothing natively")
            for carrier in ("auto", "trace"):
                done, effect = test.run(script, *test.watched(carrier, project))
                test.expect(not effect, f"{name} under carrier {carrier}: {effect}")
                test.expect(b"Error" in done.stderr and b"Errno" in done.stderr,
                            f"{name} under {carrier} says {done.stderr}")
        for name, script in HARMLESS.items():
            for before in ([], test.watched("auto", "project"),
                           test.watched("trace", "project")):
                done, _ = test.run(script, *before)
                test.expect(done.returncode == 0, f"{name} by {before}: {done.stderr}")
    finally:
        test.close()
    test.end(f"{len(ATTACKS)} ways, {len(HARMLESS)} harmless")


main()
