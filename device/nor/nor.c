/* SPDX-License-Identifier: Apache-2.0 */
#include "core/bytes.h"
#include "core/emulate.h"
#include "device/nor/internal.h"
#include "device/nor/nor.h"

#define STATUS_BUSY    0x01u /* WIP */
#define STATUS_ENABLED 0x02u /* WEL */
#define STATUS_PROTECT 0x3Cu /* BP0 to BP3, or BP0 to BP2 and TB: none set, nothing protected */

/* The longest the datasheets allow. A part that was busy when we came does one of these, too. */
#define PROGRAM_MS 5u
#define SECTOR_MS  400u
#define BLOCK_MS   2000u
/* A clock of the coarsest resolution allowed may claim this much more than has passed. */
#define CLOCK_STEP_MS 10u

#define PAGE        256u
#define CMD_MAX     5u  /* opcode and 4 address bytes */
#define CHECK_CHUNK 64u /* stack for reading back */

static struct far_nor *self_of(struct far_flash *f)
{
	return (struct far_nor *)(void *)f;
}

int far_nor_ask(struct far_spi *spi, const uint8_t *cmd, size_t cmd_len, uint8_t *rx, size_t rx_len)
{
	const struct far_spi_frame frame = {
		.cmd = cmd,
		.cmd_len = cmd_len,
		.rx = rx,
		.rx_len = rx_len,
	};

	return spi->ops->transfer(spi, &frame);
}

static int read_status(struct far_nor *n, uint8_t *status)
{
	const uint8_t cmd = FAR_NOR_READ_STATUS;

	return far_nor_ask(n->_state.spi, &cmd, 1, status, 1);
}

/* Until the part is idle, at most bound_ms. *status is the last one read. */
static int wait_idle(struct far_nor *n, uint32_t bound_ms, uint8_t *status)
{
	struct far_clock *clock = n->_state.clock;
	uint32_t start = clock->ops->now_ms(clock);

	for (;;) {
		uint32_t waited = clock->ops->now_ms(clock) - start;
		int err = read_status(n, status);

		if (err || (*status & STATUS_BUSY) == 0)
			return err;
		if (waited > bound_ms + CLOCK_STEP_MS)
			return FAR_ERR_TIMEOUT;
		clock->ops->sleep_ms(clock, 1);
	}
}

/* Opcode and address; returns the length. */
static size_t command(const struct far_nor *n, uint8_t cmd[CMD_MAX], uint8_t opcode, uint32_t addr)
{
	size_t len = 0;

	cmd[len++] = opcode;
	if (n->_state.wide)
		cmd[len++] = (uint8_t)(addr >> 24);
	cmd[len++] = (uint8_t)(addr >> 16);
	cmd[len++] = (uint8_t)(addr >> 8);
	cmd[len++] = (uint8_t)addr;
	return len;
}

static int read_array(struct far_nor *n, uint32_t addr, uint8_t *buf, uint32_t len)
{
	uint8_t opcode = n->_state.wide ? FAR_NOR_READ_WIDE : FAR_NOR_READ;
	uint8_t cmd[CMD_MAX];
	size_t cmd_len = command(n, cmd, opcode, addr);

	return far_nor_ask(n->_state.spi, cmd, cmd_len, buf, len);
}

/* One program or erase: what it needs, and whether it has begun to change the flash. */
struct change {
	uint8_t opcode;
	uint32_t addr, len;
	const uint8_t *data; /* NULL: erase */
	uint32_t bound_ms;
	uint8_t status;  /* last one read, for the fault record */
	uint8_t started; /* the bytes at addr may have changed */
};

static int write_enable(struct far_nor *n, struct change *c)
{
	const uint8_t cmd = FAR_NOR_WRITE_ENABLE;
	int err = far_nor_ask(n->_state.spi, &cmd, 1, NULL, 0);

	if (!err)
		err = read_status(n, &c->status);
	if (err)
		return err;
	/* It was idle: one that is busy now, and so did not listen, is as dead as a silent one. */
	return (c->status & (STATUS_ENABLED | STATUS_BUSY)) == STATUS_ENABLED ? FAR_OK
									      : FAR_ERR_REFUSED;
}

static int write_disable(struct far_nor *n)
{
	const uint8_t cmd = FAR_NOR_WRITE_DISABLE;

	return far_nor_ask(n->_state.spi, &cmd, 1, NULL, 0);
}

/* Bits of a byte of there that should be clear, or set after an erase (data NULL), and are not. */
static unsigned undone(const uint8_t *there, const uint8_t *data, uint32_t len)
{
	unsigned wrong = 0;

	for (uint32_t i = 0; data == NULL && i < len; i++)
		wrong |= there[i] ^ 0xFFu;
	for (uint32_t i = 0; data != NULL && i < len; i++)
		wrong |= there[i] & ~(unsigned)data[i];
	return wrong;
}

/*
 * Some parts drop a change to a protected range without a word. Where there is a doubt the result
 * is read back.
 */
static int check_done(struct far_nor *n, const struct change *c)
{
	uint8_t buf[CHECK_CHUNK];
	int err = FAR_OK;

	for (uint32_t at = 0; at < c->len && !err; at += CHECK_CHUNK) {
		uint32_t len = far_min32(CHECK_CHUNK, c->len - at);

		err = read_array(n, c->addr + at, buf, len);
		if (!err && undone(buf, c->data != NULL ? c->data + at : NULL, len) != 0)
			err = FAR_ERR_REFUSED;
	}
	return err;
}

static int carry_out(struct far_nor *n, struct change *c)
{
	uint8_t cmd[CMD_MAX];
	struct far_spi_frame frame = {
		.cmd = cmd,
		.cmd_len = command(n, cmd, c->opcode, c->addr),
		.tx = c->data,
		.tx_len = c->data != NULL ? c->len : 0,
	};
	int err = write_enable(n, c);

	if (err)
		return err;
	c->started = 1;
	err = n->_state.spi->ops->transfer(n->_state.spi, &frame);
	if (!err)
		err = wait_idle(n, c->bound_ms, &c->status);
	if (err)
		return err;
	/* An operation done clears the latch: one that left it set may have been dropped. */
	if ((c->status & (STATUS_ENABLED | STATUS_PROTECT)) != 0)
		err = check_done(n, c);
	/* Done by a part that keeps its latch, as emulated ones do. */
	if (!err && (c->status & STATUS_ENABLED) != 0)
		err = write_disable(n);
	return err;
}

/* The record of a failed change in an operation that began at begin. */
static int change_failed(struct far_nor *n, int err, const struct change *c, uint32_t begin)
{
	uint32_t end = c->started ? c->addr + c->len : c->addr;

	return far_flash_fail(&n->flash, err, c->addr, err == FAR_ERR_REFUSED ? c->status : 0,
			      begin, end - begin);
}

/*
 * Before each operation: one that ran into a time-out may have left the part busy, and a busy part
 * answers a read with nonsense.
 */
static int begin_operation(struct far_nor *n, uint32_t addr)
{
	uint8_t status;
	int err = wait_idle(n, BLOCK_MS, &status);

	return err ? far_flash_fail(&n->flash, err, addr, 0, addr, 0) : FAR_OK;
}

static int nor_read(struct far_flash *f, uint32_t addr, uint8_t *buf, uint32_t len)
{
	struct far_nor *n = self_of(f);
	int err = begin_operation(n, addr);

	if (err)
		return err;
	err = read_array(n, addr, buf, len);
	return err ? far_flash_fail(f, err, addr, 0, addr, 0) : FAR_OK;
}

static int nor_write(struct far_flash *f, uint32_t addr, const uint8_t *buf, uint32_t len)
{
	struct far_nor *n = self_of(f);
	uint32_t begin = addr;
	int err = begin_operation(n, addr);

	while (!err && len > 0) {
		struct change c = {
			.opcode = n->_state.wide ? FAR_NOR_PROGRAM_WIDE : FAR_NOR_PROGRAM,
			.addr = addr,
			.len = far_min32(len, PAGE - addr % PAGE), /* beyond it would wrap */
			.data = buf,
			.bound_ms = PROGRAM_MS,
		};

		err = carry_out(n, &c);
		if (err)
			return change_failed(n, err, &c, begin);
		addr += c.len;
		buf += c.len;
		len -= c.len;
	}
	return err;
}

static int nor_erase(struct far_flash *f, uint32_t addr, uint32_t len)
{
	struct far_nor *n = self_of(f);
	uint32_t begin = addr;
	int err = begin_operation(n, addr);

	while (!err && len > 0) {
		int block = n->_state.block_erase != 0 && addr % FAR_NOR_BLOCK == 0 &&
			    len >= FAR_NOR_BLOCK;
		struct change c = {
			.opcode = block ? n->_state.block_erase : n->_state.sector_erase,
			.addr = addr,
			.len = block ? FAR_NOR_BLOCK : FAR_NOR_SECTOR,
			.bound_ms = block ? BLOCK_MS : SECTOR_MS,
		};

		err = carry_out(n, &c);
		if (err)
			return change_failed(n, err, &c, begin);
		addr += c.len;
		len -= c.len;
	}
	return err;
}

static const struct far_flash_ops nor_ops = {
	.read = nor_read,
	.write = nor_write,
	.erase = nor_erase,
	.digest = far_flash_emulate_digest,
	.replace_begin = far_flash_emulate_begin,
	.replace_write = far_flash_emulate_write,
	.replace_end = far_flash_emulate_end,
};

/*
 * Get the part to answer: out of deep power-down, and done with what it was doing when this side
 * was reset. A status of FFh is also what a bus without a part reads as; a part with that much
 * protection has nothing to be busy with.
 */
static int wake(struct far_nor *n)
{
	const uint8_t cmd = FAR_NOR_RELEASE_POWER; /* ignored while busy */
	struct far_clock *clock = n->_state.clock;
	uint8_t status;
	int err = far_nor_ask(n->_state.spi, &cmd, 1, NULL, 0);

	if (err)
		return err;
	clock->ops->sleep_ms(clock, 1); /* tRES1: some 10 us */
	err = read_status(n, &status);
	if (err || status == 0xFF)
		return err;
	return wait_idle(n, BLOCK_MS, &status);
}

int far_nor_init(struct far_nor *n, struct far_spi *spi, struct far_clock *clock)
{
	struct far_nor_part part = { 0 };
	int err;

	if (n == NULL || spi == NULL || clock == NULL)
		return FAR_ERR_ARG;
	*n = (struct far_nor){ .flash.ops = &nor_ops };
	n->_state.spi = spi;
	n->_state.clock = clock;
	far_flash_start(&n->flash, FAR_FLASH_OP_SESSION);
	err = wake(n);
	if (!err)
		err = far_nor_identify(spi, &part);
	memcpy(n->jedec_id, part.jedec_id, sizeof(n->jedec_id));
	if (err)
		return far_flash_fail(&n->flash, err, 0, 0, 0, 0);
	n->_state.wide = part.wide;
	n->_state.sector_erase = part.sector_erase;
	n->_state.block_erase = part.block_erase;
	n->flash.info = (struct far_flash_info){
		.size = part.size,
		.sector_size = FAR_NOR_SECTOR,
		.write_block = 1,
		.erase_value = 0xFF,
		.caps = FAR_FLASH_CAN_READ,
	};
	return FAR_OK;
}
