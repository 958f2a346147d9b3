#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Kills the supervisor at named failpoints and at random moments.

After each kill no descendant may live, the database must be whole, and every answer that
was confirmed must be among the rules. Failpoints exist only in builds with test hooks;
without them only random moments are tried.
"""
import argparse
import json
import os
import random
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

FAILPOINTS = ["before-batch", "after-batch", "before-commit", "after-commit",
              "answer-before-store", "answer-before-apply", "answer-after-apply"]
PATIENCE = 10  # seconds for everything that has to come sometime

# Asks one question after the other, while other processes keep the supervisor busy.
WORK = """
    sleep 1000 &
    (setsid sh -c 'while :; do cat /dev/null; done' &)
    for i in $(seq 1000); do cat "$SECRETS/ROUND-$i"; done
    kill %1
"""


class Round:
    """One session that is going to be killed."""

    def __init__(self, options, top, number, failpoint):
        self.options = options
        self.failpoint = failpoint
        self.identity = secrets.token_hex(8)
        self.top = top
        self.database = os.path.join(top, "duenna.db")
        self.confirmed = []
        self.environment = dict(
            os.environ, CRASH_ID=self.identity, HOME=os.path.join(top, "home"),
            XDG_RUNTIME_DIR=os.path.join(top, "runtime"), LANG="C",
            TMPDIR=os.path.join(top, "temporary"),
            SECRETS=os.path.join(top, "secrets"))
        for name in ("DUENNA_FAILPOINT", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
            self.environment.pop(name, None)
        environment = dict(self.environment)
        if failpoint:
            environment["DUENNA_FAILPOINT"] = f"{failpoint}:{random.randint(1, 4)}"
        self.name = f"round{number}"
        self.process = subprocess.Popen(
            [options.duenna, "run", "--ask", "attach", "--quiet", "--name", self.name,
             "--no-default-profiles", "--rules", os.path.join(top, "rules"),
             "--project", os.path.join(top, "project"), "--db", self.database, "--",
             "sh", "-c", WORK.replace("ROUND", str(number))],
            env=environment, cwd=os.path.join(top, "project"), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def client(self, *arguments):
        return subprocess.run([self.options.duenna, *arguments, "--db", self.database],
                              env=self.environment, capture_output=True, text=True,
                              timeout=PATIENCE, check=False)

    def answer_all(self):
        """Answers until the supervisor is gone; keeps what was confirmed."""
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < end:
            for line in self.client("questions", "--json").stdout.splitlines():
                question = json.loads(line)
                name = question["actions"][0]["object"]
                done = self.client("answer", f"{question['session']}.{question['id']}",
                                   "allow", "--scope", "always", "--pattern", name)
                if done.returncode == 0:
                    self.confirmed.append(name)

    def run(self):
        timer = None
        if not self.failpoint:
            timer = threading.Timer(random.uniform(0.02, 0.6), self.kill)
            timer.start()
        try:
            self.answer_all()
        except (subprocess.TimeoutExpired, ValueError):
            pass
        if timer:
            timer.join()
        died = self.process.poll() == -signal.SIGKILL
        self.kill()
        self.process.wait()
        return died

    def kill(self):
        try:
            self.process.send_signal(signal.SIGKILL)
        except ProcessLookupError:
            pass

    def survivors(self):
        """Processes of the tree that live on for longer than dying takes."""
        end = time.monotonic() + PATIENCE
        while True:
            left = processes_of(self.identity)
            if not left or time.monotonic() > end:
                return left
            time.sleep(0.01)

    def check(self):
        """A sentence about what is wrong, or None."""
        left = self.survivors()
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        if left:
            return f"{len(left)} processes survived"
        database = sqlite3.connect(self.database)
        sound = database.execute("PRAGMA integrity_check").fetchone()[0]
        database.close()
        if sound != "ok":
            return f"the database is damaged: {sound}"
        listing = self.client("rules", "list").stdout.split()
        lost = [name for name in self.confirmed if name not in listing]
        return f"{len(lost)} confirmed answers are lost: {lost[0]}" if lost else None


def processes_of(identity):
    found = []
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/environ", "rb") as file:
                if f"CRASH_ID={identity}".encode() in file.read().split(b"\0"):
                    found.append(int(name))
        except (OSError, ValueError):
            continue
    return found


def prepare(top, rounds):
    for name in ("home", "project", "runtime", "secrets", "temporary"):
        os.mkdir(os.path.join(top, name), 0o700)
    with open(os.path.join(top, "rules"), "w", encoding="ascii") as file:
        file.write(f"allow any *\nask read {top}/secrets/**\n")
    for number in range(rounds):
        for i in range(1, 1001, 1):
            if i <= 60:
                with open(f"{top}/secrets/{number}-{i}", "w", encoding="ascii") as file:
                    file.write("secret\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--duenna", required=True)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--no-failpoints", action="store_true",
                        help="the binary has none")
    options = parser.parse_args()
    top = os.path.realpath(tempfile.mkdtemp(prefix="duenna-crash-"))
    prepare(top, options.rounds)
    confirmed = failures = reached = 0
    for number in range(options.rounds):
        failpoint = None
        if not options.no_failpoints and number % 2 == 0:
            failpoint = FAILPOINTS[number // 2 % len(FAILPOINTS)]
        one = Round(options, top, number, failpoint)
        reached += one.run() and failpoint is not None
        wrong = one.check()
        confirmed += len(one.confirmed)
        failures += wrong is not None
        if wrong:
            print(f"{number} ({failpoint or 'random'}): {wrong}", flush=True)
    shutil.rmtree(top)
    print(f"{options.rounds} kills, {reached} at failpoints, {confirmed} answers "
          f"confirmed, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
