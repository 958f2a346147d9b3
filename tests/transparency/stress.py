#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""stress-ng's stressors must finish under Duenna as they do natively, and leave nothing.

They fork, exec, signal, rename and call the kernel with nonsense as fast as they can.
"""
import argparse
import os
import secrets
import shutil
import subprocess
import sys
import tempfile

STRESSORS = ["fork", "clone", "vfork", "exec", "signal", "pthread", "kill", "procfs",
             "rename", "symlink", "sysbadaddr", "sysinval"]


def run(options, name, supervised):
    """Exit status, and the number of processes that were left."""
    identity = secrets.token_hex(8)
    folder = tempfile.mkdtemp(prefix="duenna-stress-")
    command = ["stress-ng", "--" + name, "2", "--timeout", f"{options.seconds}s",
               "--oom-avoid", "--temp-path", folder, "--quiet"]
    if supervised:
        command = [options.duenna, "run", "--ask", "allow", "--quiet", "--db",
                   os.path.join(folder, "db"), "--", *command]
    environment = dict(os.environ, STRESS_ID=identity, HOME=folder)
    try:
        status = subprocess.run(command, cwd=folder, env=environment, check=False,
                                stdin=subprocess.DEVNULL, capture_output=True,
                                timeout=options.seconds * 10 + 280).returncode
    except subprocess.TimeoutExpired:
        status = "hung"
    left = processes_of(identity)
    for pid in left:
        try:
            os.kill(pid, 9)
        except ProcessLookupError:
            pass
    shutil.rmtree(folder, ignore_errors=True)
    return status, len(left)


def processes_of(identity):
    found = []
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/environ", "rb") as file:
                if f"STRESS_ID={identity}".encode() in file.read():
                    found.append(int(name))
        except (OSError, ValueError):
            continue
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--duenna", required=True)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    if shutil.which("stress-ng") is None:
        print("not applicable: stress-ng is missing")
        return 77
    failures = 0
    for name in options.names or STRESSORS:
        native = run(options, name, False)
        supervised = run(options, name, True)
        fine = supervised == (native[0], 0)
        failures += not fine
        print(f"{'same' if fine else 'DIFFERS':8} {name}: status {native[0]}"
              + ("" if fine else f" natively, {supervised[0]} supervised, "
                 f"{supervised[1]} processes left"), flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
