#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Another chip on UART1, a virtual one: flash_multiple_partitions says and does there what it does as a
# process; and hart 1, which has neither a flash nor a line, programs it through hart 0 with flash_ipm
# as it is. Usage: other_chip.sh SOURCE_FOLDER IMAGE_FOLDER JUDGE BUILD_FOLDER
set -u
. "$1/test/target/lib.sh"
. "$top/scripts/chip.sh"
build=$4
common=$top/test/common/flash_ipm
PATH=$build:$build:$build/test:$PATH
BOARD_TURNS=$board_timed
trap 'stop_chip; [ -z "$other" ] || kill $other 2>/dev/null; rm -rf "$work"' EXIT

# chip KIND [PROTOCOL]: a new one, with an erased flash in chip.img; $port is where it listens.
chip()
{
	rm -f chip.img log.ready
	start_chip log "$build/farflash" --chip "$1" --flash chip.img --size 4M \
		--listen "${2-tcp}:127.0.0.1:0" || exit 1
	port=${chip_where##*:}
}

# holds FILE ADDRESS
holds()
{
	tail -c +$(($2 + 1)) chip.img | head -c "$(wc -c <"$1")" | cmp - "$1" || fail "$1 at $2"
}

printf '%s\n' 'nvs,data,nvs,,24K' 'factory,app,factory,0x10000,1M' 'spiffs,data,spiffs,,0xF0000' >host.csv
printf '%s\n' 'nvs,data,nvs,,24K' 'phy_init,data,phy,,4K' 'ota_0,app,ota_0,0x20000,1M' >target.csv
folder=fs/ESP32
mkdir -p $folder || exit 1
make_image esp32 6080 >$folder/bootloader.bin &&
	make_image esp32 30000 >$folder/hello-world.bin &&
	farflash -q partition-table target.csv $folder/partition-table.bin ||
	fail 'the files cannot be made'
farflash -q partition-table host.csv host.bin &&
	farflash -q spiffs build fs spiffs.bin --size 0xF0000 &&
	farflash -q -p 'nor:host.img?size=32M' write-flash 0x8000 host.bin &&
	farflash -q -p nor:host.img write-flash spiffs spiffs.bin || fail 'the host flash cannot be made'

# lines FILE: what it says up to the target's start, without times.
lines()
{
	tr -d '\r' <"$1" | sed 's/ ([0-9]*)//; /Target started/q'
}

# program EXPECTED_CODE OPTION...
program()
{
	wanted=$1
	shift
	(sifive_u "$images" flash_multiple_partitions - "$@" -serial \
		"tcp:127.0.0.1:$port,nodelay=on" -drive if=mtd,file=host.img,format=raw \
		</dev/null >out 2>err)
	is $? "$wanted" "$(tail -n 5 out) $(cat err)"
}

echo 'flash_multiple_partitions programs an ESP32'
chip esp32
program 0 lines=1
stop_chip
holds $folder/bootloader.bin 0x1000
holds $folder/partition-table.bin 0x8000
holds $folder/hello-world.bin 0x20000
head -c 4194304 /dev/zero | tr '\0' '\377' >virtual.img
flash_multiple_partitions --flash host.img --virtual virtual.img >process.out || fail 'the process fails'
lines process.out >expected
lines out | diff expected - || fail 'not what the process says'

echo 'another chip than the configured one; no such chip; nobody there'
chip esp8266
program 3 lines=1
grep -q 'the target is an ESP8266, not an ESP32' out || fail "$(cat out)"
program 2 lines=1 target=7
stop_chip
(BOARD_TURNS=$board_same # there is nobody whom time could fly from
	sifive_u "$images" flash_multiple_partitions - lines=1 -serial null \
	-drive if=mtd,file=host.img,format=raw </dev/null >out 2>err)
is $? 3 "$(cat out err)"
grep -q 'no answer from the target' out || fail "$(cat out)"

echo 'reset and boot strap in-band: a chip that runs its program is brought into its loader'
chip esp32 rfc2217
program 0 lines=2
lines out | diff expected - || fail 'not what the process says'
holds $folder/hello-world.bin 0x20000
program 3 lines=1 patience=1000 # it runs what was written
program 0 lines=2
stop_chip

echo "hart 1 programs the other chip's flash through hart 0"
chip esp32
rm -f keys console
mkfifo keys console || exit 1
sifive_u "$images" flash_ipm_far_host flash_ipm_remote lines=1 \
	-serial "tcp:127.0.0.1:$port,nodelay=on" <keys >console 2>err &
other=$!
exec 3>keys 4<console
flash_ipm_session 'flash read 3b0000 100' >out
power_off
is $result 0 "$(cat out err)"
stop_chip
{
	printf 'uart:~$ '
	cat "$common/remote.txt"
	echo 'flash read 3b0000 100'
	cat "$common/dump.txt"
	printf '\nuart:~$ exit\n'
} >expected
diff expected out || fail "not the sample's session"
head -c 4194304 /dev/zero | tr '\0' '\377' >expected.img
pattern | dd of=expected.img bs=4096 seek=944 conv=notrunc 2>log
cmp expected.img chip.img || fail "the chip's flash holds something else"
echo 'all is well'
