/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the sample's parts share: the host's files on one side, the target's flash on the other, and
 * the three files that go across.
 *
 * Every function that can fail returns an enum far_app_exit, and has said what is wrong when it
 * returns anything but FAR_APP_DONE.
 */
#ifndef FARFLASH_APP_FLASH_MULTIPLE_PARTITIONS_PROGRAM_H
#define FARFLASH_APP_FLASH_MULTIPLE_PARTITIONS_PROGRAM_H

#include "app/flash_multiple_partitions/log.h"
#include "device/esp/esp.h"
#include "device/partition/partition.h"
#include "service/partition_table/partition_table.h"
#include "service/spiffs/spiffs.h"

#define TAG         "example"
#define PACKET      1024u
#define NAME_MAX_32 32u     /* with folder and NUL: what ESP-IDF's SPIFFS has room for */
#define ENTRIES     32u     /* of a partition table, the host's or the target's */
#define TABLE_MAX   0x1000u /* bytes of the target's partition table: its sector */

/* What differs between targets. */
struct target_kind {
	const char *name;   /* as the board has it */
	const char *folder; /* of its files */
	enum far_esp_chip chip;
	uint32_t boot_baud; /* of what its ROM prints when it starts a program */
	uint8_t early_rate; /* its ROM has no command to change the rate, but measures it */
};

/* One file and where it goes. */
struct image {
	const char *file;    /* in the target's folder */
	uint32_t addr, room; /* its window of the target's flash */
	uint32_t size;
};

enum { BOOTLOADER, TABLE, PROGRAM, IMAGES };

struct program {
	const struct far_board *board;
	struct log log;
	const struct target_kind *kind;
	/* The host's side. */
	struct far_partition_entry entries[ENTRIES];
	struct far_partition_table table;
	uint32_t spiffs_addr;
	struct far_partition spiffs_window;
	struct far_spiffs spiffs;
	struct far_spiffs_entry found;
	struct far_spiffs_file file;
	uint16_t cache[256];
	char name[NAME_MAX_32];
	/* The target's. */
	struct far_esp esp;
	struct far_partition window;
	struct image images[IMAGES];
	uint8_t packet[PACKET];
	/* The target's partition table; then, in a session, the block that is being sent. */
	uint8_t work[TABLE_MAX];
};

/* files.c: find the SPIFFS in the host's flash and mount it. */
int files_mount(struct program *p);
/* Which files there are and where they go, their sizes against their places. Touches no target. */
int files_plan(struct program *p);
/* Open p->file on one of them, at its beginning. */
int files_open(struct program *p, const struct image *image);
/* The next packet; fewer bytes only at the end, of which the size is known. */
int files_read(struct program *p, uint32_t len);

/* target.c */
const struct target_kind *target_kind_of(const char *name);
int target_connect(struct program *p);
/* All of p->file, which was opened, into the image's place, and the proof that it is there. */
int target_program(struct program *p, const struct image *image);
/* Start what was written, and show what it says. */
int target_start(struct program *p);

/* What a program returns for a farflash result of the target. */
int target_exit(int err);

#endif
