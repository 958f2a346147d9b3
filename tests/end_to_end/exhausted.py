#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A tree that uses up all the processes that its user may have: what it does is still
judged and carried out, also what threads of Duenna do, for which there are none left.

usage: exhausted.py DUENNA
"""

import glob
import os
import pwd
import resource
import shutil
import subprocess
import sys
import tempfile

LIMIT = 60
SPARE = 50

# Calls that are carried out beside the loop, while no more processes can be made.
PROGRAM = r"""
import os, signal, socket, sys
folder = sys.argv[1]
children = []
while len(children) < 1000:
    try:
        child = os.fork()
    except BlockingIOError:
        print("no more", flush=True)
        break
    if child == 0:
        while True:
            signal.pause()
    children.append(child)
for number in range(20):
    server = socket.socket(socket.AF_UNIX)
    server.bind(f"{folder}/{number}")
    server.listen()
    socket.socket(socket.AF_UNIX).connect(f"{folder}/{number}")
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen()
    with open(f"{folder}/file", "w") as file:
        os.fchmod(file.fileno(), 0o600)
print("went on", flush=True)
for child in children:
    os.kill(child, signal.SIGKILL)
for child in children:
    os.waitpid(child, 0)
print("done", flush=True)
"""


def user():
    """Limits of processes do not hold for root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def tasks_of(uid):
    count = 0
    for folder in glob.glob("/proc/[0-9]*/task/[0-9]*"):
        try:
            count += os.stat(folder).st_uid == uid
        except FileNotFoundError:
            continue
    return count


def become(person):
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(person.pw_gid)
        os.setuid(person.pw_uid)
    limit = tasks_of(person.pw_uid) + SPARE
    resource.setrlimit(resource.RLIMIT_NPROC, (limit, limit))


def run(duenna, top, person, carrier):
    folder = os.path.join(top, carrier)
    for name in ("", "home", "run"):
        os.mkdir(os.path.join(folder, name), mode=0o700)
        os.chown(os.path.join(folder, name), person.pw_uid, person.pw_gid)
    process = subprocess.Popen(
        [duenna, "run", "--ask", "deny", "--quiet", "--carrier", carrier,
         "--rules", os.path.join(top, "rules"), "--", "/usr/bin/python3", "-c", PROGRAM, folder],
        cwd=os.path.join(folder, "home"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, preexec_fn=lambda: become(person),
        env={"PATH": "/usr/bin:/bin", "HOME": os.path.join(folder, "home"),
             "LC_ALL": "C.UTF-8", "XDG_RUNTIME_DIR": os.path.join(folder, "run"),
             **{name: value for name, value in os.environ.items()
                if name.endswith("SAN_OPTIONS")}})
    try:
        said = process.communicate(timeout=LIMIT)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        said = "(stalled) " + process.communicate()[0]
    if said != "no more\nwent on\ndone\n" or process.returncode != 0:
        print(f"carrier {carrier}: status {process.returncode}, said {said!r}")
        return 1
    return 0


def main():
    person = user()
    top = os.path.realpath(tempfile.mkdtemp(prefix="exhausted-e2e."))
    try:
        os.chmod(top, 0o755)
        duenna = os.path.join(top, "program")
        shutil.copy(sys.argv[1], duenna)
        os.chmod(duenna, 0o755)
        with open(os.path.join(top, "rules"), "w", encoding="ascii") as file:
            file.write("allow any *\n")
        os.chmod(os.path.join(top, "rules"), 0o644)
        failed = sum(run(duenna, top, person, carrier) for carrier in ("auto", "trace"))
    finally:
        shutil.rmtree(top)
    sys.exit(1 if failed else 0)


main()
