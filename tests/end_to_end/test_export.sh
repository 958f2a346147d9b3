#!/usr/bin/env bash
# Recordings written in every format, and taken in again: export and import.
# shellcheck source=tests/end_to_end/support.sh
. "$(dirname "$0")/support.sh"

export_as() { # SESSION FORMAT FILE
	run "$duenna" export "$1" --format "$2" -o "$3"
	expect_status 0
	[[ -s $3 ]] || wrong "$3 is empty"
}

# The name of a file, the command and the output try to be markup and to trick terminals.
run "$duenna" run --ask allow --quiet --name plain -- sh -c \
	'echo x >"a<script>alert(1)<script>"; cat "a<script>alert(1)<script>" /nowhere
	printf "%b" "b\033[31m\377" | xargs -0 touch; cat /etc/shadow; exit 3'
expect_status 3

# What is exported, imported and exported again is the same.
export_as plain jsonl first.jsonl
[[ $(stat -c %a first.jsonl) == 600 ]] || wrong 'others may read the export'
run "$duenna" import first.jsonl
expect_status 0
expect_output 'imported as session 2'
export_as 2 jsonl second.jsonl
cmp -s first.jsonl second.jsonl || wrong 'the second export differs'
run "$duenna" sessions --json
expect_output '"imported":true'
run "$duenna" sessions verify 2
expect_status 0
run "$duenna" replay 2 --diff
expect_status 0
expect_no_error
run "$duenna" import first.jsonl --db elsewhere.db
expect_status 0
expect_output 'imported as session 1'

# A wrong line is named, and nothing is changed.
refuse() { # LINE PROGRAM...: the export as sed changes it is refused in that line
	local line=$1
	shift
	sed "$@" first.jsonl >wrong.jsonl
	run "$duenna" import wrong.jsonl
	expect_status 1
	expect_one_error_line
	expect_error "wrong.jsonl:$line: "
}
lines=$(wc -l <first.jsonl)
refuse $((lines)) "\$d"
refuse 5 5d
refuse 1 '1d'
refuse 1 '1s/"format":1/"format":2/'
refuse 1 '1s/"name":"plain"/"name":"last"/'
refuse 2 '2s/"number":1/"number":2/'
refuse 3 '3s/"pid":[0-9]*/"pid":-1/'
refuse 4 '4s/,.*//'
refuse "$lines" "\$s/\"lines\":/\"lines\":1/"
run "$duenna" sessions --json
(($(wc -l <"$out") == 2)) || wrong 'a refused recording was kept'
run "$duenna" import missing.jsonl
expect_status 1
expect_one_error_line
run "$duenna" import /dev/zero
expect_status 1
expect_error 'is no regular file'

# Other formats hold together.
check_json() { # PYTHON: with the file's name in argv[1]
	python3 -c "import json, sys; $1" "$2" >"$out" 2>"$err" || wrong "$2 is not right"
}
export_as plain perfetto trace.json
check_json 'events = json.load(open(sys.argv[1]))["traceEvents"]
for e in events:
    assert e["ph"] in "XiM" and e["name"] and e["ts"] >= 0 and e["pid"] and e["tid"]
    assert e["ph"] != "X" or e["dur"] >= 0
assert any(e["ph"] == "i" and e["cat"] == "deny" or e["cat"] == "allow"
           for e in events if e["ph"] == "i")' trace.json
export_as plain ocsf ocsf.jsonl
check_json 'events = [json.loads(line) for line in open(sys.argv[1])]
for e in events:
    assert e["type_uid"] == e["class_uid"] * 100 + e["activity_id"]
    assert e["category_uid"] == e["class_uid"] // 1000
    assert e["metadata"]["product"]["name"] == "Duenna" and e["severity_id"]
    assert e["time"] > 0 and e["actor"]["process"]["pid"]' ocsf.jsonl

export_as plain html report.html
grep -q 'alert(1)' report.html || wrong 'the report lacks the file'
grep -q '<script>alert' report.html && wrong 'a name became markup'
LC_ALL=C grep -q $'[^\t -~]' <(sed 's/…//g' report.html) && wrong 'raw bytes are in the report'
(($(grep -c '<script' report.html) == 2)) || wrong 'not just the two scripts of its own'
grep -qE '(src|href)=|https?://[^w]' report.html && wrong 'the report loads something'

# Terminals: one with a size, colours and a character cut in two.
run "$duenna" export plain --format asciicast
expect_status 1
expect_error 'has no recorded terminal'
printf 'allow any *\n' >all.rules
run "$duenna" run --detach --name shown --rules all.rules -- \
	bash -c 'printf "\033[31mred\033[0m \303"; sleep 0.2; printf "\251\n\377"'
expect_status 0
timeout 60 "$duenna" log shown --follow >/dev/null 2>&1 </dev/null
export_as shown asciicast shown.cast
check_json 'lines = [json.loads(line) for line in open(sys.argv[1])]
assert lines[0]["version"] == 2 and lines[0]["width"] == 80 and lines[0]["height"] == 24
assert all(a[0] <= b[0] for a, b in zip(lines[1:], lines[2:]))
text = "".join(line[2] for line in lines[1:] if line[1] == "o")
assert text == "\x1b[31mred\x1b[0m \u00e9\r\n\ufffd", repr(text)' shown.cast

# A format must be named; a folder that is not there is said in one line.
run "$duenna" export plain
expect_status 2
run "$duenna" export plain --format html -o nowhere/report.html
expect_status 1
expect_one_error_line
