#!/usr/bin/env bash
# The completion scripts are valid, and bash offers what it should.
# usage: completions.sh GENERATOR
set -euo pipefail
generator=$1
folder=$(mktemp -d "${TMPDIR:-/tmp}/duenna-completions.XXXXXX")
trap 'rm -rf "$folder"' EXIT

for shell in bash zsh fish; do
	"$generator" "$shell" >"$folder/$shell"
	if command -v "$shell" >/dev/null; then
		"$shell" -n "$folder/$shell"
	fi
	while read -r line; do
		# The last word; fish writes "-l name", the others "--name".
		name=${line##* }
		if ! grep -qE -- "(^|[^a-z])${name#--}([^a-z]|\$)" "$folder/$shell"; then
			echo "the completion of $shell lacks $line"
			exit 1
		fi
	done < <("$generator" table)
done

# offers WORD... - EXPECTED: completes the last WORD.
offers() {
	local expected=${*: -1}
	COMP_WORDS=("${@:1:$#-1}")
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	COMPREPLY=()
	_duenna
	if [[ " ${COMPREPLY[*]} " != *" $expected "* ]]; then
		echo "for \"${COMP_WORDS[*]}\" bash offers \"${COMPREPLY[*]}\", not $expected"
		exit 1
	fi
}
set +eu
# shellcheck source=/dev/null
. "$folder/bash"
offers duenna r run
offers duenna run --a --ask
offers duenna run --ask d deny
offers duenna run --name x --on --on-exit
offers duenna rules l list
offers duenna rules add --sc --scope
offers duenna rules add --scope p project
