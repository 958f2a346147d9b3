#!/usr/bin/env bash
# A rule that a person adds or removes by a command holds in sessions that run already.
# shellcheck source=tests/end_to_end/support.sh
. "$(dirname "$0")/support.sh"

echo hello >"$folder/file"
# shellcheck disable=SC2016 # for the shell in the session
tree='until cat "$1/file"; do sleep 0.1; done 2>/dev/null
while cat "$1/file"; do sleep 0.1; done >/dev/null 2>&1
echo "denied again"'
timeout 60 "$duenna" run --ask deny --quiet --db "$folder/duenna.db" -- \
	sh -c "$tree" sh "$folder" >"$folder/tree" 2>&1 &
session=$!
until [[ -e $folder/duenna.db ]] || ! kill -0 "$session"; do
	sleep 0.1
done
until run "$duenna" rules add --db "$folder/duenna.db" "allow read $folder/file" &&
	((status == 0)); do
	kill -0 "$session" || break
	sleep 0.1
done
until grep -q hello "$folder/tree" || ! kill -0 "$session"; do
	sleep 0.1
done
run "$duenna" rules remove --db "$folder/duenna.db" 1
expect_status 0
wait "$session"
status=$?
expect_status 0
cp "$folder/tree" "$out"
expect_output "hello"
expect_output "denied again"
