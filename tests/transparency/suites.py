#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""CPython's own test suites must come out the same natively and under Duenna.

Not only the exit status: the names of the tests and what became of each are compared.
Tests that differ are run again once in both ways, since some of them measure time.
"""
import argparse
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile

UNFINISHED = "(did not finish)"
# The longest first.
QUICK = ["test_selectors", "test_eintr", "test_fork1", "test_posix", "test_tempfile",
         "test_shutil", "test_pathlib", "test_pty"]
ALL = QUICK + ["test_os", "test_subprocess", "test_signal", "test_socket",
               "test_asyncio", "test_threading", "test_multiprocessing_fork",
               "test_mmap", "test_fcntl", "test_epoll", "test_poll", "test_select",
               "test_resource", "test_wait3", "test_wait4", "test_openpty",
               "test_posixpath", "test_glob", "test_fileio", "test_file", "test_tarfile",
               "test_zipfile", "test_mailbox", "test_httplib", "test_ftplib",
               "test_smtplib", "test_faulthandler", "test_largefile", "test_ssl",
               "test_imaplib"]

# Runs suites or single tests and writes what became of each as JSON.
RUNNER = r"""
import json, sys, unittest
from test import support
class Result(unittest.TextTestResult):
    outcomes = {}
    def note(self, test, outcome):
        self.outcomes[test.id()] = outcome
    def addSuccess(self, test):
        super().addSuccess(test); self.outcomes.setdefault(test.id(), "ok")
    def addError(self, test, error):
        super().addError(test, error); self.note(test, "error")
    def addFailure(self, test, error):
        super().addFailure(test, error); self.note(test, "failure")
    def addSkip(self, test, reason):
        super().addSkip(test, reason); self.note(test, "skipped")
    def addExpectedFailure(self, test, error):
        super().addExpectedFailure(test, error); self.note(test, "expected failure")
    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self.note(test, "failure")
def some_of(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from some_of(test)
        elif "VSOCK" not in test.id():  # waits for ever in some virtual machines
            yield test
if __name__ == "__main__":
    support.use_resources = ["subprocess", "walltime"]
    suite = unittest.TestSuite(
        some_of(unittest.defaultTestLoader.loadTestsFromNames(sys.argv[2:])))
    unittest.TextTestRunner(resultclass=Result, verbosity=2).run(suite)
    with open(sys.argv[1], "w") as file:
        json.dump(Result.outcomes, file)
"""


def is_installed():
    return subprocess.run([sys.executable, "-c", "import test.test_fork1"],
                          stderr=subprocess.DEVNULL, check=False).returncode == 0


def run(options, names, supervised):
    """What became of each test, by name; and the last lines if it did not end well."""
    with tempfile.TemporaryDirectory(prefix="duenna-suites-") as top:
        script, results = os.path.join(top, "runner.py"), os.path.join(top, "results")
        with open(script, "w", encoding="utf-8") as file:
            file.write(RUNNER)
        os.mkdir(os.path.join(top, "work"))
        command = [sys.executable, script, results, *names]
        if supervised:
            command = [options.duenna, "run", "--ask", options.ask, "--quiet",
                       "--db", os.path.join(top, "db"), *rules(options, top), "--",
                       *command]
        environment = dict(os.environ, HOME=top, TMPDIR=os.path.join(top, "work"),
                           LANG="C.UTF-8", PYTHONDONTWRITEBYTECODE="1")
        with open(os.path.join(top, "log"), "w+b") as log:
            try:
                subprocess.run(command, cwd=os.path.join(top, "work"), env=environment,
                               stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                               timeout=options.timeout, check=False)
            except subprocess.TimeoutExpired:
                pass
            try:
                with open(results, encoding="utf-8") as file:
                    return json.load(file)
            except (OSError, ValueError):
                log.seek(0)
                lines = log.read().decode(errors="replace").splitlines()
                return {UNFINISHED: " | ".join(lines[-3:])[-300:]}


def rules(options, top):
    if options.ask == "allow":
        return []
    path = os.path.join(top, "rules")
    with open(path, "w", encoding="ascii") as file:
        file.write("allow any *\n")
    return ["--no-default-profiles", "--rules", path]


def differences(native, supervised):
    return {name: (native.get(name), supervised.get(name))
            for name in native.keys() | supervised.keys()
            if native.get(name) != supervised.get(name)}


def compare(options, suite):
    native = run(options, ["test." + suite], False)
    if UNFINISHED in native:
        return 0, {UNFINISHED: (native[UNFINISHED], "not tried")}
    supervised = run(options, ["test." + suite], True)
    wrong = differences(native, supervised)
    again = [name for name in wrong if name.startswith("test.")]
    if again and len(again) == len(wrong):
        wrong = differences(run(options, again, False), run(options, again, True))
    return len(native), wrong


def read_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--duenna", required=True)
    parser.add_argument("--ask", choices=("allow", "deny"), default="allow",
                        help="deny: with a rule that allows everything")
    parser.add_argument("--all", action="store_true", help="also the slow suites")
    parser.add_argument("--timeout", type=float, default=120, help="for one suite")
    parser.add_argument("names", nargs="*", help="suites to run")
    return parser.parse_args()


def main():
    options = read_options()
    if not is_installed():
        print("not applicable: the suites of CPython (libpython3.N-testsuite) are missing")
        return 77
    failures = 0
    suites = options.names or (ALL if options.all else QUICK)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        compared = pool.map(lambda suite: compare(options, suite), suites)
        for suite, (count, wrong) in zip(suites, compared):
            failures += bool(wrong)
            print(f"{'DIFFERS' if wrong else 'same':8} {suite}: {count} tests", flush=True)
            for name, (here, there) in sorted(wrong.items()):
                print(f"         {name}: natively {here}, supervised {there}", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
