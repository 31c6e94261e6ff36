# SPDX-License-Identifier: Apache-2.0
# farflash serve beside a process that writes noise over all that it shares with the server, all its
# life: the server lives, nothing outside the grants changes, the other remote is served.
. "$(dirname "$0")/lib.sh"

noise 1048576 flash.bin

# The two remotes are neighbours: whoever is off by one is seen.
serve() {
	errors=serve.log
	start "$FARFLASH" -q -p nor:flash.bin serve --no-shell \
		--mailbox wild --grant wild:rwe@0x40000+64k --mailbox good --grant good:rwe@0x50000+64k
	server=$pid
}

# unchanged: what neither may touch is what it was, and the good one's is a.bin.
unchanged() {
	head -c 262144 flash.bin >low
	head -c 262144 wanted.bin | cmp - low || fail 'before the grants'
	tail -c 655360 flash.bin >high
	tail -c 655360 wanted.bin | cmp - high || fail 'behind the grants'
	dd if=flash.bin of=back.bin bs=65536 skip=5 count=1 2>dd.log
	same back.bin a.bin
}

# wild FROM SEED: a whole life, from byte FROM of the file on.
wild() {
	start "$HELPERS/scribble" wild "$1" "$2"
	for round in 1 2 3 4; do
		noise 65536 a.bin
		expect 0 -p mailbox:good write-flash 0x50000 a.bin
		says 'verified$'
		expect 0 -p mailbox:good read-flash 0x50000 64k back.bin
		same back.bin a.bin
		expect 6 -p mailbox:good erase-region 0x40000 4k
	done
	kill -9 "$pid"
	wait "$pid" 2>/dev/null
	kill -0 "$server" || fail "the server has ended: $(cat serve.log)"
	unchanged
}

cp flash.bin wanted.bin
for seed in 1 2; do
	step="noise in all of the file, seed $seed"
	serve
	wild 0 $seed
	expect 9 -p mailbox:wild flash-id # it is no mailbox any more
	expect 0 -p mailbox:good flash-id
	pid=$server
	stop
	[ -s serve.log ] && fail "the server says: $(cat serve.log)"
	rm wild
	step="noise in all but the header, seed $seed: who comes later is served"
	serve
	wild 64 $seed
	noise 65536 b.bin
	expect 0 -p mailbox:wild write-flash 0x40000 b.bin
	expect 0 -p mailbox:wild verify-flash 0x40000 b.bin
	expect 6 -p mailbox:wild erase-region 0x50000 4k
	unchanged
	pid=$server
	stop
done
