#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Names of hosts, with a resolver of the test's own in a network of the test's own.

Honest clients that ask in every way libraries do are judged by the names that they looked
up; hostile ones gain nothing from answers that the resolver did not give.

usage: names.py DUENNA
"""

import errno
import fcntl
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

CLIENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "names_client.py")
RESOLVERS = {"remote": "192.0.2.53", "local": "127.0.0.53"}
HOST, OTHER, SHARED = "192.0.2.80", "192.0.2.81", "192.0.2.82"
HOST6 = "2001:db8::80"
PORT = 8443
RULES = f"""
allow any *
ask connect *
allow connect *.example.com:{PORT}
allow connect exact.test:{PORT}
allow connect 127.0.0.9:5300
allow connect localhost:*
allow listen 127.0.0.9:5300
allow listen localhost:*
allow listen 0.0.0.0:0
allow connect netlink:route
"""
MANY = ["www.example.com", "exact.test", "quick.example.com"]
ZONE = {
    "www.example.com": [HOST], "quick.example.com": [SHARED], "slow.example.com": [HOST],
    "exact.test": [OTHER], "unruled.test": [OTHER],
    "one.example.com": [SHARED], "other.test": [SHARED],
    "rebound.example.com": ["127.0.0.1", "169.254.169.254"],
    "big.example.com": [HOST], "six.example.com": [HOST6],
    "alias.example.com": "target.test", "target.test": [HOST],
    "out.test": "in.example.com", "in.example.com": [OTHER],
    "localhost": [OTHER], "forged.example.com": [HOST],
}


def enter_network(arguments):
    """The same program again, alone in a network where it may do everything."""
    flags = ["--net", "--mount"] + ([] if os.geteuid() == 0 else ["--user", "-r"])
    probe = subprocess.run(["unshare", *flags, "true"], capture_output=True)
    if probe.returncode != 0:
        print("skipped: no network namespace to be had:", probe.stderr.decode().strip())
        sys.exit(0)
    os.execvp("unshare", ["unshare", *flags, sys.executable, *arguments, "--inside"])


def set_up_network():
    control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for number, address in enumerate(
            [None, RESOLVERS["remote"], HOST, OTHER, SHARED, "192.0.2.66"]):
        name = b"lo" if address is None else b"lo:%d" % number
        if address:
            packed = struct.pack("16sHH4s8x", name, socket.AF_INET, 0,
                                 socket.inet_aton(address))
            fcntl.ioctl(control, 0x8916, packed)  # SIOCSIFADDR
        fcntl.ioctl(control, 0x8914, struct.pack("16sh14x", name, 0x41))  # IFF_UP
    try:
        six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        packed = socket.inet_pton(socket.AF_INET6, HOST6) + struct.pack("Ii", 128, 1)
        fcntl.ioctl(six, 0x8916, packed)
        return True
    except OSError:
        return False  # a machine without IPv6


def encode(name):
    return b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"


def question_of(query):
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode())
        at += query[at] + 1
    return ".".join(labels), struct.unpack(">H", query[at + 1:at + 3])[0], query[12:at + 5]


def answer(query, is_stream):
    name, kind, question = question_of(query)
    records, owner = [], name
    found = ZONE.get(name.lower())
    if isinstance(found, str):
        target = encode(found)
        records.append(encode(owner) + struct.pack(">HHIH", 5, 1, 0, len(target)) + target)
        owner, found = found, ZONE[found]
    for address in found or []:
        is_six = ":" in address
        if kind == (28 if is_six else 1):
            data = socket.inet_pton(
                socket.AF_INET6 if is_six else socket.AF_INET, address)
            records.append(encode(owner) +
                           struct.pack(">HHIH", kind, 1, 0, len(data)) + data)
    flags = 0x8180 | (0 if found else 3)
    if name == "big.example.com" and not is_stream:
        flags, records = flags | 0x0200, []
    return query[:2] + struct.pack(">HHHHH", flags, 1, len(records), 0, 0) + \
        question + b"".join(records)


class Resolver:
    """Answers by the zone, and remembers what it was asked."""

    def __init__(self, address):
        self.asked = []
        self.kept = None  # questions that are answered together; None: at once
        self.go_on = threading.Event()
        self.address = address
        self.resume()
        self.streams = socket.create_server((address, 53))
        threading.Thread(target=self.serve_streams, daemon=True).start()

    def pause(self):
        """Leaves its port to whoever takes it."""
        try:
            self.datagrams.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it says so, and wakes the thread all the same
        self.thread.join()
        self.datagrams.close()

    def resume(self):
        self.datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.datagrams.bind((self.address, 53))
        self.thread = threading.Thread(target=self.serve_datagrams, daemon=True)
        self.thread.start()

    def serve_datagrams(self):
        while True:
            query, sender = self.datagrams.recvfrom(4096)
            if not query:
                return
            name, _, _ = question_of(query)
            self.asked.append(name)
            # A network is never so fast that who asks at once is answered in between.
            if name in MANY and self.kept is not None:
                self.kept[name] = (query, sender)
                if len(self.kept) < len(MANY):
                    continue
                for kept in list(self.kept.values())[:-1]:
                    self.datagrams.sendto(answer(kept[0], False), kept[1])
                self.kept = None
            if name == "silent.test":
                continue
            if name == "go.on.test":
                self.go_on.set()
            elif name == "slow.example.com" and not self.go_on.is_set():
                threading.Thread(target=self.answer_late, args=(query, sender),
                                 daemon=True).start()
                continue
            self.datagrams.sendto(answer(query, False), sender)

    def answer_late(self, query, sender):
        self.go_on.wait(60)
        self.datagrams.sendto(answer(query, False), sender)

    def serve_streams(self):
        while True:
            connection, _ = self.streams.accept()
            threading.Thread(target=self.serve_stream, args=(connection,),
                             daemon=True).start()

    def serve_stream(self, connection):
        with connection, connection.makefile("rb") as incoming:
            while len(prefix := incoming.read(2)) == 2:
                query = incoming.read(struct.unpack(">H", prefix)[0])
                self.asked.append("tcp " + question_of(query)[0])
                reply = answer(query, True)
                connection.sendall(struct.pack(">H", len(reply)) + reply)


def serve_hosts(has_six):
    """Whatever connects is accepted; the kernel does that."""
    kept = [socket.create_server((address, PORT)) for address in
            (HOST, OTHER, SHARED, "127.0.0.1", "192.0.2.66")]
    if has_six:
        kept.append(serve_six())
    return kept


def serve_six():
    """The kernel takes a moment to make a new address one that can be used."""
    for _ in range(6000):
        try:
            return socket.create_server((HOST6, PORT), family=socket.AF_INET6)
        except OSError as error:
            if error.errno != errno.EADDRNOTAVAIL:
                raise
            time.sleep(0.01)
    raise SystemExit("the address " + HOST6 + " cannot be used")


class Test:
    def __init__(self, duenna):
        self.duenna = duenna
        self.root = os.path.realpath(tempfile.mkdtemp(prefix="names-e2e."))
        self.failed = 0
        self.mounted = []
        home, runtime = os.path.join(self.root, "home"), os.path.join(self.root, "run")
        os.makedirs(home)
        os.mkdir(runtime, mode=0o700)
        self.rules = os.path.join(home, "rules")
        with open(self.rules, "w", encoding="utf-8") as file:
            file.write(RULES)
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": home, "LC_ALL": "C.UTF-8",
                            "XDG_RUNTIME_DIR": runtime,
                            **{name: value for name, value in os.environ.items()
                               if name.endswith("SAN_OPTIONS")}}

    def mount(self, path, text):
        ours = os.path.join(self.root, os.path.basename(path))
        with open(ours, "w", encoding="utf-8") as file:
            file.write(text)
        subprocess.run(["mount", "--bind", ours, path], check=True)
        self.mounted.append(path)

    def serve_names(self):
        subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
        self.mounted.append("/run")
        os.mkdir("/run/nscd")
        service = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        service.bind("/run/nscd/socket")
        service.listen()
        return service

    def finish(self):
        for path in reversed(self.mounted):
            subprocess.run(["umount", "-l", path], check=True)
        shutil.rmtree(self.root)

    def call(self, *arguments):
        done = subprocess.run(
            [self.duenna, *arguments], cwd=self.environment["HOME"], timeout=120,
            env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        self.said = done.stdout + done.stderr
        return done

    def run(self, *command, options=()):
        return self.call("run", "--ask", "deny", "--rules", self.rules, *options,
                         "--", *command)

    def client(self, *arguments, options=()):
        done = self.run(sys.executable, CLIENT, *arguments, options=options)
        return done.stdout.strip()

    def attack(self, what, arguments, native, supervised):
        """Counts only because it works where nobody supervises it."""
        done = subprocess.run([sys.executable, CLIENT, *arguments], capture_output=True,
                              env=self.environment, text=True, timeout=120)
        self.said = done.stdout + done.stderr
        self.expect(what + ", natively", done.stdout.strip(), native)
        self.expect(what, self.client(*arguments), supervised)

    def expect(self, what, got, wanted):
        if got != wanted:
            self.failed += 1
            print(f"{what}: got {got!r}, not {wanted!r}\n{self.said[-3000:]}")

    def events(self):
        done = self.call("log", "--json", "--verb", "connect")
        return [json.loads(line) for line in done.stdout.splitlines()]


def test_ways_of_asking(test, resolver, has_six):
    for way in ("glibc", "connected", "unconnected", "stream"):
        test.expect(f"{way} asks", test.client(way, "www.example.com", PORT_TEXT), "connected")
        event = [event for event in test.events() if event["object"] == f"{HOST}:{PORT}"]
        test.expect(f"{way} is recorded", [one["asked_as"] for one in event],
                    [f"www.example.com:{PORT}"])
        test.expect(f"{way} asks for what no rule allows",
                    test.client(way, "unruled.test", PORT_TEXT), "EACCES")
    test.expect("a resolver that is silent", test.client("unanswered", "silent.test"), "soon")
    test.expect("the sender of an answer", test.client("sender", "www.example.com"),
                resolver.address)
    resolver.kept = {}
    test.expect("many questions on one socket", test.client(
        "many", *MANY, PORT_TEXT), "connected connected connected")
    test.expect("an answer too big", test.client("glibc", "big.example.com", PORT_TEXT),
                "connected")
    test.expect("an exact name", test.client("glibc", "exact.test", PORT_TEXT), "connected")
    if has_six:
        test.expect("IPv6", test.client("glibc", "six.example.com", PORT_TEXT), "connected")
    if shutil.which("node"):
        done = test.run("node", "-e", NODE)
        test.expect("c-ares", done.stdout.strip(), "connected")
    else:
        print("skipped: c-ares: there is no node")


NODE = f"""
require('dns').resolve4('www.example.com', (error, addresses) => {{
  if (error) {{ console.log(error.code); return; }}
  const socket = require('net').connect({PORT}, addresses[0], () => {{
    console.log('connected'); socket.destroy(); }});
  socket.on('error', (error) => console.log(error.code));
}});
"""
PORT_TEXT = str(PORT)


def test_what_names_mean(test):
    test.expect("an alias has the name that was asked for",
                test.client("glibc", "alias.example.com", PORT_TEXT), "connected")
    test.expect("the end of an alias gives no name",
                test.client("glibc", "out.test", PORT_TEXT), "EACCES")
    test.expect("of two names the stricter holds", test.client(
        "both", "one.example.com", "other.test", PORT_TEXT), "EACCES")
    test.expect("one name of the two", test.client("glibc", "one.example.com", PORT_TEXT),
                "connected")
    test.expect("an address that nobody looked up", test.client("address", HOST, PORT_TEXT),
                "EACCES")
    test.expect("localhost of a resolver", test.client(
        "connected", "localhost", PORT_TEXT), "EACCES")
    test.client("glibc", "www.example.com", PORT_TEXT)
    rule = f"allow connect *.example.com:{PORT}"
    test.call("rules", "add", rule)
    test.expect("why by name", rule in test.call(
        "why", "connect", f"www.example.com:{PORT}").stdout, True)
    with open(test.rules + ".other", "w", encoding="utf-8") as file:
        file.write(RULES + f"deny connect www.example.com:{PORT}\n")
    diff = test.call("replay", "--diff", "--rules", test.rules + ".other")
    test.expect("replay by the recorded name",
                "www.example.com" in diff.stdout and "deny" in diff.stdout, True)


def test_hostile(test, resolver):
    test.attack("a resolver of its own", ["fake", "www.example.com", "192.0.2.66", PORT_TEXT],
                "connected", "EACCES")
    test.attack("a service that looks names up", ["service"], "connected", "ENOENT")
    resolver.pause()
    test.attack("becoming the resolver", ["bind"], "bound bound", "EACCES EACCES")
    resolver.resume()
    resolver.go_on.clear()
    test.expect("forging answers", test.client(
        "forge", "slow.example.com", "192.0.2.66", PORT_TEXT), "EACCES connected")
    resolver.asked.clear()
    test.attack("asking the forwarder itself", ["stranger", "smuggled.example.com"],
                "an answer", "nothing")
    resolver.asked.remove("smuggled.example.com")  # natively
    test.expect("what the resolver saw", "smuggled.example.com" in resolver.asked, False)
    test.expect("a name for this machine", test.run(
        sys.executable, CLIENT, "glibc", "rebound.example.com", PORT_TEXT,
        options=["--rules", test.rules + ".strict"]).stdout.strip(), "EACCES")
    test.attack("a hosts file", ["glibc", "hosts.example.com", PORT_TEXT],
                "connected", "EACCES")


def main():
    if sys.argv[-1] != "--inside":
        enter_network(sys.argv)
    has_six = set_up_network()
    kept = serve_hosts(has_six)
    test = Test(os.path.realpath(sys.argv[1]))
    try:
        with open(test.rules + ".strict", "w", encoding="utf-8") as file:
            file.write("deny connect 127.0.0.0/8:*\nask connect localhost:*\n")
        test.mount("/etc/hosts", "127.0.0.1 localhost\n192.0.2.66 hosts.example.com\n")
        kept.append(test.serve_names())
        for kind, address in RESOLVERS.items():
            print(f"-- a {kind} resolver")
            test.mount("/etc/resolv.conf", f"nameserver {address}\n")
            resolver = Resolver(address)
            test_ways_of_asking(test, resolver, has_six)
            test_what_names_mean(test)
            test_hostile(test, resolver)
            resolver.pause()
    finally:
        test.finish()
    del kept
    sys.exit(1 if test.failed else 0)


main()
