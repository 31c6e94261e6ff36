# SPDX-License-Identifier: Apache-2.0
# farflash spiffs: a folder becomes an image and a folder again.
. "$(dirname "$0")/lib.sh"

mkdir -p dir/sub/deep
printf hi >dir/a.txt
: >dir/empty
noise 251 dir/page
noise 25854 dir/sub/index
noise 70000 dir/sub/deep/large

# ---- there and back
expect 0 spiffs build dir out.bin --size 0xF0000
says '5 files of 96107 bytes'
[ "$(wc -c <out.bin)" = 983040 ] || fail 'size of the image'
expect 0 spiffs list out.bin
says '^ *25854  /sub/index$'
says '^5 files, 96107 bytes$'
expect 0 spiffs extract out.bin back
diff -r dir back >diff.log || fail "$(cat diff.log)"
expect 0 --json spiffs list out.bin
json_is 96107 result bytes
expect 0 --json spiffs build dir/ again.bin --size 960k
json_is 5 result files
same out.bin again.bin

# Order on the disk and times are nothing to the image.
mkdir -p other/sub/deep
for f in sub/deep/large sub/index page empty a.txt; do
	cp dir/$f other/$f
done
touch -d 2001-01-01 other/page
expect 0 spiffs build other again.bin --size 0xF0000
same out.bin again.bin
expect 0 spiffs build dir - --size 0xF0000
same out.bin out
expect 2 --json spiffs build dir - --size 0xF0000

# ---- inside a larger file, and in a flash
erased 2097152 flash.bin
put out.bin 1114112 flash.bin
expect 0 spiffs list flash.bin --offset 0x110000 --size 0xF0000
says '^5 files'
expect 0 spiffs list flash.bin --offset 0x110000
expect 0 -p nor:flash.bin spiffs list --offset 0x110000 --size 0xF0000
says '^5 files'
expect 0 -p nor:flash.bin spiffs extract back2 --offset 0x110000 --size 0xF0000
diff -r dir back2 >diff.log || fail "$(cat diff.log)"
expect 2 -p nor:flash.bin spiffs list --offset 0x110000 --size 0x100000
says 'ends at 0x200000'
expect 7 -p nor:flash.bin spiffs list --offset 0x100000 --size 0xF0000
expect 2 spiffs list
says 'which port'
