# SPDX-License-Identifier: Apache-2.0
# A chip's memory by words, and verify-flash's list of what differs.
. "$(dirname "$0")/lib.sh"
noise 40000 a.bin

emulate esp32 tcp:127.0.0.1:0
export FARFLASH_PORT="$url"
expect 0 read-mem 0x40001000
says '^0x40001000 = 0x00f01d83$'
expect 0 read-mem 0x40001000 --json
json_is 15736195 result value
# A data register of the flash's controller keeps what is written to it.
expect 0 write-mem 0x3ff420a0 0x12345678
expect 0 read-mem 0x3ff420a0
says '= 0x12345678$'
expect 0 write-mem 0x3ff420a0 0xffffffff 0x0000ff00
expect 0 read-mem 0x3ff420a0
says '= 0x1234ff78$'
expect 0 dump-mem 0x40001000 8 o.bin
[ "$(wc -c <o.bin)" = 8 ] || fail 'not 8 bytes'
[ "$(od -An -tx4 -N4 o.bin | tr -d ' ')" = 00f01d83 ] || fail "it has $(od -An -tx4 o.bin)"
for a in 'read-mem 2' 'read-mem x' 'read-mem' 'write-mem 0x1001 1' 'write-mem 0x1000 x' 'dump-mem 0 6 no.bin' \
	'dump-mem 0 0 no.bin' 'dump-mem 0xfffffffc 8 no.bin'; do
	expect 2 $a
done
[ -e no.bin ] && fail 'left a file'
expect 9 dump-mem 0 4 no/such/folder.bin

# verify-flash --diff: every run of sectors that differs, of every file, and nothing else.
expect 0 write-flash 0x10000 a.bin 0x20000 a.bin
expect 0 verify-flash --diff 0x10000 a.bin 0x20000 a.bin
cp a.bin b.bin
for at in 4096 8192 20000; do
	printf 'different' | dd of=b.bin bs=1 seek=$at conv=notrunc 2>dd.log || fail dd
done
expect 7 verify-flash --diff 0x10000 b.bin 0x20000 a.bin
says '^differs: 0x00011000 to 0x00012fff, 8192 bytes$'
says '^differs: 0x00014000 to 0x00014fff, 4096 bytes$'
[ "$(grep -c '^differs' out)" = 2 ] || fail "$(cat out)"
says 'differs in 2 places'
says 'Verified 40000 bytes of a.bin at 0x20000'
expect 7 verify-flash -d --json 0x10000 b.bin
json_is 69632 result differs 0 addr
json_is 4096 result differs 1 len
expect 7 verify-flash 0x10000 b.bin
[ "$(grep -c '^differs' out)" = 0 ] || fail 'a list without --diff'
stop
unset FARFLASH_PORT

rm chip.bin
emulate esp32c3 tcp:127.0.0.1:0 --secure-download
expect 8 -p "$url" --flash-size 4M read-mem 0x40001000
says 'secure download mode'
stop
expect 8 -p nor:chip.bin read-mem 0
says 'no ESP chip'
