#!/usr/bin/env bash
# Permission settings of other tools as rules: exact, or stricter, or left out with a reason.
# shellcheck source=tests/end_to_end/support.sh
. "$(dirname "$0")/support.sh"

# Reads settings and prints what would be stored; nothing is.
from() { # TOOL
	run "$duenna" rules load --from "$1" --effect --project . "$folder/settings"
}

expect_rule() { # RULE: it is one of those that came out
	cut -f 1 "$out" | grep -qxF -- "  $1" || wrong "lacks the rule: $1"
}

expect_no_rule() { # RULE
	cut -f 1 "$out" | grep -qxF -- "  $1" && wrong "has the rule: $1"
}

cat >"$folder/settings" <<'EOF'
{"permissions": {
  "allow": ["Bash(ls:*)", "Bash(cat notes.txt)", "Bash(sort -*)", "Bash(ls | sh)",
            "Bash(FOO=1 ls)", "Bash(no-such-program:*)", "Read(~/docs/**)",
            "Read(/x)", "Edit(src/*.c)", "Write(//srv/x)", "WebFetch(domain:example.com)",
            "WebSearch", "WebFetch(domain:a.example:443 by /usr/bin/curl)", "mcp__files__read_file", "mcp__all", "Read", "Bash(sed -n x)"],
  "ask": ["Bash(sed -n:*)"],
  "deny": ["Bash(curl:*)", "Bash(rm * now)", "Read(.env)", "Edit(./secret)", "Read(/y/)",
           "WebFetch(domain:evil.example)", "mcp__files__*"],
  "defaultMode": "acceptEdits"}}
EOF
from claude-code
expect_status 0
expect_rule 'allow exec /usr/bin/ls **'
expect_rule 'allow exec /usr/bin/cat notes.txt'
expect_rule 'allow exec /usr/bin/sort -*'
expect_rule 'allow read ~/docs/**'
expect_rule 'allow write {project}/src/*.c'
expect_rule 'allow write /srv/x'
expect_rule 'allow connect example.com:443'
expect_rule 'allow mcp all/*'
expect_rule 'ask exec /**/sed -n **'
expect_rule 'deny exec /**/curl **'
expect_rule 'deny exec /**/rm **'
expect_rule 'deny read {project}/**/.env'
expect_rule 'deny write,delete,meta {project}/secret/**'
expect_rule 'deny read {project}/y/**'
expect_rule 'deny connect evil.example:*'
expect_rule 'deny mcp files/*'
expect_output 'Bash(ls | sh): left out'
expect_output 'Bash(FOO=1 ls): left out'
expect_output 'Bash(no-such-program:*): left out'
expect_output 'Bash(rm * now): covers more'
expect_output 'Read(/x): left out'
expect_output 'WebSearch: left out'
expect_output 'WebFetch(domain:a.example:443 by /usr/bin/curl): left out'
expect_output 'Read: left out'
expect_output 'permissions.defaultMode: left out'
# There deny and ask come first; here the more specific rule does.
expect_no_rule 'allow mcp files/read_file'
expect_output 'mcp__files__read_file: left out: here it would win over'
expect_no_rule 'allow exec /usr/bin/sed -n x'

# A project that lies in a folder that is denied is in it.
mkdir -p "$HOME/work"
cat >"$folder/settings" <<'EOF'
{"permissions": {"deny": ["Read(~/work/**)"], "allow": ["Read(./docs/a.txt)", "Read(~/x)"]}}
EOF
run "$duenna" rules load --from claude-code --effect --project "$HOME/work" "$folder/settings"
expect_status 0
expect_rule 'deny read ~/work/**'
expect_rule 'allow read ~/x'
expect_no_rule 'allow read {project}/docs/a.txt'

cat >"$folder/settings" <<'EOF'
# Comments, alternatives, a justification
prefix_rule(
    pattern = ["git", ["status", "log"]], # either
    match = ["git status"],
)
prefix_rule(pattern = ["git", "push"], decision = "prompt", justification = "look")
prefix_rule(pattern = ["/usr/bin/cat", "it's *"], decision = 'forbidden')
prefix_rule(pattern = ["ls", "by", "/usr/bin/sh"])
network_rule(host = "api.example.com", protocol = "https", decision = "allow")
host_executable(name = "git", paths = ["/usr/bin/git"])
EOF
from codex
expect_status 0
if [ -x /usr/bin/git ]; then
	expect_rule 'allow exec /usr/bin/git status **'
	expect_rule 'allow exec /usr/bin/git log **'
fi
expect_rule 'ask exec /**/git push **'
expect_output "deny exec /**/cat "
expect_output 'allow exec /usr/bin/ls "by" /usr/bin/sh **'
expect_rule 'allow connect api.example.com:443'
expect_output 'host_executable: left out'
for wrong_file in 'prefix_rule(pattern = [x])' 'prefix_rule(pattern = [])' 'def f(): pass' \
	'prefix_rule(pattern = ["a"], decision = "maybe")' 'prefix_rule(pattern = ["a"' \
	'other_rule(pattern = ["a"])' 'prefix_rule(pattern = ["""a"""])' \
	'prefix_rule(pattern = ["a"], pattern = ["b"])'; do
	printf '\n%s' "$wrong_file" >"$folder/settings"
	from codex
	expect_status 1
	expect_one_error_line
	expect_error 'line 2'
done

cat >"$folder/settings" <<'EOF'
{"tools": {"allowed": ["run_shell_command(ls -l)", "read_file"],
           "exclude": ["run_shell_command(rm)"], "core": ["ShellTool"]}}
EOF
from gemini-cli
expect_status 0
expect_rule 'allow exec /usr/bin/ls -l **'
expect_rule 'deny exec /**/rm **'
expect_output 'read_file: left out'
expect_output 'tools.core: left out'

cat >"$folder/settings" <<'EOF'
{"permission": {
  "bash": {"*": "ask", "ls *": "allow", "sort": "allow", "cat secret": "allow", "cat *": "deny"},
  "edit": {"docs/*.md": "allow", "*.key": "deny", "a/b*/c": "deny"},
  "webfetch": "allow"}}
EOF
from opencode
expect_status 0
expect_rule 'ask exec *'
expect_rule 'allow exec /usr/bin/ls * **'
expect_rule 'allow exec /usr/bin/sort ()'
expect_rule 'deny exec /**/cat **'
expect_no_rule 'allow exec /usr/bin/cat secret'
expect_rule 'allow write {project}/docs/*.md'
expect_rule 'deny write,delete,meta {project}/**/*.key'
expect_rule 'deny write,delete,meta {project}/a/**'
expect_output 'webfetch "*": left out'

# They are stored like a rule file, and can be taken back together.
run "$duenna" rules load --from opencode --project . "$folder/settings"
expect_status 0
run "$duenna" rules list
expect_output 'opencode: bash "ls *"'
run "$duenna" rules undo
expect_status 0
run "$duenna" rules list
expect_output 'no stored rules yet'

for text in '[1]' '{"permissions": {"allow": [' '' 'null'; do
	printf '%s' "$text" >"$folder/settings"
	from claude-code
	expect_status 1
	expect_one_error_line
done
run "$duenna" rules load --from cursor "$folder/settings"
expect_status 2
