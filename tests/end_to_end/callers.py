# SPDX-License-Identifier: MIT
"""A piece of programs that use Duenna's descriptors up: for each process that made a call it
keeps one."""

CALLERS = """
import os, signal
def caller_start():
    ready, done = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.open("/etc/passwd", os.O_RDONLY)
        except OSError:
            pass
        os.close(done)
        while True:
            signal.pause()
    os.close(done)
    os.read(ready, 1)
    os.close(ready)
    return child
def callers_end(children):
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
"""
