# SPDX-License-Identifier: Apache-2.0
# For sh scripts: images for bare boards, in QEMU. To be sourced.

# How the emulated harts take turns. The first is the same from run to run, to the byte; but time flies
# when all sleep, so where another process is at the end of a line it has to be the second.
board_same='-icount shift=0,sleep=off'
board_timed='-accel tcg,thread=single'

# Options that keep the board's RAM in a file `ram` of the current folder, to be looked at afterwards.
board_ram='-m 128M -machine memory-backend=ram
	-object memory-backend-file,id=ram,size=128M,mem-path=ram,share=on'

# ram_word ADDRESS: the word there, in decimal, as the board has left it.
ram_word()
{
	od -A n -t u4 -j $(($1 - 0x80000000)) -N 4 ram | tr -d ' '
}

# sifive_u FOLDER IMAGE0 IMAGE1 [NAME=VALUE]... [QEMU OPTION]...: run two images of FOLDER, UART0 on
# standard input and output; becomes QEMU, so call it in the background or in parentheses. The names
# are boot arguments (port/baremetal/control.h): rounds, patience, for hart 0 or 1 restartsN, usN, seedN,
# and target, lines. IMAGE1 may be - for a hart that only waits. BOARD_TURNS: another way to take turns than $board_same.
sifive_u()
{
	folder=$1 image0=$2 image1=$3
	shift 3
	given='-device loader,addr=0x80100100,data=0x47524146,data-len=4'
	while [ $# -gt 0 ]; do
		case $1 in
		rounds=*) at=04 ;;
		patience=*) at=08 ;;
		restarts0=*) at=0c ;;
		us0=*) at=10 ;;
		seed0=*) at=14 ;;
		restarts1=*) at=18 ;;
		us1=*) at=1c ;;
		seed1=*) at=20 ;;
		target=*) at=24 ;;
		lines=*) at=28 ;;
		*) break ;;
		esac
		given="$given -device loader,addr=0x801001$at,data=${1#*=},data-len=4"
		shift
	done
	[ "$image1" = - ] || given="$given -device loader,file=$folder/$image1.elf,cpu-num=1"
	exec timeout --foreground -k 5 "${BOARD_LIMIT_S-60}" qemu-system-riscv32 -M sifive_u -smp 2 \
		-bios none -nographic -monitor none -serial stdio -semihosting ${BOARD_TURNS-$board_same} \
		-device loader,file="$folder/$image0.elf",cpu-num=0 \
		$given "$@"
}

# new_nor FILE: an erased part, as large as the one on the board.
new_nor()
{
	head -c 33554432 /dev/zero | tr '\0' '\377' >"$1"
}

# What flash_ipm is asked on a board: keys for its shell go to descriptor 3. They are typed when the
# remote has said its last, so that the two harts' words do not mix.
# flash_ipm_session COMMAND...: from descriptor 4, a console, to standard output, without \r.
flash_ipm_session()
{
	cr=$(printf '\r')
	while IFS= read -r line <&4; do
		printf '%s\n' "${line%"$cr"}"
		case $line in
		*'Verifing pattern.. OK'* | *FAILED* | *'no flash supervisor'* | *'cannot reach'*) break ;;
		esac
	done
	printf '%s\n' "$@" exit >&3
	tr -d '\r' <&4
}
