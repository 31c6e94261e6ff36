# SPDX-License-Identifier: Apache-2.0
# For the tests on emulated boards. To be sourced with $1 the source folder, $2 the folder of images,
# named after the board, $3 the judge of the writer's flash.
top=$1 images=$2 judge=$3 board=${2##*/}
. "$top/scripts/board.sh"
eval "board_ram=\$${board}_ram board_args=\$${board}_args board_focus=\$${board}_focus
	board_nor=\$${board}_nor"
work=$(mktemp -d) || exit 1
other=
trap '[ -z "$other" ] || kill $other 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cd "$work" || exit 1

fail()
{
	echo "FAILED: $*"
	exit 1
}

# is RESULT EXPECTED WHAT
is()
{
	[ "$1" = "$2" ] || fail "$3: exit code $1, not $2"
}

# pattern: the test range as flash_ipm leaves it.
pattern()
{
	i=0
	while [ $i -lt 128 ]; do
		printf "\\$(printf %03o $i)"
		i=$((i + 1))
	done >once
	for i in $(seq 32); do
		cat once
	done
}

# expected_nor FILE: the whole part as flash_ipm leaves it.
expected_nor()
{
	new_nor "$1"
	pattern | dd of="$1" bs=4096 seek=944 conv=notrunc 2>log # 944 * 4096 is 0x3b0000
}

# is_flash FILE: does flash.bin hold that, as far as it is the flash?
is_flash()
{
	cmp -n $board_nor "$1" flash.bin
}

# flash_session FILE OPTIONS COMMAND...: flash_ipm on flash.bin with OPTIONS for the board, the commands
# typed when the remote is done, the console kept in FILE. $result is the exit code.
flash_session()
{
	file=$1 options=$2
	shift 2
	rm -f keys console
	mkfifo keys console || exit 1
	"$board" "$images" flash_ipm_host flash_ipm_remote $options $("${board}_flash" flash.bin) \
		<keys >console 2>err &
	other=$!
	exec 3>keys 4<console
	printf %s "$board_focus" >&3
	flash_ipm_session "$@" >"$file"
	exec 3>&- 4<&-
	wait $other
	result=$? other=
}

# power_up OPTION...: the writer of sifive_u/ and the host of flash_ipm, on flash.bin; keys to descriptor
# 3, the console on 4.
power_up()
{
	rm -f keys console pid
	mkfifo keys console || exit 1
	"$board" "$images" flash_ipm_host test_writer "$@" -pidfile pid $("${board}_flash" flash.bin) \
		<keys >console 2>err &
	other=$!
	exec 3>keys 4<console
	printf %s "$board_focus" >&3
}

power_off()
{
	exec 3>&- 4<&-
	wait $other
	result=$? other=
}

# until_line PATTERN COUNT: read the console until so many lines match. They are kept in `said`.
until_line()
{
	left=$2
	: >said
	while [ "$left" -gt 0 ]; do
		IFS= read -r line <&4 || fail "the console ends before '$1': $(cat said err)"
		echo "$line" >>said
		case $line in *$1*) left=$((left - 1)) ;; esac
	done
}

# finish: the job comes to its end, the board is told to end.
finish()
{
	until_line 'result: ' 1
	echo exit >&3
	cat <&4 >rest
	power_off
	is $result 0 "$(cat said rest err)"
	grep -q 'result: 0' said || fail "$(cat said)"
}
