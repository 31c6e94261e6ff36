# SPDX-License-Identifier: Apache-2.0
# A megabyte into an ESP32 over a TCP socket, and what a second and a changed run do.
. "$(dirname "$0")/lib.sh"
noise 1048576 a.bin
erased 4194304 wanted.bin
put a.bin 65536 wanted.bin

emulate esp32 tcp:127.0.0.1:0
case $url in socket://127.0.0.1:[1-9]*) ;; *) fail "odd URL $url" ;; esac

expect 0 -p "$url" write-flash 0x10000 a.bin
says "^Connected to ESP32 on $url"
says '^Flash: 4 MiB (ef4016)$'
says '^Wrote 1048576 bytes at 0x10000 in .* kbit/s), verified$'
same chip.bin wanted.bin

expect 0 -p "$url" write-flash 0x10000 a.bin
says '^Wrote 0 bytes'
expect 0 -p "$url" verify-flash 0x10000 a.bin

# Compressible data is sent compressed, unless -u; both are right.
head -c 200000 /dev/zero >zeros.bin
expect 0 -p "$url" write-flash 0x200000 zeros.bin --json
json_is true ok
json_is ESP32 chip
json_is 4194304 flash size
json_is 200000 result files 0 written
sent=$(json result files 0 sent)
[ "$sent" -lt 2000 ] || fail "$sent bytes sent for 200000 zeros"
expect 0 -p "$url" write-flash --no-diff -u 0x200000 zeros.bin --json
json_is 200000 result files 0 sent
put zeros.bin 2097152 wanted.bin
# The rest of a file's last sector is erased.
same chip.bin wanted.bin

expect 0 -p "$url" read-flash 0x10000 5000 part.bin
head -c 5000 a.bin >head.bin
same part.bin head.bin
expect 0 -p "$url" erase-region 0x10000 1M
erased 4194304 wanted.bin
put zeros.bin 2097152 wanted.bin
same chip.bin wanted.bin
expect 0 -p "$url" erase-flash
erased 4194304 wanted.bin
same chip.bin wanted.bin

# --trace shows what passes; --baud only sets time-outs here.
expect 0 -p "$url" -b 921600 read-mac --trace
grep -q '> .*c0' err || fail 'no trace'
expect 0 -p "$url" chip-id
says 'Bootloader at: 0x1000'
stop
