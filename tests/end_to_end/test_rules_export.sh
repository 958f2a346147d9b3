#!/usr/bin/env bash
# Stored rules as a file for others, and as lists of other tools: never more than they allow.
# shellcheck source=tests/end_to_end/support.sh
. "$(dirname "$0")/support.sh"

mkdir -p ~/docs ~/out ~/keys
touch ~/docs/a.txt ~/keys/.env
for rule in 'allow write,delete,meta ~/out/**' 'allow read ~/docs/**' 'allow read ~/keys/**' 'allow read ~/**' \
	'allow read ~/own/** by /usr/bin/cat' 'allow read ~/note?.txt' 'allow write ~/half/**' \
	'deny read ~/private/**' 'allow exec /opt/tool' 'allow connect example.com:*' \
	'allow connect other.example:443' 'deny connect evil.example:443'; do
	run "$duenna" rules add "$rule"
	expect_status 0
done

run "$duenna" rules export
expect_status 0
expect_output '# ---- Files ----'
expect_output '# ---- Hosts and sockets ----'
expect_output 'added by hand; decided 0 actions'
grep -v '^#' "$out" | grep . >"$folder/first"
sort -c <(grep '^allow' "$folder/first" | grep -E ' (read|write)') || wrong 'not in order'
cp "$out" exported.rules
run "$duenna" rules check exported.rules
expect_status 0

run "$duenna" rules export --to landlock
expect_status 0
expect_output "read $HOME/docs"
expect_output "write $HOME/out"
expect_output 'execute /opt/tool'
(($(wc -l <"$out") == 3)) || wrong 'more was allowed than could be'
expect_error 'left out: allow read ~/**: within it holds'
expect_error 'left out: allow read ~/keys/**: there is no such folder, or other rules'
expect_error 'left out: allow read ~/own/** by /usr/bin/cat'
expect_error 'left out: allow read ~/note?.txt'
expect_error 'left out: allow write ~/half/**: there, writing is also deleting'

run "$duenna" rules export --to bwrap
expect_output "--ro-bind $HOME/docs $HOME/docs"
expect_output "--bind $HOME/out $HOME/out"

run "$duenna" rules export --to sandbox-runtime
expect_status 0
expect_output '"allowedDomains":["example.com"]'
expect_output '"deniedDomains":["evil.example"]'
expect_output "\"allowWrite\":[\"$HOME/out\"]"
expect_output "$HOME/private"
expect_output "$HOME/.ssh"
expect_error 'left out: allow connect other.example:443'
