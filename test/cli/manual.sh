# SPDX-License-Identifier: Apache-2.0
# The man page and the completions: complete, and right for the programs that read them.
. "$(dirname "$0")/lib.sh"

expect 0 help --man
cp out farflash.1
expect 0 help --bash
cp out farflash.bash
expect 0 help --zsh
cp out _farflash
"$FARFLASH" --help | sed -n '/^Commands/,/^$/s/^  \([a-z-]*\) .*/\1/p' >commands
[ "$(wc -l <commands)" -gt 15 ] || fail 'where are the commands?'
while read -r name; do
	grep -q "^\.SS \"$(echo "$name" | sed 's/-/\\\\-/g')" farflash.1 || fail "$name is not in the man page"
	for file in farflash.bash _farflash; do
		grep -q "[ \"]$name[ \"]\|[ \"]$name\$" $file || fail "$name is not in $file"
	done
done <commands
"$FARFLASH" --help | sed -n 's/^  .*--\([a-z-]*\) .*/\1/p' >options
while read -r name; do
	grep -q "\\\\-\\\\-$(echo "$name" | sed 's/-/\\\\-/g')" farflash.1 || fail "--$name is not in the man page"
done <options

# What groff thinks of it.
if command -v groff >/dev/null; then
	groff -man -ww -Tascii farflash.1 >page 2>warnings || fail "groff: $(cat warnings)"
	[ -s warnings ] && fail "groff: $(head -5 warnings)"
	grep -q 'write.*flash' page || fail 'the page is empty'
fi

# completes WORD... = WANTED: the last word is completed with these among others.
completes() {
	wanted=${1#*=}
	echo "COMP_WORDS=($(printf "'%s' " ${1%%=*})); COMP_CWORD=$((${2} - 1))" >words
	cat farflash.bash words - >run.bash <<'EOF'
_farflash
printf '%s\n' "${COMPREPLY[@]}"
EOF
	bash run.bash >got 2>err || fail "bash: $(cat err)"
	grep -qxe "$wanted" got || fail "bash does not complete '${1%%=*}' with $wanted: $(cat got)"
}
if command -v bash >/dev/null; then
	completes 'farflash write-f=write-flash' 2
	completes 'farflash -p /dev/ttyUSB0 --baud 115200 --json read-f=read-flash' 7
	completes 'farflash --conn=--connect-attempts' 2
	completes 'farflash emulate --li=--listen' 3
	completes 'farflash -p x verify_flash --di=--diff' 5
	completes 'farflash help mon=monitor' 3
	: >some.bin
	completes 'farflash write-flash 0 som=some.bin' 4
	grep -q -e --listen got && fail 'options of another command'
fi
if command -v zsh >/dev/null; then
	zsh -f -n _farflash 2>err || fail "zsh: $(cat err)"
	# The same function with the two builtins that only completion has.
	{
		echo 'compadd() { shift; print -l -- "$@" }; _files() { print files }'
		echo 'words=(farflash -p x emulate --li); CURRENT=5'
		cat _farflash
	} >run.zsh
	zsh -f run.zsh >got 2>err || fail "zsh: $(cat err)"
	grep -qx -e --listen got || fail "zsh: $(cat got)"
	sed 's/emulate --li); CURRENT=5/wri); CURRENT=4/' run.zsh >run2.zsh
	zsh -f run2.zsh >got 2>err || fail "zsh: $(cat err)"
	grep -qx write-flash got || fail "zsh: $(cat got)"
fi
exit 0
