#!/usr/bin/env bash
# Fails on an include that the layers do not allow: the table below is the one in
# ARCHITECTURE.md. Also fails when a project header is not named from the root, and when
# a library header is included by a folder that has no business with it.
set -euo pipefail
cd "$(dirname "$0")/.."

declare -A allowed=(
	[base]="base"
	[rules]="rules base"
	[db]="db rules base"
	[tracer]="tracer rules base"
	[session]="session db tracer rules base"
	[tui]="tui rules base session/protocol.h"
	[cli]="cli tui session db tracer rules base"
)
declare -A libraries=(
	[base]="jansson.h"
	[rules]="libpsl.h unicase.h unictype.h uninorm.h unistr.h"
	[db]="sqlite3.h jansson.h sha2.h"
	[tracer]="seccomp.h libunwind.h libunwind-ptrace.h"
	[session]="jansson.h"
	[tui]="ncurses.h curses.h vterm.h jansson.h"
	[cli]="jansson.h sqlite3.h seccomp.h libunwind.h ncurses.h curses.h vterm.h"
)
guarded=" jansson.h libpsl.h sqlite3.h seccomp.h libunwind.h libunwind-ptrace.h \
ncurses.h curses.h vterm.h sha2.h unicase.h unictype.h uninorm.h unistr.h "

failed=0
complain() {
	printf '%s: %s\n' "$1" "$2"
	failed=1
}

check_project_include() { # FILE FOLDER INCLUDED
	local file=$1 folder=$2 included=$3 permit
	for permit in ${allowed[$folder]}; do
		if [[ $included == "$permit" || $included == "$permit"/* ]]; then
			if [[ ! -e $included ]]; then
				complain "$file" "includes $included, which does not exist"
			fi
			return
		fi
	done
	complain "$file" "$folder/ may not include $included"
}

check_library_include() { # FILE FOLDER INCLUDED
	local base=${3##*/}
	if [[ $guarded == *" $base "* && " ${libraries[$2]} " != *" $base "* ]]; then
		complain "$1" "$2/ may not include <$3>"
	fi
}

pattern='^([^:]+):[[:space:]]*#[[:space:]]*include[[:space:]]*([<"])([^">]+)[">]'
while IFS= read -r line; do
	[[ $line =~ $pattern ]] || continue
	file=${BASH_REMATCH[1]}
	included=${BASH_REMATCH[3]}
	if [[ ${BASH_REMATCH[2]} == '"' ]]; then
		check_project_include "$file" "${file%%/*}" "$included"
	else
		check_library_include "$file" "${file%%/*}" "$included"
	fi
done < <(grep -rH --include='*.[ch]' '^[[:space:]]*#[[:space:]]*include' "${!allowed[@]}")
exit "$failed"
