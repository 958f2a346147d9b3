#!/usr/bin/env bash
# A project's own rules: they can only tighten until a person accepts exactly this content.
# shellcheck source=tests/end_to_end/support.sh
. "$(dirname "$0")/support.sh"

mkdir -p "$HOME/src/own" "$HOME/data"
echo one >"$HOME/data/a.txt"
cd "$HOME/src/own" || exit 1
read_data=("$duenna" run --ask deny --quiet --project . -- cat "$HOME/data/a.txt")

run "$duenna" rules accept --project .
expect_status 1
expect_error 'has no .duenna.rules'

run "${read_data[@]}"
expect_status 1
echo 'allow read ~/data/**' >.duenna.rules
run "${read_data[@]}"
expect_status 1

# What it says and would change, but no acceptance without a terminal.
run "$duenna" rules accept --project .
expect_status 1
expect_output 'allow read ~/data/**'
expect_output 'Nobody has accepted it'
expect_output 'ask   -> allow  read'
expect_output 'by allow read ~/data/**'
hash=$(grep -o '[0-9a-f]\{64\}' "$out")
run "${read_data[@]}"
expect_status 1

run "$duenna" rules accept --project . --hash "${hash/[0-9]/x}"
expect_status 1
expect_error 'another content'
run "$duenna" rules accept --project . --hash "$hash"
expect_status 0
run "${read_data[@]}"
expect_status 0
run "$duenna" run --ask deny --project . -- true
expect_error 'as it was accepted'
run "$duenna" rules accept --project .
expect_status 0
expect_output 'It was accepted'

# Another project with the same file is another matter.
mkdir -p "$HOME/src/other"
cp .duenna.rules "$HOME/src/other"
run "$duenna" run --ask deny --quiet --project "$HOME/src/other" -- cat "$HOME/data/a.txt"
expect_status 1

# Any change takes it back, and the old content has it again.
echo '# a comment' >>.duenna.rules
run "${read_data[@]}"
expect_status 1
run "$duenna" run --ask deny --project . -- true
expect_error 'has changed since it was accepted'
echo 'allow read ~/data/**' >.duenna.rules
run "${read_data[@]}"
expect_status 0

# The tree cannot accept: not by the command, not by the database.
printf 'allow any *\n' >"$folder/all.rules"
echo 'allow read ~/**' >.duenna.rules
hash=$(sha256sum .duenna.rules | cut -d' ' -f1)
run "$duenna" run --ask deny --quiet --project . --rules "$folder/all.rules" -- \
	"$duenna" rules accept --project . --hash "$hash"
((status != 0)) || wrong 'the tree accepted its own rules'
run "${read_data[@]}"
expect_status 1

# What is accepted tightens, too; and it can be taken back.
printf 'allow read ~/data/**\ndeny read ~/data/b.txt\n' >.duenna.rules
run "$duenna" rules accept --project . --hash "$(sha256sum .duenna.rules | cut -d' ' -f1)"
expect_status 0
run "${read_data[@]}"
expect_status 0
run "$duenna" rules accept --project . --withdraw
expect_output 'only tighten from now on'
run "${read_data[@]}"
expect_status 1

# A wrong file is no file to accept.
echo 'alow read /x' >.duenna.rules
run "$duenna" rules accept --project .
expect_status 1
expect_output '.duenna.rules:1:1:'

# Whoever made the project does not fill the memory of who looks at it.
head -c 300000 /dev/zero | tr '\0' '#' >.duenna.rules
run "${read_data[@]}"
expect_status 125
expect_error 'larger than 256 kB'
rm .duenna.rules

# What a file would change is said before it is loaded.
printf 'allow read ~/data/**\n' >"$folder/more.rules"
run "$duenna" rules load --effect --project . "$folder/more.rules"
expect_status 0
expect_output 'ask   -> allow  read'
expect_output 'that were denied would be allowed'
run "$duenna" rules list
grep -q 'data' "$out" && wrong 'rules were stored that were only to be tried'
