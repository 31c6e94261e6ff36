/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hostile supervisor: whatever it answers and writes into the window, every call of its remote
 * ends in bounded time, nothing is written beyond the caller's buffers, and the record of a failure
 * names nothing that the call was not about.
 */
#include <stdbool.h>
#include <stdlib.h>

#include "device/mailbox/mailbox.h"
#include "sim/clock/clock.h"
#include "test/fuzz/input.h"

enum { SLOTS = 8, WINDOW = 256, TIMEOUT = 60 };

static struct fuzz_input in;
static struct far_sim_clock the_clock;
static uint32_t region[FAR_MAILBOX_REGION_SIZE(SLOTS) / 4], window[WINDOW / 4];
static struct far_mailbox mailbox, peer;
static struct far_mailbox_flash far_away;
static uint32_t asked[5]; /* fragment head, and the last request */
static unsigned waits;

static void ring(struct far_doorbell *d)
{
	(void)d;
}

static void see_requests(void)
{
	uint32_t w[FAR_MAILBOX_DATA_MAX / 4];

	while (far_mailbox_receive(&peer, 2, w, sizeof(w), 0) >= 0)
		if (w[0] & 0x10000)
			memcpy(asked, w, sizeof(asked));
}

static void send(uint32_t *w, size_t len)
{
	far_mailbox_send(&peer, 2, w, len, 0);
}

/* To INFO something that passes for a flash, or nearly. */
static void tell_info(uint8_t what)
{
	uint32_t w[15] = { 56 | 0x10000, asked[1], 0,   0, 0,      0x8000, 0x100, 4,
			   0x70fff,      64,       256, 0, 0x8000, 7,      1 };

	w[8] = 0xff | (uint32_t)(what & 15) << 8 | FAR_SERVICE_VERSION << 16;
	if (what & 16)
		w[5 + fuzz_byte(&in) % 10] = fuzz_word(&in);
	if (what & 32)
		w[10] = 0;
	send(w, 4 * 15);
}

/* A reply to the last request, done or failed, with some data that may be what was asked for. */
static void tell(uint8_t what)
{
	uint32_t w[FAR_MAILBOX_DATA_MAX / 4], len = fuzz_byte(&in) & 63, left;

	w[1] = asked[1] | (what & 3) / 3;
	if (what & 4) /* of a read through the window, or of what has no data */
		len = 0;
	if (what & 8)
		len = asked[3] & 0xff;
	w[2] = fuzz_byte(&in);
	w[3] = (what & 3) == 1 ? fuzz_byte(&in) & 31 : asked[3];
	if ((what & 3) == 3)
		w[1] ^= fuzz_byte(&in) & 63;
	left = FAR_SERVICE_REPLY + len;
	memset(w + 4, 0, sizeof(w) - 16);
	w[0] = left | 0x10000;
	fuzz_bytes(&in, w + 5, len < 44 ? len : 44);
	send(w, 4 + (left < 60 ? left : 60));
	while (left > 60) {
		left -= 60;
		w[0] = left;
		send(w, 4 + (left < 60 ? left : 60));
	}
}

static int peer_acts(struct far_doorbell *d, uint32_t timeout_ms)
{
	uint8_t what = fuzz_byte(&in), raw[FAR_MAILBOX_DATA_MAX];

	(void)d;
	FUZZ_ASSERT(++waits < 100000);
	if (in.left == 0 && what == 0) {
		the_clock.clock.ops->sleep_ms(&the_clock.clock, timeout_ms);
		return FAR_OK;
	}
	see_requests();
	switch (what >> 6) {
	case 0:
		if ((asked[1] >> 8 & 0xff) == FAR_SERVICE_INFO)
			tell_info(what);
		else
			tell(what);
		break;
	case 1:
		tell(what);
		break;
	case 2:
		far_mailbox_send(&peer, 2, raw, fuzz_bytes(&in, raw, what & 63), 0);
		break;
	default:
		if (what & 1)
			fuzz_bytes(&in, window, WINDOW);
		else if (what & 2)
			region[fuzz_byte(&in) % (sizeof(region) / 4)] = fuzz_word(&in);
		else if (what == 0xfc)
			return FAR_ERR_CANCELLED;
	}
	return FAR_OK;
}

static void start(void)
{
	static const struct far_doorbell_ops ops = { .ring = ring, .wait = peer_acts };
	static struct far_doorbell bell = { &ops };
	struct far_mailbox_config config = { .region = region,
					     .region_size = sizeof(region),
					     .slots = SLOTS,
					     .doorbell = &bell,
					     .clock = &the_clock.clock };

	memset(region, 0, sizeof(region));
	memset(asked, 0, sizeof(asked));
	waits = 0;
	far_sim_clock_init(&the_clock);
	FUZZ_ASSERT(far_mailbox_init(&peer, &config) == FAR_OK);
	config.side = 1;
	FUZZ_ASSERT(far_mailbox_init(&mailbox, &config) == FAR_OK);
	for (unsigned i = 0; i < 3; i++) {
		far_mailbox_poll(&peer, 0);
		far_mailbox_poll(&mailbox, 0);
	}
}

/* What is recorded is about [addr, addr + len), or nothing. */
static void recorded(int rc, uint32_t addr, uint32_t len)
{
	const struct far_flash_fault *t = &far_away.flash.fault;

	FUZZ_ASSERT(t->err == rc && rc <= 0 && rc > -64);
	FUZZ_ASSERT(rc != FAR_OK || t->touched_len == 0);
	if (t->touched_len > 0)
		FUZZ_ASSERT(t->touched_addr >= addr && t->touched_addr - addr <= len &&
			    t->touched_len <= len - (t->touched_addr - addr));
}

/* Into memory of its own length, so that the sanitizer sees a byte beyond. */
static void read_some(uint32_t len)
{
	uint8_t *buf = malloc(len);

	FUZZ_ASSERT(buf != NULL);
	recorded(far_flash_read(&far_away.flash, 3, buf, len), 3, 0);
	free(buf);
}

static void digest_some(uint32_t len)
{
	uint8_t *md5 = malloc(FAR_MD5_LEN);

	FUZZ_ASSERT(md5 != NULL);
	recorded(far_flash_digest(&far_away.flash, 0, len, md5), 0, 0);
	free(md5);
}

static void replace(uint32_t sector)
{
	static const uint8_t data[200];
	int rc = far_flash_replace_begin(&far_away.flash, sector, sizeof(data), 0);

	if (rc == FAR_OK)
		rc = far_flash_replace_write(&far_away.flash, data, sizeof(data));
	if (rc == FAR_OK)
		rc = far_flash_replace_end(&far_away.flash);
	recorded(rc, sector, (uint32_t)(sizeof(data) + sector - 1) & ~(sector - 1));
}

static void calls(void)
{
	static const uint8_t data[320];
	struct far_flash *f = &far_away.flash;
	uint32_t sector = f->info.sector_size;

	FUZZ_ASSERT(f->info.size >= sector && f->info.write_block <= 32);
	if (f->info.size < 0x1000)
		return;
	if (f->info.caps & FAR_FLASH_CAN_READ) {
		read_some(400);
		digest_some(700);
	}
	recorded(far_flash_write(f, 64, data, sizeof(data)), 64, sizeof(data));
	recorded(far_flash_erase(f, 0, sector), 0, sector);
	if (sector <= f->info.size / 2 && sector >= 0x100)
		replace(sector);
	recorded(far_flash_sync(f), 0, f->info.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct far_mailbox_flash_config config = { .mailbox = &mailbox,
						   .clock = &the_clock.clock,
						   .timeout_ms = TIMEOUT };
	uint8_t how;
	int rc;

	in = (struct fuzz_input){ data, len };
	how = fuzz_byte(&in);
	if (how & 1) {
		config.window = window;
		config.window_len = WINDOW;
	}
	start();
	rc = far_mailbox_flash_open(&far_away, &config);
	recorded(rc, 0, 0);
	if (rc == FAR_OK)
		calls();
	/*
	 * Each wait is a byte of input, or time passes: 10 ms, and TIMEOUT without progress is the
	 * end.
	 */
	FUZZ_ASSERT(the_clock.now_ns / 1000000 < (len + 20) * 2ull * TIMEOUT);
	return 0;
}
