# SPDX-License-Identifier: Apache-2.0
# farflash serve, the port mailbox:PATH, and farflash shell: every flash command through a mailbox,
# grants, restarts of either side, and what cannot be.
. "$(dirname "$0")/lib.sh"
noise 300001 a.bin
noise 4096 b.bin
erased 4194304 flash.bin
cp flash.bin blank.bin
box=mailbox:box

# serve [OPTION...]: nor:flash.bin, in the background.
serve() {
	errors=serve.log
	start "$FARFLASH" -q -p nor:flash.bin serve --no-shell "$@"
}

# crash: end what was started last as a loss of power would.
crash() {
	kill -9 "$pid"
	wait "$pid" 2>/dev/null
}

# until_written: the writer has begun, and is not done.
until_written() {
	head -c 65536 blank.bin >first.bin
	while head -c 65536 flash.bin | cmp -s - first.bin; do
		kill -0 $writer || fail 'the writer has ended'
	done
}

# every_command: all that a flash can be told, through the box, on an erased flash.
every_command() {
	cp blank.bin wanted.bin
	put a.bin 65536 wanted.bin
	put b.bin 4096 wanted.bin
	expect 0 -p $box flash-id
	says 'Connected to a supervisor on mailbox:box'
	says 'Flash size: 4 MiB'
	says 'Sector size: 4 KiB'
	expect 0 -p $box flash-id --json
	json_is 4194304 result size
	expect 0 -p $box write-flash 0x10000 a.bin 4k b.bin
	says '^Wrote 300001 bytes at 0x10000 .*, verified$'
	same flash.bin wanted.bin
	expect 0 -p $box write-flash 0x10000 a.bin --json
	json_is true result files 0 verified
	json_is 0 result files 0 written
	expect 0 -p $box verify-flash 0x10000 a.bin 0x1000 b.bin
	expect 7 -p $box verify-flash 0x11000 a.bin
	expect 0 -p $box read-flash 65536 300001 back.bin
	same back.bin a.bin
	expect 0 -p $box read-flash 4k 4k -
	same out b.bin
	expect 0 -p $box read-flash 0 ALL all.bin
	same all.bin wanted.bin
	expect 0 -p $box read-flash 0x1ff0 17 --hex
	[ "$(wc -l <out)" = 2 ] || fail 'no two lines'
	grep -q '^00002000: ff   *|.   *|$' out || fail 'not the dump'
	expect 0 -p $box shell flash read 1000 1
	expect 0 -p $box erase-region 0x1000 4k
	expect 0 -p $box erase-flash
	same flash.bin blank.bin
}

step='everything is granted: window, and inline'
serve --mailbox box --grant all:rwe
[ "$url" = mailbox:box ] || fail "listens on $url"
every_command
expect 8 -p $box read-mac
expect 8 -p $box chip-id
expect 2 -p $box --chip esp32 flash-id
expect 2 -p $box write-flash 0x1001 b.bin
expect 2 -p $box read-flash 4M 1 o.bin
expect 2 -p $box erase-region 0 0
stop
rm box
serve --mailbox box --grant all:rwe --window 0
every_command
stop

step='the file is kept, and with it the window that it was made with'
serve --mailbox box --grant all:rwe --window 64k
expect 0 -p $box write-flash 0 b.bin
stop
rm box

# Grants: two remotes on one flash, and neither gets beyond its own.
noise 4194304 flash.bin
cp flash.bin wanted.bin
serve --mailbox box --grant mine:rwe@0x100000+1M --grant read:r@0x8000+4k \
	--mailbox box2 --grant other:rwe@2M+64k --grant blind:we@3M+64k
expect 0 -p $box write-flash 0x100000 a.bin
put a.bin 1048576 wanted.bin
dd if=/dev/zero bs=1 count=3103 2>dd.log | tr '\0' '\377' >pad.bin # to the end of the last sector
dd if=pad.bin of=wanted.bin bs=1 seek=$((1048576 + 300001)) conv=notrunc 2>dd.log
same flash.bin wanted.bin
expect 0 -p $box read-flash 0x8000 4k page.bin
for refused in 'read-flash 0x7fff 2 o.bin' 'read-flash 0x200000 1 o.bin' 'read-flash 0 ALL o.bin' \
	'erase-region 0x8000 4k' 'erase-region 0xff000 8k' 'erase-region 0x1ff000 8k' 'erase-flash' \
	'write-flash 0x8000 b.bin' 'write-flash 0x1ff000 a.bin' 'write-flash 0x200000 b.bin' \
	'verify-flash 0x200000 b.bin' 'shell flash erase 200000' 'shell flash read 200000' \
	'shell flash write 8000 0' 'shell flash copy 100000 200000 10'; do
	expect 6 -p $box $refused
	says '0x746e7267'
	[ -e o.bin ] && fail 'left an output file'
done
says 'its owner must allow it first'
expect 6 -p $box erase-flash --json
json_is refused error name
json_is 0 error touched len
# 'write-flash 0x1ff000' began in its own last sector, and stopped at the border.
cmp flash.bin wanted.bin >cmp.log || {
	tail -c +$((0x200001)) flash.bin >high.bin
	tail -c +$((0x200001)) wanted.bin | cmp - high.bin || fail 'beyond the grant'
	head -c $((0x1ff000)) flash.bin >low.bin
	head -c $((0x1ff000)) wanted.bin | cmp - low.bin || fail 'before the request'
	cp flash.bin wanted.bin
}
expect 0 -p mailbox:box2 write-flash 2M b.bin
put b.bin 2097152 wanted.bin
same flash.bin wanted.bin
expect 6 -p mailbox:box2 write-flash 3M b.bin # cannot be verified without reading
expect 0 -p mailbox:box2 erase-region 3M 4k
expect 6 -p mailbox:box2 read-flash 1M 1 o.bin

step='both remotes at the same time'
"$FARFLASH" -q -p $box write-flash --no-diff 0x100000 a.bin &
one=$!
"$FARFLASH" -q -p mailbox:box2 read-flash 2M 64k b2.bin &
two=$!
wait $one || fail "the first remote failed: $?"
wait $two || fail "the second remote failed: $?"
head -c 4096 b2.bin >b3.bin
same b3.bin b.bin

# One process on each side of a mailbox.
step='a second process on a side'
mkfifo keys
"$FARFLASH" -p $box shell <keys >session 2>err &
shell=$!
exec 4>keys
printf 'flash page_info 0\n' >&4
until grep -q 'index: 0' session; do kill -0 $shell || fail 'the shell has ended'; done
expect 3 -p $box flash-id
says 'another process has side 1'
expect 3 -p $box write-flash 0x100000 b.bin --json
json_is no-connection error name
expect 0 -p mailbox:box2 flash-id
noise 65536 small.bin
expect 3 -p nor:small.bin serve --mailbox box --grant all:r
says 'another process has side 0'
exec 4>&-
wait $shell || fail "the shell ended with $?"
expect 0 -p $box flash-id
stop

step='nobody serves'
expect 3 -p $box --connect-attempts 1 flash-id
says 'nobody serves mailbox:box: no answer within 500 ms'
expect 3 -p mailbox:none flash-id
says 'nobody serves mailbox:none: No such file'
[ -e none ] && fail 'made a mailbox'
: >empty
expect 3 -p mailbox:empty flash-id
[ -s empty ] && fail 'made a mailbox'

step='files that are no mailbox'
expect 9 -p mailbox:b.bin flash-id
says 'not a mailbox file'
cp box short && truncate -s 5000 short
expect 9 -p mailbox:short flash-id
says '5000 bytes'
cp box long && printf x >>long
expect 9 -p mailbox:long flash-id
expect 9 -p mailbox:. flash-id
expect 2 -p nor:flash.bin serve --mailbox twice --grant all:r --mailbox twice --grant all:w
says 'mailbox twice is given twice'
expect 9 -p nor:flash.bin serve --mailbox a.bin --grant all:r
expect 9 -p nor:flash.bin serve --mailbox no/such/folder/box --grant all:r
(
	trap '' XFSZ
	ulimit -f 4
	exec "$FARFLASH" -p nor:small.bin serve --mailbox full --grant all:r
) >out 2>err
code=$?
[ $code = 9 ] || fail "a full disk: exit code $code, not 9"
[ -e full ] && fail 'left half a mailbox'

step='the server crashes in the middle of a write; the next command works after its restart'
erased 33554432 flash.bin
noise 16777216 large.bin
serve --mailbox box --grant all:rwe
"$FARFLASH" -q -p $box write-flash --no-diff 0 large.bin >out 2>err &
writer=$!
until_written
crash
crashed=$(date +%s%N)
wait $writer
code=$?
waited=$((($(date +%s%N) - crashed) / 1000000))
[ $waited -lt 3000 ] || fail "the writer said so after $waited ms only"
[ $code = 4 ] || fail "the writer's exit code is $code, not 4"
says 'the supervisor has ended or restarted'
says 'may have changed'
serve --mailbox box --grant all:rwe
expect 0 -p $box write-flash 0 large.bin
head -c 16777216 flash.bin >half.bin
same half.bin large.bin

step='the client is killed, interrupted; the next one works'
"$FARFLASH" -q -p $box erase-flash &
wait $! || fail "erase: $?"
for signal in KILL INT; do
	"$FARFLASH" -q -p $box write-flash --no-diff 0 large.bin 2>err &
	writer=$!
	until_written
	kill -$signal $writer
	wait $writer 2>/dev/null
	code=$?
	[ $signal = KILL ] || [ $code = 130 ] || fail "SIG$signal: exit code $code, not 130"
	expect 0 -p $box flash-id
	"$FARFLASH" -q -p $box erase-region 0 64k || fail "erase: $?"
done
stop

step='a server of a server'
erased 1048576 flash.bin
serve --mailbox box --grant all:rwe
outer=$pid
start "$FARFLASH" -q -p $box serve --no-shell --mailbox box2 --grant inner:rw@64k+64k \
	--grant inner:rwe@64k+64k
expect 0 -p mailbox:box2 write-flash 64k b.bin
expect 0 -p mailbox:box2 read-flash 64k 4k back.bin
same back.bin b.bin
expect 6 -p mailbox:box2 erase-region 0 4k
stop
pid=$outer
stop

step='a chip behind a server'
emulate esp32 tcp:127.0.0.1:0
outer=$pid
start "$FARFLASH" -q -p "$url" serve --no-shell --mailbox box --grant all:rwe
expect 0 -p $box write-flash 0x10000 a.bin
says '^Wrote 300001 bytes at 0x10000 .*, verified$'
expect 0 -p $box verify-flash 0x10000 a.bin
expect 0 -p $box read-flash 0x10000 300 back.bin
head -c 300 a.bin >head.bin
same back.bin head.bin
stop
pid=$outer
stop
dd if=chip.bin bs=65536 skip=1 2>dd.log | head -c 300001 >back.bin
same back.bin a.bin

step='machines are told where it listens'
"$FARFLASH" -p nor:flash.bin serve --mailbox box --mailbox box2 --json >out 2>err
[ $? = 2 ] || fail 'a mailbox without grants'
json_is usage error name
"$FARFLASH" -p nor:flash.bin serve --mailbox box --grant all:r --json >out 2>err &
started="$started $!"
pid=$!
until grep -q '^}' out; do kill -0 $pid || fail "serve has ended: $(cat err)"; done
json_is mailbox:box result listening 0
stop

step='partitions by name'
{
	printf '\252\120\001\002\000\220\000\000\000\140\000\000'
	printf 'nvs' | dd bs=16 count=1 conv=sync 2>dd.log
	printf '\000\000\000\000\252\120\000\000\000\000\001\000\000\000\005\000'
	printf 'factory_of_16_by' | dd bs=16 count=1 conv=sync 2>dd.log
	printf '\000\000\000\000'
} >table.bin
[ "$(wc -c <table.bin)" = 64 ] || fail 'the table is damaged'
expect 0 -p nor:flash.bin write-flash 0x8000 table.bin
serve --mailbox box --grant nvs:r --grant factory_of_16_by:rwe
expect 0 -p $box read-flash 0x9000 0x6000 o.bin
expect 6 -p $box read-flash 0x9000 0x6001 o2.bin
expect 0 -p $box write-flash 0x10000 a.bin
expect 6 -p $box write-flash 0x4f000 a.bin
stop

step='grants and options that cannot be'
expect 2 -p nor:flash.bin serve
says 'serve whom'
expect 2 -p nor:flash.bin serve --mailbox new
says 'may do nothing'
expect 2 -p nor:flash.bin serve --grant all:r --mailbox new
says 'give --mailbox PATH before'
for bad in ota:r nvs factory:rwe :r all: all:x all:rr all:rwex all:r@ all:r@1 all:r@x+1 all:r@1+y \
	all:r@0+0 all:r@1M+1 all:r@0+1048577 all:r@0xffffffff+0xffffffff all:r@0+0x100000000 \
	all:e@1+4096 all:e@0+1 storage_partition:r ''; do
	expect 2 -p nor:flash.bin serve --mailbox new --grant "$bad"
done
expect 2 -p nor:flash.bin serve --mailbox new --grant ota:r
says "no partition 'ota': there are all, storage_partition, nvs, factory_of_16_by"
expect 2 -p nor:flash.bin serve --mailbox new --grant all:r --window 100
says 'multiple of 64'
expect 2 -p nor:flash.bin serve --mailbox new --grant all:r --window 1G
[ -e new ] && fail 'made a mailbox'
many=
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17; do many="$many --grant all:r"; done
expect 2 -p nor:flash.bin serve --mailbox new $many
says 'the limit'

step='the shell of a server, whose input is a pipe'
erased 4194304 flash.bin
printf 'flash write 3b0000 12345678\nflash read 3b0000 4\nnonsense\nflash page_info 3b0000\n' |
	"$FARFLASH" -q -p nor:flash.bin serve --mailbox box --grant all:r >session || fail "ended with $?"
cat >expected <<'END'
listening on mailbox:box
uart:~$ flash write 3b0000 12345678
Write OK.
Verified.
uart:~$ flash read 3b0000 4
003B0000: 78 56 34 12                                      |xV4.             |

uart:~$ nonsense
nonsense: command not found; help lists what there is.
uart:~$ flash page_info 3b0000
Page for address 0x3b0000:
start offset: 0x3b0000
size: 4096
index: 944
END
printf 'uart:~$ \n' >>expected
same session expected

step='the server works while its shell does, and while nothing is typed'
"$FARFLASH" -q -p nor:flash.bin serve --mailbox box --grant all:rwe <keys >session &
started="$started $!"
pid=$!
exec 4>keys
until grep -q 'uart:~' session; do kill -0 $pid || fail 'serve has ended'; done
expect 0 -p $box write-flash 0x10000 a.bin
printf 'flash erase_test 200000 100000 8\nflash read 10000 4\n' >&4
expect 0 -p $box verify-flash 0x10000 a.bin
printf 'exit\n' >&4
wait $pid || fail "ended with $?"
exec 4>&-
grep -q 'Loop #8 done' session && grep -q '^00010000: ' session || fail "$(cat session)"

step='the shell on a terminal: lines are edited and remembered'
rm keys && mkfifo keys screen
script -qfc "$FARFLASH -p nor:flash.bin shell" log <keys >screen &
shell=$!
exec 4>keys 5<screen
# ^A: to the start of the line; up: the line before, once more.
printf 'page_info 3b0000\001flash \n\033[A\nexit\n' >&4
exec 4>&-
cat <&5 >session
exec 5<&-
wait $shell || fail "the shell ended with $?"
[ "$(grep -c 'index: 944' session)" = 2 ] || fail "not twice: $(cat session)"

step='an interrupt ends the shell on a terminal'
script -qefc "$FARFLASH -q -p nor:flash.bin shell" log <keys >screen &
shell=$!
exec 4>keys 5<screen
[ "$(head -c 8 <&5)" = 'uart:~$ ' ] || fail 'no prompt'
printf 'flash erase 0\003' >&4
exec 4>&-
cat <&5 >session
exec 5<&-
wait $shell
code=$?
[ $code = 130 ] || fail "exit code $code, not 130"
grep -q 'Erase' session && fail 'did what was not entered'

step='a server on a terminal serves while a line is being typed'
script -qefc "$FARFLASH -q -p nor:flash.bin serve --mailbox box --grant all:rwe" log <keys >screen &
shell=$!
exec 4>keys 5<screen
read -r url <&5
[ "$(head -c 8 <&5)" = 'uart:~$ ' ] || fail 'no prompt'
printf 'flash page_' >&4
expect 0 -p $box write-flash 0x10000 a.bin
printf 'info 3b0000\nexit\n' >&4
exec 4>&-
cat <&5 >session
exec 5<&-
wait $shell || fail "serve ended with $?"
grep -q 'index: 944' session || fail "$(cat session)"

step='the shell in a script: the first failure ends it, with its exit code'
expect 0 -p nor:flash.bin shell help
printf 'flash read 0 4\nflash erase 1\nflash erase 0\n' |
	"$FARFLASH" -p nor:flash.bin shell >session 2>err
code=$?
[ $code = 2 ] || fail "exit code $code, not 2"
grep -q 'Erase Failed, code -3 (align)' session || fail "$(cat session)"
grep -q 'Erase success' session && fail 'went on'
expect 2 -p nor:flash.bin shell flash frobnicate
says 'flash:unknown parameter: frobnicate'
expect 2 -p nor:flash.bin shell --json
expect 7 -p nor:flash.bin shell flash write 10000 ffffffff
printf 'exit\nflash erase 1\n' | "$FARFLASH" -p nor:flash.bin shell >session 2>err || fail 'exit'
"$FARFLASH" -p nor:flash.bin shell </dev/null >session 2>err || fail 'no input'
if [ -c /dev/full ]; then
	"$FARFLASH" -p nor:flash.bin shell help >/dev/full 2>err
	code=$?
	[ $code = 9 ] || fail "a full stdout: exit code $code, not 9"
fi
