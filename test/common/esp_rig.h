/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session with a virtual chip on a virtual line: what every test of device/esp stands on.
 * Faults go in through the tap; the die's memory is the truth that a test compares with.
 */
#ifndef FARFLASH_TEST_ESP_RIG_H
#define FARFLASH_TEST_ESP_RIG_H

#include "device/esp/esp.h"
#include "service/update/update.h"
#include "sim/line/line.h"

enum rig_fault { RIG_NONE, RIG_DROP, RIG_CORRUPT, RIG_DOUBLE, RIG_DELAY };

/* One fault on the wire: at byte number `at` (from 0) of one direction, counted from arming. */
struct rig_plan {
	enum rig_fault fault;
	enum far_sim_dir dir;
	uint64_t at;
	uint8_t flip;      /* RIG_CORRUPT: bits to invert, not 0 */
	uint64_t delay_ns; /* RIG_DELAY */
	uint64_t seen[2];  /* bytes of each direction since arming */
	unsigned done;     /* how often it has struck */
	uint32_t rate;     /* not 0: instead of one fault, one in so many bytes, seeded by `seed` */
	uint32_t seed;
};

struct rig {
	struct far_sim_clock clock;
	uint8_t *cells; /* of the flash; size bytes */
	uint32_t size;
	struct far_sim_nor *nor;
	struct far_sim_esp *chip;
	struct far_sim_line line;
	struct far_esp esp;
	struct far_esp_config config;
	struct rig_plan plan;
	uint8_t block[FAR_ESP_BLOCK_MAX];
};

/* A chip ("esp32") with so much erased flash, behind a line with reset lines; not yet connected. */
void rig_open(struct rig *r, const char *chip, uint32_t flash_size);
/* The same for a chip with fuses and a crystal of its own; its nor is made here. */
void rig_open_chip(struct rig *r, struct far_sim_esp_config chip, uint32_t flash_size);
void rig_close(struct rig *r);

/* From now on the wire does this; the counters of bytes seen start at 0. */
void rig_arm(struct rig *r, struct rig_plan plan);

/* The die's contents. */
const uint8_t *rig_memory(const struct rig *r);

/*
 * Replace [addr, addr + len) by a stream of portions of `portion` bytes (0: one); packed: deflated.
 */
int rig_replace(struct rig *r, uint32_t addr, const uint8_t *data, uint32_t len, uint32_t portion,
		int packed);

/* The same by the update service, which verifies: in 64 KiB segments, deflated if packed. */
int rig_update(struct rig *r, uint32_t addr, const uint8_t *data, uint32_t len, int packed,
	       struct far_update_result *result);

/* Reproducible noise; every value incl. SLIP's special bytes occurs often. */
void rig_fill(uint8_t *data, size_t len, uint32_t seed);
uint32_t rig_random(uint32_t *state);

#endif
