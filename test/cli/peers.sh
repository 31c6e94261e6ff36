# SPDX-License-Identifier: Apache-2.0
# Things on the port that are not a chip: a bounded time, the right exit code, no crash.
. "$(dirname "$0")/lib.sh"
noise 5000 a.bin

# peer MODE CODES...: the exit code must be one of CODES.
peer() {
	mode=$1
	shift
	start "$HELPERS/bad_peer" "$mode"
	step="peer $mode"
	timeout 60 "$FARFLASH" -p "$url" --connect-attempts 1 write-flash 0 a.bin >out 2>err
	code=$?
	case " $* " in *" $code "*) ;; *) fail "exit code $code, not $*" ;; esac
	[ -s err ] || fail 'no word about it'
	wait "$pid"
}
peer silent 3
says 'no chip answers'
peer garbage 3 5
peer echo 3 5
peer flood 3 5
peer close 3

# The emulator is no easier to break: noise from a client, then a real one.
emulate esp32 "pty:$work/port"
step='noise from a client'
noise 100000 noise.bin
exec 3<>"$url"
cat noise.bin >&3
printf '\300\300' >&3
exec 3<&-
erased 4194304 wanted.bin
put a.bin 0 wanted.bin
expect 0 -p "$url" write-flash 0 a.bin
same chip.bin wanted.bin
stop
