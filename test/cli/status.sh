# SPDX-License-Identifier: Apache-2.0
# The flash's status registers: read-flash-status and write-flash-status, by ROM and stub.
. "$(dirname "$0")/lib.sh"
noise 5000 a.bin

# The factory's setting, volatile and lasting writes, and what they do to the flash.
emulate esp32c3 "pty:$work/port" --size 1M
export FARFLASH_PORT="$url"
expect 0 read-flash-status
says '^Status value: 0x0000$'
expect 0 read_flash_status --bytes 3
says '^Status value: 0x[0-9a-f]\{6\}$'
expect 0 write-flash-status 0x0200
says '^Initial flash status: 0x0000$'
says '^After flash status: 0x0200$'
expect 0 read-flash-status --json
json_is 512 result status
# All blocks protected, for good. The loaders lift that themselves before they write.
expect 0 write-flash-status --bytes 2 --non-volatile 0x021c --json
json_is 512 result before
json_is 540 result after
expect 0 write-flash 0x10000 a.bin
says 'verified'
expect 0 read-flash-status
says '^Status value: 0x0200$'
# One byte alone; three.
expect 0 write-flash-status --bytes 1 4
says '^After flash status: 0x04$'
expect 0 read-flash-status --bytes 1
says '^Status value: 0x04$'
expect 0 write-flash-status --bytes 1 0
expect 0 read-flash-status --bytes 3 --json
three=$(json result status)
expect 0 write-flash-status --bytes 3 $((three | 0x200))
# Bits that tell and cannot be set: no failure is made of them; one that there is not.
expect 0 write-flash-status --bytes 1 3
says '^After flash status: 0x00$'
expect 7 write-flash-status --bytes 3 0x080200
says 'status is 0x.*, not 0x080200'
for a in 'write-flash-status 0x10000' 'write-flash-status --bytes 1 256' 'write-flash-status' \
	'read-flash-status --bytes 0' 'read-flash-status --bytes 4' 'write-flash-status --bytes 4 0' \
	'write-flash-status x'; do
	expect 2 $a
done
stop

# By a stub, and by the ROM of a chip whose lengths are elsewhere.
rm chip.bin
mkdir stubs
for chip_at in 'esp32s2 1073909760' 'esp8266 1074840832'; do
	printf '{"entry": %d, "text": "%s", "text_start": %d}\n' $((${chip_at#* } + 256)) \
		"$(head -c 600 /dev/zero | base64 -w 0)" "${chip_at#* }" >"stubs/${chip_at% *}.json"
	emulate "${chip_at% *}" "pty:$work/port" --size 1M --any-stub
	for how in --no-stub "--stub $work/stubs"; do
		expect 0 $how write-flash-status 0x0200
		says '^After flash status: 0x0200$'
		expect 0 read-flash-status
		says "0x0200"
		expect 0 write-flash-status 0
	done
	says 'by its stub'
	stop
done

# Where there is none, or none that one may see.
emulate esp32c3 "pty:$work/port" --size 1M --secure-download
expect 8 --flash-size 1M read-flash-status
says 'secure download mode'
expect 8 --flash-size 1M write-flash-status 0
stop
expect 8 -p nor:chip.bin read-flash-status
says 'only the flash of an ESP chip'
expect 8 -p nor:chip.bin write-flash-status 0
