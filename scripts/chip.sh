# SPDX-License-Identifier: Apache-2.0
# For sh scripts: a virtual chip in the background. To be sourced.

chip_pid=

# start_chip LOG FARFLASH OPTIONS...: power it up (`farflash emulate OPTIONS`) and return once it
# listens, at $chip_where.
start_chip()
{
	chip_log=$1 chip_command=$2
	shift 2
	mkfifo "$chip_log.ready" || return 1
	"$chip_command" emulate "$@" >"$chip_log.ready" 2>"$chip_log" &
	chip_pid=$!
	chip_where=$(timeout 10 head -n 1 "$chip_log.ready")
	case $chip_where in
	*'listening on'*)
		chip_where=${chip_where##* }
		return 0
		;;
	esac
	echo "the virtual chip does not start:" >&2
	cat "$chip_log" >&2
	return 1
}

# Power it down; its flash file is complete afterwards.
stop_chip()
{
	[ -n "$chip_pid" ] || return 0
	kill -TERM "$chip_pid" 2>/dev/null
	wait "$chip_pid" 2>/dev/null
	chip_pid=
}
