#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ipm_esp32 on two cores: its console to the letter, its exit code, and the same again to the byte.
# Usage: ipm_esp32.sh SOURCE_FOLDER IMAGE_FOLDER
set -u
. "$1/test/target/lib.sh"

run() # run ROUNDS FILE
{
	("$board" "$images" ipm_esp32_pro ipm_esp32_app rounds="$1" </dev/null >"$2" 2>err)
	is $? 0 "$1 rounds: $(cat err "$2")"
}

echo 'seven rounds'
run 7 out
for round in 1 2 3 4 5 6 7; do
	printf 'PRO_CPU is sending a fake request, waiting remote response...\r\n'
	printf 'PRO_CPU received a message from APP_CPU : APP_CPU: This is a response\r\n'
done >expected
cmp expected out || fail "not the sample's output: $(cat out)"

echo 'again, and again'
for i in 1 2; do
	run 7 again
	cmp out again || fail 'another run, another output'
done

[ $board != mps2_an521 ] || {
	echo 'who waits is rung without an interrupt'
	("$board" "$images" ipm_esp32_pro ipm_esp32_app rounds=50 -d int -D int.log \
		</dev/null >out 2>err)
	is $? 0 "50 rounds: $(cat err out)"
	grep -q 'exception 15$' int.log || fail 'no interrupt at all, not even a tick'
	rung=$(grep -c 'exception 22$' int.log) # 16 + MHU0's
	[ "$rung" -lt 10 ] || fail "$rung interrupts by doorbells in 50 rounds"
}

echo 'a peer that never appears'
("$board" "$images" ipm_esp32_pro test_silent patience=300 rounds=1 </dev/null >out 2>err)
is $? 3 "pro alone: $(cat out)"
grep -q 'APP_CPU has not appeared: waited for 300 ms' out || fail "$(cat out)"

echo 'all is well'
