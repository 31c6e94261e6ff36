# SPDX-License-Identifier: Apache-2.0
# The emulate command: its options, its file, its way to end.
. "$(dirname "$0")/lib.sh"
noise 5000 a.bin

# Impossible command lines.
expect 2 emulate
expect 2 emulate --chip esp32 --flash chip.bin
expect 2 emulate --chip esp99 --flash chip.bin --listen tcp:127.0.0.1:0
says 'esp32s2'
for where in nonsense tcp: tcp:127.0.0.1 tcp:127.0.0.1:x tcp:127.0.0.1:65536 tcp:1:2:3 pty:; do
	expect 2 emulate --chip esp32 --flash chip.bin --listen "$where"
done
expect 2 emulate --chip esp32 --flash chip.bin --listen tcp:127.0.0.1:0 --size 3M
expect 2 emulate --chip esp32 --flash chip.bin --listen tcp:127.0.0.1:0 --line-rate 5

# Fuses and crystals that the chip does not have, or not with that value.
there='--flash chip.bin --listen tcp:127.0.0.1:0'
expect 2 emulate --chip esp32 $there --secure-download
says 'secure-download: the esp32 has nothing'
expect 2 emulate --chip esp8266 $there --secure-boot
expect 2 emulate --chip esp8266 $there --flash-encryption 1
expect 2 emulate --chip esp32c3 $there --flash-encryption 8
says '8: .* 0 to 7'
expect 2 emulate --chip esp32c3 $there --crystal 26
expect 2 emulate --chip esp32c2 $there --crystal 400
rm -f chip.bin

# Impossible flash files: said which length, and what to do; not touched.
head -c 1000 a.bin >short.bin
head -c 5000 a.bin >odd.bin
: >empty.bin
for f in short odd empty; do
	cp $f.bin before.bin
	expect 9 emulate --chip esp32 --flash $f.bin --listen tcp:127.0.0.1:0
	says "$f.bin has $(wc -c <before.bin) bytes"
	same $f.bin before.bin
done
erased 65536 small.bin
head -c 65535 small.bin >cut.bin
expect 9 emulate --chip esp32 --flash cut.bin --listen tcp:127.0.0.1:0
expect 9 emulate --chip esp32 --flash small.bin --size 4M --listen tcp:127.0.0.1:0
says '65536 bytes, not 4194304'
expect 9 emulate --chip esp32 --flash no/such/folder.bin --listen tcp:127.0.0.1:0
expect 9 emulate --chip esp32 --flash . --listen tcp:127.0.0.1:0

# A new file is erased, of the size asked for, and locked.
erased 262144 blank.bin
emulate esp32 tcp:127.0.0.1:0 --size 256k
same chip.bin blank.bin
expect 0 -p "$url" flash-id
says '^Flash: 256 KiB (ef4012)$'
expect 9 emulate --chip esp32 --flash chip.bin --listen tcp:127.0.0.1:0
says 'in use'
expect 9 -p nor:chip.bin flash-id
port=${url##*:}
expect 9 emulate --chip esp32 --flash other.bin --listen "tcp:127.0.0.1:$port"
says 'port 0'

# One client at a time: the second is served once the first has left.
step='two clients'
exec 3<"$work/a.bin"
expect 0 -p "$url" write-flash 0x1000 a.bin
expect 0 -p "$url" verify-flash 0x1000 a.bin
stop
expect 3 -p "$url" flash-id

# Every line is machine-readable on demand.
step='emulate --json'
mkfifo pipe
"$FARFLASH" emulate --chip esp32 --flash chip.bin --listen "pty:$work/p" --json >pipe 2>>peer.log &
pid=$!
started="$started $pid"
"$HELPERS/json_get" result listening <pipe >url_of_it &
reader=$!
# Its object is whole before it ends: the reader ends with it.
tries=0
while [ ! -L "$work/p" ] && kill -0 $pid; do tries=$((tries + 1)); done
stop
wait $reader || fail 'no JSON object'
[ "$(cat url_of_it)" = "$work/p" ] || fail "it says $(cat url_of_it)"

# A link in the way that is not ours.
echo precious >p
expect 9 emulate --chip esp32 --flash chip.bin --listen "pty:$work/p"
[ "$(cat p)" = precious ] || fail 'overwrote the file'
rm p

# Nor the link of another emulate that is alive.
emulate esp32 "pty:$work/p"
expect 9 emulate --chip esp32 --flash other.bin --listen "pty:$work/p"
says 'remove it'
expect 0 -p "$url" flash-id
# The link of one that was killed is replaced, also if its terminal's number is in use again: by the
# new one, unless another test's emulate was quicker. Then it is refused, and this is done once more.
kill_and_start() {
	kill -9 "$pid"
	wait "$pid" 2>/dev/null
	[ -L p ] || fail 'there is no link left behind'
	"$FARFLASH" emulate --chip esp32 --flash chip.bin --listen "pty:$work/p" >ready 2>>peer.log &
	pid=$!
	started="$started $pid"
	read -r first second url <ready
}
tries=0
until kill_and_start; do
	wait "$pid"
	tries=$((tries + 1))
	[ $tries -lt 50 ] || fail "it is not replaced: $(cat peer.log)"
	rm p
	emulate esp32 "pty:$work/p"
done
expect 0 -p "$url" flash-id
stop
# Or there is no such terminal any more.
ln -s /dev/pts/999999 p
emulate esp32 "pty:$work/p"
expect 0 -p "$url" flash-id
stop

# SIGINT ends it as well, and a link that is no longer ours stays.
emulate esp32 "pty:$work/p"
rm p
ln -s elsewhere p
kill -INT "$pid"
wait "$pid" || fail 'SIGINT: not 0'
[ "$(readlink p)" = elsewhere ] || fail 'removed a link that was not its own'
rm p

# --once ends with the first client, on either wire.
for where in tcp:127.0.0.1:0 "pty:$work/p"; do
	emulate esp32 "$where" --once
	expect 0 -p "$url" read-mac
	step="--once on $where"
	wait "$pid" || fail 'not 0'
	[ -L p ] && fail 'the link is still there'
done

# The file is cut short under the emulator's feet: an exit code, not a crash.
emulate esp32 tcp:127.0.0.1:0
step='file cut short'
cp chip.bin spare.bin
: >chip.bin
"$FARFLASH" -p "$url" --connect-attempts 1 verify-flash 0 a.bin >out 2>err
[ $? = 4 ] || fail 'the client did not notice'
wait "$pid"
[ $? = 9 ] || fail 'not exit code 9'
grep -q 'became shorter' peer.log || fail 'no word about it'
mv spare.bin chip.bin

# IPv6, where there is one.
if [ -s /proc/net/if_inet6 ]; then
	emulate esp32s2 'tcp:[::1]:0'
	expect 0 -p "$url" --chip esp32s2 flash-id
	stop
fi

# A paced wire: 5000 bytes of noise at 115200 take 0.43 s at least.
emulate esp32 "pty:$work/p" --line-rate 115200
expect 0 -p "$url" write-flash --no-diff 0x4000 a.bin --json
slow=$(json result files 0 seconds)
[ "${slow%.*}" -ge 1 ] || [ "${slow#*.}" -ge 43 ] || fail "done in $slow s"
stop
