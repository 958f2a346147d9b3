#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The official MCP servers for files and memory and one in Python, driven by the official
client: every file action of a thousand interleaved calls carries the right server and tool,
and a rule denies one tool.

The packages come from npm's registry, or from the folder $MCP_NODE_MODULES; where neither
can be had, the test says so and is skipped.

usage: mcp_npm.py DUENNA [CARRIER]
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
PACKAGES = ["@modelcontextprotocol/sdk@1", "@modelcontextprotocol/server-filesystem",
            "@modelcontextprotocol/server-memory"]
SKIPPED = 77
RULES = """allow any *
deny mcp secure-filesystem-server/write_file
"""


def modules(root):
    given = os.environ.get("MCP_NODE_MODULES")
    if given:
        return given
    folder = os.path.join(root, "npm")
    os.mkdir(folder)
    try:
        done = subprocess.run(
            ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder,
             "--cache", os.path.join(root, "cache"), *PACKAGES],
            capture_output=True, timeout=200, check=False)
    except (FileNotFoundError, subprocess.TimeoutExpired) as reason:
        return print(f"skipped: npm: {reason}")
    if done.returncode != 0:
        return print("skipped: the packages cannot be installed: "
                     f"{done.stderr.decode()[-300:]}")
    return os.path.join(folder, "node_modules")


def check(duenna, root, folder, node_modules):
    carrier = sys.argv[2] if len(sys.argv) > 2 else "auto"
    wrong = []

    def expect(holds, what):
        if not holds:
            wrong.append(what)

    environment = dict(os.environ, HOME=os.path.join(root, "home"),
                       XDG_DATA_HOME=os.path.join(root, "data"),
                       XDG_RUNTIME_DIR=os.path.join(root, "run"))
    rules = os.path.join(root, "rules")
    with open(rules, "w", encoding="utf-8") as file:
        file.write(RULES)
    run = subprocess.run(
        [duenna, "run", "--ask", "deny", "--quiet", "--no-default-profiles", "--rules",
         rules, "--carrier", carrier, "--", shutil.which("node"), os.path.join(HERE, "mcp_client.mjs"),
         node_modules, folder, sys.executable, os.path.join(HERE, "mcp_server.py")],
        cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
        timeout=250, check=False)
    if run.returncode != 0:
        return [f"status {run.returncode}: {run.stderr.decode()[-2000:]}"]
    result = json.loads(run.stdout.splitlines()[-1])
    expect(result["tools"] > 5 and result["failed"] == 0 and
           result["calls"] == 1000, result)
    expect(result["read"] == {"isError": False}, result)
    expect(result["edit"].get("code") == -32001, result)
    expect(not os.path.exists(os.path.join(folder, "out")), "a denied tool wrote")

    log = subprocess.run([duenna, "log", "--json"], env=environment, capture_output=True,
                         timeout=100, check=True).stdout
    expected = {"in": "read_text_file", "made": "create_directory",
                "memory.jsonl": ("create_entities", "read_graph")}
    expected.update({f"n{i}": "read_text_file" for i in range(20)})
    expected.update({f"t{i}": "touch" for i in range(1000)})
    seen = {"memory-server": 0, "secure-filesystem-server": 0, "third": 0}
    for event in map(json.loads, log.splitlines()):
        name = os.path.basename(event["object"])
        if os.path.dirname(event["object"]) != folder or name not in expected or \
                "mcp_client.mjs" in " ".join(event["process_argv"]):
            continue
        server = "memory-server" if name == "memory.jsonl" else \
            "third" if expected[name] == "touch" else "secure-filesystem-server"
        seen[server] += 1
        calls = event["mcp"] or []
        expect(calls and all(call["server"] == server and call["tool"] in expected[name]
                             and not call.get("ended") for call in calls),
               f"{event['verb']} {name}: {calls}")
        paths = [os.path.basename(call.get("arguments", {}).get("path", ""))
                 for call in calls]
        expect(name in paths or len(calls) > 8 or server == "memory-server",
               f"{event['verb']} {name} is of none of {paths}")
    expect(min(seen.values()) >= 333, f"too few actions: {seen}")
    print(f"actions {seen}, {len(wrong)} wrong")
    return wrong


def main():
    root = os.path.realpath(tempfile.mkdtemp(prefix="mcp-npm."))
    try:
        for name in ("home", "run", "work"):
            os.mkdir(os.path.join(root, name), 0o700)
        folder = os.path.join(root, "work")
        with open(os.path.join(folder, "in"), "w", encoding="utf-8") as file:
            file.write("content")
        node_modules = modules(root) if shutil.which("node") else print(
            "skipped: node is not installed")
        if not node_modules:
            return SKIPPED
        wrong = check(os.path.realpath(sys.argv[1]), root, folder, node_modules)
    finally:
        shutil.rmtree(root)
    for one in wrong[:20]:
        print(f"wrong: {one}", file=sys.stderr)
    return 1 if wrong else 0


sys.exit(main())
