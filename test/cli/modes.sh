# SPDX-License-Identifier: Apache-2.0
# What a chip's fuses change, how it is reset, and how its program is started.
. "$(dirname "$0")/lib.sh"
noise 20001 a.bin

# Secure download mode: the size has to be told; then write and erase, and nothing else.
emulate esp32c3 "pty:$work/port" --size 1M --secure-download
export FARFLASH_PORT="$url"
expect 8 write-flash 0x10000 a.bin
says 'give it with --flash-size'
expect 0 --flash-size 1M write-flash 0x10000 a.bin
says 'not proved'
erased 1048576 wanted.bin
put a.bin 0x10000 wanted.bin
same chip.bin wanted.bin
expect 8 --flash-size 1M read-flash 0 16 o.bin
expect 8 --flash-size 1M verify-flash 0x10000 a.bin
expect 8 read-mac
says 'secure download mode'
expect 0 get-security-info --json
json_is true result secure_download
json_is 5 result chip_id
expect 0 --flash-size 1M erase-region 0x10000 0x5000
erased 1048576 wanted.bin
same chip.bin wanted.bin
stop

# Encrypted flash.
emulate esp32c6 "pty:$work/port" --size 1M --secure-boot --flash-encryption 1
expect 0 get-security-info
says 'Secure boot: yes'
says 'Flash encryption: enabled'
says 'Secure download mode: no'
says 'Chip id: 13'
expect 0 write-flash --encrypt 0x10000 a.bin
says 'not proved'
same_or_not=$(cmp chip.bin wanted.bin 2>&1)
[ -n "$same_or_not" ] || fail 'nothing was written'
put a.bin 0x10000 wanted.bin
cmp -s chip.bin wanted.bin && fail 'it was written as it is'
stop
rm chip.bin
emulate esp32c6 "pty:$work/port" --size 1M
expect 8 write-flash --encrypt 0x10000 a.bin
says 'get-security-info'
erased 1048576 wanted.bin
same chip.bin wanted.bin
stop
emulate esp32 "pty:$work/port" --size 1M
expect 8 get-security-info
expect 8 write-flash --encrypt 0x10000 a.bin
same chip.bin wanted.bin

# How to reset: names, sequences, and nonsense.
for how in default-reset classic_reset usb-reset no-reset 'D0|R1|W0.1|D1|R0|W0.05|D0' 'U1,1|W0.001|U0,0'; do
	expect 0 --before "$how" flash-id
done
for how in nonsense '' 'D2' 'W' 'W1.2345' 'W11' 'U1' '|D0'; do
	expect 2 --before "$how" flash-id
	says "before cannot be"
done
for how in hard-reset no-reset no_reset_stub hold-in-reset; do
	expect 0 --after "$how" flash-id
done
expect 2 --after sometimes flash-id
says 'hold-in-reset'

# Its program, by the loader's own command, as this port has no lines.
expect 0 run
says 'runs its program'
expect 3 --connect-attempts 1 flash-id
stop
emulate esp32 "pty:$work/port" --size 1M
expect 0 --after soft-reset flash-id
expect 3 --connect-attempts 1 flash-id
stop
# By the chip's own watchdog, without a line; not every chip has one for that.
emulate esp32 "pty:$work/port" --size 1M
expect 0 --after watchdog-reset flash-id
says 'no watchdog of an ESP32 can do that'
expect 0 flash-id
stop
rm -f chip.bin
emulate esp32s3 "rfc2217:127.0.0.1:0" --size 1M
FARFLASH_PORT=$url
expect 0 --after watchdog_reset flash-id
says 'runs its program'
expect 3 --before no-reset --connect-attempts 1 flash-id
expect 0 flash-id
stop
unset FARFLASH_PORT
expect 8 -p nor:chip.bin run
expect 8 -p nor:chip.bin get-security-info
