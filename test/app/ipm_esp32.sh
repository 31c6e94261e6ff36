#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The ipm_esp32 sample as two processes: its console to the letter, restarts, and what goes wrong.
# Usage: ipm_esp32.sh BUILD_FOLDER
set -u
pro=$1/ipm_esp32_pro
app=$1/ipm_esp32_app
work=$(mktemp -d) || exit 1
other=
trap '[ -z "$other" ] || kill -9 $other 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cd "$work" || exit 1

fail()
{
	echo "FAILED: $*"
	exit 1
}

# expect ROUNDS FILE: what the sample's README shows, so many times and nothing else.
expect()
{
	for round in $(seq "$1"); do
		echo 'PRO_CPU is sending a fake request, waiting remote response...'
		echo 'PRO_CPU received a message from APP_CPU : APP_CPU: This is a response'
	done | diff - "$2" || fail "not the sample's output"
}

# is RESULT EXPECTED WHAT
is()
{
	[ "$1" = "$2" ] || fail "$3: exit code $1, not $2"
}

echo 'in either order, on a new and on a used mailbox'
"$app" --mailbox box --rounds 7 >app.out &
other=$!
"$pro" --mailbox box --rounds 7 >pro.out
is $? 0 pro
wait $other
is $? 0 app
expect 7 pro.out
[ ! -s app.out ] || fail "APP_CPU says: $(cat app.out)"
"$pro" --mailbox box --rounds 2 >pro.out &
other=$!
"$app" --mailbox box --rounds 2
is $? 0 app
wait $other
is $? 0 pro
expect 2 pro.out

# until WORDS: read lines of the console until one has them, keeping all.
until_line()
{
	while read -r line <&3; do
		echo "$line" >>pro.out
		case $line in *"$1"*) return 0 ;; esac
	done
	fail "no line with '$1'"
}

echo 'APP_CPU is killed and started again in each of three rounds'
mkfifo console
: >pro.out
"$app" --mailbox box &
other=$!
"$pro" --mailbox box --rounds 4 >console &
first=$!
exec 3<console
for round in 1 2 3; do
	until_line received
	kill -9 $other
	wait $other 2>/dev/null
	"$app" --mailbox box &
	other=$!
done
until_line received
exec 3<&-
wait $first
is $? 0 'pro, with an APP_CPU that restarts'
expect 4 pro.out

echo 'PRO_CPU is killed and started again; APP_CPU serves on'
for round in 1 2 3; do
	"$pro" --mailbox box >console &
	first=$!
	: >pro.out
	exec 3<console
	until_line received
	kill -9 $first
	wait $first 2>/dev/null
	exec 3<&-
	expect 1 pro.out
done

echo 'a second process on a side'
"$app" --mailbox box 2>err
is $? 9 'second app'
grep -q 'another process has side 1' err || fail "$(cat err)"

echo 'a signal ends either'
"$pro" --mailbox box >console &
first=$!
exec 3<console
until_line received
kill -TERM $first
wait $first
is $? 130 'pro, interrupted'
exec 3<&-
kill -INT $other
wait $other
is $? 130 'app, interrupted'
other=

echo 'a peer that never appears'
"$pro" --mailbox box --patience 120 >out
is $? 3 'pro alone'
grep -q 'APP_CPU has not appeared: waited for 120 ms' out || fail "$(cat out)"
"$app" --mailbox box --patience 120 >out
is $? 3 'app alone'
grep -q 'PRO_CPU has not appeared: waited for 120 ms' out || fail "$(cat out)"

echo 'a peer that stops answering'
"$app" --mailbox box --rounds 1 &
other=$!
"$pro" --mailbox box --patience 1000 >out
is $? 4 'pro, whose peer has left'
wait $other
is $? 0 'app, after its round'
other=
grep -q 'APP_CPU has stopped answering: silent for 1000 ms' out || fail "$(cat out)"

# wrong EXIT WORDS ARGUMENTS...
wrong()
{
	code=$1 words=$2
	shift 2
	"$pro" "$@" >out 2>err </dev/null
	is $? "$code" "$*"
	grep -q -e "$words" err || fail "$*: no '$words' in: $(cat err)"
}

echo 'arguments and files that cannot be'
head -c 5000 /dev/zero >zeros
head -c 65537 /dev/zero >odd
wrong 2 'usage: '
wrong 2 'usage: ' --mailbox box extra
wrong 2 "neither pro nor app" --mailbox box --side both
wrong 2 "--rounds 'x'" --mailbox box --rounds x
wrong 2 "--rounds '-1'" --mailbox box --rounds -1
wrong 2 "--patience '0'" --mailbox box --patience 0
wrong 2 'unrecognized option' --mailbox box --nonsense
wrong 2 'multiple of 64' --mailbox box --window 100
wrong 9 'not a mailbox file' --mailbox zeros
wrong 9 'No such file' --mailbox none/box
wrong 9 'directory' --mailbox .
wrong 9 'cannot use the flash image' --mailbox box --flash none
wrong 9 '65537 bytes' --mailbox box --flash odd
head -c 5000 /dev/zero | cmp -s - zeros || fail 'the wrong file was changed'
if [ -c /dev/full ]; then
	"$app" --mailbox box --rounds 1 &
	other=$!
	"$pro" --mailbox box --rounds 1 >/dev/full
	is $? 2 'a console that takes nothing'
	kill -9 $other
	other=
fi
echo 'all is well'
