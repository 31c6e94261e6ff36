# SPDX-License-Identifier: Apache-2.0
# Everything that can be wrong before a byte is erased, each with its exit code; the flash stays as
# it is.
. "$(dirname "$0")/lib.sh"
noise 5000 a.bin
noise 4096 b.bin
: >empty.bin
noise 1048576 chip.bin
cp chip.bin before.bin

# The chip is served by TCP and PTY in turn: each has its own way to the same checks.
for where in tcp:127.0.0.1:0 "pty:$work/port"; do
	emulate esp32 "$where"
	export FARFLASH_PORT="$url"
	expect 9 write-flash 0 missing.bin
	says 'missing.bin'
	expect 9 write-flash 0 a.bin 0x4000 missing.bin
	expect 9 write-flash 0 empty.bin
	says 'empty'
	expect 9 write-flash 0 .
	expect 9 verify-flash 0 missing.bin
	expect 2 write-flash 0xff000 a.bin
	says 'beyond the end of the flash at 0x100000'
	expect 2 write-flash 0x100000 b.bin
	expect 2 write-flash 0xfffff000 a.bin
	expect 2 write-flash 0 a.bin 0x1000 b.bin
	says 'a.bin .*b.bin .*share a sector'
	expect 2 write-flash 0x1000 b.bin 0x0 a.bin
	expect 2 write-flash 0x1234 a.bin
	says '0x1000'
	expect 2 write-flash 0 a.bin 0x4001 b.bin
	expect 2 erase-region 0x800 4k
	expect 2 erase-region 0 6k
	expect 2 erase-region 0xff000 8k
	expect 2 read-flash 0xffff0 17 o.bin
	expect 2 --chip esp8266 write-flash 0 a.bin
	expect 2 --chip esp32s2 write-flash 0 a.bin --json
	json_is usage error name
	json_is verify error cause
	expect 9 read-flash 0 8k /dev/full
	expect 2 --flash-size 5000 write-flash 0 a.bin
	expect 2 --flash-size 32M write-flash 0 a.bin
	expect 2 --flash-size 512k write-flash 0x7f000 a.bin
	says 'beyond the end of the flash at 0x80000'
	expect 0 verify-flash 0 before.bin
	stop
	same chip.bin before.bin
done
unset FARFLASH_PORT

# No port at all, or not such a port.
expect 3 -p /dev/no-such-port flash-id
says 'No such file'
expect 3 -p /dev/no-such-port flash-id --json
json_is no-connection error name
expect 3 -p /dev/null flash-id
expect 3 -p a.bin flash-id
expect 3 -p socket://nonsense flash-id
expect 3 -p socket://127.0.0.1:99999 flash-id
step='a TCP port that nobody listens at'
emulate esp32 tcp:127.0.0.1:0
stop
expect 3 -p "$url" flash-id

# A port that somebody else holds.
emulate esp32 "pty:$work/port"
exec 9<"$url"
flock -x 9
expect 3 -p "$url" flash-id
says 'another program'
expect 3 -p "$url" write-flash 0 a.bin --json
json_is no-connection error name
exec 9<&-
expect 0 -p "$url" flash-id
stop
same chip.bin before.bin
