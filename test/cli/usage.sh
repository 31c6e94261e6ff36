# SPDX-License-Identifier: Apache-2.0
# The command line itself: no port is touched.
. "$(dirname "$0")/lib.sh"
noise 5000 a.bin

expect 0 --help
says 'write-flash'
says 'Exit codes'
expect 0 --version
says '^farflash [0-9]*\.[0-9]*\.[0-9]*$'
expect 0 help
for c in write-flash read-flash verify-flash erase-region erase-flash flash-id read-mac chip-id \
	list-ports emulate serve shell spiffs partition-table monitor read-mem write-mem dump-mem help; do
	expect 0 help $c
	says "^farflash $c"
	expect 0 $c --help
	says "^farflash $c"
done
expect 2 help wirte-flash

# Unknown things, with the closest known one.
expect 2
expect 2 wirte-flash 0 a.bin
says 'did you mean write-flash?'
expect 2 flashid
says 'did you mean flash-id?'
expect 2 frobnicate
says 'farflash help'
expect 2 --prot x flash-id
says 'did you mean --port?'
expect 2 -p nor:x write-flash --no-dfif 0 a.bin
says 'did you mean --no-diff?'
expect 2 -Z flash-id
says 'no option -Z'
expect 2 flash-id --json=1
says 'takes no value'
expect 2 flash-id --quiet=1
says 'takes no value'
expect 2 flash-id --port
says 'needs a value'
expect 2 flash-id --before sometimes
says 'before cannot be .sometimes.: it is default-reset'

# Arguments.
expect 2 flash-id
says 'which port'
expect 2 -p nor:x flash-id more
expect 2 -p nor:x write-flash 0
expect 2 -p nor:x write-flash 0 a.bin 4096
says 'has no file'
for n in '' 0x 12q +1 4294967296 0x100000000 4096M 99999999999999999999 '1 ' ' 1' 1.5 4G; do
	expect 2 -p nor:x write-flash "$n" a.bin
	says "address '$n'"
done
expect 2 -p nor:x read-flash 0 99999999999 o.bin
says 'too large'
expect 2 -p nor:x read-flash 0 16
expect 2 -p nor:x read-flash 0 16 - --json
json_is usage error name
expect 2 -p nor:x --chip esp99 flash-id
says 'ESP32-S2'
expect 2 -p nor:x --baud fast flash-id

# A mistake is told as JSON, too, wherever --json stands.
expect 2 --json wirte-flash
json_is false ok
json_is 2 exit
json_is 2 error code
expect 2 flash-id --json
json_is flash-id command
json_is usage error name

# esptool's spellings.
expect 0 help write_flash
expect 9 -p nor:missing write_flash 0 a.bin
expect 9 -p nor:missing write-flash --no_diff 0 a.bin
expect 9 -p nor:missing --before default_reset --after no_reset write-flash 0 a.bin

# The port may come from the environment; an option goes first.
step='port from the environment'
FARFLASH_PORT=nor:one ESPTOOL_PORT=nor:two "$FARFLASH" flash-id 2>err && fail 'no error'
says 'cannot open one'
ESPTOOL_PORT=nor:two "$FARFLASH" flash-id 2>err && fail 'no error'
says 'cannot open two'
ESPTOOL_PORT=nor:two "$FARFLASH" flash-id -p nor:three 2>err && fail 'no error'
says 'cannot open three'

expect 0 list-ports
expect 0 list-ports --json
json_is array result ports
