#!/usr/bin/env bash
# Files that the kernel has another program run (binfmt_misc): what is asked, shown and
# recorded of them, and what becomes of those whose handler cannot be told.
if [[ $(id -u) != 0 ]]; then
	echo 'left out: registering handlers needs root'
	exit 77
fi
if [[ -z ${IN_OWN_MOUNTS:-} ]]; then
	exec env IN_OWN_MOUNTS=1 unshare --mount bash "$0" "$@"
fi
# shellcheck source=tests/end_to_end/support.sh
. "$(dirname "$0")/support.sh"

registry=/proc/sys/fs/binfmt_misc
kind=duenna-$(basename "$folder")
if ! mount -t binfmt_misc none "$registry" 2>/dev/null && [[ ! -e $registry/register ]]; then
	echo 'left out: the kernel has no binfmt_misc'
	failed=77
	exit
fi

register() { # NAME TYPE:OFFSET:MAGIC: PROGRAM FLAGS
	echo ":$kind-$1:$2:$3:$4" >"$registry/register"
}

remove() {
	local entry
	for entry in "$registry/$kind"-*; do
		[[ ! -e $entry ]] || echo -1 >"$entry"
	done
}
trap 'remove; chmod -R u+rwx "$folder"; rm -rf "$folder"; exit "$failed"' EXIT

# The prefix of both kinds is the test's own: nobody else's files are taken.
register magic "M:1:$kind-a:" /bin/cat P
cp /bin/cat shower
register ending "E::${kind##*.}:" "$PWD/shower" F
printf '#%s-a\n' "$kind" >handled
printf 'its text\n' >"text.${kind##*.}"
chmod +x handled text.*

run "$duenna" run --ask allow -- sh -c './handled handled; ./text.*'
expect_status 0
expect_output "#$kind-a"
expect_output 'its text'
run "$duenna" log --json
expect_output '"argv":["/bin/cat","./handled","./handled","handled"]'
expect_output "\"argv\":[\"$PWD/shower\",\"./text.${kind##*.}\"]"

# Either is judged: the file and what runs it.
for denied in "$PWD/handled" /usr/bin/cat; do
	printf 'deny exec %s\n' "$denied" >denying.rules
	run "$duenna" run --ask allow --rules denying.rules -- sh -c './handled'
	expect_status 126
	expect_error "denied exec $denied"
done

# Registering is a write like others.
run "$duenna" run --ask deny -- sh -c "echo ':$kind-x:E::x::/bin/cat:' >$registry/register"
expect_error "denied write $registry/register"
[[ ! -e $registry/$kind-x ]] || wrong 'a handler was registered'

# The program that was opened when it was registered is not the one of that name now.
cp shower other && mv other shower
run "$duenna" run --ask allow -- sh -c './text.*'
expect_status 137
expect_error 'what it became is not what was judged'
run "$duenna" log --json
expect_output '"verdict":"deny"'
rm shower
run "$duenna" run --ask allow -- sh -c './text.*'
expect_status 126
expect_error 'opened before and cannot be told'

# Switched off it takes no files any more.
echo 0 >"$registry/$kind-magic"
run "$duenna" run --ask allow -- sh -c './handled'
expect_status 0
[[ ! -s $out ]] || wrong 'the shell, for which it is a comment, did not run it'
