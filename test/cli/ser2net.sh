# SPDX-License-Identifier: Apache-2.0
# Debian's ser2net between farflash and the chip: farflash -> RFC 2217 -> ser2net -> terminal -> chip.
# It sets the terminal's rate as it is told; a pseudo terminal has no modem lines, and it says nothing
# when it is asked to set one, so the chip waits in its loader.
. "$(dirname "$0")/lib.sh"
command -v ser2net >/dev/null || { echo 'no ser2net: run scripts/bootstrap'; exit 77; }
noise 200000 a.bin
erased 4194304 wanted.bin
put a.bin 0x10000 wanted.bin

# A port that nobody listens on: bound once by somebody who says which it is.
free_port() {
	start "$FARFLASH" emulate --chip esp32 --listen tcp:127.0.0.1:0 --size 64k
	port=${url##*:}
	stop
}

# serve TERMINAL: sets server and remote, once it accepts connections.
serve() {
	cat >ser2net.yaml <<EOF
%YAML 1.1
---
connection: &chip
  accepter: telnet(rfc2217),tcp,127.0.0.1,$port
  connector: serialdev,$1,115200n81,local
  options:
    chardelay: false
EOF
	ser2net -n -d -c ser2net.yaml >ser2net.log 2>&1 &
	server=$!
	started="$started $server"
	remote=rfc2217://127.0.0.1:$port
	# A connection to try it would keep others away.
	tries=0
	while ! grep -q "0100007F:$(printf %04X "$port") 00000000:0000 0A" /proc/net/tcp; do
		kill -0 $server 2>/dev/null || fail "ser2net: $(cat ser2net.log)"
		tries=$((tries + 1))
		[ $tries -lt 3000 ] || fail 'ser2net does not listen'
	done
}

end_server() {
	kill "-$1" "$server"
	wait "$server" 2>/dev/null
}

free_port
emulate esp32 "pty:$work/chip"
serve "$work/chip"

expect 0 -p "$remote" --no-stub --baud 921600 write-flash 0x10000 a.bin
says "^Connected to ESP32 on $remote"
same chip.bin wanted.bin
expect 0 -p "$remote" --no-stub --baud 230400 verify-flash 0x10000 a.bin
expect 0 -p "$remote" --no-stub read-flash 0x10000 7000 back.bin
head -c 7000 a.bin >head.bin
same back.bin head.bin

# Killed while data is on its way: said as it is; the same command completes with the next server.
noise 200000 a.bin
put a.bin 0x10000 wanted.bin
step='ser2net killed mid-write'
mkfifo trace
"$FARFLASH" -p "$remote" --no-stub --baud 115200 --trace write-flash -u 0x10000 a.bin >out 2>trace &
client=$!
started="$started $client"
# Three characters for a byte, so this is a third of the file.
awk '{ n += length; last = $0 }
	n > 200000 && !done { done = 1; system("kill -KILL '$server'") }
	END { print last }' <trace >err
wait $client
code=$?
wait "$server" 2>/dev/null
[ $code = 4 ] || fail "exit code $code, not 4"
says 'connection was lost'
says '0x1[0-9a-f]000'
cmp -s chip.bin wanted.bin && fail 'it came too late'
serve "$work/chip"
expect 0 -p "$remote" --no-stub --baud 115200 write-flash 0x10000 a.bin
same chip.bin wanted.bin

# A server that is not there, and one whose terminal is not.
end_server TERM
expect 3 -p "$remote" flash-id
says 'refused'
serve "$work/no-such-terminal"
expect 3 -p "$remote" --no-stub flash-id
end_server TERM
stop
