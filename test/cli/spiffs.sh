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

# ---- by the partition's name
cat >parts.csv <<'END'
nvs, data, nvs, 0x9000, 0x6000
spiffs, data, spiffs, 0x110000, 0xF0000
END
expect 0 partition-table parts.csv parts.bin
put parts.bin 32768 flash.bin
expect 0 spiffs list flash.bin --offset spiffs
says '^5 files'
expect 0 -p nor:flash.bin spiffs list --offset spiffs
says '^5 files'
expect 0 --partition-table parts.csv spiffs build dir again.bin --offset spiffs
same out.bin again.bin
expect 2 spiffs list flash.bin --offset spifs
says "no partition 'spifs'"
expect 2 spiffs list flash.bin --offset spiffs --size 0x100000
says 'do not fit in spiffs'
expect 2 spiffs build dir again.bin --offset spiffs
says 'how large'

# ---- an output among the files: the second image is what the first one was
mkdir inside
cp a.bin inside 2>/dev/null || noise 3000 inside/a.bin
expect 0 spiffs build inside inside/out.bin --size 0x40000
cp inside/out.bin first.bin
ln -s inside/out.bin link.bin
expect 0 spiffs build inside inside/out.bin --size 0x40000
says 'inside/out.bin is the image itself: it is left out'
same inside/out.bin first.bin
expect 0 spiffs build inside link.bin --size 0x40000
same inside/out.bin first.bin
expect 0 spiffs list first.bin
says '^1 file,'

# ---- what build refuses, and leaves nothing behind
refused() {
	expect "$@"
	[ ! -e new.bin ] || fail 'something is left'
}
refused 2 spiffs build dir new.bin --size 0xF0001
says '0xf0000 or 0xf1000'
refused 2 spiffs build dir new.bin --size 0x1000000
says 'page-size larger'
refused 2 spiffs build dir new.bin --size 0xFFFFFFFF
says '0xfffff000 or 0x100000000 would be'
refused 2 spiffs build dir new.bin --size 0xF0000 --meta-len 4294967295
says 'meta data of 4294967295'
refused 2 spiffs build dir new.bin --size 0xF0000 --page-size 100
says 'power of two'
refused 2 spiffs build dir new.bin --size 0xF0000 --block-size 0
says 'block-size cannot be 0'
refused 9 spiffs build dir new.bin --size 0x10000
says 'take 393 pages and the image has 240: --size 0x1b000 is the least'
expect 0 spiffs build dir least.bin --size 0x1b000
expect 0 spiffs check least.bin
refused 9 spiffs build absent new.bin --size 0xF0000
refused 9 spiffs build dir/page new.bin --size 0xF0000
says 'not a folder'
: >dir/sub/deep/0123456789012345678901
refused 9 spiffs build dir new.bin --size 0xF0000
says 'has 32 bytes, and 31 is the limit'
expect 0 spiffs build dir long.bin --size 0xF0000 --name-len 33
expect 0 spiffs extract long.bin back3 --name-len 33
diff -r dir back3 >diff.log || fail "$(cat diff.log)"
rm dir/sub/deep/0123456789012345678901
ln -s nowhere dir/link
refused 9 spiffs build dir new.bin --size 0xF0000
says 'dir/link is a link to nothing'
rm dir/link
ln -s .. dir/sub/loop
refused 9 spiffs build dir new.bin --size 0xF0000
says 'a folder that it is in'
rm dir/sub/loop
mkfifo dir/pipe
refused 9 spiffs build dir new.bin --size 0xF0000
says 'neither a file nor a folder'
rm dir/pipe
touch "dir/$(printf 'a\nb')"
refused 9 spiffs build dir new.bin --size 0xF0000
says 'control characters'
rm "dir/$(printf 'a\nb')"
ln -s a.txt dir/link # a link to a file is that file
mkdir dir/nothing
expect 0 spiffs build dir new.bin --size 0xF0000
says 'dir/nothing is empty'
rmdir dir/nothing
expect 0 spiffs extract new.bin back4
diff -r dir back4 >diff.log || fail "$(cat diff.log)"
rm dir/link

# Other sizes, which must be the same for whoever reads it.
expect 0 spiffs build dir wide.bin --size 0xF0000 --page-size 512 --block-size 8192 --meta-len 0
expect 0 spiffs extract wide.bin back5 --page-size 512 --block-size 8192 --meta-len 0
diff -r dir back5 >diff.log || fail "$(cat diff.log)"
expect 9 spiffs list wide.bin

# ---- what is no SPIFFS: what was read, and what may help
head -c 524288 out.bin >short.bin
expect 9 spiffs list short.bin
says 'has 0x04d9, not 0x04a9'
says 'one of 240 blocks: give --size 0xf0000'
expect 0 spiffs build dir plain.bin --size 0xF0000 --no-magic-len
expect 9 spiffs list plain.bin
says 'give --no-magic-len'
expect 0 spiffs list plain.bin --no-magic-len
erased 65536 blank.bin
expect 9 spiffs list blank.bin
says 'it is erased there'
expect 9 spiffs list absent.bin
expect 9 spiffs list dir
expect 2 spiffs lst out.bin
says 'did you mean list?'
expect 2 spiffs list out.bin more
expect 2 spiffs list out.bin --offset 0xF0000
says 'ends at 0xf0000'

# ---- names that would lead elsewhere
mkdir evil evil/xx
echo gotcha >evil/xx/file
echo fine >evil/zz
expect 0 spiffs build evil evil.bin --size 0x4000
# named NAME: rename /xx/file, whose name is at 0x10d; extract must leave it out and save the rest.
named() {
	cp evil.bin named.bin
	printf "$1" | dd of=named.bin bs=1 seek=269 conv=notrunc 2>dd.log
	rm -rf cage
	mkdir cage
	expect 9 spiffs extract named.bin cage/in
	says "not extracted: $2"
	says '1 of the 2 files'
	[ "$(find cage | sort | tr '\n' ' ')" = 'cage cage/in cage/in/zz ' ] || fail "$(find cage)"
	[ ! -e file ] || fail 'it is outside'
	expect 0 spiffs list named.bin
}
named '/../file' 'a part of it is ..'
named '/./file\0' 'a part of it is .$'
named '//x/file' 'a part of it is empty'
named '/xx/fil/' 'a part of it is empty'
named '/x\033[2J\0\0' 'it has control characters'
named '/x\302\233J\0\0\0' 'it has control characters'
named '\0xx/file' 'a part of it is empty'
[ -z "$(tr -d '\n\t -~' <out)" ] || fail 'it reaches the terminal'
expect 0 spiffs extract evil.bin cage
[ -f cage/xx/file ] || fail 'the first part of a name is a folder'
rm -rf cage && mkdir cage cage/in && ln -s .. cage/in/xx
expect 9 spiffs extract evil.bin cage/in
[ ! -e cage/file ] || fail 'a link was followed'
rm -rf cage && mkdir -p cage/in && ln -s ../target cage/in/zz
expect 9 spiffs extract evil.bin cage/in
[ ! -e cage/target ] || fail 'a link was followed'
[ -f cage/in/xx/file ] || fail 'the rest is missing'
expect 9 spiffs extract evil.bin cage/in
says 'there already'

# ---- damage and traces
expect 0 spiffs check out.bin
says '0 damages, 0 traces'
cp out.bin bad.bin
printf '\377\377' | dd of=bad.bin bs=1 seek=$((0xEF0FC)) conv=notrunc 2>dd.log # the last block's magic
expect 0 spiffs check bad.bin
says 'trace: page 3824 at 0xef000: the block has no magic'
says '0 damages, 1 traces'
printf '\7' | dd of=bad.bin bs=1 seek=$((0x502)) conv=notrunc 2>dd.log # span of the data of /page
expect 7 spiffs check bad.bin
says 'damage: page 4 at 0x400, file 3, part 0: 1 pages of'
says 'bad.bin is damaged: 1 findings'
expect 7 --json spiffs check bad.bin
json_is 1 result damages
json_is 5 result files
expect 9 spiffs extract bad.bin saved
says '/page is not extracted: it is damaged, at 0x431'
[ ! -e saved/page ] || fail 'half a file is left'
cp dir/page saved/page
diff -r dir saved >diff.log || fail "$(cat diff.log)"
cp out.bin bad.bin
printf '/page\0\0\0\0\0' | dd of=bad.bin bs=1 seek=$((0x30D)) conv=notrunc 2>dd.log # was /empty
expect 7 spiffs check bad.bin
says 'hides this one'
