#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The flash_multiple_partitions sample: a host's flash made by our own tools, three kinds of virtual
# targets, the console in the sample's form, what is in the targets' flash, and what goes wrong.
# Usage: flash_multiple_partitions.sh BUILD_FOLDER
set -u
program=$1/flash_multiple_partitions
farflash=$1/farflash
make_image=$1/test/make_image
work=$(mktemp -d) || exit 1
chip=
trap '[ -z "$chip" ] || kill -9 $chip 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cd "$work" || exit 1

fail()
{
	echo "FAILED: $*"
	[ ! -s out ] || tail -n 20 out
	exit 1
}

# erased BYTES FILE
erased()
{
	head -c "$1" /dev/zero | tr '\0' '\377' >"$2"
}

# make FOLDER CHIP: the three files for a kind of target, in sizes that end with a short packet.
make()
{
	mkdir -p "fs/$1" || exit 1
	"$make_image" "$2" 20032 >"fs/$1/bootloader.bin" &&
		"$make_image" "$2" 144672 >"fs/$1/hello-world.bin" &&
		"$farflash" -q partition-table target.csv "fs/$1/partition-table.bin" ||
		fail "the files for $2 cannot be made"
}

# host [LENGTH]: host.img from fs and host.csv.
host()
{
	rm -f host.img
	"$farflash" -q partition-table host.csv host.bin &&
		"$farflash" -q spiffs build fs spiffs.bin --size "${1-0xF0000}" &&
		"$farflash" -q -p 'nor:host.img?size=4M' write-flash 0x8000 host.bin &&
		"$farflash" -q -p nor:host.img write-flash spiffs spiffs.bin ||
		fail 'the host flash cannot be made'
}

# run EXPECTED_CODE ARGUMENTS...: the sample on host.img; the console goes to out.
run()
{
	wanted=$1
	shift
	timeout -k 5 60 "$program" --flash host.img "$@" >out 2>err
	code=$?
	[ $code = "$wanted" ] || fail "exit code $code, not $wanted, of: $* $(cat err)"
}

says()
{
	grep -q -e "$1" out err || fail "does not say: $1"
}

# untouched: the last run has left chip.img alone.
untouched()
{
	cmp -s chip.img blank.img || fail 'the target was touched'
}

# expected FOLDER [W]: the console as the sample's README has it, without the times, and what goes
# beyond: the proof of each file, or that there is none.
expected()
{
	echo 'I example: Initializing SPIFFS'
	for file in bootloader partition-table hello-world; do
		size=$(wc -c <"fs/$1/$file.bin")
		echo "I example: Image size: $size"
		[ $file != bootloader ] || echo 'I example: Connected to target'
		echo 'I example: Start programming'
		packet=0
		while [ "$size" -gt 0 ]; do
			part=$((size < 1024 ? size : 1024))
			echo "I example: packet: $packet  written: $part B"
			packet=$((packet + 1)) size=$((size - part))
		done
		echo 'I example: Finished programming'
		if [ "${2-}" = W ]; then
			echo "W example: Not verified: this target's loader has no digest"
		else
			echo 'I example: Verified'
		fi
	done
	echo 'I example: Target started'
}

# holds FILE ADDRESS: the target's flash has it there, and blank bytes up to the end of its sector.
holds()
{
	size=$(wc -c <"$1")
	rest=$(((4096 - size % 4096) % 4096))
	{ cat "$1" && head -c $rest /dev/zero | tr '\0' '\377'; } >wanted
	tail -c +$(($2 + 1)) chip.img | head -c $((size + rest)) | cmp - wanted || fail "$1 at $2"
}

printf '%s\n' 'nvs,data,nvs,,24K' 'factory,app,factory,0x10000,1M' 'spiffs,data,spiffs,,0xF0000' \
	>host.csv
printf '%s\n' 'nvs,data,nvs,,24K' 'phy_init,data,phy,,4K' 'ota_0,app,ota_0,0x20000,1M' >target.csv
erased 4194304 blank.img
make ESP32 esp32
make ESP32_S2 esp32s2
make ESP8266 esp8266
host

# ---- the way it should be ------------------------------------------------------------------------

# all CHIP FOLDER BOOTLOADER_ADDRESS LAST_WORDS [W]
all()
{
	echo "$1: console, flash, and what the new program's ROM says"
	cp blank.img chip.img
	run 0 --virtual chip.img --target "$1"
	[ ! -s err ] || fail "on stderr: $(cat err)"
	grep -v -E '^[IWE] \([0-9]+\) (example|target): ' out && fail 'not the form of a line'
	sed 's/^[A-Z] (\([0-9]*\)) .*/\1/' out | sort -n -c || fail 'the times do not rise'
	grep ' example: ' out | sed 's/ ([0-9]*)//' >console
	expected "$2" "${5-}" | diff - console || fail 'not the console of the sample'
	holds "fs/$2/bootloader.bin" "$3"
	holds "fs/$2/partition-table.bin" 0x8000
	holds "fs/$2/hello-world.bin" 0x20000
	# The ROM has loaded what is at its place now: its segments' addresses are in the image.
	says "target: load[: ]0x"
	says "target: $4"
	# 164 packets take 15 s at the first rate, and half of that at the one it goes on with.
	awk '/Target started/ { gsub("[()]", "", $2); exit $2 + 0 >= 12000 }' out || fail 'too slow'
}
all esp32 ESP32 0x1000 'entry 0x40080400'
all esp32s2 ESP32_S2 0x1000 'entry 0x40024400'
all esp8266 ESP8266 0 'csum 0x' W

echo 'esp32 by default; again over what is there'
cp blank.img chip.img
run 0 --virtual chip.img
cp chip.img once.img
run 0 --virtual chip.img
cmp once.img chip.img || fail 'not the same the second time'

# ---- over a pseudo terminal and TCP --------------------------------------------------------------

# emulate CHIP WHERE [OPTION...]: an emulator of its own, with its trace in trace; sets url.
emulate()
{
	rm -f ready emulated.img
	mkfifo ready || exit 1
	name=$1 where=$2
	shift 2
	"$farflash" --trace emulate --chip "$name" --flash emulated.img --listen "$where" "$@" \
		>ready 2>trace &
	chip=$!
	read -r word preposition url <ready
	[ "$word $preposition" = 'listening on' ] || fail 'the emulator does not start'
}

stop()
{
	kill -TERM $chip && wait $chip || fail 'the emulator failed'
	chip=
}

echo 'the rate changes after the connection, but on the ESP8266'
emulate esp32 pty:tty
run 0 --port tty --target esp32
stop
cmp emulated.img once.img || fail 'another flash than on the virtual line'
sed -n 's/.* rom: \(SPI_ATTACH\|CHANGE_BAUDRATE\|FLASH_BEGIN\).*/\1/p' trace | uniq | head -n 3 |
	tr '\n' ' ' | grep -q '^SPI_ATTACH CHANGE_BAUDRATE FLASH_BEGIN $' || fail 'not after connecting'
emulate esp8266 pty:tty
run 0 --port tty --target esp8266
stop
grep -q CHANGE_BAUDRATE trace && fail 'the ESP8266 was asked to change its rate'

echo 'the target is lost on the way, then the job is done again'
emulate esp32 pty:tty --line-rate 230400
timeout -k 5 60 "$program" --flash host.img --port tty >out 2>err &
job=$!
until grep -q 'packet: 3 ' out; do kill -0 $job 2>/dev/null || fail 'ended too early'; done
kill -9 $chip
wait $job
code=$?
chip=
[ $code = 4 ] || fail "exit code $code, not 4"
grep -q 'Finished' out && fail 'finished without a target'
says 'E ([0-9]*) example: cannot program /ESP32/bootloader.bin at 0x'
emulate esp32 tcp:127.0.0.1:0
run 0 --port "$url"
stop
cmp emulated.img once.img || fail 'not the same after the loss'

echo 'what was written is spoilt before it is proved'
emulate esp32 pty:tty --line-rate 460800
timeout -k 5 60 "$program" --flash host.img --port tty >out 2>err &
job=$!
until grep -q 'packet: 20 ' out; do kill -0 $job 2>/dev/null || fail 'ended too early'; done
kill -STOP $chip
printf 'spoilt' | dd of=emulated.img bs=1 seek=131172 conv=notrunc 2>/dev/null
grep -q 'packet: 141 ' out && fail 'the machine is too slow for this test'
kill -CONT $chip
wait $job || fail 'did not recover'
stop
says 'W ([0-9]*) example: once more from the start: /ESP32/hello-world.bin at 0x20000: code -23 (verify)'
[ "$(grep -c 'Finished programming' out)" = 4 ] || fail 'not one file twice'
cmp emulated.img once.img || fail 'not mended'

echo 'a target that is silent, and none'
emulate esp32 tcp:127.0.0.1:0
kill -STOP $chip
run 3 --port "$url"
says 'no answer from the target: see that it has power'
kill -9 $chip
chip=
run 3 --port no-such-tty
says 'cannot open no-such-tty'

# ---- what is wrong with the host -----------------------------------------------------------------

cp blank.img chip.img
echo 'another chip than expected'
run 3 --virtual chip.img --virtual-chip esp8266
says 'the target is an ESP8266, not an ESP32'
untouched
run 3 --virtual chip.img --virtual-chip esp32s2 --target esp8266
run 2 --virtual chip.img --target esp99
run 2 --virtual chip.img --target esp99 --virtual-chip esp32
says 'no such target'
untouched

echo 'no table, a damaged one, and one without the partition'
cp host.img good.img
"$farflash" -q -p nor:host.img erase-region 0x8000 4k || fail 'erase'
run 2 --virtual chip.img
says "the host's partition table: no partition table"
cp good.img host.img
printf X | dd of=host.img bs=1 seek=32782 conv=notrunc 2>/dev/null
run 2 --virtual chip.img
says "the host's partition table: entry 4: the checksum is not that of the entries"
sed 's/^spiffs/storage/' host.csv >other.csv
"$farflash" -q partition-table other.csv host.bin &&
	"$farflash" -q -p nor:host.img write-flash 0x8000 host.bin || fail 'write'
run 2 --virtual chip.img
says "no partition 'spiffs'"
untouched

echo 'no SPIFFS in the partition, and one of another size'
cp good.img host.img
"$farflash" -q -p nor:host.img erase-region spiffs ALL || fail 'erase'
run 2 --virtual chip.img
says "no SPIFFS in the partition 'spiffs' at 0x110000: code -23 (verify)"
host 0xE0000
run 2 --virtual chip.img
says 'no SPIFFS in the partition'
untouched

echo 'files that are missing, empty or too large'
for file in bootloader partition-table hello-world; do
	mv "fs/ESP32/$file.bin" kept
	host
	run 2 --virtual chip.img
	says "E ([0-9]*) example: /ESP32/$file.bin: no such file in the SPIFFS"
	: >"fs/ESP32/$file.bin"
	host
	run 2 --virtual chip.img
	says "/ESP32/$file.bin has 0 bytes"
	mv kept "fs/ESP32/$file.bin"
	untouched
done
mv fs/ESP32/bootloader.bin kept
"$make_image" esp32 28688 >fs/ESP32/bootloader.bin
host
run 2 --virtual chip.img
says '/ESP32/bootloader.bin has 28688 bytes: its place at 0x1000 takes 1 to 28672'
mv kept fs/ESP32/bootloader.bin
printf '%s\n' 'app,app,factory,0x30000,128K' >small.csv
"$farflash" -q partition-table small.csv fs/ESP32/partition-table.bin
host
run 2 --virtual chip.img
says '/ESP32/hello-world.bin has 144672 bytes: its place at 0x30000 takes 1 to 131072'
untouched

echo "a target's table that is damaged, or has no program"
printf '%s\n' 'nvs,data,nvs,,24K' >small.csv
"$farflash" -q partition-table small.csv fs/ESP32/partition-table.bin
host
run 2 --virtual chip.img
says "the target's partition table has no app"
printf 'something else, of more than 32 bytes' >fs/ESP32/partition-table.bin
host
run 2 --virtual chip.img
says "/ESP32/partition-table.bin: no partition table: it begins with 0x6f73 instead of 0x50aa"
printf '%s\n' 'app,app,factory,0x30000,1M' 'b,app,ota_0,0x50000,1M' >small.csv
"$farflash" -q partition-table small.csv fs/ESP32/partition-table.bin 2>err &&
	fail 'a table that overlaps was made'
untouched

echo 'a target with too small a flash'
cp good.img host.img
erased 131072 chip.img
run 6 --virtual chip.img
says "the target.s flash does not tell its size"
erased 262144 chip.img
run 6 --virtual chip.img
says "the target's flash has no place for /ESP32/hello-world.bin at 0x20000: code -2 (range)"

echo 'a command line that cannot be'
run 2
run 2 --port x --virtual y
run 9 --virtual missing.img
"$program" --virtual chip.img 2>/dev/null
[ $? = 2 ] || fail 'without a flash'
"$program" --help >out || fail 'help'
says '^usage: '
echo 'all is well'
