# SPDX-License-Identifier: Apache-2.0
# The monitor: boot text after a reset, keys on a terminal, a log, and a port that vanishes and returns.
. "$(dirname "$0")/lib.sh"

# An ESP32 that has a program: one segment of four zero bytes.
erased 4194304 chip.bin
{
	printf '\351\001\002\040\000\000\010\100\356\000\000\000'
	head -c 12 /dev/zero
	printf '\000\000\010\100\004\000\000\000'
	head -c 15 /dev/zero
	printf '\357'
} >program.bin
put program.bin 4096 chip.bin
hello='hello from the program'

# heard TEXT FILE: wait, with a bound, until it is there.
heard() {
	tries=0
	while ! grep -q -e "$1" "$2" 2>/dev/null; do
		kill -0 "$client" 2>/dev/null || fail "the monitor has ended: $(cat "$2")"
		tries=$((tries + 1))
		[ $tries -lt 5000 ] || fail "'$1' is not in $2: $(cat "$2")"
	done
}

chip() {
	emulate esp32 "rfc2217:127.0.0.1:${1-0}" --app-text "$hello
"
}

# A reset, the boot text, and an end as soon as the program speaks.
chip
port=${url##*:}
expect 0 -p "$url" monitor --reset --until "$hello" --timeout 60 --log chip.log
says 'rst:0x1 (POWERON_RESET),boot:'
says "$hello"
grep -q '^[0-9-]\{10\} [0-9:]\{8\}\.[0-9]\{3\} rst:0x1 ' chip.log || fail "log: $(cat chip.log)"
grep -q " $hello\$" chip.log || fail "log: $(cat chip.log)"
[ "$(grep -c . chip.log)" = "$(wc -l <chip.log)" ] || fail 'a line without its time'
# Nothing is said without a reset: after the time that is a failure if something was awaited.
expect 4 -p "$url" monitor --until "$hello" --timeout 1
says "did not say '$hello' within 1 s"
expect 0 -p "$url" monitor --timeout 1

# Resets as --before and --after say: never into the loader; held, so that it says nothing.
expect 4 -p "$url" --after hold-in-reset monitor --reset --until "$hello" --timeout 1
expect 0 -p "$url" --after hard-reset monitor --reset --until "$hello" --timeout 60
for how in 'before nonsense' 'after nonsense'; do
	expect 2 -p "$url" "--${how% *}" "${how#* }" monitor
done

# Keys on a terminal: into the loader, back, leave. What is typed else is the chip's.
if command -v script >/dev/null; then
	step='keys on a terminal'
	mkfifo keys
	script -qec "'$FARFLASH' -p '$url' monitor" /dev/null <keys >typed 2>&1 &
	client=$!
	started="$started $client"
	exec 4>keys
	heard 'Ctrl-\] leaves' typed
	printf '\024\020' >&4
	heard 'waiting for download' typed
	printf '\024\022' >&4
	heard "$hello" typed
	printf '\024\010' >&4
	heard 'reset into the loader,' typed
	printf 'x\003\035' >&4
	exec 4>&-
	wait "$client" || fail "Ctrl-]: not 0: $(cat typed)"
fi

# The same key with a sequence of one's own, and where it must not be.
if command -v script >/dev/null; then
	for how in 'U1,1|U0,1|W0.1|U1,0|W0.05|U0,0' no-reset; do
		step="keys with --before $how"
		rm -f keys typed
		mkfifo keys
		script -qec "'$FARFLASH' -p '$url' --before '$how' monitor" /dev/null <keys >typed 2>&1 &
		client=$!
		started="$started $client"
		exec 4>keys
		heard 'Ctrl-\] leaves' typed
		printf '\024\020' >&4
		if [ "$how" = no-reset ]; then
			heard 'cannot reset the chip: --before no-reset' typed
		else
			heard 'waiting for download' typed
		fi
		printf '\035' >&4
		exec 4>&-
		wait "$client" || fail "Ctrl-]: not 0: $(cat typed)"
	done
fi

# The server dies, and comes back on its port: the monitor goes on by itself.
step='a port that vanishes and returns'
mkfifo input
"$FARFLASH" -p "$url" monitor --reset --log lost.log <input >out 2>err &
client=$!
started="$started $client"
exec 4>input
heard "$hello" out
kill -9 "$pid"
wait "$pid" 2>/dev/null
heard 'is gone' err
chip "$port"
heard 'is back' err
kill -TERM "$client"
wait "$client"
[ $? = 130 ] || fail 'SIGTERM: not 130'
exec 4>&-
grep -q " $hello\$" lost.log || fail "log: $(cat lost.log)"
stop

# It has no lines, so it cannot be reset; bytes pass, and the input's end is not the monitor's.
emulate esp32 "pty:$work/port"
printf 'x' | "$FARFLASH" -p "$url" monitor --reset --timeout 1 >out 2>err || fail 'pty: not 0'
says 'no modem lines'
stop

# Impossible ones.
expect 2 monitor
expect 3 -p "$work/missing" monitor
expect 8 -p nor:chip.bin monitor
expect 2 -p "$work/port" monitor --json
expect 2 -p "$work/port" monitor --until ''
expect 9 -p "$work/port" monitor --log no/such/folder.log
