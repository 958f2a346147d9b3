#!/usr/bin/env bash
# Rules learned from answers: what is written, stored, kept a question and refused.
# shellcheck source=tests/end_to_end/support.sh
. "$(dirname "$0")/support.sh"

mkdir -p "$HOME/data"
echo secret >"$HOME/.netrc"
for name in a b c; do
	echo "$name" >"$HOME/data/$name.csv"
done

# A session whose questions are answered one after the other: allow, but for what is
# called no.csv.
answered_session() { # NAME SCRIPT
	local question verdict

	run "$duenna" run --detach --ask attach --name "$1" -- sh -c "$2"
	expect_status 0
	for _ in {1..300}; do
		run "$duenna" questions
		while read -r question; do
			verdict=allow
			grep -A 3 "^$question " "$out" | grep -q 'no\.csv' && verdict=deny
			"$duenna" answer "$question" "$verdict" >/dev/null 2>&1
		done < <(grep -o '^[0-9]*\.[0-9]*' "$out")
		"$duenna" sessions | grep -q ' running ' || return
		sleep 0.05
	done
	wrong "session $1 does not end"
}

run "$duenna" learn
expect_status 0
expect_output 'no sessions yet'

answered_session one "cat ~/data/a.csv ~/data/b.csv >/dev/null; cat ~/.netrc"
run "$duenna" learn
expect_status 0
expect_output 'allow read ~/data/[!.]*.csv'
expect_output '2 events in 1 session, 2 answers'
expect_output 'newly covers 1 file that exists now'
expect_output 'Approved, but asked about each time'
expect_output '#   read ~/.netrc'
expect_output 'expect allow read ~/data/a.csv'
run "$duenna" learn --json
expect_output '"questions_saved":2,'
run "$duenna" learn one -o "$folder/learned.rules"
expect_status 0
run "$duenna" rules check "$folder/learned.rules"
expect_status 0
run "$duenna" learn two
expect_status 1
expect_one_error_line

# Files of the same kind are read by these rules alone; others are not.
run "$duenna" run --ask deny --quiet --rules "$folder/learned.rules" -- cat ~/data/c.csv
expect_status 0
echo x >~/data/c.txt
run "$duenna" run --ask deny --quiet --rules "$folder/learned.rules" -- cat ~/data/c.txt
expect_status 1

# A denial keeps the kind closed.
echo no >~/data/no.csv
answered_session two "cat ~/data/no.csv"
run "$duenna" learn
expect_output 'allow read ~/data/a.csv'
expect_output 'expect ask read ~/data/no.csv'
grep -q '\*\.csv' "$out" && wrong 'a denial was let through'

# Stored, and then there is nothing to learn.
run "$duenna" learn --save always --unreviewed
expect_status 2
run "$duenna" learn --save always
expect_status 0
expect_output 'stored 2 rules'
run "$duenna" run --ask deny --quiet -- cat ~/data/a.csv
expect_status 0
run "$duenna" learn
expect_output 'There is nothing new to allow'
run "$duenna" rules undo
expect_status 0

# What --ask allow let happen is no approval.
run "$duenna" run --ask allow --quiet --name seen -- cat ~/data/c.txt
run "$duenna" learn seen
expect_output 'There is nothing new to allow'
run "$duenna" learn seen --unreviewed
expect_output 'UNREVIEWED'
expect_output 'allow read ~/data/c.txt'

# Only from what has to do with a vector, and below a heading for each.
echo notes >~/data/CLAUDE.md
echo b >~/data/b.txt
answered_session three "cat ~/data/b.txt ~/data/CLAUDE.md >/dev/null"
run "$duenna" learn three --vector memory
expect_status 0
expect_output 'allow read ~/data/CLAUDE.md'
grep -q 'b\.txt' "$out" && wrong 'learned from another vector'
run "$duenna" learn three --vector network --vector mcp
expect_output 'There is nothing new to allow'
run "$duenna" learn three --group
expect_output '# has to do with: files, memory'
order=$(grep -E '^(# ----|allow)' "$out" | cut -c1-40)
[[ $order == '# ---- files ----
allow read ~/data/b.txt
# ---- memory ----
allow read ~/data/CLAUDE.md' ]] || wrong "grouped as: $order"
cp "$out" "$folder/grouped.rules"
run "$duenna" rules check "$folder/grouped.rules"
expect_status 0
run "$duenna" learn three --json
expect_output '"vectors":["files","memory"]'
run "$duenna" learn --vector moon
expect_status 2
expect_error 'not "moon"'
