/* SPDX-License-Identifier: Apache-2.0 */
/* The chip's revision, scattered over its eFuses in another way on nearly every chip. */
#include "device/esp/session.h"

enum { HAS_REVISION = 0x80 /* in has_saved: asked once in a session */ };

/* Some bits of a word; words are counted from the one that holds the lower half of the MAC. */
struct bits {
	uint8_t word, shift, count; /* count 0: none */
};

/* The revision is put together of these; high continues minor (P4: major) upwards. */
struct place {
	struct bits major, minor, high;
};

/* What most chips have: one word with both. */
#define BOTH_IN(word, major_shift, minor_shift, minor_bits)                                        \
	{                                                                                          \
		{ word, major_shift, 2 }, { word, minor_shift, minor_bits },                       \
		{                                                                                  \
			0, 0, 0                                                                    \
		}                                                                                  \
	}

static const struct place places[FAR_ESP_CHIPS] = {
	[FAR_ESP_32S2] = { { 3, 18, 2 }, { 4, 4, 3 }, { 3, 20, 1 } },
	[FAR_ESP_32S3] = { { 5, 24, 2 }, { 3, 18, 3 }, { 5, 23, 1 } },
	[FAR_ESP_32C2] = BOTH_IN(1, 20, 16, 4),
	[FAR_ESP_32C3] = { { 5, 24, 2 }, { 3, 18, 3 }, { 5, 23, 1 } },
	[FAR_ESP_32C5] = BOTH_IN(2, 4, 0, 4),
	[FAR_ESP_32C6] = BOTH_IN(3, 22, 18, 4),
	[FAR_ESP_32C61] = BOTH_IN(2, 4, 0, 4),
	[FAR_ESP_32H2] = BOTH_IN(3, 21, 18, 3),
	[FAR_ESP_32P4] = { { 2, 4, 2 }, { 2, 0, 4 }, { 2, 23, 1 } },
};

/* The words of one reading; each is asked for once. */
struct words {
	struct far_esp *e;
	uint32_t value[16];
	uint32_t known; /* bit n: value[n] is */
	int rc;         /* the first failure */
};

static uint32_t word(struct words *w, unsigned index)
{
	if (w->rc == FAR_OK && (w->known & 1u << index) == 0) {
		w->rc = far_esp_peek(w->e, w->e->_state.row->mac + 4 * index, &w->value[index]);
		w->known |= 1u << index;
	}
	return w->rc == FAR_OK ? w->value[index] : 0;
}

static uint32_t field(struct words *w, struct bits b)
{
	return b.count > 0 ? word(w, b.word) >> b.shift & ((1u << b.count) - 1) : 0;
}

/* ESP32: three single bits, one of them not in a fuse, count 0, 1, 3, 7. */
static uint32_t of_esp32(struct words *w)
{
	enum { WORD_3 = 2, WORD_5 = 4 }; /* the MAC begins in fuse word 1 */
	uint32_t major = 0, date = 0;

	if ((word(w, WORD_3) >> 15 & 1) != 0) {
		major = 1;
		if ((word(w, WORD_5) >> 20 & 1) != 0) {
			major = 2;
			w->rc = w->rc == FAR_OK ? far_esp_peek(w->e, 0x3FF6607C, &date) : w->rc;
			major += date >> 31;
		}
	}
	return major * 100 + (word(w, WORD_5) >> 24 & 3);
}

/*
 * The first ESP32-S3 have fuses that would read as another revision: they are known by the version
 * of their fuse blocks, 1.1, with a minor revision whose lower bits are 0.
 */
static int is_first_s3(struct words *w, uint32_t minor)
{
	return (minor & 7) == 0 && (word(w, 3) >> 24 & 7) == 1 && (word(w, 10) & 3) == 1;
}

static uint32_t revision_of(struct words *w)
{
	enum far_esp_chip chip = w->e->chip;
	struct place place = places[chip];
	uint32_t major, minor, high;

	if (chip == FAR_ESP_8266)
		return 0;
	if (chip == FAR_ESP_32)
		return of_esp32(w);
	major = field(w, place.major);
	minor = field(w, place.minor);
	high = field(w, place.high);
	if (chip == FAR_ESP_32P4)
		major |= high << place.major.count;
	else
		minor |= high << place.minor.count;
	return chip == FAR_ESP_32S3 && is_first_s3(w, minor) ? 0 : major * 100 + minor;
}

int far_esp_ask_revision(struct far_esp *e, uint32_t revision[3])
{
	struct words w = { .e = e };

	revision[0] = revision_of(&w);
	return w.rc;
}

int far_esp_read_revision(struct far_esp *e, uint32_t *revision)
{
	uint32_t told[3] = { 0 };
	int rc;

	far_flash_start(&e->flash, FAR_FLASH_OP_SESSION);
	rc = far_esp_ready(e);
	if (rc == FAR_OK && (e->_state.has_saved & HAS_REVISION) == 0) {
		rc = far_esp_read_surely(e, far_esp_ask_revision, told);
		e->_state.revision = told[0];
		if (rc == FAR_OK)
			e->_state.has_saved |= HAS_REVISION;
	}
	*revision = e->_state.revision;
	return far_esp_settle(e, rc, 0);
}
