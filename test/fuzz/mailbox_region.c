/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A peer that writes anything anywhere in the shared region between calls: every call ends, lengths
 * stay in bounds, and once the peer behaves a session comes up again.
 */
#include "farflash/mailbox.h"
#include "sim/clock/clock.h"
#include "test/fuzz/input.h"

#define SLOTS 4u

static uint32_t region[FAR_MAILBOX_REGION_SIZE(SLOTS) / 4];
static struct far_sim_clock the_clock;

static void ring(struct far_doorbell *d)
{
	(void)d;
}

static void on_message(struct far_mailbox *m, void *user, uint32_t channel, const void *data,
		       size_t len)
{
	(void)m, (void)user, (void)data;
	FUZZ_ASSERT(channel < FAR_MAILBOX_CHANNELS && len <= FAR_MAILBOX_DATA_MAX);
}

static void start(struct far_mailbox *m, uint32_t side, struct far_doorbell *bell)
{
	const struct far_mailbox_config config = { .region = region,
						   .region_size = sizeof(region),
						   .side = side,
						   .slots = SLOTS,
						   .reserved = true,
						   .doorbell = bell,
						   .clock = &the_clock.clock };

	FUZZ_ASSERT(far_mailbox_init(m, &config) == FAR_OK);
}

static void act(struct far_mailbox *m, struct fuzz_input *in)
{
	uint8_t what = fuzz_byte(in), buf[FAR_MAILBOX_DATA_MAX] = { 0 };
	uint32_t channel = what >> 4 & 3;
	int n;

	switch (what & 7) {
	case 0:
		n = far_mailbox_receive(m, channel, buf, sizeof(buf), what >> 7);
		FUZZ_ASSERT(n <= (int)FAR_MAILBOX_DATA_MAX);
		break;
	case 1:
		far_mailbox_send(m, channel, buf, fuzz_byte(in) % 70u, what >> 7);
		break;
	case 2:
		far_mailbox_register_callback(m, channel, what & 8 ? on_message : NULL, NULL);
		break;
	case 3:
		far_mailbox_heartbeat(m, 100);
		break;
	case 4:
		far_mailbox_set_enabled(m, what & 8);
		break;
	default:
		FUZZ_ASSERT(far_mailbox_poll(m, what >> 7) <= 64);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct far_doorbell_ops ops = { .ring = ring };
	struct far_doorbell bell = { &ops };
	struct fuzz_input in = { data, len };
	struct far_mailbox m, peer;

	far_sim_clock_init(&the_clock);
	memset(region, 0, sizeof(region));
	start(&m, 0, &bell);
	start(&peer, 1, &bell);
	far_mailbox_poll(&m, 0);
	far_mailbox_poll(&peer, 0);
	far_mailbox_poll(&m, 0);
	while (in.left > 0) {
		uint8_t what = fuzz_byte(&in);

		if (what & 1)
			region[fuzz_byte(&in) * 5u % (sizeof(region) / 4)] = fuzz_word(&in);
		else if (what & 2)
			region[(what >> 2) % 32u + sizeof(region) / 8] ^= 1u
									  << (fuzz_byte(&in) & 31);
		else
			act(what & 4 ? &peer : &m, &in);
	}
	/* Both begin anew: whatever stands there, a session comes up. */
	start(&peer, 1, &bell);
	for (unsigned i = 0; i < 8; i++) {
		far_mailbox_poll(&m, 0);
		far_mailbox_poll(&peer, 0);
	}
	FUZZ_ASSERT(far_mailbox_session(&m) != 0);
	FUZZ_ASSERT(far_mailbox_session(&m) == far_mailbox_session(&peer));
	return 0;
}
