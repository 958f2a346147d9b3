#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Judging a recording again says what a run under those rules says.

Runs one workload under many sets of rules, judges each recording again by the next set,
and compares with the run under that: every action that both have must get the same
verdict, or be named as one that cannot be judged again, with its reason.

usage: rejudge.py DUENNA [ROUNDS]
"""

import collections
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

# Each is in about half of the sets. What is denied may keep other actions from happening.
RULES = """
deny write {project}/a/**
allow write {project}/a/x*
ask read {project}/b/**
deny read {project}/b/secret
deny write {project}/c/* by /usr/bin/touch
ask write {project}/c/** under {shell}
deny exec {true}
ask exec {env}
allow exec {env} {cat} *
deny delete {project}/c/**
forbid meta {project}/d/**
deny any {project}/e/old/**
ask write {project}/e/new
deny connect 127.0.0.1:9
ask connect [::1]:*
deny write {project}/out/* code generated
ask write {project}/out/** code {project}/module.py
label seen {project}/b/secret
deny write {project}/late/* after seen
ask read {project}/late/** after other
label other {project}/d/*
allow write {project}/late/two note "fine"
ask any ~/**
deny write {project}/until/** until 2000-01-01
deny mcp files/write_file
ask mcp files/*
allow mcp files/read_file
deny mcp other/*
ask mcp files/tools/list
ask read {project}/m/one via mcp:files/read_file
deny read {project}/m/** via mcp:files
allow read {project}/m/two via mcp:files/read_file
deny write {project}/m/** via mcp:files/read_file
ask write {project}/m/** via mcp:other
deny exec {cat} via mcp:files/run
allow exec {cat} ** via mcp:other/run
deny read {project}/m/seen via mcp:files
deny mcp files/run after seen
""".strip().splitlines()

WORKLOAD = """
echo 1 >a/one; echo 2 >a/x1; cat b/secret b/plain; {touch} c/t; echo 3 >c/u
{env} {cat} b/plain; {true}; {env} {true}; {touch} ~/note; {cat} ~/note
rm -f c/u; chmod 600 d/f; mv e/old e/moved; echo 4 >e/new; echo 5 >until
python3 -I -S -B work.py; python3 -I -S -B client.py
(read -r x <b/secret; echo 6 >late/one); (read -r x <d/f; echo 7 >late/two; cat late/two)
"""

WORK = """
import os, socket, sys
sys.path.insert(0, os.getcwd())
def attempt(what, *arguments):
    try:
        what(*arguments)
    except OSError:
        pass
def touch(name):
    os.close(os.open(name, os.O_WRONLY | os.O_CREAT, 0o600))
attempt(touch, "out/file")
exec("attempt(touch, 'out/generated')")
import module
attempt(module.touch, "out/module")
for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
    with socket.socket(family, socket.SOCK_STREAM) as s:
        attempt(s.connect, (address, 9))
"""


# Two servers, each called in turn, no file by two calls; what they do after an answer is done by no call.
CLIENT = """
import json, subprocess, sys
servers = {}
def say(server, **message):
    message["jsonrpc"] = "2.0"
    server.stdin.write(json.dumps(message) + chr(10))
    server.stdin.flush()
def ask(server, number, method, **params):
    say(server, id=number, method=method, params=params)
    server.stdout.readline()
for name in "files", "other":
    servers[name] = subprocess.Popen([sys.executable, "-I", "-S", "-B", "server.py", name],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    ask(servers[name], 0, "initialize", capabilities={}, protocolVersion="2025-06-18",
        clientInfo={"name": "test", "version": "1"})
    say(servers[name], method="notifications/initialized")
    ask(servers[name], "list", "tools/list")
for number, (name, tool, path) in enumerate((
        ("files", "read_file", "m/one"), ("other", "read_file", "m/six"),
        ("files", "read_file", "m/two"), ("files", "write_file", "m/new"),
        ("other", "write_file", "m/other"), ("other", "run", "m/three"),
        ("files", "run", "m/five"), ("files", "read_file", "b/secret"),
        ("files", "run", "m/four"))):
    ask(servers[name], number + 1, "tools/call", name=tool, arguments={"path": path})
for server in servers.values():
    server.stdin.close()
    server.wait()
"""
SERVER = """
import json, subprocess, sys
def read_file(path):
    open(path).close()
def write_file(path):
    open(path, "w").close()
def run(path):
    subprocess.run(["{cat}", path], stdout=subprocess.DEVNULL)
tools = {"read_file": read_file, "write_file": write_file, "run": run}
for line in sys.stdin:
    message = json.loads(line)
    params, result = message.get("params", {}), {"content": []}
    if message["method"] == "initialize":
        result = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}},
                  "serverInfo": {"name": sys.argv[1], "version": "1"}}
    elif message["method"] == "tools/list":
        result = {"tools": [{"name": name, "inputSchema": {"type": "object"}}
                            for name in tools]}
    elif message["method"] == "tools/call":
        try:
            tools[params["name"]](params["arguments"]["path"])
        except OSError:
            result["isError"] = True
    if "id" in message:
        print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}),
              flush=True)
    try:
        open("m/seen").close()
    except OSError:
        pass
"""


def fill(text, folder):
    for name in ("true", "env", "cat", "touch"):
        text = text.replace("{%s}" % name, os.path.realpath(shutil.which(name)))
    return text.replace("{shell}", os.path.realpath(shutil.which("bash")))


class Place:
    def __init__(self, duenna, folder):
        self.duenna = duenna
        self.folder = folder
        self.project = os.path.join(folder, "work")
        os.makedirs(self.project)
        os.mkdir(os.path.join(folder, "home"))
        self.environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8",
                            "HOME": os.path.join(folder, "home"),
                            "XDG_RUNTIME_DIR": folder}

    def call(self, *arguments, good=(0,)):
        done = subprocess.run([self.duenna, *arguments], cwd=self.project,
                              env=self.environment, capture_output=True, timeout=200,
                              stdin=subprocess.DEVNULL)
        if done.returncode not in good:
            raise SystemExit(f"{arguments}: {done.returncode}: {done.stderr.decode()}")
        return [json.loads(line) for line in done.stdout.splitlines() if line[:1] == b"{"]

    def lay_out(self):
        shutil.rmtree(self.project)
        for name in ("a", "b", "c", "d", "e/old", "out", "late", "m"):
            os.makedirs(os.path.join(self.project, name))
        for name, text in (("b/secret", "s\n"), ("b/plain", "p\n"), ("d/f", "f\n"),
                           ("e/old/g", "g\n"), ("work.py", WORK),
                           ("client.py", CLIENT), ("server.py", fill(SERVER, None)),
                           *((f"m/{name}", name) for name in (
                               "one", "two", "three", "four", "five", "six", "seen")),
                           ("module.py", "import os\ndef touch(name):\n"
                            "    os.close(os.open(name, os.O_WRONLY | os.O_CREAT))\n")):
            with open(os.path.join(self.project, name), "w") as file:
                file.write(text)
        note = os.path.join(self.environment["HOME"], "note")
        if os.path.exists(note):
            os.unlink(note)

    def rule_file(self, name, rules):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write("\n".join(fill(rule, self.folder) for rule in rules) + "\n")
        return path

    def record(self, name, rules):
        """Gives the events of a run, each with what rules said of it."""
        self.lay_out()
        self.call("run", "--ask", "allow", "--quiet", "--name", name, "--rules", rules,
                  "--project", self.project, "--", "bash", "-c",
                  fill(WORKLOAD, self.folder), good=range(0, 125))
        events = self.call("log", name, "--json")
        for event in events:
            is_asked = event["by"] in ("person", "default", "headless")
            event["said"] = "ask" if is_asked else event["verdict"]
        return events

    def judge_again(self, name, rules, events):
        """What rules say now, by number; None: it cannot be said."""
        lines = self.call("replay", name, "--diff", "--json", "--rules", rules,
                          good=(0, 1))
        said = {event["seq"]: event["said"] for event in events}
        obstacles = collections.Counter()
        for line in lines:
            if line["kind"] == "difference":
                said[line["then"]["seq"]] = line["now"]["verdict"]
            elif line["kind"] == "not_judged":
                said[line["then"]["seq"]] = None
                obstacles[line["obstacle"]] += 1
        return said, obstacles, lines[-1]


def key(event):
    return (event["verb"], event["object"], event["program"], tuple(event["argv"]))


def by_key(events, said):
    verdicts = collections.defaultdict(list)
    for event in events:
        verdicts[key(event)].append(said[event["seq"]])
    return verdicts


def compare(place, recorded, judged, rules_of):
    """How many actions were compared."""
    name, events = recorded
    other_name, other_events = judged
    said, obstacles, _ = place.judge_again(name, rules_of[other_name], events)
    foretold = by_key(events, said)
    happened = by_key(other_events, {e["seq"]: e["said"] for e in other_events})
    count = 0
    for action, verdicts in foretold.items():
        real = happened.get(action, [])
        if len(real) != len(verdicts):
            continue  # something else was denied before it, or it was the first to fail
        left = collections.Counter(real)
        for verdict in verdicts:
            if verdict is None:
                continue
            if left[verdict] == 0:
                with open(rules_of[other_name]) as file:
                    raise SystemExit(f"{action}: {verdicts}, but {real} under\n"
                                     f"{file.read()}recorded as {name}")
            left[verdict] -= 1
            count += 1
    return count, obstacles


def main():
    duenna = os.path.abspath(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    chance = random.Random(rounds)
    total, obstacles = 0, collections.Counter()
    with tempfile.TemporaryDirectory(prefix="duenna-rejudge.", dir="/tmp") as folder:
        place = Place(duenna, folder)
        rules_of, runs = {}, []
        for i in range(rounds):
            name = f"run-{i}"
            chosen = [rule for rule in RULES if chance.random() < 0.5]
            rules_of[name] = place.rule_file(f"rules-{i}", chosen)
            runs.append((name, place.record(name, rules_of[name])))
            # Under its own rules nothing comes out otherwise.
            _, _, totals = place.judge_again(name, rules_of[name], runs[-1][1])
            if totals["different"] != 0:
                raise SystemExit(f"{name} differs from itself: {totals}")
        for i in range(rounds):
            count, obstacle = compare(place, runs[i], runs[(i + 1) % rounds], rules_of)
            total += count
            obstacles += obstacle
    by_calls = sum(event["mcp"] is not None and "via " in (event["rule_text"] or "")
                   for _, events in runs for event in events)
    if by_calls < rounds:
        raise SystemExit(f"only {by_calls} actions were decided by a tool's call")
    print(f"{total} actions compared; not judged again: {dict(obstacles)}")
    if total < 20 * rounds:
        raise SystemExit("too few actions were compared")


main()
