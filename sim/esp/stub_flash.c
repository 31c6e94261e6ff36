/* SPDX-License-Identifier: Apache-2.0 */
/* The stub's flash commands. */
#include <string.h>

#include "sim/esp/chip.h"

#define SECTOR         FAR_SIM_NOR_SECTOR
#define ERR_LENGTH     0xC0u
#define ERR_BLOCK_SIZE 0xC2u
#define ERR_SPI        0xC4u
#define ERR_NOT_BEGUN  0xC6u
#define ERR_TOO_MUCH   0xC9u
#define ERR_NOT_HERE   0xFFu
#define BLOCK_MAX      0x40EFu
#define PACKET_MAX     4096u

static uint32_t arg(const uint8_t *frame, size_t index)
{
	return esp_le32(frame + ESP_HEADER + 4u * index);
}

/* 0, or the code to refuse these words with. */
static uint8_t begin_objection(const struct far_sim_esp *e, const uint8_t *frame, size_t size)
{
	if (size != 16 && size != 20)
		return ERR_LENGTH;
	if (arg(frame, 2) > BLOCK_MAX)
		return ERR_BLOCK_SIZE;
	if (size == 16 || arg(frame, 4) == 0)
		return 0;
	if (!esp_encrypts(e))
		return ERR_NOT_HERE; /* it would need a key */
	return esp_crypt_aligned(e, arg(frame, 3), arg(frame, 0)) ? 0 : ERR_LENGTH;
}

/* Four words, or five with the request to encrypt. */
void esp_stub_flash_begin(struct far_sim_esp *e, const uint8_t *frame, size_t size)
{
	struct esp_write *w = &e->write;
	uint8_t code = begin_objection(e, frame, size);
	uint32_t total, offset;

	if (code != 0) {
		esp_stub_answer(e, code);
		return;
	}
	total = arg(frame, 0);
	offset = arg(frame, 3);
	esp_write_close(e);
	w->active = true;
	w->encrypt = size == 20 && arg(frame, 4) != 0;
	w->deflate = e->stub_op == OP_DEFL_BEGIN;
	w->addr = offset;
	w->left = total;
	w->erased_to = offset / SECTOR * SECTOR;
	w->erase_end = esp_flash_limit(e);
	/* Only what lies inside is ever erased; a block beyond the end fails by itself. */
	if (esp_flash_inside(e, offset, total))
		w->erase_end = (offset + total + SECTOR - 1u) / SECTOR * SECTOR;
	if (w->deflate && !esp_inflate_open(e))
		esp_stub_answer(e, ERR_SPI);
	else
		esp_stub_answer(e, 0);
}

/*
 * Neither the number of the block nor the number of blocks is looked at. What a block lacks or has
 * too much shows at END, or not at all.
 */
void esp_stub_flash_data(struct far_sim_esp *e, const uint8_t *frame, size_t size)
{
	struct esp_write *w = &e->write;

	if (!w->active || w->deflate != (e->stub_op == OP_DEFL_DATA)) {
		esp_stub_answer(e, ERR_NOT_BEGUN);
		return;
	}
	if (!esp_stub_block_ok(e, frame, size))
		return;
	if (!w->deflate && w->left == 0) {
		esp_stub_answer(e, ERR_TOO_MUCH);
		return;
	}
	/* Received: that is all the answer says. */
	esp_stub_answer(e, 0);
	e->ack_mark = e->tx_pushed;
	esp_start_job(e, esp_step_program, esp_stub_done);
	e->job.in = frame + ESP_HEADER + ESP_BLOCK_HEADER; /* stays in job.block */
	e->job.in_left = size - ESP_BLOCK_HEADER;
}

/*
 * Its answer proves that the last block is in the flash: commands wait for the job, and its trouble
 * would have come in place of this.
 */
void esp_stub_flash_end(struct far_sim_esp *e, const uint8_t *frame, size_t size)
{
	(void)frame; /* this generation does not reboot, whatever the flag */
	(void)size;
	if (!e->write.active) {
		esp_stub_answer(e, ERR_NOT_BEGUN);
	} else if (e->write.left > 0) {
		esp_stub_answer(e, ERR_LENGTH);
	} else {
		esp_write_close(e);
		esp_stub_answer(e, 0);
	}
}

/* No data; the answer comes after the chip erase, many seconds later. */
void esp_stub_erase_flash(struct far_sim_esp *e, const uint8_t *frame, size_t size)
{
	(void)frame;
	(void)size;
	esp_start_job(e, esp_step_erase_chip, esp_stub_done);
	e->job.erase_at = 0;
	e->job.erase_end = far_sim_nor_size(e->nor);
}

/* Offset and size in whole sectors. */
void esp_stub_erase_region(struct far_sim_esp *e, const uint8_t *frame, size_t size)
{
	uint32_t offset = arg(frame, 0), len = arg(frame, 1);

	(void)size;
	if (offset % SECTOR != 0 || len % SECTOR != 0) {
		esp_stub_answer(e, ERR_LENGTH);
		return;
	}
	if (!esp_flash_inside(e, offset, len)) {
		esp_stub_answer(e, ERR_SPI);
		return;
	}
	esp_start_job(e, esp_step_erase, esp_stub_done);
	e->job.erase_at = offset;
	e->job.erase_end = offset + len;
}

/* The next packet, or the digest once all has been acknowledged. No header, no status. */
static void send_packet(struct far_sim_esp *e)
{
	struct esp_stream *s = &e->stream;
	uint8_t packet[PACKET_MAX];
	uint32_t n = s->len - s->sent < s->packet ? s->len - s->sent : s->packet;

	if (n == 0) {
		n = 16;
		esp_digest(e, s->addr, s->len, packet);
		s->active = false;
	} else {
		esp_flash_read(e, s->addr + s->sent, packet, n);
		s->sent += n;
	}
	esp_slip_open(e);
	esp_slip_put(e, packet, n);
	esp_slip_close(e);
}

/* Offset, length, packet size, packets in flight. */
void esp_stub_read_flash(struct far_sim_esp *e, const uint8_t *frame, size_t size)
{
	uint32_t packet = arg(frame, 2);

	(void)size;
	if (packet == 0 || packet > PACKET_MAX) {
		esp_stub_answer(e, ERR_LENGTH);
		return;
	}
	if (!esp_flash_inside(e, arg(frame, 0), arg(frame, 1))) {
		esp_stub_answer(e, ERR_SPI);
		return;
	}
	/* The number in flight, which comes last, is taken as 1 whatever it is. */
	e->stream = (struct esp_stream){
		.active = true,
		.addr = arg(frame, 0),
		.len = arg(frame, 1),
		.packet = packet,
	};
	esp_stub_answer(e, 0);
	send_packet(e);
}

/* The host acknowledges with the number of bytes it has so far, as a bare 32-bit word. */
void esp_stub_read_ack(struct far_sim_esp *e, const uint8_t *frame, size_t len)
{
	struct esp_stream *s = &e->stream;

	if (len != 4) { /* the host has given up; its frame is lost */
		s->active = false;
		esp_trace(e, "stub: READ_FLASH abandoned at %lu", (unsigned long)s->sent);
		return;
	}
	if (esp_le32(frame) == s->sent)
		send_packet(e);
}

static void md5_done(struct far_sim_esp *e, enum esp_trouble trouble)
{
	uint8_t digest[16];

	(void)trouble; /* a wait has none */
	esp_digest(e, e->job.arg_addr, e->job.arg_len, digest);
	esp_stub_answer_with(e, 0, digest, sizeof(digest));
}

/* Address and length, two words not used; 16 raw bytes. */
void esp_stub_md5(struct far_sim_esp *e, const uint8_t *frame, size_t size)
{
	uint32_t addr = arg(frame, 0), len = arg(frame, 1);

	(void)size;
	if (!esp_flash_inside(e, addr, len)) {
		esp_stub_answer(e, ERR_SPI);
		return;
	}
	esp_start_job(e, esp_step_wait, md5_done);
	e->job.arg_addr = addr;
	e->job.arg_len = len;
	e->job.due_ns += esp_digest_ns(len);
}
