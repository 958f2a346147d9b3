#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What asks for names and connects, in the tree; names.py runs it. Prints what came of it."""

import errno
import os
import socket
import struct
import sys
import threading
import time

RECORD_A = 1


def resolver():
    with open("/etc/resolv.conf", encoding="utf-8") as file:
        return (file.read().split()[1], 53)


def make_query(name, number=None):
    parts = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    number = os.urandom(2) if number is None else number
    return number + struct.pack(">HHHHH", 0x0100, 1, 0, 0, 0) + parts + b"\0" + \
        struct.pack(">HH", RECORD_A, 1)


def address_in(reply):
    """The data of the last record, which is an address in the answers used here."""
    return socket.inet_ntoa(reply[-4:])


def connect(address, port):
    try:
        socket.create_connection((address, int(port)), timeout=60).close()
        return "connected"
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error))


def receive(ask, query, sender, parts=2):
    """As careful libraries do: only an answer from whom was asked counts."""
    while True:
        reply, source = ask.recvfrom(4096)
        if source[:parts] == sender[:parts] and reply[:2] == query[:2]:
            return reply


def look_up(way, name):
    query = make_query(name)
    if way == "stream":
        with socket.create_connection(resolver(), timeout=60) as ask:
            ask.sendall(struct.pack(">H", len(query)) + query)
            with ask.makefile("rb") as incoming:
                return address_in(incoming.read(struct.unpack(">H", incoming.read(2))[0]))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ask:
        ask.settimeout(60)
        if way == "connected":
            ask.connect(resolver())
            ask.send(query)
            return address_in(receive(ask, query, resolver(), 1))
        ask.sendto(query, resolver())
        return address_in(receive(ask, query, resolver()))


def by_name(way, name, port):
    return connect(name if way == "glibc" else look_up(way, name), port)


def sender(name):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ask:
        ask.settimeout(60)
        ask.connect(resolver())
        query = make_query(name)
        ask.send(query)
        receive(ask, query, resolver(), 1)
        return ask.getpeername()[0]


def unanswered(name):
    """To send a question takes less time than to give up waiting for its answer."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ask:
        began = time.monotonic()
        ask.sendto(make_query(name), resolver())
        return "soon" if time.monotonic() - began < 5 else "late"


def many(*arguments):
    *names, port = arguments
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ask:
        ask.settimeout(60)
        ask.connect(resolver())
        queries = {bytes([0, i]): make_query(name, bytes([0, i]))
                   for i, name in enumerate(names)}
        for query in queries.values():
            ask.send(query)
        replies = {}
        while len(replies) < len(queries):
            reply = ask.recv(4096)
            replies[reply[:2]] = reply
        return " ".join(connect(address_in(replies[number]), port) for number in queries)


def both(first, second, port):
    address = socket.gethostbyname(first)
    socket.gethostbyname(second)
    return connect(address, port)


def service():
    """nscd, which answers for names of hosts in place of the resolver."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as ask:
        try:
            ask.connect("/run/nscd/socket")
            return "connected"
        except OSError as error:
            return errno.errorcode[error.errno]


def fake(name, address, port):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.9", 5300))

    def serve():
        query, source = server.recvfrom(4096)
        server.sendto(forged(query, address), source)

    threading.Thread(target=serve, daemon=True).start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ask:
        ask.connect(("127.0.0.9", 5300))
        ask.send(make_query(name))
        return connect(address_in(ask.recv(4096)), port)


def forged(query, address):
    return query[:2] + struct.pack(">HHHHH", 0x8180, 1, 1, 0, 0) + query[12:] + \
        b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 3600, 4) + socket.inet_aton(address)


def bind():
    said = []
    for address in (resolver()[0], "0.0.0.0"):
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
                server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
                server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                server.bind((address, 53))
                said.append("bound")
        except OSError as error:
            said.append(errno.errorcode[error.errno])
    return " ".join(said)


def forge(name, address, port):
    """Answers under every number to every socket of this machine, while one is awaited."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ask, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as attack:
        ask.settimeout(60)
        ask.connect(resolver())
        query = make_query(name)
        ask.send(query)
        with open("/proc/net/udp", encoding="utf-8") as file:
            ports = {int(line.split()[1].split(":")[1], 16) for line in file.readlines()[1:]}
        ports.discard(53)
        ports.discard(ask.getsockname()[1])
        for target in ports:
            for number in range(0, 65536, 16):
                lie = forged(struct.pack(">H", number) + query[2:], address)
                try:
                    attack.sendto(lie, ("127.0.0.1", target))
                except OSError:
                    break
        first = connect(address, port)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as go_on:
            go_on.connect(resolver())
            go_on.send(make_query("go.on.test"))
            true = address_in(receive(ask, query, resolver(), 1))
        return first + " " + connect(true, port)


def stranger(name):
    """Finds where a redirected socket leads, and asks there with one of its own."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ask, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        ask.connect(resolver())
        other.settimeout(2)
        other.bind((ask.getsockname()[0], 0))
        other.sendto(make_query(name), ask.getpeername())
        try:
            other.recv(4096)
            return "an answer"
        except (TimeoutError, OSError):
            return "nothing"


def main(what, *arguments):
    ways = {"address": connect, "sender": sender, "many": many, "both": both, "fake": fake,
            "bind": bind, "service": service, "forge": forge, "stranger": stranger,
            "unanswered": unanswered}
    if what in ways:
        print(ways[what](*arguments))
    else:
        print(by_name(what, *arguments))


main(*sys.argv[1:])
