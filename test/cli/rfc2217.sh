# SPDX-License-Identifier: Apache-2.0
# A chip behind RFC 2217, both ends farflash: it runs its program, is reset into its loader, worked on,
# and reset back. test/cli/ser2net.sh and test/peers have one end of somebody else's.
. "$(dirname "$0")/lib.sh"
noise 50000 a.bin

# program AT IMAGE: the smallest that an ESP32's ROM starts: one segment of four zero bytes.
program() {
	{
		printf '\351\001\002\040\000\000\010\100\356\000\000\000'
		head -c 12 /dev/zero
		printf '\000\000\010\100\004\000\000\000'
		head -c 15 /dev/zero
		printf '\357'
	} >program.bin
	put program.bin "$1" "$2"
}

# mode TEXT COUNT: the chip has told so often that it does this.
mode() {
	count=$(grep -c "$1" chip.log)
	[ "$count" = "$2" ] || fail "'$1' $count times, not $2: $(cat chip.log)"
}

erased 4194304 chip.bin
program 0x1000 chip.bin
cp chip.bin wanted.bin
put a.bin 0x10000 wanted.bin
errors=chip.log
emulate esp32 rfc2217:127.0.0.1:0 --trace
errors=
case $url in rfc2217://127.0.0.1:[1-9]*) ;; *) fail "odd URL $url" ;; esac

# Without a reset nobody is there who could answer.
expect 3 -p "$url" --before no-reset --connect-attempts 1 flash-id
mode 'waiting for download' 0
mode 'SYNC' 0
expect 0 -p "$url" --no-stub --baud 921600 write-flash 0x10000 a.bin
says "^Connected to ESP32 on $url"
says 'Reset, the chip runs its program'
same chip.bin wanted.bin
mode 'waiting for download' 1
mode 'CHANGE_BAUDRATE' 1
mode 'runs the program' 1

# It stays in its loader if it is told to, and is found there without a reset, whatever the rate.
expect 0 -p "$url" --no-stub --after no-reset --baud 921600 flash-id
mode 'runs the program' 1
expect 0 -p "$url" --no-stub --before no-reset --baud 460800 verify-flash 0x10000 a.bin
mode 'waiting for download' 2
mode 'runs the program' 2

# Interrupted while it writes: the chip is reset all the same by the next one.
"$FARFLASH" -p "$url" --no-stub erase-flash >out 2>err &
client=$!
kill -INT $client
wait $client
expect 0 -p "$url" --no-stub write-flash --no-diff 0x10000 a.bin
expect 0 -p "$url" --no-stub verify-flash 0x10000 a.bin

expect 0 -p "$url" --no-stub read-flash 0x10000 5000 back.bin
head -c 5000 a.bin >head.bin
same back.bin head.bin
stop

# Paced, as on a wire of that rate: bytes take their time, and rates must fit.
emulate esp32 rfc2217:127.0.0.1:0 --line-rate 921600
expect 0 -p "$url" --no-stub --baud 921600 write-flash --no-diff 0x20000 a.bin
put a.bin 0x20000 wanted.bin
stop

# The first chip of the family measures the rate after each reset, and has no other.
rm -f chip.bin
emulate esp8266 rfc2217:127.0.0.1:0 --size 1M
expect 0 -p "$url" --no-stub --chip esp8266 -b 74880 write-flash 0x10000 a.bin
erased 1048576 wanted.bin
put a.bin 0x10000 wanted.bin
same chip.bin wanted.bin
stop

# A flash in memory only: nothing is left behind.
start "$FARFLASH" emulate --chip esp32s3 --listen rfc2217:127.0.0.1:0 --size 8M
expect 0 -p "$url" flash-id
says 'Flash size: 8 MiB'
expect 0 -p "$url" write-flash 0x10000 a.bin
expect 0 -p "$url" verify-flash 0x10000 a.bin
stop

# Ports that are no such server: said at once, with what to do.
emulate esp8266 tcp:127.0.0.1:0 --size 1M
step='a plain TCP port'
expect 3 -p "rfc2217://${url#socket://}" flash-id
says 'socket://HOST:PORT'
stop
start "$HELPERS/bad_peer" close
expect 3 -p "rfc2217://${url#socket://}" flash-id
expect 3 -p rfc2217://127.0.0.1:1 flash-id
says 'refused'
for where in '' host host: :1 host:0 host:65536 a:b:1; do
	expect 3 -p "rfc2217://$where" flash-id
	says 'rfc2217://HOST:PORT'
done
for where in rfc2217: rfc2217:127.0.0.1 rfc2217:127.0.0.1:x; do
	expect 2 emulate --chip esp32 --listen "$where"
	says 'rfc2217:HOST:PORT'
done
