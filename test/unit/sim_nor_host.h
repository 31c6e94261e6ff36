/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tiny host for the tests of the NOR die: frames built byte by byte, time kept by hand. Include
 * it last; every function is there for every test, used or not.
 */
#ifndef FARFLASH_TEST_SIM_NOR_HOST_H
#define FARFLASH_TEST_SIM_NOR_HOST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/nor/nor.h"

#define KIB 1024u
#define MIB (1024u * 1024u)
#define US  1000ull
#define MS  1000000ull

struct host {
	struct far_sim_nor *nor;
	uint64_t now_ns;
};

static inline struct host host_new(uint32_t size, bool instant)
{
	const struct far_sim_nor_config config = { .size = size, .instant = instant };
	struct host h = { .nor = far_sim_nor_new(&config), .now_ns = 1000 };

	assert_non_null(h.nor);
	return h;
}

static inline void frame(struct host *h, const uint8_t *tx, size_t tx_len, uint8_t *rx,
			 size_t rx_len)
{
	far_sim_nor_frame(h->nor, h->now_ns, tx, tx_len, rx, rx_len);
}

/* A frame of one byte. */
static inline void op(struct host *h, uint8_t opcode)
{
	frame(h, &opcode, 1, NULL, 0);
}

/* Opcode and addr_len address bytes, most significant first; returns the length. */
static inline size_t put_op(uint8_t *tx, uint8_t opcode, uint32_t addr, size_t addr_len)
{
	tx[0] = opcode;
	for (size_t i = 0; i < addr_len; i++)
		tx[1 + i] = (uint8_t)(addr >> 8 * (addr_len - 1 - i));
	return 1 + addr_len;
}

static inline void op_addr(struct host *h, uint8_t opcode, uint32_t addr, size_t addr_len)
{
	uint8_t tx[8];

	frame(h, tx, put_op(tx, opcode, addr, addr_len), NULL, 0);
}

static inline void op_data(struct host *h, uint8_t opcode, uint32_t addr, size_t addr_len,
			   const void *data, size_t len)
{
	uint8_t tx[8 + 1024];
	size_t at = put_op(tx, opcode, addr, addr_len);

	assert_true(len <= 1024);
	if (len > 0)
		memcpy(tx + at, data, len);
	frame(h, tx, at + len, NULL, 0);
}

/* Opcode, address, dummy bytes, then len bytes out. */
static inline void op_read(struct host *h, uint8_t opcode, uint32_t addr, size_t addr_len,
			   size_t dummy, void *rx, size_t len)
{
	uint8_t tx[16] = { 0 };
	size_t at = put_op(tx, opcode, addr, addr_len);

	frame(h, tx, at + dummy, rx, len);
}

static inline uint8_t reg(struct host *h, uint8_t opcode)
{
	uint8_t value = 0;

	frame(h, &opcode, 1, &value, 1);
	return value;
}

static inline void wait_idle(struct host *h)
{
	uint64_t until = far_sim_nor_busy_until_ns(h->nor);

	if (until > h->now_ns)
		h->now_ns = until;
}

/* Write enable, the change, and wait for its end. */
static inline void program(struct host *h, uint32_t addr, const void *data, size_t len)
{
	op(h, 0x06);
	op_data(h, 0x02, addr, 3, data, len);
	wait_idle(h);
}

static inline void program_byte(struct host *h, uint32_t addr, uint8_t value)
{
	program(h, addr, &value, 1);
}

static inline void erase(struct host *h, uint8_t opcode, uint32_t addr)
{
	op(h, 0x06);
	op_addr(h, opcode, addr, 3);
	wait_idle(h);
}

static inline void write_reg(struct host *h, uint8_t opcode, uint8_t value)
{
	op(h, 0x06);
	op_data(h, opcode, 0, 0, &value, 1);
	wait_idle(h);
}

static inline uint8_t at(const struct host *h, uint32_t addr)
{
	return far_sim_nor_memory(h->nor)[addr];
}

static inline bool all_ff(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i] != 0xff)
			return false;
	return true;
}

#endif
