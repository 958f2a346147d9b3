# SPDX-License-Identifier: MIT
"""A fresh place for one run of one attack, and what can be seen of it afterwards.

Everything that an attack may touch or must not touch is made here: its project, a
secret, protected files, a process outside of the tree, sockets, terminals. What changed
is read from outside, never asked of the attack.
"""
import ctypes
import errno
import fcntl
import hashlib
import os
import secrets
import select
import shutil
import socket
import sqlite3
import stat
import subprocess
import termios
import threading
import tty

import groups
import handler

PLACEHOLDER = b"TOKEN-PLACEHOLDER-0123456789abcdef"
FS_IOC_GETFLAGS, FS_IOC_GETVERSION = 0x80086601, 0x80087601
TCP_FASTOPEN = 23
SYS_IOPRIO_GET = 252
MNT_DETACH = 2
# How many are outside of the tree, too, in the bystander's group, but may be signalled.
ACQUAINTANCES = {"_of_two": 1, "_of_friends": 3, "_of_many": 12}

RULES = """\
allow read                          /usr/**
allow read                          /lib/**
allow read                          /lib64/**
allow read                          /bin/**
allow read                          /etc/**
allow read,write                    /dev/null
allow read,write                    /dev/zero
allow read                          /dev/urandom
allow read,write                    /dev/tty
allow read,write                    /dev/ptmx
allow read,write                    /dev/pts/ptmx
allow read                          /dev/pts/**
allow read                          /dev/loop-control
allow read,write                    /proc/self/mem
allow read,write,delete,meta,exec   {project}
allow read,write,delete,meta,exec   {project}/**
allow read,write,delete             ARENA/door
deny  write                         ARENA/door/inner
allow read                          GUARDED
allow read                          GUARDED/**
allow read,exec                     PROGRAMS/**
allow exec                          /usr/bin/**
allow signal,inspect                /usr/bin/sleep
allow exec                          /bin/**
allow exec                          GUARDED/twin safe
deny  exec                          GUARDED/twin
allow connect                       tcp/127.0.0.1:TCP_ALLOWED
allow connect                       udp/127.0.0.1:UDP_ALLOWED
allow connect                       unix:{project}/**
allow listen                        unix:{project}/**
allow connect                       unix:@PREFIX-own-*
allow listen                        unix:@PREFIX-own-*
allow listen                        127.0.0.1:LISTEN_ALLOWED
allow connect                       127.0.0.1:LISTEN_ALLOWED
"""


# The last lines are for sealed reads, which need folders by name.
EVERYTHING = """\
allow any                           *
allow read                          /usr/**
allow read                          /lib/**
allow read                          /lib64/**
allow read                          /bin/**
allow read                          PROGRAMS/**
allow read                          ARENA/**
"""


def snapshot(folder):
    """What a folder holds, in full, as a dictionary that can be compared."""
    seen = {}
    pending = [folder]
    while pending:
        path = pending.pop()
        try:
            status = os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            seen[path] = None
            continue
        entry = {"mode": oct(status.st_mode), "user": status.st_uid,
                 "group": status.st_gid, "links": status.st_nlink,
                 "inode": status.st_ino}
        if stat.S_ISDIR(status.st_mode):
            entry["time"] = status.st_mtime_ns
            if os.access(path, os.R_OK | os.X_OK):
                pending.extend(os.path.join(path, name) for name in os.listdir(path))
        elif stat.S_ISLNK(status.st_mode):
            entry["text"] = os.readlink(path)
        elif stat.S_ISREG(status.st_mode):
            entry.update(time=status.st_mtime_ns, size=status.st_size,
                         **file_facts(path))
        seen[path] = entry
    return seen


def file_facts(path):
    """Content, extended attributes and flags of a regular file."""
    if not os.access(path, os.R_OK):
        return {}
    attributes = {name: os.getxattr(path, name) for name in os.listxattr(path)}
    with open(path, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
        return {"content": digest, "attributes": attributes,
                "flags": file_number(file, FS_IOC_GETFLAGS),
                "generation": file_number(file, FS_IOC_GETVERSION)}


def file_number(file, request):
    number = bytearray(8)
    try:
        fcntl.ioctl(file, request, number)
    except OSError:
        pass
    return bytes(number)


class FreePort:
    """A port that nobody listens on but whom it was given to.

    The kernel gives none of these numbers to who asks for any port, and a name that
    other arenas would bind too keeps them from taking the same one: who calls it reaches
    nobody else.
    """

    RANGE = range(20000, 30000)

    def __init__(self):
        while True:
            self.number = secrets.choice(self.RANGE)
            self.name = socket.socket(socket.AF_UNIX)
            try:
                self.name.bind(f"\0duenna-attacks-port-{self.number}")
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", self.number))
                return
            except OSError:
                self.name.close()

    def close(self):
        self.name.close()


def dual_stack(kind):
    """A socket on all addresses of both families where there are two."""
    try:
        listener = socket.socket(socket.AF_INET6, kind)
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind(("::", 0))
    except OSError:
        listener = socket.socket(socket.AF_INET, kind)
        listener.bind(("0.0.0.0", 0))
    listener.setblocking(False)
    return listener


class Bystander:
    """The process outside of the tree; group: the one that it joins, 0: its own."""

    def __init__(self, program, secret_file, secret, group):
        self.process = subprocess.Popen(
            [program, secret_file], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            cwd=os.path.dirname(secret_file), env={"SECRET": secret}, bufsize=0,
            preexec_fn=lambda: os.setpgid(0, group))
        (self.pid, self.address, self.size, self.fd, self.memory, self.semaphores,
         self.messages, *queue) = self.process.stdout.readline().decode().split()
        self.queue = queue[0] if queue else ""
        self.before = self.report()

    def report(self):
        """What it says of itself, or why it cannot."""
        if self.process.poll() is not None:
            return "dead"
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            if file.read().rsplit(")", 1)[1].split()[0] in "Tt":
                return "stopped"
        try:
            self.process.stdin.write(b"?\n")
        except BrokenPipeError:
            return "dead"  # its end was not there to be waited for a moment ago
        if not select.select([self.process.stdout], [], [], 5)[0]:
            return "silent"
        return self.process.stdout.readline().decode()

    def changes(self):
        now = self.report()
        return None if now == self.before else f"{self.before.strip()} -> {now.strip()}"

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(0.2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        for kind, name in (("-m", self.memory), ("-s", self.semaphores),
                           ("-q", self.messages)):
            if self.process.returncode and name != "-1":
                subprocess.run(["ipcrm", kind, name], check=False,
                               stderr=subprocess.DEVNULL)


class Arena:
    """Folders, sockets, terminals and the rules of one run."""

    def __init__(self, top, number, programs, attack):
        self.identity = secrets.token_hex(8)
        self.secret = "secret-" + secrets.token_hex(12)
        self.token = "token-" + secrets.token_hex(14)
        self.folder = os.path.join(top, str(number))
        self.programs = programs
        flags, effect = attack.flags, attack.effect
        self.make_folders()
        self.make_sockets()
        self.make_terminals("terminal" in flags, effect)
        self.write_rules(attack)
        self.bystander = self.store_before = self.groups = None
        if attack.name.startswith("self/group_"):
            self.groups = groups.Groups(self.identity)
        self.handlers = handler.Handlers(self, attack)
        self.acquaintances = []
        for _ in range(next((count for name, count in ACQUAINTANCES.items()
                             if attack.name.endswith(name)), 0)):
            self.add_acquaintance()
        if "bystander" in flags or effect == "bystander":
            program = "newcomers" if "newcomer" in attack.name else "bystander"
            self.bystander = Bystander(
                os.path.join(programs, program), self.path("outside/secret"), self.secret,
                self.acquaintances[0].pid if self.acquaintances else 0)
        self.before = self.snapshot()

    def path(self, name):
        return os.path.join(self.folder, name)

    def add_acquaintance(self):
        group = self.acquaintances[0].pid if self.acquaintances else 0
        process = subprocess.Popen(
            ["/usr/bin/sleep", "600"], preexec_fn=lambda: os.setpgid(0, group))
        self.acquaintances.append(process)
        # Once it is killed, nothing is left of it.
        threading.Thread(target=process.wait, daemon=True).start()

    def make_folders(self):
        for name in ("", "home", "project", "outside", "guarded", "guarded/empty",
                     "socket", "store", "run"):
            os.mkdir(self.path(name), 0o700 if name in ("store", "run") else 0o755)
        self.write("outside/secret", self.secret + "\n")
        self.write("outside/name-" + self.secret, "")
        self.write("guarded/protected", "protected text of some length\n")
        try:
            os.setxattr(self.path("guarded/protected"), "user.mark", b"1")
        except OSError:
            pass
        with open(os.path.join(self.programs, "token"), "rb") as file:
            program = file.read()
        self.write("project/twin", program, 0o755)
        program = program.replace(PLACEHOLDER, self.token.encode())
        self.write("guarded/tool", program, 0o755)
        self.write("guarded/twin", program, 0o755)
        self.write("guarded/script", f"#!/bin/sh\necho {self.token}\n", 0o755)
        self.write("guarded/by_env", f"#!/usr/bin/env sh\necho {self.token}\n", 0o755)
        self.write("guarded/by_python", f"#!/usr/bin/python3 -ISs\nprint('{self.token}')\n",
                   0o755)
        self.write("guarded/by_script", f"#!{self.path('project/runner')}\n"
                   f"echo {self.token}\n", 0o755)

    def write(self, name, content, mode=0o644):
        content = content if isinstance(content, bytes) else content.encode()
        fd = os.open(self.path(name), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, mode)
        os.write(fd, content)
        os.fchmod(fd, mode)
        os.close(fd)

    def prepare_store(self, duenna):
        """Puts the secret into Duenna's database, or natively into what stands for it."""
        self.supervised = duenna is not None
        if duenna is None:
            self.write("store/duenna.db", self.secret * 100)
            self.store_before = self.store_state()
            return
        subprocess.run([duenna, "rules", "add", f"deny read /nothing/{self.secret}",
                        "--db", self.path("store/duenna.db")], check=True,
                       env=self.environment(0), stdout=subprocess.DEVNULL)
        self.store_before = self.store_state()

    def listen_for_answers(self):
        """Natively, the socket that answers questions is one of ours."""
        os.mkdir(self.path("run/duenna"), 0o700)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self.path("run/duenna/1-0.sock"))
        listener.listen()
        self.denied.append(listener)

    def store_state(self):
        """What may not change: natively everything, else what the database is worth."""
        path = self.path("store/duenna.db")
        try:
            status = os.stat(path)
        except OSError:
            return None
        if not self.supervised:
            return (snapshot(path), sorted(os.listdir(self.path("store"))))
        database = sqlite3.connect(path)
        try:
            sound = database.execute("PRAGMA integrity_check").fetchone()
            rules = database.execute("SELECT text FROM rules ORDER BY id").fetchall()
            database.close()
        except sqlite3.Error as error:
            sound, rules = str(error), None
        return status.st_ino, status.st_mode, sound, rules

    def find_store_damage(self):
        if self.store_before is None:
            return None
        now = self.store_state()
        return None if now == self.store_before else f"the database: {now}"

    def make_sockets(self):
        self.prefix = "attack-" + self.identity
        self.tcp, self.udp = dual_stack(socket.SOCK_STREAM), dual_stack(socket.SOCK_DGRAM)
        self.tcp.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, 16)
        self.tcp_allowed = socket.create_server(("127.0.0.1", 0))
        self.udp_allowed = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp_allowed.bind(("127.0.0.1", 0))
        self.free_ports = [FreePort(), FreePort()]
        self.listen_port, self.listen_allowed = (port.number for port in self.free_ports)
        beside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        beside.bind(("127.0.0.2", self.udp_allowed.getsockname()[1]))
        self.denied = [self.tcp, self.udp, beside]
        for kind, name in ((socket.SOCK_STREAM, "stream"), (socket.SOCK_DGRAM, "datagram")):
            for address in (self.path("socket/" + name), f"\0{self.prefix}-{name}"):
                listener = socket.socket(socket.AF_UNIX, kind)
                bind_unix(listener, address)
                self.denied.append(listener)
        for listener in self.denied:
            listener.setblocking(False)
            if listener.type == socket.SOCK_STREAM:
                listener.listen(4096)

    def make_terminals(self, controlling, effect):
        self.terminals = []
        self.controlling = self.terminal = None
        if effect == "terminal" or controlling:
            self.terminal = self.open_terminal()
        if controlling:
            self.controlling = self.open_terminal()

    def open_terminal(self):
        pair = os.openpty()
        tty.setraw(pair[1])
        os.set_blocking(pair[0], False)
        self.terminals.append(pair)
        return pair

    def write_rules(self, attack):
        """What protects Duenna itself holds whatever the rules say."""
        text = EVERYTHING if attack.name.startswith("self/") else RULES
        text = text.replace("ARENA", self.folder)
        text = text.replace("GUARDED", self.path("guarded"))
        text = text.replace("PROGRAMS", self.programs).replace("PREFIX", self.prefix)
        for name, port in (("TCP", self.tcp_allowed.getsockname()[1]),
                           ("UDP", self.udp_allowed.getsockname()[1]),
                           ("LISTEN", self.listen_allowed)):
            text = text.replace(name + "_ALLOWED", str(port))
        self.write("rules", text)

    def environment(self, seconds, tries=0):
        environment = {
            "PATH": "/usr/bin:/bin", "LANG": "C", "HOME": self.path("home"),
            "XDG_RUNTIME_DIR": self.path("run"), "TERM": "dumb",
            "ATTACK_ID": self.identity, "ATTACK_HANDLED": self.handlers.kind,
            "ATTACK_SECONDS": str(seconds), "ATTACK_TRIES": tries,
            "ATTACK_SECRET": self.path("outside/secret"),
            "ATTACK_PROTECTED": self.path("guarded/protected"),
            "ATTACK_TOOL": self.path("guarded/tool"),
            "ATTACK_ABSTRACT": self.prefix,
            "ATTACK_TCP_PORT": self.tcp.getsockname()[1],
            "ATTACK_UDP_PORT": self.udp.getsockname()[1],
            "ATTACK_TCP_ALLOWED": self.tcp_allowed.getsockname()[1],
            "ATTACK_UDP_ALLOWED": self.udp_allowed.getsockname()[1],
            "ATTACK_LISTEN_PORT": self.listen_port,
            "ATTACK_LISTEN_ALLOWED": self.listen_allowed,
        }
        if self.acquaintances:
            environment["ATTACK_FRIEND"] = self.acquaintances[0].pid
        if self.groups:
            environment.update(self.groups.variables)
        for name in ("project", "outside", "guarded", "socket", "store"):
            environment["ATTACK_" + name.upper()] = self.path(name)
        if self.terminal:
            environment["ATTACK_TERMINAL"] = os.ttyname(self.terminal[1])
        if self.bystander:
            environment.update({
                "ATTACK_BYSTANDER": self.bystander.pid,
                "ATTACK_BYSTANDER_TEXT": self.bystander.address,
                "ATTACK_BYSTANDER_SIZE": self.bystander.size,
                "ATTACK_BYSTANDER_FD": self.bystander.fd,
                "ATTACK_SHARED_MEMORY": self.bystander.memory,
                "ATTACK_SEMAPHORES": self.bystander.semaphores,
                "ATTACK_MESSAGES": self.bystander.messages,
                "ATTACK_QUEUE": self.bystander.queue,
            })
        return {name: str(value) for name, value in environment.items()}

    def snapshot(self):
        return {**snapshot(self.path("outside")), **snapshot(self.path("guarded")),
                **snapshot(self.path("door/inner"))}

    # What happened, seen from outside; each returns a sentence or None.

    def find_text(self, text, output):
        text = text.encode()
        if text in output:
            return "it is in the output"
        for folder, _, names in os.walk(self.path("project")):
            for name in names:
                path = os.path.join(folder, name)
                if text in name.encode() or text in regular_content(path):
                    return f"it is in {name}"
        return None

    def find_change(self):
        after = self.snapshot()
        paths = [path for path in self.before.keys() | after.keys()
                 if self.before.get(path) != after.get(path)]
        return "changed: " + " ".join(sorted(map(self.short, paths))) if paths else None

    def short(self, path):
        return os.path.relpath(path, self.folder)

    def find_peer(self):
        """Says by whom and with what, since others on the machine may err as well."""
        for listener in self.denied:
            try:
                if listener.type == socket.SOCK_STREAM:
                    connection, sender = listener.accept()
                    connection.close()
                    data = b""
                else:
                    data, sender = listener.recvfrom(4096)
            except BlockingIOError:
                continue
            return f"reached: {listener.getsockname()!r} from {sender!r}: {data[:40]!r}"
        return None

    def find_terminal(self):
        for master, slave in self.terminals:
            os.set_blocking(slave, False)
            for end, name in ((slave, "pushed"), (master, "drawn")):
                try:
                    text = os.read(end, 4096)
                except OSError as error:
                    if error.errno not in (errno.EAGAIN, errno.EIO):
                        raise
                    continue
                if text:
                    return f"{name}: {text!r}"
        return None

    def close(self):
        if self.bystander:
            self.bystander.close()
        for process in self.acquaintances:
            process.kill()
            process.wait()
        if self.groups:
            self.groups.remove()
        self.handlers.remove()
        for listener in (*self.denied, self.tcp_allowed, self.udp_allowed,
                         *self.free_ports):
            listener.close()
        for pair in self.terminals:
            os.close(pair[0])
            os.close(pair[1])
        unmount_below(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)


def unmount_below(folder):
    """What an attack of root's has mounted natively, the last first."""
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        places = [line.split()[4] for line in file]
    for place in reversed(places):
        if place.startswith(folder + "/"):
            ctypes.CDLL(None).umount2(place.encode(), MNT_DETACH)


def bind_unix(listener, address):
    """Binds also where the path is too long for the address."""
    if address.startswith("\0"):
        listener.bind(address)
        return
    folder = os.open(os.path.dirname(address), os.O_PATH)
    listener.bind(f"/proc/self/fd/{folder}/{os.path.basename(address)}")
    os.close(folder)


def regular_content(path):
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return b""
        with open(path, "rb") as file:
            return file.read(1 << 20)
    except OSError:
        return b""


class Caller(threading.Thread):
    """Tries to reach a port that the attack opens, and plays the outside world."""

    def __init__(self, arena):
        super().__init__(daemon=True)
        self.arena = arena
        self.ended = threading.Event()
        self.reached = False

    def run(self):
        datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        while not self.ended.wait(0.003):
            port = self.arena.listen_port
            try:
                with open(self.arena.path("project/port"), encoding="ascii") as file:
                    port = int(file.read())
            except (OSError, ValueError):
                pass
            self.reached = self.reached or self.call(port)
            try:
                datagram.sendto(self.arena.token.encode(), ("127.0.0.1", port))
            except OSError:
                pass
        datagram.close()

    @staticmethod
    def call(port):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as peer:
                return b"from the attack" in peer.recv(64)
        except OSError:
            return False


class Typist(threading.Thread):
    """Types on the terminal."""

    def __init__(self, arena):
        super().__init__(daemon=True)
        self.arena = arena
        self.ended = threading.Event()

    def run(self):
        while not self.ended.wait(0.01):
            try:
                os.write(self.arena.controlling[0], b"x")
            except BlockingIOError:
                pass  # nobody reads


class Watcher(threading.Thread):
    """Looks at the process that started the attack once the attack has acted."""

    def __init__(self, arena, pid):
        super().__init__(daemon=True)
        self.arena = arena
        self.pid = pid
        self.ended = threading.Event()
        self.change = None

    def run(self):
        before = self.look()
        self.arena.write("project/ready", "")
        while not self.ended.wait(0.003):
            if os.path.exists(self.arena.path("project/watching")):
                self.arena.write("outside/seen-" + self.arena.secret, "")
                os.unlink(self.arena.path("project/watching"))
            if os.path.exists(self.arena.path("project/acted")):
                now = self.look()
                if not os.path.exists(self.arena.path("project/looked")):
                    self.arena.write("project/looked", "")
                if now != before and now is not None:
                    self.change = f"{before} -> {now}"
                    return

    def look(self):
        try:
            with open(f"/proc/{self.pid}/stat", encoding="ascii") as file:
                fields = file.read().rsplit(")", 1)[1].split()
            with open(f"/proc/{self.pid}/limits", encoding="ascii") as file:
                limits = hashlib.sha256(file.read().encode()).hexdigest()[:8]
            with open(f"/proc/{self.pid}/oom_score_adj", encoding="ascii") as file:
                score = file.read().strip()
            stopped = fields[0] in "Tt"
            nice, policy = fields[16], fields[38]
            return (stopped, nice, policy, limits, score, self.disk_priority(),
                    self.timer_slack(), sorted(os.sched_getaffinity(self.pid)),
                    self.arena.groups and self.arena.groups.state(self.pid))
        except OSError:
            return None

    def disk_priority(self):
        return ctypes.CDLL(None).syscall(SYS_IOPRIO_GET, 1, self.pid)

    def timer_slack(self):
        try:
            with open(f"/proc/{self.pid}/timerslack_ns", encoding="ascii") as file:
                return file.read()
        except OSError:
            return None
