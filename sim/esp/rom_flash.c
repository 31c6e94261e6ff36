/* SPDX-License-Identifier: Apache-2.0 */
/* The ROM loader's flash commands. */
#include <string.h>

#include "sim/esp/chip.h"

#define SECTOR          FAR_SIM_NOR_SECTOR
#define SECTORS_PER_64K 16u
#define ERR_INVALID     0x05u
#define ERR_FAILED      0x06u
#define ERR_READ        0x09u
#define ERR_READ_LEN    0x0Au
#define ERR_DEFLATE     0x0Bu
#define SLOW_READ       64u
#define DIGEST_HEX      32u

/*
 * The ESP8266's ROM counts the sectors up to the next 64 KiB boundary and then does not subtract
 * them from what is left: of e sectors wanted it erases e more, at most as many as it counted.
 */
static uint32_t first_rom_sectors(uint32_t start, uint32_t wanted)
{
	uint32_t head = SECTORS_PER_64K - start % SECTORS_PER_64K;

	return wanted + (wanted < head ? wanted : head);
}

/*
 * Whole sectors from offset, which is the start of one. The erase size is what the host says, even
 * if blocks will not fill it or overflow it.
 */
static void start_erase(struct far_sim_esp *e, uint32_t offset, uint32_t size)
{
	uint32_t limit = esp_flash_limit(e);
	uint32_t sectors = (size + SECTOR - 1u) / SECTOR;
	uint32_t start = offset / SECTOR;

	if (size == 0)
		sectors = 0;
	else if (e->row->first_rom)
		sectors = first_rom_sectors(start, sectors);
	if (sectors > limit / SECTOR - start)
		sectors = limit / SECTOR - start;
	esp_start_job(e, esp_step_erase, esp_rom_done);
	e->job.erase_at = start * SECTOR;
	e->job.erase_end = (start + sectors) * SECTOR;
}

/* Exactly so many words, and a block size that the buffer can take. */
static bool begin_ok(const struct far_sim_esp *e)
{
	return esp_rom_size(e) == 4u * e->row->begin_words &&
	       esp_rom_arg(e, 2) <= ESP_ROM_BLOCK_MAX;
}

/* Encryption needs a key; sizes of anything but whole cipher blocks cannot be encrypted. */
static bool crypt_ok(const struct far_sim_esp *e, uint32_t offset, uint32_t size)
{
	return esp_encrypts(e) && esp_crypt_aligned(e, offset, size);
}

/*
 * Erase size (or uncompressed size), number of blocks, block size, offset, and from the S2 on a
 * word that asks for encryption. The answer comes when everything has been erased.
 */
void esp_rom_flash_begin(struct far_sim_esp *e, bool deflate)
{
	uint32_t size = esp_rom_arg(e, 0), offset = esp_rom_arg(e, 3);
	struct esp_write *w = &e->write;

	if (!begin_ok(e)) {
		esp_rom_fail(e, ERR_INVALID);
		return;
	}
	esp_write_close(e);
	w->active = true;
	w->deflate = deflate;
	w->addr = offset;
	w->left = deflate ? size : UINT32_MAX;
	w->n_blocks = esp_rom_arg(e, 1);
	w->block_size = esp_rom_arg(e, 2);
	if (e->row->first_rom)
		e->attached = true;
	w->encrypt = e->row->begin_words > 4 && esp_rom_arg(e, 4) != 0;
	/* A refused offset is kept all the same, and data sent after it is written there. */
	if (offset % SECTOR != 0 || !esp_flash_inside(e, offset, size) || !e->attached ||
	    (deflate && !esp_inflate_open(e)) || (w->encrypt && !crypt_ok(e, offset, size)))
		esp_rom_fail(e, ERR_FAILED);
	else
		start_erase(e, offset, size);
}

/*
 * The answer comes when the block is in the flash. Plain blocks are not counted against the number
 * declared; deflate blocks are, those with a bad check sum included.
 */
void esp_rom_flash_data(struct far_sim_esp *e, bool deflate)
{
	struct esp_write *w = &e->write;
	uint32_t len = esp_rom_arg(e, 0);

	if (!w->active || w->deflate != deflate) {
		esp_rom_fail(e, ERR_INVALID);
		return;
	}
	if (deflate && esp_rom_arg(e, 1) == w->expected && w->expected >= w->n_blocks) {
		esp_rom_fail(e, ERR_DEFLATE);
		return;
	}
	if (!esp_rom_block_ok(e, &w->expected, w->block_size))
		return;
	if (!e->attached || (!deflate && !esp_flash_inside(e, w->addr, len)) ||
	    (w->encrypt && !deflate && !crypt_ok(e, w->addr, len))) {
		esp_rom_fail(e, ERR_FAILED);
		return;
	}
	memcpy(e->job.block, e->rom_buf + ESP_HEADER + ESP_BLOCK_HEADER, len);
	esp_start_job(e, esp_step_program, esp_rom_done);
	e->job.in = e->job.block;
	e->job.in_left = len;
}

void esp_rom_flash_end(struct far_sim_esp *e)
{
	if (!e->write.active) {
		esp_rom_fail(e, ERR_INVALID);
		return;
	}
	if (e->write.expected < e->write.n_blocks) {
		esp_rom_fail(e, ERR_FAILED);
		return;
	}
	/* Whatever the flag says. */
	esp_rom_ok(e);
	if (e->row->text.leave) {
		esp_print(e, e->row->text.leave);
		esp_silence(e, "left the loader");
	} else {
		esp_boot_flash(e);
	}
}

void esp_rom_read_slow(struct far_sim_esp *e)
{
	uint32_t addr = esp_rom_arg(e, 0), len = esp_rom_arg(e, 1);

	/* Always 64 bytes; what was not read is what lay there. */
	e->reply.payload_len = SLOW_READ;
	if (esp_rom_size(e) != 8) {
		esp_rom_fail(e, ERR_INVALID);
	} else if (len > SLOW_READ) {
		esp_rom_fail(e, ERR_READ_LEN);
	} else if (!esp_flash_inside(e, addr, len)) {
		esp_rom_fail(e, ERR_READ);
	} else {
		esp_flash_read(e, addr, e->reply.payload, len);
		esp_rom_ok(e);
	}
}

/* Lower-case hex, as text. */
static void md5_done(struct far_sim_esp *e, enum esp_trouble trouble)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t digest[16];

	esp_digest(e, e->job.arg_addr, e->job.arg_len, digest);
	for (size_t i = 0; i < sizeof(digest); i++) {
		e->reply.payload[2u * i] = (uint8_t)digits[digest[i] / 16u];
		e->reply.payload[2u * i + 1u] = (uint8_t)digits[digest[i] % 16u];
	}
	esp_rom_done(e, trouble);
}

/* Address and length of any alignment, and two words that are not used. */
void esp_rom_md5(struct far_sim_esp *e)
{
	uint32_t addr = esp_rom_arg(e, 0), len = esp_rom_arg(e, 1);

	if (esp_rom_size(e) != 16) {
		esp_rom_fail(e, ERR_INVALID);
		return;
	}
	e->reply.payload_len = DIGEST_HEX;
	if (!esp_flash_inside(e, addr, len)) {
		esp_rom_fail(e, ERR_READ); /* with a payload of stale bytes */
		return;
	}
	esp_start_job(e, esp_step_wait, md5_done);
	e->job.arg_addr = addr;
	e->job.arg_len = len;
	e->job.due_ns += esp_digest_ns(len);
}
