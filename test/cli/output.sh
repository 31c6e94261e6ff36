# SPDX-License-Identifier: Apache-2.0
# What the command says and writes arrives whole, or the exit code tells; and nothing else is touched:
# streams that are closed, disks that are full, limits, pipes, names that are not UTF-8.
. "$(dirname "$0")/lib.sh"
erased 65536 flash.bin
cp flash.bin blank.bin
noise 5000 a.bin
: >out

# code CODE: of the command line just run in a shell of its own.
code() {
	[ "$?" = "$1" ] || fail "not exit code $1"
}

step='a closed stream is no file of ours'
"$FARFLASH" -p nor:flash.bin flash-id 2>err >&-
code 9
says 'cannot write to stdout: Bad file descriptor'
"$FARFLASH" -p nor:flash.bin flash-id 2>&- >&- <&-
code 9
"$FARFLASH" -p nor:flash.bin shell flash read 0 10 2>err >&-
code 9
same flash.bin blank.bin
"$FARFLASH" -q -p nor:flash.bin write-flash 0 a.bin >&- 2>&-
code 0
expect 0 -p nor:flash.bin verify-flash 0 a.bin

step='what was not heard is no result'
for words in help version --version --help 'help --man' list-ports 'list-ports --json' '--json --version' \
	'image-info --help' '-p nor:flash.bin flash-id' '-p nor:flash.bin --json flash-id' \
	'-p nor:flash.bin shell flash page_info 0'; do
	"$FARFLASH" $words 2>err >/dev/full
	code 9
	says 'cannot write.* stdout: No space left on device'
	[ "$(grep -c farflash err)" = 1 ] || fail "$words: it is told more than once"
done
echo exit | "$FARFLASH" -p nor:flash.bin shell 2>err >/dev/full
code 9
"$FARFLASH" -p nor:flash.bin flash-id more 2>err >/dev/full
code 2

step='a server that cannot announce itself'
"$FARFLASH" --json emulate --chip ESP32-S3 --listen pty:chip.tty 2>err >/dev/full &
pid=$!
started="$started $pid"
until [ -s err ] && [ -L chip.tty ]; do :; done
expect_id() { "$FARFLASH" -p chip.tty chip-id >out 2>&1 && grep -q ESP32-S3 out; }
expect_id || fail 'the chip is not there'
says 'ESP32-S3'
kill -TERM $pid
wait $pid
code 9
[ "$(wc -l <err)" = 1 ] || fail 'it is told more than once'

step='a limit of a file'"'"'s size'
(ulimit -f 8 && "$FARFLASH" -p nor:flash.bin read-flash 0 ALL limited.bin) >out 2>err
code 9
says 'cannot write limited.bin: File too large; nothing is left of it'
[ "$(echo limited*)" = 'limited*' ] || fail "left $(echo limited*)"
expect 9 -p nor:flash.bin read-flash 0 16 /dev/full
says 'cannot write /dev/full: No space left on device$'

step='stdout is for the data, and for nothing else'
"$FARFLASH" -p nor:flash.bin dump-mem 0 16 - >out 2>err
code 8
[ -s out ] && fail 'text among the data'
for words in 'read-flash 0 16 -' 'dump-mem 0 16 -' 'merge-bin -o - 0 a.bin'; do
	expect 2 -p nor:flash.bin --json $words
	json_is usage error name
done
expect 2 -p nor:flash.bin read-flash 0 16 ''
says 'name of the output is empty'

step='a flash that is in use is no output'
cp flash.bin before.bin
expect 9 -p nor:flash.bin read-flash 0 16 flash.bin
says 'flash.bin is in use as a flash'
ln -s flash.bin link.bin
expect 9 -p nor:flash.bin read-flash 0 16 link.bin
same flash.bin before.bin
start "$FARFLASH" emulate --chip esp32 --flash flash.bin --listen tcp:127.0.0.1:0
expect 9 merge-bin -o flash.bin 0 a.bin
says 'flash.bin is in use as a flash'
expect 9 -p "$url" read-flash 0 16 flash.bin
stop
same flash.bin before.bin
[ "$(echo flash.bin.*)" = 'flash.bin.*' ] || fail "left $(echo flash.bin.*)"
expect 0 merge-bin -o copy.bin 0 a.bin
expect 0 merge-bin -o copy.bin 0 a.bin

step='a line of the shell that is too long'
{
	printf 'flash erase '
	head -c 4083 /dev/zero | tr '\000' ' '
	echo 10000
	echo flash page_info 0
} >script
expect_script() {
	wanted=$1
	shift
	"$FARFLASH" -p nor:flash.bin "$@" <script >out 2>err
	code "$wanted"
	says 'more than 4096 characters'
	same flash.bin before.bin
}
expect_script 2 shell
grep -q 'start offset' out && fail 'the script goes on'
expect_script 0 serve --mailbox box --grant all:r
says 'start offset: 0x0'
{
	printf 'flash page_info '
	head -c 4076 /dev/zero | tr '\000' ' '
	echo 1000
} >script
"$FARFLASH" -p nor:flash.bin shell <script >out 2>err
code 0
says 'start offset: 0x1000'

step='a disk that breaks'
bad() {
	LD_PRELOAD=$HELPERS/libbad_disk.so BAD_DISK=$1 "$FARFLASH" -p "$2" $3 >out 2>err
}
cp flash.bin before.bin
bad none nor:flash.bin 'read-flash 0 16 o.bin' || fail 'it breaks what it should not'
rm o.bin
bad fsync nor:flash.bin 'read-flash 0 16 o.bin'
code 9
says 'cannot write o.bin: Input/output error; nothing is left of it'
[ "$(echo o.bin*)" = 'o.bin*' ] || fail "left $(echo o.bin*)"
bad msync nor:flash.bin 'write-flash 0x8000 a.bin'
code 9
says 'cannot bring all of flash.bin to the disk: Input/output error'
bad msync nor:flash.bin '--json write-flash 0x8000 a.bin'
code 9
json_is file error name
bad pwrite nor:new.bin?size=64k flash-id
code 9
says 'cannot create new.bin with 65536 bytes: No space left on device'
[ ! -e new.bin ] || fail 'half a flash is left'

step='an interrupt'
mkfifo pipe
"$FARFLASH" -p nor:flash.bin read-flash 0 16 pipe >out 2>err &
pid=$!
started="$started $pid"
until [ "$(sed -n 's/^State:\t\(.\).*/\1/p' /proc/$pid/status)" = S ] && \
	[ "$(readlink /proc/$pid/exe)" = "$(readlink -f "$FARFLASH")" ]; do :; done
kill -HUP $pid
wait $pid
code 130
says 'interrupted'
"$FARFLASH" merge-bin -o huge.bin 0 a.bin 0xf0000000 a.bin >out 2>err &
pid=$!
started="$started $pid"
until [ -n "$(find . -name 'huge.bin.*' -size +64k)" ]; do :; done
kill -TERM $pid
wait $pid
code 130
says 'interrupted while writing huge.bin; nothing is left'
[ "$(echo huge*)" = 'huge*' ] || fail "left $(echo huge*)"

step='a pipe is no file, and is not waited for'
expect 9 -p nor:flash.bin write-flash 0 pipe
says 'pipe is not a file'
expect 9 --chip esp32 elf2image pipe
says 'it is not a file'
expect 9 --chip esp32 elf2image .
expect 9 -p nor:pipe flash-id
expect 9 @pipe
FARFLASH_CONFIG=pipe expect 2 flash-id

step='a file keeps its mode, and a long name its end'
: >secret.bin
chmod 600 secret.bin
expect 0 -p nor:flash.bin read-flash 0 16 secret.bin
[ "$(stat -c '%a %s' secret.bin)" = '600 16' ] || fail "secret.bin: $(stat -c '%a %s' secret.bin)"
name=$(head -c 255 /dev/zero | tr '\0' n)
expect 0 -p nor:flash.bin read-flash 0 16 "$name"
[ "$(stat -c %s "$name")" = 16 ] || fail 'a name of 255 characters'
deep=$(head -c 1500 /dev/zero | sed 's/\x0/x\//g')a
expect 9 image-info "$deep"
says ': No such file or directory'

step='a name that is no UTF-8 makes no other JSON'
name=$(printf 'b\377\303\266.bin')
cp a.bin "$name"
expect 0 -p nor:flash.bin --json write-flash 0 "$name"
grep -q "\"b\\\\ufffd$(printf '\303\266').bin\"" out || fail 'the name is not replaced'
iconv -f UTF-8 -t UTF-8 <out >/dev/null || fail 'not UTF-8'
expect 9 --json image-info "$(printf 'none\377')"
iconv -f UTF-8 -t UTF-8 <out >/dev/null || fail 'not UTF-8'
json_is file error name

step='--json, however it is typed, and what it cannot be with'
expect 0 --js -p nor:flash.bin flash-id
json_is true ok
expect 2 --j flash-id --nothing
json_is usage error name
expect 0 --json --version
json result version >version
[ "farflash $(cat version)" = "$("$FARFLASH" --version)" ] || fail 'another version'
expect 0 version --json
json_is version command
for words in 'help' '--help' 'help run' 'run --help' 'help --man'; do
	expect 2 --json $words
	json_is usage error name
done
