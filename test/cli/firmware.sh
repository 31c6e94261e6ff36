# SPDX-License-Identifier: Apache-2.0
# Firmware images: image-info, elf2image, merge-bin, Intel hex, and what write-flash does with them.
. "$(dirname "$0")/lib.sh"

# bytes HEX...: these bytes, on stdout.
bytes() {
	for b in $*; do
		printf "\\$(printf %03o "0x$b")"
	done
}

# byte AT FILE: one byte of it, in hexadecimal.
byte() {
	od -An -tx1 -j "$1" -N 1 "$2" | tr -d ' \n'
}

# words FROM COUNT FILE: little-endian words, in hexadecimal.
words() {
	od -An -tx4 -v -j "$1" -N "$((4 * $2))" "$3" | tr -s ' \n' ' ' | sed 's/^ //; s/ $//'
}

is() {
	[ "$1" = "$2" ] || fail "'$1' is not '$2'"
}

# By hand, from docs/SPEC-esp-image.md: an ESP32's bootloader with 8 bytes to load. The checksum is
# 0xEF ^ f ^ a ^ r ^ f ^ l ^ a ^ s ^ h, and the hash is whatever sha256sum makes of it.
bootloader() { # bootloader CHIP-ID MIN-REV MAX-REV (two bytes each) FILE
	{
		bytes E9 01 02 20 00 04 08 40 EE 00 00 00 $1 00 $2 $3 00 00 00 00 01
		bytes 00 00 FB 3F 08 00 00 00
		printf farflash
		bytes 00 00 00 00 00 00 00 EA
	} >"$4"
	bytes $(sha256sum "$4" | cut -c 1-64 | sed 's/../& /g') >>"$4"
}
bootloader '00 00' '00 00' 'FF FF' boot.bin
bootloader '02 00' '00 00' 'FF FF' s2.bin
{
	bytes E9 01 00 00 00 00 10 40 00 00 10 40 04 00 00 00 01 02 03 04
	bytes 00 00 00 00 00 00 00 00 00 00 00 EB
} >old.bin

# ---- image-info ----
expect 0 image-info boot.bin
says '^Image of: *ESP32$'
says '^Entry point: *0x40080400$'
says '^Flash mode: *dio$'
says '^Flash size: *4MB$'
says '^ *0: 0x000008 bytes for 0x3ffb0000, at 0x00000020, loaded$'
says '^Checksum: *0xea (valid)$'
says '^ *(valid)$'
expect 0 image-info boot.bin --json
json_is ESP32 result chip
json_is true result sha256_valid
json_is true result checksum_valid
json_is 65535 result max_rev_full
json_is 80 result len
expect 0 image-info old.bin --json
json_is ESP8266 result chip
expect 0 --chip esp32s2 image-info s2.bin
expect 9 --chip esp32 image-info s2.bin
says 'image of another chip'
expect 2 --chip esp31 image-info s2.bin
says 'one of ESP8266, ESP32, '
head -c 79 boot.bin >cut.bin
expect 9 image-info cut.bin
says 'cut off.* (at 0x30)'
{ head -c 40 boot.bin; bytes 01; tail -c +42 boot.bin; } >bad.bin
expect 7 image-info bad.bin
says 'SHA-256 of the image is wrong'
says '(invalid)'
{ head -c 32 boot.bin; bytes 00; tail -c +34 boot.bin; } >bad.bin
expect 7 image-info bad.bin --json
json_is false result checksum_valid
json_is mismatch error name
noise 100 noise.bin
bytes 00 | dd of=noise.bin conv=notrunc 2>dd.log
expect 9 image-info noise.bin
says 'not an image'
expect 9 image-info missing.bin
{ cat boot.bin; printf 'signature'; } >signed.bin
expect 0 image-info signed.bin
says '80 bytes, the file has 89'

# ---- merge-bin ----
noise 5000 app.bin
noise 300 small.bin
expect 0 merge-bin -o raw.bin 0x2000 app.bin 0x1000 boot.bin
erased 4096 wanted.bin
cat boot.bin >>wanted.bin
erased $((4096 - 80)) gap.bin
cat gap.bin app.bin >>wanted.bin
same raw.bin wanted.bin
expect 0 merge-bin -o raw.bin --target-offset 0x1000 --pad-to-size 16k 0x1000 boot.bin 0x2000 app.bin
is "$(wc -c <raw.bin)" 16384
tail -c +4097 wanted.bin >tail.bin
head -c $((4096 + 5000)) raw.bin >head.bin
same head.bin tail.bin
expect 2 merge-bin -o x.bin --pad-to-size 8k 0x1000 boot.bin 0x2000 app.bin
expect 2 merge-bin -o x.bin --target-offset 0x1001 0x1000 boot.bin
expect 2 merge-bin -o x.bin 0x1000 boot.bin 0x104f app.bin
says 'lies over boot.bin, which ends at 0x104f'
expect 2 merge-bin -o x.bin 0xffffffff app.bin
expect 2 merge-bin 0x1000 boot.bin
says 'give --output'
expect 2 merge-bin -o x.bin --format elf 0x1000 boot.bin
says 'raw or uf2 or hex'
expect 2 merge-bin -o x.bin --format hex --pad-to-size 4M 0x1000 boot.bin
expect 2 merge-bin -o x.bin --format uf2 0x1000 boot.bin
says 'give --chip'
expect 9 merge-bin -o no/such/folder/x.bin 0x1000 boot.bin
[ -e x.bin ] && fail 'made a file nevertheless'
expect 0 merge-bin -o - 0 app.bin
same out app.bin

# A partition's name is an address where there is a table.
expect 2 merge-bin -o x.bin boot boot.bin
says '--partition-table FILE'
cat >table.csv <<'END'
one, app, factory, 0x10000, 64k
two, data, nvs, 0x20000, 0x3000
END
expect 0 --partition-table table.csv merge-bin -o named.bin --target-offset 0x10000 one boot.bin two+0x1000 small.bin
is "$(wc -c <named.bin)" $((0x11000 + 300))
expect 2 --partition-table table.csv merge-bin -o x.bin two+0x2000 app.bin
says 'do not fit'

# Hex: an address line, 5 lines of 16, an end; and back again.
expect 0 merge-bin -o all.hex --format hex 0x11000 boot.bin 0x1f010 app.bin
is "$(head -n 1 all.hex)" ':020000040001F9'
is "$(tail -n 1 all.hex)" ':00000001FF'
expect 0 merge-bin -o back.bin --target-offset 0x11000 0 all.hex
head -c 80 back.bin >b1.bin
tail -c 5000 back.bin >b2.bin
same b1.bin boot.bin
same b2.bin app.bin
is "$(wc -c <back.bin)" $((0x1f010 - 0x11000 + 5000))
expect 2 merge-bin -o x.bin 0x11001 all.hex
says 'data at 0x11000 are below 0x11001'
expect 0 merge-bin -o only.hex --format hex 0x1000 boot.bin
expect 0 image-info only.hex
sed 's/^:10/:11/' all.hex >broken.hex
expect 9 merge-bin -o x.bin 0 broken.hex
says 'broken.hex, line 2'

# UF2: blocks of 512, each with its place, number and total, and the family of the chip.
expect 0 --chip esp32s3 merge-bin -o all.uf2 --format uf2 0x1000 boot.bin 0x1080 small.bin 0x3000 app.bin
total=$(($(wc -c <all.uf2) / 512))
is "$total" $((2 + 20))
for n in 0 1 2 21; do
	at=0x1000
	[ $n = 0 ] || at=0x1100
	[ $n -lt 2 ] || at=$(($n * 256 + 0x2e00))
	is "$(words $((512 * n)) 8 all.uf2)" "$(printf '0a324655 9e5d5157 00002000 %08x 00000100 %08x %08x c47e5767' $at $n $total)"
	is "$(words $((512 * n + 508)) 1 all.uf2)" 0ab16f30
done
tail -c +33 all.uf2 | head -c 80 >b1.bin
same b1.bin boot.bin
is "$(byte $((32 + 80)) all.uf2)" ff
tail -c +$((1 + 32 + 128)) all.uf2 | head -c 128 >b1.bin
head -c 128 small.bin >b2.bin
same b1.bin b2.bin
is "$(byte $((32 + 256)) all.uf2)" 00
: >b2.bin
for n in $(seq 2 21); do
	tail -c +$((1 + 512 * n + 32)) all.uf2 | head -c 256 >>b2.bin
done
head -c 5000 b2.bin >b1.bin
same b1.bin app.bin

# The header of the bootloader, where its chip looks for it, and its hash.
expect 0 merge-bin -o set.bin --flash-mode qout --flash-freq 80m --flash-size 16MB 0x1000 boot.bin
says 'qout, frequency 80m, size 16MB'
tail -c 80 set.bin >b1.bin
expect 0 image-info b1.bin
is "$(byte 2 b1.bin)$(byte 3 b1.bin)" 014f
expect 0 merge-bin -o set.bin --flash-mode qout 0x2000 boot.bin
tail -c 80 set.bin >b1.bin
same b1.bin boot.bin
expect 2 merge-bin -o x.bin --flash-freq 60m 0x1000 boot.bin
says 'keep, 80m, 40m, 26m, 20m'
expect 2 merge-bin -o x.bin --flash-mode fast 0x1000 boot.bin
expect 2 merge-bin -o x.bin --flash-size 3MB 0x1000 boot.bin
says 'detect, 1MB, 2MB'
expect 0 merge-bin -o set.bin --flash-mode qio 0x1000 bad.bin
says 'warning: bad.bin is not a sound image'

# ---- elf2image ----
cat >program.c <<'END'
int data = 0x12345678;
const char text[] = "hello from flash";
__attribute__((section(".iram"))) int inside(void) { return data; }
void _start(void) { for (;;) data += inside() + text[0]; }
END
where='-nostdlib -Wl,--build-id=none,--section-start=.text=0x42010020,--section-start=.rodata=0x3c000020'
where="$where,--section-start=.iram=0x40380000,--section-start=.data=0x3fc80000"
step='compile for riscv'
riscv64-unknown-elf-gcc -march=rv32imc -mabi=ilp32 -msmall-data-limit=0 $where program.c -o program.elf \
	2>err || fail 'riscv gcc'
expect 0 --chip esp32c3 elf2image --flash-mode dio --flash-freq 80m --flash-size 2MB --min-rev-full 3 \
	--max-rev-full 199 program.elf
says 'Wrote program.bin'
expect 0 --chip esp32c3 image-info program.bin --json
json_is dio result flash_mode
json_is 80m result flash_freq
json_is 2MB result flash_size
json_is 3 result min_rev_full
json_is 199 result max_rev_full
json_is true result sha256_valid
is $(($(json result segments 0 addr))) $((0x3c000020))
is "$(json result segments 0 offset)" 32
last=$(json result segments 4 offset)
is $((last % 65536)) 32
is $(($(json result segments 4 addr))) $((0x42010020))
riscv64-unknown-elf-objcopy -O binary -j .text program.elf text.bin
tail -c +$((last + 1)) program.bin | head -c "$(wc -c <text.bin)" >b1.bin
same b1.bin text.bin
is "$(words 4 1 program.bin)" "$(riscv64-unknown-elf-nm program.elf | sed -n 's/ T _start//p')"
cp program.bin first.bin
expect 0 --chip esp32c3 elf2image --flash-mode dio --flash-freq 80m --flash-size 2MB --min-rev-full 3 \
	--max-rev-full 199 -o again.bin program.elf
same again.bin first.bin
expect 0 --chip esp32c3 elf2image --dont-append-digest -o - program.elf -q
mv out plain.bin
expect 0 image-info plain.bin
says 'not appended'
expect 0 --chip esp32c3 elf2image --use-segments -o phdr.bin program.elf
expect 0 image-info phdr.bin
expect 2 --chip esp32c3 elf2image --flash-freq 60m program.elf
expect 2 --chip esp32c3 elf2image --flash-size detect program.elf
expect 2 --chip esp32c3 elf2image --min-rev-full 65536 program.elf
expect 2 --chip esp32c3 elf2image --flash-mmu-page-size 4k program.elf
says '8k, 16k, 32k or 64k'
expect 2 elf2image program.elf
says 'give --chip'
expect 9 --chip esp32c3 elf2image boot.bin
says 'not an ELF file'
expect 9 --chip esp32c3 elf2image "$FARFLASH"
says '32-bit little-endian'
expect 9 --chip esp32c3 elf2image missing.elf
# Cut anywhere: an error, or an image of what is there.
for len in 20 52 100 4096 8200 12300; do
	head -c $len program.elf >cut.elf
	"$FARFLASH" --chip esp32c3 elf2image -o cut.bin cut.elf >out 2>err
	code=$?
	[ $code = 9 ] || fail "exit code $code for an ELF file of $len bytes"
done
# Two mapped sections in one page.
step='compile for arm'
arm-none-eabi-gcc -nostdlib -nostartfiles -Wl,--build-id=none,--section-start=.text=0x400d8020 \
	-Wl,--section-start=.rodata=0x400d0020,--section-start=.iram=0x40080000 \
	-Wl,--section-start=.data=0x3ffb0000 program.c -o arm.elf 2>err || fail 'arm gcc'
expect 9 --chip esp32 elf2image arm.elf
says '.text at 0x400d8020 begins in an MMU page'
expect 0 --chip esp32 elf2image --flash-mmu-page-size 32k arm.elf
expect 0 --chip esp32 image-info arm.bin

# ESP8266: what the ROM loads, and what is mapped, as it lies in the flash.
arm-none-eabi-gcc -nostdlib -nostartfiles -Wl,--build-id=none,--section-start=.text=0x40100000 \
	-Wl,--section-start=.rodata=0x40210000,--section-start=.iram=0x40108000 \
	-Wl,--section-start=.data=0x3ffe8000 program.c -o old.elf 2>err || fail 'arm gcc'
expect 0 --chip esp8266 elf2image old.elf
expect 0 --chip esp8266 image-info old.elf-0x00000.bin
says 'Segments: *3'
printf 'hello from flash\0' >b1.bin
same old.elf-0x10000.bin b1.bin
expect 0 --chip esp8266 elf2image -o fw- old.elf --json
json_is fw-0x00000.bin result files 0
json_is fw-0x10000.bin result files 1

# ---- write-flash ----
emulate esp32 tcp:127.0.0.1:0
export FARFLASH_PORT="$url"
expect 0 write-flash 0x1000 boot.bin
expect 0 verify-flash 0x1000 boot.bin
expect 0 --flash-size detect write-flash --flash-mode qio --flash-freq 80m 0x1000 boot.bin 0x10000 boot.bin
says 'Header of boot.bin set to flash mode qio, frequency 80m, size 4MB'
expect 0 read-flash 0x1000 80 b1.bin
expect 0 image-info b1.bin
is "$(byte 2 b1.bin)$(byte 3 b1.bin)" 002f
expect 0 verify-flash 0x10000 boot.bin
expect 7 verify-flash 0x1000 boot.bin
expect 0 --flash-size 4MB verify-flash --flash-mode qio --flash-freq 80m 0x1000 boot.bin
expect 0 --flash-size 1MB write-flash 0x1000 boot.bin
expect 0 read-flash 0x1000 80 b1.bin
is "$(byte 2 b1.bin)$(byte 3 b1.bin)" 0200
expect 0 --flash-size keep write-flash --flash-mode keep 0x1000 boot.bin
expect 0 verify-flash 0x1000 boot.bin
cp chip.bin before.bin
expect 6 write-flash 0x1000 s2.bin
says 's2.bin is an image of an ESP32-S2, and this chip is an ESP32'
expect 6 write-flash 0x10000 app.bin 0x20000 old.bin --json
json_is refused error name
expect 2 write-flash --flash-freq 60m 0x1000 boot.bin
expect 9 write-flash 0 broken.hex
bootloader '00 00' 'E7 03' 'FF FF' new.bin
expect 6 write-flash 0x1000 new.bin
says 'new.bin is for chip revisions v9.99 to v.*, and this chip is v[0-9]*\.[0-9]'
same chip.bin before.bin
bootloader '00 00' '00 00' '00 00' all.bin
expect 0 write-flash 0x20000 all.bin
expect 0 write-flash --force 0x20000 new.bin
expect 0 write-flash --force 0x20000 s2.bin
expect 0 write-flash 0x30000 bad.bin
says 'warning: bad.bin looks like an image of an ESP32, but the checksum'
expect 0 write-flash 0x30000 cut.bin
says 'warning: cut.bin looks like an image'
expect 0 write-flash --flash-mode qio 0x1000 app.bin
says 'warning: app.bin is not a sound image'
# Hex: two ranges that share a sector are one write, with blank bytes between.
expect 0 merge-bin -o two.hex --format hex 0x41010 small.bin 0x41800 small.bin 0x50000 app.bin
expect 0 write-flash 0 two.hex
expect 0 verify-flash 0 two.hex
expect 0 verify-flash 0x50000 app.bin
expect 0 read-flash 0x41000 16 b1.bin
erased 16 b2.bin
same b1.bin b2.bin
expect 2 --partition-table table.csv write-flash one two.hex
says 'do not fit'
expect 2 write-flash 0 two.hex 0x41000 small.bin
says 'share a sector'
unset FARFLASH_PORT
stop

# On a flash without a chip the image tells where it belongs.
expect 0 -p 'nor:host.bin?size=1M' --flash-size detect write-flash 0x1000 boot.bin 0 s2.bin
expect 0 -p nor:host.bin read-flash 0x1000 80 b1.bin
is "$(byte 3 b1.bin)" 00
expect 0 -p nor:host.bin verify-flash 0 s2.bin
