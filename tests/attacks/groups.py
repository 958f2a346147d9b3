# SPDX-License-Identifier: MIT
"""Control groups for a run: one that the process which starts the attack is in, and
another, in a hierarchy of the new kind and in one of the old kind, where there are such
and we may make groups."""
import os

CONTROL_FILES = ("cgroup.max.depth", "notify_on_release")


def hierarchies():
    """Place, kind and options of each that is mounted (proc_pid_mountinfo(5))."""
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        for line in file:
            fields, _, system = line.partition(" - ")
            kind, _, options = system.split(None, 2)
            if kind in ("cgroup", "cgroup2") and fields.split()[3] == "/":
                yield fields.split()[4], kind, options.strip().split(",")


def own_group(place, kind, options):
    with open("/proc/self/cgroup", encoding="utf-8") as file:
        for line in file:
            _, controllers, path = line.rstrip("\n").split(":", 2)
            if (not controllers if kind == "cgroup2"
                    else controllers.split(",")[0] in options):
                return place + path.rstrip("/")
    return None


class Groups:
    """Made before the run, removed after it."""

    def __init__(self, identity):
        self.folders = []
        self.variables = {}
        for kind, prefix in (("cgroup2", "ATTACK_GROUP"), ("cgroup", "ATTACK_OLD_GROUP")):
            for place, found, options in hierarchies():
                # An old hierarchy of processors and memory nodes starts without any.
                if found == kind and "cpuset" not in options:
                    if self.make(own_group(place, found, options), prefix, identity):
                        break

    def make(self, parent, prefix, identity):
        if parent is None:
            return False
        for suffix, name in (("", "own"), ("_OTHER", "other")):
            folder = f"{parent}/attack-{identity}-{name}"
            try:
                os.mkdir(folder)
            except OSError:
                return False
            self.folders.append(folder)
            self.variables[prefix + suffix] = folder
        return True

    def enter(self):
        """In the process that is about to start the attack."""
        for prefix in ("ATTACK_GROUP", "ATTACK_OLD_GROUP"):
            if prefix in self.variables:
                with open(self.variables[prefix] + "/cgroup.procs", "w",
                          encoding="ascii") as file:
                    file.write("0")

    def state(self, pid):
        """What an attack could have changed of the process' groups."""
        if not self.folders:
            return None
        with open(f"/proc/{pid}/cgroup", encoding="utf-8") as file:
            seen = [file.read()]
        for folder in self.folders:
            seen.append(len(os.listdir(folder)) if os.path.isdir(folder) else "gone")
            for name in CONTROL_FILES:
                try:
                    with open(os.path.join(folder, name), encoding="utf-8") as file:
                        seen.append(file.read().strip())
                except OSError:
                    pass
        return seen

    def remove(self):
        for folder in self.folders:
            for path, _, _ in os.walk(folder, topdown=False):
                os.rmdir(path)
