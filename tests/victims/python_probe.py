# Opens /etc/hostname from every kind of Python frame. Before each open it prints what it
# says of its own stack: F or G (files, generated), and file|line|function, innermost first.
import asyncio
import dataclasses
import os
import sys
import tempfile
import threading
import zipfile


def walk(frame):
    while frame is not None:
        code = frame.f_code
        name = getattr(code, "co_qualname", code.co_name)
        yield f"{code.co_filename}|{frame.f_lineno}|{name}"
        frame = frame.f_back


def probe(kind="F"):
    descriptor = -1
    print(kind, *walk(sys._getframe()), sep="\t", flush=True), (descriptor := os.open("/etc/hostname", os.O_RDONLY))
    os.close(descriptor)
    return kind


class Thing:
    def method(self):
        return [probe() for _ in range(1)]

    @property
    def read_only(self):
        return probe()

    @staticmethod
    def nested():
        def inner(value, /, *, key=None):
            return (lambda: probe())()

        return inner(1)


def generator():
    yield probe()
    yield from (probe() for _ in range(2))


@dataclasses.dataclass
class Record:
    value: str = dataclasses.field(default_factory=probe)


def deep(depth):
    return (
        probe()
        if depth == 0
        else deep(depth - 1)
    )


def ends():
    try:
        raise ValueError
    except ValueError:
        probe()
    finally:
        probe()


async def nap():
    await asyncio.sleep(0)
    probe()


async def gathered():
    await asyncio.gather(nap(), nap())
    if hasattr(asyncio, "to_thread"):
        await asyncio.to_thread(probe)


def threads():
    for _ in range(4):
        thread = threading.Thread(target=Thing().method)
        thread.start()
        thread.join()


def texts():
    """Code that is given as text, also where it calls functions of files."""
    own = "import os\n" + "\n" * 40 + "def f(probe=None, *, kind='G'):\n    return PROBE\n"
    line = (
        "(print('G', *walk(sys._getframe()), sep='\\t', flush=True),"
        " os.close(os.open('/etc/hostname', 0)))"
    )
    exec(own.replace("PROBE", line) + "f()", globals())
    eval(line)
    for name in ("<string>", "", "/no/such/file.py", "naïve-\u65e5\u672c-\U0001f600"):
        exec(compile("\n\n" + line, name, "exec"))
    for name in ("/", "/dev/null", "/proc/self/mem", "/etc/hostname/x.py", "/a" * 1000, "b" * 300):
        exec(compile("\n\n" + line, name, "exec"))
    exec("probe('G')")
    sorted([1], key=eval("lambda x: probe('G')"))


def forged():
    """Code that bears the names of files it does not come from; and one that comes from it."""
    line = (
        "(print('G', *walk(sys._getframe()), sep='\\t', flush=True),"
        " os.close(os.open('/etc/hostname', 0)))"
    )
    own = os.path.join(os.path.dirname(__file__), "python_executed.py")
    for name in (os.__file__, threading.__file__, own, "/usr/lib/python3/none.py"):
        exec(compile(line, name, "exec"))
    exec(compile(line, "<string>", "exec").replace(co_filename=dataclasses.__file__))
    function = f"def wraps():\n    {line}\nwraps()"
    exec(compile("\n" * 40 + function, threading.__file__, "exec"), globals())
    site = f"def addpackage(line):\n    exec(line)\naddpackage({line!r})"
    exec(compile(site, os.path.join(os.path.dirname(os.__file__), "site.py"), "exec"), globals())
    thread = threading.Thread(target=exec, args=(compile(line, os.__file__, "exec"), globals()))
    thread.start()
    thread.join()
    with open(own) as file:
        exec(compile(file.read(), own, "exec"), {"probe": probe})


def archived():
    """Code of a file in an archive, and code that bears the name of one that is not there."""
    line = (
        "(print('G', *walk(sys._getframe()), sep='\\t', flush=True),"
        " os.close(os.open('/etc/hostname', 0)))"
    )
    with tempfile.TemporaryDirectory() as folder:
        archive = os.path.join(folder, "archive.pyz")
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("archived_member.py", "def call(function):\n    function()\n")
        sys.path.insert(0, archive)
        import archived_member

        archived_member.call(probe)
        exec(compile(line, archive + "/none.py", "exec"))
        exec(compile(line, archive + "/archived_member.py/none.py", "exec"))
        sys.path.remove(archive)


def text_for_other(callers):
    return f"""import os, sys
def walk(frame):
    while frame is not None:
        code = frame.f_code
        yield f"{{code.co_filename}}|{{frame.f_lineno}}|{{getattr(code, 'co_qualname', code.co_name)}}"
        frame = frame.f_back
print("G", *walk(sys._getframe()), *{callers!r}, sep="\\t", flush=True), os.close(os.open("/etc/hostname", 0))
"""


def other_interpreter():
    """Code of another interpreter in the same thread: the callers are in this one."""
    try:
        import _xxsubinterpreters as interpreters
    except ImportError:
        import _interpreters as interpreters

    number = interpreters.create()
    probe()
    interpreters.run_string(number, text_for_other(list(walk(sys._getframe()))))
    probe()
    interpreters.destroy(number)


def forked():
    pid = os.fork()
    if pid == 0:
        probe()
        thread = threading.Thread(target=probe)
        thread.start()
        thread.join()
        os._exit(0)
    os.waitpid(pid, 0)


def main():
    probe()
    Thing().method()
    Thing().read_only
    Thing.nested()
    list(generator())
    Record()
    deep(100)
    ends()
    threads()
    asyncio.run(gathered())
    texts()
    forged()
    archived()
    other_interpreter()
    forked()


main()
