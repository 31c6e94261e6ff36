/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which part is it? SFDP (JESD216) is asked first, as it speaks for parts not yet made; older parts
 * are known by their JEDEC id.
 */
#include "core/bytes.h"
#include "device/nor/internal.h"

#define NARROW_LIMIT 0x1000000u /* what 3 address bytes reach: 16 MiB */

/* SFDP: a header, then parameter headers, 8 bytes each. JESD216 6.2, 6.3. */
#define SFDP_HEADER     8u
#define SFDP_SIGNATURE  0x50444653u /* "SFDP" */
#define SFDP_ID_BASIC   0xFF00u
#define SFDP_ID_WIDE    0xFF84u /* the 4-byte address instruction table */
#define SFDP_BASIC_MAX  16u     /* dwords of interest; the first edition has 9 */
#define SFDP_ERASE_KIND 4u

/* Bits of the basic table's 16th dword: ways to reach beyond 16 MiB. */
#define BASIC16_WIDE_COMMANDS 0x20000000u
/* Bits of the 4-byte table's first dword: 13h, 12h; from bit 9 on the erase kinds 1 to 4. */
#define WIDE1_READ_PROGRAM 0x41u
#define WIDE1_ERASE_SHIFT  9u

/* Exponents of the two erase units in use. */
#define LOG2_SECTOR 12u
#define LOG2_BLOCK  16u

/*
 * Parts that may have no SFDP, by id: capacity bytes low to high have 4 KiB and 64 KiB erase, and
 * those from wide on the 4-byte commands (0: no part of this id is sure to).
 */
struct family {
	uint8_t maker, type, low, high, wide;
};

static const struct family families[] = {
	{ 0xEF, 0x40, 0x10, 0x18, 0x00 }, /* W25Q-FV, JV-IQ; of the 25Q256 only JV has 12h */
	{ 0xEF, 0x60, 0x10, 0x18, 0x00 }, /* W25Q-FW, JW-IQ, 1.8 V */
	{ 0xEF, 0x70, 0x15, 0x22, 0x19 }, /* W25Q-JV-IM */
	{ 0xEF, 0x80, 0x15, 0x22, 0x19 }, /* W25Q-JW-IM */
	{ 0x9D, 0x60, 0x13, 0x1B, 0x19 }, /* IS25LP */
	{ 0x9D, 0x70, 0x13, 0x1B, 0x19 }, /* IS25WP, 1.8 V */
	{ 0xC2, 0x20, 0x10, 0x18,
	  0x00 }, /* MX25L; the 25635E has no 12h, the 25645G tells by SFDP */
	{ 0xC2, 0x25, 0x11, 0x18, 0x00 }, /* MX25U, 1.8 V */
	{ 0xC8, 0x40, 0x10, 0x19, 0x19 }, /* GD25Q */
	{ 0xC8, 0x60, 0x10, 0x19, 0x19 }, /* GD25LQ, 1.8 V */
	{ 0x20, 0x40, 0x15, 0x18, 0x00 }, /* XM25QH-C */
	{ 0x20, 0x70, 0x15, 0x19, 0x19 }, /* XM25QH-A, B */
};

/* Capacity byte: mostly the exponent, but 20h and up go on from 64 MiB (Winbond). 0: unknown. */
static uint32_t capacity(uint8_t code)
{
	if (code >= 0x20 && code <= 0x22)
		return 0x4000000u << (code - 0x20);
	return code >= 0x10 && code <= 0x1C ? 1u << code : 0;
}

static int by_id(struct far_nor_part *part)
{
	const uint8_t *id = part->jedec_id;

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		const struct family *f = &families[i];

		if (f->maker != id[0] || f->type != id[1] || id[2] < f->low || id[2] > f->high)
			continue;
		part->size = capacity(id[2]);
		part->wide = f->wide != 0 && id[2] >= f->wide;
		part->sector_erase = part->wide ? 0x21 : 0x20;
		part->block_erase = part->wide ? 0xDC : 0xD8;
		return part->size > 0 ? FAR_OK : FAR_ERR_NOTSUP;
	}
	return FAR_ERR_NOTSUP;
}

static int read_sfdp(struct far_spi *spi, uint32_t addr, uint8_t *buf, size_t len)
{
	const uint8_t cmd[5] = { FAR_NOR_READ_SFDP, (uint8_t)(addr >> 16), (uint8_t)(addr >> 8),
				 (uint8_t)addr, 0 /* eight dummy clocks */ };

	return far_nor_ask(spi, cmd, sizeof(cmd), buf, len);
}

/*
 * Read the first max dwords of the table of this id. Returns how many it has (and were read, up to
 * max), 0 if there is none, or FAR_ERR_IO.
 */
static int read_table(struct far_spi *spi, uint32_t id, uint8_t *table, uint32_t max)
{
	uint8_t h[SFDP_HEADER];
	uint32_t headers;
	int err = read_sfdp(spi, 0, h, sizeof(h));

	if (err)
		return err;
	if (far_get_le32(h) != SFDP_SIGNATURE || h[5] != 1)
		return 0;
	headers = h[6] + 1u;
	for (uint32_t i = 1; i <= headers; i++) {
		uint32_t len;

		err = read_sfdp(spi, i * SFDP_HEADER, h, sizeof(h));
		if (err)
			return err;
		if (((uint32_t)h[7] << 8 | h[0]) != id)
			continue;
		len = far_min32(h[3], max);
		err = read_sfdp(spi, far_get_le32(h + 4) & 0xFFFFFF, table, 4 * (size_t)len);
		return err ? err : (int)len;
	}
	return 0;
}

static uint32_t dword(const uint8_t *table, uint32_t number)
{
	return far_get_le32(table + (size_t)4 * (number - 1)); /* JESD216 counts from 1 */
}

/* Dword 2: bits less one, or with bit 31 their number's exponent. 0: not ours to drive. */
static uint32_t density_to_size(uint32_t density)
{
	uint32_t bytes;

	if ((density & 0x80000000u) != 0) {
		uint32_t log2_bits = density & 0x7FFFFFFFu;

		return log2_bits >= 15 && log2_bits <= 34 ? 1u << (log2_bits - 3) : 0;
	}
	bytes = (density + 1) / 8;
	return bytes % FAR_NOR_SECTOR == 0 ? bytes : 0;
}

/* The opcode of the erase kind of this size; table is the one with the opcodes for wide parts. */
static uint8_t erase_opcode(const uint8_t *basic, const uint8_t *wide, uint32_t log2_size)
{
	for (uint32_t kind = 0; kind < SFDP_ERASE_KIND; kind++) {
		const uint8_t *size_opcode = basic + 28 + 2 * kind; /* dwords 8 and 9 */

		if (size_opcode[0] != log2_size)
			continue;
		if (wide == NULL)
			return size_opcode[1];
		if ((dword(wide, 1) >> (WIDE1_ERASE_SHIFT + kind) & 1) != 0)
			return wide[4 + kind];
	}
	return 0;
}

/*
 * The commands of a part beyond 16 MiB: from its own table, else the customary ones if it has any.
 */
static int wide_commands(struct far_spi *spi, const uint8_t *basic, struct far_nor_part *part)
{
	uint8_t table[8];
	int len = read_table(spi, SFDP_ID_WIDE, table, 2);

	if (len < 0)
		return len;
	part->wide = 1;
	if (len == 2) {
		if ((dword(table, 1) & WIDE1_READ_PROGRAM) != WIDE1_READ_PROGRAM)
			return FAR_ERR_NOTSUP;
		part->sector_erase = erase_opcode(basic, table, LOG2_SECTOR);
		part->block_erase = erase_opcode(basic, table, LOG2_BLOCK);
		return FAR_OK;
	}
	if ((dword(basic, 16) & BASIC16_WIDE_COMMANDS) == 0)
		return FAR_ERR_NOTSUP;
	part->sector_erase = erase_opcode(basic, NULL, LOG2_SECTOR) != 0 ? 0x21 : 0;
	part->block_erase = erase_opcode(basic, NULL, LOG2_BLOCK) != 0 ? 0xDC : 0;
	return FAR_OK;
}

static int by_sfdp(struct far_spi *spi, struct far_nor_part *part)
{
	uint8_t basic[4 * SFDP_BASIC_MAX] = { 0 }; /* what a short table lacks says no */
	int len = read_table(spi, SFDP_ID_BASIC, basic, SFDP_BASIC_MAX);
	int err = FAR_OK;

	if (len < 0)
		return len;
	part->size = density_to_size(dword(basic, 2));
	if (part->size > NARROW_LIMIT) {
		err = wide_commands(spi, basic, part);
	} else {
		part->wide = 0;
		part->sector_erase = erase_opcode(basic, NULL, LOG2_SECTOR);
		part->block_erase = erase_opcode(basic, NULL, LOG2_BLOCK);
	}
	if (err)
		return err;
	return part->size > 0 && part->sector_erase != 0 ? FAR_OK : FAR_ERR_NOTSUP;
}

/* A bus without a part reads as whatever its pull resistor says. */
static int nobody(const uint8_t id[3])
{
	return (id[0] == 0x00 || id[0] == 0xFF) && id[1] == id[0] && id[2] == id[0];
}

int far_nor_identify(struct far_spi *spi, struct far_nor_part *part)
{
	const uint8_t cmd = FAR_NOR_READ_ID;
	int err = far_nor_ask(spi, &cmd, 1, part->jedec_id, sizeof(part->jedec_id));

	if (err)
		return err;
	if (nobody(part->jedec_id))
		return FAR_ERR_NOTSUP;
	err = by_sfdp(spi, part);
	/* SFDP that is absent, or too old to tell, does not make a known part unknown. */
	return err == FAR_ERR_NOTSUP ? by_id(part) : err;
}
