#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Hart 1 is restarted a hundred times at random moments of flash_ipm while hart 0 goes on serving. No run
# of its program is long enough to come to its end but the last, which must. QEMU counts the restarts:
# each is a timer interrupt of hart 1. Usage: restarts.sh SOURCE_FOLDER IMAGE_FOLDER
set -u
. "$1/test/target/lib.sh"
common=$top/test/common/flash_ipm

expected_nor expected.bin
# restarts SEED MOST_US
restarts()
{
	new_nor flash.bin
	flash_session out "restarts1=100 us1=$2 seed1=$1 -d int -D int.log" 'flash read 3b0000 100'
	is $result 0 "seed $1: $(cat out err)"
	count=$(grep -c 'hart:1, async:1, cause:00000007' int.log)
	[ "$count" = 100 ] || fail "seed $1: $count restarts, not 100"
	grep '^003B' out | diff "$common/dump.txt" - || fail "seed $1: not what the remote wrote"
	cmp expected.bin flash.bin || fail "seed $1: the flash holds something else"
	echo "ok seed $1: 100 starts, of which $(grep -c 'Step 1' out) came to step 1," \
		"$(grep -c 'Step 2' out) to step 2, $(grep -c 'Step 3' out) to step 3"
}

restarts 1 1600
restarts 2 1600
restarts 3 1000
echo 'all is well'
