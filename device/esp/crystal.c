/* SPDX-License-Identifier: Apache-2.0 */
/* ROMs that divide down a clock that they only believe they have. */
#include "device/esp/session.h"

/* Where to read what a ROM takes its crystal for, by enum far_esp_clock; 0: nothing to read. */
static const uint32_t clock_regs[4][2] = {
	[CLOCK_MEASURED] = { 0x3FF5F06C, /* bits 30:7: crystal against the RC oscillator */
			     0x3FF5A010 /* bits 7:0: frequency of that */ },
	[CLOCK_40] = { 0x60000014 /* UART divider */ },
	[CLOCK_TOLD] = { 0x60000014, 0x60096110 /* bits 30:24: MHz */ },
};

/* 2^28 by a crystal's kHz: small cores have no division. */
#define TO_CRYSTAL(khz) ((1u << 28) / (khz) + 1)

/*
 * By how much the clock that the ROM believes in differs from the true one, from these registers,
 * in 1/1024. All in kHz, more or less; crystals have 26, 40 or 48 MHz.
 */
static uint32_t ratio_of(const struct far_esp *e, const uint32_t word[2])
{
	uint32_t believed, is;

	if (e->_state.row->clock == CLOCK_MEASURED) {
		/* In Hz: product * 15625 / 40. */
		believed = is = (word[0] >> 7 & 0xFFFFFF) * (word[1] & 0xFF) / 64 * 25;
	} else {
		believed = e->_state.row->clock == CLOCK_40 ? 40 : word[1] >> 24 & 0x7F;
		believed *= 1000;
		/* The divider that the ROM found at connect betrays the crystal. */
		is = (word[0] & 0xFFFFF) * e->_state.config.stream->baud >> 10;
	}
	believed *= is > 43000   ? TO_CRYSTAL(48000)
		    : is > 32000 ? TO_CRYSTAL(40000)
				 : TO_CRYSTAL(26000);
	return believed >> 18;
}

/*
 * The ROM divides down the clock that it believes it has, not the true one. What it must be asked
 * for so that the divider comes out right. Where the numbers make no sense, and in secure download
 * mode, which hides the registers, the rate is taken as it is.
 */
int far_esp_correct_rate(struct far_esp *e, uint32_t *baud)
{
	const uint32_t *reg = clock_regs[e->_state.row->clock];
	uint32_t word[2] = { 0 }, ratio;

	for (unsigned i = 0; i < 2 && reg[i] != 0; i++) {
		int rc = far_esp_peek(e, reg[i], &word[i]);

		if (rc != FAR_OK)
			return rc == FAR_ERR_NOTSUP ? FAR_OK : rc;
	}
	ratio = ratio_of(e, word); /* 0 if there was nothing to read */
	if (ratio > 800 && ratio < 1640)
		*baud = (*baud >> 5) * ratio >> 5;
	return FAR_OK;
}
