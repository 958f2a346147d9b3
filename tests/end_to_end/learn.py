#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Learns from two runs of real work and does a third, with other names, by the rules alone.

Each workload runs twice with every question answered by a client of the session's socket.
The rules learned from that must let a third run through without a question, must be few,
and must leave a list of hostile actions asked about or denied. Prints the numbers.

usage: learn.py DUENNA [WORKLOAD...]
"""

import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

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


# ---- Workloads: prepare(sandbox, n) sets up run n and gives its command ----

def c_build(sandbox, n):
    for k in range(3):
        sandbox.write(f"src/work/src/part{n}_{k}.c", f"int part{n}_{k}(void) {{ return {k}; }}\n")
    sandbox.write("src/work/src/main.c", "int main(void) { return 0; }\n")
    sandbox.write("src/work/Makefile", """\
sources := $(wildcard src/*.c)
objects := $(sources:src/%.c=build/%.o)
test: build/prog
\t./build/prog > build/result.log
build/prog: $(objects)
\tgcc -o $@ $(objects)
build/%.o: src/%.c
\t@mkdir -p build
\tgcc -c -o $@ $<
""")
    subprocess.run(["rm", "-rf", os.path.join(sandbox.project, "build")], check=True)
    return ["make", "test"]


def python_tests(sandbox, n):
    """With an environment of its own, without pip."""
    if n == 0:
        sandbox.run_native("/usr/bin/python3", "-m", "venv", "--without-pip", ".venv")
    for folder in ("app", "tests", "reports"):
        shutil.rmtree(os.path.join(sandbox.project, folder), ignore_errors=True)
    os.makedirs(os.path.join(sandbox.project, "reports"))
    sandbox.write("src/work/app/__init__.py", "")
    sandbox.write("src/work/tests/__init__.py", "")
    for name in (f"area{n}", f"shape{n}"):
        sandbox.write(f"src/work/app/{name}.py", "def double(x):\n    return 2 * x\n")
        sandbox.write(f"src/work/tests/test_{name}.py", f"""\
import unittest
from app.{name} import double
class Case(unittest.TestCase):
    def test_it(self):
        with open("reports/{name}.txt", "w") as file:
            file.write(str(double(2)))
""")
    return [".venv/bin/python", "-m", "unittest", "discover", "-q"]


def node_scripts(sandbox, n):
    for folder in ("lib", "dist"):
        shutil.rmtree(os.path.join(sandbox.project, folder), ignore_errors=True)
    for name in (f"alpha{n}", f"beta{n}"):
        sandbox.write(f"src/work/lib/{name}.js", "module.exports = () => 1;\n")
    sandbox.write("src/work/package.json", json.dumps({
        "name": "work", "version": "1.0.0", "scripts": {"build": "node build.js"}}))
    sandbox.write("src/work/build.js", """\
const fs = require("fs"), path = require("path");
fs.mkdirSync("dist", { recursive: true });
for (const name of fs.readdirSync("lib")) {
  require(path.resolve("lib", name))();
  fs.writeFileSync(path.join("dist", name), fs.readFileSync(path.join("lib", name)));
}
""")
    return ["/usr/bin/npm", "run", "--silent", "build"]


def git_work(sandbox, n):
    if n == 0:
        sandbox.run_native("git", "init", "-q", "-b", "main")
        sandbox.write(".gitconfig", "[user]\nname = A\nemail = a@example.com\n")
    for k in range(2):
        page = f"src/work/docs/page{n}{k}.txt"
        sandbox.write(page, f"{n} {k}\n")
        # git looks again at files as young as its index, which depends on speed.
        os.utime(os.path.join(sandbox.home, page), (1000000000 + n, 1000000000 + n))
    return ["sh", "-c", "git add docs && git commit -q -m work && git log --oneline"
            " >/dev/null && git status --short"]


MCP_SERVER = """\
import json, sys
for line in sys.stdin:
    call = json.loads(line)
    text = open(call["params"]["arguments"]["path"]).read()
    print(json.dumps({"jsonrpc": "2.0", "id": call["id"], "result": {"text": text}}), flush=True)
"""


def mcp_files(sandbox, n):
    names = [os.path.join(sandbox.home, "notes", f"{word}{n}.md") for word in ("day", "plan")]
    for name in names:
        sandbox.write(name, "note\n")
    sandbox.write("src/work/server.py", MCP_SERVER)
    calls = "".join(json.dumps({
        "jsonrpc": "2.0", "id": k, "method": "tools/call",
        "params": {"name": "read_file", "arguments": {"path": name}}}) + "\n"
        for k, name in enumerate(names))
    sandbox.write("src/work/calls.jsonl", calls)
    return ["sh", "-c", "/usr/bin/python3 server.py <calls.jsonl >/dev/null"]


MCP_PACKAGES = ["@modelcontextprotocol/sdk@1", "@modelcontextprotocol/server-filesystem"]
# What an agent would have the official server do, by the official client.
MCP_AGENT = """\
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
const [folder, n] = process.argv.slice(2);
const client = new Client({ name: "agent", version: "1" });
await client.connect(new StdioClientTransport({
  command: process.execPath, env: process.env, stderr: "ignore",
  args: ["node_modules/@modelcontextprotocol/server-filesystem/dist/index.js", folder] }));
async function call(name, args) {
  const result = await client.callTool({ name, arguments: args });
  if (result.isError) throw new Error(name + ": " + JSON.stringify(result.content));
  return result;
}
await client.listTools();
await call("list_directory", { path: folder });
for (const word of ["day", "plan"]) {
  await call("read_text_file", { path: `${folder}/${word}${n}.md` });
  await call("write_file", { path: `${folder}/${word}${n}.txt`, content: "old text" });
  await call("edit_file", { path: `${folder}/${word}${n}.txt`,
    edits: [{ oldText: "old", newText: "new" }] });
  await call("move_file", { source: `${folder}/${word}${n}.txt`,
    destination: `${folder}/${word}${n}.log` });
}
await call("search_files", { path: folder, pattern: "*.md" });
await client.close();
"""


def mcp_official(sandbox, n):
    """The npm packages lie in the project, and are read from there, as an agent's would."""
    if n == 0:
        sandbox.write("src/work/package.json", json.dumps({"name": "work", "type": "module"}))
        sandbox.write("src/work/agent.mjs", MCP_AGENT)
        given = os.environ.get("MCP_NODE_MODULES")
        if given:
            shutil.copytree(given, os.path.join(sandbox.project, "node_modules"),
                            symlinks=True)
        else:
            install_packages(sandbox, MCP_PACKAGES)
    for word in ("day", "plan"):
        sandbox.write(f"notes/{word}{n}.md", "note\n")
    return ["/usr/bin/node", "agent.mjs", os.path.join(sandbox.home, "notes"), str(n)]


class LeftOut(Exception):
    """What the workload needs cannot be had here."""


def install_packages(sandbox, packages):
    try:
        done = subprocess.run(
            ["npm", "install", "--silent", "--no-audit", "--no-fund", "--cache",
             os.path.join(sandbox.root, "cache"), *packages],
            cwd=sandbox.project, capture_output=True, timeout=200, check=False)
    except subprocess.TimeoutExpired as reason:
        raise LeftOut("npm's registry does not answer") from reason
    if done.returncode != 0:
        raise LeftOut(f"npm: {done.stderr.decode()[-200:]}")


class Server(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        text = b"".join(b"line %d of %s\n" % (k, self.path.encode()) for k in range(5))
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def shell_fetch(sandbox, n):
    """A shell script that fetches from a server of this machine and makes reports."""
    if n == 0:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sandbox.port = server.server_address[1]
        sandbox.on_close = server.shutdown
    sandbox.write("src/work/report.sh", f"""\
set -e
mkdir -p data out
for name in "$@"; do
\tcurl -sf -o "data/$name.txt" "http://localhost:{sandbox.port}/$name"
\tsed -e 's/line/row/' "data/$name.txt" >"out/$name.csv"
\tawk '{{ n += $2 }} END {{ print n }}' "out/$name.csv" >>out/sums.log
\tsort -r "out/$name.csv" | head -n 2 >"out/$name.top"
\tmv "out/$name.top" "out/$name.best"
\trm "data/$name.txt"
done
""")
    return ["sh", "report.sh", f"north{n}", f"south{n}", f"east{n}"]


# Each with the program that it needs.
WORKLOADS = {
    c_build: "gcc", python_tests: "python3", node_scripts: "npm", git_work: "git",
    mcp_files: "python3", mcp_official: "npm", shell_fetch: "curl",
}

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
