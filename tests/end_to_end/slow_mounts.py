#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Names on a file system whose server is dead, or slow: only who uses them waits, and who
needs a file that they hold.

usage: slow_mounts.py DUENNA
"""

import ctypes
import os
import shutil
import stat
import struct
import subprocess
import sys
import tempfile
import threading

LIMIT = 60
LARGE = 16 << 20
HELLO = b"hello from the server\n"
MODULE = b"def read(path):\n    with open(path) as file:\n        return file.read()\n"
RULES = """allow any *
ask read **/secret
allow read,write,delete,meta /**
ask read **/guarded
allow read **/guarded code **/module.py
deny read **/guarded code generated
"""

# Uses names on the dead file system in every way, and goes on with other work meanwhile.
USES = r"""
import os, signal, socket, subprocess, sys, time
dead, link, cwd = sys.argv[1:4]
folder = os.open(cwd, os.O_RDONLY)
ways = [
    lambda: os.open(dead + "/x", os.O_RDONLY),
    lambda: os.open(link + "/x", os.O_RDONLY),
    lambda: os.open("../" + os.path.basename(dead) + "/x", os.O_RDONLY, dir_fd=folder),
    lambda: os.open(dead + "/x", os.O_WRONLY | os.O_CREAT),
    lambda: os.open("/proc/self/root" + dead + "/x", os.O_RDONLY),
    lambda: os.mkdir(link + "/x/y"),
    lambda: os.unlink(dead + "/x"),
    lambda: os.rename(cwd + "/x", dead + "/x"),
    lambda: os.symlink("x", dead + "/y"),
    lambda: os.chmod(dead + "/x", 0o600),
    lambda: os.truncate(link + "/x", 0),
    lambda: os.execv(link + "/x", ["x"]),
    lambda: socket.socket(socket.AF_UNIX).bind(dead + "/s"),
    lambda: socket.socket(socket.AF_UNIX).connect(link + "/s"),
]
open(cwd + "/x", "w").close()
children = []
for way in ways:
    child = os.fork()
    if child == 0:
        try:
            way()
        except OSError as error:
            print("not waiting:", ways.index(way), error, flush=True)
        os._exit(1)
    children.append(child)
    # Whoever goes on must do so while all of them wait.
    with open("/etc/passwd") as file:
        file.read()
    subprocess.run(["true"], check=True)
for child in children:
    # In its call: before that it would say so in a moment.
    while open(f"/proc/{child}/syscall").read().startswith("running"):
        time.sleep(0.01)
print("went on", flush=True)
for child in children:
    os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    if not os.WIFSIGNALED(status):
        print("ended by itself:", children.index(child), status)
print("done")
"""


# Changes files that another process has been writing into for long, and goes on meanwhile.
BUSY = r"""
import ctypes, os, signal, subprocess, sys, time
slow, folder = sys.argv[1:3]
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
libc.write.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t]
memory = libc.mmap(None, 4096, 1, 1, os.open(slow, os.O_RDONLY), 0)

def write_for_ever(path):
    libc.write(os.open(path, os.O_WRONLY), memory, 5)

ways = [
    lambda path: os.chmod(path, 0o600),
    lambda path: os.truncate(path, 0),
    lambda path: os.open(path, os.O_WRONLY | os.O_TRUNC),
    lambda path: os.utime(path),
    lambda path: os.setxattr(path, "user.x", b"y"),
    lambda path: os.link(path, path + ".link"),
    lambda path: os.rename(path, path + ".new"),
    lambda path: os.unlink(path),
]

def child_does(function, path):
    child = os.fork()
    if child == 0:
        function(path)
        print("not waiting:", path, flush=True)
        os._exit(1)
    return child

def is_writing(child):
    return open(f"/proc/{child}/syscall").read().startswith("1 ")

def is_in_call(child):
    return open(f"/proc/{child}/syscall").read()[0].isdigit()

def await_state(child, is_so):
    while not is_so(child):
        time.sleep(0.01)
    children.append(child)

children = []
for number, way in enumerate(ways):
    os.mkdir(f"{folder}/{number}")
    path = f"{folder}/{number}/file"
    with open(path, "w") as file:
        file.truncate(int(sys.argv[3]))
    await_state(child_does(write_for_ever, path), is_writing)
    await_state(child_does(way, path), is_in_call)
    with open("/etc/passwd") as file:
        file.read()
    subprocess.run(["true"], check=True)
print("went on", flush=True)
for child in reversed(children):
    os.kill(child, signal.SIGKILL)
for child in children:
    status = os.waitpid(child, 0)[1]
    if not os.WIFSIGNALED(status):
        print("ended by itself:", children.index(child), status)
print("done")
"""


# Names and other arguments lie in memory that never comes: more of them than there are
# places for calls that wait, and each process asks for its mappings to be changed as well.
MEMORY = r"""
import ctypes, os, signal, socket, subprocess, sys, threading, time
slow, folder, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
memory = libc.mmap(None, 4096, 1, 1, os.open(slow, os.O_RDONLY), 0)
stuck = ctypes.c_void_p(memory)
own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
ways = [
    lambda: libc.open(stuck, 0),
    lambda: libc.mkdir(stuck, 0o700),
    lambda: libc.rename(stuck, stuck),
    lambda: libc.execve(stuck, None, None),
    lambda: libc.execve(b"/bin/true", stuck, None),
    lambda: libc.connect(own.fileno(), stuck, 16),
    lambda: libc.sendto(own.fileno(), b"x", 1, 0, stuck, 16),
    lambda: libc.sendmsg(own.fileno(), stuck, 0),
    lambda: libc.setxattr(b"/etc/passwd", b"user.x", stuck, 8, 0),
]

def call(way):
    # Whoever waits to change them keeps others from looking at them.
    threading.Timer(0.2, lambda: libc.mmap(None, 4096, 1, 0x22, -1, 0)).start()
    way()
    print("not waiting:", ways.index(way), ctypes.get_errno(), flush=True)
    os._exit(1)

def is_in_call(child):
    doing = open(f"/proc/{child}/syscall").read()
    return doing[0].isdigit() and not doing.startswith("202 ")  # futex

children = []
for number in range(count):
    child = os.fork()
    if child == 0:
        call(ways[number % len(ways)])
    children.append(child)
    with open("/etc/passwd") as file:
        file.read()
for child in children:
    while not is_in_call(child):
        time.sleep(0.01)
subprocess.run(["true"], check=True)
print("went on", flush=True)
for child in children:
    os.kill(child, signal.SIGKILL)
os._exit(0)
"""


# More calls wait for the dead than threads are there for them; others have their own.
CROWD = r"""
import os, signal, socket, sys, time
dead, folder = sys.argv[1:3]
children = []
for number in range(300):
    child = os.fork()
    if child == 0:
        os.open(f"{dead}/{number}", os.O_RDONLY)
        os._exit(1)
    children.append(child)
for child in children:
    while not open(f"/proc/{child}/syscall").read()[0].isdigit():
        time.sleep(0.01)
for name in ("a", "b"):
    server = socket.socket(socket.AF_UNIX)
    server.bind(f"{folder}/{name}")
    server.listen()
    socket.socket(socket.AF_UNIX).connect(f"{folder}/{name}")
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen()
print("went on", flush=True)
for child in children:
    os.kill(child, signal.SIGKILL)
for child in children:
    os.waitpid(child, 0)
print("done")
"""


CONNECT = r"""
import socket, sys
try:
    socket.socket(socket.AF_UNIX).connect(sys.argv[1])
except OSError as error:
    print(error.strerror)
"""


# A name is being changed there and never will be; sockets elsewhere are reached meanwhile.
CHANGE = r"""
import os, signal, socket, sys, time
live, folder = sys.argv[1:3]
child = os.fork()
if child == 0:
    os.mkdir(live + "/never")
    os._exit(1)
while not os.path.exists(folder + "/asked"):
    time.sleep(0.01)
for name in ("a", "b"):
    server = socket.socket(socket.AF_UNIX)
    server.bind(f"{folder}/{name}")
    server.listen()
    socket.socket(socket.AF_UNIX).connect(f"{folder}/{name}")
    os.mkdir(f"{folder}/folder-{name}")
print("went on", flush=True)
os.kill(child, signal.SIGKILL)
os.waitpid(child, 0)
print("done")
"""


# Code says that it is from files there: what cannot be looked at is not believed, and not
# waited for.
CODE = r"""
import importlib.util, os, subprocess, sys, threading, time
live, dead, stuck, guarded = sys.argv[1:5]
sys.dont_write_bytecode = True
spec = importlib.util.spec_from_file_location("module", live + "/module.py")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)

def read_at_last():
    # A busy machine is waited for no longer than a server that answers never; and who was
    # waited for in vain is not waited for as long for a while.
    while True:
        try:
            return module.read(guarded)
        except PermissionError:
            time.sleep(0.1)

print(read_at_last(), flush=True)

def claim(name):
    text = "def read(path):\n    with open(path) as file:\n        return file.read()\n"
    names = {}
    exec(compile(text, name, "exec"), names)
    try:
        print(names["read"](guarded), flush=True)
    except PermissionError:
        denied.append(name)

denied = []
names = [f"{dead}/{number}/module.py" for number in range(99)] + [stuck]
threads = [threading.Thread(target=claim, args=(name,)) for name in names]
for thread in threads:
    thread.start()
    subprocess.run(["true"], check=True)
for thread in threads:
    thread.join()
print("denied", len(denied), flush=True)
print(read_at_last(), flush=True)
os._exit(0)
"""


def enter(arguments):
    flags = ["--mount"] + ([] if os.geteuid() == 0 else ["--user", "-r"])
    probe = subprocess.run(["unshare", *flags, "true"], capture_output=True)
    if probe.returncode != 0 or not os.access("/dev/fuse", os.R_OK | os.W_OK):
        print("skipped: no mount namespace or /dev/fuse:", probe.stderr.decode().strip())
        sys.exit(0)
    os.execvp("unshare", ["unshare", *flags, sys.executable, *arguments, "--inside"])


def mount(folder):
    libc = ctypes.CDLL(None, use_errno=True)
    device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0".encode()
    if libc.mount(b"test", folder.encode(), b"fuse", 6, options) != 0:
        print("skipped: a FUSE file system cannot be mounted:",
              os.strerror(ctypes.get_errno()))
        sys.exit(0)
    return device


class Server:
    """Files: /hello, /secret, /module.py, /stuck, whose content never comes, and /socket,
    where nobody listens. The file at asked says when a folder is to be made, which is never made."""

    NODES = {b"hello": 2, b"secret": 3, b"stuck": 4, b"module.py": 5,
             b"socket": 6}

    def __init__(self, device):
        self.device = device
        self.asked = None
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                request = os.read(self.device, 1 << 20)
            except OSError:
                return
            _, code, unique, node = struct.unpack_from("IIQQ", request)
            answer = self.answer(code, node, request[40:])
            if answer is None:
                continue
            error, data = answer
            self.reply(unique, error, data)

    def reply(self, unique, error, data):
        try:
            os.write(self.device, struct.pack("IiQ", 16 + len(data), -error, unique) + data)
        except FileNotFoundError:
            pass  # it was answered before it was interrupted

    def attributes(self, node):
        mode = {1: stat.S_IFDIR | 0o755, self.NODES[b"socket"]: stat.S_IFSOCK | 0o777}.get(
            node, stat.S_IFREG | 0o644)
        return struct.pack("QQQQQQIIIIIIIIII", node, len(self.content(node)), 1, 0, 0, 0, 0,
                           0, 0, mode, 1, 0, 0, 0, 4096, 0)

    def content(self, node):
        return MODULE if node == self.NODES[b"module.py"] else HELLO

    def answer(self, code, node, data):
        if code == 26:  # INIT
            return 0, struct.pack("IIIIHHIIHHI28x", 7, 31, 65536, 0, 1, 1, 4096, 1, 1, 0, 0)
        if code in (2, 42):  # FORGET, BATCH_FORGET
            return None
        if code == 36:  # INTERRUPT
            self.reply(struct.unpack_from("Q", data)[0], 4, b"")
            return None
        if code == 1:  # LOOKUP
            found = self.NODES.get(data.rstrip(b"\0"))
            # Nothing may be kept: each look-up is asked anew.
            return (0, struct.pack("QQQQII", found, 0, 0, 0, 0, 0) +
                    self.attributes(found)) if found else (2, b"")
        if code == 9:  # MKDIR
            with open(self.asked, "w", encoding="ascii"):
                return None
        if code == 3:  # GETATTR
            return 0, struct.pack("QII", 0, 0, 0) + self.attributes(node)
        if code in (14, 27):  # OPEN, OPENDIR
            return 0, struct.pack("QII", 1, 0, 0)
        if code == 15:  # READ
            if node == self.NODES[b"stuck"]:
                return None
            _, offset, size = struct.unpack_from("QQI", data)
            return 0, self.content(node)[offset:offset + size]
        if code == 17:  # STATFS
            return 0, bytes(80)
        if code in (18, 25, 29, 34):  # RELEASE, FLUSH, RELEASEDIR, ACCESS
            return 0, b""
        return 38, b""


class Test:
    def __init__(self, duenna):
        self.duenna = duenna
        self.root = os.path.realpath(tempfile.mkdtemp(prefix="slow-e2e."))
        self.failed = 0
        for name in ("home", "run", "dead", "live", "later", "cwd"):
            os.mkdir(os.path.join(self.root, name), mode=0o700)
        for name in ("dead", "live", "later"):
            os.symlink(self.path(name), self.path("to-" + name))
        with open(self.path("rules"), "w", encoding="utf-8") as file:
            file.write(RULES)
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": self.path("home"),
                            "LC_ALL": "C.UTF-8", "XDG_RUNTIME_DIR": self.path("run"),
                            **{name: value for name, value in os.environ.items()
                               if name.endswith("SAN_OPTIONS")}}
        # To look for leaks every thread is stopped, and those that wait for the dead cannot.
        self.environment["ASAN_OPTIONS"] = \
            os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"

    def path(self, name):
        return os.path.join(self.root, name)

    def start(self, *command, carrier="auto"):
        return subprocess.Popen(
            [self.duenna, "run", "--ask", "deny", "--quiet", "--carrier", carrier,
             "--rules", self.path("rules"), "--", *command],
            cwd=self.path("home"), env=self.environment, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def expect(self, what, process, wanted, status=0, typed=""):
        try:
            said = process.communicate(typed, timeout=LIMIT)[0]
        except subprocess.TimeoutExpired:
            process.kill()
            said = "(stalled)"
        if said != wanted or process.returncode != status:
            self.failed += 1
            print(f"{what}: status {process.returncode}, said {said!r}, not {wanted!r}")


def test_dead(test, carrier):
    arguments = [sys.executable, "-c", USES, test.path("dead"), test.path("to-dead"),
                 test.path("cwd")]
    test.expect(f"dead, carrier {carrier}", test.start(*arguments, carrier=carrier),
                "went on\ndone\n")


def test_live(test, carrier):
    text = HELLO.decode()
    for name in ("live/hello", "to-live/hello", "home/../to-live/./hello"):
        test.expect(f"{name}, carrier {carrier}",
                    test.start("cat", test.path(name), carrier=carrier), text)
    for name in ("live/socket", "to-live/socket"):
        test.expect(f"{name}, carrier {carrier}",
                    test.start(sys.executable, "-c", CONNECT, test.path(name),
                               carrier=carrier), "Connection refused\n")
    test.expect("nothing there", test.start("cat", test.path("live/none"), carrier=carrier),
                f"cat: {test.path('live/none')}: No such file or directory\n", 1)
    test.expect("denied", test.start("cat", test.path("to-live/secret"), carrier=carrier),
                f"cat: {test.path('to-live/secret')}: Permission denied\n", 1)


def test_busy(test, carrier):
    folder = test.path("busy-" + carrier)
    os.mkdir(folder)
    test.expect(f"busy files, carrier {carrier}",
                test.start(sys.executable, "-c", BUSY, test.path("live/stuck"), folder,
                           str(LARGE), carrier=carrier),
                "went on\ndone\n")


def test_memory(test, carrier):
    folder = test.path("memory-" + carrier)
    os.mkdir(folder)
    test.expect(f"memory, carrier {carrier}",
                test.start(sys.executable, "-c", MEMORY, test.path("live/stuck"), folder,
                           "160", carrier=carrier),
                "went on\n")


def test_code(test, carrier):
    if not (3, 11) <= sys.version_info < (3, 16):
        print("skipped: no Python whose stacks can be read")
        return
    with open(test.path("guarded"), "w", encoding="ascii") as file:
        file.write("guarded")
    with open(test.path("program.py"), "w", encoding="ascii") as file:
        file.write(CODE)
    test.expect(f"code, carrier {carrier}",
                test.start(sys.executable, test.path("program.py"), test.path("live"),
                           test.path("dead"), test.path("live/stuck"), test.path("guarded"),
                           carrier=carrier),
                "guarded\ndenied 100\nguarded\n")


def test_crowd(test, carrier):
    folder = test.path("crowd-" + carrier)
    os.mkdir(folder)
    test.expect(f"a crowd, carrier {carrier}",
                test.start(sys.executable, "-c", CROWD, test.path("dead"), folder,
                           carrier=carrier),
                "went on\ndone\n")


def test_change(test, server, carrier):
    folder = test.path("change-" + carrier)
    os.mkdir(folder)
    server.asked = folder + "/asked"
    test.expect(f"a change, carrier {carrier}",
                test.start(sys.executable, "-c", CHANGE, test.path("live"), folder,
                           carrier=carrier),
                "went on\ndone\n")


# Root's mount, which the kernel shows to nobody else.
GIVEN_UP = r"""
import os, sys
print(open(sys.argv[1]).read(), end="", flush=True)
try:
    os.setgroups([])
    os.setresgid(1, 1, 1)
    os.setresuid(1, 1, 1)
except OSError:
    print("Permission denied")
    sys.exit(0)
for flags in (os.O_RDONLY, os.O_WRONLY):
    try:
        os.open(sys.argv[2], flags)
        print("opened")
    except OSError as error:
        if flags == os.O_RDONLY:
            print(error.strerror)
"""


def test_given_up(test, carrier):
    os.chmod(test.root, 0o711)
    test.expect(f"root given up, carrier {carrier}",
                test.start("/usr/bin/python3", "-c", GIVEN_UP, test.path("live/hello"),
                           test.path("live/module.py"), carrier=carrier),
                "hello from the server\nPermission denied\n")


def test_mounted_later(test, mounted):
    """The session knows what is mounted after it began."""
    process = test.start("sh", "-c", 'echo ready; read -r line; cat "$1/x" & a=$!; '
                         'cat "$2/x" & b=$!; cat /etc/hostname >/dev/null; echo went on; '
                         'kill -9 $a $b; wait',
                         "sh", test.path("later"), test.path("to-later"))
    process.stdout.readline()
    mounted.append(mount(test.path("later")))
    test.expect("mounted later", process, "went on\n", 0, "go\n")


def main():
    if sys.argv[-1] != "--inside":
        enter(sys.argv)
    test = Test(os.path.realpath(sys.argv[1]))
    mounted = []
    try:
        mounted.append(mount(test.path("dead")))
        live = mount(test.path("live"))
        mounted.append(live)
        server = Server(live)
        for carrier in ("auto", "trace"):
            test_live(test, carrier)
            test_dead(test, carrier)
            test_change(test, server, carrier)
            test_busy(test, carrier)
            test_memory(test, carrier)
            test_code(test, carrier)
            test_crowd(test, carrier)
            test_given_up(test, carrier)
        test_mounted_later(test, mounted)
    finally:
        for name in ("dead", "live", "later"):
            subprocess.run(["umount", "-l", test.path(name)], capture_output=True)
        for device in mounted:
            os.close(device)
        shutil.rmtree(test.root)
    sys.exit(1 if test.failed else 0)


main()
