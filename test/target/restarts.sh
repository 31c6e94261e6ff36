#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Core 1 is restarted a hundred times at random moments of flash_ipm while core 0 goes on serving. No run
# of its program is long enough to come to its end but the last, which must. Then the same the other
# way round, while core 1 writes; and core 0 restarts core 1.
# Usage: restarts.sh SOURCE_FOLDER IMAGE_FOLDER JUDGE
set -u
. "$1/test/target/lib.sh"
common=$top/test/common/flash_ipm

expected_nor expected.bin
ram=flash.bin
[ -z "$board_ram" ] || ram=ram
# hundred CORE WHAT: it has restarted as often as its boot arguments say; they count down in RAM.
hundred()
{
	left=$(ram_word $((board_args + 12 + 12 * $1)) $ram)
	[ "$left" = 0 ] || fail "$2: $left restarts are still to come"
	[ $ram = flash.bin ] || rm ram
}

# restarts SEED MOST_US
restarts()
{
	new_nor flash.bin
	flash_session out "restarts1=100 us1=$2 seed1=$1 $board_ram" 'flash read 3b0000 100'
	is $result 0 "seed $1: $(cat out err)"
	hundred 1 "seed $1"
	grep '^003B' out | diff "$common/dump.txt" - || fail "seed $1: not what the remote wrote"
	is_flash expected.bin || fail "seed $1: the flash holds something else"
	echo "ok seed $1: 100 starts, of which $(grep -c 'Step 1' out) came to step 1," \
		"$(grep -c 'Step 2' out) to step 2, $(grep -c 'Step 3' out) to step 3"
}

# How long core 1 may run at most, so that some runs come to each of the steps.
case $board in
sifive_u)
	restarts 1 600
	restarts 2 700
	restarts 3 300
	;;
mps2_an521)
	restarts 1 55000
	restarts 2 40000
	;;
esac

new_nor flash.bin
"$judge" make 1 flash.bin || fail 'no image'
generation=1
# owner_restarts SEED MOST_US
owner_restarts()
{
	old=$generation generation=$((generation + 1))
	power_up rounds=$generation restarts0=100 us0="$2" seed0="$1" $board_ram
	finish
	hundred 0 "core 0, seed $1"
	head -c $board_nor flash.bin >nor.bin
	counted=$("$judge" count $old $generation nor.bin)
	[ "$counted" = 'old 0 new 48 other 0' ] || fail "core 0, seed $1: $counted"
	tries=$(sed -n 's/.*tries: //p' said | tr -d '\r')
	[ "$tries" -gt 4 ] || fail "core 0, seed $1: no restart came while core 1 was writing"
	echo "ok core 0, seed $1: core 1 began its job $tries times"
}

owner_restarts 2 6000
[ $board != sifive_u ] || owner_restarts 3 3000

("$board" "$images" test_restarter ipm_esp32_app patience=500 </dev/null >out 2>err)
is $? 4 "core 0 restarts core 1, which never ends: $(cat out err)"
grep -q 'sessions: 101' out || fail "core 0 restarts core 1: $(cat out err)"
echo 'ok core 0 has started core 1 101 times'

# The chip holds core 1 after every reset, and RAM may outlive one: then it says that core 1 runs.
[ $board != mps2_an521 ] || {
	("$board" "$images" ipm_esp32_pro ipm_esp32_app rounds=1 patience=500 \
		-device loader,addr=0x38200000,data=0x52550001,data-len=4 </dev/null >out 2>err)
	is $? 0 "RAM from before a reset: $(cat out err)"
	echo 'ok core 1 was let go, whatever RAM said'
}
echo 'all is well'
