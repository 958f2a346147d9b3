#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Rules with "under" are about who was started by a program: nobody leaves it, or gets
below it, by executing another program. Scripts are known by their names, also behind env.
Each way is tried without Duenna first.

usage: ancestors.py DUENNA
"""

import os
import shutil
import sys

from names_test import NamesTest

RULES = b"""
allow exec  {project}/tool*
deny  write {project}/guarded  under {project}/tool
deny  write {project}/guarded  under {project}/tool.sh
deny  write {project}/guarded  by    {project}/tool.env
deny  write {project}/free
allow write {project}/free     under {project}/tool
allow write {project}/free     under {project}/tool.sh
allow write {project}/free     by    {project}/tool.env
"""
# Who reads "go" goes on once the other has become what it executes.
ATTACKS = {
    "guarded": {
        "by a child": "./tool -c '(echo x >guarded); :'",
        "by a child whose maker is another program by then":
            "./tool -c '(read x <go; echo x >guarded) & exec tee go <text'",
        "by a child of such a child":
            "./tool -c '(read x <go; sh -c \"echo x >guarded\"; :) & exec tee go <text'",
        "by another program": "./tool -c 'exec sh -c \"echo x >guarded\"'",
        "by a child of a script": "./tool.sh '(echo x >guarded); :'",
        "by a script behind env": "./tool.env 'echo x >guarded'",
        "by a child of a script behind env that forks": "./tool.env '(echo x >guarded); :'",
        "by what a script became": "./tool.sh 'exec sh -c \"echo x >guarded\"'",
        "by a child of another program":
            "./tool -c 'exec sh -c \"(echo x >guarded); :\"'",
        "by another program after more":
            "./tool -c 'exec env env sh -c \"echo x >guarded\"'",
    },
    "free": {
        "by somebody else": "echo x >free",
        "by a child whose maker is that program by then":
            "(read x <go; echo x >free) & exec ./tool -c 'echo x >go'",
        "by a child whose maker is that script by then":
            "(read x <go; echo x >free) & exec ./tool.sh 'echo x >go'",
        "by what a script behind env became":
            "./tool.env 'exec sh -c \"echo x >free\" sh ./tool.env'",
        "by what that program became": "./tool -c 'exec sh -c \"echo x >free\"'",
    },
}
HARMLESS = {
    "a child": "./tool -c '(echo x >free); :'",
    "a child whose maker is another program by then":
        "./tool -c '(read x <go; echo x >free) & exec tee go <text'",
    "a script behind env": "./tool.env 'echo x >free'",
    "a child of a script": "./tool.sh '(echo x >free); :'",
    "a child of a child": "./tool -c '(sh -c \"(echo x >free); :\"); :'",
}


class Test(NamesTest):
    def run(self, script, *before):
        self.remake("project", "home", "run")
        self.write("rules", RULES)
        self.write("project/text", b"x\n")
        shutil.copy("/bin/sh", self.path("project/tool"))
        self.write("project/tool.sh", b"#!/bin/sh\neval \"$1\"\n", 0o755)
        self.write("project/tool.env", b"#!/usr/bin/env sh\neval \"$1\"\n", 0o755)
        os.mkfifo(self.path("project/go"))
        return self.run_command([*before, "/bin/sh", "-c", script])

    def watched(self, carrier):
        return self.supervised(carrier, "--project", self.path("project"), "--rules",
                               self.path("rules"))

    def is_made(self, name):
        return os.path.exists(self.path("project/" + name))


def attack(test, name, script, target):
    test.run(script)
    test.expect(test.is_made(target), f"{name}: does nothing natively")
    for carrier in ("auto", "trace"):
        done = test.run(script, *test.watched(carrier))
        test.expect(not test.is_made(target), f"{name} under carrier {carrier}")
        test.expect(b"Permission denied" in done.stderr,
                    f"{name} under {carrier} says {done.stderr}")


def main():
    test = Test(sys.argv[1], "ancestors")
    try:
        for target, scripts in ATTACKS.items():
            for name, script in scripts.items():
                attack(test, f"{target} {name}", script, target)
        for name, script in HARMLESS.items():
            for carrier in ("auto", "trace"):
                done = test.run(script, *test.watched(carrier))
                test.expect(test.is_made("free"), f"{name} under {carrier}: {done.stderr}")
    finally:
        test.close()
    test.end(f"{sum(map(len, ATTACKS.values()))} ways, {len(HARMLESS)} harmless")


main()
