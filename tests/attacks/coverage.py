#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Fails if a call that the table judges or refuses has no attack.

usage: coverage.py TABLE-ROWS-PROGRAM ATTACKS-PROGRAM
"""
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
    "mmap": "stops only to guard the pinned pages of older kernels",
    "mprotect": "stops only to guard the pinned pages of older kernels",
    "munmap": "stops only to guard the pinned pages of older kernels",
    "mremap": "stops only to guard the pinned pages of older kernels",
    "pkey_mprotect": "stops only to guard the pinned pages of older kernels",
    "remap_file_pages": "stops only to guard the pinned pages of older kernels",
}
JUDGED = ("file", "stop", "refused")


def lines_of(program, *arguments):
    result = subprocess.run([program, *arguments], check=True, capture_output=True,
                            text=True)
    return result.stdout.splitlines()


def main():
    rows = [line.split() for line in lines_of(sys.argv[1])]
    attacked = set()
    for line in lines_of(sys.argv[2], "--list"):
        _name, effect, _flags, syscalls = line.split("\t")
        if effect != "none":
            attacked.update(syscalls.split())
    missing = [name for name, kind in rows if kind in JUDGED
               and name not in attacked and name not in EXEMPT]
    stale = [name for name in EXEMPT if name not in [row[0] for row in rows]]
    for name in missing:
        print(f"{name}: judged or refused, but no attack uses it")
    for name in stale:
        print(f"{name}: exempt, but no call of that name is in the table")
    print(f"{len(attacked)} calls attacked, {len(missing)} judged calls without attack")
    return 1 if missing or stale else 0


if __name__ == "__main__":
    sys.exit(main())
