/* SPDX-License-Identifier: Apache-2.0 */
/* From a silent line to a chip whose flash can be programmed, and back. */
#include "core/bytes.h"
#include "device/esp/session.h"

enum {
	ATTEMPTS = 7, /* resets, unless the caller says otherwise */
	SYNCS = 5,    /* SYNCs per reset */
	SYNC_WAIT_MS = 100,
	ROM_REACH = 0x1000000 /* the ROMs address the flash with 24 bits */
};

int far_esp_prepare(struct far_esp *e, const struct far_esp_config *config,
		    const struct far_esp_row *const *chips, const struct far_flash_ops *ops)
{
	if (e == NULL || config == NULL || chips == NULL || config->stream == NULL ||
	    config->clock == NULL || config->block == NULL ||
	    config->block_len < FAR_ESP_BLOCK_MIN || config->stream->baud == 0)
		return FAR_ERR_ARG;
	memset(e, 0, sizeof(*e));
	e->flash.ops = ops;
	e->_state.chips = chips;
	e->flash.info.sector_size = ESP_SECTOR;
	e->flash.info.write_block = 1;
	e->flash.info.erase_value = 0xFF;
	e->_state.config = *config;
	e->_state.first_baud = config->stream->baud;
	far_loader_init(&e->_state.loader, config->stream, config->clock);
	return FAR_OK;
}

/* ---- connect --------------------------------------------------------------------------------- */

/* Reset and SYNC until somebody answers. */
static int find(struct far_esp *e)
{
	const struct far_esp_config *config = &e->_state.config;
	unsigned attempts = config->connect_attempts > 0 ? config->connect_attempts : ATTEMPTS;
	int rc = FAR_ERR_TIMEOUT;

	for (unsigned i = 0; i < attempts && !far_esp_is_final(rc); i++) {
		if (!config->no_reset)
			rc = far_esp_reset(e, FAR_ESP_RESET_LOADER, i);
		for (unsigned k = 0; k < SYNCS && !far_esp_is_final(rc); k++) {
			rc = far_esp_sync(e, SYNC_WAIT_MS);
			if (rc == FAR_OK)
				return rc;
		}
	}
	return rc;
}

/* Of the chips that the session knows: the one with this word in its ROM, or else with this id. */
static const struct far_esp_row *row_of(const struct far_esp *e, uint32_t magic, uint32_t id)
{
	const struct far_esp_row *const *row = e->_state.chips;

	while (*row != NULL && (magic != 0 ? (*row)->magic != magic
					   : (*row)->chip < FAR_ESP_32S2 || (*row)->id != id))
		row++;
	return *row;
}

/*
 * Answers carry no checksum: one counts when another says the same, so that no single fault makes
 * another chip, or other fuses, of this one.
 */
int far_esp_ask_security(struct far_esp *e)
{
	uint8_t before[ESP_SECURITY_LEN], len = 0;

	for (unsigned i = 0; i <= FAR_ESP_TRIES; i++) {
		int rc = far_esp_command(e, ESP_SECURITY, 0, ESP_REPLY_MS);

		if (rc != FAR_OK ||
		    (len == e->_state.payload_len && memcmp(before, e->_state.payload, len) == 0))
			return rc;
		if (e->chip == FAR_ESP_UNKNOWN && e->_state.stub != NULL &&
		    e->_state.stub->is_sure(e))
			return rc;
		len = e->_state.payload_len;
		memcpy(before, e->_state.payload, len);
	}
	return FAR_ERR_PROTO;
}

/*
 * The word in its ROM tells the first chips, and all others tell their id, but for the ESP32-S2,
 * which knows the short form of that answer only. In secure download mode there is no word.
 */
static int look(struct far_esp *e)
{
	const struct far_loader *l = &e->_state.loader;
	uint32_t id = ID_OF_S2;
	int rc = far_esp_peek(e, ESP_MAGIC_ADDR, &e->magic);

	if (e->magic != 0)
		e->_state.row = row_of(e, e->magic, 0);
	if ((rc != FAR_OK && rc != FAR_ERR_REFUSED) || !far_esp_has_security(e))
		return rc;
	rc = far_esp_ask_security(e);
	if (rc != FAR_OK)
		return rc;
	e->security = far_loader_word(l, 0);
	if (e->_state.payload_len >= ESP_SECURITY_LEN)
		e->chip_id = id = far_loader_word(l, ESP_SECURITY_SHORT / 4);
	e->_state.row = row_of(e, 0, id);
	return FAR_OK;
}

static int identify(struct far_esp *e)
{
	int rc;

	e->chip = FAR_ESP_UNKNOWN;
	e->chip_id = FAR_ESP_NO_ID;
	e->magic = e->security = 0;
	e->_state.row = NULL;
	/* A ROM answers SYNC with a word of its own, a flasher stub with 0. */
	e->loader = e->_state.value == 0 ? FAR_ESP_STUB : FAR_ESP_ROM;
	rc = look(e);
	/* The word was damaged, or the questions. */
	if (rc == FAR_ERR_REFUSED)
		rc = look(e);
	if (rc == FAR_ERR_REFUSED || (rc == FAR_OK && e->_state.row == NULL))
		rc = FAR_ERR_NOTSUP;
	if (rc != FAR_OK)
		return rc;
	e->chip = (enum far_esp_chip)e->_state.row->chip;
	if (e->_state.expect != FAR_ESP_UNKNOWN && e->_state.expect != e->chip)
		return FAR_ERR_VERIFY;
	e->_state.expect = (uint8_t)e->chip;
	return e->loader == FAR_ESP_STUB && e->_state.stub == NULL ? FAR_ERR_BUSY : FAR_OK;
}

/* Let the chip drive its flash. */
static int attach(struct far_esp *e)
{
	const struct far_esp_old *old = e->_state.row->family->old;
	uint32_t *words = e->_state.words;

	if (old != NULL)
		return old->attach(e);
	words[0] = 0; /* the default pins */
	words[1] = 0;
	return far_esp_command(e, ESP_SPI_ATTACH, 2, ESP_REPLY_MS);
}

int far_esp_limit(struct far_esp *e, uint32_t size)
{
	uint32_t *words = e->_state.words;
	int rc;

	if (size == e->_state.limit || (e->chip == FAR_ESP_8266 && e->loader == FAR_ESP_ROM))
		return FAR_OK;
	e->_state.limit = 0;
	words[0] = 0; /* id */
	words[1] = size;
	words[2] = 0x10000; /* block */
	words[3] = ESP_SECTOR;
	words[4] = 0x100;  /* page */
	words[5] = 0xFFFF; /* status mask */
	rc = far_esp_command(e, ESP_SPI_SET_PARAMS, 6, ESP_REPLY_MS);
	if (rc == FAR_OK)
		e->_state.limit = size;
	return rc;
}

/* Also after connect: by default ROMs refuse what lies beyond their idea of a flash. */
int far_esp_widen(struct far_esp *e)
{
	return far_esp_limit(e, e->flash.info.size);
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

/* How far the loader can address: a ROM with 24 bits. */
static uint32_t reach_of(const struct far_esp *e)
{
	return e->loader == FAR_ESP_ROM ? ROM_REACH : UINT32_MAX & ~(uint32_t)(ESP_SECTOR - 1);
}

/*
 * The flash's own id, by the short way first. An answer counts if the register says so again and it
 * tells a size, which that to a damaged command does not; else once a second command has brought
 * the same.
 */
static int read_id(struct far_esp *e)
{
	uint32_t before = UINT32_MAX, now = 0;

	for (unsigned i = 0; i < 2 * FAR_ESP_TRIES; i++) {
		struct far_esp_spi id = { READ_ID, 0, 24, ESP_NO_ADDR, 0 };
		int rc = i == 0 && e->_state.stub != NULL ? e->_state.stub->read_id(e, &id.data)
							  : far_esp_spi(e, &id);

		if (rc == FAR_OK)
			rc = far_esp_peek_spi(e, REG_W0, &now);
		e->flash_id = now & 0xFFFFFF;
		if (rc != FAR_OK || e->flash_id == before || (id.data == now && size_of(now) != 0))
			return rc;
		before = e->flash_id;
	}
	return FAR_ERR_PROTO;
}

static int measure(struct far_esp *e)
{
	struct far_flash_info *info = &e->flash.info;
	int rc = read_id(e);
	uint32_t size;

	/* Not in secure download mode: the size is the caller's to tell. */
	if (rc == FAR_ERR_NOTSUP)
		rc = FAR_OK;
	if (rc != FAR_OK)
		return rc;
	size = far_min32(size_of(e->flash_id), reach_of(e));
	if (info->size == 0)
		info->size = size;
	/* A stub has asked the flash itself, as it started. */
	if (info->size == 0 || (info->size == size && e->loader == FAR_ESP_STUB))
		return FAR_OK;
	return far_esp_widen(e);
}

void far_esp_set_caps(struct far_esp *e)
{
	uint8_t caps = e->_state.row->family->caps;

	if (e->loader == FAR_ESP_STUB)
		caps = FAR_FLASH_CAN_READ | FAR_FLASH_CAN_DIGEST | FAR_FLASH_CAN_REPLACE |
		       FAR_FLASH_CAN_DEFLATE;
	if ((e->security & FAR_ESP_SECURE_DOWNLOAD) != 0 || e->_state.encrypt)
		caps = FAR_FLASH_CAN_REPLACE;
	if (e->flash.ops->read == NULL)
		caps &= (uint8_t)~FAR_FLASH_CAN_READ;
	e->flash.info.caps = caps;
}

/* A chip that is known, at the rate that it starts with. */
static int reach(struct far_esp *e)
{
	struct far_stream *s = e->_state.config.stream;
	int rc = FAR_OK;

	e->_state.connected = 0;
	e->_state.unproved = 0;
	e->_state.has_saved = 0;
	e->_state.limit = 0;
	if (s->baud != e->_state.first_baud)
		rc = s->ops->set_baud(s, e->_state.first_baud);
	if (rc == FAR_OK)
		rc = find(e);
	e->_state.found = rc == FAR_OK;
	return rc == FAR_OK ? identify(e) : rc;
}

/* From a reset to a flash of known size. The first command at the new rate is its proof. */
static int bring_up(struct far_esp *e)
{
	int rc = reach(e);

	if (rc == FAR_OK && e->_state.baud != 0) {
		rc = far_esp_raise_baud(e, e->_state.baud);
		if (rc == FAR_ERR_REFUSED || rc == FAR_ERR_NOTSUP)
			rc = FAR_OK;
	}
	if (rc == FAR_OK && e->_state.stub != NULL)
		rc = e->_state.stub->start(e);
	if (rc == FAR_OK && e->loader == FAR_ESP_ROM)
		rc = attach(e);
	return rc == FAR_OK ? measure(e) : rc;
}

int far_esp_reconnect(struct far_esp *e)
{
	int rc = bring_up(e);

	/*
	 * Found, and lost again: it does not do that rate, or a question that arrived damaged has
	 * crashed it. Only a reset brings it back.
	 */
	if (e->_state.found && (rc == FAR_ERR_TIMEOUT || rc == FAR_ERR_IO) &&
	    e->loader != FAR_ESP_STUB_SILENT) {
		if (e->_state.unproved)
			e->_state.baud = 0;
		rc = bring_up(e);
	}
	if (rc == FAR_OK) {
		far_esp_set_caps(e);
		e->_state.astray = 0;
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
	e->_state.encrypt = 0;
	e->_state.baud = e->_state.config.baud;
	e->_state.expect = (uint8_t)e->_state.config.expect;
	rc = far_esp_reconnect(e);
	return far_esp_settle(e, rc, 0);
}

int far_esp_set_flash_size(struct far_esp *e, uint32_t size)
{
	int rc;

	far_flash_start(&e->flash, FAR_FLASH_OP_SESSION);
	if (!e->_state.connected)
		rc = FAR_ERR_STATE;
	else if (size == 0 || size % ESP_SECTOR != 0 || size > reach_of(e))
		rc = FAR_ERR_ARG;
	else {
		e->flash.info.size = size;
		rc = far_esp_widen(e);
	}
	return far_esp_settle(e, rc, size);
}

int far_esp_ready(struct far_esp *e)
{
	const struct far_flash_ops *ops = e->flash.ops;
	int rc;

	if (e->_state.connected)
		return FAR_OK;
	if (e->flash.info.size == 0)
		return FAR_ERR_STATE;
	rc = far_esp_reconnect(e);
	/* Another loader than before: this call is one of the old one's. The next will go well. */
	return rc == FAR_OK && e->flash.ops != ops ? FAR_ERR_TIMEOUT : rc;
}

/* ---- leave ----------------------------------------------------------------------------------- */

static int run(struct far_esp *e)
{
	int rc;

	if (e->loader == FAR_ESP_STUB)
		return e->_state.stub->run(e);
	rc = far_esp_begin(e, ESP_FLASH_BEGIN, 0, 0, 0);
	e->_state.words[0] = 0; /* reboot */
	return rc == FAR_OK ? far_esp_command(e, ESP_FLASH_END | ESP_ONCE, 1, ESP_REPLY_MS) : rc;
}

static int left(struct far_esp *e, int rc)
{
	e->_state.connected = 0;
	e->flash.info.size = 0;
	return far_esp_settle(e, rc, 0);
}

int far_esp_leave(struct far_esp *e)
{
	int rc;

	far_flash_start(&e->flash, FAR_FLASH_OP_SESSION);
	rc = far_esp_reset(e, FAR_ESP_RESET_RUN, 0);
	if (rc == FAR_ERR_NOTSUP && e->_state.connected)
		rc = run(e);
	return left(e, rc);
}

int far_esp_run(struct far_esp *e)
{
	int rc;

	far_flash_start(&e->flash, FAR_FLASH_OP_SESSION);
	rc = e->_state.connected ? run(e) : FAR_ERR_STATE;
	return left(e, rc);
}
