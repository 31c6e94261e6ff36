#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Judges what a NOR was told, from QEMU's trace on standard input (m25p80_command_decoded, _flash_erase,
# _page_program, _programming_zero_to_one): every program and erase right behind a write enable of its
# own, programs within a page, bits cleared only, nothing outside [ADDRESS, ADDRESS + LENGTH), which
# are hexadecimal; and that there was something to judge. Usage: nor_orders.sh ADDRESS LENGTH
set -u
awk -v from="$1" -v len="$2" '
function hex(text,    i, v) {
	text = tolower(text)
	sub(/^0x/, "", text)
	for (i = 1; i <= length(text); i++)
		v = v * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
	return v
}
# The hexadecimal number behind words.
function value(words) {
	if (!match($0, words "0x[0-9a-f]+")) bad("no " words)
	return hex(substr($0, RSTART + length(words), RLENGTH - length(words)))
}
function bad(why) { if (failed++ < 10) print "line " NR ": " why ": " $0 }
function inside(at, n) { return at >= from && at + n <= from + len }
BEGIN { from = hex(from); len = hex(len); page = -1 }
/m25p80_command_decoded/ {
	order = value("new command:")
	page = -1
	if (order == 6) enabled = 1
	else if (order == 4) enabled = 0
	else if (order == 2 || order == 18 || order == 32 || order == 33 || order == 216 || order == 220) {
		if (!enabled) bad("without a write enable")
		enabled = 0
		changes++
	}
	else if (order != 3 && order != 19 && order != 5 && order != 90 && order != 159 && order != 171)
		bad("an order that the driver has no use for")
}
/m25p80_flash_erase/ {
	at = value("offset = ")
	match($0, /len = [0-9]+/)
	if (!inside(at, substr($0, RSTART + 6, RLENGTH - 6) + 0)) bad("erased outside")
	erased++
}
/m25p80_page_program/ {
	at = value("cur_addr=")
	if (!inside(at, 1)) bad("programmed outside")
	if (page >= 0 && int(at / 256) != page) bad("over the end of a page")
	page = int(at / 256)
	programmed++
}
/m25p80_programming_zero_to_one/ { bad("a bit that was to be set") }
END {
	if (!changes || !erased || !programmed) { print "nothing to judge"; failed = 1 }
	exit failed > 0
}'
