/* SPDX-License-Identifier: Apache-2.0 */
/* Commands to the chip's flash that the user chooses, and its status registers. */
#include "device/esp/session.h"

enum {
	WRITE_ENABLE = 0x06,
	WRITE_DISABLE = 0x04,
	VOLATILE_ENABLE = 0x50, /* for the next write of a status register only */
	REGISTERS = 3,
	TELLING = 3 /* busy and write enabled: bits of the first that are no settings */
};

/* One for each register. */
static const uint8_t read_op[REGISTERS] = { 0x05, 0x35, 0x15 };
static const uint8_t write_op[REGISTERS] = { 0x01, 0x31, 0x11 };

int far_esp_flash_command(struct far_esp *e, struct far_esp_spi *c)
{
	int rc = FAR_ERR_ARG;

	far_flash_start(&e->flash, FAR_FLASH_OP_SESSION);
	if (c->out_bits <= 32 && c->in_bits <= 32 && (c->out_bits == 0 || c->in_bits == 0))
		rc = far_esp_ready(e);
	if (rc == FAR_OK)
		rc = far_esp_spi(e, c);
	return far_esp_settle(e, rc, 0);
}

/* Answers have no checksum: one counts when the next is the same. */
static int read_register(struct far_esp *e, unsigned n, uint32_t *value)
{
	uint32_t before = UINT32_MAX;

	for (unsigned i = 0; i <= FAR_ESP_TRIES; i++) {
		struct far_esp_spi c = { read_op[n], 0, 8, ESP_NO_ADDR, 0 };
		int rc = far_esp_spi(e, &c);

		*value = c.data & 0xFF;
		if (rc != FAR_OK || *value == before)
			return rc;
		before = *value;
	}
	return FAR_ERR_PROTO;
}

static int read_all(struct far_esp *e, unsigned registers, uint32_t *status)
{
	int rc = FAR_OK;

	*status = 0;
	for (unsigned n = 0; n < registers && rc == FAR_OK; n++) {
		uint32_t value = 0;

		rc = read_register(e, n, &value);
		*status |= value << 8 * n;
	}
	return rc;
}

static int begin(struct far_esp *e, unsigned registers)
{
	far_flash_start(&e->flash, FAR_FLASH_OP_SESSION);
	return registers >= 1 && registers <= REGISTERS ? far_esp_ready(e) : FAR_ERR_ARG;
}

int far_esp_read_status(struct far_esp *e, unsigned registers, uint32_t *status)
{
	int rc = begin(e, registers);

	if (rc == FAR_OK)
		rc = read_all(e, registers, status);
	return far_esp_settle(e, rc, 0);
}

/* One command, and until it has had its effect. */
static int write_one(struct far_esp *e, uint8_t opcode, uint32_t value, uint8_t bits, int lasting)
{
	struct far_esp_spi c = { lasting ? WRITE_ENABLE : VOLATILE_ENABLE, 0, 0, ESP_NO_ADDR, 0 };
	int rc = far_esp_spi(e, &c);

	c = (struct far_esp_spi){ opcode, bits, 0, ESP_NO_ADDR, value };
	if (rc == FAR_OK)
		rc = far_esp_spi(e, &c);
	return rc == FAR_OK ? far_esp_spi_wait(e) : rc;
}

/* FAR_OK, FAR_ERR_VERIFY or why it cannot be told. */
static int compare(struct far_esp *e, unsigned registers, uint32_t wanted)
{
	uint32_t status = 0;
	int rc = read_all(e, registers, &status);

	if (rc == FAR_OK && ((status ^ wanted) & ~(uint32_t)TELLING) != 0)
		rc = FAR_ERR_VERIFY;
	return rc;
}

/*
 * Older flashes take two registers by one command and have no other for the second; writing the
 * first alone clears the second of some. So two go together first, and alone only if that did not
 * do.
 */
static int write_all(struct far_esp *e, unsigned registers, uint32_t status, int lasting)
{
	int rc = FAR_ERR_VERIFY;

	if (registers == 2) {
		rc = write_one(e, write_op[0], status, 16, lasting);
		if (rc == FAR_OK)
			rc = compare(e, registers, status);
	}
	if (rc != FAR_ERR_VERIFY)
		return rc;
	rc = FAR_OK;
	for (unsigned n = 0; n < registers && rc == FAR_OK; n++)
		rc = write_one(e, write_op[n], status >> 8 * n & 0xFF, 8, lasting);
	return rc == FAR_OK ? compare(e, registers, status) : rc;
}

int far_esp_write_status(struct far_esp *e, unsigned registers, uint32_t status, int lasting)
{
	struct far_esp_spi disable = { WRITE_DISABLE, 0, 0, ESP_NO_ADDR, 0 };
	int rc = begin(e, registers);

	if (rc == FAR_OK && registers * 8 < 32 && status >> registers * 8 != 0)
		rc = FAR_ERR_ARG;
	if (rc == FAR_OK)
		rc = write_all(e, registers, status, lasting);
	/* What was not taken may have left the flash write enabled. */
	if (rc == FAR_ERR_VERIFY && far_esp_spi(e, &disable) != FAR_OK)
		rc = FAR_ERR_TIMEOUT;
	return far_esp_settle(e, rc, 0);
}
