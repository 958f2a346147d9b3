#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Labels: after a process read a secret, neither it nor anyone that may know it connects.

Each way is a small program run under Duenna with the rule `deny connect ... after
secret`. A server outside the tree sees whether it was reached. Every way has a twin that
reads a file without the label instead, and has to reach the server.
"""
import argparse
import ctypes
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

HEAD = """
import ctypes, fcntl, mmap, os, pty, signal, socket, subprocess, sys, threading, time
SECRET, PORT = sys.argv[1], int(sys.argv[2])
def know():
    with open(SECRET) as file:
        return file.read()
def tell(text="x"):
    with socket.create_connection(("127.0.0.1", PORT), 5) as peer:
        peer.sendall(b"told")
def child(action):
    pid = os.fork()
    if pid == 0:
        try:
            action()
        finally:
            os._exit(0)
    return pid
def wait(pid):
    os.waitpid(pid, 0)
libc = ctypes.CDLL(None)
class Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
def vm_call(name, pid, buffer):
    vector = Iovec(ctypes.addressof(buffer), len(buffer))
    getattr(libc, name)(pid, ctypes.byref(vector), 1, ctypes.byref(vector), 1, 0)
"""

# A program each. SECRET is the labelled file, or the other one.
WAYS = {
    "itself": "know(); tell()",
    "its child": "know(); wait(child(tell))",
    "its new image": """
know()
os.execv(sys.executable, [sys.executable, "-c",
    f"import socket; socket.create_connection(('127.0.0.1', {PORT}), 5)"])
""",
    "another thread": """
thread = threading.Thread(target=know); thread.start(); thread.join(); tell()
""",
    "by a pipe": """
r, w = os.pipe()
pid = child(lambda: os.write(w, know().encode()))
os.close(w); os.read(r, 99); wait(pid); tell()
""",
    "by a shell's pipeline": """
subprocess.run(["sh", "-c", f"cat {SECRET} | {sys.executable} -c '"
    f"import sys,socket; sys.stdin.read(); socket.create_connection((\\"127.0.0.1\\", {PORT}), 5)'"])
""",
    "by a command's output": "subprocess.check_output(['cat', SECRET]); tell()",
    "by a pair of sockets": """
a, b = socket.socketpair()
def action():
    b.close(); a.sendall(know().encode())
pid = child(action)
a.close(); b.recv(99); wait(pid); tell()
""",
    "by a program behind a relay": """
server = subprocess.Popen([sys.executable, "-c", f"import sys; sys.stdin.readline(); "
    f"print(open({SECRET!r}).read(), flush=True); sys.stdin.read()"],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE)
server.stdin.write(b"x\\n"); server.stdin.flush(); server.stdout.readline()
tell(); server.stdin.close(); server.wait()
""",
    "to a program behind a relay": """
server = subprocess.Popen([sys.executable, "-c", f"import socket, sys; "
    f"sys.stdin.readline(); socket.create_connection(('127.0.0.1', {PORT}), 5)"],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE)
server.stdin.write(know().encode() + b"\\n"); server.stdin.flush(); server.wait()
""",
    "by a server of the tree": """
name = os.path.join(os.getcwd(), "socket")
server = socket.socket(socket.AF_UNIX); server.bind(name); server.listen()
def action():
    client = socket.socket(socket.AF_UNIX); client.connect(name)
    client.sendall(know().encode())
pid = child(action)
peer, _ = server.accept(); peer.recv(99); wait(pid); tell()
""",
    "by a server of the tree, asked later": """
name = "\\0duenna-labels-%d" % os.getpid()
server = socket.socket(socket.AF_UNIX); server.bind(name); server.listen()
def action():
    text = know()
    client = socket.socket(socket.AF_UNIX); client.connect(name)
    client.sendall(text.encode())
pid = child(action)
wait(pid); peer, _ = server.accept(); peer.recv(99); tell()
""",
    "by a TCP server of the tree": """
server = socket.create_server(("127.0.0.1", 0)); port = server.getsockname()[1]
def action():
    client = socket.create_connection(("127.0.0.1", port))
    client.sendall(know().encode())
pid = child(action)
peer, _ = server.accept(); peer.recv(99); wait(pid); tell()
""",
    "by a datagram": """
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); server.bind(("127.0.0.1", 0))
def action():
    text = know()
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(
        text.encode(), server.getsockname())
pid = child(action)
server.recv(99); wait(pid); tell()
""",
    "from a server of the tree": """
server = socket.create_server(("127.0.0.1", 0)); port = server.getsockname()[1]
def action():
    text = know()
    peer, _ = server.accept(); peer.sendall(text.encode())
pid = child(action)
server.close()
client = socket.create_connection(("127.0.0.1", port)); client.recv(99); wait(pid); tell()
""",
    "by a passed descriptor": """
a, b = socket.socketpair()
def action():
    b.close()
    socket.send_fds(a, [b"x"], [os.open(SECRET, os.O_RDONLY)])
pid = child(action)
a.close()
_, fds, _, _ = socket.recv_fds(b, 9, 1); os.read(fds[0], 99); wait(pid); tell()
""",
    "by a pipe that was on its way meanwhile": """
r, w = os.pipe()
a, b = socket.socketpair()
socket.send_fds(a, [b"x"], [r])
os.close(r); a.close()
def action():
    b.close(); os.write(w, know().encode())
pid = child(action)
os.close(w); wait(pid)
_, fds, _, _ = socket.recv_fds(b, 9, 1); os.read(fds[0], 99); tell()
""",
    "by a file that was on its way meanwhile": """
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
open("kept", "w").close()
with open("kept") as file:
    socket.send_fds(a, [b"x"], [file.fileno()])
a.close()
def action():
    b.close()
    with open("kept", "w") as file:
        file.write(know())
wait(child(action))
_, fds, _, _ = socket.recv_fds(b, 9, 1); os.read(fds[0], 99); tell()
""",
    "by shared memory": """
memory = mmap.mmap(-1, 4096)
def action():
    memory[:1] = know().encode()[:1]
wait(child(action)); tell()
""",
    "by a datagram to a socket whose name is gone": """
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind("receiver")
r, w = os.pipe()
def action():
    os.close(r); receiver.close()
    sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sender.connect("receiver"); os.write(w, b"x"); os.close(w)
    while os.path.exists("receiver"):
        time.sleep(0.01)
    sender.send(know().encode())
pid = child(action)
os.close(w); os.read(r, 1); os.close(r)
os.unlink("receiver"); wait(pid); receiver.recv(99); tell()
""",
    "by a connection that waits at a socket whose name is gone": """
server = socket.socket(socket.AF_UNIX)
server.bind("server"); server.listen()
r, w = os.pipe()
def action():
    os.close(r); server.close()
    client = socket.socket(socket.AF_UNIX)
    client.connect("server"); os.write(w, b"x"); os.close(w)
    while os.path.exists("server"):
        time.sleep(0.01)
    client.send(know().encode())
pid = child(action)
os.close(w); os.read(r, 1); os.close(r)
os.unlink("server"); wait(pid); server.accept()[0].recv(99); tell()
""",
    "by a key": """
ADD_KEY, KEYCTL, USER, SEARCH, READ = 248, 250, -4, 10, 11
def action():
    text = know().encode()
    libc.syscall(ADD_KEY, b"user", b"duenna-label", text, len(text), USER)
wait(child(action))
key = libc.syscall(KEYCTL, SEARCH, USER, b"user", b"duenna-label", 0)
libc.syscall(KEYCTL, READ, key, ctypes.create_string_buffer(99), 99)
libc.syscall(KEYCTL, 21, key); tell()
""",
    "by values of semaphores with a key": """
IPC_CREAT, SETVAL, GETVAL, IPC_RMID = 0o1000, 16, 12, 0
number = libc.semget(os.getpid(), 9, IPC_CREAT | 0o600)
def action():
    for at, byte in enumerate(know().encode()[:9]):
        libc.semctl(number, at, SETVAL, byte)
wait(child(action))
libc.semctl(number, 0, GETVAL); libc.semctl(number, 0, IPC_RMID); tell()
""",
    "by a private mapping of a file": """
with open("kept", "wb") as file:
    file.write(bytes(4096))
libc.mmap.restype = ctypes.c_void_p
with open("kept", "rb") as file:
    memory = libc.mmap(None, ctypes.c_size_t(4096), 1, 2, file.fileno(), ctypes.c_long(0))
def action():
    libc.munmap(ctypes.c_void_p(memory), ctypes.c_size_t(4096))
    with open("kept", "r+") as file:
        file.write(know())
wait(child(action)); ctypes.string_at(memory, 9); tell()
""",
    "by a mapping that may be read later only": """
with open("kept", "wb") as file:
    file.write(bytes(4096))
libc.mmap.restype = ctypes.c_void_p
with open("kept", "rb") as file:
    memory = libc.mmap(None, ctypes.c_size_t(4096), 0, 1, file.fileno(), ctypes.c_long(0))
def action():
    libc.munmap(ctypes.c_void_p(memory), ctypes.c_size_t(4096))
    with open("kept", "r+") as file:
        file.write(know())
wait(child(action))
libc.mprotect(ctypes.c_void_p(memory), ctypes.c_size_t(4096), 1)
ctypes.string_at(memory, 9); tell()
""",
    "by shared memory behind more mappings than are read": """
memory = mmap.mmap(-1, 4096)
folder = os.path.join(os.getcwd(), *15 * ["n" * 200])
os.makedirs(folder, exist_ok=True)
libc.mmap.restype = ctypes.c_void_p
def action():
    with open(os.path.join(folder, "data"), "wb+") as file:
        file.truncate(8192)
        for i in range(7000):
            libc.mmap(None, ctypes.c_size_t(4096), 1 + i % 2 * 2, 2, file.fileno(),
                      ctypes.c_long(0))
    memory[:1] = know()[:1].encode()
pid = child(action)
wait(pid); tell()
""",
    "by shared memory with the name of Duenna's": """
fd = os.memfd_create("duenna-arguments")
os.ftruncate(fd, 4096)
libc.mmap.restype = ctypes.c_void_p
place = libc.mmap(None, ctypes.c_size_t(4096), 3, 1, fd, ctypes.c_long(0))
os.close(fd)
wait(child(lambda: ctypes.memmove(place, know().encode(), 1))); tell()
""",
    "by a memory file": """
fd = os.memfd_create("x")
wait(child(lambda: os.write(fd, know().encode()))); os.pread(fd, 99, 0); tell()
""",
    "by a file": """
wait(child(lambda: open("copy", "w").write(know()))); open("copy").read(); tell()
""",
    "by a file opened before": """
reader = open("log", "w+")
wait(child(lambda: open("log", "a").write(know()))); reader.read(); tell()
""",
    "by a file open for both": """
file = os.open("both", os.O_RDWR | os.O_CREAT, 0o600)
wait(child(lambda: os.write(file, know().encode()))); os.pread(file, 99, 0); tell()
""",
    "by a renamed copy": """
wait(child(lambda: open("copy", "w").write(know()))); os.rename("copy", "other")
open("other").read(); tell()
""",
    "by a moved folder": """
os.mkdir("one"); wait(child(lambda: open("one/copy", "w").write(know())))
os.rename("one", "two"); open("two/copy").read(); tell()
""",
    "by a new name of the secret": """
os.rename(SECRET, "plain"); open("plain").read(); tell()
""",
    "by a hard link": "os.link(SECRET, 'link'); open('link').read(); tell()",
    "by a symbolic link": "os.symlink(SECRET, 'link'); open('link').read(); tell()",
    "by another name of a file": """
open("one", "w").close(); os.link("one", "two")
wait(child(lambda: open("one", "w").write(know()))); open("two").read(); tell()
""",
    "by another name of a file that is open": """
open("one", "w").close(); reader = open("one"); os.link("one", "two")
def action():
    text = know(); open("two", "w").write(text)
wait(child(action)); reader.read(); tell()
""",
    "by the name that is left of two": """
open("one", "w").close(); os.link("one", "two")
wait(child(lambda: open("one", "w").write(know()))); os.unlink("one"); open("two").read(); tell()
""",
    "by a mapping without its descriptor": """
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + 3 * [ctypes.c_int] + [ctypes.c_long]
open("map", "wb").write(bytes(4096)); os.link("map", "other")
def action():
    fd = os.open("map", os.O_RDWR); memory = libc.mmap(None, 4096, 3, 1, fd, 0); os.close(fd)
    text = know().encode(); ctypes.memmove(memory, text, len(text))
wait(child(action)); open("other", "rb").read(9); tell()
""",
    "by a named pipe of two names": """
os.mkfifo("one"); reader = os.open("one", os.O_RDONLY | os.O_NONBLOCK); os.link("one", "two")
def action():
    os.close(reader); text = know(); os.write(os.open("two", os.O_WRONLY), text.encode())
wait(child(action)); os.read(reader, 99); tell()
""",
    "by a terminal that is opened later": """
master, slave = pty.openpty(); name = os.ttyname(slave)
def action():
    os.close(master); os.close(slave); text = know()
    os.write(os.open(name, os.O_WRONLY | os.O_NOCTTY), text.encode())
wait(child(action)); os.read(master, 99); tell()
""",
    "by its own terminal": """
master, slave = pty.openpty(); TIOCSCTTY = 0x540e
def action():
    os.close(master); os.setsid(); fcntl.ioctl(slave, TIOCSCTTY, 0); os.close(slave)
    text = know(); os.write(os.open("/dev/tty", os.O_WRONLY), text.encode())
wait(child(action)); os.read(master, 99); tell()
""",
    "by a named pipe that is waited for": """
os.mkfifo("way"); reader = os.getpid()
def action():
    while open(f"/proc/{reader}/stat").read().rsplit(")", 1)[1].split()[0] != "S":
        pass
    text = know(); open("way", "w").write(text)
pid = child(action)
open("way").read(); wait(pid); tell()
""",
    "by a terminal that is read later": """
os.mkfifo("name"); os.mkfifo("done")
def action():
    master, slave = pty.openpty(); open("name", "w").write(os.ttyname(slave))
    os.write(master, know().encode() + b"\\n"); os.open("done", os.O_RDONLY)
pid = child(action); name = open("name").read()
slave = os.open(name, os.O_RDWR | os.O_NOCTTY)
os.read(slave, 99); os.close(slave)
try:
    tell()
finally:
    os.kill(pid, signal.SIGKILL)
""",
    "at a port that somebody listens at later": """
with socket.create_server(("127.0.0.1", 0)) as first:
    port = first.getsockname()[1]
def action():
    text = know().encode(); socket.socket().connect_ex(("127.0.0.1", port))
    open("tried", "w").close()
    while True:
        with socket.socket() as peer:
            if peer.connect_ex(("127.0.0.1", port)) == 0:
                peer.sendall(text); return
pid = child(action)
while not os.path.exists("tried"):
    time.sleep(0.01)
server = socket.create_server(("127.0.0.1", port)); wait(pid); server.accept()[0].recv(9); tell()
""",
    "by a message queue": """
rt = ctypes.CDLL("librt.so.1"); name = b"/labels-%d" % os.getpid()
attributes = (ctypes.c_long * 8)(0, 4, 64)
reader = rt.mq_open(name, os.O_RDONLY | os.O_CREAT, 0o600, attributes)
def action():
    os.close(reader); text = know().encode()
    rt.mq_send(rt.mq_open(name, os.O_WRONLY), text, len(text), 0)
wait(child(action)); rt.mq_unlink(name)
assert rt.mq_receive(reader, ctypes.create_string_buffer(64), 64, None) > 0
tell()
""",
    "by netlink": """
NETLINK_USERSOCK = 2
reader = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_USERSOCK)
reader.bind((0, 0)); port = reader.getsockname()[0]
def action():
    reader.close()
    writer = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_USERSOCK)
    writer.sendto(know().encode().ljust(32), (port, 0))
wait(child(action)); reader.recv(99); tell()
""",
    "by a named pipe": """
os.mkfifo("fifo")
pid = child(lambda: open("fifo", "w").write(know()))
open("fifo").read(); wait(pid); tell()
""",
    "by a terminal": """
pid, master = pty.fork()
if pid == 0:
    print(know()); sys.stdout.flush(); os._exit(0)
os.read(master, 99); wait(pid); tell()
""",
    "by copying": """
subprocess.run(["cp", SECRET, "copy"]); subprocess.run(["tar", "cf", "all.tar", "copy"])
open("all.tar", "rb").read(); tell()
""",
    "by its memory": """
a, b = os.pipe()
c, d = os.pipe()
def action():
    os.close(a); os.close(d); know(); os.write(b, b"x"); os.read(c, 1)
pid = child(action)
os.close(b); os.close(c)
os.read(a, 1)
try:
    open(f"/proc/{pid}/mem", "rb").close()
except OSError:
    pass
os.close(d); wait(pid); tell()
""",
    "by reading another's memory": """
c, d = os.pipe()
buffer = ctypes.create_string_buffer(b"nothing", 16)
def action():
    os.close(d); os.read(c, 1); buffer.value = know().encode(); os.read(c, 1)
pid = child(action)
os.close(c); os.write(d, b"x")
while buffer.value == b"nothing":
    vm_call("process_vm_readv", pid, buffer); time.sleep(0.01)
try:
    tell()
finally:
    os.close(d); wait(pid)
""",
    "by reading another's environment": """
pid = os.fork()
if pid == 0:
    os.execve("/bin/sleep", ["sleep", "60"], {"KNOWN": know()})
try:
    while b"KNOWN" not in open(f"/proc/{pid}/environ", "rb").read():
        time.sleep(0.01)
    tell()
finally:
    os.kill(pid, signal.SIGKILL); wait(pid)
""",
    "by writing another's memory": """
buffer = ctypes.create_string_buffer(b"something", 16)
r, w = os.pipe()
parent = os.getpid()
def action():
    os.close(w); os.read(r, 1); know(); vm_call("process_vm_writev", parent, buffer)
pid = child(action)
os.close(r); os.close(w); wait(pid); tell()
""",
    "by memory shared later": """
libc.shmat.restype = ctypes.c_void_p
segment = libc.shmget(0, 4096, 0o1600)
r, w = os.pipe()
def action():
    os.close(w); text = know().encode(); at = libc.shmat(segment, None, 0)
    ctypes.memmove(at, text, len(text)); os.read(r, 1)
pid = child(action)
os.close(r)
at = libc.shmat(segment, None, 0)
while not ctypes.string_at(at, 1).strip(b"\\0"):
    time.sleep(0.01)
try:
    tell()
finally:
    os.close(w); wait(pid); libc.shmctl(segment, 0, None)
""",
    "by memory shared later, by way of another": """
libc.shmat.restype = ctypes.c_void_p
one, two = libc.shmget(0, 4096, 0o1600), libc.shmget(0, 4096, 0o1600)
def text_at(segment):
    at = libc.shmat(segment, None, 0)
    while not ctypes.string_at(at, 1).strip(b"\\0"):
        time.sleep(0.01)
    return ctypes.string_at(at)
def put(segment, text):
    ctypes.memmove(libc.shmat(segment, None, 0), text, len(text))
r, w = os.pipe()
def reader():
    os.close(w); put(one, know().encode()); os.read(r, 1)
def between():
    os.close(w); put(two, text_at(one)); os.read(r, 1)
pids = [child(reader), child(between)]
os.close(r)
text_at(two)
try:
    tell()
finally:
    os.close(w); [wait(pid) for pid in pids]
    libc.shmctl(one, 0, None); libc.shmctl(two, 0, None)
""",
    "by splicing": """
r1, w1 = os.pipe(); r2, w2 = os.pipe()
def reader():
    os.write(w1, know().encode()); os.close(w1)
pids = [child(reader), child(lambda: os.splice(r1, w2, 99))]
os.close(r1); os.close(w1); os.close(w2); os.read(r2, 99); [wait(pid) for pid in pids]
tell()
""",
    "by a file mapped before": """
with open("map", "w+b") as file:
    file.write(bytes(4096)); file.flush(); memory = mmap.mmap(file.fileno(), 4096)
def action():
    os.pwrite(os.open("map", os.O_RDWR), know().encode(), 0)
wait(child(action)); memory[:9]; tell()
""",
    "by a file of the system mapped before": """
try:
    file = open("/usr/src/map", "w+b")
except OSError:
    file = open("map", "w+b")
file.write(bytes(4096)); file.flush(); memory = mmap.mmap(file.fileno(), 4096)
for number in os.listdir("/proc/self/fd"):
    try:
        if os.readlink("/proc/self/fd/" + number) == os.path.abspath(file.name):
            os.close(int(number))
    except OSError:
        pass
def action():
    memory[:9] = know()[:9].encode().ljust(9)
wait(child(action)); memory[:9]; tell()
""",
    "from a file mapped before": """
with open("map", "w+b") as file:
    file.write(bytes(4096)); file.flush(); memory = mmap.mmap(file.fileno(), 4096)
def action():
    text = know().encode(); memory[:len(text)] = text
wait(child(action)); memory.close(); open("map", "rb").read(9); tell()
""",
    "by a command line": """
# It stops by itself, so that nothing is shared to wait by.
pid = child(lambda: os.execv("/bin/sh", ["sh", "-c", "kill -STOP $$", know()]))
os.waitpid(pid, os.WUNTRACED); open(f"/proc/{pid}/cmdline").read()
os.kill(pid, 18); wait(pid); tell()
""",
    "by a grandchild": "wait(child(lambda: (know(), wait(child(tell)))))",
    "from a missing file made later": """
path = SECRET + ".bak"
try:
    open(path)
except FileNotFoundError:
    pass
os.rename(SECRET, path); open(path).read(); tell()
""",
}

# These read the secret, and yet nobody that may know it connects.
KEPT_APART = {
    "looks at memory that is not there": """
nowhere = Iovec(8, 8)
def action():
    libc.process_vm_readv(os.getppid(), ctypes.byref(nowhere), 1, ctypes.byref(nowhere), 1, 0)
    try:
        os.close(os.open(f"/proc/{os.getppid()}/environ", os.O_WRONLY))
    except OSError:
        pass
for _ in range(3):
    wait(child(action))
tell()
""",
    "a child that says nothing": """
wait(child(know)); tell()
""",
    "a child that only listens": """
r, w = os.pipe()
def action():
    os.close(w); know(); os.read(r, 1)
pid = child(action)
os.close(r); os.close(w); wait(pid); tell()
""",
    "a look for what is not there": """
try:
    open(SECRET + ".none")
except FileNotFoundError:
    pass
tell()
""",
    "a device": """
wait(child(lambda: open("/dev/null", "w").write(know()))); open("/dev/null").read(); tell()
""",
}


class Server:
    """Counts who reaches it."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.reached = 0
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            peer, _ = self.socket.accept()
            self.reached += 1
            peer.close()


class Place:
    def __init__(self, options):
        self.options = options
        self.server = Server()
        self.top = os.path.realpath(tempfile.mkdtemp(prefix="duenna-labels-"))
        self.number = 0

    def run(self, program, name):
        """Whether the server was reached, and what was said on stderr."""
        self.number += 1
        folder = os.path.join(self.top, str(self.number))
        os.mkdir(folder)
        for file in ("secret", "plain.txt"):
            with open(os.path.join(folder, file), "w", encoding="ascii") as out:
                out.write("something\n")
        rules = os.path.join(self.top, "rules")
        with open(rules, "w", encoding="ascii") as out:
            out.write("allow any *\nlabel secret {project}/secret*\n"
                      f"deny connect 127.0.0.1:{self.server.port} after secret\n")
        before = self.server.reached
        done = subprocess.run(
            [self.options.duenna, "run", "--no-default-profiles", "--rules", rules,
             "--db", os.path.join(self.top, "db"), "--ask", "deny", "--project", folder,
             "--carrier", self.options.carrier, "--",
             sys.executable, "-c", HEAD + program, os.path.join(folder, name),
             str(self.server.port)],
            cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=120, check=False)
        # The peer that was told is counted by another thread; its own end comes first.
        with socket.create_connection(("127.0.0.1", self.server.port)) as mark:
            mark.recv(1)
        return self.server.reached - before > 1, done.stderr


def change_own_system():
    """As root, with files of the system that can be changed and are nobody else's."""
    clone_newns, ms_rec, ms_private = 0x20000, 0x4000, 0x40000
    libc = ctypes.CDLL(None)
    if os.geteuid() == 0 and libc.unshare(clone_newns) == 0:
        libc.mount(b"none", b"/", None, ms_rec | ms_private, None)
        libc.mount(b"none", b"/usr/src", b"tmpfs", 0, None)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--duenna", required=True)
    parser.add_argument("--carrier", default="auto")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    change_own_system()
    place = Place(options)
    failures = 0
    cases = [(name, program, "secret", False) for name, program in WAYS.items()]
    cases += [(name, program, "plain.txt", True) for name, program in WAYS.items()
              if name != "from a missing file made later"]
    cases += [(name, program, "secret", True) for name, program in KEPT_APART.items()]
    for name, program, file, expected in cases:
        if options.names and name not in options.names:
            continue
        reached, said = place.run(program, file)
        if reached != expected:
            failures += 1
            print(f"WRONG    {name} ({file}): {'reached' if reached else 'held'}\n{said}")
    shutil.rmtree(place.top)
    print(f"{len(cases)} ways tried, {failures} wrong")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
