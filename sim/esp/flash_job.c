/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Work on the flash die, in steps: each step gives the die one command and is followed by the next
 * when the die is ready. Every access goes through the die's own commands.
 */
#include <string.h>

#include "sim/esp/chip.h"

#define SECTOR FAR_SIM_NOR_SECTOR
#define PAGE   FAR_SIM_NOR_PAGE
#define BLOCK  0x10000u

#define CMD_WRSR     0x01u
#define CMD_PROGRAM  0x02u
#define CMD_READ     0x03u
#define CMD_RDSR     0x05u
#define CMD_WREN     0x06u
#define CMD_PROGRAM4 0x12u
#define CMD_READ4    0x13u
#define CMD_ERASE    0x20u
#define CMD_ERASE4   0x21u
#define CMD_RDSR2    0x35u
#define CMD_CHIP     0xC7u
#define CMD_BLOCK    0xD8u
#define CMD_BLOCK4   0xDCu
#define SR1_PROTECT  0x7Cu
#define SR2_PROTECT  0x40u

#define ADDR_3BYTE    0x1000000u /* the ROM never sends more than 24 bits of address */
#define BLANK_LOOK_NS 400000u    /* a sector read at 80 Mbit/s */

/*
 * Where the flash ends, as far as the running firmware knows. The ROM is told by SPI_SET_PARAMS,
 * which can be wrong: the die ignores address bits it does not have.
 */
uint32_t esp_flash_limit(const struct far_sim_esp *e)
{
	/* The stub asks the die; the ROM believes what it was told. */
	if (e->run == RUN_STUB)
		return far_sim_nor_size(e->nor);
	if (e->flash_size == 0 || e->flash_size > ADDR_3BYTE)
		return ADDR_3BYTE;
	return e->flash_size;
}

bool esp_flash_inside(const struct far_sim_esp *e, uint32_t addr, uint32_t len)
{
	uint32_t limit = esp_flash_limit(e);

	return addr <= limit && len <= limit - addr;
}

/*
 * Above 16 MiB an opcode with a 4-byte address is needed, which dies of that size have. The length
 * of opcode and address is returned.
 */
static size_t put_command(uint8_t *frame, uint8_t short_op, uint8_t long_op, uint32_t addr)
{
	size_t len = 0;

	frame[len++] = addr < ADDR_3BYTE ? short_op : long_op;
	if (addr >= ADDR_3BYTE)
		frame[len++] = (uint8_t)(addr >> 24);
	frame[len++] = (uint8_t)(addr >> 16);
	frame[len++] = (uint8_t)(addr >> 8);
	frame[len++] = (uint8_t)addr;
	return len;
}

/* Reads as ones if the die is busy, or if its pins are not connected. */
void esp_flash_read(struct far_sim_esp *e, uint32_t addr, uint8_t *buf, size_t len)
{
	uint8_t frame[5];
	size_t n = put_command(frame, CMD_READ, CMD_READ4, addr);

	memset(buf, 0xFF, len);
	if (e->attached && len > 0)
		far_sim_nor_frame(e->nor, e->t, frame, n, buf, len);
}

/* The die drops its write enable after every change. */
static void send_after_wren(struct far_sim_esp *e, const uint8_t *frame, size_t len)
{
	static const uint8_t wren = CMD_WREN;

	far_sim_nor_frame(e->nor, e->t, &wren, 1, NULL, 0);
	far_sim_nor_frame(e->nor, e->t, frame, len, NULL, 0);
}

/* Go on when the die is ready, at once if it is. false, as a step returns it. */
static bool go_on(struct far_sim_esp *e)
{
	uint64_t ready = far_sim_nor_busy_until_ns(e->nor);

	e->job.due_ns = ready > e->t ? ready : e->t;
	return false;
}

/* The firmware polls the status register; the simulator asks the die when that will end. */
static bool die_busy(const struct far_sim_esp *e)
{
	return far_sim_nor_busy_until_ns(e->nor) > e->t;
}

static bool fail(struct far_sim_esp *e, enum esp_trouble trouble)
{
	e->job.trouble = trouble;
	return true;
}

/* Status reads are answered even by a busy die. */
static uint8_t get_status(struct far_sim_esp *e, uint8_t command)
{
	uint8_t status = 0xFF;

	far_sim_nor_frame(e->nor, e->t, &command, 1, &status, 1);
	return status;
}

/* Lift the protection bits. true: nothing is protected. false: go on later, or trouble is set. */
static bool unlock(struct far_sim_esp *e)
{
	struct esp_job *j = &e->job;
	uint8_t sr1, sr2;

	if (j->unlocked)
		return true;
	sr1 = get_status(e, CMD_RDSR);
	sr2 = get_status(e, CMD_RDSR2);
	j->unlocked = !(sr1 & SR1_PROTECT) && !(sr2 & SR2_PROTECT);
	if (j->unlocked)
		return true;
	if (j->unlock_tried) {
		j->trouble = TROUBLE_LOCKED;
	} else {
		uint8_t frame[3] = { CMD_WRSR, (uint8_t)(sr1 & ~SR1_PROTECT),
				     (uint8_t)(sr2 & ~SR2_PROTECT) };

		j->unlock_tried = true;
		send_after_wren(e, frame, sizeof(frame));
	}
	return false;
}

/* What comes before every step. true: the step may go on. */
static bool ready(struct far_sim_esp *e)
{
	return !die_busy(e) && unlock(e);
}

/* Erase a 64 KiB block where one fits, a sector elsewhere. The size erased. */
static uint32_t erase_unit(struct far_sim_esp *e, uint32_t addr, uint32_t end)
{
	bool block = addr % BLOCK == 0 && end - addr >= BLOCK;
	uint8_t frame[5];
	size_t len = put_command(frame, block ? CMD_BLOCK : CMD_ERASE,
				 block ? CMD_BLOCK4 : CMD_ERASE4, addr);

	send_after_wren(e, frame, len);
	return block ? BLOCK : SECTOR;
}

/* BEGIN in the ROM, ERASE_REGION in the stub: from erase_at to erase_end, whole sectors. */
bool esp_step_erase(struct far_sim_esp *e)
{
	struct esp_job *j = &e->job;

	if (!ready(e))
		return j->trouble != TROUBLE_NONE || go_on(e);
	if (j->erase_at >= j->erase_end)
		return true;
	j->erase_at += erase_unit(e, j->erase_at, j->erase_end);
	return go_on(e);
}

/* One command for all; erase_at only remembers that it was given. */
bool esp_step_erase_chip(struct far_sim_esp *e)
{
	static const uint8_t chip_erase = CMD_CHIP;
	struct esp_job *j = &e->job;

	if (!ready(e))
		return j->trouble != TROUBLE_NONE || go_on(e);
	if (j->erase_at >= j->erase_end)
		return true;
	j->erase_at = j->erase_end;
	send_after_wren(e, &chip_erase, 1);
	return go_on(e);
}

/* The stub erases in front of what it programs. */
static bool step_erase_ahead(struct far_sim_esp *e)
{
	struct esp_write *w = &e->write;
	uint8_t sector[SECTOR];

	if (!w->dirty) {
		esp_flash_read(e, w->erased_to, sector, SECTOR);
		for (size_t i = 0; i < SECTOR; i++)
			w->dirty = w->dirty || sector[i] != 0xFF;
		if (!w->dirty) {
			w->erased_to += SECTOR;
			e->job.due_ns = e->t + BLANK_LOOK_NS;
			return false;
		}
	}
	w->erased_to += erase_unit(e, w->erased_to, w->erase_end);
	return go_on(e);
}

/* The ROM reads back each page when the die has finished with it. */
static bool page_holds(struct far_sim_esp *e)
{
	struct esp_job *j = &e->job;
	uint8_t page[PAGE];

	if (j->verify_len == 0)
		return true;
	esp_flash_read(e, j->verify_addr, page, j->verify_len);
	if (memcmp(page, j->chunk + j->verify_pos, j->verify_len) != 0)
		return false;
	j->verify_len = 0;
	return true;
}

/*
 * At most to the end of a page: beyond it the die would wrap. In ROM mode the page is remembered
 * for reading back.
 */
static void program_page(struct far_sim_esp *e, uint32_t n)
{
	struct esp_write *w = &e->write;
	struct esp_job *j = &e->job;
	uint8_t frame[5 + PAGE];
	size_t len = put_command(frame, CMD_PROGRAM, CMD_PROGRAM4, w->addr);

	memcpy(frame + len, j->chunk + j->chunk_pos, n);
	send_after_wren(e, frame, len + n);
	if (e->run == RUN_ROM) {
		j->verify_addr = w->addr;
		j->verify_pos = j->chunk_pos;
		j->verify_len = n;
	}
	w->addr += n;
	j->chunk_pos += n;
}

/* An encrypted write encrypts on the way to the die; what is read back is compared with that. */
static void seal(struct far_sim_esp *e)
{
	if (e->write.encrypt)
		far_sim_esp_crypt(e, e->write.addr, e->job.chunk, e->job.chunk_len);
}

/* chunk_len is 0 afterwards when the block has been used up. */
static enum esp_trouble refill(struct far_sim_esp *e)
{
	struct esp_write *w = &e->write;
	struct esp_job *j = &e->job;
	size_t n = j->in_left < ESP_CHUNK ? j->in_left : ESP_CHUNK;

	j->chunk_pos = 0;
	j->chunk_len = 0;
	if (w->deflate) {
		enum esp_trouble trouble = esp_inflate_fill(e);

		seal(e);
		return trouble;
	}
	if (n > w->left)
		n = w->left;
	memcpy(j->chunk, j->in, n);
	j->in += n;
	j->in_left -= n;
	j->chunk_len = n;
	if (e->run == RUN_STUB)
		w->left -= (uint32_t)n;
	seal(e);
	return TROUBLE_NONE;
}

/*
 * One block of a write, page by page: take the next chunk if there is none, see that the place is
 * inside, unprotected and (stub) erased, program a page, come back when the die is ready.
 */
bool esp_step_program(struct far_sim_esp *e)
{
	struct esp_write *w = &e->write;
	struct esp_job *j = &e->job;
	uint32_t n;

	if (die_busy(e))
		return go_on(e);
	if (!page_holds(e))
		return fail(e, TROUBLE_VERIFY);
	if (j->chunk_pos == j->chunk_len) {
		enum esp_trouble trouble = refill(e);

		if (trouble != TROUBLE_NONE)
			return fail(e, trouble);
		if (j->chunk_len == 0)
			return true;
	}
	n = PAGE - w->addr % PAGE;
	if (n > j->chunk_len - j->chunk_pos)
		n = (uint32_t)(j->chunk_len - j->chunk_pos);
	if (!esp_flash_inside(e, w->addr, n))
		return fail(e, TROUBLE_BEYOND);
	/* The ROM did this in BEGIN. */
	if (e->run == RUN_STUB && !unlock(e))
		return j->trouble != TROUBLE_NONE || go_on(e);
	if (e->run == RUN_STUB && w->addr + n > w->erased_to && w->erased_to < w->erase_end)
		return step_erase_ahead(e);
	program_page(e, n);
	return go_on(e);
}

/* For what only takes time. If the die is busy then, with whatever, wait for that too. */
bool esp_step_wait(struct far_sim_esp *e)
{
	return !die_busy(e) || go_on(e);
}

/* About 1.7 s per MiB, measured on boards. */
uint64_t esp_digest_ns(uint32_t len)
{
	return (uint64_t)len * 1700u * ESP_MS / 0x100000u;
}

/* The digest is made at the end of its time, over what the flash holds then. */
static void read_for_digest(void *ctx, uint8_t *buf, uint32_t pos, uint32_t len)
{
	struct far_sim_esp *e = ctx;

	esp_flash_read(e, e->job.arg_addr + pos, buf, len);
}

void esp_digest(struct far_sim_esp *e, uint32_t addr, uint32_t len, uint8_t digest[16])
{
	e->job.arg_addr = addr;
	esp_md5(digest, read_for_digest, e, len);
}
