#!/usr/bin/env bash
# Compares the manual with the option tables, both ways: each command has a section
# "## duenna COMMAND", which describes its options and no others.
# usage: manual.sh GENERATOR MANUAL
set -euo pipefail
generator=$1
manual=$2

tabled=$("$generator" table | sed -n 's/^command //p; s/^option //p' |
	grep -v -- ' --help$' | sort)

described=$(awk '
	/^## duenna / {
		section = $0
		sub(/^## duenna /, "", section)
		# The words before the first that is no lower-case word are the command.
		name = ""
		count = split(section, words, " ")
		for (i = 1; i <= count && words[i] ~ /^[a-z]+$/; i++) {
			name = name (name == "" ? "" : " ") words[i]
		}
		print name
		next
	}
	/^# / { name = "" }
	name != "" && /^(\*-[a-z]\*, )?\*--/ {
		match($0, /--[a-z-]+/)
		print name " " substr($0, RSTART, RLENGTH)
	}
' "$manual" | sort)

if ! diff <(printf '%s\n' "$tabled") <(printf '%s\n' "$described"); then
	echo "< is in the option tables only, > in $manual only"
	exit 1
fi
