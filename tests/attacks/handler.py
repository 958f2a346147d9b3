# SPDX-License-Identifier: MIT
"""Registers programs with the kernel (binfmt_misc) as handlers of kinds of files."""
import hashlib
import os
import subprocess

FOLDER = "/proc/sys/fs/binfmt_misc"

# What an attack has registered, oldest first: the end of the kind's name, M for a magic
# number or E for an extension, the program, and flags. Programs lie in the arena.
TOOL, TWIN, RUNNER, SHELL = "guarded/tool", "project/twin", "project/runner", "/bin/sh"
HANDLERS = {
    "exec/by_handler": [("", "M", TOOL, "")],
    "exec/by_handler_opened": [("", "M", TOOL, "F")],
    "exec/by_handler_given": [("", "M", TOOL, "POC")],
    "exec/by_handler_extension": [("", "E", TOOL, "")],
    "exec/by_handler_descriptor": [("", "M", TOOL, "")],
    "exec/by_handler_in_script": [("", "M", TOOL, "P")],
    "exec/by_handler_script": [("", "M", RUNNER, "")],
    "exec/by_handler_newest": [("", "M", TWIN, ""), ("", "M", TOOL, "")],
    "exec/handled": [("", "M", SHELL, "")],
    "race_exec_script/handled": [("", "M", SHELL, "")],
    "race_exec_script/handled_given": [("", "M", SHELL, "O")],
    "control_exec/handled": [("words", "M", "/bin/echo", ""),
                        ("first", "M", "/bin/echo", "P"),
                        ("given", "M", "/usr/bin/python3", "PO"),
                        ("text", "E", "/bin/cat", "F"),
                        ("off", "M", "/bin/echo", ""),
                        ("script", "M", RUNNER, "")],
}

# Prints its arguments, and whether the descriptor that it was given (AT_EXECFD) is its own.
GIVEN = """
import ctypes, os, sys
fd = ctypes.CDLL(None).getauxval(2)
print(sys.argv, os.path.sameopenfile(fd, os.open(sys.argv[0], os.O_RDONLY)), flush=True)
"""


class Handlers:
    """Those that the attack wants, until they are removed."""

    def __init__(self, arena, attack):
        self.arena = arena
        self.paths = []
        # Nobody else's files are of this kind, and those of both runs are the same.
        name = os.path.dirname(arena.folder) + attack.name
        self.kind = hashlib.sha256(name.encode()).hexdigest()[:16]
        wanted = HANDLERS.get(attack.name, ())
        if not wanted or os.getuid() != 0:
            return
        if not os.path.exists(os.path.join(FOLDER, "register")):
            # Seen by the attacks alone: they are in mounts of their own.
            subprocess.run(["mount", "-t", "binfmt_misc", "none", FOLDER], check=False,
                           stderr=subprocess.DEVNULL)
        runner = "/bin/sh" if attack.is_control() else arena.path(TOOL)
        arena.write(RUNNER, f'#!{runner}\necho "$@"\n', 0o755)
        for number, (ending, kind, program, flags) in enumerate(wanted):
            self.register(number, ending, kind, arena.path(program), flags)
        self.write_files()

    def register(self, number, ending, kind, program, flags):
        """Files begin with ": ", so that a shell runs them as well, or with "#:"."""
        name = f"attack-{self.kind}-{number}"
        offset = "2" if kind == "M" else ""
        with open(os.path.join(FOLDER, "register"), "w", encoding="ascii") as file:
            file.write(f":{name}:{kind}:{offset}:{self.kind + ending}::"
                       f"{program}:{flags}")
        self.paths.append(os.path.join(FOLDER, name))
        if ending == "off":
            with open(self.paths[-1], "w", encoding="ascii") as file:
                file.write("0")

    def write_files(self):
        arena = self.arena
        start = f": {self.kind}"
        for name in ("handled", "handled." + self.kind):
            arena.write("project/" + name, start + "\n", 0o755)
        arena.write("guarded/handled", f"{start}\necho {arena.token}\n", 0o755)
        arena.write("project/script", "#!./handled option\n", 0o755)
        for name in ("words", "first", "off", "script"):
            arena.write("project/handled_" + name, start + name + "\n", 0o755)
        arena.write("project/handled_given", f"#:{self.kind}given\n{GIVEN}", 0o755)
        arena.write("project/script_words", "#!./handled_words option\n", 0o755)
        arena.write(f"project/handled.{self.kind}text", "a text\n", 0o755)

    def remove(self):
        for path in self.paths:
            with open(path, "w", encoding="ascii") as file:
                file.write("-1")
