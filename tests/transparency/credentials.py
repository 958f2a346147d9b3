#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Compares what calls come to after each change of credentials, natively and supervised.

The victim changes credentials, limits and masks, each alone, makes every call that
changes files, and says what came of it: errors, signals, owners, modes, attributes. What
it says has to be the same under Duenna.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

SHOWN = 12


def is_try(line):
    return not line.startswith(" ")


def run(command, top):
    """The tries of one run, each with what then lay there, whatever the order."""
    folder = os.path.join(top, "run")
    os.mkdir(folder, 0o755)
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, check=False,
                          capture_output=True, text=True, errors="replace")
    shutil.rmtree(folder)
    if done.returncode != 0:
        sys.exit(f"{command[0]} ended with {done.returncode}: {done.stderr[-500:]}")
    tries = []
    for line in done.stdout.splitlines():
        if is_try(line):
            name, result = line.rsplit(": ", 1)
            tries.append((name, result, []))
        elif tries:
            tries[-1][2].append(line)
    return [(name, result, sorted(lines)) for name, result, lines in tries]


def is_promised(name):
    """Not so: new credentials of an ordinary user that say the same as the old ones."""
    return os.getuid() == 0 or not (name.startswith("capset") and ": linkat " in name)


def differences(native, supervised):
    if len(native) != len(supervised):
        yield f"natively {len(native)} tries, supervised {len(supervised)}"
    for one, other in zip(native, supervised):
        if not is_promised(one[0]):
            continue
        if one[:2] != other[:2]:
            yield f"{one[0]}: natively {one[1]}, supervised {other[1]}"
        elif one[2] != other[2]:
            gone = [line for line in one[2] if line not in other[2]]
            new = [line for line in other[2] if line not in one[2]]
            yield f"{one[0]}: only natively {gone}, only supervised {new}"


def read_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--duenna", required=True)
    parser.add_argument("--victims", required=True)
    parser.add_argument("--carrier", help="pass --carrier to duenna")
    parser.add_argument("--step", type=int, default=1, help="make each N-th try only")
    parser.add_argument("--thread", action="store_true",
                        help="one thread of a process changes, and another does not")
    parser.add_argument("--folder", default="/dev/shm",
                        help="where the files lie: in memory, since there are many")
    return parser.parse_args()


def main():
    options = read_options()
    folder = options.folder if os.access(options.folder, os.W_OK) else None
    top = os.path.realpath(tempfile.mkdtemp(prefix="duenna-credentials-", dir=folder))
    os.chmod(top, 0o755)
    victim = [os.path.abspath(os.path.join(options.victims, "credentials")), str(options.step)]
    victim += ["thread"] if options.thread else []
    carrier = ["--carrier", options.carrier] if options.carrier else []
    try:
        native = run(victim, top)
        supervised = run([os.path.abspath(options.duenna), "run", "--ask", "allow", "--quiet", "--db",
                          os.path.join(top, "duenna.db"), *carrier, "--", *victim], top)
    finally:
        shutil.rmtree(top)
    wrong = list(differences(native, supervised))
    for sentence in wrong[:SHOWN]:
        print(sentence)
    print(f"{len(native)} tries, {len(wrong)} differ")
    return 1 if wrong or not native else 0


if __name__ == "__main__":
    sys.exit(main())
