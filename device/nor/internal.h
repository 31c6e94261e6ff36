/* SPDX-License-Identifier: Apache-2.0 */
/* What nor.c and identify.c share. Nobody else includes it. */
#ifndef FARFLASH_DEVICE_NOR_INTERNAL_H
#define FARFLASH_DEVICE_NOR_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "farflash/spi.h"

/* Opcodes that every part understands; the erase opcodes are in struct far_nor_part. */
#define FAR_NOR_PROGRAM       0x02u
#define FAR_NOR_READ          0x03u
#define FAR_NOR_WRITE_DISABLE 0x04u
#define FAR_NOR_READ_STATUS   0x05u
#define FAR_NOR_WRITE_ENABLE  0x06u
#define FAR_NOR_PROGRAM_WIDE  0x12u /* "wide": with 4 address bytes, whatever the part's mode */
#define FAR_NOR_READ_WIDE     0x13u
#define FAR_NOR_READ_SFDP     0x5Au
#define FAR_NOR_READ_ID       0x9Fu
#define FAR_NOR_RELEASE_POWER 0xABu

#define FAR_NOR_SECTOR 4096u
#define FAR_NOR_BLOCK  65536u

/* What identification finds out. The opcodes are those for the part's address length. */
struct far_nor_part {
	uint8_t jedec_id[3];
	uint8_t wide;         /* 4 address bytes */
	uint8_t sector_erase; /* opcode, 4 KiB */
	uint8_t block_erase;  /* opcode, 64 KiB; 0: the part has none */
	uint32_t size;        /* bytes */
};

/* One frame: cmd out, then rx_len bytes in. */
int far_nor_ask(struct far_spi *spi, const uint8_t *cmd, size_t cmd_len, uint8_t *rx,
		size_t rx_len);

/* Find out what part is there; it is idle. FAR_ERR_NOTSUP or FAR_ERR_IO. */
int far_nor_identify(struct far_spi *spi, struct far_nor_part *part);

#endif
