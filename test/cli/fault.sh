# SPDX-License-Identifier: Apache-2.0
# emulate --fault: what goes wrong does so where the plan says, the client tells the truth about it, and
# the same command again completes the job. The same seed makes the same run.
. "$(dirname "$0")/lib.sh"
noise 60000 a.bin
erased 1048576 blank.bin
cp blank.bin wanted.bin
put a.bin 65536 wanted.bin
errors=said

# faulty CHIP PLAN [SEED]: a new virtual chip that this befalls, on a TCP port.
faulty() {
	rm -f chip.bin said
	emulate "$1" tcp:127.0.0.1:0 --size 1M --fault "$2" --seed "${3:-0}"
}

# injected TEXT: it ended, and said so.
injected() {
	stop
	grep -q -e "$1" said || fail "the emulator does not say: $1 ($(cat said))"
}

# Impossible plans, with the reason.
there='--chip esp32 --flash chip.bin --size 1M --listen tcp:127.0.0.1:0'
expect 2 emulate $there --fault nonsense=op:1
[ "$(wc -l <err)" = 1 ] || fail 'reports on a plan that is none'
expect 2 emulate $there --fault cut=out:1
expect 2 emulate $there --fault drop=op:1
expect 2 emulate $there --fault cut=op:0
expect 2 emulate $there --fault drop=in:1:inside
expect 2 emulate $there --fault cut=op:1 --seed x
rm -f chip.bin

# Power fails before, inside and after an operation, of several kinds and on several chips.
for cut in esp32:op:3:before esp32s2:op:40:inside esp8266:op:5:inside esp32:op:100:after; do
	chip=${cut%%:*}
	faulty "$chip" "cut=${cut#*:}" 7
	expect 4 -p "$url" --chip "$chip" write-flash 0x10000 a.bin
	says 'may have changed'
	cp chip.bin cut.bin
	expect 0 -p "$url" --chip "$chip" write-flash 0x10000 a.bin
	same chip.bin wanted.bin
	injected "^emulate --fault cut=${cut#*:} --seed 7: .* injected: cut 1\$"
	grep -q '^fault: power cut in flash operation' said || fail 'no word about the cut'
	# And once more: to the bit the same.
	faulty "$chip" "cut=${cut#*:}" 7
	expect 4 -p "$url" --chip "$chip" write-flash 0x10000 a.bin
	same chip.bin cut.bin
	stop
done
faulty esp32s2 cut=op:40:inside 8
expect 4 -p "$url" --chip esp32s2 write-flash 0x10000 a.bin
cp blank.bin cut2.bin
cmp -s chip.bin cut.bin && fail 'another seed, the same cut'
stop

# Programs that lie are found by the chip itself or by the digest, and mended by doing it again.
faulty esp32 lie=op:60
"$FARFLASH" -p "$url" write-flash 0x10000 a.bin >out 2>err
expect 0 -p "$url" write-flash 0x10000 a.bin
same chip.bin wanted.bin
injected 'injected: lie 1'

# A worn-out sector is never right: the ROM reads back what it has programmed, and the digest differs.
faulty esp32 worn=op:60
expect 7 -p "$url" write-flash 0x10000 a.bin
says 'worn out'
expect 7 -p "$url" write-flash 0x10000 a.bin
injected 'injected: worn 1'

# Single bytes lost, changed, doubled, late and stale, each way: overcome, or told and then overcome.
for plan in drop=out:900 flip=out:30000 double=out:20000 drop=in:400 flip=in:500 stale=in:300 \
	delay=in:450 stale=out:5000; do
	faulty esp32 "$plan" 3
	"$FARFLASH" -p "$url" write-flash 0x10000 a.bin >out 2>err
	code=$?
	case $code in 0 | 4 | 5 | 6 | 7) ;; *) fail "$plan: exit code $code" ;; esac
	[ $code = 0 ] || expect 0 -p "$url" write-flash 0x10000 a.bin
	same chip.bin wanted.bin
	injected "injected: ${plan%=*} 1"
done

# The port is pulled, the chip is reset.
faulty esp32 vanish=out:20000
expect 4 -p "$url" write-flash 0x10000 a.bin
expect 0 -p "$url" write-flash 0x10000 a.bin
same chip.bin wanted.bin
injected 'injected: vanish 1'
faulty esp32 reset=out:20000
"$FARFLASH" -p "$url" write-flash 0x10000 a.bin >out 2>err
expect 0 -p "$url" write-flash 0x10000 a.bin
same chip.bin wanted.bin
injected 'injected: reset 1'

# On a pseudo terminal a client hears nothing any more; the next one finds the power on.
rm -f chip.bin said
emulate esp32 "pty:$work/p" --size 1M --fault cut=op:20
expect 4 -p "$url" --connect-attempts 1 write-flash 0x10000 a.bin
expect 0 -p "$url" write-flash 0x10000 a.bin
same chip.bin wanted.bin
injected 'injected: cut 1'

# The flash alone: a file as a NOR part.
cp blank.bin chip.bin
for plan in 'nonsense' 'fault=cut' 'fault=cut=op:1&seed=x' 'fault=cut=op:1&sized=1M'; do
	expect 2 -p "nor:chip.bin?$plan" flash-id
done
same chip.bin blank.bin
for where in before inside after; do
	cp blank.bin chip.bin
	step="nor: cut $where"
	"$FARFLASH" -p "nor:chip.bin?fault=cut=op:30:$where&seed=5" write-flash 0x10000 a.bin >out 2>err
	code=$?
	case $code in 4 | 5 | 6 | 7) ;; *) fail "exit code $code" ;; esac
	says 'may have changed'
	says 'fault=cut=op:30.*injected: cut 1$'
	expect 0 -p nor:chip.bin write-flash 0x10000 a.bin
	same chip.bin wanted.bin
done
cp blank.bin chip.bin
"$FARFLASH" -p 'nor:chip.bin?seed=5&fault=stuck=op:30' write-flash 0x10000 a.bin >out 2>err
says 'may have changed'
expect 0 -p nor:chip.bin write-flash 0x10000 a.bin
same chip.bin wanted.bin
