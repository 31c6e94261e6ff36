# SPDX-License-Identifier: Apache-2.0
# Flasher stubs from files: the good one, and everything that one can be instead.
. "$(dirname "$0")/lib.sh"
noise 50001 a.bin
mkdir stubs other empty

# stub FILE TEXT_START DATA_START BSS ENTRY: some bytes in the form of a stub.
stub() {
	text=$(noise_base64 6000)
	data=$(noise_base64 200)
	printf '{"entry": %d, "text": "%s", "text_start": %d, "data": "%s", "data_start": %d, "bss_start": %d}\n' \
		"$5" "$text" "$2" "$data" "$3" "$4" >"$1"
}
noise_base64() {
	head -c "$1" /dev/urandom | base64 -w 0
}
stub stubs/esp32c6.json 0x40800000 0x40852F0C 0x40840000 0x40800100

# By the search path, by file and by folder; what runs already is used as it is.
emulate esp32c6 "pty:$work/port" --size 2M --any-stub
export FARFLASH_PORT="$url"
expect 0 write-flash 0x10000 a.bin
says 'on .*port$'
FARFLASH_STUBS="$work/empty:$work/stubs" expect 0 write-flash --no-diff 0x20000 a.bin
says 'by its stub'
says 'verified$'
expect 0 flash-id
says 'by its stub'
expect 3 --no-stub flash-id
says 'a flasher stub runs on the chip'
expect 0 read-flash 0x20001 50000 back.bin --json
json_is stub loader
tail -c 50000 a.bin >wanted.bin
same back.bin wanted.bin
expect 0 verify-flash 0x10000 a.bin
expect 0 erase-region 0x10000 0x10000
erased 2097152 wanted.bin
put a.bin 0x10000 wanted.bin
dd if=/dev/zero bs=65536 count=1 2>dd.log | tr '\0' '\377' >gap.bin
put gap.bin 0x10000 wanted.bin
put a.bin 0x20000 wanted.bin
same chip.bin wanted.bin
expect 0 erase-flash
erased 2097152 wanted.bin
same chip.bin wanted.bin
stop
for how in "$work/stubs" "$work/stubs/esp32c6.json"; do
	emulate esp32c6 "pty:$work/port" --size 2M --any-stub
	expect 0 --stub "$how" flash-id
	says 'by its stub'
	stop
done

# Files that are no use: an error if asked for, a warning and the ROM if only found.
sed 's/......$//' stubs/esp32c6.json >other/cut.json
sed 's/"text"/"test"/' stubs/esp32c6.json >other/no-text.json
sed 's/"text": "/"text": "!/' stubs/esp32c6.json >other/base64.json
sed 's/"entry": [0-9]*/"entry": -1/' stubs/esp32c6.json >other/number.json
printf '{"entry": %d, "text_start": %d, "text": "%s"}' 0x40800000 0x40800000 \
	"$(noise_base64 70000)" >other/large.json
stub other/overlap.json 0x40800000 0x40801000 0x40840000 0x40800100
stub other/bss.json 0x40800000 0x40852F0C 0x40800010 0x40800100
stub other/entry.json 0x40800000 0x40852F0C 0x40840000 0x40850000
stub other/ram.json 0x400A8000 0x3FFDED6C 0x3FFCC000 0x400A9000
stub other/esp32c5.json 0x40800000 0x40852F0C 0x40840000 0x40800100
: >other/nothing.json
head -c 2000000 /dev/zero >other/zeros.json
emulate esp32c6 "pty:$work/port" --size 2M --any-stub
while read -r file text; do
	expect 9 --stub "$work/other/$file.json" flash-id
	says "$file.json"
	says "$text"
	cp "other/$file.json" empty/esp32c6.json
	[ "$file" = esp32c5 ] && continue
	FARFLASH_STUBS="$work/empty" expect 0 write-flash 0x10000 a.bin
	says 'going on with the ROM'
done <<LIST
cut cut short
no-text no "text"
base64 not base 64
number no "entry"
large more than 65536 bytes
overlap text and its data overlap
bss variables overlap
entry entry is not in its text
ram not for the RAM of an ESP32-C6
esp32c5 stub of an ESP32-C5
nothing not JSON
zeros larger than
LIST
rm empty/*
expect 9 --stub "$work/empty" flash-id
says 'there is no esp32c6.json'
expect 9 --stub "$work/missing.json" flash-id
mkfifo pipe.json
expect 9 --stub "$work/pipe.json" flash-id
says 'no regular file'
expect 2 --stub "$work/stubs" --no-stub flash-id
expect 0 --no-stub flash-id
stop

# An ESP32-P4 before revision 3 has a stub of its own: each takes its own of the two and no other.
mkdir p4 p4-rev1
stub p4/esp32p4.json 0x4FF50000 0x4FF72DB8 0x4FF60000 0x4FF50100
stub p4-rev1/esp32p4-rev1.json 0x4FF10000 0x4FF32DB8 0x4FF20000 0x4FF10100
for one in 'esp32p4 p4 p4-rev1' 'esp32p4-rev1 p4-rev1 p4'; do
	emulate "${one%% *}" "pty:$work/port" --any-stub
	expect 9 --stub "$work/${one##* }" flash-id
	says "there is no ${one%% *}.json"
	own=${one#* }
	expect 0 --stub "$work/${own% *}" flash-id
	says 'ESP32-P4 on .*, by its stub'
	stop
done

# Started, and silent: the chip does not know these bytes for a stub. Said at once, not waited for.
emulate esp32c6 "pty:$work/port" --size 2M
expect 3 --stub "$work/stubs" --connect-attempts 1 flash-id
says 'does not answer'
says 'no-stub'
stop
