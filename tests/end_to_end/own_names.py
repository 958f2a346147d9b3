#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What is Duenna's own stays out of the tree's reach by whatever name it is reached, and
before it exists: links on the way to it, mounts that show it a second time, an overlay that
it is on, /dev/tty. The rules allow everything. Each way is tried without Duenna first, but for
code that bears the record's name: the locks on that are only there with Duenna.

usage: own_names.py DUENNA
"""

import ctypes
import os
import pty
import subprocess
import sys

from names_test import NamesTest

CLONE_NEWNS, MS_BIND, MS_REC, MS_PRIVATE = 0x20000, 0x1000, 0x4000, 0x40000
LIBC = ctypes.CDLL(None, use_errno=True)
RULES = b"allow any *\n"
PRELUDE = """
import os
def make(path, text="changed"):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True); open(path, "w").write(text)
"""
# What is laid out before, what the tree does, and the name by which Duenna finds it later.
ATTACKS = {
    "the configuration is to come, behind a link": (
        {"home/.config": "../project/config", "project/config/": None},
        "make('config/duenna/config')", "home/.config/duenna/config"),
    "the folder of the configuration is a link that leads nowhere": (
        {"home/.config/duenna": "../../project/config"},
        "make('config/config')", "home/.config/duenna/config"),
    "the configuration is a link": (
        {"home/.config/duenna/config": "../../../project/config", "project/config": "#"},
        "make('config')", "home/.config/duenna/config"),
    "the configuration is a link that leads nowhere": (
        {"home/.config/duenna/config": "../../../project/config"},
        "make('config')", "home/.config/duenna/config"),
    "a link on the way to the configuration is replaced": (
        {"home/.config": "../project/one", "project/one": "two", "project/two/": None},
        "os.unlink('one'); make('one/duenna/config')", "home/.config/duenna/config"),
    "a link on the way to the record is replaced": (
        {"home/.local/share": "../../project/one", "project/one": "two",
         "project/two/duenna/": None},
        "os.rename('one', 'x'); make('one/duenna/duenna.db')",
        "home/.local/share/duenna/duenna.db"),
    "a rule file is a link": (
        {"project/rules": "../rules"},
        "make('own'); os.rename('own', 'rules')", "project/rules"),
    "another program takes its name in PATH": (
        {"home/bin/": None}, "make(os.environ['HOME'] + '/bin/duenna')", "home/bin/duenna"),
    "a link to it in PATH is replaced": (
        {"home/bin/duenna": "/usr/bin/true"}, """
make('x'); os.rename('x', os.environ['HOME'] + '/bin/duenna')""", "home/bin/duenna"),
    "a folder in PATH is replaced": (
        {"home/bin/": None}, """
home = os.environ['HOME']; make('x/duenna'); os.rename(home + '/bin', 'y')
os.rename('x', home + '/bin')""", "home/bin/duenna"),
}
MOUNTED = {
    "the record is mounted a second time":
        "print(len(open('mount/home/.local/share/duenna/duenna.db', 'rb').read()))",
    "the record's folder is mounted a second time":
        "print(len(open('part/duenna.db', 'rb').read()))",
    "the configuration is mounted a second time": "make('mount/home/.config/duenna/config')",
    "sockets are mounted a second time": """
import socket
for name in os.listdir('mount/run/duenna'):
    socket.socket(socket.AF_UNIX).connect('mount/run/duenna/' + name); print(name)""",
}
# place: a second name of the folder of the parent, which is Duenna, or natively the test.
PROCESSES = {
    "its memory is written": "print(os.open(place + '/mem', os.O_RDWR))",
    "its memory is read by way of a folder": """
folder = os.open(place, os.O_RDONLY); print(os.open('mem', os.O_RDONLY, dir_fd=folder))""",
    "its environment is read": "print(len(open(place + '/environ', 'rb').read()))",
    "its descriptors are listed": "print(os.listdir(place + '/fd'))",
}
# pidfd_send_signal, of SIGCONT, to what came as standard input, which Python cannot have be a folder
SIGNAL = "import ctypes; print(ctypes.CDLL(None).syscall(424, 3, 18, None, 0))"
SIGNAL = ["/bin/sh", "-c", f"exec 3<&0 </dev/null; exec /usr/bin/python3 -c '{SIGNAL}'"]
# Whoever wants to know what code it is that does something looks into the file that it names.
LOCKS = """
record = os.environ['HOME'] + '/.local/share/duenna/duenna.db'
def locked():
    numbers = {os.stat(record + name).st_ino: name for name in ('', '-shm')}
    held = [int(line.split()[-3].split(':')[2]) for line in open('/proc/locks')]
    return {numbers[number] for number in held if number in numbers}
before = locked()
for name in (record, record + '-shm', record + '/member.py'):
    try:
        exec(compile("open('nothing', 'w')", name, 'exec'))
    except PermissionError:
        print('denied')
print(len(before), len(locked()))
"""


def call(name, *arguments):
    if getattr(LIBC, name)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), name)


class Test(NamesTest):
    def __init__(self, duenna):
        super().__init__(duenna, "own-names")
        self.environment["PATH"] = self.path("home/bin") + ":/usr/bin:/bin"

    def fill(self, layout):
        self.remake("project", "home", "run")
        self.write("rules", RULES)
        for name, content in layout.items():
            os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
            if content == "#":
                self.write(name, b"# as it was\n")
            elif content is not None:
                os.symlink(content, self.path(name))

    def run(self, script, *before):
        return self.run_command([*before, "/usr/bin/python3", "-c", PRELUDE + script])

    def watched(self, carrier):
        linked = self.path("project/rules")
        return self.supervised(carrier, "--project", self.path("project"), "--rules",
                               linked if os.path.exists(linked) else self.path("rules"))

    def is_changed(self, name):
        try:
            with open(self.path(name), "rb") as file:
                return file.read() == b"changed"
        except OSError:
            return False

    def try_all(self):
        for name, (layout, script, found) in ATTACKS.items():
            self.fill(layout)
            self.run(script)
            self.expect(self.is_changed(found), f"{name}: does nothing natively")
            for carrier in ("auto", "trace"):
                self.fill(layout)
                done = self.run(script, *self.watched(carrier))
                self.expect(not self.is_changed(found), f"{name} under {carrier}")
                self.expect(b"PermissionError" in done.stderr,
                            f"{name} under {carrier} says {done.stderr}")

    def mount(self):
        """False if nothing may be mounted here."""
        try:
            call("unshare", CLONE_NEWNS)
            call("mount", None, b"/", None, MS_REC | MS_PRIVATE, None)
            for source, place in ((".", "project/mount"),
                                  ("home/.local/share/duenna", "project/part")):
                os.makedirs(self.path(place))
                call("mount", self.path(source).encode(), self.path(place).encode(),
                     None, MS_BIND, None)
        except OSError as error:
            print("skipped what is mounted a second time:", error)
            return False
        return True

    def try_mounted(self):
        self.fill({"home/.config/duenna/": None})
        self.run("", *self.watched("auto"))
        if not self.mount():
            return
        for name, script in MOUNTED.items():
            config = self.path("home/.config/duenna/config")
            if "socket" not in name:
                done = self.run(script)
                self.expect(done.returncode == 0, f"{name}: natively {done.stderr}")
            if os.path.exists(config):
                os.unlink(config)
            for carrier in ("auto", "trace"):
                done = self.run(script, *self.watched(carrier))
                self.expect(b"PermissionError" in done.stderr and not done.stdout,
                            f"{name} under {carrier}: {done.stdout} {done.stderr}")
                self.expect(not os.path.exists(config), f"{name} under {carrier}")
        self.try_processes()
        for place in ("project/mount", "project/part", "project/proc"):
            call("umount2", self.path(place).encode(), 2)
        self.try_overlay()

    def try_overlay(self):
        """The record lies on an overlay, which writes what it has into the project."""
        self.fill({"project/upper/": None, "project/work/": None, "lower/": None})
        options = ",".join(f"{name}dir={self.path(place)}" for name, place in (
            ("lower", "lower"), ("upper", "project/upper"), ("work", "project/work")))
        try:
            call("mount", b"overlay", self.path("home").encode(), b"overlay", 0,
                 options.encode())
        except OSError as error:
            print("skipped what is on an overlay:", error)
            return
        try:
            self.try_upper()
        finally:
            call("umount2", self.path("home").encode(), 2)

    def try_upper(self):
        script = "print(len(open('upper/.local/share/duenna/duenna.db', 'rb').read()))"
        self.run("", *self.watched("auto"))
        done = self.run(script)
        self.expect(done.returncode == 0, f"natively {done.stderr}")
        for carrier in ("auto", "trace"):
            done = self.run(script, *self.watched(carrier))
            self.expect(b"PermissionError" in done.stderr and not done.stdout,
                        f"overlay under {carrier}: {done.stdout} {done.stderr}")

    def try_processes(self):
        os.mkdir(self.path("project/proc"))
        call("mount", b"/proc", self.path("project/proc").encode(), None, MS_BIND, None)
        self.write("rules", RULES + b"deny signal *\n")
        for name, script in PROCESSES.items():
            script = "place = f'proc/{os.getppid()}'\n" + script
            done = self.run(script)
            self.expect(done.stdout, f"{name}: natively {done.stderr}")
            for carrier in ("auto", "trace"):
                done = self.run(script, *self.watched(carrier))
                self.expect(b"PermissionError" in done.stderr and not done.stdout,
                            f"{name} under {carrier}: {done.stdout} {done.stderr}")
        self.stdin = os.open(self.path(f"project/proc/{os.getpid()}"), os.O_RDONLY)
        self.expect(self.run_command(SIGNAL).stdout == b"0\n", "no signal natively")
        for carrier in ("auto", "trace"):
            done = self.run_command([*self.watched(carrier), *SIGNAL])
            self.expect(done.stdout == b"-1\n", f"signal under {carrier}: {done}")
        os.close(self.stdin)
        self.stdin = subprocess.DEVNULL

    def on_terminal(self, *before):
        """What a terminal shows that the tree draws on by its name, from a script that
        connects everything with /dev/tty."""
        pid, master = pty.fork()
        if pid == 0:
            command = [*before, "/bin/sh", "-c", f"echo FOR''GED >{os.ttyname(0)}"]
            for number in range(3):
                os.dup2(os.open("/dev/tty", os.O_RDWR), number)
            os.chdir(self.path("project"))
            done = subprocess.run(command, env=self.environment, check=False)
            os._exit(done.returncode)
        shown = b""
        try:
            while part := os.read(master, 4096):
                shown += part
        except OSError:
            pass  # its last user has gone
        os.waitpid(pid, 0)
        os.close(master)
        return shown

    def try_terminal(self):
        self.fill({})
        self.expect(b"FORGED" in self.on_terminal(), "nothing is drawn natively")
        for carrier in ("auto", "trace"):
            command = ["line" if word == "deny" else word
                       for word in self.watched(carrier)]
            shown = self.on_terminal(*command)
            self.expect(b"FORGED" not in shown and b"Permission denied" in shown,
                        f"drawn on under {carrier}: {shown}")

    def try_locks(self):
        self.fill({})
        self.write("rules", RULES + b"deny write {project}/nothing\n")
        for carrier in ("auto", "trace"):
            done = self.run(LOCKS, *self.watched(carrier))
            self.expect(done.stdout == b"denied\n" * 3 + b"2 2\n",
                        f"locks under {carrier}: {done.stdout} {done.stderr}")


def main():
    test = Test(sys.argv[1])
    try:
        test.try_all()
        test.try_terminal()
        test.try_locks()
        test.try_mounted()
    finally:
        test.close()
    test.end(f"{len(ATTACKS) + len(MOUNTED) + len(PROCESSES) + 4} ways")


main()
