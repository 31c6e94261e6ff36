# SPDX-License-Identifier: Apache-2.0
# For sh scripts: images for bare boards, in QEMU. To be sourced.

# How the emulated harts take turns. The first is the same from run to run, to the byte; but time flies
# when all sleep, so where another process is at the end of a line it has to be the second.
board_same='-icount shift=0,sleep=off'
board_timed='-accel tcg,thread=single'

# boot_arguments ADDRESS [NAME=VALUE]...: options that put all boot arguments there (struct
# far_bare_args of port/baremetal/control.h), in $given; what is not named is 0. $taken tells how many
# were named.
boot_arguments()
{
	at=$(($1)) taken=0
	given="-device loader,addr=$at,data=0x47524146,data-len=4"
	shift
	for name in rounds patience restarts0 us0 seed0 restarts1 us1 seed1 target lines; do
		at=$((at + 4)) value=0
		for word; do
			case $word in $name=*) value=${word#*=} taken=$((taken + 1)) ;; esac
		done
		given="$given -device loader,addr=$at,data=$value,data-len=4"
	done
}

# BOARD FOLDER IMAGE0 IMAGE1 [NAME=VALUE]... [QEMU OPTION]...: run two images of FOLDER, consoles on
# standard input and output; becomes QEMU, so call it in the background or in parentheses. The names
# are boot arguments: rounds, patience, for core 0 or 1 restartsN, usN, seedN, and target, lines.
# IMAGE1 may be - for a core that has nothing to do. BOARD_TURNS: another way to take turns than
# $board_same.
#
# Each board has beside: BOARD_flash FILE: the options that make FILE its flash; BOARD_nor: how many
# bytes of that are the flash; BOARD_ram: options that keep RAM in a file `ram` of the current folder,
# to be looked at afterwards, where it is not the flash's file already; BOARD_args: where the boot
# arguments are; BOARD_focus: what to type to be heard.

# sifive_u: both harts on UART0.
sifive_u_args=0x80100100
sifive_u()
{
	folder=$1 image0=$2 image1=$3
	shift 3
	boot_arguments $sifive_u_args "$@"
	shift $taken
	[ "$image1" = - ] || given="$given -device loader,file=$folder/$image1.elf,cpu-num=1"
	exec timeout --foreground -k 5 "${BOARD_LIMIT_S-60}" qemu-system-riscv32 -M sifive_u -smp 2 \
		-bios none -nographic -monitor none -serial stdio -semihosting ${BOARD_TURNS-$board_same} \
		-device loader,file="$folder/$image0.elf",cpu-num=0 \
		$given "$@"
}
sifive_u_ram='-m 128M -machine memory-backend=ram
	-object memory-backend-file,id=ram,size=128M,mem-path=ram,share=on'
sifive_u_focus= sifive_u_nor=33554432
sifive_u_flash()
{
	echo "-drive if=mtd,file=$1,format=raw"
}

# mps2_an521: UART0 and UART1 share the terminal. Both are heard; what is typed goes to the last one
# until ^A c. Core 1 is released by core 0, its image needs no more than to be there.
mps2_an521_args=0x80fff000
mps2_an521()
{
	folder=$1 image0=$2 image1=$3
	shift 3
	boot_arguments $mps2_an521_args "$@"
	shift $taken
	[ "$image1" = - ] || given="$given -device loader,file=$folder/$image1.elf"
	exec timeout --foreground -k 5 "${BOARD_LIMIT_S-60}" qemu-system-arm -M mps2-an521 -nographic \
		-monitor none -chardev stdio,id=console,mux=on -serial chardev:console \
		-serial chardev:console -semihosting ${BOARD_TURNS-$board_same} \
		-device loader,file="$folder/$image0.elf" \
		$given "$@"
}
mps2_an521_ram=
mps2_an521_focus=$(printf '\001c') mps2_an521_nor=4194304
mps2_an521_flash()
{
	echo "-machine memory-backend=psram" \
		"-object memory-backend-file,id=psram,size=16M,mem-path=$1,share=on"
}

# ram_word ADDRESS FILE: the word of RAM there, in decimal, as the board has left it.
ram_word()
{
	od -A n -t u4 -j $(($1 - 0x80000000)) -N 4 "$2" | tr -d ' '
}

# new_nor FILE: an erased part, as large as the largest on any board here.
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
