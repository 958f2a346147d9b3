#!/usr/bin/env bash
# `duenna doctor` says what works here, and its exit status whether Duenna can run.
# shellcheck source=tests/end_to_end/support.sh
. "$(dirname "$0")/support.sh"

run "$duenna" doctor
expect_status 0
expect_no_error
expect_output 'Kernel'
expect_output 'tracing and seccomp filters work here'
expect_output 'not on a terminal'
expect_output 'will be created by the first run'
expect_output 'Duenna can run here'

# Whatever has a replacement may be missing.
DUENNA_DISABLE=all run "$duenna" doctor
expect_status 0
expect_output 'weaker   no sealing of memory'
expect_output 'file calls go by trace stops'
expect_output 'with what is said above'

run "$duenna" run --ask deny -- true
run "$duenna" doctor
expect_status 0
expect_output 'is sound'

chmod 644 "$HOME/.local/share/duenna/duenna.db"
run "$duenna" doctor
expect_status 0
expect_output 'others can read'

printf 'this is no database, only text that is long enough to be read as one\n' \
	>"$folder/text.db"
run "$duenna" doctor --db "$folder/text.db"
expect_status 1
expect_output 'BROKEN'
expect_output 'Duenna cannot run here'

# Under a tracer nothing can be supervised.
if command -v strace >/dev/null; then
	run_traced strace -f -o /dev/null "$duenna" doctor
	expect_status 1
	expect_output 'MISSING  another tracer'
fi

run "$duenna" doctor too-much
expect_status 2
