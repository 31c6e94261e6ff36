/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "sim/nor/die.h"

#define MIN_SIZE 0x10000u    /* 64 KiB */
#define MAX_SIZE 0x10000000u /* 256 MiB */

/* SR3 as it leaves the factory: weakest output drive (DRV1 = DRV0 = 1). */
#define SR3_FACTORY 0x60u

static bool possible_size(uint32_t size)
{
	return size >= MIN_SIZE && size <= MAX_SIZE && (size & (size - 1)) == 0;
}

static bool allocate(struct far_sim_nor *n, uint8_t *memory)
{
	n->wear = calloc(n->size / FAR_SIM_NOR_SECTOR, sizeof(*n->wear));
	if (memory == NULL) {
		n->owned = malloc(n->size);
		if (n->owned != NULL)
			memset(n->owned, 0xff, n->size);
		memory = n->owned;
	}
	n->memory = memory;
	return n->wear != NULL && n->memory != NULL;
}

struct far_sim_nor *far_sim_nor_new(const struct far_sim_nor_config *config)
{
	struct far_sim_nor *n;

	if (config == NULL || !possible_size(config->size))
		return NULL;
	n = calloc(1, sizeof(*n));
	if (n == NULL)
		return NULL;
	n->size = config->size;
	n->instant = config->instant;
	if (!allocate(n, config->memory)) {
		far_sim_nor_free(n);
		return NULL;
	}
	n->status_kept[2] = SR3_FACTORY;
	far_sim_nor_build_sfdp(n);
	far_sim_nor_power_cycle(n);
	return n;
}

void far_sim_nor_free(struct far_sim_nor *n)
{
	if (n == NULL)
		return;
	free(n->owned);
	free(n->wear);
	free(n->unstable);
	free(n);
}

/* What power-up and the reset command have in common. */
void far_sim_nor_load_power_up(struct far_sim_nor *n)
{
	memcpy(n->status, n->status_kept, sizeof(n->status));
	n->write_enable = false;
	n->volatile_enable = false;
	n->reset_armed = false;
	n->extended_address = 0;
	n->addr4 = (n->status[2] & FAR_SIM_NOR_SR3_ADP) != 0;
}

void far_sim_nor_power_cycle(struct far_sim_nor *n)
{
	far_sim_nor_load_power_up(n);
	n->asleep = false;
	n->off = false;
	n->deaf = false;
	n->busy_until_ns = 0;
}

/* An operation of ns nanoseconds begins. deaf: not even status reads are answered meanwhile. */
void far_sim_nor_start(struct far_sim_nor *n, uint64_t now_ns, uint64_t ns, bool deaf)
{
	if (n->instant)
		return;
	n->busy_until_ns = now_ns + ns;
	n->deaf = deaf;
}

bool far_sim_nor_is_big(const struct far_sim_nor *n)
{
	return n->size > FAR_SIM_NOR_3BYTE_MAX;
}

uint8_t far_sim_nor_log2(uint32_t power_of_two)
{
	uint8_t log = 0;

	while (power_of_two > 1) {
		power_of_two >>= 1;
		log++;
	}
	return log;
}

uint64_t far_sim_nor_busy_until_ns(const struct far_sim_nor *n)
{
	return n->busy_until_ns;
}

const uint8_t *far_sim_nor_memory(const struct far_sim_nor *n)
{
	return n->memory;
}

uint32_t far_sim_nor_size(const struct far_sim_nor *n)
{
	return n->size;
}

uint32_t far_sim_nor_wear(const struct far_sim_nor *n, uint32_t addr)
{
	return addr < n->size ? n->wear[addr / FAR_SIM_NOR_SECTOR] : 0;
}

const struct far_sim_nor_counts *far_sim_nor_counts(const struct far_sim_nor *n)
{
	return &n->counts;
}
