#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Hart 1 is restarted a hundred times at random moments of flash_ipm while hart 0 goes on serving. No run
# of its program is long enough to come to its end but the last, which must. Then the same the other
# way round, while hart 1 writes; and hart 0 restarts hart 1.
# Usage: restarts.sh SOURCE_FOLDER IMAGE_FOLDER JUDGE
set -u
. "$1/test/target/lib.sh"
common=$top/test/common/flash_ipm

expected_nor expected.bin
# hundred HART WHAT: it has restarted as often as its boot arguments say; they count down in RAM.
hundred()
{
	left=$(ram_word $((0x8010010c + 12 * $1)))
	[ "$left" = 0 ] || fail "$2: $left restarts are still to come"
	rm ram
}

# restarts SEED MOST_US
restarts()
{
	new_nor flash.bin
	flash_session out "restarts1=100 us1=$2 seed1=$1 $board_ram" 'flash read 3b0000 100'
	is $result 0 "seed $1: $(cat out err)"
	hundred 1 "seed $1"
	grep '^003B' out | diff "$common/dump.txt" - || fail "seed $1: not what the remote wrote"
	cmp expected.bin flash.bin || fail "seed $1: the flash holds something else"
	echo "ok seed $1: 100 starts, of which $(grep -c 'Step 1' out) came to step 1," \
		"$(grep -c 'Step 2' out) to step 2, $(grep -c 'Step 3' out) to step 3"
}

restarts 1 1600
restarts 2 1600
restarts 3 1000

new_nor flash.bin
"$judge" make 1 flash.bin || fail 'no image'
generation=1
# owner_restarts SEED MOST_US
owner_restarts()
{
	old=$generation generation=$((generation + 1))
	power_up rounds=$generation restarts0=100 us0="$2" seed0="$1" $board_ram
	finish
	hundred 0 "hart 0, seed $1"
	counted=$("$judge" count $old $generation flash.bin)
	[ "$counted" = 'old 0 new 48 other 0' ] || fail "hart 0, seed $1: $counted"
	tries=$(sed -n 's/.*tries: //p' said | tr -d '\r')
	[ "$tries" -gt 4 ] || fail "hart 0, seed $1: no restart came while hart 1 was writing"
	echo "ok hart 0, seed $1: hart 1 began its job $tries times"
}

owner_restarts 2 6000
owner_restarts 3 3000

(sifive_u "$images" test_restarter ipm_esp32_app patience=500 </dev/null >out 2>err)
is $? 4 "hart 0 restarts hart 1, which never ends: $(cat out err)"
grep -q 'sessions: 101' out || fail "hart 0 restarts hart 1: $(cat out err)"
echo 'ok hart 0 has started hart 1 101 times'
echo 'all is well'
