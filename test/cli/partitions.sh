# SPDX-License-Identifier: Apache-2.0
# partition-table, and partitions by name wherever an address may stand.
. "$(dirname "$0")/lib.sh"

cat >table.csv <<'END'
# Name,   Type, SubType, Offset,  Size, Flags
nvs,      data, nvs,     ,        0x6000,
phy_init, data, phy,     ,        4K
factory,  app,  factory, ,        256K
a+b,      data, fat,     ,        64K
storage,  data, spiffs,  ,        -1M,  encrypted:readonly
END
cat >wanted.csv <<'END'
# ESP-IDF Partition Table
# Name, Type, SubType, Offset, Size, Flags
nvs,data,nvs,0x9000,24K,
phy_init,data,phy,0xf000,4K,
factory,app,factory,0x10000,256K,
a+b,data,fat,0x50000,64K,
storage,data,spiffs,0x60000,640K,encrypted:readonly
END

# ---- the command ---------------------------------------------------------------------------------

expect 0 partition-table table.csv table.bin
[ "$(wc -c <table.bin)" = 3072 ] || fail 'length'
# The first entry and the checksum, whose MD5 is that of the 160 bytes before, by another program.
[ "$(od -An -tx1 -N32 table.bin | tr -d ' \n')" = \
	aa5001020090000000600000"$(printf nvs | od -An -tx1 | tr -d ' \n')"0000000000000000000000000000000000 ] ||
	fail 'the first entry'
sum=$(head -c 160 table.bin | md5sum | cut -c 1-32)
[ "$(od -An -tx1 -j160 -N32 table.bin | tr -d ' \n')" = \
	ebebffffffffffffffffffffffffffff"$sum" ] || fail 'the checksum'
expect 0 partition-table table.bin out.csv
same out.csv wanted.csv
expect 0 partition-table table.bin -
same out wanted.csv
expect 0 partition-table out.csv again.bin
same again.bin table.bin
expect 0 partition-table table.csv plain.bin --disable-md5sum
[ "$(od -An -v -tx1 -j160 -N32 plain.bin | tr -d ' \nf')" = '' ] || fail 'a checksum'
expect 0 partition-table table.csv
says '^factory  *app  *factory  *0x00010000  0x00040000  0x0004ffff$'
says '^storage .*encrypted:readonly$'
expect 0 partition-table table.bin --json
json_is factory result partitions 2 name
json_is 393216 result partitions 4 addr
expect 0 partition-table --offset 0x10000 table.csv --json
json_is 69632 result partitions 0 addr
expect 9 partition-table --offset 0x10000 table.bin o2.csv
says "'nvs' begins at 0x9000, in or before the partition table: write 0x11000 or higher"
expect 0 partition-table --flash-size 1M table.csv o.bin
expect 9 partition-table --flash-size 512k table.csv o2.bin
says 'line 6: .storage. ends at 0x100000, beyond the flash, which ends at 0x80000'
[ -e o2.bin ] && fail 'wrote a table that is wrong'
expect 2 partition-table --offset 0x8100 table.csv o2.bin
expect 2 partition-table table.csv - --json
expect 9 partition-table missing.csv
sed 's/^phy_init.*/phy_init, data, phy, 0x9000, 4K/' table.csv >bad.csv
expect 9 partition-table bad.csv o2.bin
says "bad.csv, line 3: 'phy_init' begins at 0x9000 and overlaps 'nvs', which ends at 0xf000"
head -c 100 table.bin >bad.bin
expect 9 partition-table bad.bin o2.csv
says 'no end after 96 bytes'
{ head -c 20 table.bin; printf X; tail -c +22 table.bin; } >bad.bin
expect 9 partition-table bad.bin
says 'the checksum is not that of the entries'
[ -e o2.bin ] || [ -e o2.csv ] && fail 'wrote something that is wrong'

# ---- names on a flash ----------------------------------------------------------------------------

erased 1048576 flash.bin
f=nor:flash.bin
noise 20000 app.bin
noise 4096 page.bin
expect 2 -p $f write-flash factory app.bin
says 'the flash has no partition table at 0x8000'
says '--partition-table FILE'
expect 0 -p $f write-flash 0x8000 table.bin
expect 0 -p $f partition-table
says '^a+b  *data  *fat  *0x00050000'
expect 0 -p $f write-flash factory app.bin a+b page.bin nvs+0x1000 page.bin a+b+4k page.bin
erased 1048576 wanted.bin
put table.bin 0x8000 wanted.bin
put app.bin 0x10000 wanted.bin
for at in 0x50000 0x51000 0xa000; do put page.bin $at wanted.bin; done
cmp flash.bin wanted.bin || fail 'the flash'
expect 0 -p $f verify-flash factory app.bin 'a+b+0x1000' page.bin
expect 7 -p $f verify-flash factory+1 app.bin
expect 0 -p $f read-flash factory 20000 o.bin
same o.bin app.bin
expect 0 -p $f read-flash a+b+4096 ALL o.bin
[ "$(wc -c <o.bin)" = 61440 ] || fail 'ALL is not the end of the partition'
expect 0 -p $f erase-region a+b ALL
expect 0 -p $f read-flash 0x50000 64k o.bin
erased 65536 blank.bin
same o.bin blank.bin
expect 0 -p $f verify-flash nvs+4k page.bin

# What does not fit, or is not there. Nothing is touched.
cp flash.bin before.bin
noise 24577 large.bin
expect 2 -p $f write-flash nvs large.bin
says 'large.bin: 24577 bytes do not fit in nvs: the partition has 24576 bytes from there (0x9000)'
expect 2 -p $f write-flash factory app.bin nvs+0x2000 app.bin
says '16384 bytes from there (0xb000)'
expect 2 -p $f verify-flash phy_init+1 page.bin
expect 2 -p $f read-flash nvs 24577 o2.bin
expect 2 -p $f erase-region phy_init 8k
expect 2 -p $f write-flash nvs+0x6000 page.bin
says 'the partition has 24576 bytes: the offset is below that'
expect 2 -p $f write-flash nvs+16 page.bin
says 'not a multiple of the sector size'
for name in nv nvs2 nvs+ nvs+x NVS +4k factory+4k+4k; do
	expect 2 -p $f write-flash $name page.bin
done
says "no partition 'factory+4k+4k': there are nvs, phy_init, factory, a+b, storage; or give"
expect 2 -p $f write-flash nvs page.bin 0x9000 page.bin
says 'share a sector'
same flash.bin before.bin
[ -e o2.bin ] && fail 'read what does not fit'

# A number is a number, whatever the partitions are called.
printf 'beef,data,fat,0x20000,4K\n0x30000,data,fat,0x40000,4K\n' >odd.csv
expect 0 -p $f --partition-table odd.csv write-flash beef page.bin 0x30000 page.bin
expect 0 -p $f verify-flash 0x20000 page.bin 0x30000 page.bin
expect 7 -p $f verify-flash 0x40000 page.bin

# ---- a table that is not the flash's -------------------------------------------------------------

expect 0 -p $f --partition-table table.bin verify-flash factory app.bin
expect 9 -p $f --partition-table missing.csv verify-flash factory app.bin
expect 9 -p $f --partition-table bad.csv verify-flash factory app.bin
says 'overlaps'
cp flash.bin moved.bin
expect 0 -p nor:moved.bin write-flash 0xc0000 table.bin
expect 0 -p nor:moved.bin erase-region 0x8000 4k
expect 2 -p nor:moved.bin verify-flash factory app.bin
expect 0 -p nor:moved.bin --partition-table 0xc0000 verify-flash factory app.bin
# Damaged in the flash: told, and never used.
expect 0 -p nor:moved.bin write-flash 0x8000 bad.bin
expect 7 -p nor:moved.bin erase-region factory ALL
says 'the partition table at 0x8000, entry 6: the checksum is not that of the entries'
expect 7 -p nor:moved.bin partition-table
expect 0 -p nor:moved.bin --partition-table 0xc0000 verify-flash factory app.bin

# ---- on a chip, whose loader reads the table -----------------------------------------------------

cp flash.bin chip.bin
emulate esp32 tcp:127.0.0.1:0 --size 1M
expect 0 -p "$url" --before no-reset partition-table
says '^factory '
expect 0 -p "$url" --before no-reset write-flash a+b app.bin
expect 0 -p "$url" --before no-reset verify-flash a+b app.bin
stop
emulate esp8266 tcp:127.0.0.1:0 --size 1M
expect 8 -p "$url" --before no-reset --flash-size 1M write-flash a+b page.bin
says 'cannot be read by its loader'
expect 0 -p "$url" --before no-reset --flash-size 1M --partition-table table.csv write-flash a+b page.bin
stop
put app.bin 0x50000 wanted.bin
expect 0 -p nor:chip.bin verify-flash a+b page.bin

# ---- granted to a remote by name -----------------------------------------------------------------

start "$FARFLASH" -q -p $f --partition-table odd.csv serve --no-shell --mailbox box --grant beef:rwe
expect 0 -p mailbox:box --partition-table odd.csv write-flash beef page.bin
expect 6 -p mailbox:box --partition-table odd.csv write-flash 0x30000 page.bin
# The table in the flash is not the remote's to read.
expect 6 -p mailbox:box verify-flash nvs page.bin
says '--partition-table FILE gives another'
stop
start "$FARFLASH" -q -p $f serve --no-shell --mailbox box --grant a+b:r
expect 0 -p mailbox:box read-flash 0x50000 64k o.bin
expect 6 -p mailbox:box read-flash 0x50000 65537 o.bin
stop
expect 7 -p nor:moved.bin serve --no-shell --mailbox box --grant a+b:r
