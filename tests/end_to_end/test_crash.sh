#!/usr/bin/env bash
# Kills the supervisor at any moment: nothing of the tree survives, the database stays
# sound, and no rule that was stored is lost.
# shellcheck source=tests/end_to_end/support.sh
. "$(dirname "$0")/support.sh"

rounds=${DUENNA_CRASH_ROUNDS:-20}
mkfifo up
export TMPDIR=$folder # what is killed leaves its temporary folder to the next session

# Processes that still carry the mark of this test's trees.
survivors() {
	local file
	for file in /proc/[0-9]*/environ; do
		if grep -qzxF "DUENNA_CRASH_MARK=$folder" "$file" 2>/dev/null; then
			echo "${file//[^0-9]/}"
		fi
	done
}

# They die with their tracer, which takes them a moment.
expect_no_survivors() {
	local begin=$SECONDS
	while [[ -n $(survivors) ]]; do
		if ((SECONDS - begin > 10)); then
			wrong "$1: still there: $(survivors | tr '\n' ' ')"
			return
		fi
	done
}

expect_sound() {
	run "$duenna" doctor
	grep -q 'duenna.db is sound' "$out" || wrong "$1: the database is not sound"
}

tree='trap "" TERM HUP INT; (while :; do echo x >"f$$"; cat "f$$"; done) & echo up >up
	while :; do cat /etc/passwd; done'
export DUENNA_CRASH_MARK=$folder
for ((i = 1; i <= rounds; i++)); do
	"$duenna" run --ask allow --quiet -- sh -c "$tree" >/dev/null 2>&1 </dev/null &
	supervisor=$!
	read -r _ <up
	run "$duenna" rules add "allow read /round/$i"
	expect_output "rule $i:"
	for ((n = RANDOM % 3000; n > 0; n--)); do :; done
	kill -KILL "$supervisor"
	wait "$supervisor" 2>/dev/null
	expect_no_survivors "round $i"
	expect_sound "round $i"
done
run "$duenna" rules
for ((i = 1; i <= rounds; i++)); do
	expect_output "allow read /round/$i"
done
run "$duenna" sessions
(($(grep -c ' lost ' "$out") == rounds)) || wrong 'not every session is lost'

# At named places, in builds that have them: the supervisor kills itself there.
for place in before-batch after-batch before-batch:3 after-batch:3; do
	DUENNA_FAILPOINT=$place timeout 60 "$duenna" run --ask allow --quiet -- \
		sh -c 'i=0; while [ "$i" -lt 300 ]; do cat /etc/passwd; i=$((i + 1)); done' \
		>/dev/null 2>&1 </dev/null
	expect_no_survivors "$place"
	expect_sound "$place"
done

# An answer that was taken for stored is stored, wherever the supervisor dies.
printf 'allow any *\nask read %s/asked-*\n' "$folder" >asking.rules
for place in none before-commit after-commit; do
	echo x >"$folder/asked-$place"
	DUENNA_FAILPOINT=$place "$duenna" run --ask attach --rules asking.rules \
		--no-default-profiles --name "$place" -- cat "$folder/asked-$place" \
		>"$folder/cat" 2>/dev/null </dev/null &
	supervisor=$!
	question=
	until [[ -n $question ]] || ! kill -0 "$supervisor" 2>/dev/null; do
		run "$duenna" questions
		question=$(grep -o '^[0-9]*\.[0-9]*' "$out" | head -n 1)
	done
	run "$duenna" answer "$question" allow --scope always
	answered=$status
	wait "$supervisor" 2>/dev/null
	expect_no_survivors "$place"
	expect_sound "$place"
	run "$duenna" rules
	if ((answered == 0)) || [[ -s $folder/cat ]]; then
		expect_output "allow read $folder/asked-$place"
	elif [[ $place == none ]]; then
		wrong 'the answer was not taken'
	fi
done
