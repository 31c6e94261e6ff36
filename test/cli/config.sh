# SPDX-License-Identifier: Apache-2.0
# Options from files and the environment: which source wins, and what is wrong with which line.
. "$(dirname "$0")/lib.sh"
unset FARFLASH_CONFIG
HOME=$work/home
export HOME
mkdir -p home/.config xdg here
cd here || exit 1

# The port that cannot be opened tells where it came from, each source over the ones before.
from() {
	expect 9 flash-id
	says "cannot open $1:"
}
expect 2 flash-id
echo 'port = nor:user' >../home/.config/farflash.conf
from user
printf '# a comment\n\n; another\n  port=nor:folder  \n' >farflash.conf
from folder
XDG_CONFIG_HOME=$work/xdg
export XDG_CONFIG_HOME
rm farflash.conf
echo 'port=nor:xdg' >../xdg/farflash.conf
from xdg
ESPTOOL_PORT=nor:esptool
export ESPTOOL_PORT
from esptool
FARFLASH_PORT=nor:variable
export FARFLASH_PORT
from variable
expect 9 -p nor:option flash-id
says 'cannot open option:'
FARFLASH_PORT= from esptool
unset FARFLASH_PORT ESPTOOL_PORT

# One file instead of both, or none.
echo 'port=nor:only' >only.conf
FARFLASH_CONFIG=only.conf from only
FARFLASH_CONFIG= expect 2 flash-id
says 'which port'
FARFLASH_CONFIG=missing.conf expect 9 flash-id
says 'missing.conf'
FARFLASH_CONFIG=. expect 9 flash-id

# Other kinds of values, and names with either line.
printf 'port=nor:x\nno_progress = yes\nbaud = 0x1000\nconnect-attempts=2\nquiet = off\n' >farflash.conf
from x
for v in 'chip=esp99' 'before=sometimes'; do
	printf 'port=%s/missing\n%s\n' "$work" "$v" >farflash.conf
	expect 2 flash-id
done
rm farflash.conf
ESPTOOL_CHIP=esp98 expect 2 -p "$work/missing" flash-id
says 'esp98'
ESPTOOL_BAUD=fast expect 2 -p nor:x flash-id
says '^farflash: $ESPTOOL_BAUD: '
ESPTOOL_BEFORE=perhaps expect 2 -p nor:x flash-id
says '.before cannot be .perhaps.'
ESPTOOL_AFTER=perhaps expect 2 -p nor:x flash-id
says '.after cannot be .perhaps.'
ESPTOOL_AFTER=perhaps expect 9 -p nor:x -a no_reset flash-id
FARFLASH_NO_STUB=maybe expect 2 -p nor:x flash-id
says 'FARFLASH_NO_STUB: no-stub is yes or no'

# Wrong lines: which one, and what is meant.
wrong() {
	printf 'port=nor:x\n%s\n' "$1" >farflash.conf
	expect 2 flash-id
	says "farflash.conf:2: $2"
}
wrong 'prot=x' "no option 'prot': did you mean port?"
wrong 'frobnicate=1' 'no option .*farflash help'
wrong 'port' '.* not of the form NAME = VALUE'
wrong '[farflash]' '.* not of the form'
wrong 'baud=fast' '.* is not a number'
wrong 'trace=perhaps' '.*yes or no'
wrong 'json=yes' 'no option'
wrong "port=$(head -c 1100 /dev/zero | tr '\0' x)" '.*longer than 1024'
wrong '=' "no option ''"
# Zeros end a line of text, and are no value.
{
	echo 'port=nor:x'
	head -c 5000 /dev/zero
} >farflash.conf
from x
echo 'frobnicate=1' >farflash.conf
expect 2 flash-id --json
json_is usage error name
cd ..
