#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Fails if a call that the table judges or refuses has no attack, or if one that takes
names of files is not attacked with every form of a name, for each name it takes.

usage: coverage.py TABLE-ROWS-PROGRAM ATTACKS-PROGRAM
"""
import collections
import subprocess
import sys

# Calls without an attack of their own, each with the reason.
EXEMPT = {
    "vhangup": "would hang up the terminal of whoever runs the tests",
    "setuid": "credentials are always allowed and only noted",
    "setgid": "credentials are always allowed and only noted",
    "setreuid": "credentials are always allowed and only noted",
    "setregid": "credentials are always allowed and only noted",
    "setgroups": "credentials are always allowed and only noted",
    "setresuid": "credentials are always allowed and only noted",
    "setresgid": "credentials are always allowed and only noted",
    "setfsuid": "credentials are always allowed and only noted",
    "setfsgid": "credentials are always allowed and only noted",
    "capset": "credentials are always allowed and only noted",
    "flock": "locks are always allowed; stops only until no copy of ours is left",
    "mmap": "stops only to guard the pinned pages of older kernels",
    "mprotect": "stops only to guard the pinned pages of older kernels",
    "munmap": "stops only to guard the pinned pages of older kernels",
    "mremap": "stops only to guard the pinned pages of older kernels",
    "pkey_mprotect": "stops only to guard the pinned pages of older kernels",
    "remap_file_pages": "stops only to guard the pinned pages of older kernels",
}
JUDGED = ("file", "stop", "refused")
# Forms of a name (place.c) that every call has to be attacked with.
FORMS = ("absolute", "relative", "chdir", "fchdir", "link_to_folder", "link_chain",
         "link_upwards", "link_then_up", "dots", "long", "own_working_folder", "own_root",
         "thread_root", "task_root", "parent_root", "own_descriptor", "device_descriptor")
# And those that take a folder besides.
FOLDER_FORMS = ("descriptor", "junk_descriptor", "descriptor_above", "ignored_descriptor",
                "junk_working_folder", "task_descriptor")


def lines_of(program, *arguments):
    result = subprocess.run([program, *arguments], check=True, capture_output=True,
                            text=True)
    return result.stdout.splitlines()


def lacking_forms(row, tried):
    """Forms that fewer of its attacks have than it takes names."""
    name, kind, names, folder = row
    if kind not in JUDGED or int(names) == 0:
        return []
    wanted = FORMS + (FOLDER_FORMS if folder == "folder" else ())
    return [form for form in wanted if tried[name, form] < int(names)]


def main():
    rows = [line.split() for line in lines_of(sys.argv[1])]
    attacked = set()
    tried = collections.Counter()
    for line in lines_of(sys.argv[2], "--list"):
        name, effect, _flags, syscalls = line.split("\t")
        if effect != "none":
            attacked.update(syscalls.split())
            tried.update((syscall, name.split("/")[1]) for syscall in syscalls.split())
    missing = [row[0] for row in rows if row[1] in JUDGED
               and row[0] not in attacked and row[0] not in EXEMPT]
    stale = [name for name in EXEMPT if name not in [row[0] for row in rows]]
    lacking = [(row[0], form) for row in rows for form in lacking_forms(row, tried)]
    for name, form in lacking:
        print(f"{name}: no attack names a file by the form {form}")
    for name in missing:
        print(f"{name}: judged or refused, but no attack uses it")
    for name in stale:
        print(f"{name}: exempt, but no call of that name is in the table")
    print(f"{len(attacked)} calls attacked, {len(missing)} judged calls without attack")
    return 1 if missing or stale or lacking else 0


if __name__ == "__main__":
    sys.exit(main())
