#!/usr/bin/env bash
# A recorded session judged again under other rules: replay --diff.
# shellcheck source=tests/end_to_end/support.sh
. "$(dirname "$0")/support.sh"

git init -q . 2>/dev/null
run "$duenna" replay --diff
expect_status 2
expect_one_error_line

run "$duenna" run --ask allow --quiet --name kept -- \
	sh -c 'echo x >file; cat file; mkdir from; mv from to; echo y >/var/tmp/duenna-replay-$$ ||
	true; rm -f /var/tmp/duenna-replay-$$'
expect_status 0

# Under the same rules nothing is different, and that is said by the exit status.
run "$duenna" replay kept --diff
expect_status 0
expect_output 'different                        0'
expect_output 'cannot be judged again           0'
expect_no_error

run "$duenna" replay kept
expect_status 2
expect_error '--diff'
for arguments in '--rules x' '--json' '--diff --speed 2' '--diff --keep-idle' \
	'--diff --plain' '--diff --judge' '--plain --rules x'; do
	# shellcheck disable=SC2086 # several words
	run "$duenna" replay kept $arguments
	expect_status 2
	expect_one_error_line
done

# On a terminal it is played; what could harm the terminal is left out.
cat >shown.rules <<'END'
allow any *
deny write {project}/denied
END
run "$duenna" run --detach --name shown --rules shown.rules -- sh -c '
	printf "\033[31mfirst\033[0m \033]52;c;clipboard\007\033[6n\n"; sleep 0.5
	echo second; sleep 0.5; echo x >denied; sleep 0.5; echo third'
timeout 60 "$duenna" log shown --follow >/dev/null 2>&1 </dev/null
timeout 100 python3 "$DUENNA_SOURCE/tests/end_to_end/play.py" "$duenna" shown \
	>"$out" 2>"$err" || wrong 'playing is not right'

cat >other.rules <<'END'
deny write {project}/file
allow write,delete /var/tmp/**
deny write {project}/to/inner
allow read /nowhere
END
run "$duenna" replay kept --diff --rules other.rules
expect_status 1
expect_output "write   $folder/work/file"
expect_output 'then allow   profile project:'
expect_output 'now  deny    other.rules:1: deny write {project}/file'
expect_output 'then allow   asked: no rule; nobody was to be asked'
expect_output 'now  allow   other.rules:2: allow write,delete /var/tmp/**'
expect_output "write   $folder/work/to"
expect_output 'other.rules:3: deny write {project}/to/inner'
expect_output 'asks saved                       2'
expect_output 'rules that never matched:'
expect_output '  other.rules:4: allow read /nowhere'
expect_no_error

run "$duenna" replay kept --diff --rules other.rules --json
expect_status 1
expect_output '"kind":"difference"'
expect_output '"now":{"verdict":"deny","rule_text":"deny write {project}/file","reason":"other.rules:1"}'
expect_output '"kind":"unmatched_rule"'
tail -n 1 "$out" | grep -q '"asks_saved":2.*"kind":"totals"' || wrong 'no totals at the end'

# Without profiles everything that they decided would be asked.
run "$duenna" replay kept --diff --no-default-profiles
expect_status 1
expect_output 'now  ask     no rule'
grep -q '^newly asked  *[1-9]' "$out" || wrong 'nothing is newly asked'

# A run under those rules does what judging again foretold.
run "$duenna" run --ask deny --quiet --rules other.rules -- sh -c 'echo x >file'
expect_status 2
run "$duenna" replay --diff --rules other.rules
expect_status 0

# Stored rules are those of today.
run "$duenna" rules add "deny read $folder/work/file"
run "$duenna" replay kept --diff
expect_status 1
expect_output "now  deny    "
expect_output "deny read $folder/work/file"

# What was masked or not taken is not guessed.
run "$duenna" run --ask allow --quiet --name masked -- \
	sh -c "/usr/bin/env true --token=ghp_0123456789abcdefghijABCDEFGHIJ012345 || true"
run "$duenna" replay masked --diff
expect_output 'cannot be judged again: a secret in its arguments was masked'
printf 'deny write {project}/** code generated\n' >code.rules
run "$duenna" replay kept --diff --rules code.rules
expect_output 'cannot be judged again: it was not recorded what code it came from'

# Labels that only rules of today give are not guessed; those that were recorded count.
printf 'label note {project}/note\ndeny write {project}/out after note\n' >label.rules
echo x >note
run "$duenna" run --ask allow --quiet --name unlabelled -- \
	bash -c 'read -r x <note; echo x >out'
run "$duenna" replay unlabelled --diff
expect_status 0
expect_output 'cannot be judged again           0'
run "$duenna" replay unlabelled --diff --rules label.rules
expect_status 0
expect_output 'cannot be judged again: it was not recorded what labels the process carried'
run "$duenna" run --ask allow --quiet --name labelled --rules label.rules -- \
	bash -c 'read -r x <note; echo x >out'
expect_status 1
run "$duenna" replay labelled --diff --rules label.rules
expect_status 0
expect_output 'cannot be judged again           0'

# Errors are one line and 2.
printf 'nonsense\n' >bad.rules
for arguments in 'nobody --diff' '--diff --rules bad.rules' '--diff --rules missing' \
	'--diff --profile missing'; do
	# shellcheck disable=SC2086 # several words
	run "$duenna" replay $arguments
	expect_status 2
	expect_one_error_line
done
