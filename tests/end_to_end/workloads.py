# SPDX-License-Identifier: MIT
"""Real work to learn rules from, for learn.py.

Each workload is called with a sandbox and the number of its run, from 0. It prepares the
run, whose files have other names in each, and gives its command.
"""

import http.server
import json
import os
import shutil
import subprocess
import threading
import zipfile


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


def pip_wheel(sandbox, n):
    """pip installs a wheel that lies in the project, and a program uses it."""
    if n == 0:
        made = subprocess.run(["/usr/bin/python3", "-m", "venv", ".venv"],
                              cwd=sandbox.project, capture_output=True, check=False)
        if made.returncode != 0:
            raise LeftOut("there is no python3-venv")
    name, version = f"shape{n}", f"1.{n}"
    info = f"{name}-{version}.dist-info"
    wheel = f"wheels/{name}-{version}-py3-none-any.whl"
    os.makedirs(os.path.join(sandbox.project, "wheels"), exist_ok=True)
    with zipfile.ZipFile(os.path.join(sandbox.project, wheel), "w") as file:
        file.writestr(f"{name}/__init__.py", "def double(x):\n    return 2 * x\n")
        file.writestr(f"{name}/area.py", "def area(x):\n    return x * x\n")
        file.writestr(f"{info}/METADATA",
                      f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        file.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\n"
                      "Root-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{info}/RECORD", "")
    sandbox.write("src/work/use.py",
                  f"import {name}, {name}.area\nassert {name}.double(2) == 4\n")
    return ["sh", "-c", ".venv/bin/python -m pip install -q --no-index"
            f" --disable-pip-version-check {wheel} && .venv/bin/python use.py"]


def typescript(sandbox, n):
    """The compiler from npm, with its hidden file of what was built."""
    if n == 0:
        sandbox.write("src/work/package.json", json.dumps({"name": "work"}))
        install_packages(sandbox, ["typescript@5"])
        sandbox.write("src/work/tsconfig.json", json.dumps({
            "compilerOptions": {
                "outDir": "dist", "rootDir": "src", "module": "commonjs",
                "target": "es2020", "strict": True, "types": [], "incremental": True,
                "tsBuildInfoFile": "dist/.tsbuildinfo"},
            "include": ["src"]}))
    for folder in ("src", "dist"):
        shutil.rmtree(os.path.join(sandbox.project, folder), ignore_errors=True)
    for word in ("alpha", "beta"):
        text = f"export const {word}: number = {n};\n"
        sandbox.write(f"src/work/src/{word}{n}.ts", text)
        sandbox.write(f"src/work/src/lib/{word}{n}.ts", text)
    sandbox.write("src/work/src/main.ts", f"""\
import {{ alpha }} from "./alpha{n}";
import {{ beta }} from "./lib/beta{n}";
console.log(alpha + beta);
""")
    return ["sh", "-c", "node node_modules/typescript/bin/tsc -p . && node dist/main.js"]


def object_cache(sandbox, n):
    """As compilers of Go and Rust do: objects by hash, written under a temporary name."""
    shutil.rmtree(os.path.join(sandbox.project, "src"), ignore_errors=True)
    sandbox.write("src/work/build.sh", """\
set -e
cache=$HOME/.cache/build
mkdir -p "$cache" bin
for file in src/*.go; do
\thash=$(sha256sum "$file" | cut -c1-64)
\tfolder=$cache/$(echo "$hash" | cut -c1-2)
\tmkdir -p "$folder"
\ttemporary=$(mktemp "$folder/tmp.XXXXXXXX")
\tcat "$file" >"$temporary"
\tmv "$temporary" "$folder/$hash-a"
\tcat "$folder/$hash-a" >>bin/out
done
""")
    for word in ("alpha", "beta", "gamma"):
        sandbox.write(f"src/work/src/{word}{n}.go", f"package {word}{n}\n")
    return ["sh", "build.sh"]


# Each with the program that it needs.
WORKLOADS = {
    c_build: "gcc", python_tests: "python3", node_scripts: "npm", git_work: "git",
    mcp_files: "python3", mcp_official: "npm", shell_fetch: "curl",
    pip_wheel: "python3", typescript: "npm", object_cache: "sh",
}
