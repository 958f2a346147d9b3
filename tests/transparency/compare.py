#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs scripts natively and under Duenna and compares everything that they leave.

A case is a shell script run in a folder of its own: its output, its exit status and the
resulting tree (kinds, modes, owners, links, times where the script sets them, extended
attributes, contents) must be the same.
"""
import argparse
import hashlib
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile

# Each is run by bash -c in an empty folder; "$VICTIMS" holds small programs of the tests.
CASES = {
    "shell": """
        echo out; echo err >&2
        for i in 1 2 3; do echo $i; done | sort -r | tr 1-3 a-c
        (exit 7); echo $?
        sh -c 'kill -TERM $$'; echo $?
        trap 'echo trapped' USR1; kill -USR1 $$
        mkdir -p a/b/c; touch a/b/c/file; find a | sort
        x=$(cat <<< here); echo $x
        diff <(echo one) <(echo two)
        exit 5
    """,
    "signals_and_status": "kill -KILL $$",
    "not_found": "no-such-command; exec /nonexistent/program",
    "coreutils": """
        umask 027
        echo text > file; cp -a file copy; mv copy moved; ln file hard; ln -s file soft
        install -m 4755 file installed; chmod g+s,o-r moved; mkdir -m 1777 sticky
        truncate -s 5000 big; dd if=/dev/zero of=zero bs=512 count=3 status=none
        mkfifo fifo; touch -d @1000000000 old; touch -r old moved
        rm -f hard; cat file soft; wc -c big zero | sort; ls -A; test -e old
        split -n 3 zero part; cat part* | cmp - zero && echo same
        tee teed < file > /dev/null; sync file; realpath --relative-to=. soft
    """,
    "all_kinds": """
        "$VICTIMS/file_kinds" tree
        tar cf - --xattrs tree | (mkdir untarred; tar xpf - --xattrs -C untarred)
        cp -a tree copied 2>&1
        rsync -aHX tree/ synced/ 2>&1
        tar tvf <(tar cf - tree) | awk '{ print $1, $6, $7, $8 }' | sort
    """,
    "git": """
        export GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_DATE='@1000000000 +0000'
        export GIT_COMMITTER_DATE="$GIT_AUTHOR_DATE"
        git config --global user.name Somebody; git config --global user.email a@b
        git config --global init.defaultBranch main; git config --global gc.auto 0
        git init -q origin && cd origin
        for i in $(seq 40); do mkdir -p d$i; echo $i > d$i/file; done
        ln -s d1/file link; chmod +x d2/file; git add .; git commit -qm first
        git checkout -qb other; git mv d3 moved; git commit -qam second
        git checkout -q main; echo more >> d1/file; git commit -qam third
        git merge -q other -m merged; git log --format='%h %s'; git tag one; cd ..
        git clone -q origin clone; cd clone; git log --format=%h; git checkout -q one
        git status --short; git fsck 2>&1; git diff HEAD~1 --stat
        rm -rf .git/logs .git/index ../origin/.git/logs ../origin/.git/index
        rm -f .git/*HEAD ../origin/.git/*HEAD .git/packed-refs
    """,
    "build": """
        for i in $(seq 12); do
            echo "int f$i(int x); int f$i(int x) { return x + $i; }" > f$i.c
        done
        echo '#include <stdio.h>
        int f1(int); int main(void) { printf("%d\\n", f1(1)); return 3; }' > main.c
        printf 'program: %s\\n\\tgcc -o $@ $^\\n%%.o: %%.c\\n\\tgcc -g0 -c -o $@ $<\\n' \
            "$(ls *.c | sed 's/c$/o/' | tr '\\n' ' ')" > Makefile
        make -j2 -s && ./program; echo $?
        make -q; echo $?; ar rcD lib.a f*.o; nm lib.a | sort | head -5
    """,
    "python": """
        python3 - <<'END'
import asyncio, concurrent.futures, os, signal, sqlite3, subprocess, tempfile, threading
db = sqlite3.connect("data.db")
db.execute("pragma journal_mode=wal"); db.execute("create table t (x)")
db.executemany("insert into t values (?)", [(i,) for i in range(500)]); db.commit()
print(db.execute("select sum(x) from t").fetchone()); db.close()
async def child():
    process = await asyncio.create_subprocess_exec("echo", "child",
                                                   stdout=subprocess.PIPE)
    return (await process.communicate())[0]
async def main():
    server = await asyncio.start_unix_server(lambda r, w: w.close(), "socket")
    print(await asyncio.gather(*(child() for _ in range(5))))
    reader, writer = await asyncio.open_unix_connection("socket")
    print(await reader.read()); server.close()
asyncio.run(main())
with concurrent.futures.ProcessPoolExecutor(2) as pool:
    print(list(pool.map(abs, range(-5, 0))))
with concurrent.futures.ThreadPoolExecutor(8) as pool:
    print(sum(pool.map(lambda i: len(open("data.db", "rb").read(i)), range(50))))
print(subprocess.run("exit 4", shell=True).returncode)
print(subprocess.run(["sh", "-c", "kill -9 $$"]).returncode)
with tempfile.TemporaryDirectory(dir=".") as folder:
    open(os.path.join(folder, "x"), "w").write("x")
print(sorted(os.listdir(".")))
os.remove("socket") if os.path.exists("socket") else None
END
    """,
    "node": """
        cat > script.js <<'END'
const fs = require('fs'), { execFileSync, spawn } = require('child_process');
fs.writeFileSync('file', 'text'); console.log(fs.readFileSync('file', 'utf8'));
console.log(execFileSync('sh', ['-c', 'echo child']).toString());
fs.mkdirSync('a/b', { recursive: true }); fs.symlinkSync('../file', 'a/link');
const server = require('net').createServer(s => s.end('hello')).listen('socket', () => {
  require('net').connect('socket').on('data', d => console.log(String(d)))
    .on('close', () => server.close()); });
const { Worker } = require('worker_threads');
new Worker('console.log("worker")', { eval: true }).on('exit', c => console.log(c));
fs.promises.readdir('/usr').then(n => console.log(n.includes('bin')));
spawn('false').on('exit', c => console.log('exit', c));
END
        node script.js | sort
    """,
    "npm": """
        mkdir -p package project
        echo '{"name":"local","version":"1.0.0","main":"i.js","bin":{"hi":"i.js"}}' \
            > package/package.json
        echo '#!/usr/bin/env node
console.log("hi")' > package/i.js
        cd project; echo '{"name":"p","version":"1.0.0"}' > package.json
        npm install --offline --no-audit --no-fund --install-links=false ../package \
            > /dev/null 2>&1
        echo $?; ls -A node_modules node_modules/.bin; ./node_modules/.bin/hi
        rm -rf ~/.npm node_modules/.package-lock.json
    """,
    "perl": """
        perl -e 'open F, ">", "file"; print F "x" x 10; close F; print -s "file", "\\n";
            $p = fork // die; unless ($p) { exec "sh", "-c", "exit 3" }
            waitpid $p, 0; print $? >> 8, "\\n"; print sort <*>; utime 5, 6, "file";
            rename "file", "other"; print((stat "other")[9], "\\n"); exit 2'
    """,
    "interrupts": '"$VICTIMS/interrupts"',
    "waits": '"$VICTIMS/waits"',
    "neighbours": """
        export ASAN_OPTIONS=detect_leaks=0
        for how in -fsanitize=address -fsanitize=thread -static-pie -static; do
            gcc -O1 $how -pthread -o program "$SOURCES/neighbour.c" 2> /dev/null && ./program
            echo "$how $?"
        done
        rm -f program
        for size in 4000 6000 10000; do
            (ulimit -v $size; "$VICTIMS/arguments" connect_in_relatives)
        done
    """,
    "introspection": """
        python3 - <<'END'
import ctypes, fcntl, os, signal, struct
DIFFER = ("Tgid", "Pid", "PPid", "NStgid", "NSpid", "NSpgid", "NSsid", "SigQ", "Vm", "Rss")
PROMISED = ("TracerPid", "Seccomp", "NoNewPrivs")
for line in open("/proc/self/status"):
    if not line.startswith(DIFFER + PROMISED) and "ctxt" not in line:
        print(line.strip())
for line in open("/proc/self/limits"):
    print("" if "core file" in line else line.strip())
for name in ("comm", "cmdline", "coredump_filter", "cgroup", "timerslack_ns", "uid_map",
             "mountinfo", "attr/current"):
    try:
        print(name, open("/proc/self/" + name).read())
    except OSError as error:
        print(name, error.errno)
fields = open("/proc/self/stat").read().rsplit(")", 1)[1].split()
print("priority", fields[15:17], fields[37:39], "signals", fields[28:32], fields[35])
libc, word = ctypes.CDLL(None), ctypes.c_int(7)
for get in (2, 3, 7, 23, 27, 30, 42):  # those that take no address, or one
    print("prctl", get, libc.prctl(get, ctypes.byref(word), 0, 0, 0), word.value)
print([str(signal.getsignal(number)) for number in range(1, 65)
       if not callable(signal.getsignal(number))], signal.pthread_sigmask(0, []))
print(os.getpriority(0, 0), os.sched_getscheduler(0), os.sched_getaffinity(0))
print(os.umask(0), os.getpgrp() == os.getpid(), os.getresuid(), os.getgroups())
print([pair for pair in struct.iter_unpack("QQ", open("/proc/self/auxv", "rb").read())
       if pair[0] in (6, 11, 12, 13, 14, 17, 23)])
print(os.path.realpath("/proc/self/exe"), os.getcwd(), os.path.realpath("/proc/self/cwd"))
for name in ("", "fd", "mem", "environ", "status", "task"):
    status = os.stat("/proc/self/" + name)
    print(name, oct(status.st_mode), status.st_uid)
for fd in (0, 1, 2):
    print(fd, oct(os.fstat(fd).st_mode), os.isatty(fd), fcntl.fcntl(fd, fcntl.F_GETFL))
print(sorted(name for name in os.environ if not name.startswith(("DUENNA", "TMUX"))))
END
    """,
    "descriptors": """
        exec 7> seven; echo to seven >&7; exec 7>&-; cat seven
        echo in | cat /dev/stdin; echo out > /dev/stdout; echo err > /dev/stderr
        cat < /proc/self/fd/0 < seven; readlink /proc/self/fd/1 | sed 's/[0-9]*//g'
        cat /proc/self/comm; head -c 3 /dev/zero | od -c | head -1
    """,
    "many_processes": """
        for i in $(seq 60); do ( : ) & done; wait; echo done
        seq 30 | xargs -P 4 -n 1 sh -c 'exit 0' && echo fine
    """,
    "shared_pipes": """
        printf '#!/usr/bin/env python3\nprint("script")' > script; chmod +x script
        seq 5 | while read -r n; do ./script; done | wc -l
        seq 5 | while read -r n; do timeout 60 python3 -c 'print("mcp")'; done | wc -l
        seq 1000 | python3 -c 'if True:
            import subprocess, sys
            subprocess.check_output(["sleep", "0"])
            print(len(sys.stdin.read()))' | cat
        python3 -c 'if True:
            import subprocess
            for letter in "ab":
                subprocess.run(["tac"], input=letter.encode() + b"\\n" * 100000)
                print(letter, flush=True)' | (sleep 0.5; uniq -c)
        cat > errors.py <<'END'
import sys
for n in range(100):
    for to in (sys.stdout, sys.stderr):
        print(n, file=to, flush=True)
END
        cat > accept.py <<'END'
import socket
socket.socket(fileno=0).accept()[0].sendall(b"hi")
END
        python3 - <<'END'
import socket, subprocess, sys
print(subprocess.run([sys.executable, "errors.py"], input=b"", stdout=subprocess.PIPE,
                     stderr=subprocess.STDOUT).stdout)
server = socket.socket(socket.AF_UNIX)
server.bind("socket")
server.listen()
subprocess.Popen([sys.executable, "accept.py"], stdin=server, stdout=server)
client = socket.socket(socket.AF_UNIX)
client.connect("socket")
server.close()
print(client.recv(9))
END
    """,
    "archive": """
        mkdir in; for i in $(seq 30); do head -c $((i * 100)) /dev/zero > in/$i; done
        tar cf a.tar --mtime=@1 --sort=name --owner=0 --group=0 in; gzip -nk a.tar
        sha256sum a.tar a.tar.gz; find in -name '1*' -delete; ls in | wc -l
    """,
    "background": "sleep 0.05 & disown; (setsid sh -c 'sleep 0.02; echo late > late' &)"
                  "; sleep 0.2; cat late",
}

# Not in each test run.
SLOW_CASES = {
    "go": """
        command -v go > /dev/null || exit 77
        cat > main.go <<'END'
package main

import ("fmt"; "io"; "net"; "os"; "os/exec"; "sync")

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil { fmt.Println(err); return }
	go func() { for { c, e := l.Accept(); if e != nil { return }; c.Write([]byte("hi")); c.Close() } }()
	var w sync.WaitGroup
	for i := 0; i < 50; i++ {
		w.Add(1)
		go func() {
			defer w.Done()
			c, e := net.Dial("tcp", l.Addr().String())
			if e != nil { fmt.Println(e); return }
			b, _ := io.ReadAll(c)
			_, e = os.ReadFile("/etc/passwd")
			if string(b) != "hi" || e != nil { fmt.Println("wrong", e) }
		}()
	}
	w.Wait()
	out, e := exec.Command("echo", "child").CombinedOutput()
	fmt.Println(string(out), e)
}
END
        GO111MODULE=off go build -o program main.go; ./program; echo $?; chmod -R u+w "$HOME"
        rm -rf program "$HOME"/* "$HOME"/.[a-z]*
    """,
    "java": """
        command -v javac > /dev/null || exit 77
        cat > Main.java <<'END'
import java.net.*; import java.nio.file.*;
public class Main {
    public static void main(String[] arguments) throws Exception {
        ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        new Thread(() -> {
            try (Socket peer = server.accept()) {
                peer.getOutputStream().write("hi".getBytes());
            } catch (Exception e) { System.out.println(e); }
        }).start();
        try (Socket peer = new Socket(server.getInetAddress(), server.getLocalPort())) {
            System.out.println(new String(peer.getInputStream().readAllBytes()));
        }
        new DatagramSocket().send(
            new DatagramPacket(new byte[1], 1, InetAddress.getLoopbackAddress(), 9));
        Process child = new ProcessBuilder("echo", "child").start();
        System.out.println(new String(child.getInputStream().readAllBytes()) + child.waitFor());
        Files.writeString(Path.of("text"), "written");
        System.gc();
    }
}
END
        javac Main.java; for how in -XX:+UseSerialGC -XX:+UseParallelGC -XX:+UseG1GC; do
            java -Xmx64m $how Main; echo $?; done; rm *.class
    """,
}

ATTEMPTS = 3
SOURCES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "victims")
PROXIES = re.compile(r"^(DUENNA|XDG|ATTACK)")


def environment_of(folder, victims):
    environment = {name: value for name, value in os.environ.items()
                   if not PROXIES.match(name)}
    environment.update(HOME=os.path.join(folder, "home"), LANG="C", TZ="UTC",
                       VICTIMS=victims, SOURCES=SOURCES, TMPDIR=os.path.join(folder, "tmp"),
                       PATH="/usr/bin:/bin")
    return environment


def describe(folder):
    """Path, kind, mode, owner, links, extended attributes and content of all below."""
    lines = []
    for path, folders, names in os.walk(folder):
        for name in sorted(folders + names):
            lines.append(describe_one(os.path.join(path, name), folder))
    return sorted(lines)


def describe_one(path, folder):
    status = os.lstat(path)
    facts = [oct(status.st_mode), f"{status.st_uid}:{status.st_gid}",
             f"{status.st_nlink if not stat.S_ISDIR(status.st_mode) else '-'}"]
    if status.st_mtime < 1_500_000_000:
        facts.append(f"time {status.st_mtime_ns}")
    try:
        facts += [f"{name}={os.getxattr(path, name, follow_symlinks=False)!r}"
                  for name in sorted(os.listxattr(path, follow_symlinks=False))]
    except OSError:
        pass
    if stat.S_ISLNK(status.st_mode):
        facts.append("-> " + os.readlink(path))
    elif stat.S_ISREG(status.st_mode):
        facts.append(content_of(path, status))
    elif stat.S_ISBLK(status.st_mode) or stat.S_ISCHR(status.st_mode):
        facts.append(str(status.st_rdev))
    return f"{os.path.relpath(path, folder)} {' '.join(facts)}"


def content_of(path, status):
    """Databases and objects of git differ from run to run."""
    if path.endswith((".db", ".db-wal", ".db-shm", "/index", ".pack", ".idx", ".o")):
        return "content not compared"
    try:
        with open(path, "rb") as file:
            return f"{status.st_size} " + hashlib.sha256(file.read()).hexdigest()[:16]
    except OSError as error:
        return str(error)


def run_one(options, name, top, supervised):
    # The same path for both, since it shows in outputs.
    folder = os.path.join(top, "run")
    for part in ("", "work", "home", "tmp"):
        os.mkdir(os.path.join(folder, part))
    command = ["bash", "-c", {**CASES, **SLOW_CASES}[name]]
    if supervised:
        command = [options.duenna, "run", "--ask", options.ask, "--quiet", "--db",
                   os.path.join(top, "duenna.db"), *options.rules, "--", *command]
    try:
        done = subprocess.run(command, cwd=os.path.join(folder, "work"),
                              env=environment_of(folder, options.victims),
                              stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=options.timeout, check=False)
        result = {"status": done.returncode if done.returncode >= 0
                  else 128 - done.returncode,
                  "output": steady(done.stdout), "errors": steady(done.stderr)}
    except subprocess.TimeoutExpired:
        result = {"status": "hung", "output": [], "errors": []}
    result["tree"] = describe(folder)
    shutil.rmtree(folder)
    return result


def steady(output):
    """Process numbers and line numbers of bash differ from run to run."""
    text = output.decode(errors="replace")
    text = re.sub(r"line \d+: +\d+", "line N: PID", text)
    return re.sub(r"\b\d{2,7} (Killed|Terminated)", r"PID \1", text).splitlines()


def difference(native, supervised):
    for name in ("status", "output", "errors", "tree"):
        here, there = native[name], supervised[name]
        if here == there:
            continue
        if not isinstance(here, list):
            return f"{name}: natively {here}, supervised {there}: " + (
                " | ".join(supervised["errors"][-3:]))
        gone = [line for line in here if line not in there][:4]
        new = [line for line in there if line not in here][:4]
        return f"{name}: only natively {gone}, only supervised {new}"
    return None


def compare(options, name, top):
    """What differs even when tried again: a busy machine moves what measures time."""
    for _ in range(ATTEMPTS):
        native = run_one(options, name, top, False)
        wrong = difference(native, run_one(options, name, top, True))
        if not wrong:
            return None
    return wrong


def read_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--duenna", required=True)
    parser.add_argument("--victims", required=True)
    parser.add_argument("--ask", choices=("allow", "deny"), default="allow",
                        help="deny: with a rule that allows everything")
    parser.add_argument("--all", action="store_true", help="also the slow cases")
    parser.add_argument("--timeout", type=float, default=120)
    parser.add_argument("names", nargs="*", help="cases to run; default: all")
    return parser.parse_args()


def main():
    options = read_options()
    top = os.path.realpath(tempfile.mkdtemp(prefix="duenna-transparency-"))
    options.rules, failures = [], 0
    if options.ask == "deny":
        with open(os.path.join(top, "rules"), "w", encoding="ascii") as file:
            file.write("allow any *\n")
        options.rules = ["--no-default-profiles", "--rules", os.path.join(top, "rules")]
    names = options.names or [*CASES, *(SLOW_CASES if options.all else ())]
    for name in names:
        wrong = compare(options, name, top)
        failures += wrong is not None
        print(f"{'DIFFERS' if wrong else 'same':8} {name} {wrong or ''}", flush=True)
    shutil.rmtree(top)
    print(f"{len(names) - failures} of {len(names)} programs behave the same")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
