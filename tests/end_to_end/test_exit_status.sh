#!/usr/bin/env bash
# `duenna run` ends as its command does, or says in one line why it could not start it.
# shellcheck source=tests/end_to_end/support.sh
. "$(dirname "$0")/support.sh"

# The very first run says what Duenna does; later ones say nothing.
run "$duenna" run --ask deny -- true
expect_status 0
expect_error 'first supervised run'
run "$duenna" run --ask deny -- true
expect_status 0
expect_no_error

run "$duenna" run --ask deny -- sh -c 'exit 42'
expect_status 42

run "$duenna" run --ask deny -- sh -c 'kill -TERM $$'
expect_status 143

run "$duenna" run --ask deny -- no-such-command-anywhere
expect_status 127
expect_one_error_line
expect_error 'duenna: '
expect_error 'no-such-command-anywhere'

printf 'not a program\n' >plain
run "$duenna" run --ask deny -- ./plain
expect_status 126
expect_one_error_line

printf '#!/no/such/interpreter\n' >orphan
chmod +x orphan
run "$duenna" run --ask deny -- ./orphan
expect_status 127
expect_one_error_line
expect_error './orphan: the interpreter'

# A whole 32-bit program, which ends with 7 where the kernel runs such.
python3 - >small <<'END'
import struct, sys
code = b"\xb8\x01\x00\x00\x00\xbb\x07\x00\x00\x00\xcd\x80"
sys.stdout.buffer.write(
    b"\x7fELF\x01\x01\x01" + bytes(9)
    + struct.pack("<HHIIIIIHHHHHH", 2, 3, 1, 0x8048054, 52, 0, 0, 52, 32, 1, 0, 0, 0)
    + struct.pack("<8I", 1, 0, 0x8048000, 0x8048000, 96, 96, 5, 4096) + code)
END
chmod +x small
run "$duenna" run --ask allow -- ./small
expect_status 126
expect_one_error_line
expect_error './small: 32-bit programs cannot be supervised'
run "$duenna" run --ask allow -- bash -c ./small
expect_status 126
expect_error 'small for bash (32-bit programs cannot be supervised)'

# Without --ask and without a terminal, deny is meant.
printf 'secret\n' >"$HOME/.netrc"
run "$duenna" run -- cat "$HOME/.netrc"
expect_status 1
expect_error 'Permission denied'

# Standard input, output and error are the command's own.
printf 'in\n' | timeout 60 "$duenna" run --ask deny -- sh -c 'cat; echo error >&2' \
	>"$out" 2>"$err"
[[ $(cat "$out") == in ]] || wrong 'standard input did not arrive'
expect_error error

# A data folder that cannot be made is Duenna's failure.
printf '' >"$folder/file"
XDG_DATA_HOME=$folder/file run "$duenna" run --ask deny -- true
expect_status 125
expect_one_error_line
if ((EUID != 0)); then
	mkdir -m 500 "$folder/closed"
	XDG_DATA_HOME=$folder/closed run "$duenna" run --ask deny -- true
	expect_status 125
	expect_one_error_line
fi

# A database that is none.
printf 'this is no database, only text that is long enough to be read as one\n' \
	>"$folder/text.db"
run "$duenna" run --ask deny --db "$folder/text.db" -- true
expect_status 125
expect_error 'text.db'

run env -u HOME "$duenna" run --ask deny --db "$folder/own.db" -- true
expect_status 0
[[ -e $folder/own.db ]] || wrong 'no database was made'

# With closed standard descriptors nothing of ours lands in other files.
run sh -c "exec 0<&- 1>&- 2>&-; '$duenna' run --ask deny -- true"
expect_status 0

# Where somebody traces us already, we cannot.
run_traced "$duenna" run --ask deny -- "$duenna" run --ask deny -- true
expect_status 125
expect_error 'runs under a tracer'
