#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# flash_ipm on two cores: both consoles to the letter, the shell behind them, what is in the flash,
# and, where the part is QEMU's, what it was told by QEMU's own account. Usage: flash_ipm.sh
# SOURCE_FOLDER IMAGE_FOLDER
set -u
. "$1/test/target/lib.sh"
common=$top/test/common/flash_ipm

trace=
[ $board != sifive_u ] || trace='-trace m25p80_command_decoded -trace m25p80_flash_erase
	-trace m25p80_page_program -trace m25p80_programming_zero_to_one -D trace.log'

session() # session FILE COMMAND...
{
	file=$1
	shift
	rm -f trace.log
	flash_session "$file" "$trace" "$@"
}

# orders ADDRESS LENGTH: QEMU's part was told nothing that no flash should be.
orders()
{
	[ -z "$trace" ] || sh "$top/test/target/nor_orders.sh" "$1" "$2" <trace.log ||
		fail 'orders no flash should get'
}

[ -z "$trace" ] || {
	echo 'the judge of orders to a flash sees what is wrong'
	command='m25p80_command_decoded [0x1] new command:' program='m25p80_page_program [0x1] page program cur_addr='
	for wrong in "${command}0x12" "${command}0x06|${program}0x3b00ff data=0x0|${program}0x3b0100 data=0x0" \
		"${program}0x3b1000 data=0x0" 'm25p80_flash_erase [0x1] offset = 0x3b0000, len = 65536' \
		'm25p80_programming_zero_to_one [0x1] programming' "${command}0xc7"; do
		{
			echo "$wrong" | tr '|' '\n'
			echo "${command}0x06"
			echo "${command}0x21"
			echo 'm25p80_flash_erase [0x1] offset = 0x3b0000, len = 4096'
			echo "${program}0x3b0000 data=0x0"
		} >wrong.log
		sh "$top/test/target/nor_orders.sh" 3b0000 1000 <wrong.log >log && fail "not seen: $wrong"
		tail -n 4 wrong.log | sh "$top/test/target/nor_orders.sh" 3b0000 1000 || fail 'seen: nothing'
	done
}

echo 'the sample, and the shell behind it'
new_nor flash.bin
expected_nor expected.bin
session out 'flash read 3b0000 100'
is $result 0 "$(cat out err)"
{
	printf 'uart:~$ '
	cat "$common/remote.txt"
	echo 'flash read 3b0000 100'
	cat "$common/dump.txt"
	printf '\nuart:~$ exit\n'
} >expected
diff expected out || fail "not the sample's session"
is_flash expected.bin || fail 'the flash holds something else'
orders 3b0000 1000

echo 'the same again, to the byte'
new_nor flash.bin
[ -z "$trace" ] || sed 's/\[0x[0-9a-f]*\]//' trace.log >first.log
session again 'flash read 3b0000 100'
cmp out again || fail 'another run, another output'
[ -z "$trace" ] || sed 's/\[0x[0-9a-f]*\]//' trace.log | cmp first.log - ||
	fail 'another run, other orders to the flash'

echo 'over what an earlier run has left; other commands'
session out 'flash erase 3b1000' 'flash write 3b1000 12345678 0x9abcdef0' 'flash read 3b1000 8' \
	'flash copy 3b0000 3b1008 80' nonsense
is $result 0 "$(cat out err)"
for words in 'Erase success.' 'Write OK.' '003B1000: 78 56 34 12 f0 de bc 9a ' 'Copy OK.' \
	'nonsense: command not found'; do
	grep -q "$words" out || fail "the shell does not say: $words; but $(cat out)"
done
orders 3b0000 2000

[ -n "$trace" ] || {
	echo 'a part that only clears bits'
	session out 'flash write 3b1100 0f0f0f0f' 'flash write 3b1100 ffff0000' \
		'flash read 3b1100 4'
	grep -q 'Verification ERROR! 0x0f instead of 0xff' out &&
		grep -q '^003B1100: 00 00 0f 0f ' out || fail "$(cat out)"
}

echo 'more keys at once than the console has room for'
for i in $(seq 100); do
	echo 'flash read 3b0000 1'
done >typed
session out "$(cat typed)"
is $result 0 "$(cat out err)"
[ "$(grep -c '^003B0000: 00 ' out)" = 100 ] || fail "of 100 commands: $(cat out)"

echo 'a flash that others have written over'
head -c 1000 "$images/flash_ipm_host.elf" | dd of=flash.bin bs=4096 seek=944 conv=notrunc 2>log
session out 'flash read 3b0000 100'
is $result 0 "$(cat out err)"
diff "$common/dump.txt" - <<END || fail 'not what the remote has written'
$(grep '^003B' out)
END
echo 'all is well'
