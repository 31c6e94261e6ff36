/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flash operations put together from others, for the ops table of a device that lacks them. A
 * device that has its own does not link these.
 */
#ifndef FARFLASH_CORE_EMULATE_H
#define FARFLASH_CORE_EMULATE_H

#include "farflash/flash.h"

/* digest by reading everything, 256 bytes at a time. Needs read. */
int far_flash_emulate_digest(struct far_flash *f, uint32_t addr, uint32_t len,
			     uint8_t md5[FAR_MD5_LEN]);

/*
 * replace by erasing each sector when the stream reaches it, and writing. Needs erase and write,
 * whose failure records become records of the whole stream. Plain streams only.
 */
int far_flash_emulate_begin(struct far_flash *f, uint32_t addr, uint32_t len, uint32_t stream_len);
int far_flash_emulate_write(struct far_flash *f, const uint8_t *data, uint32_t len);
int far_flash_emulate_end(struct far_flash *f);

#endif
