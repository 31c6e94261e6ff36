#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The flash_ipm sample as two processes: both consoles to the letter, the flash byte by byte, the
# host's shell, restarts, and what goes wrong. Usage: flash_ipm.sh BUILD_FOLDER
set -u
host=$1/flash_ipm_host
remote=$1/flash_ipm_remote
farflash=$1/farflash
common=$(cd "$(dirname "$0")/../common/flash_ipm" && pwd) || exit 1
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

# is RESULT EXPECTED WHAT
is()
{
	[ "$1" = "$2" ] || fail "$3: exit code $1, not $2"
}

# new_flash BYTES: an erased one in flash.bin
new_flash()
{
	head -c "$1" /dev/zero | tr '\0' '\377' >flash.bin
}

# What the sample prints, spelling and blanks included.
cp "$common/remote.txt" remote.expected && cp "$common/dump.txt" dump.expected || exit 1
[ "$(wc -l <dump.expected)" = 16 ] || fail 'this test is damaged'

# The flash after the remote's three steps: 32 times 00 to 7f, everything else as it was.
i=0
while [ $i -lt 128 ]; do
	printf "\\$(printf %03o $i)"
	i=$((i + 1))
done >pattern
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
	cat pattern pattern
done >page
new_flash 4194304
cp flash.bin flash.expected
dd if=page of=flash.expected bs=4096 seek=944 conv=notrunc 2>log || fail "$(cat log)"

# start_host OPTION...: with keys on descriptor 3 and its console in host.out
mkfifo keys
start_host()
{
	: >host.out
	"$host" --mailbox box --flash flash.bin "$@" <keys >>host.out 2>err &
	other=$!
	exec 3>keys
	until grep -q 'uart:~' host.out; do kill -0 $other || fail "no prompt: $(cat err)"; done
}

# start_serve OPTION...: farflash in the host's place
start_serve()
{
	: >up
	"$farflash" -q -p nor:flash.bin serve --mailbox box --no-shell "$@" >up &
	other=$!
	until grep -q listening up; do kill -0 $other || fail 'serve does not start'; done
}

# end_host CODE: it ends by itself
end_host()
{
	exec 3>&-
	wait $other
	is $? "$1" host
	other=
}

run_remote()
{
	"$remote" --mailbox box >remote.out 2>err
	is $? 0 remote
	diff remote.expected remote.out || fail "not the sample's output"
}

echo 'the host first: three steps, then the shell answers'
start_host
run_remote
printf 'flash read 3b0000 100\n' >>host.out # as a terminal would show it
printf 'flash read 3b0000 100\nexit\n' >&3
end_host 0
{
	printf 'uart:~$ flash read 3b0000 100\n'
	cat dump.expected
	printf '\nuart:~$ '
} | diff - host.out || fail "not the sample's session"
cmp flash.expected flash.bin || fail 'the flash holds something else'

echo 'on a terminal: the session as the sample shows it'
mkfifo screen
script -qfc "$host --mailbox box --flash flash.bin" log <keys >screen &
other=$!
exec 3>keys 4<screen
[ "$(head -c 8 <&4)" = 'uart:~$ ' ] || fail 'no prompt'
printf 'flash read 3b0000 100\n' >&3
: >screen.out
while read -r line <&4; do
	printf '%s\n' "$line" | tr -d '\r' >>screen.out
	case $line in 003B00F0:*) break ;; esac
done
printf 'exit\n' >&3
cat <&4 >rest
exec 3>&- 4<&-
wait $other
is $? 0 'host on a terminal'
other=
{
	echo 'flash read 3b0000 100'
	cat dump.expected
} | diff - screen.out || fail "not the sample's session"

echo 'the remote first, and again and again, against one host'
rm box
new_flash 4194304
"$remote" --mailbox box >remote.out 2>err &
first=$!
start_host
wait $first
is $? 0 'remote before the host'
diff remote.expected remote.out || fail "not the sample's output"
for i in 1 2 3; do
	dd if=/dev/urandom of=flash.bin bs=4096 seek=944 count=1 conv=notrunc 2>log
	run_remote
done
cmp flash.expected flash.bin || fail 'the flash holds something else'

echo 'the remote is killed at any moment; the next one works'
for i in 1 2 3 4 5 6 7 8; do
	mkfifo steps
	"$remote" --mailbox box >steps 2>err &
	first=$!
	exec 5<steps
	lines=0
	while [ $lines -lt $((i * 2)) ] && read -r line <&5; do
		lines=$((lines + 1))
	done
	kill -9 $first 2>/dev/null
	wait $first 2>/dev/null
	exec 5<&-
	rm steps
done
run_remote
cmp flash.expected flash.bin || fail 'the flash holds something else'

echo 'the host is killed and started again'
kill -9 $other
wait $other 2>/dev/null
exec 3>&-
start_host
run_remote

echo 'the other commands of the shell, on the host, by name and by their words'
cat >commands <<'END'
flash page_info 3b0123
flash erase 3b1000
flash write 3b1000 12345678 0x9abcdef0
flash read 3b1000 8
flash test 3b2000 2000 2
flash copy 3b0000 3b1008 80
flash read_test 0 1000 2
flash erase_test 3b4000 1000 2
flash write_test 3b4000 1000 2
flash read 400000
flash erase 3b0001
nonsense
help
END
cat commands >&3
printf '%300s\nexit\n' x >&3
end_host 0
for words in 'start offset: 0x3b0000' 'size: 4096' 'index: 944' 'Erase success.' 'Write OK.' \
	'Verified.' '003B1000: 78 56 34 12 f0 de bc 9a ' 'Erase-Write test done.' 'Copy OK.' \
	'Loop #2 done in ' 'Speed: ' 'Read ERROR! code -2 (range)' 'Erase Failed, code -3 (align)' \
	'nonsense: command not found' 'flash copy <source>' 'more than 255 characters'; do
	grep -q "$words" host.out || fail "the shell does not say: $words; but $(cat host.out)"
done
head -c $((0x3b1088)) flash.bin | tail -c 128 | cmp - pattern || fail 'not copied'

echo 'a supervisor of another make: farflash serve, with and without the rights'
new_flash 4194304
start_serve --grant storage_partition:rwe
run_remote
cmp flash.expected flash.bin || fail 'the flash holds something else'
kill -TERM $other
wait $other
is $? 0 'farflash serve'
start_serve --grant storage_partition:r
"$remote" --mailbox box >remote.out
is $? 6 'remote without rights'
grep -q '^\* Erasing first 4096 bytes of partition.. FAILED: code -21 (refused) at 0x3b0000; the host' \
	remote.out || fail "$(cat remote.out)"
grep -q 'Step 2' remote.out && fail 'a step after one that failed'
cmp flash.expected flash.bin || fail 'refused, and yet changed'
kill -TERM $other
wait $other
other=

echo 'nobody serves'
"$remote" --mailbox box --patience 150 >remote.out
is $? 3 'remote alone'
grep -q 'no flash supervisor on the host CPU within 150 ms; start' remote.out ||
	fail "$(cat remote.out)"

echo 'the host stops answering while the remote works'
start_host
mkfifo steps
"$remote" --mailbox box --patience 400 >steps &
first=$!
kill -STOP $other
cat <steps >remote.out
wait $first
result=$?
kill -CONT $other
case $result in
0 | 3 | 4) ;; # done before the stop, or found nobody, or lost it
*) fail "a stopped host: exit code $result: $(cat remote.out)" ;;
esac
[ $result = 0 ] || grep -q 'start ' remote.out || fail "no remedy: $(cat remote.out)"

echo 'signals, ends of input'
kill -TERM $other
end_host 130
start_host
printf 'flash page_info 0\n' >&3
end_host 0 # the input ends after something was typed
grep -q 'index: 0' host.out || fail "$(cat host.out)"
"$host" --mailbox box --flash flash.bin </dev/null >host.out &
other=$!
run_remote # nobody types: it serves
kill -INT $other
wait $other
is $? 130 'host without keys'
other=

echo 'boards that lack something'
"$host" --mailbox box </dev/null >host.out
is $? 2 'host without a flash'
grep -q 'no flash to serve: give it one of 4 MiB' host.out || fail "$(cat host.out)"
new_flash 2097152
"$host" --mailbox box --flash flash.bin </dev/null >host.out
is $? 2 'host with a small flash'
grep -q 'storage_partition ends at 0x3e0000, the flash at 0x200000: give one of 4 MiB' host.out ||
	fail "$(cat host.out)"
start_serve --grant all:rwe
"$remote" --mailbox box >remote.out
is $? 6 'remote on a small flash'
grep -q 'FAILED: code -2 (range) .*needs a flash of 4 MiB' remote.out || fail "$(cat remote.out)"
if [ -c /dev/full ]; then
	"$remote" --mailbox box >/dev/full
	[ $? != 0 ] || fail 'a console that takes nothing, and yet success'
fi
echo 'all is well'
