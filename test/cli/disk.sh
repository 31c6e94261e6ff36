# SPDX-License-Identifier: Apache-2.0
# A full and a read-only disk under the files that farflash maps: told before anything is done, with
# the reason, and never by a signal. The disk is a small one of the test's own, in its own view of
# what is mounted; 77 where that is not allowed.
if [ -z "${OWN_VIEW-}" ]; then
	for how in -m -rm; do
		unshare $how true 2>/dev/null && OWN_VIEW=1 exec unshare $how env OWN_VIEW=1 sh "$0" "$@"
	done
	echo 'mounting is not allowed here'
	exit 77
fi
. "$(dirname "$0")/lib.sh"

undo() {
	code=$?
	umount disk 2>/dev/null
	(exit $code)
	finish
}
trap undo EXIT
mkdir disk
mount -t tmpfs -o size=512k farflash-test disk || exit 77

fill() {
	cat /dev/zero >disk/junk 2>/dev/null
}

noise 4096 b.bin
erased 65536 chip.bin

step='an image with holes, and no room for them'
truncate -s 256k disk/flash.bin
fill
expect 9 -p nor:disk/flash.bin erase-region 0 4k
says 'has holes, and no room.*No space left on device.*262144 bytes'
expect 9 -p nor:disk/flash.bin serve --no-shell --mailbox box --grant all:r
expect 9 emulate --chip esp32 --flash disk/flash.bin --listen tcp:127.0.0.1:0
[ "$(tr -d '\000' <disk/flash.bin | wc -c)" = 0 ] || fail 'the image has changed'
rm disk/junk
expect 0 -p nor:disk/flash.bin write-flash 0 b.bin
fill
expect 0 -p nor:disk/flash.bin erase-region 0 4k # now it has its room
expect 0 -p nor:disk/flash.bin write-flash 0x10000 b.bin

step='no room for a new image, and for a new mailbox'
expect 9 -p "nor:disk/new.bin?size=1M" flash-id
says 'cannot create disk/new.bin with 1048576 bytes: No space left'
[ -e disk/new.bin ] && fail 'left half an image'
expect 9 -p nor:chip.bin serve --no-shell --mailbox disk/box --grant all:r
says 'cannot share disk/box: No space left on device: make room'
[ -e disk/box ] && fail 'left half a mailbox'

step='a mailbox with holes'
rm disk/junk disk/flash.bin
start "$FARFLASH" -q -p nor:chip.bin serve --no-shell --mailbox disk/box --grant all:rwe
stop
cp --sparse=always disk/box disk/copy
rm disk/box
fill
expect 9 -p nor:chip.bin serve --no-shell --mailbox disk/copy --grant all:r
says 'cannot share disk/copy: No space left on device: make room'
expect 9 -p mailbox:disk/copy flash-id
rm disk/junk

step='a disk that has become read-only'
cp chip.bin disk/flash.bin
mount -o remount,ro disk || fail 'cannot remount'
expect 9 -p nor:disk/flash.bin flash-id
says 'cannot open disk/flash.bin: Read-only file system'
expect 9 -p "nor:disk/new.bin?size=1M" flash-id
says 'Read-only file system'
expect 9 -p nor:chip.bin serve --no-shell --mailbox disk/copy --grant all:r
says 'cannot share disk/copy: Read-only file system'
expect 9 -p nor:chip.bin serve --no-shell --mailbox disk/new --grant all:r
says 'cannot share disk/new: Read-only file system'
expect 9 -p mailbox:disk/copy flash-id
says 'Read-only file system'
