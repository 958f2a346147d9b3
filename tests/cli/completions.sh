#!/usr/bin/env bash
# The completion scripts are valid, and each shell offers what it should. A shell that is
# not installed is said and left out.
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

# What is tried: the words typed, with the last to be completed, and what it becomes; or,
# after "!", what no shell may offer there.
cases=(
	"duenna prof|profiles"
	"duenna rules li|list"
	"duenna rules check li|!list"
	"duenna run --a|--ask"
	"duenna run --ask d|deny"
	"duenna run --name x --on|--on-exit"
	"duenna run realpat|realpath"
	"duenna run --name realpat|!realpath"
	"duenna run --quiet -- realpat|realpath"
	"duenna run -- ls /etc/passw|/etc/passwd"
	"duenna rules add --sc|--scope"
	"duenna rules add --scope p|project"
	"duenna rules export --t|--to"
	"duenna rules export --out|!--output"
	"duenna rules export --to b|bwrap"
	"duenna rules load --from g|gemini-cli"
	"duenna sessions prune --o|--older-than"
	"duenna export --out|--output"
)

# Prints what bash offers.
bash_offers() {
	read -ra COMP_WORDS <<<"$1"
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	COMPREPLY=()
	_duenna
	echo "${COMPREPLY[*]}"
}

# Prints what fish offers.
fish_offers() {
	HOME=$folder fish --no-config -c "source $folder/fish; complete -C '$1'" </dev/null |
		cut -f1 | tr '\n' ' '
}

# Prints the line that zsh makes of it when somebody hits Tab.
zsh_offers() {
	rm -f "$folder/line"
	zsh -f "$folder/zsh-driver" "$folder" "$1" </dev/null
	cat "$folder/line"
}
mkdir "$folder/functions"
cp "$folder/zsh" "$folder/functions/_duenna"
cat >"$folder/zsh-driver" <<'END'
zmodload zsh/zpty
folder=$1
zpty shell "HOME=$folder TERM=dumb zsh -f -i"
zpty -w shell "fpath=($folder/functions \$fpath); autoload -Uz compinit"
zpty -w shell "compinit -u -D; duenna() { : }; PS1="
zpty -w shell "finish() { zle complete-word; print -r -- \$BUFFER >|$folder/written"
zpty -w shell "mv $folder/written $folder/line }; zle -N finish; bindkey '^X' finish"
zpty -n -w shell "$2"$'\x18'
# Its output has to be read, or it stops; it says nothing that matters here.
for ((i = 0; i < 600; i++)); do
	while zpty -r -t shell ignored; do :; done
	[[ -e $folder/line ]] && break
	sleep 0.1
done
zpty -d shell
[[ -e $folder/line ]]
END

try_shell() {
	local row typed expected offered
	for row in "${cases[@]}"; do
		typed=${row%|*} expected=${row##*|}
		offered=$("$1_offers" "$typed")
		if [[ $expected == !* ]]; then
			[[ " $offered " != *" ${expected#!} "* ]] && continue
		elif [[ " $offered " == *" $expected "* ]]; then
			continue
		fi
		echo "for \"$typed\" $1 offers \"$offered\", but this was expected: $expected"
		exit 1
	done
}

# In a function, as bash-completion does when somebody first hits Tab.
load_bash() {
	# shellcheck source=/dev/null
	. "$folder/bash"
}

set +eu
load_bash
for shell in bash zsh fish; do
	if command -v "$shell" >/dev/null; then
		try_shell "$shell"
	else
		echo "left out: $shell is not installed"
	fi
done
