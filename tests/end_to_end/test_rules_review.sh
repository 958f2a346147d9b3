#!/usr/bin/env bash
# What `duenna rules review` finds.
# shellcheck source=tests/end_to_end/support.sh
. "$(dirname "$0")/support.sh"

mkdir "$HOME/data"
echo a >"$HOME/data/a"
for rule in 'allow read ~/data/**' 'allow read ~/data/b' 'deny read ~/data/**' \
	'allow exec /nowhere/tool' 'allow write ~/x until 2020-01-01' \
	'allow read,write ~/notes/[a-c]*'; do
	run "$duenna" rules add "$rule"
	expect_status 0
done
run "$duenna" rules remove 3
run "$duenna" run --ask deny --quiet -- cat "$HOME/data/a"
expect_status 0
run "$duenna" rules review
if grep -q 'it never decided anything' "$out"; then
	wrong 'rules that were just stored cannot have decided anything'
fi
run "$duenna" run --ask deny --quiet -- cat "$HOME/data/a"
run "$duenna" run --ask deny --quiet -- cat "$HOME/data/a"
expect_status 0
run "$duenna" rules add 'deny read ~/data/**'

run "$duenna" rules review
expect_status 0
expect_output 'it only ever decided about one thing; this would do: allow read ~/data/a'
expect_output 'another rule says otherwise of the same: rule 7, deny read ~/data/**'
expect_output 'another rule says the same of more: rule 1, allow read ~/data/**'
expect_output 'it names a program that is not there'
expect_output 'its time is over'
expect_output 'it never decided anything'
run "$duenna" rules review --json
expect_output '"finding":"wide","tightened":"allow read ~/data/a"'
(($(wc -l <"$out") >= 7)) || wrong 'findings are missing'

for id in 1 2 4 5 6 7; do
	run "$duenna" rules remove "$id"
done
run "$duenna" rules review
expect_output 'nothing to say'
