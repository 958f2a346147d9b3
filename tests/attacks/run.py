#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs every attack natively, where it must work, and under Duenna, where it must not.

An attack whose native run has no effect proves nothing: it counts as failed unless the
kernel itself refused it, which is reported as not applicable with the reason. Controls
are the opposite: they must do the same natively and under Duenna.
"""
import argparse
import ctypes
import fnmatch
import glob
import itertools
import multiprocessing
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import zlib

import arena as arenas

# What stops each race: with this switched off (base/defence.h) it has to win. The first
# pattern that fits. Where two are named, either alone would do.
DEFENCES = (
    ("race_exec_script/*", "script-hold"),
    ("race_exec*", "exec-proof"),
    ("race_code/*", "call-proof"),
    ("race_pages/descriptor", "mapping-proof"),
    ("race_pages/store", "read-only"),
    ("race_pages/read_into", "read-only"),
    ("race_pages/make_writable", "read-only,page-seal"),
    ("race_pages/*", "page-seal"),
    ("race_unix_*/link_process", "name-lock"),
    ("race_unix_*/*link", "name-lock,whole-names"),
    ("race_unix_*/chdir*", "whole-names"),
    ("race_unix_*/descriptor_name", "whole-names"),
    ("race_unix_*", "sealed-pages"),
    ("race_connect*", "sealed-pages"),
    ("race_send*", "sealed-pages"),
    ("race_bind/*", "sealed-pages"),
    ("race_listen/*", "own-socket"),
    ("race_move/*", "name-order"),
    ("own_filter/answered_seal", "seal-proof"),
    ("network/listen_race", "own-socket"),
    ("process/pidfd_race", "own-pidfd"),
    ("process/kill_group_race", "own-group,no-joining"),
    ("self/terminal_input_race", "own-terminal"),
    ("process/kill_newcomer*", "no-latecomers"),
    ("race_*", "pins"),
)
# With sealed reads an interpreter opens its script without being seen.
UNSEEN_BY_SEALED_READS = "race_exec_script/"
# A race without its defence is given more time until it wins: what else runs may keep
# it from running.
PATIENCE = (1, 10, 100, 300)

NOT_APPLICABLE = 77
DUENNA_FAILED = 125
PR_SET_DUMPABLE = 4
LEFT_OPEN = 200
NO_SOCKET = b"no socket is there"
QUICK = 0.3
NATIVELY = 0.1  # nothing is in the way of a race: it mostly wins at once
STOPPED = 5  # seconds after which nobody will continue it


class Attack:
    def __init__(self, line):
        self.name, self.effect, flags, syscalls = line.rstrip("\n").split("\t")
        self.flags = set(flags.split(",")) - {""}
        self.syscalls = syscalls.split()

    def is_sparse(self):
        """A sample that is the same in every run, and what depends on the carrier."""
        return (zlib.crc32(self.name.encode()) % 8 == 0 or self.is_control()
                or self.name.startswith(("race_pages/", "race_code/", "race_exec_script/",
                                          "escape/", "argument_")))

    def is_control(self):
        return self.effect == "none"

    def is_race(self):
        return "race" in self.flags


class Run:
    """What one run of one attack came to."""

    def __init__(self):
        self.status = None
        self.output = self.errors = b""
        self.hung = None  # a sentence, if it did not end in time
        self.effect = None
        self.left = []
        self.started = False
        self.tree = None

    def reason(self):
        lines = self.errors.decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"status {self.status}"

    def tries(self):
        found = re.search(rb"^(\d+) tries", self.errors, re.MULTILINE)
        return int(found[1]) if found else None


def processes_of(identity):
    """Processes that have this arena in their environment."""
    wanted = f"ATTACK_ID={identity}".encode()
    found = []
    for path in glob.glob("/proc/[0-9]*/environ"):
        try:
            with open(path, "rb") as file:
                if wanted in file.read().split(b"\0"):
                    found.append(int(path.split("/")[2]))
        except OSError:
            continue
    return found


def command_of(options, attack, arena, supervised):
    program = os.path.join(options.programs, "attacks")
    if not supervised:
        parent = ["--parent"] if attack.effect == "supervisor" else []
        return [program, *parent, attack.name]
    holder = [os.path.join(options.programs, "holder")] if options.held else []
    return [*holder, os.path.join(options.programs, "duenna"), "run", "--ask", "deny", "--quiet",
            "--no-default-profiles", "--db", arena.path("store/duenna.db"),
            "--project", arena.path("project"), "--rules", arena.path("rules"),
            *options.duenna_options, "--", program, attack.name]


def become_starter(arena):
    """In the process that becomes Duenna, or natively the attack or its parent."""
    if arena.controlling:
        os.setsid()
        arenas.fcntl.ioctl(0, arenas.termios.TIOCSCTTY, 0)
    else:
        os.setpgrp()
    if arena.groups:
        arena.groups.enter()


def is_stopped(process):
    try:
        with open(f"/proc/{process.pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] == "T"
    except OSError:
        return False


def communicate(process, limit):
    """Until its end; or until the limit, or until it was stopped for a while."""
    end = time.monotonic() + limit
    stopped = 0
    while True:
        try:
            return process.communicate(timeout=1)
        except subprocess.TimeoutExpired:
            stopped = stopped + 1 if is_stopped(process) else 0
            if stopped == STOPPED or time.monotonic() >= end:
                raise


def read_line(path):
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.readline().strip()
    except OSError:
        return "?"


def describe_threads(pid):
    """Where each thread of a process is, for whoever wants to know why it did not end."""
    threads = []
    for folder in sorted(glob.glob(f"/proc/{pid}/task/*")):
        state = read_line(folder + "/stat").rpartition(")")[2].split()
        threads.append(" ".join([read_line(folder + "/comm"), *state[:1],
                                 read_line(folder + "/wchan"),
                                 read_line(folder + "/syscall").partition(" ")[0]]))
    return f"{pid}: " + ", ".join(threads)


def describe_hang(process, arena):
    pids = sorted({process.pid, *processes_of(arena.identity)} - {os.getpid()})
    return "did not end in time; " + "; ".join(map(describe_threads, pids))


def wait_for(process, arena, options, run):
    """Ends the run in any case; what is left of a tree that should be gone is noted."""
    try:
        run.output, run.errors = communicate(process, options.seconds + options.grace)
    except subprocess.TimeoutExpired:
        run.hung = describe_hang(process, arena)
    run.left = [pid for pid in processes_of(arena.identity) if pid != os.getpid()]
    for pid in run.left:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    if run.hung:
        process.kill()
        try:
            run.output, run.errors = process.communicate(timeout=options.grace)
        except subprocess.TimeoutExpired:
            pass
    run.status = process.returncode


def perform(options, attack, arena, supervised):
    run = Run()
    environment = arena.environment(options.seconds, options.tries)
    if supervised and options.disable:
        environment["DUENNA_DISABLE"] = options.disable
    if supervised and options.without:
        environment["DUENNA_TEST_WITHOUT"] = defence_of(attack, options)
    terminal = arena.controlling
    # This descriptor is one that was left open by mistake.
    left_open = os.open(arena.path("outside/secret"), os.O_RDONLY)
    os.dup2(left_open, LEFT_OPEN)
    os.close(left_open)
    process = subprocess.Popen(
        command_of(options, attack, arena, supervised), cwd=arena.path("project"),
        env=environment, stdin=terminal[1] if terminal else subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: become_starter(arena),
        pass_fds=[LEFT_OPEN] if attack.name == "indirect/inherited_descriptor" else [])
    os.close(LEFT_OPEN)
    helpers = []
    if attack.effect == "listened":
        helpers.append(arenas.Caller(arena))
    if attack.effect == "supervisor" or attack.name == "object/inotify":
        helpers.append(arenas.Watcher(arena, process.pid))
    if attack.name.startswith("self/terminal_input"):
        helpers.append(arenas.Typist(arena))
    for helper in helpers:
        helper.start()
    wait_for(process, arena, options, run)
    for helper in helpers:
        helper.ended.set()
        helper.join()
    run.started = os.path.exists(arena.path("project/started"))
    run.effect = find_effect(attack, arena, run, helpers)
    if attack.is_control():
        run.tree = tree_of(arena)
    return run


def find_effect(attack, arena, run, helpers):
    """A sentence about what the attack brought about, or None."""
    if attack.effect == "secret":
        return arena.find_text(arena.secret, run.output)
    if attack.effect == "executed":
        return arena.find_text(arena.token, run.output)
    if attack.effect == "changed":
        return arena.find_change()
    if attack.effect == "reached":
        return arena.find_peer()
    if attack.effect == "bystander":
        return arena.bystander.changes()
    if attack.effect == "terminal":
        return arena.find_terminal()
    if attack.effect == "listened":
        if helpers[0].reached or arena.token.encode() in run.output:
            return "it was reached from outside"
    if attack.effect == "supervisor":
        if run.status is not None and run.status < 0 and not run.hung:
            return f"the supervisor died of signal {-run.status}"
        return helpers[0].change or arena.find_store_damage()
    if attack.effect == "answered":
        return run.output.decode(errors="replace").strip() or None
    return None


def tree_of(arena):
    """The project as a control left it: what must not depend on Duenna."""
    return {arena.short(path): {name: value for name, value in entry.items()
                                if name not in ("inode", "time", "generation")}
            for path, entry in arenas.snapshot(arena.path("project")).items()}


def judge_control(native, supervised):
    """The first difference, or None."""
    if supervised.hung:
        return supervised.hung
    if native.status != supervised.status:
        return (f"status: natively {native.status}, supervised {supervised.status} "
                f"({supervised.reason()})")
    here = native.output.decode(errors="replace").splitlines()
    there = supervised.output.decode(errors="replace").splitlines()
    for number, (one, other) in enumerate(itertools.zip_longest(here, there)):
        if one != other:
            return f"line {number}: natively {one!r}, supervised {other!r}"
    for path in sorted(native.tree.keys() | supervised.tree.keys()):
        one, other = native.tree.get(path), supervised.tree.get(path)
        if one != other:
            return f"{path}: natively {one}, supervised {other}"
    return None


def judge_attack(attack, native, supervised):
    """What is wrong with the supervised run, or None: the attack was stopped."""
    if supervised.status == DUENNA_FAILED or not supervised.started:
        return f"did not get started: {supervised.reason()}"
    if supervised.hung:
        return supervised.hung
    if supervised.left:
        return f"processes were left: {supervised.left}"
    if NO_SOCKET in supervised.errors:
        return "did not find what it was to attack"
    if attack.effect == "answered":
        if supervised.effect == native.effect:
            return f"the kernel answered: {supervised.effect}"
        return None
    if supervised.effect:
        return f"it worked: {supervised.effect}"
    return None


def defence_of(attack, options):
    defences = next(names for pattern, names in DEFENCES
                    if fnmatch.fnmatch(attack.name, pattern))
    if attack.name.endswith("/memory_file"):
        defences += ",closed-memory"
    if options.disable == "all":
        defences = defences.replace("page-seal", "page-guards")
    return defences


def with_seconds(options, factor):
    patient = argparse.Namespace(**vars(options))
    patient.seconds = options.seconds * factor
    return patient


def try_without(options, attack, number):
    """Whether it wins with its defence switched off."""
    defence = defence_of(attack, options)
    run = None
    for factor in PATIENCE:
        run = try_supervised(with_seconds(options, factor), attack, number)
        if run.status == NOT_APPLICABLE:
            return attack.name, "inapplicable", run.reason()
        if run.effect:
            return attack.name, "winning", f"{defence}: {run.effect}; {run.reason()}"
    return attack.name, "failed", f"does not win without {defence}: {run.reason()}"


def is_refused_natively(attack, native):
    """True if the kernel gives natively just the answer that a refusal would give."""
    return attack.effect == "answered" and native.effect in ("answer 1", "answer 38", "answer 97")


def try_patiently(options, attack, number):
    """A race that had no try at all shows nothing: what else runs may keep it from it."""
    run = None
    for factor in PATIENCE if attack.is_race() else (1,):
        run = try_supervised(with_seconds(options, factor), attack, number)
        if run.tries() != 0:
            break
    return run


def needs_store(attack):
    return attack.name.startswith("self/store") or uses_commands(attack)


def uses_commands(attack):
    """Natively, too, there has to be a database of Duenna."""
    return attack.name == "self/own_command"


def try_natively(options, attack, number):
    arena = arenas.Arena(options.top, f"{number}-native", options.programs, attack)
    try:
        if needs_store(attack):
            arena.prepare_store(os.path.join(options.programs, "duenna")
                                if uses_commands(attack) else None)
        if attack.name.startswith("self/socket_"):
            arena.listen_for_answers()
        return perform(options, attack, arena, False)
    finally:
        arena.close()


def try_supervised(options, attack, number):
    arena = arenas.Arena(options.top, f"{number}-supervised", options.programs, attack)
    try:
        if needs_store(attack):
            arena.prepare_store(os.path.join(options.programs, "duenna"))
        return perform(options, attack, arena, True)
    finally:
        arena.close()


def try_one(task):
    """What came of it; a failure of the harness is one of the attack as well."""
    try:
        return try_attack(*task)
    except Exception:  # pylint: disable=broad-except
        return task[1].name, "failed", traceback.format_exc()


def try_attack(options, attack, number):
    """Returns (name, kind, sentence); kind: stopped, winning, working, inapplicable or
    failed."""
    if "root" in attack.flags and os.getuid() != 0:
        return attack.name, "inapplicable", "needs root natively"
    if options.reads == "sealed" and attack.name.startswith(UNSEEN_BY_SEALED_READS):
        return attack.name, "inapplicable", "not promised with sealed reads"
    if options.without:
        return try_without(options, attack, number)
    native = None
    for factor in PATIENCE if attack.is_race() else (1,):
        hurried = argparse.Namespace(**vars(options))
        hurried.seconds = min(options.seconds, NATIVELY) * factor
        native = try_natively(hurried, attack, number)
        if native.effect or native.status == NOT_APPLICABLE:
            break
    if native.status == NOT_APPLICABLE or is_refused_natively(attack, native):
        return attack.name, "inapplicable", native.effect or native.reason()
    if attack.is_control() and native.status != 0:
        return attack.name, "failed", f"natively: {native.reason()}"
    if not attack.is_control() and not native.effect:
        return attack.name, "failed", f"had no effect natively: {native.reason()}"
    if options.native:
        return attack.name, "working" if attack.is_control() else "stopped", (
            native.effect or native.output.decode(errors="replace"))
    supervised = try_patiently(options, attack, number)
    if attack.is_control():
        wrong = judge_control(native, supervised)
        return attack.name, "failed" if wrong else "working", wrong or ""
    wrong = judge_attack(attack, native, supervised)
    if supervised.tries() == 0:
        wrong = wrong or "had not a single try"
    if attack.is_race() and supervised.tries() is not None:
        note_tries(options, attack, supervised.tries())
    return attack.name, "failed" if wrong else "stopped", wrong or (
        supervised.reason())


def read_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", required=True,
                        help="folder of the built attacks, bystander and token")
    parser.add_argument("--duenna", help="the binary to test; without it: only natively")
    parser.add_argument("--seconds", type=float, default=QUICK,
                        help="how long each race tries")
    parser.add_argument("--tries", type=int, default=0,
                        help="how often at most, if it has that before")
    parser.add_argument("--without", action="store_true",
                        help="races with their one defence switched off, which must win")
    parser.add_argument("--grace", type=float, default=60,
                        help="seconds that a run may take beyond that before it hangs")
    parser.add_argument("--full", action="store_true",
                        help="also the attacks that are much like another")
    parser.add_argument("--sparse", action="store_true",
                        help="a sample of the quick run")
    parser.add_argument("--match", default="*", help="only names that match this")
    parser.add_argument("--kind", choices=("attacks", "races", "controls", "all"),
                        default="all")
    parser.add_argument("--carrier", help="pass --carrier to duenna")
    parser.add_argument("--reads", help="pass --reads to duenna")
    parser.add_argument("--disable", help="set DUENNA_DISABLE to this")
    parser.add_argument("--held", action="store_true",
                        help="under a filter that holds the listener slot already")
    parser.add_argument("--user", help="when root: run as this user")
    parser.add_argument("--jobs", type=int, default=2 * os.cpu_count(),
                        help="attacks and controls at once: they mostly wait")
    parser.add_argument("--list", action="store_true", help="only list the names")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    options.native = options.duenna is None
    if options.without:
        options.kind = "races"
    options.duenna_options = ["--carrier", options.carrier] if options.carrier else []
    if options.reads:
        options.duenna_options += ["--reads", options.reads]
    return options


def become(name):
    user = pwd.getpwnam(name)
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    # Changing the user made this process unreadable to its own children.
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)


def gather_programs(options):
    """Copies what is run to where every user may reach it."""
    top = os.path.realpath(tempfile.mkdtemp(prefix="duenna-attacks-"))
    os.chmod(top, 0o755)
    programs = os.path.join(top, "programs")
    os.mkdir(programs, 0o755)
    for name in ("attacks", "bystander", "newcomers", "token", "holder"):
        shutil.copy(os.path.join(options.programs, name), programs)
    if options.duenna:
        shutil.copy(options.duenna, os.path.join(programs, "duenna"))
    options.top, options.programs = top, programs
    if options.user:
        user = pwd.getpwnam(options.user)
        os.chown(top, user.pw_uid, user.pw_gid)


def separate():
    """As root: mounts of the attacks must not outlive them."""
    if os.getuid() == 0 and "ATTACKS_SEPARATE" not in os.environ:
        os.environ["ATTACKS_SEPARATE"] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--uts", "--ipc", sys.executable,
                              *sys.argv])


def wanted(options, attack):
    kinds = {"attacks": not attack.is_control() and not attack.is_race(),
             "races": attack.is_race(), "controls": attack.is_control(),
             "all": True}
    if options.sparse and not options.without and not attack.is_sparse():
        return False
    return (kinds[options.kind] and fnmatch.fnmatch(attack.name, options.match)
            and (options.full or "full" not in attack.flags))


def one_for_each_defence(options, attacks):
    chosen = {}
    for attack in attacks:
        chosen.setdefault(defence_of(attack, options), attack)
    return [attack for attack in attacks if attack in chosen.values()
            or zlib.crc32(attack.name.encode()) % 16 == 0]


def run_all(options, attacks):
    """Races run alone; the rest beside each other."""
    tasks = [(options, attack, number) for number, attack in enumerate(attacks)]
    calm = [task for task in tasks if not task[1].is_race()]
    races = [task for task in tasks if task[1].is_race()]
    with multiprocessing.Pool(options.jobs, maxtasksperchild=100) as pool:
        yield from pool.imap_unordered(try_one, calm)
    with multiprocessing.Pool(1, maxtasksperchild=20) as pool:
        yield from pool.imap_unordered(try_one, races)


def report(options, results):
    words = {"stopped": "stopped", "winning": "wins", "working": "works",
             "inapplicable": "not applicable", "failed": "FAILED"}
    counts = dict.fromkeys(words, 0)
    for name, kind, sentence in results:
        counts[kind] += 1
        if options.verbose or kind == "failed":
            print(f"{words[kind]:14}  {name:44}  {sentence}", flush=True)
    stopped = "attacks worked natively" if options.native else "attacks stopped"
    if options.without:
        print(f"{counts['winning']} races win without their defence, ", end="")
    else:
        print(f"{counts['stopped']} {stopped}, {counts['working']} controls working, ",
              end="")
    print(f"{counts['inapplicable']} not applicable, {counts['failed']} failed")
    report_tries(options)
    return counts["failed"]


def note_tries(options, attack, tries):
    with open(os.path.join(options.top, "tries"), "a", encoding="ascii") as file:
        file.write(f"{tries} {attack.name}\n")


def report_tries(options):
    try:
        with open(os.path.join(options.top, "tries"), encoding="ascii") as file:
            lines = [line.split() for line in file]
    except OSError:
        return
    tries = sorted((int(count), name) for count, name in lines)
    print(f"{len(tries)} races: {sum(count for count, _ in tries)} tries, the fewest "
          f"{tries[0][0]} ({tries[0][1]}), the median {tries[len(tries) // 2][0]}")


def main():
    separate()
    options = read_options()
    listing = subprocess.run([os.path.join(options.programs, "attacks"), "--list"],
                             check=True, capture_output=True, text=True).stdout
    attacks = [Attack(line) for line in listing.splitlines()]
    attacks = [attack for attack in attacks if wanted(options, attack)]
    if options.without and options.sparse:
        attacks = one_for_each_defence(options, attacks)
    if options.list:
        print("\n".join(attack.name for attack in attacks))
        return 0
    gather_programs(options)
    try:
        if options.user:
            become(options.user)
        return 1 if report(options, run_all(options, attacks)) else 0
    finally:
        shutil.rmtree(options.top, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
