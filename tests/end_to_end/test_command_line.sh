#!/usr/bin/env bash
# The command line itself: help, versions, wrong options and exit statuses.
# shellcheck source=tests/end_to_end/support.sh
. "$(dirname "$0")/support.sh"

run "$duenna"
expect_status 2
expect_error 'Usage: duenna COMMAND'

run "$duenna" --help
expect_status 0
expect_output 'Usage: duenna COMMAND'
expect_no_error
mapfile -t commands < <(awk '/^  [a-z]/ { print $1 }' "$out")
((${#commands[@]} > 0)) || wrong 'no commands are listed'

for command in "${commands[@]}"; do
	run "$duenna" "$command" --help
	expect_status 0
	expect_output "Usage: duenna $command"
	expect_no_error
	run "$duenna" "$command" --no-such-option
	expect_error 'duenna: there is no option "--no-such-option"'
	if [[ $command == run ]]; then
		expect_status 125
	else
		expect_status 2
	fi
done

run "$duenna" --version
expect_status 0
grep -qxE 'duenna [0-9]+\.[0-9]+\.[0-9]+' "$out" || wrong 'no version'

run "$duenna" no-such-command
expect_status 2
expect_error 'duenna: there is no command "no-such-command"'

# Nothing of the command line reaches the terminal as it is.
run "$duenna" $'\e[31mred'
expect_status 2
expect_error '\x1b[31mred'

run "$duenna" run
expect_status 125
expect_error 'an argument is missing: COMMAND [ARG...]'

run "$duenna" run --ask perhaps -- true
expect_status 125
expect_error '--ask must be one of '

run "$duenna" run --name last -- true
expect_status 125
expect_error 'cannot be named "last"'

run "$duenna" run --rules "$folder/none.rules" -- true
expect_status 125
expect_error 'cannot read rules'

run "$duenna" run --project / -- true
expect_status 125
expect_error 'cannot be the project'

printf 'allow reed /x\n' >"$folder/wrong.rules"
run "$duenna" run --rules "$folder/wrong.rules" -- true
expect_status 125
expect_error "$folder/wrong.rules:1:7: "
