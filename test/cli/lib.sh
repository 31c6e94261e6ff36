# SPDX-License-Identifier: Apache-2.0
# What the tests of the command share. Sourced with $1 the farflash binary, $2 the folder of the
# helpers. Works in a temporary folder of its own, which goes at the end with every process started.
set -u
FARFLASH=$1
HELPERS=$2
unset FARFLASH_PORT ESPTOOL_PORT ESPTOOL_BAUD ESPTOOL_CHIP ESPTOOL_BEFORE ESPTOOL_AFTER XDG_CONFIG_HOME
FARFLASH_CONFIG= # what the user of this computer has configured is no part of a test
export FARFLASH_CONFIG
# Stubs only where a test is about them.
FARFLASH_STUBS=
export FARFLASH_STUBS
LC_ALL=C
export LC_ALL
work=$(mktemp -d)
cd "$work" || exit 1
started=
step=start

finish() {
	code=$?
	trap "" INT TERM
	trap - EXIT
	for pid in $started; do
		kill -9 "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	exec 3<&- 4<&- 9<&-
	cd /
	rm -rf "$work"
	exit "$code"
}
trap finish EXIT
trap 'exit 99' INT TERM

fail() {
	echo "FAIL: $step: $*" >&2
	for f in out err; do
		if [ -s $f ]; then
			echo "--- $f" >&2
			head -c 2000 $f >&2
		fi
	done
	exit 1
}

# start COMMAND...: run it in the background until it says "listening on URL": sets url and pid.
# Its stderr goes to $errors, if that is set.
start() {
	rm -f ready
	mkfifo ready
	"$@" >ready 2>>${errors:-peer.log} &
	pid=$!
	started="$started $pid"
	url=
	read -r first second url <ready
	[ "$first $second" = "listening on" ] || fail "$* did not start: $(cat peer.log)"
}

# emulate CHIP WHERE [OPTION...]: a virtual chip with its flash in chip.bin.
emulate() {
	chip=$1
	where=$2
	shift 2
	start "$FARFLASH" emulate --chip "$chip" --flash chip.bin --listen "$where" "$@"
}

# stop: end what was started last, which must exit with 0.
stop() {
	kill -TERM "$pid" || fail "process $pid is gone"
	wait "$pid"
	code=$?
	[ $code = 0 ] || fail "the emulator ended with $code: $(cat peer.log)"
}

# expect CODE ARGUMENT...: run farflash; its exit code must be CODE. Leaves out and err.
expect() {
	wanted=$1
	shift
	step="farflash $*"
	"$FARFLASH" "$@" >out 2>err
	code=$?
	[ $code = "$wanted" ] || fail "exit code $code, not $wanted"
	if [ "$wanted" != 0 ] && [ ! -s err ] && ! grep -q '"error"' out; then
		fail "no word about what went wrong"
	fi
}

# says TEXT: the last run wrote it, to stdout or stderr.
says() {
	grep -q -e "$1" out err || fail "does not say: $1"
}

# noise BYTES FILE: random contents.
noise() {
	head -c "$1" /dev/urandom >"$2"
}

# erased BYTES FILE: the contents of a new flash.
erased() {
	head -c "$1" /dev/zero | tr '\0' '\377' >"$2"
}

# put FILE AT IMAGE: lay FILE into IMAGE, as it should be in the flash.
put() {
	dd if="$1" of="$3" bs=4096 seek=$(($2 / 4096)) conv=notrunc 2>dd.log || fail "dd: $(cat dd.log)"
}

# same FILE FILE: byte for byte.
same() {
	cmp "$1" "$2" >cmp.log 2>&1 || fail "$(cat cmp.log)"
}

# json NAME...: the member of the JSON object on stdout.
json() {
	"$HELPERS/json_get" "$@" <out || fail "no JSON member $*"
}

# json_is VALUE NAME...
json_is() {
	wanted=$1
	shift
	value=$(json "$@") || exit 1
	[ "$value" = "$wanted" ] || fail "JSON member $* is $value, not $wanted"
}
