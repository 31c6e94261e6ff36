/* SPDX-License-Identifier: Apache-2.0 */
/* From a silent line to a chip whose flash can be programmed, and back. */
#include "core/bytes.h"
#include "device/esp/session.h"

enum {
	ATTEMPTS = 7, /* resets, unless the caller says otherwise */
	SYNCS = 5,    /* SYNCs per reset */
	SYNC_WAIT_MS = 100,
	READ_ID = 0x9F,
	ROM_REACH = 0x1000000 /* the ROMs address the flash with 24 bits */
};

int far_esp_prepare(struct far_esp *e, const struct far_esp_config *config,
		    const struct far_flash_ops *ops, uint8_t caps)
{
	if (e == NULL || config == NULL || config->stream == NULL || config->clock == NULL ||
	    config->block == NULL || config->block_len < FAR_ESP_BLOCK_MIN ||
	    config->stream->baud == 0)
		return FAR_ERR_ARG;
	memset(e, 0, sizeof(*e));
	e->flash.ops = ops;
	e->_state.caps = caps;
	e->flash.info.sector_size = ESP_SECTOR;
	e->flash.info.write_block = 1;
	e->flash.info.erase_value = 0xFF;
	e->_state.config = *config;
	e->_state.first_baud = config->stream->baud;
	far_loader_init(&e->_state.loader, config->stream, config->clock);
	return FAR_OK;
}

/* ---- reset ----------------------------------------------------------------------------------- */

/* Lines for so many times 10 ms; a step without lines is the last. */
struct step {
	uint8_t lines, time;
};

/*
 * Through "both", which the circuit ignores, so that there is no moment of "DTR alone" before. The
 * strap is held longer at every other attempt, for boards with a large capacitor at EN.
 */
static const struct step to_loader[2][4] = {
	{ { FAR_LINE_DTR | FAR_LINE_RTS, 0 }, { FAR_LINE_RTS, 10 }, { FAR_LINE_DTR, 5 }, { 0, 0 } },
	{ { FAR_LINE_DTR | FAR_LINE_RTS, 0 },
	  { FAR_LINE_RTS, 10 },
	  { FAR_LINE_DTR, 55 },
	  { 0, 0 } },
};
/* Never DTR alone: the chip would sample its strap low and be back in the loader. */
static const struct step to_run[2] = { { FAR_LINE_RTS, 10 }, { 0, 0 } };

/* FAR_ERR_NOTSUP: nothing here can reset the chip. */
static int reset(struct far_esp *e, enum far_esp_reset how, unsigned attempt)
{
	const struct far_esp_config *config = &e->_state.config;
	const struct step *step = how == FAR_ESP_RESET_RUN ? to_run : to_loader[attempt % 2];
	int rc;

	if (config->reset != NULL)
		return config->reset(config->reset_ctx, how, attempt);
	if (config->stream->ops->set_lines == NULL)
		return FAR_ERR_NOTSUP;
	do {
		rc = config->stream->ops->set_lines(config->stream, step->lines);
		if (rc == FAR_OK)
			config->clock->ops->sleep_ms(config->clock, 10u * step->time);
	} while (rc == FAR_OK && (step++)->lines != 0);
	return rc;
}

/* ---- connect --------------------------------------------------------------------------------- */

/* Reset and SYNC until somebody answers. */
static int find(struct far_esp *e)
{
	const struct far_esp_config *config = &e->_state.config;
	unsigned attempts = config->connect_attempts > 0 ? config->connect_attempts : ATTEMPTS;
	int rc = FAR_ERR_TIMEOUT;

	for (unsigned i = 0; i < attempts * SYNCS; i++) {
		if (i % SYNCS == 0 && !config->no_reset)
			rc = reset(e, FAR_ESP_RESET_LOADER, i / SYNCS);
		if (rc == FAR_ERR_IO || rc == FAR_ERR_CANCELLED)
			break;
		/* Boot text, and what was under way when we came. */
		rc = far_loader_discard(&e->_state.loader, 0, 0);
		if (rc != FAR_ERR_IO && rc != FAR_ERR_CANCELLED)
			rc = far_esp_sync(e, SYNC_WAIT_MS);
		if (rc == FAR_OK)
			break;
	}
	return rc;
}

static int identify(struct far_esp *e)
{
	const struct far_esp_config *config = &e->_state.config;
	uint32_t value = e->_state.value;
	int rc = far_esp_peek(e, ESP_MAGIC_ADDR, &e->magic);

	if (rc != FAR_OK)
		return rc;
	e->_state.row = far_esp_row_by_magic(e->magic);
	if (e->_state.row == NULL)
		return FAR_ERR_NOTSUP;
	e->chip = e->_state.row->chip;
	if (config->expect != FAR_ESP_UNKNOWN && config->expect != e->chip)
		return FAR_ERR_VERIFY;
	/* A ROM answers SYNC with a non-zero value, a flasher stub with 0. */
	return value == 0 ? FAR_ERR_BUSY : FAR_OK;
}

/* Let the chip drive its flash. The ESP8266 does that with its first FLASH_BEGIN. */
static int attach(struct far_esp *e)
{
	uint32_t *words = e->_state.words;

	if (e->chip == FAR_ESP_8266)
		return far_esp_begin(e, ESP_FLASH_BEGIN, 0, 0, 0);
	words[0] = 0; /* the default pins */
	words[1] = 0;
	return far_esp_command(e, ESP_SPI_ATTACH, words, 2, 0, ESP_REPLY_MS);
}

/* Tell the ROM how large the flash is, or it refuses what lies beyond its default. */
static int set_params(struct far_esp *e)
{
	uint32_t *words = e->_state.words;

	if (e->chip == FAR_ESP_8266)
		return FAR_OK;
	words[0] = 0; /* id */
	words[1] = e->flash.info.size;
	words[2] = 0x10000; /* block */
	words[3] = ESP_SECTOR;
	words[4] = 0x100;  /* page */
	words[5] = 0xFFFF; /* status mask */
	return far_esp_command(e, ESP_SPI_SET_PARAMS, words, 6, 0, ESP_REPLY_MS);
}

/* Bytes, from a JEDEC id; 0 if it tells nothing. */
static uint32_t size_of(uint32_t flash_id)
{
	uint32_t code = flash_id >> 16 & 0xFF;

	if ((flash_id & 0xFF) == 0x1F) /* Adesto: five bits of the second byte, 4 is 512 KiB */
		code = (flash_id >> 8 & 0x1F) + 15;
	else if (code >= 0x20) /* 20 goes on where 19 or 1A ends; 32 to 3A repeat 12 to 1A */
		code -= code < 0x30 ? 6 : 0x20;
	return code >= 0x12 && code <= 0x1C ? 1u << code : 0;
}

static int measure(struct far_esp *e)
{
	struct far_flash_info *info = &e->flash.info;
	struct far_esp_spi id = { READ_ID, 0, 24, ESP_NO_ADDR, 0 };
	uint32_t size;
	int rc = far_esp_spi(e, &id);

	if (rc != FAR_OK)
		return rc;
	e->flash_id = id.data & 0xFFFFFF;
	size = far_min32(size_of(e->flash_id), ROM_REACH);
	if (info->size == 0)
		info->size = size;
	return info->size != 0 ? set_params(e) : FAR_OK;
}

/* At the rate the chip starts with. What is known of the chip from before must still hold. */
static int connect_slow(struct far_esp *e)
{
	struct far_stream *s = e->_state.config.stream;
	int rc = FAR_OK;

	e->_state.connected = 0;
	e->_state.has_saved = 0;
	if (s->baud != e->_state.first_baud)
		rc = s->ops->set_baud(s, e->_state.first_baud);
	if (rc == FAR_OK)
		rc = find(e);
	if (rc == FAR_OK)
		rc = identify(e);
	if (rc == FAR_OK)
		rc = attach(e);
	if (rc == FAR_OK)
		rc = measure(e);
	if (rc == FAR_OK) {
		e->flash.info.caps = e->_state.row->caps & e->_state.caps;
		e->_state.connected = 1;
	}
	return rc;
}

int far_esp_connect(struct far_esp *e)
{
	int rc;

	far_flash_start(&e->flash, FAR_FLASH_OP_SESSION);
	e->flash.info.size = 0;
	e->flash.info.caps = 0;
	e->chip = FAR_ESP_UNKNOWN;
	e->_state.baud = 0;
	rc = connect_slow(e);
	return far_esp_settle(e, rc, 0);
}

int far_esp_set_flash_size(struct far_esp *e, uint32_t size)
{
	int rc;

	far_flash_start(&e->flash, FAR_FLASH_OP_SESSION);
	if (!e->_state.connected)
		rc = FAR_ERR_STATE;
	else if (size == 0 || size % ESP_SECTOR != 0 || size > ROM_REACH)
		rc = FAR_ERR_ARG;
	else {
		e->flash.info.size = size;
		rc = set_params(e);
	}
	return far_esp_settle(e, rc, size);
}

/* ---- rate ------------------------------------------------------------------------------------ */

/*
 * The ROM divides down a clock that it has measured at power-up, not the true one. What it must be
 * asked for so that its divider comes out right for the true crystal, which the divider that it
 * found at connect betrays. Where either number makes no sense the rate is taken as it is.
 */
static int rom_rate(struct far_esp *e, uint32_t baud, uint32_t *asked)
{
	const uint32_t *reg = e->_state.row->clock;
	uint32_t word[3] = { 0 };
	uint32_t crystal_mhz, cal, permille;

	*asked = baud;
	for (unsigned i = 0; i < 3 && reg[i] != 0; i++) {
		int rc = far_esp_peek(e, reg[i], &word[i]);

		if (rc != FAR_OK)
			return rc;
	}
	crystal_mhz = (word[0] & 0xFFFFF) * (e->_state.first_baud / 100) / 10000 > 33 ? 40 : 26;
	cal = (word[1] >> 7 & 0xFFFFFF) * (word[2] & 0xFF);
	/* clock in Hz = cal * 15625 / 40; over the crystal, in thousandths. Zeros are no clock. */
	permille = cal < UINT32_MAX / 25 ? cal * 25 / (crystal_mhz * 64) : 0;
	if (permille > 800 && permille < 1250 && baud <= UINT32_MAX / 1250)
		*asked = baud * permille / 1000;
	return FAR_OK;
}

/* Tell the chip, follow, and see whether we still understand each other. */
static int switch_baud(struct far_esp *e, uint32_t baud)
{
	struct far_stream *s = e->_state.config.stream;
	uint32_t words[2] = { 0 };
	int rc = rom_rate(e, baud, &words[0]);

	if (rc != FAR_OK)
		return rc;
	rc = far_esp_once(e, ESP_CHANGE_BAUD, words, 2, 0, ESP_REPLY_MS);
	/* No answer: it may have changed all the same. Only the new rate can tell. */
	if (rc == FAR_ERR_TIMEOUT || rc == FAR_ERR_PROTO)
		rc = FAR_OK;
	if (rc == FAR_OK)
		rc = s->ops->set_baud(s, baud);
	return rc == FAR_OK ? far_esp_resync(e) : rc;
}

/* Can the stream itself do this rate? Asked before the chip is told. */
static int try_stream(struct far_stream *s, uint32_t baud)
{
	uint32_t old = s->baud;
	int rc = s->ops->set_baud(s, baud);

	return rc == FAR_OK ? s->ops->set_baud(s, old) : rc;
}

static int raise_baud(struct far_esp *e, uint32_t baud)
{
	struct far_stream *s = e->_state.config.stream;
	int rc;

	if (baud == s->baud)
		return FAR_OK;
	if (e->chip == FAR_ESP_8266 || s->ops->set_baud == NULL)
		return FAR_ERR_NOTSUP;
	rc = try_stream(s, baud);
	if (rc != FAR_OK)
		return rc;
	return switch_baud(e, baud);
}

/*
 * After raise_baud: if the two were lost at the new rate only a reset brings the chip back to the
 * old one. Where the chip has said no, or was never asked, all is as it was.
 */
static void fall_back(struct far_esp *e, int rc)
{
	if (rc == FAR_OK || rc == FAR_ERR_REFUSED || rc == FAR_ERR_NOTSUP ||
	    rc == FAR_ERR_CANCELLED)
		return;
	if (connect_slow(e) != FAR_OK)
		e->flash.info.size = 0;
}

int far_esp_set_baud(struct far_esp *e, uint32_t baud)
{
	int rc;

	far_flash_start(&e->flash, FAR_FLASH_OP_SESSION);
	rc = baud == 0 ? FAR_ERR_ARG : far_esp_ready(e);
	if (rc == FAR_OK) {
		rc = raise_baud(e, baud);
		fall_back(e, rc);
	}
	if (rc == FAR_OK)
		e->_state.baud = baud;
	return far_esp_settle(e, rc, baud);
}

int far_esp_ready(struct far_esp *e)
{
	enum far_esp_chip expect = e->_state.config.expect;
	int rc;

	if (e->_state.connected)
		return FAR_OK;
	if (e->flash.info.size == 0)
		return FAR_ERR_STATE;
	e->_state.config.expect = e->chip;
	rc = connect_slow(e);
	e->_state.config.expect = expect;
	/* A rate that has become impossible is no reason not to go on. */
	if (rc == FAR_OK && e->_state.baud != 0)
		fall_back(e, raise_baud(e, e->_state.baud));
	return rc == FAR_OK && !e->_state.connected ? FAR_ERR_TIMEOUT : rc;
}

/* ---- leave ----------------------------------------------------------------------------------- */

int far_esp_leave(struct far_esp *e)
{
	uint32_t reboot = 0;
	int rc;

	far_flash_start(&e->flash, FAR_FLASH_OP_SESSION);
	rc = reset(e, FAR_ESP_RESET_RUN, 0);
	if (rc == FAR_ERR_NOTSUP && e->_state.connected) {
		rc = far_esp_begin(e, ESP_FLASH_BEGIN, 0, 0, 0);
		if (rc == FAR_OK)
			rc = far_esp_once(e, ESP_FLASH_END, &reboot, 1, 0, ESP_REPLY_MS);
	}
	e->_state.connected = 0;
	e->flash.info.size = 0;
	return far_esp_settle(e, rc, 0);
}
