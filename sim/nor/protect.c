/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Block protection, after the tables "Status Register Memory Protection" of the W25Q datasheets.
 * All of them follow one rule: the bits BP name a length that starts at the top of the array, or
 * at its bottom with TB; all ones is everything; and CMP swaps protected and not protected.
 */
#include "sim/nor/die.h"

#define BLOCK 0x10000u

/* SEC = 1: 4, 8, 16 KiB, then 32 KiB for BP 100, 101 and 110. */
static uint32_t sector_length(uint32_t bp)
{
	return FAR_SIM_NOR_SECTOR << (bp < 4 ? bp - 1 : 3);
}

/* BP = 1 protects the first length, each step twice as much, and more than there is: everything. */
static uint32_t block_length(uint32_t bp, uint32_t first, uint32_t size)
{
	uint64_t len = (uint64_t)first << (bp - 1);

	return len < size ? (uint32_t)len : size;
}

/* Up to 16 MiB: BP0-2, TB, SEC. BP = 1 is 1/64 of the array but at least a block. */
static uint32_t small_length(const struct far_sim_nor *n, bool *bottom)
{
	uint32_t sr1 = n->status[0];
	uint32_t bp = sr1 / FAR_SIM_NOR_SR1_BP0 & 7;
	uint32_t first = n->size / 64 > BLOCK ? n->size / 64 : BLOCK;

	*bottom = (sr1 & FAR_SIM_NOR_SR1_TB) != 0;
	if (bp == 0)
		return 0;
	if (bp == 7)
		return n->size;
	return (sr1 & FAR_SIM_NOR_SR1_SEC) != 0 ? sector_length(bp)
						: block_length(bp, first, n->size);
}

/* Above 16 MiB (W25Q256): BP0-3, TB, no SEC. BP = 1 is one block; beyond half comes all. */
static uint32_t big_length(const struct far_sim_nor *n, bool *bottom)
{
	uint32_t bp = n->status[0] / FAR_SIM_NOR_SR1_BP0 & 15;

	*bottom = (n->status[0] & FAR_SIM_NOR_SR1_TB4) != 0;
	return bp == 0 ? 0 : block_length(bp, BLOCK, n->size);
}

bool far_sim_nor_protected(const struct far_sim_nor *n, uint32_t addr, uint32_t len)
{
	bool bottom;
	bool complement = (n->status[1] & FAR_SIM_NOR_SR2_CMP) != 0;
	uint32_t covered =
		far_sim_nor_is_big(n) ? big_length(n, &bottom) : small_length(n, &bottom);

	/* The complement of the top length is the bottom rest, and the other way round. */
	if (complement) {
		covered = n->size - covered;
		bottom = !bottom;
	}
	if (covered == 0)
		return false;
	return bottom ? addr < covered : addr + len > n->size - covered;
}
