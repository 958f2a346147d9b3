#!/usr/bin/env bash
# The temporary folder of a session whose supervisor was killed goes with the next session,
# and nothing else does.
# shellcheck source=tests/end_to_end/support.sh
. "$(dirname "$0")/support.sh"

mkfifo up
export TMPDIR=$folder/tmp
mkdir "$TMPDIR" "$TMPDIR/duenna-backup" "$folder/outside"
echo precious >"$folder/outside/file"
echo precious >"$TMPDIR/duenna-backup/file"

# The tree's own traps: links out of the folder, folders that nobody may write, depth.
# shellcheck disable=SC2016 # for the shell in the tree
tree='ln -s "$1" "$TMPDIR/link"; mkdir -p "$TMPDIR/a/b/c"; echo x >"$TMPDIR/a/b/c/file"
	ln -s "$1" "$TMPDIR/a/b/link"; chmod 500 "$TMPDIR/a/b"; echo "$TMPDIR" >up
	while :; do cat /etc/passwd; done'

start() { # starts a session; its pid and folder are then in supervisor and left
	"$duenna" run --ask allow --quiet -- sh -c "$tree" sh "$folder/outside" \
		>/dev/null 2>&1 </dev/null &
	supervisor=$!
	read -r left <up
}

stop() {
	kill -KILL "$1"
	wait "$1" 2>/dev/null
}

start
first=$left
stop "$supervisor"
[[ -d $first ]] || wrong "killed: $first is gone already"

start
second=$left
alive=$supervisor
[[ ! -e $first ]] || wrong "$first is still there"
run "$duenna" run --ask allow -- true
expect_status 0
[[ -d $second ]] || wrong "the folder of a running session is gone"
stop "$alive"

# Somebody puts something else in its place.
mv "$second" "$folder/moved"
ln -s "$folder/outside" "$second"
run "$duenna" run --ask allow -- true
expect_status 0
[[ -L $second ]] || wrong "a link in place of a folder was removed"
[[ -d $folder/moved ]] || wrong "a folder under another name was removed"

for file in "$folder/outside/file" "$TMPDIR/duenna-backup/file"; do
	[[ $(<"$file") == precious ]] || wrong "$file is gone"
done
rm "$second"
[[ $(ls "$TMPDIR") == duenna-backup ]] || wrong "left over: $(ls "$TMPDIR")"

# Whom root's commands become have their temporary files there, too.
if ((EUID == 0)); then
	chmod 711 "$folder"
	chmod 1777 "$TMPDIR"
	# shellcheck disable=SC2016 # for the shell in the tree
	run "$duenna" run --ask allow --quiet -- setpriv --reuid=65534 --regid=65534 \
		--clear-groups sh -c 'file=$(mktemp) && echo "kept in $file" >"$file" && cat "$file"'
	expect_status 0
	expect_output "kept in $TMPDIR/duenna-"
	[[ $(ls "$TMPDIR") == duenna-backup ]] || wrong "left over: $(ls "$TMPDIR")"
fi
