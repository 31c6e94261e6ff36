/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hostile chip: whatever it answers, a session ends within bounded time and traffic, and never
 * says that it has verified what it cannot have. Half of the inputs are frames with plausible
 * heads, answers to the last request.
 */
#include "device/esp/esp.h"
#include "sim/clock/clock.h"
#include "test/fuzz/input.h"

static struct fuzz_input in;
static struct far_sim_clock the_clock;
static uint8_t last_op, framed;
static unsigned calls;

/* Bytes as they are, or put into a reply to the last request. */
static int answer(struct far_stream *s, uint8_t *buf, size_t cap, uint32_t timeout_ms)
{
	uint8_t n = fuzz_byte(&in);
	size_t len = 0;

	(void)s;
	FUZZ_ASSERT(++calls < 200000);
	if (n == 0 || in.left == 0) {
		far_sim_clock_advance_to(&the_clock, the_clock.now_ns + timeout_ms * 1000000ull);
		return 0;
	}
	far_sim_clock_advance_to(&the_clock, the_clock.now_ns + 1000000);
	if (framed && cap >= 24) {
		const uint8_t head[] = { 0xc0, 1, last_op, n & 0x1f, 0 };

		memcpy(buf, head, sizeof(head));
		len = sizeof(head) + fuzz_bytes(&in, buf + sizeof(head), 4u + (n & 0xf));
		buf[len++] = 0xc0;
		return (int)len;
	}
	len = fuzz_bytes(&in, buf, n < cap ? n : cap);
	return (int)len;
}

static int listen(struct far_stream *s, const uint8_t *buf, size_t len)
{
	(void)s;
	FUZZ_ASSERT(++calls < 200000);
	if (len >= 3 && buf[0] == 0)
		last_op = buf[1];
	return FAR_OK;
}

static int drained(struct far_stream *s)
{
	(void)s;
	return FAR_OK;
}

static int set_baud(struct far_stream *s, uint32_t baud)
{
	s->baud = baud;
	return FAR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct far_stream_ops ops = { answer, listen, drained, set_baud, NULL };
	static uint8_t block[FAR_ESP_BLOCK_MAX];
	struct far_stream stream = { &ops, 115200 };
	const struct far_esp_config config = { .stream = &stream,
					       .clock = &the_clock.clock,
					       .block = block,
					       .block_len = sizeof(block),
					       .connect_attempts = 2 };
	struct far_esp esp;
	uint8_t buf[300], mac[6], md5[FAR_MD5_LEN];

	in = (struct fuzz_input){ data, len };
	framed = fuzz_byte(&in) & 1;
	calls = 0;
	far_sim_clock_init(&the_clock);
	FUZZ_ASSERT(far_esp_init(&esp, &config) == FAR_OK);
	if (far_esp_connect(&esp) != FAR_OK)
		return 0;
	if (esp.flash.info.size == 0)
		far_esp_set_flash_size(&esp, 0x400000);
	far_esp_set_baud(&esp, 460800);
	far_esp_read_mac(&esp, mac);
	far_flash_digest(&esp.flash, 0, 4096, md5);
	far_flash_read(&esp.flash, 100, buf, sizeof(buf));
	if (far_flash_replace_begin(&esp.flash, 0x1000, sizeof(buf), 0) == FAR_OK &&
	    far_flash_replace_write(&esp.flash, buf, sizeof(buf)) == FAR_OK)
		far_flash_replace_end(&esp.flash);
	far_flash_erase(&esp.flash, 0x2000, 0x1000);
	far_esp_leave(&esp);
	FUZZ_ASSERT(the_clock.now_ns < 4000ull * 1000000000u);
	return 0;
}
