#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Without a listener of its own Duenna has a process for each user that root's tree
becomes. Others of that user may look into it, and find nothing of root's there.

usage: keeper_memory.py DUENNA HOLDER
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

LIMIT = 60
OTHER = 65533
SKIPPED = 77
MARK = "known-to-root-only"
# Becomes somebody else, whose programs then need argument pages of their own.
TREE = f"""
import os, sys
os.setgroups([]); os.setresgid({OTHER}, {OTHER}, {OTHER}); os.setresuid({OTHER}, {OTHER}, {OTHER})
os.execv(sys.executable, [sys.executable, "-c",
    "import sys; print('ready', flush=True); sys.stdin.read()"])
"""
# An outsider: what of the memory that it may read has the mark, and how much it may.
READER = r"""
import sys
mark, read, found = sys.argv[2].encode(), 0, 0
for line in open(f"/proc/{sys.argv[1]}/maps"):
    fields = line.split()
    first, end = (int(part, 16) for part in fields[0].split("-"))
    if fields[1][0] != "r":
        continue
    with open(f"/proc/{sys.argv[1]}/mem", "rb", 0) as memory:
        try:
            memory.seek(first)
            text = memory.read(end - first)
        except (OSError, OverflowError):
            continue
    read += len(text)
    found += text.count(mark)
print(read, found)
"""


def keepers():
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/status", encoding="utf-8") as file:
                status = file.read()
            program = os.readlink(f"/proc/{name}/exe")
        except OSError:
            continue
        if re.search(rf"^Uid:\s{OTHER}\s", status, re.MULTILINE) and program == DUENNA:
            found.append(name)
    return found


def look_into(pid):
    """What somebody of that user sees: bytes, and how often the mark is in them."""
    done = subprocess.run(["/usr/bin/python3", "-c", READER, pid, MARK], user=OTHER, group=OTHER,
                          extra_groups=[], capture_output=True, text=True, timeout=LIMIT,
                          check=True)
    return tuple(int(word) for word in done.stdout.split())


DUENNA = os.path.realpath(sys.argv[1])


def main():
    if os.getuid() != 0:
        print("only root's tree becomes others")
        sys.exit(SKIPPED)
    top = tempfile.mkdtemp(prefix="keeper-e2e.")
    environment = {"PATH": "/usr/bin:/bin", "HOME": top, "LC_ALL": "C.UTF-8",
                   "XDG_RUNTIME_DIR": top, "TMPDIR": top, "TOKEN": MARK,
                   **{name: value for name, value in os.environ.items()
                      if name.endswith("SAN_OPTIONS")}}
    try:
        with subprocess.Popen(
                [os.path.realpath(sys.argv[2]), DUENNA, "run", "--ask", "allow", "--quiet",
                 "--env", "clean", "--db", f"{top}/db", "--", "/usr/bin/python3", "-c", TREE],
                cwd=top, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as run:
            try:
                assert run.stdout.readline() == b"ready\n", "the tree did not begin"
                pids = keepers()
                seen = [look_into(pid) for pid in pids]
            finally:
                run.stdin.close()
                try:
                    run.wait(LIMIT)
                except subprocess.TimeoutExpired:
                    run.send_signal(signal.SIGKILL)
    finally:
        shutil.rmtree(top)
    print(f"keepers {pids}: bytes read, marks found: {seen}")
    sys.exit(0 if seen and all(size > 0 and marks == 0 for size, marks in seen) else 1)


main()
