# SPDX-License-Identifier: Apache-2.0
# @FILE: arguments from a file, as builds for esptool leave them behind; and its short words.
. "$(dirname "$0")/lib.sh"
erased 65536 flash.bin
noise 5000 a.bin
cp a.bin 'b b.bin'

step='as a build makes it'
cat >flash_args <<'END'
--flash_mode dio --flash_freq 40m --flash_size 2MB
0x0 a.bin
0x2000 'b b.bin'
END
expect 0 -p nor:flash.bin write_flash @flash_args
says 'Wrote 5000 bytes at 0x2000'
expect 0 -p nor:flash.bin verify_flash 0x0 a.bin 0x2000 'b b.bin'
printf 'verify-flash\t0\r\n\r\na.bin' >lines
expect 0 -p nor:flash.bin @lines
expect 0 @lines -p nor:flash.bin 0x2000 a.bin

step='words'
# words TEXT: the file that elf2image is to read, out of the message that it is not there.
words() {
	printf '%s' "$1" >one
	expect 9 @one
	says "cannot open $2:"
}
words "image-info 'x y'" 'x y'
words 'image-info "x  y"' 'x  y'
words 'image-info x\ y' 'x y'
words 'image-info "x\"y"' 'x"y'
words "image-info 'x\\y'" 'x\\y'
words "image-info x'y'\"z\"" 'xyz'
words 'image-info @flash_args' '@flash_args'
words 'image-info -- --x' '--x'
words 'image-info @' '@'
printf 'image-info ""' >one
expect 9 @one
says 'cannot open :'
: >empty
expect 2 @empty
says 'which command'
expect 9 image-info -- @flash_args
says 'cannot open @flash_args:'

step='--json in the file'
echo '--json flash-id' >one
expect 2 @one
json_is usage error name

step='files that are none'
expect 9 @missing
says '@missing: cannot open the file of arguments: No such file'
expect 9 @.
says '@.: it is not a file'
for text in "'x" '"x' 'x\' "\"x'" '"x\'; do
	printf '%s' "$text" >one
	expect 9 @one
	says '@one: a quote or backslash has no end'
done
head -c 65536 /dev/zero | tr '\0' ' ' >one
expect 2 @one
echo >>one
expect 9 @one
says '@one has more than 65536 bytes'
noise 65536 one
"$FARFLASH" @one >out 2>err
[ $? -lt 10 ] || fail 'noise'
expect 9 --json @missing
json_is file error name

step='short words of two letters'
expect 0 -p nor:flash.bin write-flash -fm dio -ff 40m -fs 2MB 0 a.bin
expect 2 -p nor:flash.bin write-flash -fm
says 'flash-mode needs a value'
expect 2 -p nor:flash.bin flash-id -fm dio
says 'no option -f'
expect 9 image-info -- -fm

step='what is a command of esptool, and what one is meant'
expect 0 version
says '^farflash [0-9.]*$'
expect 2 help verson
says 'did you mean version?'

step='as many attempts as are asked for'
emulate esp32 pty:chip.tty
expect 0 -p chip.tty --no-stub --connect-attempts 2147483648 chip-id
stop

step='a partition whose name begins with no ASCII'
name=$(printf '\303\266l')
echo "$name,data,spiffs,0x9000,4k" >table.csv
expect 0 -p nor:flash.bin --partition-table table.csv read-flash "$name" 16 o.bin
says 'Read 16 bytes at 0x9000'

step='a line of the configuration as long as it may be'
pad=$(head -c 1011 /dev/zero | tr '\0' x)
printf 'port=nor:/%s\nport = nor:flash.bin\n' "$pad" >conf
[ "$(head -n 1 conf | tr -d '\n' | wc -c)" = 1021 ] || fail 'a line of another length'
FARFLASH_CONFIG=conf expect 0 flash-id
printf 'port=nor:/%sxxx\nport = nor:flash.bin\n' "$pad" >conf
FARFLASH_CONFIG=conf expect 0 flash-id
printf 'port=nor:/%sxxxx\nport = nor:flash.bin\n' "$pad" >conf
FARFLASH_CONFIG=conf expect 2 flash-id
says 'conf:1: the line is longer than 1024'
FARFLASH_BAUD=4294967296 expect 2 -p nor:flash.bin flash-id
says 'FARFLASH_BAUD: baud .4294967296. is too large'
