#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Learns from two runs of real work and does a third, with other names, by the rules alone.

Each workload runs twice with every question answered by a client of the session's socket.
The rules learned from that must let a third run through without a question, must be few,
and must leave a list of hostile actions asked about or denied. Prints the numbers.

usage: learn.py DUENNA [WORKLOAD...]
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from workloads import LeftOut, WORKLOADS

RULES_MAX = 25
# Everything but the profile that opens the project: its files are what is asked about.
PROFILES = ["--no-default-profiles"]
for profile in ("base", "secrets", "persistence", "memory", "escape"):
    PROFILES += ["--profile", profile]


class Sandbox:
    """A home, a project and a database of their own."""

    def __init__(self, duenna, name):
        self.duenna = duenna
        self.name = name
        self.on_close = None
        self.root = os.path.realpath(tempfile.mkdtemp(prefix="learn-e2e."))
        self.home = os.path.join(self.root, "home")
        self.project = os.path.join(self.home, "src", "work")
        self.runtime = os.path.join(self.root, "run")
        for folder in (self.home, self.project, self.runtime):
            os.makedirs(folder, mode=0o700)
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": self.home,
            "XDG_RUNTIME_DIR": self.runtime,
            "LC_ALL": "C.UTF-8",
            "npm_config_update_notifier": "false",  # it asks the network once a day
        }

    def call(self, *arguments, check=True):
        done = subprocess.run(
            [self.duenna, *arguments], cwd=self.project, env=self.environment,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        if check and done.returncode != 0:
            raise SystemExit(f"{self.name}: duenna {arguments}: {done.stdout.decode()}"
                             f"{done.stderr.decode()}")
        return done

    def write(self, path, text):
        whole = os.path.join(self.home, path)
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        with open(whole, "w", encoding="utf-8") as file:
            file.write(text)

    def run_native(self, *argv):
        subprocess.run(argv, cwd=self.project, env=self.environment, check=True,
                       stdout=subprocess.DEVNULL)

    def close(self):
        if self.on_close:
            self.on_close()
        shutil.rmtree(self.root, ignore_errors=True)


def connect(sandbox, before):
    """The socket of the session that was not there before."""
    folder = os.path.join(sandbox.runtime, "duenna")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        names = set(os.listdir(folder)) - before if os.path.isdir(folder) else set()
        for name in names:
            client = socket.socket(socket.AF_UNIX)
            try:
                client.settimeout(30)
                client.connect(os.path.join(folder, name))
                return client
            except OSError:
                client.close()
        time.sleep(0.01)
    raise SystemExit(f"{sandbox.name}: no session answers")


def approve_all(client):
    """Answers every question of a session; gives how many there were, and its status."""
    stream = client.makefile("rwb")

    def send(**message):
        stream.write(json.dumps(message).encode() + b"\n")
        stream.flush()

    questions = 0
    send(type="hello", protocol=1, client="test", front_end=True, output=False,
         events=False)
    for line in stream:
        message = json.loads(line)
        stream.read(message.get("length", 0))
        if message["type"] == "question_opened":
            questions += 1
            send(type="answer", request=questions, question=message["id"],
                 verdict="allow", scope="once")
        elif message["type"] == "end":
            return questions, message["status"]
    raise SystemExit("the session went away")


def train(sandbox, session, argv):
    folder = os.path.join(sandbox.runtime, "duenna")
    before = set(os.listdir(folder)) if os.path.isdir(folder) else set()
    sandbox.call("run", "--detach", "--ask", "attach", "--name", session, *PROFILES,
                 "--project", sandbox.project, "--", *argv)
    with connect(sandbox, before) as client:
        questions, status = approve_all(client)
    if status != 0:
        raise SystemExit(f"{sandbox.name}: training ended with {status}")
    return questions


def events_of(sandbox, session):
    done = sandbox.call("log", session, "--json")
    return [json.loads(line) for line in done.stdout.splitlines()]


# ---- Hostile actions, tried from within a run with the learned rules ----

HOSTILE_READS = [
    "~/.ssh/id_ed25519", "~/.ssh/id_rsa", "~/.aws/credentials", "~/.gnupg/secring.gpg",
    "~/.netrc", "~/.git-credentials", "~/.config/gh/hosts.yml", "~/.kube/config",
    "~/.docker/config.json", "~/.npmrc", "~/.pypirc", "~/.bash_history",
    "~/.mozilla/firefox/cookies.sqlite", "~/documents/letter.txt", "{project}/.env",
    "{project}/deploy/server.key", "~/src/other/main.c", "/etc/shadow", "{root}/secret",
]
HOSTILE_WRITES = [
    "~/.bashrc", "~/.profile", "~/.zshrc", "~/.ssh/authorized_keys", "~/.gitconfig",
    "~/.config/autostart/x.desktop", "~/.config/systemd/user/x.service",
    "~/.local/bin/git", "{project}/.git/hooks/pre-commit", "{project}/.git/config",
    "{project}/.envrc", "{project}/.vscode/tasks.json", "{project}/CLAUDE.md",
    "~/.claude/settings.json", "~/src/other/main.c",
]
HOSTILE_CONNECTS = [
    "192.0.2.1:443", "198.51.100.7:80", "127.0.0.1:5432", "169.254.169.254:80",
    "unix:~/.docker/run/docker.sock", "unix:~/.gnupg/S.gpg-agent",
    "unix:~/.ssh/control", "unix:{root}/other.sock",
]

ATTACKER = """\
import json, os, socket, sys
for verb, object in json.load(open(sys.argv[1])):
    try:
        if verb == "connect":
            is_unix = object.startswith("unix:")
            s = socket.socket(socket.AF_UNIX if is_unix else socket.AF_INET)
            s.setblocking(False)
            host, _, port = object.rpartition(":")
            s.connect(object[5:] if is_unix else (host, int(port)))
        else:
            os.open(object, os.O_RDONLY if verb == "read" else os.O_WRONLY | os.O_CREAT)
    except OSError:
        pass
"""


def hostile_actions(sandbox):
    actions = []
    for verb, objects in (("read", HOSTILE_READS), ("write", HOSTILE_WRITES),
                          ("connect", HOSTILE_CONNECTS)):
        for thing in objects:
            for word, path in (("~", sandbox.home), ("{project}", sandbox.project),
                               ("{root}", sandbox.root)):
                thing = thing.replace(word, path)
            actions.append((verb, thing))
    return actions


def attack(sandbox, rules):
    """Gives how many of the hostile actions were tried, and which were allowed."""
    actions = hostile_actions(sandbox)
    listeners = []
    for verb, thing in actions:
        path = thing.removeprefix("unix:")
        if not path.startswith(sandbox.root):
            continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if verb == "connect":
            listeners.append(socket.socket(socket.AF_UNIX))
            listeners[-1].bind(path)
            listeners[-1].listen()
        else:
            with open(path, "a", encoding="utf-8"):
                pass
    script = os.path.join(sandbox.root, "attack.py")
    listed = os.path.join(sandbox.root, "attack.json")
    with open(script, "w", encoding="utf-8") as file:
        file.write(ATTACKER)
    with open(listed, "w", encoding="utf-8") as file:
        json.dump(actions, file)
    own = os.path.join(sandbox.root, "attack.rules")
    with open(own, "w", encoding="utf-8") as file:
        file.write(f"allow read {script}\nallow read {listed}\n")
    sandbox.call("run", "--ask", "deny", "--quiet", "--name", "attack", *PROFILES,
                 "--rules", rules, "--rules", own, "--project", sandbox.project, "--",
                 "/usr/bin/python3", script, listed)
    for listener in listeners:
        listener.close()
    seen = {}
    for event in events_of(sandbox, "attack"):
        seen.setdefault((event["verb"], event["object"]), []).append(event["verdict"])
    missed = [action for action in actions if action not in seen]
    allowed = [action for action in actions if "allow" in seen.get(action, [])]
    return actions, missed, allowed


def try_workload(duenna, workload):
    """Prints a row of numbers; gives whether everything was as promised."""
    sandbox = Sandbox(duenna, workload.__name__)
    try:
        questions = [train(sandbox, f"run{n}", workload(sandbox, n)) for n in range(2)]
        rules = os.path.join(sandbox.root, "learned.rules")
        command = ["learn", "run0", "run1", "-o", rules, "--project", sandbox.project]
        sandbox.call(*command, *PROFILES)
        with open(rules, encoding="utf-8") as file:
            text = file.read()
        count = sum(line.startswith(("allow ", "ask ")) for line in text.splitlines())
        argv = workload(sandbox, 2)
        done = sandbox.call("run", "--ask", "deny", "--name", "again", *PROFILES,
                            "--rules", rules, "--project", sandbox.project, "--", *argv,
                            check=False)
        asked = [event for event in events_of(sandbox, "again")
                 if event["by"] in ("headless", "person")]
        actions, missed, allowed = attack(sandbox, rules)
        print(f"{workload.__name__:14} questions {questions[0]:4} {questions[1]:4}  "
              f"rules {count:3}  asked again {len(asked):3}  hostile {len(actions)}: "
              f"{len(actions) - len(allowed) - len(missed)} not allowed")
        is_good = (done.returncode == 0 and not asked and count <= RULES_MAX
                   and not allowed and not missed and questions[0] > 0)
        if not is_good:
            print(text)
            print(f"status {done.returncode}\n{done.stderr.decode()}")
            for event in asked:
                print("asked:", event["verb"], event["object"], event["argv"])
            print("allowed:", allowed, "not seen:", missed)
        return is_good
    except LeftOut as reason:
        print(f"{workload.__name__:14} left out: {reason}")
        return True
    finally:
        sandbox.close()


def main():
    duenna = os.path.abspath(sys.argv[1])
    wanted = sys.argv[2:]
    results = []
    for workload, program in WORKLOADS.items():
        if not os.access(f"/usr/bin/{program}", os.X_OK):
            print(f"{workload.__name__:14} left out: there is no {program}")
        elif not wanted or workload.__name__ in wanted:
            results.append(try_workload(duenna, workload))
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
