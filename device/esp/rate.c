/* SPDX-License-Identifier: Apache-2.0 */
/* Changing the rate of chip and stream together. */
#include "device/esp/session.h"

/* Where to read what a ROM takes its crystal for, by enum far_esp_clock; 0: nothing to read. */
static const uint32_t clock_regs[4][2] = {
	[CLOCK_MEASURED] = { 0x3FF5F06C, /* bits 30:7: crystal against the RC oscillator */
			     0x3FF5A010 /* bits 7:0: frequency of that */ },
	[CLOCK_40] = { 0x60000014 /* UART divider */ },
	[CLOCK_TOLD] = { 0x60000014, 0x60096110 /* bits 30:24: MHz */ },
};

/*
 * By how much the clock that the ROM believes in differs from the true one, from these registers. All
 * in kHz; crystals have 26, 40 or 48 MHz.
 */
static uint32_t permille_of(const struct far_esp *e, const uint32_t word[2])
{
	uint32_t believed, is;

	if (e->_state.row->clock == CLOCK_MEASURED) {
		/* In Hz: product * 15625 / 40. */
		believed = is = (word[0] >> 7 & 0xFFFFFF) * (word[1] & 0xFF) / 64 * 25;
	} else {
		believed = e->_state.row->clock == CLOCK_40 ? 40 : word[1] >> 24 & 0x7F;
		believed *= 1000;
		/* The divider that the ROM found at connect betrays the crystal. */
		is = (word[0] & 0xFFFFF) * (e->_state.config.stream->baud / 100) / 10;
	}
	return believed / (is > 45000 ? 48 : is > 33000 ? 40 : 26);
}

/*
 * The ROM divides down the clock that it believes it has, not the true one. What it must be asked
 * for so that the divider comes out right. Where the numbers make no sense, and in secure download
 * mode, which hides the registers, the rate is taken as it is.
 */
static int correct(struct far_esp *e, uint32_t *baud)
{
	const uint32_t *reg = clock_regs[e->_state.row->clock];
	uint32_t word[2] = { 0 }, permille;

	for (unsigned i = 0; i < 2 && reg[i] != 0; i++) {
		int rc = far_esp_peek(e, reg[i], &word[i]);

		if (rc != FAR_OK)
			return rc == FAR_ERR_NOTSUP ? FAR_OK : rc;
	}
	permille = permille_of(e, word); /* 0 if there was nothing to read */
	if (permille > 800 && permille < 1600)
		*baud = *baud / 100 * permille / 10;
	return FAR_OK;
}

/* Tell the chip, and follow. */
static int switch_baud(struct far_esp *e, uint32_t baud)
{
	struct far_stream *s = e->_state.config.stream;
	uint32_t words[2] = { baud, 0 };
	int rc = FAR_OK;

	if (e->loader == FAR_ESP_STUB)
		words[1] = s->baud; /* wanted by stubs */
	else
		rc = correct(e, &words[0]);
	if (rc != FAR_OK)
		return rc;
	rc = far_esp_once(e, ESP_CHANGE_BAUD, words, 2, 0, ESP_REPLY_MS);
	/* No answer: it may have changed all the same. Only the new rate can tell. */
	if (rc == FAR_ERR_TIMEOUT || rc == FAR_ERR_PROTO)
		rc = FAR_OK;
	return rc == FAR_OK ? s->ops->set_baud(s, baud) : rc;
}

/* Can the stream itself do this rate? Asked before the chip is told. */
static int try_stream(struct far_stream *s, uint32_t baud)
{
	uint32_t old = s->baud;
	int rc = s->ops->set_baud(s, baud);

	return rc == FAR_OK ? s->ops->set_baud(s, old) : rc;
}

int far_esp_raise_baud(struct far_esp *e, uint32_t baud)
{
	struct far_stream *s = e->_state.config.stream;
	int rc;

	if (baud == s->baud)
		return FAR_OK;
	if (s->ops->set_baud == NULL || (e->chip == FAR_ESP_8266 && e->loader == FAR_ESP_ROM))
		return FAR_ERR_NOTSUP;
	rc = try_stream(s, baud);
	if (rc == FAR_OK)
		rc = switch_baud(e, baud);
	e->_state.unproved =
		rc != FAR_ERR_REFUSED && rc != FAR_ERR_NOTSUP && rc != FAR_ERR_CANCELLED;
	return rc;
}

int far_esp_set_baud(struct far_esp *e, uint32_t baud)
{
	int rc;

	far_flash_start(&e->flash, FAR_FLASH_OP_SESSION);
	rc = baud == 0 ? FAR_ERR_ARG : far_esp_ready(e);
	if (rc == FAR_OK) {
		rc = far_esp_raise_baud(e, baud);
		/* See whether we still understand each other; SYNC is answered without its payload, too. */
		if (rc == FAR_OK)
			rc = far_esp_command(e, ESP_SYNC, NULL, 0, 0, ESP_REPLY_MS);
		/* Only a reset brings the chip back to the rate before. */
		if (rc != FAR_OK && e->_state.unproved && far_esp_reconnect(e) != FAR_OK)
			e->flash.info.size = 0;
	}
	if (rc == FAR_OK)
		e->_state.baud = baud;
	return far_esp_settle(e, rc, baud);
}
