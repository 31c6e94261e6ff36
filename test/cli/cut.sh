# SPDX-License-Identifier: Apache-2.0
# The chip, its port or the user goes away while a file is written: the exit code and the words are
# true, nothing outside the range changes, and the same command completes the job.
. "$(dirname "$0")/lib.sh"
noise 200000 a.bin
erased 1048576 blank.bin
cp blank.bin wanted.bin
put a.bin 65536 wanted.bin
errors=trace

# begin WHERE: a virtual chip paced like a line, with its trace on descriptor 4.
begin() {
	rm -f trace
	mkfifo trace
	exec 3<>trace
	emulate esp32 "$1" --size 1M --line-rate 460800 --trace
	exec 4<trace 3<&-
}

# write_until BLOCKS OPTION...: write a.bin in the background until the chip has got so many.
write_until() {
	blocks=$1
	shift
	step="write-flash $* cut after $blocks blocks"
	"$FARFLASH" -p "$url" --connect-attempts 2 write-flash 0x10000 a.bin "$@" \
		>out 2>err 4<&- &
	client=$!
	started="$started $client"
	n=0
	while [ $n -lt "$blocks" ] && read -r line <&4; do
		case $line in *_DATA*) n=$((n + 1)) ;; esac
	done
	[ $n = "$blocks" ] || fail 'it ended before'
}

ended_with() {
	wait $client
	code=$?
	[ $code = "$1" ] || fail "exit code $code, not $1"
}

# Outside [0x10000, 0x10000 + 0x31000) nothing has changed.
unharmed() {
	cmp -n 65536 chip.bin blank.bin || fail 'changed before the range'
	cmp -i 266240 chip.bin blank.bin || fail 'changed behind the range'
	cmp -s chip.bin wanted.bin && fail 'all is written: this was no cut'
}

complete() {
	expect 0 -p "$url" --connect-attempts 2 write-flash 0x10000 a.bin
	says "$1"
	same chip.bin wanted.bin
}

# The chip's side dies. The link that it leaves behind does not stop the next one.
for where in tcp:127.0.0.1:0 "pty:$work/port"; do
	rm -f chip.bin
	begin "$where"
	write_until 20 --json
	# As long as it is open no other emulate gets its number, and the link stays a dead one's.
	[ ! -L port ] || exec 5<port
	kill -9 "$pid"
	ended_with 4
	exec 4<&-
	json_is lost error name
	json_is 4 exit
	json_is 65536 error touched addr
	touched=$(json error touched len)
	[ "$touched" -gt 65536 ] && [ "$touched" -le 200704 ] || fail "touched $touched bytes"
	unharmed
	errors=peer.log
	emulate esp32 "$where"
	exec 5<&-
	complete 'were right already, verified$'
	stop
	errors=trace
done

# The user stops it, by either signal; the chip is left as it is, in mid-stream.
rm -f chip.bin
begin "pty:$work/port"
write_until 8
kill -INT $client
ended_with 130
says 'interrupted'
says 'from 0x10000 to 0x[0-9a-f]* may have changed, nothing else has'
says 'run the same command again'
unharmed
write_until 8
kill -TERM $client
ended_with 130
unharmed

# It is killed without a chance to clean up: the port is free, the chip still at the fast rate.
write_until 5
kill -9 $client
ended_with 137
unharmed
exec 4<&-
complete 'were right already, verified$'

# Interrupted before anything was touched, or while reading.
step='interrupt before the start'
begin_read() {
	"$FARFLASH" -p "$url" read-flash 0 ALL back.bin >said 2>err &
	client=$!
	started="$started $client"
}
mkfifo said
begin_read
read -r first <said
kill -INT $client
ended_with 130
[ -e back.bin ] && fail 'left a part of the output'
ls | grep -q '^back.bin' && fail 'left a temporary file'
stop
