/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chip's registers, and what is done through them: its MAC address, and commands to its flash
 * that the loader itself does not offer.
 */
#include "core/bytes.h"
#include "device/esp/session.h"

enum {
	TUPLE_WORDS = 4, /* WRITE_REG: address, value, mask, delay in us */
	POLL_MS = 10,
	WRITE_ENABLE = 0x06,
	READ_STATUS = 0x05
};

/* Bits of the flash controller's registers. */
#define CMD_USER      (1u << 18)
#define USR_COMMAND   (1u << 31)
#define USR_ADDR      (1u << 30)
#define USR_MISO      (1u << 28)
#define USR_MOSI      (1u << 27)
#define USR1_ADDR_24  (23u << 26)
#define USR2_OPCODE_8 (7u << 28)

/* One for each register, and three more that put back what the ROM had set. */
enum { TUPLES = ESP_REGS + 3, BUSY_US = 100 /* 64 bits on the bus take less */ };

_Static_assert(sizeof(((struct far_esp *)0)->_state.words) == TUPLES * TUPLE_WORDS * 4,
	       "one WRITE_REG for all");

int far_esp_peek(struct far_esp *e, uint32_t addr, uint32_t *value)
{
	int rc = FAR_ERR_NOTSUP;

	e->_state.words[0] = addr;
	if ((e->security & FAR_ESP_SECURE_DOWNLOAD) == 0)
		rc = far_esp_command(e, ESP_READ_REG, 1, ESP_REPLY_MS);
	if (rc == FAR_OK)
		*value = e->_state.value;
	return rc;
}

int far_esp_read_slow(struct far_esp *e, uint32_t addr, uint32_t len)
{
	e->_state.words[0] = addr;
	e->_state.words[1] = len;
	return far_esp_command(e, ESP_READ_SLOW, 2, ESP_REPLY_MS);
}

static uint32_t place_of(const struct far_esp *e, unsigned reg)
{
	const struct far_esp_row *row = e->_state.row;

	return row->spi + row->family->reg[reg];
}

int far_esp_peek_spi(struct far_esp *e, enum far_esp_reg reg, uint32_t *value)
{
	return far_esp_peek(e, place_of(e, reg), value);
}

/*
 * The loader's own flash code expects its settings back after ours. Each is read once, and USR1
 * only before it is needed: for an address, and where it holds the lengths.
 */
static int save_controller(struct far_esp *e, int usr1)
{
	unsigned missing = (usr1 ? 7 : 5) & ~(unsigned)e->_state.has_saved;
	int rc = FAR_OK;

	for (unsigned i = 0; i < 3 && rc == FAR_OK; i++) {
		if ((missing >> i & 1) == 0)
			continue;
		rc = far_esp_peek_spi(e, REG_USR + i, &e->_state.spi_saved[i]);
		if (rc == FAR_OK)
			e->_state.has_saved |= (uint8_t)(1u << i);
	}
	return rc;
}

/* What each register is to hold. */
static void set_up(const struct far_esp_family *family, const struct far_esp_spi *c,
		   uint32_t value[ESP_REGS])
{
	uint32_t usr = USR_COMMAND, usr1 = 0, in = 0, out = 0;

	if (c->addr != ESP_NO_ADDR) {
		usr |= USR_ADDR;
		usr1 |= USR1_ADDR_24;
	}
	if (c->in_bits > 0) {
		usr |= USR_MISO;
		in = c->in_bits - 1u;
	}
	if (c->out_bits > 0) {
		usr |= USR_MOSI;
		out = c->out_bits - 1u;
	}
	if (family->lengths_in_usr1)
		usr1 |= out << 17 | in << 8;
	value[REG_ADDR] = c->addr << family->addr_shift;
	value[REG_USR] = usr;
	value[REG_USR1] = usr1;
	value[REG_USR2] = USR2_OPCODE_8 | c->opcode;
	value[REG_MOSI_DLEN] = out;
	value[REG_MISO_DLEN] = in;
	value[REG_W0] = c->data;
	value[REG_CMD] = CMD_USER;
}

/*
 * Do it by one WRITE_REG: set up, start, wait, put back. Which side of its register a tuple's delay
 * is on does not matter: all have one. What could not be put back is left as it is.
 */
static int start_spi(struct far_esp *e, const struct far_esp_spi *c)
{
	uint32_t value[ESP_REGS], *word = e->_state.words;

	set_up(e->_state.row->family, c, value);
	for (unsigned i = 0; i < TUPLES; i++) {
		unsigned reg = i < ESP_REGS ? i : i - ESP_REGS + REG_USR;

		word[0] = place_of(e, reg);
		word[1] = i < ESP_REGS ? value[i] : e->_state.spi_saved[i - ESP_REGS];
		word[2] = reg == REG_USR1 && (e->_state.has_saved & 2) == 0 ? 0 : UINT32_MAX;
		word[3] = BUSY_US;
		word += TUPLE_WORDS;
	}
	return far_esp_command(e, ESP_WRITE_REG, TUPLE_WORDS * TUPLES, ESP_REPLY_MS);
}

int far_esp_spi(struct far_esp *e, struct far_esp_spi *c)
{
	int rc = save_controller(e,
				 e->_state.row->family->lengths_in_usr1 || c->addr != ESP_NO_ADDR);

	if (rc == FAR_OK)
		rc = start_spi(e, c);
	if (rc == FAR_OK && c->in_bits > 0)
		rc = far_esp_peek_spi(e, REG_W0, &c->data);
	return rc;
}

int far_esp_spi_wait(struct far_esp *e)
{
	struct far_clock *clock = e->_state.config.clock;
	struct far_esp_spi c = { READ_STATUS, 0, 8, ESP_NO_ADDR, 0 };

	for (uint32_t ms = 0; ms <= ESP_ERASE_MS; ms += POLL_MS) {
		int rc = far_esp_spi(e, &c);

		if (rc != FAR_OK || (c.data & 1) == 0)
			return rc;
		clock->ops->sleep_ms(clock, POLL_MS);
	}
	return FAR_ERR_TIMEOUT;
}

int far_esp_spi_change(struct far_esp *e, uint8_t opcode, uint32_t addr, uint32_t data,
		       uint8_t bits)
{
	struct far_esp_spi c = { WRITE_ENABLE, 0, 0, ESP_NO_ADDR, 0 };
	int rc = far_esp_spi(e, &c);

	if (rc == FAR_OK) {
		c = (struct far_esp_spi){ opcode, bits, 0, addr, data };
		rc = far_esp_spi(e, &c);
	}
	return rc == FAR_OK ? far_esp_spi_wait(e) : rc;
}

int far_esp_read_reg(struct far_esp *e, uint32_t addr, uint32_t *value)
{
	int rc;

	far_flash_start(&e->flash, FAR_FLASH_OP_SESSION);
	rc = (addr & 3) != 0 ? FAR_ERR_ALIGN : far_esp_ready(e);
	if (rc == FAR_OK)
		rc = far_esp_peek(e, addr, value);
	return far_esp_settle(e, rc, addr);
}

int far_esp_write_reg(struct far_esp *e, uint32_t addr, uint32_t value, uint32_t mask)
{
	uint32_t *words = e->_state.words;
	int rc;

	far_flash_start(&e->flash, FAR_FLASH_OP_SESSION);
	rc = (addr & 3) != 0 ? FAR_ERR_ALIGN : far_esp_ready(e);
	if (rc == FAR_OK && (e->security & FAR_ESP_SECURE_DOWNLOAD) != 0)
		rc = FAR_ERR_NOTSUP;
	if (rc == FAR_OK) {
		words[0] = addr;
		words[1] = value;
		words[2] = mask;
		words[3] = 0;
		rc = far_esp_command(e, ESP_WRITE_REG, TUPLE_WORDS, ESP_REPLY_MS);
	}
	return far_esp_settle(e, rc, addr);
}

/* Answers carry no checksum: they count when the next ones are the same. */
int far_esp_read_surely(struct far_esp *e, far_esp_reader *read, uint32_t word[3])
{
	uint32_t before[3];
	int rc = read(e, word);

	for (unsigned i = 0; i < FAR_ESP_TRIES && rc >= FAR_OK; i++) {
		memcpy(before, word, sizeof(before));
		rc = read(e, word);
		if (rc == FAR_OK && memcmp(before, word, sizeof(before)) == 0) {
			rc = far_esp_fence(e);
			if (rc == FAR_OK)
				return rc;
		}
	}
	return rc < 0 ? rc : FAR_ERR_PROTO;
}

/* ESP8266 keeps the vendor prefix in a third word, or one of two well-known ones is meant. */
static uint32_t esp8266_prefix(const uint32_t word[3])
{
	if ((word[2] & 0xFFFFFF) != 0)
		return word[2] & 0xFFFFFF;
	return (word[1] >> 16 & 0xFF) == 0 ? 0x18FE34 : 0xACD074;
}

/* The registers from row->mac on: the ESP8266 has a third word in the fourth. */
static int read_mac_words(struct far_esp *e, uint32_t word[3])
{
	unsigned count = e->chip == FAR_ESP_8266 ? 3 : 2;
	int rc = FAR_OK;

	for (unsigned i = 0; i < count && rc == FAR_OK; i++)
		rc = far_esp_peek(e, e->_state.row->mac + (i == 2 ? 12 : 4 * i), &word[i]);
	return rc;
}

int far_esp_read_mac(struct far_esp *e, uint8_t mac[6])
{
	uint32_t word[3] = { 0 };
	uint32_t low, high;
	int rc;

	far_flash_start(&e->flash, FAR_FLASH_OP_SESSION);
	rc = far_esp_ready(e);
	if (rc == FAR_OK)
		rc = far_esp_read_surely(e, read_mac_words, word);
	rc = far_esp_settle(e, rc, 0);
	if (rc != FAR_OK)
		return rc;
	/* 48 bits: 16 in high, 32 in low. The ESP8266 scatters them. */
	low = word[0];
	high = word[1] & 0xFFFF;
	if (e->chip == FAR_ESP_8266) {
		uint32_t prefix = esp8266_prefix(word);

		low = (prefix & 0xFF) << 24 | (word[1] & 0xFFFF) << 8 | word[0] >> 24;
		high = prefix >> 8;
	}
	for (unsigned i = 0; i < 6; i++)
		mac[i] = (uint8_t)(i < 2 ? high >> (8 - 8 * i) : low >> (40 - 8 * i));
	return FAR_OK;
}
