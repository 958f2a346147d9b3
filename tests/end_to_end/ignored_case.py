#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A file system that takes no heed of case: no spelling of a name evades its rules.

The file system is ntfs-3g's; each spelling is tried without Duenna first.

usage: ignored_case.py DUENNA
"""

import os
import shutil
import subprocess
import sys

from names_test import NamesTest

RULES = b"""
allow any *
allow read,write,delete,meta /**
deny any **/secret.txt
deny write **/.git/hooks/**
deny exec **/tool
label private **/diary
deny write **/out    after private
"""

# What each does natively, and which of them reach what a rule protects.
REACHING = {
    "read": "cat SECRET.TXT",
    "read by another spelling": "cat SeCrEt.txt",
    "read by way of dots": "cat sub/../Secret.Txt",
    "read what the folder's other name leads to": "cat link/SECRET.txt",
    "write": "echo x >>Secret.txt",
    "remove": "rm -f SECRET.txt && test ! -e secret.txt",
    "rename": "mv SECRET.txt other",
    "overwrite by rename": "mv plain SECRET.txt",
    "link": "ln SECRET.txt other",
    "change times": "touch -d 2001-01-01 SECRET.txt",
    "make what is missing": "mkdir -p .GIT/HOOKS && echo x >.Git/Hooks/post-commit",
    "rename a folder into its place": "mkdir .g .g/hooks && echo x >.g/hooks/a && mv .g .GIT",
    "run": "./TOOL",
    "take what is labelled out": "read -r line <DIARY && echo \"$line\" >out",
}
HARMLESS = {
    "other names": "cat PLAIN && echo x >New && mv New newer && mkdir D && rmdir d",
    "case elsewhere": "cd .. && echo x >SECRET.TXT && cat SECRET.TXT && rm SECRET.TXT",
}


def enter(arguments):
    missing = [name for name in ("mkntfs", "lowntfs-3g") if not shutil.which(name)]
    if os.geteuid() != 0 or missing or not os.access("/dev/fuse", os.R_OK | os.W_OK):
        print("skipped: needs root, /dev/fuse and the package ntfs-3g")
        sys.exit(0)
    os.execvp("unshare", ["unshare", "--mount", sys.executable, *arguments, "--inside"])


class Test(NamesTest):
    def mount(self):
        image = self.path("image")
        with open(image, "wb") as file:
            file.truncate(8 << 20)
        subprocess.run(["mkntfs", "-q", "-F", image], check=True, capture_output=True)
        subprocess.run(["lowntfs-3g", "-o", "ignore_case", image, self.path("mounted")],
                       check=True, capture_output=True)

    def fill(self):
        folder = self.path("mounted")
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path)
            else:
                os.unlink(path)
        for name in ("secret.txt", "plain", "diary"):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(name + "\n")
        shutil.copy("/bin/true", os.path.join(folder, "tool"))
        os.mkdir(os.path.join(folder, "sub"))
        os.symlink(folder, os.path.join(folder, "link"))

    def state(self):
        result = []
        for folder, _, names in os.walk(self.path("mounted")):
            for name in sorted(names):
                path = os.path.join(folder, name)
                status = os.lstat(path)
                content = b"" if os.path.islink(path) else open(path, "rb").read()
                result.append((path.lower(), status.st_mode, int(status.st_mtime), content))
        return sorted(result)

    def run(self, script, *before):
        self.fill()
        done = self.run_command([*before, "sh", "-c", script], "mounted")
        return done.returncode, done.stdout

    def watched(self, carrier):
        return self.supervised(carrier, "--no-default-profiles", "--rules", self.path("rules"))


def main():
    if sys.argv[-1] != "--inside":
        enter(sys.argv)
    test = Test(sys.argv[1], "ignored-case")
    try:
        test.remake("home", "run", "mounted")
        test.write("rules", RULES)
        test.mount()
        for name, script in REACHING.items():
            native = test.run(script)
            test.expect(native[0] == 0, f"{name}: does nothing natively: {native}")
            for carrier in ("auto", "trace"):
                status, said = test.run(script, *test.watched(carrier))
                test.expect(status != 0, f"{name} under carrier {carrier}: {said}")
                test.expect(b"secret" not in said, f"{name} under {carrier} read: {said}")
                names = [path for path, *_ in test.state()]
                test.expect(test.path("mounted/secret.txt") in names and
                            not any("/hooks/" in path and "/.git/" in path
                                    for path in names),
                            f"{name} under {carrier} left {names}")
        for name, script in HARMLESS.items():
            native = test.run(script)
            for carrier in ("auto", "trace"):
                test.expect(test.run(script, *test.watched(carrier)) == native,
                            f"{name} under carrier {carrier}")
    finally:
        subprocess.run(["umount", "-l", test.path("mounted")], capture_output=True)
        test.close()
    test.end(f"{len(REACHING)} ways, {len(HARMLESS)} harmless")


main()
