/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Serial Flash Discoverable Parameters after JESD216B: a header, the basic flash parameter table of
 * 16 double words at 80h, and for parts above 16 MiB the 4-byte address instruction table at C0h.
 * All of it follows from the size and from the times that the die really takes. Reserved bits are
 * 1, double words are little-endian. The register is 256 bytes long and wraps.
 */
#include <string.h>

#include "sim/nor/die.h"

#define BASIC_AT    0x80u
#define BASIC_WORDS 16u
#define FOUR_AT     0xc0u
#define FOUR_WORDS  2u

#define NS_PER_MS 1000000u
#define NS_PER_US 1000u

static void put32(uint8_t *at, uint32_t value)
{
	for (size_t i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

/*
 * A time in the tables is (count + 1) units: count in the low bits, the index of the unit above
 * it. Take the finest unit that reaches, and round up. units are in ms or us, as time is.
 */
static uint32_t encode_time(uint32_t time, const uint16_t *units, uint32_t count_bits)
{
	uint32_t most = 1u << count_bits;
	uint32_t i = 0;

	while ((time + units[i] - 1) / units[i] > most && units[i + 1] != 0)
		i++;
	time = (time + units[i] - 1) / units[i];
	return (time < most ? time : most) - 1 + (i << count_bits);
}

/* Word 10: typical erase times; the maximum is 2 * (6 + 1) times that: 400, 1600 and 2000 ms. */
static uint32_t erase_times(void)
{
	static const uint16_t units_ms[] = { 1, 16, 128, 1000, 0 };

	return 6u | encode_time(FAR_SIM_NOR_T_SE_NS / NS_PER_MS, units_ms, 5) << 4 |
	       encode_time(FAR_SIM_NOR_T_BE1_NS / NS_PER_MS, units_ms, 5) << 11 |
	       encode_time(FAR_SIM_NOR_T_BE2_NS / NS_PER_MS, units_ms, 5) << 18;
}

/* Word 11: page size and program times, maximum 2 * (3 + 1) times typical; chip erase time. */
static uint32_t program_times(uint32_t size)
{
	static const uint16_t page_us[] = { 8, 64, 0 };
	static const uint16_t byte_us[] = { 1, 8, 0 };
	static const uint16_t chip_ms[] = { 16, 256, 4000, 64000, 0 };
	uint64_t chip_ns = (uint64_t)FAR_SIM_NOR_T_CE_MIB_NS * size / 0x100000u;
	uint32_t next_us = (FAR_SIM_NOR_T_BP2_NS + NS_PER_US - 1) / NS_PER_US;

	return 0x80000003u | (uint32_t)far_sim_nor_log2(FAR_SIM_NOR_PAGE) << 4 |
	       encode_time(FAR_SIM_NOR_T_PP_NS / NS_PER_US, page_us, 5) << 8 |
	       encode_time(FAR_SIM_NOR_T_BP1_NS / NS_PER_US, byte_us, 4) << 14 |
	       encode_time(next_us, byte_us, 4) << 19 |
	       encode_time((uint32_t)(chip_ns / NS_PER_MS), chip_ms, 5) << 24;
}

/* Word 1: 4 KiB erase by 20h, page program, 50h, 3Bh and 6Bh; 3-byte addresses or 3 and 4. */
static uint32_t word1(bool big)
{
	return 0xff8120e5u | (big ? 1u << 17 : 0) | 1u << 22;
}

/*
 * Word 16: status register 1 is kept or volatile (06h, 50h); reset by 66h 99h. A big part enters
 * 4-byte addresses by B7h, the extended address register or 4-byte commands, and leaves by E9h,
 * the same register, reset and power cycle.
 */
static uint32_t word16(bool big)
{
	uint32_t enter = big ? 0xa5u : 0x80u;
	uint32_t leave = big ? 0x3c5u : 0x300u;

	return enter << 24 | leave << 14 | 0x10u << 8 | 0xe8u;
}

static void put_basic(uint8_t *at, const struct far_sim_nor *n)
{
	bool big = far_sim_nor_is_big(n);
	const uint32_t words[BASIC_WORDS] = {
		word1(big),
		(uint32_t)((uint64_t)n->size * 8 - 1), /* density: the last bit's number */
		0x6b080000u, /* 1-1-4 read 6Bh with 8 dummy clocks, no 1-4-4 */
		0x00003b08u, /* 1-1-2 read 3Bh with 8 dummy clocks, no 1-2-2 */
		0xffffffeeu, /* no 2-2-2, no 4-4-4 */
		0x0000ffffu, /* 2-2-2: none */
		0x0000ffffu, /* 4-4-4: none */
		0x520f200cu, /* erase types 1 and 2: 2^12 by 20h, 2^15 by 52h */
		0x0000d810u, /* erase type 3: 2^16 by D8h; no type 4 */
		erase_times(),
		program_times(n->size),
		0xffffffffu, /* no suspend */
		0x00000000u, /* suspend and resume commands: none */
		0x5cd5a2f7u, /* busy is bit 0 of 05h; deep power-down B9h, out by ABh and 3 us */
		0xff400000u, /* QE is bit 1 of register 2; a one-byte 01h leaves register 2 alone */
		word16(big),
	};

	for (size_t i = 0; i < BASIC_WORDS; i++)
		put32(at + 4 * i, words[i]);
}

/* One parameter header; table ids are FF00h (basic) and FF84h (4-byte address instructions). */
static void put_header(uint8_t *at, uint8_t id, uint8_t minor, uint8_t words, uint32_t table)
{
	at[0] = id;
	at[1] = minor;
	at[2] = 1;
	at[3] = words;
	put32(at + 4, 0xff000000u | table);
}

void far_sim_nor_build_sfdp(struct far_sim_nor *n)
{
	bool big = far_sim_nor_is_big(n);
	const uint8_t first[8] = { 'S', 'F', 'D', 'P', 6, 1, big ? 1 : 0, 0xff };

	memset(n->sfdp, 0xff, sizeof(n->sfdp));
	memcpy(n->sfdp, first, sizeof(first));
	put_header(n->sfdp + 8, 0x00, 6, BASIC_WORDS, BASIC_AT);
	put_basic(n->sfdp + BASIC_AT, n);
	if (!big)
		return;
	put_header(n->sfdp + 16, 0x84, 0, FOUR_WORDS, FOUR_AT);
	/* 13h, 0Ch, 3Ch, 6Ch, 12h, and erase types 1 and 3 by 21h and DCh. */
	put32(n->sfdp + FOUR_AT, 0xfff00a57u);
	put32(n->sfdp + FOUR_AT + 4, 0xffdcff21u);
}

void far_sim_nor_read_sfdp(struct far_sim_nor *n, const struct far_sim_nor_call *c)
{
	far_sim_nor_emit(c, n->sfdp, FAR_SIM_NOR_SFDP_LEN, c->addr);
}
