/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fewer questions on the way to a flash, for sessions that can afford the code: those with stubs.
 * What is believed is believed for the same reason as without: because two answers bear it out.
 */
#include "core/bytes.h"
#include "device/esp/session.h"

enum {
	TUPLE_WORDS = 4, /* WRITE_REG: address, value, mask, delay in us */
	TUPLES = 3,
	BUSY_US = 100 /* 32 bits on the bus take less */
};

#define CMD_READ_ID (1u << 28)

/* The ESP32-S2 is told by its word alone, and so are the first two. */
const struct far_esp_word far_esp_words[] = {
	{ 0x000007C6, FAR_ESP_32S2 },  { 0x00000009, FAR_ESP_32S3 },  { 0x6F51306F, FAR_ESP_32C2 },
	{ 0x7C41A06F, FAR_ESP_32C2 },  { 0x0C21E06F, FAR_ESP_32C2 },  { 0x6921506F, FAR_ESP_32C3 },
	{ 0x1B31506F, FAR_ESP_32C3 },  { 0x4881606F, FAR_ESP_32C3 },  { 0x4361606F, FAR_ESP_32C3 },
	{ 0x1101406F, FAR_ESP_32C5 },  { 0x63E1406F, FAR_ESP_32C5 },  { 0x5FD1406F, FAR_ESP_32C5 },
	{ 0x2CE0806F, FAR_ESP_32C6 },  { 0x33F0206F, FAR_ESP_32C61 }, { 0x2421606F, FAR_ESP_32C61 },
	{ 0x4F81606F, FAR_ESP_32C61 }, { 0xD7B73E80, FAR_ESP_32H2 },  { 0x97E30068, FAR_ESP_32H2 },
	{ 0x0ADDBAD0, FAR_ESP_32P4 },  { 0x07039AD9, FAR_ESP_32P4 },  { 0, 0 },
};

/*
 * No fuse is burnt, and the chip is the one that the word is of: told by two different questions.
 */
int far_esp_quick_is_sure(const struct far_esp *e)
{
	const uint8_t *p = e->_state.payload;
	const struct far_esp_word *w = far_esp_words;
	uint32_t id = ID_OF_S2;

	if (e->_state.payload_len >= ESP_SECURITY_LEN)
		id = far_get_le32(p + ESP_SECURITY_SHORT);
	while (w->word != 0 && w->word != e->magic)
		w++;
	return w->word != 0 && far_get_le32(p) == 0 &&
	       far_esp_image_id((enum far_esp_chip)w->chip) == id;
}

static uint32_t *put(uint32_t *word, uint32_t addr, uint32_t value, uint32_t mask, uint32_t us)
{
	word[0] = addr;
	word[1] = value;
	word[2] = mask;
	word[3] = us;
	return word + TUPLE_WORDS;
}

/* The ESP8266's ROM erases by commands that want the controller's registers saved in any case. */
static int goes_long(const struct far_esp *e)
{
	return (e->security & FAR_ESP_SECURE_DOWNLOAD) != 0 ||
	       (e->_state.row->family->old != NULL && e->loader == FAR_ESP_ROM);
}

/*
 * W0 cleared, so that an old answer is none; the command; and a register that stays as it is, for
 * the time.
 */
int far_esp_quick_id(struct far_esp *e, uint32_t *id)
{
	const struct far_esp_row *row = e->_state.row;
	uint32_t w0 = row->spi + row->family->reg[REG_W0];
	uint32_t *word = e->_state.words;
	struct far_esp_spi as_all_do = { READ_ID, 0, 24, ESP_NO_ADDR, 0 };
	int rc;

	if (goes_long(e)) {
		rc = far_esp_spi(e, &as_all_do);
		*id = as_all_do.data;
		return rc;
	}
	word = put(word, w0, 0, UINT32_MAX, 0);
	word = put(word, row->spi + row->family->reg[REG_CMD], CMD_READ_ID, UINT32_MAX, BUSY_US);
	put(word, row->spi + row->family->reg[REG_ADDR], 0, 0, BUSY_US);
	rc = far_esp_command(e, ESP_WRITE_REG, TUPLES * TUPLE_WORDS, ESP_REPLY_MS);
	return rc == FAR_OK ? far_esp_peek(e, w0, id) : rc;
}
