# SPDX-License-Identifier: Apache-2.0
# Every chip over a pseudo terminal: three files in one call, and every other command.
. "$(dirname "$0")/lib.sh"
noise 18001 boot.bin
noise 3072 table.bin
noise 131072 app.bin

for chip in esp8266 esp32 esp32s2; do
	erased 2097152 wanted.bin
	put boot.bin 4096 wanted.bin
	put table.bin 32768 wanted.bin
	put app.bin 65536 wanted.bin
	rm -f chip.bin
	emulate $chip "pty:$work/port" --size 2M
	[ "$url" = "$work/port" ] || fail "odd URL $url"
	export FARFLASH_PORT="$url"

	expect 0 --chip $chip write-flash 0x1000 boot.bin 0x8000 table.bin 64k app.bin
	same chip.bin wanted.bin
	expect 0 read-mac
	says '^MAC: '
	expect 0 flash-id
	says 'Flash size: 2 MiB'
	expect 0 chip-id --json
	json_is true ok

	# Another chip than the one that --chip names.
	other=esp32
	[ $chip = esp32 ] && other=esp32s2
	expect 2 --chip $other erase-flash
	says 'is an ESP'
	same chip.bin wanted.bin

	if [ $chip = esp8266 ]; then
		expect 0 write-flash 0x1000 boot.bin
		says 'not verified$'
		says 'not proved'
		expect 8 verify-flash 0x1000 boot.bin
		expect 8 read-flash 0 16 o.bin
		[ -e o.bin ] && fail 'left an output file'
		# Its rate is measured once: without a reset there is no other.
		expect 3 -b 74880 --chip esp8266 --connect-attempts 1 flash-id
	else
		expect 0 verify-flash 0x1000 boot.bin 0x8000 table.bin 64k app.bin
		expect 7 verify-flash 0x2000 boot.bin
		expect 0 read-flash 0x1000 18001 back.bin
		same back.bin boot.bin
		expect 0 write-flash 0x1000 boot.bin
		says 'verified$'
		expect 0 -b 921600 flash-id
		expect 0 -b 115200 flash-id
		expect 0 -b 123456 flash-id
	fi
	same chip.bin wanted.bin
	expect 0 erase-region 0x8000 4k
	expect 0 erase-region 0x10000 ALL
	erased 2097152 wanted.bin
	put boot.bin 4096 wanted.bin
	same chip.bin wanted.bin
	expect 0 erase-flash
	erased 2097152 wanted.bin
	same chip.bin wanted.bin
	stop
	[ -L "$work/port" ] && fail 'the link is still there'
	unset FARFLASH_PORT
done

# The ESP8266 takes the rate of the first one to connect.
rm -f chip.bin
emulate esp8266 "pty:$work/port" --size 2M
expect 0 -p "$url" -b 250000 --chip esp8266 write-flash 0 table.bin
erased 2097152 wanted.bin
put table.bin 0 wanted.bin
same chip.bin wanted.bin
stop
