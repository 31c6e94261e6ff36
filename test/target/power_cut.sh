#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The power fails while core 1 writes through core 0: QEMU is killed, and started again on the same flash
# file. Only the sector at hand may be incomplete, and the same job, run again, completes. On mps2_an521 the
# cells are in PSRAM, which QEMU keeps in that file: as if it had a battery. All the rest is lost there, too,
# and the kill comes between two instructions of the model that programs them.
# Usage: power_cut.sh SOURCE_FOLDER IMAGE_FOLDER JUDGE
set -u
. "$1/test/target/lib.sh"

new_nor flash.bin
"$judge" make 1 flash.bin || fail 'no image'
generation=1
# count: how many sectors hold what, in $counted.
count()
{
	head -c $board_nor flash.bin >nor.bin
	counted=$("$judge" count $old $generation nor.bin) || fail "$counted"
}
for sectors in 1 3 9 18 31 47; do
	old=$generation generation=$((generation + 1))
	power_up rounds=$generation
	until_line 'written: ' $sectors
	kill -9 "$(cat pid)"
	power_off 2>log
	count
	case $counted in
	*'other 0' | *'other 1') ;;
	*) fail "after a cut behind $sectors sectors: $counted" ;;
	esac
	power_up rounds=$generation
	finish
	before=$counted
	count
	skipped=$(sed -n 's/.*skipped: \([0-9]*\).*/\1/p' said)
	[ "$counted" = 'old 0 new 48 other 0' ] || fail "the same job again leaves: $counted"
	echo "ok $before; again, $((skipped / 4096)) sectors skipped: $counted"
done
echo 'all is well'
