# A service that checks code of its users by running its definitions, as some builders of
# agents do: "only definitions" run decorators and default arguments. Its own work starts
# a program, reads a key and connects, which it may.
#
# flow_service.py KEY_FILE USER_CODE_FILE
import ast
import errno
import os
import socket
import subprocess
import sys


def validate(text):
    """Runs each function definition of the text, to see that it is valid."""
    errors = []
    for node in ast.parse(text).body:
        if isinstance(node, ast.Import):
            for name in node.names:
                globals()[name.name] = __import__(name.name)
        if isinstance(node, ast.FunctionDef):
            module = ast.Module(body=[node], type_ignores=[])
            try:
                exec(compile(module, "<string>", "exec"), globals())
            except Exception as error:
                errors.append(f"{node.name}: {error!r}")
    return errors


def own_work(key):
    program = subprocess.run(["/usr/bin/id", "-u"], capture_output=True)
    shell = os.system("exit 7")
    with open(key) as file:
        length = len(file.read())
    with socket.socket() as connection:
        # Nobody is there; refused is not forbidden.
        error = connection.connect_ex(("127.0.0.1", 9))
    print("own work:", program.returncode, shell >> 8, length, errno.errorcode.get(error))


def main():
    own_work(sys.argv[1])
    with open(sys.argv[2]) as file:
        for error in validate(file.read()):
            print("invalid:", error)
    own_work(sys.argv[1])


main()
