# shellcheck shell=bash
# The configuration: what it changes, what a wrong one does, and notify-command.
# shellcheck source=tests/end_to_end/support.sh
. "$(dirname "${BASH_SOURCE[0]}")/support.sh"

config=$HOME/.config/duenna/config

run "$duenna" config write
expect_status 0
expect_output "$config"
[[ $(stat -c %a "$config") == 600 ]] || wrong "the configuration is not the user's alone"
run "$duenna" config write
expect_status 1
expect_error "is there already"
run "$duenna" config check
expect_status 0

# Keys, as they are configured.
printf 'prefix Ctrl-a\nbind question y allow\n' >"$config"
run "$duenna" keys
expect_status 0
expect_output "The prefix key is Ctrl-A"
grep -q '^  a     y          allow  ' "$out" || wrong "y is not listed"

# One that is wrong changes nothing: no command runs without what it would have set.
printf 'profile memory\narming-ms soon\n' >"$config"
run "$duenna" run --ask deny -- touch started
expect_status 125
expect_error "$config:2:11: \"soon\" is not a number from 100 to 10000"
expect_one_error_line
[[ ! -e started ]] || wrong "the command ran with a wrong configuration"
run "$duenna" keys
expect_status 1

# A profile that is named is in force, and so is none of the default ones.
printf 'default-profiles no\n' >"$config"
run "$duenna" why read /usr/bin/env
expect_status 0
grep -qi ask "$out" || wrong "default profiles are in force"

# The tree has no business here.
printf 'allow any *\n' >"$folder/rules"
run_traced "$duenna" run --ask deny --rules "$folder/rules" -- cat "$config"
((status != 0)) || wrong "the tree could read the configuration"
run_traced "$duenna" run --ask deny --rules "$folder/rules" -- \
	sh -c "echo 'notify-command sh' >>'$config'"
((status != 0)) || wrong "the tree could write the configuration"

# notify-command: with nobody attached; nothing of what is asked about reaches a shell.
cat >"$folder/notify" <<'NOTIFY'
#!/bin/bash
printf '%s\n' "$#" "$@" "$DUENNA_TEXT" "$DUENNA_QUESTION" "$DUENNA_COUNT" "$DUENNA_SESSION" \
	>"$0.told.part"
ls -l /proc/self/fd >"$0.fds"
mv "$0.told.part" "$0.told"
NOTIFY
chmod +x "$folder/notify"
printf 'notify-command "%s" "two words"\n' "$folder/notify" >"$config"
hostile=$'x;touch $(touch bad)`touch bad`\e]2;bad\a\nbad'
echo secret >"$hostile"
printf 'allow any *\nask read "%s/*"\n' "$PWD" >"$folder/rules"
run "$duenna" run --detach --ask attach --rules "$folder/rules" \
	--no-default-profiles -- cat "$hostile"
expect_status 0
for _ in {1..600}; do
	[[ -e $folder/notify.told ]] && break
	sleep 0.1
done
cp "$folder/notify.told" "$out" || wrong "nobody was told"
text=$(sed -n 3p "$out")
[[ $(sed -n 1p "$out") == 2 && $(sed -n 2p "$out") == "two words" ]] ||
	wrong "the arguments are others"
[[ $text == "Duenna: cat asks to read $PWD/x;touch \$(touch bad)\`touch bad\`\\x1b]2;bad\\x07\\nbad" ]] ||
	wrong "the sentence is another: $text"
[[ $(sed -n 4p "$out") == "$text" ]] || wrong "DUENNA_TEXT is another"
question=$(sed -n 5p "$out")
[[ $question == *.* && $(sed -n 6p "$out") == 1 && $(sed -n 7p "$out") == "${question%.*}" ]] ||
	wrong "the numbers are others"
[[ ! -e bad ]] || wrong "a name was run by a shell"
grep -q 'socket:\|duenna\.db\|ptmx' "$folder/notify.fds" && wrong "the program holds descriptors of Duenna"
run "$duenna" answer "$question" deny
expect_status 0

# Whoever looks on is not told.
printf 'notify-command "%s"\n' "$folder/notify" >"$config"
rm -f "$folder/notify.told"
run "$duenna" run --ask deny --rules "$folder/rules" --no-default-profiles -- cat "$hostile"
[[ ! -e $folder/notify.told ]] || wrong "told without a question"
