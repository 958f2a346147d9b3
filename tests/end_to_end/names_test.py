# SPDX-License-Identifier: MIT
"""What tests of names share: folders of their own, in which small programs run with and
without Duenna, and sockets that give a secret to whoever reaches them."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

LIMIT = 60


def enter_own_numbers(arguments):
    """The same program again, as the first in a namespace of processes' numbers."""
    flags = ["--pid", "--fork", "--kill-child", "--mount-proc"]
    flags += [] if os.geteuid() == 0 else ["--user", "-r"]
    probe = subprocess.run(["unshare", *flags, "true"], capture_output=True, check=False)
    if probe.returncode != 0:
        print("skipped: no namespace of numbers to be had:", probe.stderr.decode().strip())
        sys.exit(0)
    os.execvp("unshare", ["unshare", *flags, sys.executable, *arguments, "--inside"])


class NamesTest:
    def __init__(self, duenna, title):
        self.duenna = os.path.realpath(duenna)
        self.root = os.path.realpath(tempfile.mkdtemp(prefix=title + "."))
        self.failed = 0
        self.listeners = []
        self.stdin = subprocess.DEVNULL
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": self.path("home"),
                            "LC_ALL": "C.UTF-8", "XDG_RUNTIME_DIR": self.path("run"),
                            **{name: value for name, value in os.environ.items()
                               if name.endswith("SAN_OPTIONS")}}

    def path(self, name):
        return os.path.join(self.root, name)

    def write(self, name, content, mode=0o644):
        with open(self.path(name), "wb") as file:
            file.write(content)
        os.chmod(self.path(name), mode)

    def remake(self, *names):
        """Empty folders; nobody listens any more."""
        for listener in self.listeners:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self.listeners = []
        for name in names:
            shutil.rmtree(self.path(name), ignore_errors=True)
            os.mkdir(self.path(name), mode=0o700)

    def listen(self, name, secret):
        """Names may be longer than an address takes."""
        listener = socket.socket(socket.AF_UNIX)
        folder = os.open(os.path.dirname(self.path(name)), os.O_PATH)
        listener.bind(f"/proc/self/fd/{folder}/{os.path.basename(name)}")
        os.close(folder)
        listener.listen()
        self.listeners.append(listener)
        threading.Thread(target=serve, args=[listener, secret], daemon=True).start()

    def run_command(self, command, cwd="project", preexec_fn=None):
        return subprocess.run(command, cwd=self.path(cwd), env=self.environment,
                              stdin=self.stdin, capture_output=True, preexec_fn=preexec_fn,
                              timeout=LIMIT, check=False)

    def supervised(self, carrier, *more):
        return [self.duenna, "run", "--ask", "deny", "--quiet", "--carrier", carrier, *more, "--"]

    def expect(self, holds, what):
        if not holds:
            self.failed += 1
            print("failed:", what)

    def close(self):
        shutil.rmtree(self.root)

    def end(self, summary):
        print(f"{summary}, {self.failed} failed")
        sys.exit(1 if self.failed else 0)


def serve(listener, secret):
    while True:
        try:
            peer, _ = listener.accept()
            peer.sendall(secret)
            peer.close()
        except OSError:
            return
