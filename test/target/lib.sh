# SPDX-License-Identifier: Apache-2.0
# For the tests on emulated boards. To be sourced with $1 the source folder, $2 the folder of images.
top=$1 images=$2
. "$top/scripts/board.sh"
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
