#!/usr/bin/env bash
# A service that runs code of its users: what injected code tries is stopped and recorded
# with the stack that shows it, and the service's own work under the same rules is not.
# shellcheck source=tests/end_to_end/support.sh
. "$(dirname "$0")/support.sh"

python=/usr/bin/python3
service=${DUENNA_SOURCE:?}/tests/victims/flow_service.py
if ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 16))'; then
	echo 'skipped: no Python whose stacks can be read'
	exit 0
fi

key=$HOME/.ssh/id_test
mkdir "$HOME/.ssh"
echo 'the-secret' >"$key"
other=$HOME/.ssh/id_other
echo 'other_secret' >"$other"
chmod 600 "$other"
cat >user_code.py <<EOP
import os
import subprocess
import socket

def shell(a=os.system("echo owned >owned")):
    pass

def program(a=subprocess.run(["/usr/bin/touch", "owned"])):
    pass

def thief(a=print(open("$key").read())):
    pass

def deputy(a=own_work("$key")):
    pass

@(lambda function: socket.create_connection(("127.0.0.1", 9)))
def caller():
    pass
EOP
cat >service.rules <<EOR
allow read     $(dirname "$service")/**
allow connect  *        by $(realpath "$python")
allow read     $key
ask   read     $key     code generated
EOR

run_service() { # ARGUMENT... of duenna run
	run "$duenna" run --rules service.rules --profile interpreter "$@" \
		-- "$python" "$service" "$key" user_code.py
}

events() { # FILTER...: prints the log's lines with all of these texts
	"$duenna" log --json --verdict deny >"$out" 2>"$err"
	for text in "$@"; do
		grep -F -- "$text" "$out" >"$folder/lines"
		cp "$folder/lines" "$out"
	done
}

expect_denied_as_generated() { # VERB OBJECT
	events "\"verb\":\"$1\"" "\"object\":\"$2\""
	[[ -s $out ]] || wrong "$1 $2 was not denied"
	grep -qvF '"generated_code":true' "$out" && wrong "$1 $2 was denied to others, too"
	expect_output '"file":"<string>"'
	expect_output '"generated":true'
	expect_output "\"file\":\"$service\""
	expect_output '"function":"validate"'
}

run_service --ask deny --quiet
expect_status 0
(($(grep -cF 'own work: 0 7 11 ECONNREFUSED' "$out") == 2)) ||
	wrong 'the service could not do its own work'
[[ -e owned ]] && wrong 'the injected code started a program'
grep -qF 'the-secret' "$out" && wrong 'the injected code read the key'
expect_output 'invalid: program: PermissionError'
expect_output 'invalid: thief: PermissionError'
expect_output 'invalid: deputy: PermissionError'
expect_output 'invalid: caller: PermissionError'
expect_denied_as_generated exec "$(realpath /bin/sh)"
expect_denied_as_generated exec "$(realpath /usr/bin/touch)"
expect_denied_as_generated read "$key"
expect_denied_as_generated connect 127.0.0.1:9

# Python frames stand among the native ones that ran them.
events '"verb":"connect"' '"generated_code":true'
"$python" - "$out" <<'EOP' || wrong 'the stacks were not merged'
import json, sys
event = json.loads(open(sys.argv[1]).readline())
stack = event["stack"]
kinds = ["python" if "line" in frame else "native" for frame in stack]
first = kinds.index("python")
assert first > 0 and "native" in kinds[first:], stack
assert [frame for frame in stack if "line" in frame] == event["python"], stack
assert not any(frame.get("evaluator") for frame in stack), stack
EOP

# The recorded action, explained.
number=$("$python" -c 'import json, sys; e = json.loads(open(sys.argv[1]).readline())
print(str(e["session"]) + "." + str(e["seq"]))' "$out")
run "$duenna" why event "$number"
expect_status 0
expect_output '<string>:'
expect_output ' validate'
expect_output 'ask connect 127.0.0.1:9'
expect_output 'connect 127.0.0.1:9'
run "$duenna" why event 1.99999
grep -qF 'has no event 99999' "$err" || wrong 'an unknown event was explained'
run "$duenna" why event x
grep -qF 'SESSION.NUMBER' "$err" || wrong 'a wrong number was taken'

# Without the rules the injected code has its way: the rules are what stops it.
run "$duenna" run --rules service.rules --ask allow --quiet \
	-- "$python" "$service" "$key" user_code.py
[[ -e owned ]] || wrong 'the injected code does nothing by itself'
rm -f owned

# Code that bears a file's name is compared with it. To who may not read the file, no
# verdict tells what is in there: a word of it and another are all the same.
cat >guess.py <<'EOP'
import os
import socket
import sys

code = (lambda call, *arguments: call(*arguments)).__code__
if len(sys.argv) > 2:
    os.setgroups([])
    os.setuid(int(sys.argv[2]))

def fits(word):
    own = code.replace(co_name="<guess>", co_qualname="<guess>", co_firstlineno=1,
                       co_filename=sys.argv[1], co_names=(word,))
    try:
        type(fits)(own, {})(socket.socket().connect, ("127.0.0.1", 9))
    except PermissionError:
        return False
    except ConnectionRefusedError:
        return True

print("guessed", fits("other_sec"), fits("another"))
EOP
guess() { # VERDICT [USER]: about reading the file; who it is
	cat >guess.rules <<-EOR
		allow connect  127.0.0.1:9
		deny  connect  127.0.0.1:9  code generated
		$1    read     $other
	EOR
	run "$duenna" run --rules guess.rules --ask deny --quiet \
		-- "$python" guess.py "$other" ${2:+"$2"}
}
# What changed while a process ran is not compared; starts are known to the second.
until (($(date +%s) > $(stat -c %Z "$other") + 2)); do
	sleep 0.1
done
guess allow
expect_output 'guessed True False'
guess deny
expect_output 'guessed False False'
if ((UID == 0)); then # who gives root up is told no more than by the kernel
	guess allow 65534
	expect_output 'guessed False False'
fi

# A person is shown where it comes from.
run_service --ask attach --detach --name asked --quiet
for _ in {1..200}; do
	run "$duenna" questions --json
	[[ -s $out ]] && break
	sleep 0.05
done
expect_output '"<string>:5 <module> (generated code)"'
expect_output ' validate | exec(compile(module'
expect_output '    5> def shell(a=os.system('
run "$duenna" stop asked
