#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Core 1 is kept from the flash and from all that could reach it, by hardware: whatever it touches is a
# trap, which is reported and ends the emulator with its cause.
# Usage: trespass.sh SOURCE_FOLDER IMAGE_FOLDER
set -u
. "$1/test/target/lib.sh"

core=core
[ $board != sifive_u ] || core=hart

# trespass WHAT EXIT WORDS
trespass()
{
	("$board" "$images" ipm_esp32_pro "test_trespass_$1" patience=100 </dev/null >out 2>err)
	is $? "$2" "$1: $(cat out err)"
	grep -q "$core 1: $3" out || fail "$1: no '$core 1: $3' in: $(cat out)"
	echo "ok $1: $(grep "$core 1: " out)"
}

case $board in
sifive_u)
	trespass flash 107 'store access fault: mcause 00000007, mepc 800[89a-f].*, mtval 10040018'
	trespass host_memory 105 'load access fault: mcause 00000005, .*, mtval 80040000'
	trespass host_timer 107 'store access fault: .*, mtval 02004000'
	trespass dma 107 'store access fault: .*, mtval 03000000'
	trespass mapped_flash 105 'load access fault: .*, mtval 20000000'
	trespass interrupts 107 'store access fault: .*, mtval 0c002000'
	trespass program 107 'store access fault: .*, mtval 80080000'
	trespass stack 107 'stack overflow: mcause 00000007'
	;;
mps2_an521)
	trespass flash 104 'memory fault: exception 00000004, cfsr 00000082, pc 1020.*, address 80000000'
	trespass host_memory 104 'memory fault: .*, address 38000000'
	trespass masked 104 'memory fault: exception 00000003, .*, address 38000000'
	trespass host_uart 104 'memory fault: .*, address 50200000'
	trespass system_control 104 'memory fault: .*, address 50021118'
	trespass program 104 'memory fault: .*, address 10200100'
	trespass data 104 'memory fault: exception 00000004, cfsr 00000001, pc 38210000'
	trespass stack 106 'stack overflow: exception 00000006'
	;;
esac
echo 'all is well'
