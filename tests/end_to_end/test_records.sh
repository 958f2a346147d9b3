#!/usr/bin/env bash
# What was recorded, listed and removed again: sessions and log.
# shellcheck source=tests/end_to_end/support.sh
. "$(dirname "$0")/support.sh"

run "$duenna" sessions
expect_status 0
expect_output 'no sessions yet; start one with: duenna run -- COMMAND'
run "$duenna" log
expect_status 0
expect_output 'no sessions yet'
run "$duenna" log --json
expect_status 1
expect_one_error_line
run "$duenna" sessions --json
expect_status 0
[[ ! -s $out ]] || wrong 'something was printed'

run "$duenna" run --ask allow --name first -- sh -c 'echo x > file; cat file; exit 3'
expect_status 3
printf 'deny read %s/work/file\n' "$folder" >deny.rules
run "$duenna" run --ask allow --rules deny.rules --quiet -- cat file
expect_status 1

run "$duenna" sessions
expect_status 0
expect_output 'first'
expect_output 'exit 3'
run "$duenna" sessions --json
expect_output '"name":"first"'
expect_output '"status":3'
expect_output '"argv":["cat","file"]'

run "$duenna" sessions show first
expect_status 0
expect_output 'Session 1, first'
expect_output 'exit status 3'
expect_output 'Programs run'
expect_output 'Files written'
expect_output "$folder/work/file"
run "$duenna" sessions show
expect_output 'Denied'
run "$duenna" sessions show nobody
expect_status 1
expect_error 'there is no session "nobody"'

# Filters.
run "$duenna" log first --verb write
expect_status 0
expect_output "allow  write   $folder/work/file"
grep -q ' read ' "$out" && wrong 'a read is among the writes'
run "$duenna" log first --match "$folder/work/*" --verb read --verb delete
expect_output "read    $folder/work/file"
(($(wc -l <"$out") == 1)) || wrong 'more than the one read'
run "$duenna" log first --verdict deny
expect_output 'no events like that in session 1'
run "$duenna" log --verdict deny
expect_output "deny   read    $folder/work/file  cat"
expect_output "deny.rules:1: deny read $folder/work/file"
run "$duenna" log first --vector files --verb write
expect_output "allow  write   $folder/work/file"
run "$duenna" log first --vector network --vector memory
expect_output 'no events like that in session 1'
run "$duenna" log first --group
grep -qx 'files:' "$out" || wrong 'no heading'
grep -qx 'applications:' "$out" || wrong 'no second heading'
grep -qx 'rag:' "$out" && wrong 'a heading of nothing'
(($(grep -n 'files:' "$out" | cut -d: -f1) == 1)) || wrong 'something before the heading'
run "$duenna" log --vector moon
expect_status 2
run "$duenna" log --group --json
expect_status 2
expect_one_error_line
run "$duenna" log --verb fly
expect_status 2
expect_error 'there is no verb "fly"'
run "$duenna" log --match 'a[' first
expect_status 2
expect_one_error_line

# One object a line, with the promised fields.
run "$duenna" log --json --verdict deny
expect_status 0
(($(wc -l <"$out") == 1)) || wrong 'not one line'
for field in '"session":2' '"seq":' '"time":"' '"pid":' '"tid":' \
	"\"program\":\"$(realpath "$(command -v cat)")\"" '"argv":["cat","file"]' \
	'"verb":"read"' "\"object\":\"$folder/work/file\"" '"asked_as":"file"' \
	'"syscall":"open' '"verdict":"deny"' '"by":"rule:' '"scope":' '"waited_ms":0' \
	'"errno_name":"EACCES"' '"python":' '"native":' '"generated_code":' '"mcp":' \
	'"vectors":["files"]'; do
	expect_output "$field"
done
run "$duenna" log first --json --verb exec
expect_output '"argv":["cat","file"]'

# A recording that was changed is found out.
run "$duenna" sessions verify first
expect_status 0
expect_output 'session 1 is intact'
run "$duenna" sessions verify --json first
expect_output '"state":"intact"'
cp "$HOME/.local/share/duenna/duenna.db" changed.db
sqlite3 changed.db 'UPDATE events SET verdict = 0 WHERE session = 1 AND seq = 3'
run "$duenna" sessions verify first --db changed.db
expect_status 1
expect_output 'session 1 is not intact since event 3'
cp "$HOME/.local/share/duenna/duenna.db" changed.db
sqlite3 changed.db "UPDATE processes SET argv = X'00' WHERE session = 1 AND number = 1"
run "$duenna" sessions verify first --db changed.db
expect_status 1
expect_output 'session 1 is not intact since process 1: it was changed'
run "$duenna" sessions verify nobody
expect_status 1
expect_one_error_line

# Following ends with the session, and gives its last events.
mkfifo go
"$duenna" run --ask allow --name followed -- sh -c 'read -r line <go; echo x >last' \
	>/dev/null 2>&1 </dev/null &
exec 3>go # opens when the session's shell does
"$duenna" log followed --follow --verb write >"$out" 2>"$err" &
follower=$!
echo now >&3
exec 3>&-
wait "$follower"
status=$?
expect_status 0
expect_output "write   $folder/work/last"
wait

# Removing recordings leaves the rules.
run "$duenna" rules add 'allow read /nowhere'
run "$duenna" sessions prune
expect_status 2
run "$duenna" sessions prune --older-than 0 --dry-run
expect_output 'would remove 3 sessions'
run "$duenna" sessions prune --size 1000
expect_output 'nothing to remove'
run "$duenna" sessions prune --older-than 0
expect_status 0
expect_output 'removed 3 sessions'
run "$duenna" sessions
expect_output 'no sessions yet'
run "$duenna" rules
expect_output 'allow read /nowhere'

# A file that is no database is refused in one line and stays as it is.
head -c 5000 /dev/zero | tr '\0' x >garbage.db
cp garbage.db copy.db
for command in sessions log rules; do
	run "$duenna" "$command" --db garbage.db
	expect_status 1
	expect_one_error_line
	expect_error 'garbage.db is damaged or no database'
done
run "$duenna" run --db garbage.db --ask deny -- true
expect_status 125
cmp -s garbage.db copy.db || wrong 'the garbage was changed'

# What came nearest to danger: the worst first, one line for what is of one kind.
mkdir -p ~/.ssh project
echo key >~/.ssh/id_rsa
echo key >~/.ssh/other
echo x >project/.env
run "$duenna" run --ask allow --no-default-profiles --name near -- \
	sh -c 'cat project/.env; echo >> ~/.bashrc'
run "$duenna" sessions show near
expect_output 'Nearest to danger'
expect_output 'allowed    write   ~/.bashrc: This runs in every new shell, outside Duenna.'
expect_output "allowed    read    $folder/work/project/.env: Passwords of an application"
printf 'deny read ~/.ssh/**\ndeny any %s/work/plain\n' "$folder" >near.rules
echo x >plain
run "$duenna" run --ask allow --quiet --no-default-profiles --rules near.rules \
	--name far -- sh -c 'cat plain; cat ~/.ssh/id_rsa ~/.ssh/other; cat project/.env;
		cat ~/.local/share/duenna/duenna.db; echo >plain; chmod 0 plain; rm plain'
run "$duenna" sessions show far
expect_output 'denied     read    ~/.ssh/id_rsa and 1 more: Keys for other machines'
expect_output "denied     read    $folder/work/plain"
near=$(sed -n '/^Nearest/,/^$/s/^  \([a-z]*\) *\([a-z]*\) .*/\1 \2/p' "$out" | tr '\n' ,)
[[ $near == 'allowed read,denied read,forbidden read,denied read,denied write,' ]] ||
	wrong "these are not the five worst: $near"
run "$duenna" run --ask allow --no-default-profiles --name calm -- true
run "$duenna" sessions show calm
expect_status 0
if grep -q 'Nearest' "$out"; then
	wrong 'a harmless session has dangers'
fi
