#!/usr/bin/env bash
# Stored rules and rule files: rules, why and profiles.
# shellcheck source=tests/end_to_end/support.sh
. "$(dirname "$0")/support.sh"

run "$duenna" rules
expect_status 0
expect_output 'no stored rules yet'

run "$duenna" rules add 'allow read ~/notes/** note "mine"'
expect_status 0
expect_output 'rule 1: allow read ~/notes/**'
run "$duenna" rules add allow read '~/notes/**'
expect_output 'rule 1 says that already'
run "$duenna" rules add --scope project 'deny write {project}/locked'
expect_output 'rule 2: deny write {project}/locked'
run "$duenna" rules add 'allow fly /x'
expect_status 1
expect_one_error_line
expect_error 'fly'
run "$duenna" rules add 'expect allow read /x'
expect_status 2
run "$duenna" rules list
expect_output 'allow read ~/notes/**'
expect_output 'note: mine'
expect_output "in $folder/work"

# A stored rule holds for a session, in its project only, and its hits are counted.
run "$duenna" run --ask allow --quiet -- sh -c 'echo x > locked'
[[ ! -e locked ]] || wrong 'a denied write took place'
mkdir "$folder/other"
run "$duenna" run --ask allow --project "$folder/other" -- sh -c 'echo x > locked'
[[ -e locked ]] || wrong 'the rule of a project held in another'
run "$duenna" rules
grep -qE '^ +2  project +1  ' "$out" || wrong 'the hit was not counted'

# A running session follows within a second: the tree itself sees the moment.
echo x >seen
mkfifo up
timeout 60 "$duenna" run --ask allow --quiet -- \
	sh -c 'echo up >up; while cat seen; do :; done; exit 7' >/dev/null 2>&1 </dev/null &
read -r _ <up
run "$duenna" rules add "deny read $folder/work/seen"
begin=${EPOCHREALTIME/./}
wait $!
(($? == 7)) || wrong 'the rule was not followed'
took=$((${EPOCHREALTIME/./} - begin))
((took < 3000000)) || wrong "the rule was followed after $took microseconds"
run "$duenna" rules remove 3
expect_status 0

run "$duenna" why read '~/notes/a'
expect_status 0
expect_output "allow read $HOME/notes/a"
expect_output 'rule 1, added'
run "$duenna" why write locked
expect_output "deny write $folder/work/locked"
expect_output 'the first decides: '
run "$duenna" why exec no-such-program
expect_status 1
expect_one_error_line
run "$duenna" why read /x y
expect_status 2
run "$duenna" why fly /x
expect_status 2
run "$duenna" why read "$HOME/.local/share/duenna/duenna.db"
expect_output 'forbid read'

# Export and load give the same rules.
run "$duenna" rules export
expect_output 'allow read ~/notes/** note "mine"'
cp "$out" exported.rules
run "$duenna" rules check exported.rules
expect_status 0
run "$duenna" rules load exported.rules --db "$folder/second.db"
expect_status 0
expect_output 'loaded 2 rules'
run "$duenna" rules list --db "$folder/second.db"
expect_output 'from exported.rules:'
run "$duenna" rules undo --db "$folder/second.db"
expect_output 'took back rule 1: allow read ~/notes/**'
expect_output 'took back rule 2: '
run "$duenna" rules undo --db "$folder/second.db"
expect_output 'there is nothing to take back'

# Every error in its place; nothing of the file takes effect.
printf 'allow read /good\nallow fly /x\ndeny read\n' >bad.rules
for action in check load; do
	run "$duenna" rules "$action" bad.rules
	expect_status 1
	expect_output 'bad.rules:2:7: '
	expect_output 'bad.rules:3:'
done
run "$duenna" rules
grep -q good "$out" && wrong 'a rule of a wrong file was stored'
printf 'allow read /good\nexpect allow read /good\nexpect deny read /good\n' >wrong.rules
run "$duenna" rules check wrong.rules
expect_status 1
expect_output 'wrong.rules:3:'
run "$duenna" rules check "$folder/none.rules"
expect_status 1
expect_one_error_line
printf 'allow connect * code generated\n' >claims.rules
run "$duenna" rules check claims.rules
expect_status 0
expect_error 'trustworthy'

run "$duenna" rules remove 2
expect_status 0
run "$duenna" rules remove 2
expect_status 1
expect_error 'there is no rule 2'
run "$duenna" rules remove two
expect_status 2
run "$duenna" rules undo
expect_output 'took back rule 1'

run "$duenna" profiles
expect_output 'secrets'
run "$duenna" profiles secrets
expect_output '~/.ssh'
run "$duenna" profiles nothing
expect_status 1
expect_one_error_line
