# SPDX-License-Identifier: Apache-2.0
# Programs for the chip's RAM: load-ram against virtual chips, and every file that it must not take.
. "$(dirname "$0")/lib.sh"

le32() {
	for shift in 0 8 16 24; do
		printf "\\$(printf %03o $(($1 >> shift & 255)))"
	done
}

# segment ADDR LEN: of bytes that exclusive-or to 0, so that the image's checksum is EF.
segment() {
	le32 "$1"
	le32 "$2"
	head -c "$2" /dev/zero | tr '\0' '\245'
}

# image CHIP_ID ENTRY SEGMENT...: each segment is ADDR,LEN. CHIP_ID -: an ESP8266's, without the long header.
image() {
	id=$1
	entry=$2
	shift 2
	{
		printf "\\351\\$(printf %03o $#)\\002\\040"
		le32 "$entry"
		if [ "$id" != - ]; then
			printf '\356\000\000\000'
			le32 "$id"
			printf '\000\000\000\000\000\000\000\000'
		fi
		for s in "$@"; do
			segment "${s%,*}" "${s#*,}"
		done
	} >body
	head -c $((15 - $(wc -c <body) % 16)) /dev/zero >pad
	printf '\357' | cat body pad -
}

# Loaded, started, and left alone: what it prints then is the program's.
image 13 0x40800010 0x40800000,20000 0x40830000,256 >c6.bin
emulate esp32c6 "rfc2217:127.0.0.1:0" --size 2M --app-text 'hello from the RAM
'
export FARFLASH_PORT="$url"
expect 0 load-ram c6.bin
says 'Loaded 20256 bytes'
says 'runs the program at 0x40800010'
expect 0 load-ram c6.bin --json
json_is 20256 result loaded
json_is 2 result segments
json_is rom loader
# It is not reset after: a chip that nobody resets is no loader any more.
expect 3 --before no-reset --connect-attempts 1 flash-id
expect 0 flash-id
erased 2097152 wanted.bin
same chip.bin wanted.bin
stop
# Another chip's, by its header and by its addresses; and what is no program for RAM.
emulate esp32c6 "pty:$work/port" --size 2M
FARFLASH_PORT=$url
image 5 0x40380010 0x40380000,64 >c3.bin
expect 6 load-ram c3.bin
says 'image of an ESP32-C3'
image 13 0x40380010 0x40380000,64 >far.bin
expect 9 load-ram far.bin
says 'segment 0, 0x40 bytes at 0x40380000, is not in the RAM of an ESP32-C6'
image 13 0x4087fff0 0x4087ff00,512 >end.bin
expect 9 load-ram end.bin
says 'is not in the RAM'
image 13 0x40800010 0x40800000,512 0x40801000,64 0x408001fc,64 >over.bin
expect 9 load-ram over.bin
says 'segments 0 (0x200 bytes at 0x40800000) and 2 (at 0x408001fc) overlap'
image 13 0x40801000 0x40800000,512 >entry.bin
expect 9 load-ram entry.bin
says 'entry 0x40801000'
image 13 0x42000020 0x42000020,64 >flash.bin
expect 9 load-ram flash.bin
says 'mapped from the flash'
stop

# Files that are no such image, before any port is opened.
unset FARFLASH_PORT
noise 5000 noise.bin
head -c 3000 c6.bin >cut.bin
{
	head -c 1000 c6.bin
	printf 'x'
	tail -c +1002 c6.bin
} >sum.bin
expect 9 load-ram noise.bin
expect 9 load-ram cut.bin
says 'beyond the end'
expect 7 load-ram sum.bin
says 'checksum'
expect 9 load-ram missing.bin
expect 2 load-ram
expect 2 load-ram c6.bin c6.bin
expect 2 load-ram c6.bin
says 'which port'

# Chips with RAM at other places, and each form of line; --chip auto and named.
image - 0x40100010 0x40100000,6144 0x3ffe8000,100 >8266.bin
image 0 0x40080400 0x3ffb0000,64 0x40080400,7000 >esp32.bin
image 2 0x40022000 0x3ffb0000,64 0x40022000,64 >s2.bin
for one in esp8266,8266 esp32,esp32 esp32s2,s2 esp32c3,c3; do
	rm -f chip.bin
	emulate "${one%,*}" "pty:$work/port" --size 1M --app-text 'hello from the RAM
'
	expect 0 -p "$url" --chip "${one%,*}" load-ram "${one#*,}.bin"
	says 'runs the program'
	stop
done

# With faults on the line it arrives all the same, or there is a word.
rm -f chip.bin
emulate esp32c6 "rfc2217:127.0.0.1:0" --size 2M --fault flip=out:9000,drop=out:18000,flip=in:300
expect 0 -p "$url" load-ram c6.bin
says 'runs the program'
stop

# A stub that runs lies in the way; secure download mode; no chip at all.
rm -f chip.bin
emulate esp32c6 "pty:$work/port" --size 1M --any-stub
mkdir stubs
printf '{"entry": %d, "text": "%s", "text_start": %d}\n' 0x40800100 "$(head -c 600 /dev/zero | base64 -w 0)" 0x40800000 \
	>stubs/esp32c6.json
expect 8 -p "$url" --stub stubs load-ram c6.bin
says 'a flasher stub runs on this chip'
stop
emulate esp32c6 "rfc2217:127.0.0.1:0" --size 1M --secure-download
expect 8 -p "$url" --flash-size 1M load-ram c6.bin
says 'secure download mode'
stop
emulate esp32s3 "rfc2217:127.0.0.1:0" --size 1M --secure-boot
image 9 0x40378000 0x40378000,64 >s3.bin
expect 8 -p "$url" load-ram s3.bin
stop
expect 8 -p nor:chip.bin load-ram c6.bin
says 'no ESP chip'
