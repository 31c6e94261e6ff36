# SPDX-License-Identifier: Apache-2.0
# Every command on an image file.
. "$(dirname "$0")/lib.sh"
noise 300001 a.bin
noise 4096 b.bin
erased 1048576 blank.bin

expect 9 -p nor:chip.bin flash-id
[ -e chip.bin ] && fail 'created without being told to'
expect 2 -p 'nor:chip.bin?size=3M' flash-id
expect 2 -p 'nor:chip.bin?size=32k' flash-id
expect 2 -p 'nor:chip.bin?size=512M' flash-id
[ -e chip.bin ] && fail 'created with an impossible size'
expect 0 -p 'nor:chip.bin?size=1M' flash-id
says 'Flash: 1 MiB'
same chip.bin blank.bin
expect 9 -p 'nor:chip.bin?size=2M' flash-id
says '1048576 bytes'

# Write: the bytes, and nothing else.
cp blank.bin wanted.bin
put a.bin 65536 wanted.bin
put b.bin 4096 wanted.bin
expect 0 -p nor:chip.bin write-flash 0x10000 a.bin 4k b.bin
says '^Wrote 300001 bytes at 0x10000 .*, verified$'
says '^Wrote 4096 bytes at 0x1000 .*, verified$'
same chip.bin wanted.bin
expect 0 -p nor:chip.bin write-flash 0x10000 a.bin
says '^Wrote 0 bytes.* 300001 bytes were right already, verified$'
expect 0 -p nor:chip.bin write-flash --no-diff 0x10000 a.bin
says '^Wrote 300001 bytes'
same chip.bin wanted.bin

# One byte changed: only its sector is written.
cp a.bin a2.bin
printf '\125\252' | dd of=a2.bin bs=1 seek=100000 conv=notrunc 2>dd.log
put a2.bin 65536 wanted.bin
expect 0 -p nor:chip.bin write-flash 0x10000 a2.bin --json
json_is 4096 result files 0 written
json_is true result files 0 verified
same chip.bin wanted.bin

# --erase-all: nothing else is left; but nothing is erased for files that do not pass.
cp chip.bin before.bin
expect 2 -p nor:chip.bin write-flash --erase-all 0x1001 a.bin
same chip.bin before.bin
expect 0 -p nor:chip.bin write-flash -e 0x2000 b.bin --json
json_is 1048576 result erase_all len
json_is true result files 0 verified
cp blank.bin only.bin
put b.bin 8192 only.bin
same chip.bin only.bin
cp before.bin chip.bin

# Verify.
expect 0 -p nor:chip.bin verify-flash 0x10000 a2.bin 0x1000 b.bin
expect 7 -p nor:chip.bin verify-flash 0x10000 a.bin
says '0x28000'
expect 7 -p nor:chip.bin verify-flash 0x10000 a.bin --json
json_is mismatch error name
json_is 7 error code
json_is verify error cause
dd if=chip.bin of=odd.bin bs=1 skip=70001 count=777 2>dd.log
expect 0 -p nor:chip.bin verify-flash 70001 odd.bin

# Read.
expect 0 -p nor:chip.bin read-flash 0 ALL all.bin
same all.bin chip.bin
expect 0 -p nor:chip.bin read-flash 70001 777 part.bin
same part.bin odd.bin
expect 0 -p nor:chip.bin read-flash 70001 777 -
same out odd.bin
expect 0 -p nor:chip.bin read-flash 70001 777 - -q
[ -s err ] && fail 'quiet, and yet it says something'
expect 0 -p nor:chip.bin read-flash 70001 777 part.bin --json
json_is 777 result len
seq -s '' 0 9 | tr -d '\n' >digits.bin
expect 0 -p nor:chip.bin write-flash 0xff000 digits.bin
expect 0 -p nor:chip.bin read-flash 0xff000 18 --hex
{
	echo '000FF000: 30 31 32 33 34 35 36 37  38 39 ff ff ff ff ff ff |01234567 89......|'
	printf '%-58s |..               |\n' '000FF010: ff ff'
} >dump
same out dump

# Erase.
expect 0 -p nor:chip.bin erase-region 0xff000 4096
expect 0 -p nor:chip.bin erase-region 0x10000 ALL
cp blank.bin wanted.bin
put b.bin 4096 wanted.bin
same chip.bin wanted.bin
expect 0 -p nor:chip.bin erase-flash --json
json_is 1048576 result len
same chip.bin blank.bin

# What an image file has not.
expect 8 -p nor:chip.bin read-mac
expect 8 -p nor:chip.bin chip-id
expect 2 -p nor:chip.bin --chip esp32 flash-id

# Impossible ranges change nothing.
expect 2 -p nor:chip.bin write-flash 0x1001 b.bin
says 'multiple of the sector size'
expect 2 -p nor:chip.bin write-flash 0x100000 b.bin
says 'beyond the end'
expect 2 -p nor:chip.bin write-flash 0xfffff000 b.bin
expect 2 -p nor:chip.bin write-flash 0xc0000 a.bin
expect 2 -p nor:chip.bin write-flash 0 a.bin 0x49000 b.bin
says 'share a sector'
expect 2 -p nor:chip.bin erase-region 1 4096
expect 2 -p nor:chip.bin erase-region 0 4097
expect 2 -p nor:chip.bin erase-region 0 2M
expect 2 -p nor:chip.bin erase-region 0 0
expect 2 -p nor:chip.bin erase-region 1M ALL
expect 2 -p nor:chip.bin read-flash 0xfffff 2 o.bin
[ -e o.bin ] && fail 'left an output file'
same chip.bin blank.bin

# Two programs on one file.
step='second user of the file'
exec 9<chip.bin
flock -x 9
expect 9 -p nor:chip.bin flash-id
says 'in use'
exec 9<&-

# An output that cannot be written: nothing is left, an old file stays as it was.
expect 9 -p nor:chip.bin read-flash 0 ALL /dev/full
says 'No space left'
expect 9 -p nor:chip.bin read-flash 0 16 no/such/folder/o.bin
mkdir sub
expect 9 -p nor:chip.bin read-flash 0 16 sub
step='disk full'
(
	trap '' XFSZ
	ulimit -f 100
	exec "$FARFLASH" -p nor:chip.bin read-flash 0 ALL sub/o.bin
) >out 2>err
code=$?
[ $code = 9 ] || fail "exit code $code, not 9"
[ -z "$(ls sub)" ] || fail "left $(ls sub)"
echo precious >sub/old
(
	trap '' XFSZ
	ulimit -f 100
	exec "$FARFLASH" -p nor:chip.bin read-flash 0 ALL sub/old
) >out 2>err
[ "$(ls sub)" = old ] && [ "$(cat sub/old)" = precious ] || fail 'the old file is harmed'
expect 0 -p nor:chip.bin read-flash 0 100 sub/old
[ "$(wc -c <sub/old)" = 100 ] || fail 'not replaced'
