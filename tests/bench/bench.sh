#!/usr/bin/env bash
# Times programs with and without supervision and prints the ratios as a table beside
# what is aimed at. Default profiles, recorder on; each row once pinned to one core and
# once free, and the worse of the two counts. What starting a session costs has a row of
# its own and is left out of the others, which are timed from within.
# usage: bench.sh BUILD-FOLDER [ROW...]
set -euo pipefail

bench_folder=$(dirname "$(realpath "$0")")
build=$(realpath "$1")
shift
rows=("$@")
rounds=${DUENNA_BENCH_ROUNDS:-5}
folder=$(mktemp -d "${TMPDIR:-/tmp}/duenna-bench.XXXXXX")
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/home" "$folder/work"
export HOME=$folder/home GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
export XDG_RUNTIME_DIR=$folder XDG_DATA_HOME=$folder/data
cd "$folder/work"

supervised=("$build/duenna" run --ask allow --quiet --project "$folder/work" --)
# shellcheck disable=SC2034 # passed by name
sealed=("$build/duenna" run --ask allow --quiet --reads sealed --project "$folder/work" --)
# shellcheck disable=SC2034
sandboxed=("$build/bench/bare_sandbox" /usr /etc "$folder" --)
# shellcheck disable=SC2034
free=(env)
pinned=(taskset -c "$(taskset -cp $$ | sed 's/.*: *//; s/[,-].*//')")

# --- Measuring ------------------------------------------------------------------------

median() {
	sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

run_quietly() {
	"$@" >/dev/null 2>"$folder/stderr" </dev/null || {
		echo "bench: failed: $*" >&2
		cat "$folder/stderr" >&2
		return 1
	}
}

# Microseconds that a command takes, with all that goes before it.
time_all() { # WRAPPER... @ COMMAND...
	local words=() start word
	for word; do
		[[ $word == @ ]] || words+=("$word")
	done
	start=${EPOCHREALTIME/./}
	run_quietly "${words[@]}"
	echo $((${EPOCHREALTIME/./} - start))
}

# Microseconds that it takes within what the wrapper starts.
time_inside() { # WRAPPER... @ COMMAND...
	local words=() word
	for word; do
		if [[ $word == @ ]]; then
			words+=(./timed took)
		else
			words+=("$word")
		fi
	done
	run_quietly "${words[@]}"
	cat took
}

is_wanted() {
	local row
	((${#rows[@]})) || return 0
	for row in "${rows[@]}"; do
		[[ $1 != "$row" ]] || return 0
	done
	return 1
}

ratio() {
	awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'
}

worse() {
	awk -v a="$1" -v b="$2" 'BEGIN { print (a > b ? a : b) }'
}

print_row() { # NAME BASE-TEXT PINNED FREE TARGET (-: none)
	local worst
	worst=$(worse "$3" "$4")
	awk -v name="$1" -v base="$2" -v pinned="$3" -v free="$4" -v worst="$worst" \
		-v target="$5" 'BEGIN {
			mark = target == "-" ? "" : worst <= target ? "ok" : "MISSED"
			printf "%-34s %14s %8s %8s %8s %7s  %s\n", name, base, pinned, free,
				worst, target, mark
		}'
}

# Medians of a command natively and in another way, taken in turn so that a change of
# the machine's speed touches both: "NATIVE OTHER"
compare() { # TIMER PREPARE PREFIX-ARRAY WRAPPER-ARRAY COMMAND...
	local timer=$1 prepare=$2 i
	local -n prefix=$3 wrapper=$4
	shift 4
	: >"$folder/native"
	: >"$folder/other"
	for ((i = 0; i < rounds; i++)); do
		"$prepare"
		"$timer" "${prefix[@]}" @ "$@" >>"$folder/native"
		"$prepare"
		"$timer" "${prefix[@]}" "${wrapper[@]}" @ "$@" >>"$folder/other"
	done
	echo "$(median <"$folder/native") $(median <"$folder/other")"
}

# A row of the table: a command against itself without supervision.
against_native() { # NAME TARGET PREPARE WRAPPER-ARRAY COMMAND...
	local name=$1 target=$2 prepare=$3 kind=$4 native other pinned_ratio
	shift 4
	is_wanted "$name" || return 0
	read -r native other < <(compare time_inside "$prepare" pinned "$kind" "$@")
	pinned_ratio=$(ratio "$other" "$native")
	read -r native other < <(compare time_inside "$prepare" free "$kind" "$@")
	print_row "$name" "$((native / 1000)) ms" "$pinned_ratio" \
		"$(ratio "$other" "$native")" "$target"
}

# --- Opens ----------------------------------------------------------------------------

open_ns() { # COMMAND...: median over some runs of open_loop under it
	local i
	for ((i = 0; i < rounds; i++)); do
		"$@" "$build/bench/open_loop" "$folder/work/file" 20000 2>/dev/null
	done | median
}

bench_opens() {
	local ours_pinned ours_free strace_pinned bare_pinned opener_pinned
	is_wanted open || return 0
	: >file
	ours_pinned=$(open_ns "${pinned[@]}" "${supervised[@]}")
	ours_free=$(open_ns "${supervised[@]}")
	strace_pinned=$(open_ns "${pinned[@]}" strace -f --seccomp-bpf -e trace=openat \
		-o /dev/null)
	bare_pinned=$(open_ns "${pinned[@]}" "$build/bench/bare_tracer")
	opener_pinned=$(open_ns "${pinned[@]}" "$build/bench/bare_opener")
	print_row 'open, against strace' "$strace_pinned ns" \
		"$(ratio "$ours_pinned" "$strace_pinned")" \
		"$(ratio "$ours_free" "$strace_pinned")" 0.6
	print_row 'open, against the barest tracer' "$bare_pinned ns" \
		"$(ratio "$ours_pinned" "$bare_pinned")" \
		"$(ratio "$ours_free" "$bare_pinned")" 1.6
	print_row 'open, against the barest opener' "$opener_pinned ns" \
		"$(ratio "$ours_pinned" "$opener_pinned")" \
		"$(ratio "$ours_free" "$opener_pinned")" -
}

# --- Other calls: no target, but what a judged one costs ----------------------------------

call_ns() { # KIND COUNT COMMAND...: median over some runs of call_loop under it
	local kind=$1 count=$2 i
	shift 2
	for ((i = 0; i < rounds; i++)); do
		"$@" "$build/bench/call_loop" "$kind" "$count" 2>/dev/null
	done | median
}

bench_calls() {
	local kind count native ours_pinned ours_free
	: >one
	while read -r kind count; do
		is_wanted "$kind" || continue
		native=$(call_ns "$kind" "$count" "${pinned[@]}")
		ours_pinned=$(call_ns "$kind" "$count" "${pinned[@]}" "${supervised[@]}")
		ours_free=$(call_ns "$kind" "$count" "${supervised[@]}")
		printf '%-34s %14s %8s %8s\n' "$kind, against native" "$native ns" \
			"$(ratio "$ours_pinned" "$native")" "$(ratio "$ours_free" "$native")"
	done <<-'KINDS'
		mkdir 5000
		rename 5000
		connect 5000
		exec 200
	KINDS
}

# --- Whole programs -------------------------------------------------------------------

prepare_nothing() {
	:
}

make_c_sources() {
	local i
	mkdir -p source
	for ((i = 0; i < 30; i++)); do
		printf '#include <stdio.h>\n#include <stdlib.h>\n#include <unistd.h>\n' \
			>"source/file$i.c"
		printf 'int function%d(int x) { printf("%%d", x); return x + %d; }\n' $i $i \
			>>"source/file$i.c"
	done
}

prepare_c_build() {
	rm -f source/*.o
}

make_repository() {
	local i
	git init -q repository
	for ((i = 0; i < 300; i++)); do
		mkdir -p "repository/folder$((i % 20))"
		seq "$i" $((i + 200)) >"repository/folder$((i % 20))/file$i"
	done
	git -C repository add .
	git -C repository -c user.name=bench -c user.email=bench@localhost commit -qm one
	for ((i = 0; i < 300; i += 2)); do
		seq "$i" $((i + 300)) >"repository/folder$((i % 20))/file$i"
	done
	git -C repository -c user.name=bench -c user.email=bench@localhost commit -qam two
}

prepare_clone() {
	rm -rf clone
}

make_small_files() {
	local i
	for ((i = 0; i < 150; i++)); do
		mkdir -p "tree/folder$i"
		(cd "tree/folder$i" && seq 1000 1099 | split -l 1 - file)
	done
}

bench_programs() {
	cp "$build/bench/timed" . # where a sealed session may read it
	make_c_sources
	against_native 'compile 30 C files, 2 jobs' 1.20 prepare_c_build supervised \
		sh -c 'cd source && printf "%s\n" *.c | xargs -P 2 -n 1 cc -c'
	# The interpreter itself: what chooses one is a shell script of many execs.
	python=$(python3 -c 'import sys; print(sys.executable)')
	# shellcheck disable=SC2016 # expanded by the inner shell
	against_native 'python start-ups' 1.05 prepare_nothing supervised \
		sh -c 'for i in 1 2 3 4 5 6 7 8 9 10; do "$0" -c "import json"; done' "$python"
	make_repository
	against_native 'git clone and checkouts' 1.20 prepare_clone supervised \
		sh -c 'git clone -q repository clone && cd clone && git checkout -q HEAD~1 &&
			git checkout -q - && git status --short'
	against_native '200 execs' 1.25 prepare_nothing supervised "$build/bench/exec_loop" 200
	if command -v node >/dev/null; then
		against_native 'node start-ups' 1.05 prepare_nothing supervised \
			sh -c 'for i in 1 2 3 4 5; do node -e 0; done'
	fi
	make_small_files
	against_native 'grep -r, 15,000 files' 2.5 prepare_nothing supervised \
		grep -rc 1042 tree
	against_native 'the same, --reads sealed' 1.05 prepare_nothing sealed \
		grep -rc 1042 tree
	# What of that is the kernel's own work, whoever asks for it.
	against_native 'the same, by Landlock alone' - prepare_nothing sandboxed \
		grep -rc 1042 tree
}

bench_start_up() {
	local native other
	is_wanted start-up || return 0
	read -r native other < <(compare time_all prepare_nothing free supervised true)
	print_number 'start-up over native, in ms' "$(ratio $((other - native)) 1000)" 10
}

bench_question() {
	local ms
	is_wanted question || return 0
	ms=$(python3 "$bench_folder/bench_question.py" "$build/duenna" "$folder/work" "$rounds")
	print_number 'stop to question drawn, in ms' "$ms" 50
}

# Who computes is to keep 95 % of the speed while somebody else waits for an answer.
bench_held() {
	local native pinned_ratio free_ratio
	is_wanted held || return 0
	read -r native pinned_ratio < <(python3 "$bench_folder/bench_held.py" "$build/duenna" \
		"$folder/work" "$build/bench/cpu_loop" "$rounds" "${pinned[@]}")
	read -r native free_ratio < <(python3 "$bench_folder/bench_held.py" "$build/duenna" \
		"$folder/work" "$build/bench/cpu_loop" "$rounds")
	print_row 'computing while a question waits' "$native ms" "$pinned_ratio" \
		"$free_ratio" 1.05
}

print_number() { # NAME NUMBER TARGET
	awk -v name="$1" -v us="$2" -v target="$3" 'BEGIN {
		printf "%-34s %14s %8s %8s %8.2f %7s  %s\n", name, "", "", "", us, target,
			(us <= target ? "ok" : "MISSED")
	}'
}

bench_rules() {
	local count ns
	is_wanted rules || return 0
	while read -r count _ ns _; do
		print_number "look-up in $count rules, in us" "$(ratio "$ns" 1000)" \
			"$([[ $count == 100 ]] && echo 0.3 || echo 1)"
	done < <("$build/bench/bench_rules")
}

bench_replay() {
	local what seconds
	is_wanted replay || return 0
	while read -r what seconds _; do
		case $what in
		replay) print_number 'open 1,000,000 events, in s' "$seconds" 1 ;;
		first) print_number 'first seek, to something shown, in s' "$seconds" 0.1 ;;
		seek) print_number 'any other seek, in s' "$seconds" 0.1 ;;
		rejudge) print_number 'judge them again, in s' "$seconds" 2 ;;
		memory) print_number 'memory for that, in MB' "$seconds" 200 ;;
		esac
	done < <("$build/bench/bench_replay")
}

bench_learn() {
	local what seconds
	is_wanted learn || return 0
	while read -r what seconds _; do
		print_number "learn from 1,000,000, $what, in s" "$seconds" 5
	done < <("$build/bench/bench_learn")
}

# What a rule about code costs a call that it could decide, and a question once.
bench_stacks() {
	local name frames first later
	is_wanted stacks || return 0
	cat >deep.py <<-'SCRIPT'
		import os
		def deep(depth):
		    return os.close(os.open("/etc/hostname", 0)) if depth == 0 else deep(depth - 1)
		for _ in range(300):
		    deep(48)
	SCRIPT
	while read -r name frames first later; do
		print_number "$name stack, $frames frames, in us" "$later" \
			"$([[ $name == code ]] && echo 300 || echo 250)"
		print_number '  the first of a program' "$first" 10000
	done < <("$build/bench/bench_stack" /etc/hostname python3 deep.py)
	if command -v node >/dev/null; then
		while read -r name frames first later; do
			print_number "$name stack of node, $frames, in us" "$later" 500
			print_number '  the first of a program' "$first" 60000
		done < <("$build/bench/bench_stack" /etc/hostname node -e \
			'for (let i = 0; i < 300; i++) fs.closeSync(fs.openSync("/etc/hostname"))')
	fi
}

awk '$1 > 0.5 { print "bench: the machine is busy (load " $1 "): the figures mean little" }' \
	/proc/loadavg >&2
printf '%-34s %14s %8s %8s %8s %7s\n' work native 'one core' free worse 'at most'
bench_opens
bench_calls
bench_start_up
bench_question
bench_held
bench_rules
bench_replay
bench_learn
bench_stacks
bench_programs
