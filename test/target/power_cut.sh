#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The power fails while hart 1 writes through hart 0: QEMU is killed, and started again on the same flash
# file. Only the sector at hand may be incomplete, and the same job, run again, completes.
# Usage: power_cut.sh SOURCE_FOLDER IMAGE_FOLDER JUDGE
set -u
. "$1/test/target/lib.sh"

new_nor flash.bin
"$judge" make 1 flash.bin || fail 'no image'
generation=1
for sectors in 1 3 9 18 31 47; do
	old=$generation generation=$((generation + 1))
	power_up rounds=$generation
	until_line 'written: ' $sectors
	kill -9 "$(cat pid)"
	power_off 2>log
	counted=$("$judge" count $old $generation flash.bin) || fail "$counted"
	case $counted in
	*'other 0' | *'other 1') ;;
	*) fail "after a cut behind $sectors sectors: $counted" ;;
	esac
	power_up rounds=$generation
	finish
	skipped=$(sed -n 's/.*skipped: \([0-9]*\).*/\1/p' said)
	done=$("$judge" count $old $generation flash.bin)
	[ "$done" = 'old 0 new 48 other 0' ] || fail "the same job again leaves: $done"
	echo "ok $counted; again, $((skipped / 4096)) sectors skipped: $done"
done
echo 'all is well'
