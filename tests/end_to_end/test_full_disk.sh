#!/usr/bin/env bash
# Where the record cannot be written any more, nothing goes on: the tree ends with the
# session, which says so, and what was recorded before is whole.
# shellcheck source=tests/end_to_end/support.sh
. "$(dirname "$0")/support.sh"

if ((EUID != 0)) || ! unshare --mount true 2>/dev/null; then
	echo "skipped: only root can have a small disk of its own"
	exit
fi

mkdir "$folder/disk"
# shellcheck disable=SC2016 # for the shells below
tree='while :; do : </etc/hostname; done'
# shellcheck disable=SC2016
run unshare --mount bash -c 'mount -t tmpfs -o size=1m none "$2" || exit 1
	"$1" run --ask allow --db "$2/duenna.db" -- sh -c "$3"
	status=$?
	cp "$2"/duenna.db* "$4"
	exit "$status"' bash "$duenna" "$folder/disk" "$tree" "$folder/work"
expect_status 125
expect_error "disk is full"

run "$duenna" sessions verify --db "$folder/work/duenna.db"
expect_status 0
expect_output "is intact"
