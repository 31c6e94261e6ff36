/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hostile remote: whatever it sends to the supervisor and writes into its window, the flash is
 * read, written and erased within its grants only, and the other remote is served. The flash that
 * judges has 16 sectors of 256 bytes; the first byte of an input chooses what it can do and what is
 * granted.
 */
#include <stdbool.h>

#include "core/emulate.h"
#include "device/mailbox/mailbox.h"
#include "service/supervisor/supervisor.h"
#include "sim/clock/clock.h"
#include "test/fuzz/input.h"

enum { SIZE = 0x1000, SECTOR = 0x100, SLOTS = 8, DATA_MAX = 64, WINDOW = 256 };

struct side {
	uint32_t region[FAR_MAILBOX_REGION_SIZE(SLOTS) / 4];
	struct far_mailbox owner, mailbox;
	struct far_supervisor_remote remote;
	uint32_t queue[FAR_SUPERVISOR_BUF(DATA_MAX) / 4];
	struct far_supervisor_grant grants[3];
	uint32_t window[WINDOW / 4];
};

static struct side sides[2]; /* 0 is hostile, 1 is good */
static struct far_supervisor supervisor;
static struct far_sim_clock the_clock;
static struct far_flash flash;
static uint8_t cells[SIZE], was[SIZE];
static uint32_t stream_left;
static bool good_works;

/* ---- the flash ------------------------------------------------------------------------------- */

/* Whose request this is cannot be seen here: the good one's own work is let through. */
static void must_be_granted(uint32_t rights, uint32_t addr, uint32_t len)
{
	bool granted = good_works || len == 0; /* the digest of nothing is no secret */

	FUZZ_ASSERT(addr <= SIZE && len <= SIZE - addr);
	for (unsigned i = 0; i < 3; i++) {
		const struct far_supervisor_grant *g = &sides[0].grants[i];

		granted |= (g->rights & rights) == rights && addr >= g->addr &&
			   addr + len <= g->addr + g->len;
	}
	FUZZ_ASSERT(granted);
}

static int flash_read(struct far_flash *f, uint32_t addr, uint8_t *buf, uint32_t len)
{
	(void)f;
	must_be_granted(FAR_SERVICE_MAY_READ, addr, len);
	memcpy(buf, cells + addr, len);
	return FAR_OK;
}

static int flash_write(struct far_flash *f, uint32_t addr, const uint8_t *buf, uint32_t len)
{
	(void)f;
	must_be_granted(FAR_SERVICE_MAY_WRITE, addr, len);
	for (uint32_t i = 0; i < len; i++)
		cells[addr + i] &= buf[i];
	return FAR_OK;
}

static int flash_erase(struct far_flash *f, uint32_t addr, uint32_t len)
{
	(void)f;
	must_be_granted(FAR_SERVICE_MAY_ERASE, addr, len);
	memset(cells + addr, 0xff, len);
	return FAR_OK;
}

static int flash_digest(struct far_flash *f, uint32_t addr, uint32_t len, uint8_t md5[FAR_MD5_LEN])
{
	(void)f;
	must_be_granted(FAR_SERVICE_MAY_READ, addr, len);
	memset(md5, 0, FAR_MD5_LEN);
	return FAR_OK;
}

/* A native stream: its range is all that counts, and a deflated one may reach anywhere. */
static int flash_begin(struct far_flash *f, uint32_t addr, uint32_t len, uint32_t stream_len)
{
	uint32_t whole = (len + SECTOR - 1) & ~(SECTOR - 1u);

	(void)f;
	must_be_granted(FAR_SERVICE_MAY_WRITE | FAR_SERVICE_MAY_ERASE, addr, whole);
	if (stream_len != 0)
		must_be_granted(FAR_SERVICE_MAY_WRITE | FAR_SERVICE_MAY_ERASE, 0, SIZE);
	stream_left = stream_len != 0 ? stream_len : len;
	return FAR_OK;
}

static int flash_stream(struct far_flash *f, const uint8_t *data, uint32_t len)
{
	uint8_t copy[DATA_MAX];

	(void)f;
	FUZZ_ASSERT(len > 0 && len <= stream_left && len <= DATA_MAX);
	memcpy(copy, data, len); /* readable, or the sanitizer tells */
	stream_left -= len;
	return FAR_OK;
}

static int flash_end(struct far_flash *f)
{
	(void)f;
	FUZZ_ASSERT(stream_left == 0);
	return FAR_OK;
}

static void flash_open(bool native)
{
	static const struct far_flash_ops plain = { flash_read,
						    flash_write,
						    flash_erase,
						    far_flash_emulate_digest,
						    far_flash_emulate_begin,
						    far_flash_emulate_write,
						    far_flash_emulate_end,
						    NULL };
	static const struct far_flash_ops able = { flash_read,   flash_write, flash_erase,
						   flash_digest, flash_begin, flash_stream,
						   flash_end,    NULL };

	memset(&flash, 0, sizeof(flash));
	flash.ops = native ? &able : &plain;
	flash.info = (struct far_flash_info){ SIZE, SECTOR, 4, 0xff, FAR_FLASH_CAN_READ };
	if (native)
		flash.info.caps = FAR_FLASH_CAN_READ | FAR_FLASH_CAN_DIGEST |
				  FAR_FLASH_CAN_REPLACE | FAR_FLASH_CAN_DEFLATE;
	memset(cells, 0x5a, SIZE);
	memcpy(was, cells, SIZE);
}

/* ---- the world ------------------------------------------------------------------------------- */

static void ring(struct far_doorbell *d)
{
	(void)d;
}

static int bell_wait(struct far_doorbell *d, uint32_t timeout_ms)
{
	(void)d;
	if (!far_supervisor_step(&supervisor))
		the_clock.clock.ops->sleep_ms(&the_clock.clock, timeout_ms);
	return FAR_OK;
}

static const struct far_doorbell_ops bell_ops = { .ring = ring, .wait = bell_wait };
static struct far_doorbell bell = { &bell_ops };

static void mailbox(struct side *s, struct far_mailbox *m, uint32_t side)
{
	const struct far_mailbox_config config = { .region = s->region,
						   .region_size = sizeof(s->region),
						   .side = side,
						   .slots = SLOTS,
						   .doorbell = &bell,
						   .clock = &the_clock.clock };

	FUZZ_ASSERT(far_mailbox_init(m, &config) == FAR_OK);
}

static void serve(struct side *s)
{
	const struct far_supervisor_remote_config config = { .mailbox = &s->owner,
							     .grants = s->grants,
							     .grant_count = 3,
							     .buf = s->queue,
							     .data_max = DATA_MAX,
							     .window = s->window,
							     .window_len = WINDOW };

	memset(s->region, 0, sizeof(s->region));
	mailbox(s, &s->owner, 0);
	mailbox(s, &s->mailbox, 1);
	FUZZ_ASSERT(far_supervisor_add_remote(&supervisor, &s->remote, &config) == FAR_OK);
}

static void start(uint8_t how)
{
	const struct far_supervisor_config config = { .flash = &flash,
						      .clock = &the_clock.clock,
						      .ops = far_supervisor_all };

	far_sim_clock_init(&the_clock);
	flash_open(how & 1);
	FUZZ_ASSERT(far_supervisor_init(&supervisor, &config) == FAR_OK);
	sides[0].grants[0] = (struct far_supervisor_grant){ 0x200, 0x200, 1 };
	sides[0].grants[1] = (struct far_supervisor_grant){ 0x400, 0x400, 7 };
	sides[0].grants[2] = (struct far_supervisor_grant){ 0x880, 0x80, 2 };
	if (how & 2)
		sides[0].grants[2] = (struct far_supervisor_grant){ 0, SIZE, how & 4 ? 7 : 6 };
	sides[1].grants[0] = (struct far_supervisor_grant){ 0xf00, 0x100, 7 };
	serve(&sides[0]);
	serve(&sides[1]);
	for (unsigned i = 0; i < 3; i++) {
		far_mailbox_poll(&sides[0].mailbox, 0);
		far_supervisor_step(&supervisor);
	}
}

/* ---- the hostile one ------------------------------------------------------------------------- */

static void drain(void)
{
	uint32_t words[FAR_MAILBOX_DATA_MAX / 4];

	while (far_mailbox_receive(&sides[0].mailbox, 2, words, sizeof(words), 0) >= 0)
		;
}

/* A number that is likely to mean something: a place in the flash, or near its edges. */
static uint32_t number(struct fuzz_input *in)
{
	uint8_t how = fuzz_byte(in), low = fuzz_byte(in);

	if (how < 0x60)
		return (uint32_t)(how & 0x1fu) * 0x80 + (low & 0xfcu);
	return how < 0xf0 ? low : 0u - low;
}

/* A request with a head that is well-formed, in one fragment. */
static void request(struct fuzz_input *in)
{
	uint32_t w[FAR_MAILBOX_DATA_MAX / 4], len;
	static const uint8_t ops[] = { FAR_SERVICE_INFO,         FAR_SERVICE_READ,
				       FAR_SERVICE_WRITE,        FAR_SERVICE_ERASE,
				       FAR_SERVICE_DIGEST,       FAR_SERVICE_SYNC,
				       FAR_SERVICE_READ_WINDOW,  FAR_SERVICE_BEGIN,
				       FAR_SERVICE_WRITE_WINDOW, FAR_SERVICE_STREAM,
				       FAR_SERVICE_END,          FAR_SERVICE_STREAM_WINDOW };
	uint8_t op = fuzz_byte(in), more = fuzz_byte(in);

	/* one that there is, or, with bit 0, that is nearly one */
	w[1] = (uint32_t)(more & 1 ? op : ops[op % sizeof(ops)]) << 8;
	w[1] |= (uint32_t)(more >> 6) << 16;
	w[2] = number(in);
	w[3] = number(in);
	w[4] = more & 2 ? number(in) : 0;
	len = 16 + (uint32_t)fuzz_bytes(in, w + 5, more & 4 ? w[3] % 45 : 0);
	w[0] = len | 0x10000;
	far_mailbox_send(&sides[0].mailbox, 2, w, 4 + len, 0);
}

static void act(struct fuzz_input *in)
{
	uint8_t what = fuzz_byte(in), raw[FAR_MAILBOX_DATA_MAX];

	switch (what & 7) {
	case 0:
		far_mailbox_send(&sides[0].mailbox, 2, raw, fuzz_bytes(in, raw, fuzz_byte(in) & 63),
				 0);
		break;
	case 1:
		fuzz_bytes(in, sides[0].window, what);
		break;
	case 2:
		if (what == 2)
			mailbox(&sides[0], &sides[0].mailbox, 1);
		far_mailbox_poll(&sides[0].mailbox, 0);
		break;
	case 3:
		drain();
		break;
	case 4:
	case 5:
		far_supervisor_step(&supervisor);
		break;
	default:
		request(in);
	}
}

/* The good one reads what it may, whatever the hostile one has left. */
static void other_is_served(void)
{
	struct far_mailbox_flash_config config = { .mailbox = &sides[1].mailbox,
						   .clock = &the_clock.clock,
						   .timeout_ms = 1000 };
	struct far_mailbox_flash far_away;
	uint8_t buf[40];

	for (unsigned i = 0; i < 100 && far_supervisor_step(&supervisor); i++)
		drain();
	good_works = true;
	FUZZ_ASSERT(far_mailbox_flash_open(&far_away, &config) == FAR_OK);
	FUZZ_ASSERT(far_flash_read(&far_away.flash, 0xf10, buf, sizeof(buf)) == FAR_OK);
	FUZZ_ASSERT(memcmp(buf, cells + 0xf10, sizeof(buf)) == 0);
	good_works = false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = { data, len };
	uint8_t how = fuzz_byte(&in);

	start(how);
	while (in.left > 0)
		act(&in);
	other_is_served();
	if ((how & 2) == 0) {
		FUZZ_ASSERT(memcmp(cells, was, 0x400) == 0);
		FUZZ_ASSERT(memcmp(cells + 0x900, was + 0x900, SIZE - 0x900) == 0);
	}
	return 0;
}
