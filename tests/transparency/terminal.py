#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Programs that need a terminal, driven through one natively and under Duenna.

Each dialogue types keys and waits for what has to appear; both ways have to get through
to its end, and the command has to end with the same status.
"""
import argparse
import os
import pty
import re
import select
import shutil
import signal
import sys
import tempfile
import time

PATIENCE = 60  # seconds to wait for a text

# (what to wait for, what to type then); the waiting text is a regular expression.
# The shell echoes a command before it sets the terminal's modes for it and names a job
# before the job has the terminal: the next is typed only when the program has spoken.
TELLER = r"""use POSIX;
my $told = "";
for (;;) {
    my $now = tcgetpgrp(0) == getpgrp() ? "in front" : "behind";
    syswrite STDOUT, "I am $now\n" if $now ne $told;
    $told = $now;
    select undef, undef, undef, 0.01;
}
"""
JOB_CONTROL = [
    (r"\$ ", "PS1='ready> '\r"),
    (r"\nready> ", "perl teller\r"),
    (r"\nI am in front\r\n", "\x1a"),
    (r"Stopped.*\nready> ", "jobs\r"),
    (r"\[1\]\+ +Stopped.*\nready> ", "bg\r"),
    (r"\[1\]\+ perl teller &.*I am behind\r\n", "\r"),
    (r"\nready> ", "jobs -r | wc -l\r"),
    (r"\n1\r\nready> ", "fg\r"),
    (r"\nperl teller.*\nI am in front\r\n", "\x03"),
    (r"\nready> ", "echo status $?\r"),
    (r"\nstatus 130\r\nready> ", "sh -c 'echo co$((1))py; exec cat'\r"),
    (r"\nco1py\r\n", "typed\r"),
    (r"typed\r\ntyped\r\n", "\x04"),
    (r"ready> ", "stty -a | grep -c isig; tty | cut -c1-9\r"),
    (r"\n1\r\n/dev/pts/\r\nready> ", "sh -c 'kill -STOP $$; exit 9'\r"),
    (r"Stopped.*\nready> ", "fg > /dev/null; echo status $?\r"),
    (r"\nstatus 9\r\nready> ", "(sleep 0.1; echo la''te) & wait; exit 4\r"),
    (r"\nlate\r\n", ""),
]
EDITOR = [
    (r"~", "ihello from an editor\x1b"),
    (r"hello from an editor", ":w\r"),
    (r"written", ":!echo shell $((6 * 7))\r"),
    (r"shell 42", "\r"),
    (r"hello", ":q\r"),
]
PAGER = [
    (r"line 1\r\n", " "),
    (r"line 4\d", "/line 199\r"),
    (r"line 199", "q"),
]
MULTIPLEXER = [
    (r"\$ ", "tmux -L duenna -f tmux.conf new-session -s one\r"),
    (r"\[one\]", "echo $((20 + 3)) inside\r"),
    (r"23 inside", "\x02c"),
    (r"1:\S+\*", "tmux -L duenna list-windows | wc -l\r"),
    (r"\b2\b", "\x02d"),
    (r"detached", "tmux -L duenna kill-server; echo left=$?; exit 2\r"),
    (r"left=0", ""),
]
EDITOR_STOPPED = [
    (r"\$ ", "PS1='rea''dy> '\r"),
    (r"ready> ", "vim -u NONE -N -n file\r"),
    (r"~", "ione\x1b:w\r"),
    (r"written", "\x1a"),
    (r"Stopped.*ready> ", "cat file; fg\r"),
    (r"one\r\n.*~", "otwo\x1b:wq\r"),
    (r"written.*ready> ", "tail -1 file; exit 6\r"),
    (r"two\r\n", ""),
]
# Each of the shells has its own ways with the terminal.
ZSH = [
    (r"\$ ", "PS1='rea''dy> '\r"),
    (r"ready> ", "perl teller\r"),
    (r"I am in front", "\x1a"),
    (r"suspended.*ready> ", "bg\r"),
    (r"continued.*I am behind", "jobs\r"),
    (r"running.*ready> ", "fg\r"),
    (r"I am in front", "\x03"),
    (r"ready> ", "echo st''atus $?\r"),
    (r"status 130.*ready> ", "(sleep 0.1; echo la''te) & wait; exit 3\r"),
    (r"late", ""),
]
FISH = [
    (r"[>#] ", "function fish_prompt; echo -n 'rea''dy> '; end\r"),
    (r"ready> ", "perl teller\r"),
    (r"I am in front", "\x1a"),
    (r"stopped.*ready> ", "bg\r"),
    (r"I am behind", "fg\r"),
    (r"I am in front", "\x03"),
    (r"ready> ", "echo st''atus $status\r"),
    (r"status \d+.*ready> ", "exit 3\r"),
]
TYPESCRIPT = [
    (r"\$ ", "script -q -e -c 'echo in''side; tty | cut -c1-9; cat; exit 5' log\r"),
    (r"inside\r\n/dev/pts/\r\n", "typed\r"),
    (r"typed\r\ntyped\r\n", "\x04"),
    (r"\$ ", "echo st''atus $?; grep -c typed log; exit 7\r"),
    (r"status 5\r\n[12]\r\n", ""),
]
FILES = {
    "teller": TELLER,
    "inputrc": "set enable-bracketed-paste off\n",
    # Keys that come together, as on a busy machine, are no paste.
    "tmux.conf": "set -g assume-paste-time 0\n",
}
SCRIPTS = {
    "job_control": (["bash", "--norc", "--noprofile", "-i"], JOB_CONTROL),
    "vim": (["vim", "-u", "NONE", "-N", "-n", "file"], EDITOR),
    "less": (["sh", "-c", "seq -f 'line %g' 300 | less"], PAGER),
    "vim_stopped": (["bash", "--norc", "--noprofile", "-i"], EDITOR_STOPPED),
    "zsh": (["zsh", "-f", "-i"], ZSH),
    "fish": (["fish", "--no-config", "-i"], FISH),
    "script": (["bash", "--norc", "--noprofile", "-i"], TYPESCRIPT),
    "tmux": (["bash", "--norc", "--noprofile", "-i"], MULTIPLEXER),
}


class Terminal:
    def __init__(self, command, folder):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            # Whoever started the test may have them ignored, which a shell keeps.
            for ignored in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP):
                signal.signal(ignored, signal.SIG_DFL)
            for name, text in FILES.items():
                with open(name, "w", encoding="ascii") as file:
                    file.write(text)
            environment = dict(os.environ, TERM="xterm", HOME=folder, LANG="C.UTF-8", SHELL="/bin/sh",
                               TMUX_TMPDIR=folder, INPUTRC=folder + "/inputrc", PS1="$ ", LINES="24", COLUMNS="80")
            environment.pop("TMUX", None)
            os.execvpe(command[0], command, environment)
        self.seen = ""

    def wait(self, pattern):
        """Reads until pattern has come since the last match; False if it does not."""
        end = time.monotonic() + PATIENCE
        while True:
            match = re.search(pattern, self.seen, re.DOTALL)
            if match:
                self.seen = self.seen[match.end():]
                return True
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                return False
            try:
                self.seen += os.read(self.fd, 65536).decode(errors="replace")
            except OSError:
                return re.search(pattern, self.seen, re.DOTALL) is not None

    def type(self, text):
        os.write(self.fd, text.encode())

    def end(self):
        """The exit status, or None if it does not end by itself."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if select.select([self.fd], [], [], 0.05)[0]:
                try:
                    os.read(self.fd, 65536)
                except OSError:
                    pass
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                os.close(self.fd)
                return os.waitstatus_to_exitcode(status)
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
        os.close(self.fd)
        return None


def play(command, steps):
    """What went wrong, and the exit status."""
    folder = tempfile.mkdtemp(prefix="duenna-terminal-")
    terminal = Terminal(command, folder)
    wrong = None
    for number, (pattern, keys) in enumerate(steps):
        if not terminal.wait(pattern):
            wrong = f"step {number}: {pattern!r} did not come, but {terminal.seen[-200:]!r}"
            os.kill(terminal.pid, 15)
            break
        terminal.type(keys)
    status = terminal.end()
    if status is None and wrong is None:
        wrong = "did not end"
    shutil.rmtree(folder, ignore_errors=True)
    return wrong, status


def supervise(options, command, database):
    return [options.duenna, "run", "--ask", "allow", "--quiet", "--db", database, "--",
            *command]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--duenna", required=True)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    failures = 0
    top = tempfile.mkdtemp(prefix="duenna-terminal-db-")
    for name in options.names or SCRIPTS:
        command, steps = SCRIPTS[name]
        if shutil.which(command[0]) is None or shutil.which(name.split("_")[0]) is None \
                and name != "job_control":
            print(f"not here {name}")
            continue
        native = play(command, steps)
        supervised = play(supervise(options, command, os.path.join(top, name)), steps)
        fine = native == supervised and native[0] is None
        failures += not fine
        print(f"{'same' if fine else 'DIFFERS':8} {name}"
              + ("" if fine else f" natively {native}, supervised {supervised}"),
              flush=True)
    shutil.rmtree(top)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
