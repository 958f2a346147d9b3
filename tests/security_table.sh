#!/usr/bin/env bash
# Checks the catalogue in SECURITY.md: rows 1 to 118, each with a known answer and with
# tests that exist. The attack program given as argument knows the names of attacks.
set -euo pipefail
set -f # names are patterns
cd "$(dirname "$0")/.."
attacks=$("$1" --list | cut -f1)
failed=0

complain() {
	printf 'SECURITY.md, row %s: %s\n' "$1" "$2"
	failed=1
}

# The table names a file of tests, or attacks by a pattern with *.
check_test() { # ROW NAME
	if [[ $2 == tests/* ]]; then
		[[ -e $2 ]] || complain "$1" "there is no $2"
	elif ! grep -qx -- "${2//\*/.*}" <<<"$attacks"; then
		complain "$1" "no attack is named $2"
	fi
}

next=1
while IFS='|' read -r _ row way answer _ tests _; do
	row=${row// /} answer=${answer# } answer=${answer% }
	[[ $row =~ ^[0-9]+$ ]] || continue
	[[ $row == "$next" ]] || complain "$row" "expected row $next"
	next=$((row + 1))
	case $answer in
	refused | judged | bounded | "not promised") ;;
	*) complain "$row" "unknown answer '$answer'" ;;
	esac
	[[ $tests == *\`* ]] || complain "$row" "names no test ($way)"
	for test in ${tests//[\`,]/ }; do
		check_test "$row" "$test"
	done
done < <(sed -n '/^## The catalogue/,$p' SECURITY.md)
((next > 118)) || complain "$next" "missing"
exit "$failed"
