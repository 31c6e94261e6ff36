#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The power fails while hart 1 writes through hart 0: QEMU is killed, and started again on the same flash
# file. Only the sector at hand may be incomplete, and the same job, run again, completes.
# Usage: power_cut.sh SOURCE_FOLDER IMAGE_FOLDER JUDGE
set -u
judge=$3
. "$1/test/target/lib.sh"

# power_up GENERATION: on flash.bin; keys to descriptor 3, the console on 4.
power_up()
{
	rm -f keys console pid
	mkfifo keys console || exit 1
	sifive_u "$images" flash_ipm_host test_writer rounds="$1" -pidfile pid \
		-drive if=mtd,file=flash.bin,format=raw <keys >console 2>err &
	other=$!
	exec 3>keys 4<console
}

power_off()
{
	exec 3>&- 4<&-
	wait $other
	result=$? other=
}

# until_line PATTERN COUNT: read the console until so many lines match. They are kept in `said`.
until_line()
{
	left=$2
	: >said
	while [ "$left" -gt 0 ]; do
		IFS= read -r line <&4 || fail "the console ends before '$1': $(cat said err)"
		echo "$line" >>said
		case $line in *$1*) left=$((left - 1)) ;; esac
	done
}

# finish: the job comes to its end, the board is told to end.
finish()
{
	until_line 'result: ' 1
	echo exit >&3
	cat <&4 >rest
	power_off
	is $result 0 "$(cat said rest err)"
	grep -q 'result: 0' said || fail "$(cat said)"
}

new_nor flash.bin
"$judge" make 1 flash.bin || fail 'no image'
generation=1
for sectors in 1 3 9 18 31 47; do
	old=$generation generation=$((generation + 1))
	power_up $generation
	until_line 'written: ' $sectors
	kill -9 "$(cat pid)" 2>err
	power_off
	counted=$("$judge" count $old $generation flash.bin) || fail "$counted"
	case $counted in
	*'other 0' | *'other 1') ;;
	*) fail "after a cut behind $sectors sectors: $counted" ;;
	esac
	power_up $generation
	finish
	skipped=$(sed -n 's/.*skipped: \([0-9]*\).*/\1/p' said)
	done=$("$judge" count $old $generation flash.bin)
	[ "$done" = 'old 0 new 48 other 0' ] || fail "the same job again leaves: $done"
	echo "ok $counted; again, $((skipped / 4096)) sectors skipped: $done"
done
echo 'all is well'
