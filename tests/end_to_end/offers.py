#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What is offered at a question once the like of it was asked several times.

Answers the questions of whole sessions through their sockets and looks at what they offer.

usage: offers.py DUENNA
"""

import fcntl
import json
import os
import pty
import shlex
import struct
import sys
import termios

from learn import Sandbox, connect


def files(sandbox, *names):
    for name in names:
        sandbox.write(name, "x\n")
    return [os.path.join(sandbox.home, name) for name in names]


def run(sandbox, session, paths, answer, then=""):
    """Reads each path with a process of its own. answer gets a question that was looked up
    and gives the fields of its answer. Gives all questions as they were when answered. With
    a command for afterwards the session goes on once all are."""
    folder = os.path.join(sandbox.runtime, "duenna")
    before = set(os.listdir(folder)) if os.path.isdir(folder) else set()
    script = "; ".join(f"cat '{path}' >/dev/null 2>&1" for path in paths)
    script += f"; {then}" if then else ""
    sandbox.call("run", "--detach", "--ask", "attach", "--name", session, "--project",
                 sandbox.project, "--", "sh", "-c", script)
    questions = []
    with connect(sandbox, before) as client:
        stream = client.makefile("rwb")

        def send(**message):
            stream.write(json.dumps(message).encode() + b"\n")
            stream.flush()

        send(type="hello", protocol=1, client="test", front_end=True, output=False,
             events=False)
        for line in stream:
            message = json.loads(line)
            stream.read(message.get("length", 0))
            # "decided" is known once the recordings were looked at.
            is_question = message["type"] in ("question_opened", "question_changed")
            if is_question and message["decided"] >= 0 and (
                    not questions or questions[-1]["id"] != message["id"]):
                questions.append(message)
                send(type="answer", request=len(questions), question=message["id"],
                     **answer(message))
            elif message["type"] == "reply" and then and len(questions) == len(paths):
                return questions
            elif message["type"] == "end":
                return questions
    raise SystemExit("the session went away")


def once(verdict):
    return lambda question: {"verdict": verdict, "scope": "once"}


def offers(questions):
    return [question.get("offer", "") for question in questions]


def in_terminal(sandbox, keys, *argv):
    """Runs duenna on a terminal, types each of keys once "> " waits; gives what it showed."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(sandbox.project)
        os.execve(sandbox.duenna, [sandbox.duenna, *argv],
                  {**sandbox.environment, "TERM": "dumb"})
    shown, looked_at = b"", 0
    while True:
        try:
            got = os.read(terminal, 65536)
        except OSError:
            got = b""
        if not got:
            break
        shown += got
        if keys and shown[looked_at:].rstrip(b" \x1b[?0123456789hl").endswith(b">"):
            looked_at = len(shown)
            os.write(terminal, keys.pop(0))
    os.close(terminal)
    os.waitpid(pid, 0)
    return shown.decode()


def await_reads(sandbox, session, paths):
    """An answer is known before what it was about is recorded."""
    missing = set(paths)
    while missing:
        log = sandbox.call("log", session, "--json", "--verb", "read").stdout
        missing -= {json.loads(line)["object"] for line in log.splitlines()}


def summary_on_screen(sandbox, session):
    """What the summary of a running session shows on the full screen."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(sandbox.project)
        os.execve(sandbox.duenna, [sandbox.duenna, "attach", session],
                  {**sandbox.environment, "TERM": "xterm-256color"})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    shown = b""
    for awaited, keys in ((b"? help", b"\x1ds"), (b"judged actions", b"q\x1dd")):
        while awaited not in shown:
            shown += os.read(terminal, 65536)
        os.write(terminal, keys)
    try:
        while os.read(terminal, 65536):
            pass
    except OSError:
        pass  # it has detached
    os.close(terminal)
    os.waitpid(pid, 0)
    return shown.decode(errors="replace")


failures = []


def expect(what, got, wanted):
    print(f"{'ok  ' if got == wanted else 'FAIL'} {what}")
    if got != wanted:
        failures.append(what)
        print(f"     got {got}, not {wanted}")


def main():
    sandbox = Sandbox(os.path.abspath(sys.argv[1]), "offers")
    try:
        data = files(sandbox, *(f"data/{name}.csv" for name in "abcdefgh"))
        rule = "read ~/data/[!.]*.csv"
        asked = run(sandbox, "one", data[:2], once("allow"))
        expect("two answers are no reason", offers(asked), ["", ""])
        asked = run(sandbox, "two", data[2:4], once("allow"))
        expect("the third and fourth are, also over sessions", offers(asked), [rule, rule])
        expect("they say how often", [q["offer_asked"] for q in asked], [3, 4])

        other = files(sandbox, "text/a.txt", "text/b.txt", "text/c.txt", "text/d.txt")
        asked = run(sandbox, "three", other[:2], once("allow"))
        run(sandbox, "no", other[3:], once("deny"))
        asked = run(sandbox, "four", other[2:3], once("allow"))
        expect("nothing that would allow what was denied", offers(asked), [""])

        keys = files(sandbox, ".ssh/a", ".ssh/b", ".ssh/c", ".ssh/d")
        asked = run(sandbox, "five", keys, once("allow"))
        expect("nothing about secrets", offers(asked), [""] * 4)

        asked = run(sandbox, "six", [data[0]] * 2, once("allow"))
        asked = run(sandbox, "seven", data[4:8],
                    lambda q: {"verdict": "allow", "scope": "project",
                               "rules": [q["offer"]]})
        expect("what is kept answers the rest", offers(asked), [rule])
        listed = sandbox.call("rules", "list").stdout.decode()
        expect("it is a rule of the project", "project" in listed and rule in listed, True)

        notes = files(sandbox, "notes/one.md", "notes/two.md")
        shown = in_terminal(sandbox, [b"a\n", b"a\n"], "run", "--ask", "line", "--project",
                            sandbox.project, "--", "sh", "-c",
                            f"cat {notes[0]}; cat {notes[1]}")
        expect("the end of a session says what could be kept",
               ["2 questions: 2 allowed, 0 denied" in shown,
                "allow read ~/notes/[!.]*.md" in shown, "for good: duenna learn" in shown],
               [True] * 3)
        own = os.path.join(sandbox.root, "it's own.db")
        named = " --db " + shlex.quote(own)
        shown = in_terminal(sandbox, [b"a\n"], "run", "--ask", "line", "--db", own,
                            "--project", sandbox.project, "--", "cat", notes[0])
        expect("with the database that was named", f"duenna learn 1{named}" in shown, True)
        shown = sandbox.call("learn", "1", "--db", own, "--save", "always").stdout.decode()
        expect("so does learning", f"duenna rules undo{named} takes" in shown, True)
        more = files(sandbox, *(f"more/{name}.log" for name in "abcd"))
        run(sandbox, "tired", more, once("allow"), then="sleep 600")
        await_reads(sandbox, "tired", more)
        shown = summary_on_screen(sandbox, "tired")
        sandbox.call("stop", "tired")
        expect("a summary says how tiring it was, and which rule would have helped",
               ["questions asked: 4; 100% allowed; half were answered within" in shown,
                "one rule would have answered 4 of them:" in shown,
                "allow read ~/more/[!.]*.log" in shown], [True] * 3)

        shown = sandbox.call("rules", "show", "1").stdout.decode()
        expect("a rule says which question it answered, and who asked",
               ["question 2 of session" in shown or "question 1 of session" in shown,
                "asked by   /usr/bin/cat" in shown, "called by " in shown], [True] * 3)
    finally:
        sandbox.close()
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
