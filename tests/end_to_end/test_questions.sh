# shellcheck shell=bash
# Questions of a session that runs in the background, answered from elsewhere.
# shellcheck source=tests/end_to_end/support.sh
. "$(dirname "${BASH_SOURCE[0]}")/support.sh"

echo the-content >"$folder/secret"
printf 'allow any *\nask read %s\nlabel secret %s\n' "$folder/secret" "$folder/secret" \
	>"$folder/rules"

start_session() { # NAME SCRIPT
	run "$duenna" run --detach --ask attach --name "$1" --rules "$folder/rules" \
		--no-default-profiles -- sh -c "$2"
	expect_status 0
}

await_question() { # sets question to its number
	for _ in {1..200}; do
		run "$duenna" questions
		question=$(grep -o '^[0-9]*\.[0-9]*' "$out" | head -n 1)
		[[ -n $question ]] && return
		sleep 0.05
	done
	wrong "no question is open"
}

await_file() { # FILE
	for _ in {1..200}; do
		[[ -s $1 ]] && return
		sleep 0.05
	done
	wrong "$1 was not written"
}

run "$duenna" questions
expect_status 0
[[ ! -s $out ]] || wrong "there are questions before any session"

start_session one "cat '$folder/secret' >'$folder/one'; echo \$? >'$folder/one.status'"
await_question
expect_output "read $folder/secret"
expect_output "asked by cat"
run "$duenna" questions --json
expect_output '"verb":"read"'
expect_output "\"object\":\"$folder/secret\""
expect_output '"vectors":["files"]'
run "$duenna" questions --vector network --vector files
expect_output "read $folder/secret"
run "$duenna" questions --vector network
[[ ! -s $out ]] || wrong "a question of another vector"
run "$duenna" answer "$question" allow
expect_status 0
await_file "$folder/one.status"
[[ $(cat "$folder/one") == the-content ]] || wrong "the allowed read gave nothing"

# What a process knows is part of a question, but does not repeat the one that made it so.
start_session labelled "read -r line <'$folder/secret'; read -r line <'$folder/secret'; :"
await_question
first=$question
run "$duenna" questions --json
expect_output '"labels":[]'
run "$duenna" answer "$question" allow
for _ in {1..200}; do
	await_question
	[[ $question != "$first" ]] && break
	sleep 0.05
done
[[ $question == "${first%.*}.2" ]] || wrong "the allowed read was asked again"
run "$duenna" questions --json
expect_output "secret: it read $folder/secret"
run "$duenna" answer "$question" allow
expect_status 0

start_session two "cat '$folder/secret'; cat '$folder/secret'; echo \$? >'$folder/two.status'"
await_question
run "$duenna" answer "$question" deny --pattern '/nowhere/**'
expect_status 2
expect_error "--pattern needs a --scope"
run "$duenna" answer "$question" allow --scope session --pattern '/nowhere/**'
expect_status 1
expect_error "not take effect"
run "$duenna" answer "$question" deny --scope session --pattern "$folder/secret"
expect_status 0
await_file "$folder/two.status"
[[ $(cat "$folder/two.status") == 1 ]] || wrong "the denied read did not fail"

start_session three 'sleep 1000'
run "$duenna" pause three
expect_status 0
run "$duenna" resume three
expect_status 0
run "$duenna" answer 999 allow
expect_status 1
expect_error "no open question has the number 999"
run "$duenna" answer zero allow
expect_status 2
run "$duenna" answer 1 perhaps
expect_status 2
run "$duenna" stop three
expect_status 0
for _ in {1..200}; do
	run "$duenna" pause three
	((status == 1)) && break
	sleep 0.05
done
expect_status 1
grep -q 'not running\|has ended' "$err" || wrong "it does not say that it is over"
