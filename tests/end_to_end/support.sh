# shellcheck shell=bash
# What the end-to-end tests share. Each test gets a folder of its own with an empty home,
# and ends with status 1 if anything was not as expected.
set -uo pipefail

# shellcheck disable=SC2034 # the tests use it
duenna=${DUENNA:?is not set: run the tests through ./dev test}
folder=$(mktemp -d "${TMPDIR:-/tmp}/duenna-e2e.XXXXXX")
trap 'chmod -R u+rwx "$folder"; rm -rf "$folder"; exit "$failed"' EXIT
failed=0
mkdir "$folder/home" "$folder/work" "$folder/runtime"
chmod 700 "$folder/runtime"
export HOME=$folder/home XDG_RUNTIME_DIR=$folder/runtime
unset XDG_DATA_HOME XDG_CONFIG_HOME
cd "$folder/work" || exit 1
out=$folder/out
err=$folder/err
status=0

wrong() {
	printf '%s:%s: %s\n' "${BASH_SOURCE[-1]##*/}" "${BASH_LINENO[1]}" "$*"
	printf -- '--- standard output\n%s\n--- standard error\n%s\n---\n' \
		"$(head -c 2000 "$out")" "$(head -c 2000 "$err")"
	failed=1
}

# Runs a command with no terminal, keeping what it prints and its exit status.
run() {
	timeout 60 "$@" >"$out" 2>"$err" </dev/null
	status=$?
}

# The same where another tracer holds the command, in which no leak can be looked for.
run_traced() {
	ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 run "$@"
}

expect_status() {
	((status == $1)) || wrong "exit status is $status, not $1"
}

expect_output() { # TEXT: standard output contains it
	grep -qF -- "$1" "$out" || wrong "output lacks: $1"
}

expect_error() { # TEXT: standard error contains it
	grep -qF -- "$1" "$err" || wrong "standard error lacks: $1"
}

expect_no_error() {
	[[ ! -s $err ]] || wrong "standard error is not empty"
}

expect_one_error_line() {
	(($(wc -l <"$err") == 1)) || wrong "standard error is not one line"
}
