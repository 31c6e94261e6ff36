/* SPDX-License-Identifier: Apache-2.0 */
/*
 * device/esp against a loader that says what it is told to: revisions by the fuses of each chip,
 * ids of flash parts, security information that contradicts itself, each way to refuse a block.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "device/esp/esp.h"
#include "test/common/told_rom.h"

enum {
	FLASH_BEGIN = 0x02,
	FLASH_DATA = 0x03,
	SYNC = 0x08,
	READ_REG = 0x0a,
	READ_SLOW = 0x0e,
	SECURITY = 0x14,
	INVALID = 0x05,
	NEVER = 1000
};

/* A chip as its loader shows it. fuses: the words from the one on that the MAC begins in. */
struct chip {
	enum far_esp_chip chip;
	uint32_t id, magic, fuses_at, w0_at;
};

static const struct chip esp8266 = { FAR_ESP_8266, 0, 0xfff0c101, 0x3ff00050, 0x60000240 };
static const struct chip esp32 = { FAR_ESP_32, 0, 0x00f01d83, 0x3ff5a004, 0x3ff42080 };
static const struct chip esp32s2 = { FAR_ESP_32S2, 2, 0x000007c6, 0x3f41a044, 0x3f402058 };
static const struct chip esp32s3 = { FAR_ESP_32S3, 9, 9, 0x60007044, 0x60002058 };
static const struct chip esp32c2 = { FAR_ESP_32C2, 12, 0, 0x60008840, 0x60002058 };
static const struct chip esp32c3 = { FAR_ESP_32C3, 5, 0, 0x60008844, 0x60002058 };
static const struct chip esp32c5 = { FAR_ESP_32C5, 23, 0, 0x600b4844, 0x60003058 };
static const struct chip esp32c6 = { FAR_ESP_32C6, 13, 0, 0x600b0844, 0x60003058 };
static const struct chip esp32h2 = { FAR_ESP_32H2, 16, 0, 0x600b0844, 0x60003058 };
static const struct chip esp32p4 = { FAR_ESP_32P4, 18, 0, 0x5012d044, 0x5008d058 };

struct world {
	struct told_rom rom;
	struct chip chip;
	struct far_esp esp;
	struct far_esp_config config;
	uint8_t block[FAR_ESP_BLOCK_MAX];

	uint32_t fuses[11], date, flash_id, flags;
	uint8_t crypt[8]; /* the counter that the nth question is told; the last one from then on */
	unsigned crypts;
	unsigned fuse_reads, fail_fuse; /* the reading of a fuse with this number is refused */
	unsigned mute_from; /* security questions from this number on are not answered */

	uint8_t data[8];     /* the nth FLASH_DATA: an error byte; 0: done, 0xff: silence */
	bool small_only;     /* blocks above 0x400 are refused */
	uint32_t block_size; /* as the last FLASH_BEGIN had it */
	uint32_t sequence[8];
	uint32_t word; /* what the flash holds, wherever it is read */
	bool blind;    /* reading it is refused */
};

static uint32_t le32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put_le32(uint8_t *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static void refuse(struct told_reply *r, uint8_t error)
{
	r->silent = error == 0xff;
	r->status = error != 0;
	r->error = error;
	r->len = error != 0 ? 0 : r->len;
}

static void read_reg(struct world *w, uint32_t addr, struct told_reply *r)
{
	uint32_t index = (addr - w->chip.fuses_at) / 4;

	r->value = 0;
	if (addr == 0x40001000)
		r->value = w->chip.magic;
	else if (addr == 0x3ff6607c)
		r->value = w->date;
	else if (addr == w->chip.w0_at && w->blind)
		refuse(r, INVALID);
	else if (addr == w->chip.w0_at)
		r->value = w->rom.count[FLASH_DATA] > 0 ? w->word : w->flash_id;
	else if (index < 11 && ++w->fuse_reads >= w->fail_fuse && w->fail_fuse > 0)
		refuse(r, 6);
	else if (index < 11)
		r->value = w->fuses[index];
}

static void security(struct world *w, unsigned count, struct told_reply *r)
{
	if (w->chip.id == 0) {
		refuse(r, INVALID);
		return;
	}
	r->silent = w->mute_from > 0 && count >= w->mute_from;
	r->len = w->chip.chip == FAR_ESP_32S2 ? 12 : 20;
	put_le32(r->payload, w->flags);
	r->payload[4] = w->crypt[count <= w->crypts ? count - 1 : w->crypts - (w->crypts > 0)];
	memset(r->payload + 5, 7, 7);
	put_le32(r->payload + 12, w->chip.id);
	put_le32(r->payload + 16, 3);
}

static void answer(struct told_rom *rom, uint8_t op, const uint8_t *data, size_t len,
		   unsigned count, struct told_reply *r)
{
	struct world *w = rom->ctx;

	switch (op) {
	case READ_REG:
		read_reg(w, le32(data), r);
		break;
	case SECURITY:
		security(w, count, r);
		break;
	case FLASH_BEGIN:
		w->block_size = le32(data + 8);
		refuse(r, w->small_only && w->block_size > 0x400 ? INVALID : 0);
		break;
	case FLASH_DATA:
		assert_true(len > 16);
		w->sequence[count < 8 ? count : 7] = le32(data + 4);
		refuse(r, w->data[count < 8 ? count : 7]);
		break;
	default:
		break;
	}
}

static void open_world(struct world *w, const struct chip *chip)
{
	memset(w, 0, sizeof(*w));
	told_open(&w->rom);
	w->rom.answer = answer;
	w->rom.ctx = w;
	w->chip = *chip;
	w->flash_id = 0x1640ef;
	if (chip->chip == FAR_ESP_8266)
		w->rom.status_len = 2;
	w->config = (struct far_esp_config){ .stream = &w->rom.stream,
					     .clock = &w->rom.clock.clock,
					     .block = w->block,
					     .block_len = sizeof(w->block),
					     .no_reset = 1,
					     .connect_attempts = 1 };
	assert_int_equal(far_esp_init(&w->esp, &w->config), FAR_OK);
}

static void connect_to(struct world *w, const struct chip *chip)
{
	open_world(w, chip);
	assert_int_equal(far_esp_connect(&w->esp), FAR_OK);
	assert_int_equal(w->esp.chip, chip->chip);
}

/* ---- revisions ------------------------------------------------------------------------------- */

struct fuse {
	uint8_t word, shift;
	uint32_t value;
};

static uint32_t revision(const struct chip *chip, const struct fuse fuses[4], uint32_t date)
{
	struct world w;
	uint32_t found = NEVER;

	connect_to(&w, chip);
	for (unsigned i = 0; i < 4; i++)
		w.fuses[fuses[i].word] |= fuses[i].value << fuses[i].shift;
	w.date = date;
	assert_int_equal(far_esp_read_revision(&w.esp, &found), FAR_OK);
	return found;
}

#define REVISION(chip, date, ...) revision(&(chip), (const struct fuse[4]){ __VA_ARGS__ }, date)

static void test_revision_of_an_esp32(void **state)
{
	(void)state;
	assert_int_equal(REVISION(esp32, 0, { 0, 0, 0 }), 0);
	assert_int_equal(REVISION(esp32, 1u << 31, { 4, 20, 1 }), 0);
	assert_int_equal(REVISION(esp32, 0, { 2, 15, 1 }), 100);
	assert_int_equal(REVISION(esp32, 1u << 31, { 2, 15, 1 }), 100);
	assert_int_equal(REVISION(esp32, 0, { 2, 15, 1 }, { 4, 20, 1 }, { 4, 24, 2 }), 202);
	assert_int_equal(REVISION(esp32, 1u << 31, { 2, 15, 1 }, { 4, 20, 1 }, { 4, 24, 1 }), 301);
}

static void test_revisions_of_the_others(void **state)
{
	(void)state;
	assert_int_equal(REVISION(esp8266, 0, { 2, 15, 1 }), 0);
	assert_int_equal(REVISION(esp32s2, 0, { 3, 18, 1 }, { 4, 4, 2 }), 102);
	assert_int_equal(REVISION(esp32s2, 0, { 3, 18, 1 }, { 4, 4, 1 }, { 3, 20, 1 }), 109);
	assert_int_equal(REVISION(esp32c2, 0, { 1, 20, 2 }, { 1, 16, 4 }), 204);
	assert_int_equal(REVISION(esp32c3, 0, { 3, 18, 4 }), 4);
	assert_int_equal(REVISION(esp32c3, 0, { 5, 24, 1 }, { 5, 23, 1 }, { 3, 18, 3 }), 111);
	assert_int_equal(REVISION(esp32c5, 0, { 2, 4, 1 }, { 2, 0, 9 }), 109);
	assert_int_equal(REVISION(esp32c6, 0, { 3, 22, 1 }, { 3, 18, 2 }), 102);
	assert_int_equal(REVISION(esp32h2, 0, { 3, 21, 1 }, { 3, 18, 2 }), 102);
	assert_int_equal(REVISION(esp32p4, 0, { 2, 4, 3 }, { 2, 0, 1 }), 301);
	assert_int_equal(REVISION(esp32p4, 0, { 2, 23, 1 }, { 2, 4, 1 }, { 2, 0, 5 }), 505);
}

/* The first ones' fuses read as 1.0 and more; only all three signs together say that they are. */
static void test_the_first_esp32s3(void **state)
{
	(void)state;
	assert_int_equal(REVISION(esp32s3, 0, { 5, 24, 1 }, { 3, 24, 1 }, { 10, 0, 1 }), 0);
	assert_int_equal(REVISION(esp32s3, 0, { 5, 24, 1 }, { 3, 24, 1 }, { 10, 0, 2 }), 100);
	assert_int_equal(REVISION(esp32s3, 0, { 5, 24, 1 }, { 3, 24, 2 }, { 10, 0, 1 }), 100);
	assert_int_equal(
		REVISION(esp32s3, 0, { 3, 18, 1 }, { 3, 24, 1 }, { 10, 0, 1 }, { 5, 23, 1 }), 9);
}

/* Whichever fuse cannot be read: it is told, and what the chip said of it. */
static void test_a_fuse_is_refused(void **state)
{
	static const struct chip *const chips[] = { &esp32, &esp32s3, &esp32p4 };
	struct world w;
	uint32_t found;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		unsigned refused = 0;

		for (unsigned n = 1; n <= 3; n++) {
			int rc;

			connect_to(&w, chips[i]);
			w.fuses[2] = 1u << 15;
			w.fuses[3] = 1u << 24;
			w.fuses[4] = 1u << 20;
			w.fuses[10] = 1;
			w.fail_fuse = n;
			rc = far_esp_read_revision(&w.esp, &found);
			if (rc == FAR_OK)
				continue;
			refused++;
			assert_int_equal(rc, FAR_ERR_REFUSED);
			assert_int_equal(w.esp.flash.fault.peer_code, 6);
			assert_int_equal(w.esp.flash.fault.touched_len, 0);
		}
		assert_in_range(refused, 1, 3);
	}
}

/* ---- flash parts ----------------------------------------------------------------------------- */

static void test_sizes_of_flash_parts(void **state)
{
	static const struct {
		uint32_t id, size;
	} parts
		[] = {
			{ 0x1640ef, 0x400000 },  /* Winbond */
			{ 0x1820c2, 0x1000000 }, /* Macronix */
			{ 0x1920c2, 0x1000000 }, /* 32 MiB, of which a ROM reaches half */
			{ 0x20ba20, 0x1000000 }, /* 64 MiB, by a number behind 19 */
			{ 0x3660c8, 0x400000 },  /* one volt eight: 20 more */
			{ 0x01841f, 0x80000 },   /* Adesto */
			{ 0x01861f, 0x200000 },
			{ 0x1140ef, 0 }, /* 128 KiB: below what a chip can boot from */
			{ 0x1d40ef, 0 },
			{ 0x2f40ef, 0 },
			{ 0xffffff, 0 }, /* nobody there */
			{ 0x000000, 0 },
		};
	struct world w;

	(void)state;
	for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		open_world(&w, &esp32c3);
		w.flash_id = parts[i].id;
		assert_int_equal(far_esp_connect(&w.esp), FAR_OK);
		assert_int_equal(w.esp.flash_id, parts[i].id);
		if (w.esp.flash.info.size != parts[i].size)
			fail_msg("id %06x: %u", (unsigned)parts[i].id,
				 (unsigned)w.esp.flash.info.size);
	}
	/* Then the caller says it, within what the loader can address. */
	assert_int_equal(far_esp_set_flash_size(&w.esp, 0), FAR_ERR_ARG);
	assert_int_equal(far_esp_set_flash_size(&w.esp, 0x1800), FAR_ERR_ARG);
	assert_int_equal(far_esp_set_flash_size(&w.esp, 0x1001000), FAR_ERR_ARG);
	assert_int_equal(far_esp_set_flash_size(&w.esp, 0x1000000), FAR_OK);
	assert_int_equal(w.esp.flash.info.size, 0x1000000);
}

/* ---- who is there ---------------------------------------------------------------------------- */

static void test_a_chip_that_is_not_known(void **state)
{
	static const struct chip no_magic = { FAR_ESP_UNKNOWN, 0, 0x12345678, 0x3ff5a004, 0 };
	static const struct chip no_id = { FAR_ESP_UNKNOWN, 77, 0x12345678, 0x3ff5a004, 0 };
	struct world w;

	(void)state;
	open_world(&w, &no_magic);
	assert_int_equal(far_esp_connect(&w.esp), FAR_ERR_NOTSUP);
	assert_int_equal(w.esp.magic, 0x12345678);
	open_world(&w, &no_id);
	assert_int_equal(far_esp_connect(&w.esp), FAR_ERR_NOTSUP);
	assert_int_equal(w.esp.chip_id, 77);
	assert_int_equal(w.esp.flash.info.size, 0);
}

static void test_a_chip_that_was_not_expected(void **state)
{
	struct world w;

	(void)state;
	open_world(&w, &esp32c3);
	w.config.expect = FAR_ESP_32C6;
	assert_int_equal(far_esp_init(&w.esp, &w.config), FAR_OK);
	assert_int_equal(far_esp_connect(&w.esp), FAR_ERR_VERIFY);
	assert_int_equal(w.esp.chip, FAR_ESP_32C3);
	assert_int_equal(far_esp_set_flash_size(&w.esp, 0x400000), FAR_ERR_STATE);
	assert_int_equal(far_esp_run(&w.esp), FAR_ERR_STATE);
}

static void test_secure_download_mode_without_an_id(void **state)
{
	struct world w;

	(void)state;
	open_world(&w, &esp32s2);
	w.flags = FAR_ESP_SECURE_DOWNLOAD;
	assert_int_equal(far_esp_connect(&w.esp), FAR_OK);
	assert_int_equal(w.esp.chip, FAR_ESP_32S2);
	assert_int_equal(w.esp.flash.info.caps, FAR_FLASH_CAN_REPLACE);
	/* The word in its ROM was asked for, and nothing that such a chip hides was after that. */
	assert_int_equal(w.rom.count[READ_REG], 1);
}

/* ---- security -------------------------------------------------------------------------------- */

static void test_security_is_believed_when_told_twice(void **state)
{
	struct far_esp_security s;
	struct world w;

	(void)state;
	connect_to(&w, &esp32c3);
	memcpy(w.crypt, (uint8_t[]){ 0, 1, 3, 3 }, 4);
	w.crypts = 4;
	assert_int_equal(far_esp_read_security(&w.esp, &s), FAR_OK);
	assert_int_equal(w.rom.count[SECURITY], 4);
	assert_int_equal(s.crypt_count, 3);
	assert_int_equal(s.key_purpose[6], 7);
	assert_int_equal(s.chip_id, 5);
	assert_int_equal(s.api, 3);

	connect_to(&w, &esp32s2);
	assert_int_equal(far_esp_read_security(&w.esp, &s), FAR_OK);
	assert_int_equal(s.chip_id, FAR_ESP_NO_ID);
	assert_int_equal(s.api, FAR_ESP_NO_ID);
}

static void test_security_that_never_says_the_same(void **state)
{
	struct far_esp_security s;
	struct world w;

	(void)state;
	connect_to(&w, &esp32c3);
	for (unsigned i = 0; i < 8; i++)
		w.crypt[i] = (uint8_t)i;
	w.crypts = 8;
	assert_int_equal(far_esp_read_security(&w.esp, &s), FAR_ERR_PROTO);
	connect_to(&w, &esp32c3);
	w.mute_from = 3; /* the second question of the call */
	assert_int_equal(far_esp_read_security(&w.esp, &s), FAR_ERR_TIMEOUT);
	assert_int_equal(w.esp.flash.fault.err, FAR_ERR_TIMEOUT);
}

static void test_chips_without_security(void **state)
{
	struct far_esp_security s;
	struct world w;

	(void)state;
	open_world(&w, &esp32c3);
	assert_int_equal(far_esp_read_security(&w.esp, &s), FAR_ERR_STATE);
	connect_to(&w, &esp32);
	assert_int_equal(far_esp_read_security(&w.esp, &s), FAR_ERR_NOTSUP);
	connect_to(&w, &esp8266);
	assert_int_equal(far_esp_read_security(&w.esp, &s), FAR_ERR_NOTSUP);
	assert_int_equal(far_esp_set_encrypt(&w.esp, 1), FAR_ERR_NOTSUP);
	assert_int_equal(far_esp_set_encrypt(&w.esp, 0), FAR_OK);
}

/*
 * With an odd number of bits encryption is on, and nothing of the flash can be read meaningfully.
 */
static void test_encryption_by_the_counter(void **state)
{
	struct world w;

	(void)state;
	for (uint8_t count = 0; count < 8; count++) {
		int on = (count & 1) ^ (count >> 1 & 1) ^ (count >> 2);

		connect_to(&w, &esp32c3);
		w.crypts = 1;
		w.crypt[0] = count;
		assert_int_equal(far_esp_set_encrypt(&w.esp, 1), on ? FAR_OK : FAR_ERR_STATE);
		assert_int_equal(w.esp.flash.info.caps == FAR_FLASH_CAN_REPLACE, on);
		assert_int_equal(far_esp_set_encrypt(&w.esp, 0), FAR_OK);
		assert_true((w.esp.flash.info.caps & FAR_FLASH_CAN_READ) != 0);
	}
}

/* ---- blocks ---------------------------------------------------------------------------------- */

static uint8_t content[0x400];

/* A block on its way into an ESP8266, refused as w->data says; then the flash holds `word`. */
static int send_block(struct world *w, const uint8_t *errors, uint32_t word)
{
	int rc;

	connect_to(w, &esp8266);
	memset(w->rom.count, 0, sizeof(w->rom.count));
	memcpy(w->data + 1, errors, 7);
	w->flash_id = 0; /* its status register: never busy */
	w->word = word;
	assert_int_equal(far_flash_replace_begin(&w->esp.flash, 0x10000, sizeof(content) * 2, 0),
			 FAR_OK);
	rc = far_flash_replace_write(&w->esp.flash, content, sizeof(content));
	if (rc == FAR_OK) /* it is due now, if it was kept back */
		rc = far_flash_replace_write(&w->esp.flash, content, sizeof(content));
	return rc;
}

#define ERRORS(...) ((const uint8_t[7]){ __VA_ARGS__ })

static void fill(uint8_t first)
{
	memset(content, 0xff, sizeof(content));
	content[8] = first;
}

static void test_a_broken_block_goes_again_under_the_next_number(void **state)
{
	struct world w;

	(void)state;
	fill(1);
	assert_int_equal(send_block(&w, ERRORS(7, 0), 0), FAR_OK);
	assert_int_equal(w.sequence[1], 0);
	assert_int_equal(w.sequence[2], 1);
	assert_int_equal(w.sequence[3], 2);
	assert_int_equal(w.rom.count[FLASH_DATA], 3);
}

/* The answer is lost, and the number is taken: the flash says whether the block is in. */
static void test_after_a_lost_answer_the_flash_tells(void **state)
{
	struct world w;

	(void)state;
	fill(1);
	assert_int_equal(send_block(&w, ERRORS(0xff, 5, 0), 0xffffff01), FAR_OK);
	assert_int_equal(w.sequence[3], 1); /* in: it is the next one */
	assert_int_equal(w.rom.count[FLASH_DATA], 3);
	assert_int_equal(send_block(&w, ERRORS(0xff, 5, 0), 0xffffffff), FAR_OK);
	assert_int_equal(w.sequence[3], 1); /* not: the same under that number */
	assert_int_equal(w.sequence[4], 2);
	/* The same without a lost answer: the refusal has to come twice. */
	assert_int_equal(send_block(&w, ERRORS(5, 5, 0), 0xffffff01), FAR_OK);
	assert_int_equal(w.rom.count[FLASH_DATA], 3);
}

static void test_something_else_is_in_the_flash(void **state)
{
	struct world w;

	(void)state;
	fill(1);
	assert_int_equal(send_block(&w, ERRORS(0xff, 5, 0), 0xffffff02), FAR_ERR_VERIFY);
	assert_int_equal(w.esp.flash.fault.touched_addr, 0x10000);
	assert_true(w.esp.flash.fault.touched_len >= sizeof(content));
}

static void test_a_blank_block_tells_nothing(void **state)
{
	struct world w;

	(void)state;
	memset(content, 0xff, sizeof(content));
	assert_int_equal(send_block(&w, ERRORS(0xff, 5, 0), 0xffffffff), FAR_ERR_TIMEOUT);
}

static void test_blocks_refused_for_good(void **state)
{
	struct world w;

	(void)state;
	fill(1);
	assert_int_equal(send_block(&w, ERRORS(8), 0), FAR_ERR_VERIFY);
	assert_int_equal(send_block(&w, ERRORS(6), 0), FAR_ERR_REFUSED);
	assert_int_equal(w.esp.flash.fault.peer_code, 6);
	assert_int_equal(send_block(&w, ERRORS(7, 7, 7, 7, 7, 7, 7), 0), FAR_ERR_TIMEOUT);
	assert_int_equal(send_block(&w, ERRORS(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), 0),
			 FAR_ERR_TIMEOUT);
}

static void test_the_flash_cannot_be_asked(void **state)
{
	struct world w;
	int rc;

	(void)state;
	fill(1);
	connect_to(&w, &esp8266);
	memset(w.rom.count, 0, sizeof(w.rom.count));
	memcpy(w.data + 1, ERRORS(0xff, 5), 2);
	w.flash_id = 0;
	assert_int_equal(far_flash_replace_begin(&w.esp.flash, 0x10000, sizeof(content), 0),
			 FAR_OK);
	w.blind = true;
	rc = far_flash_replace_write(&w.esp.flash, content, sizeof(content));
	if (rc == FAR_OK)
		rc = far_flash_replace_end(&w.esp.flash);
	assert_int_equal(rc, FAR_ERR_REFUSED);

	/* Nor in secure download mode, where nobody tries. */
	open_world(&w, &esp32c3);
	w.flags = FAR_ESP_SECURE_DOWNLOAD;
	assert_int_equal(far_esp_connect(&w.esp), FAR_OK);
	assert_int_equal(far_esp_set_flash_size(&w.esp, 0x400000), FAR_OK);
	memcpy(w.data + 1, ERRORS(0xff, 5), 2);
	assert_int_equal(far_flash_replace_begin(&w.esp.flash, 0x10000, sizeof(content), 0),
			 FAR_OK);
	rc = far_flash_replace_write(&w.esp.flash, content, sizeof(content));
	if (rc == FAR_OK)
		rc = far_flash_replace_end(&w.esp.flash);
	assert_int_equal(rc, FAR_ERR_TIMEOUT);
	assert_int_equal(w.rom.count[READ_SLOW], 0);
}

/* A ROM that does not take large blocks: small ones then, from now on without asking. */
static void test_large_blocks_are_refused(void **state)
{
	struct world w;

	(void)state;
	open_world(&w, &esp32c3);
	w.flags = FAR_ESP_SECURE_DOWNLOAD;
	assert_int_equal(far_esp_connect(&w.esp), FAR_OK);
	assert_int_equal(far_esp_set_flash_size(&w.esp, 0x400000), FAR_OK);
	w.small_only = true;
	assert_int_equal(far_flash_replace_begin(&w.esp.flash, 0x10000, 0x2000, 0), FAR_OK);
	assert_int_equal(w.block_size, 0x400);
	w.rom.count[FLASH_BEGIN] = 0;
	assert_int_equal(far_flash_replace_begin(&w.esp.flash, 0x10000, 0x2000, 0), FAR_OK);
	assert_int_equal(w.rom.count[FLASH_BEGIN], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_revision_of_an_esp32),
		cmocka_unit_test(test_revisions_of_the_others),
		cmocka_unit_test(test_the_first_esp32s3),
		cmocka_unit_test(test_a_fuse_is_refused),
		cmocka_unit_test(test_sizes_of_flash_parts),
		cmocka_unit_test(test_a_chip_that_is_not_known),
		cmocka_unit_test(test_a_chip_that_was_not_expected),
		cmocka_unit_test(test_secure_download_mode_without_an_id),
		cmocka_unit_test(test_security_is_believed_when_told_twice),
		cmocka_unit_test(test_security_that_never_says_the_same),
		cmocka_unit_test(test_chips_without_security),
		cmocka_unit_test(test_encryption_by_the_counter),
		cmocka_unit_test(test_a_broken_block_goes_again_under_the_next_number),
		cmocka_unit_test(test_after_a_lost_answer_the_flash_tells),
		cmocka_unit_test(test_something_else_is_in_the_flash),
		cmocka_unit_test(test_a_blank_block_tells_nothing),
		cmocka_unit_test(test_blocks_refused_for_good),
		cmocka_unit_test(test_the_flash_cannot_be_asked),
		cmocka_unit_test(test_large_blocks_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
