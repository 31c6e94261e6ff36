/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The generation-2 flasher stub, as it behaves towards a host. It receives by interrupt while it
 * works, acknowledges a block before programming it, and tells of an error in programming in the
 * answer to the next command, which it does not execute.
 */
#include <string.h>

#include "sim/esp/chip.h"

#define ERR_LENGTH   0xC0u
#define ERR_CHECKSUM 0xC1u
#define ERR_COMMAND  0xC3u
#define ERR_SPI      0xC4u
#define ERR_NOT_HERE 0xFFu /* known, but not on this chip */
#define SYNC_COPIES  8
#define BAUD_MAX     5000000u

/* As in the ROM, but the value is 0 unless there is one, and the status is one code and 00. */
static void answer(struct far_sim_esp *e, uint32_t value, uint8_t code, const uint8_t *payload,
		   size_t len)
{
	const uint8_t status[2] = { code, 0 };
	size_t size = len + sizeof(status);
	uint8_t header[ESP_HEADER] = { 1, e->stub_op, (uint8_t)size, (uint8_t)(size >> 8) };

	esp_put_le32(header + 4, value);
	esp_slip_open(e);
	esp_slip_put(e, header, sizeof(header));
	esp_slip_put(e, payload, len);
	esp_slip_put(e, status, sizeof(status));
	esp_slip_close(e);
}

void esp_stub_answer(struct far_sim_esp *e, uint8_t code)
{
	if (code != 0)
		esp_trace(e, "stub: fails with %02x 00", code);
	answer(e, 0, code, NULL, 0);
}

void esp_stub_answer_with(struct far_sim_esp *e, uint32_t value, const uint8_t *payload, size_t len)
{
	answer(e, value, 0, payload, len);
}

/* The words of the stub for what can go wrong in a job. */
static uint8_t code_of(enum esp_trouble trouble)
{
	static const uint8_t codes[] = {
		[TROUBLE_NONE] = 0,       [TROUBLE_VERIFY] = ERR_SPI, [TROUBLE_BEYOND] = ERR_SPI,
		[TROUBLE_INFLATE] = 0xC7, [TROUBLE_CHECK] = 0xC7,     [TROUBLE_MUCH] = 0xC9,
		[TROUBLE_LOCKED] = 0xC5,
	};

	return codes[trouble];
}

void esp_stub_done(struct far_sim_esp *e, enum esp_trouble trouble)
{
	/* A block has been acknowledged already: its trouble waits for the next command. */
	if (e->stub_op == OP_FLASH_DATA || e->stub_op == OP_DEFL_DATA)
		e->deferred = code_of(trouble);
	else
		esp_stub_answer(e, code_of(trouble));
}

/* A greeting that is no answer: the four letters between two C0. */
void esp_stub_start(struct far_sim_esp *e)
{
	static const uint8_t greeting[] = { 'O', 'H', 'A', 'I' };

	e->run = RUN_STUB;
	e->attached = true;
	esp_slip_init(&e->slip, e->frame.bytes, sizeof(e->frame.bytes), true);
	esp_reg_stub_start(e);
	esp_slip_open(e);
	esp_slip_put(e, greeting, sizeof(greeting));
	esp_slip_close(e);
	esp_trace(e, "stub: OHAI");
}

/* Only blocks for the flash are acknowledged ahead of the work. */
static bool is_block(const struct esp_frame *f)
{
	return f->len >= 2 && (f->bytes[1] == OP_FLASH_DATA || f->bytes[1] == OP_DEFL_DATA);
}

/* Has the host sent a block whose acknowledgement has not left completely? */
static bool block_unanswered(const struct far_sim_esp *e)
{
	for (size_t i = 0; i < e->slots_used; i++) {
		if (is_block(&e->slots[i]))
			return true;
	}
	return e->tx_popped < e->ack_mark;
}

/*
 * Runs at any time, as the stub's interrupt does. Frames that come while the stub works wait in
 * their slots; one too many is lost, but a second block that did not wait for its turn wedges the
 * stub.
 */
void esp_stub_receive(struct far_sim_esp *e, uint8_t byte)
{
	struct esp_frame *slot;

	if (e->slip.in_frame && e->slip.len == 0)
		e->frame_overlaps = block_unanswered(e);
	if (!esp_slip_byte(&e->slip, byte))
		return;
	e->frame.len = e->slip.len;
	if (is_block(&e->frame) && e->frame_overlaps) {
		esp_silence(e, "block sent before the last one was acknowledged");
		return;
	}
	if (e->slots_used == ESP_STUB_SLOTS)
		return;
	slot = &e->slots[e->slots_used++];
	memcpy(slot->bytes, e->frame.bytes, e->frame.len);
	slot->len = e->frame.len;
}

/* Here the len word must agree with the frame; a bad check sum has no consequences. */
bool esp_stub_block_ok(struct far_sim_esp *e, const uint8_t *frame, size_t size)
{
	const uint8_t *data = frame + ESP_HEADER;

	if (size < ESP_BLOCK_HEADER || esp_le32(data) != size - ESP_BLOCK_HEADER) {
		esp_stub_answer(e, ERR_LENGTH);
		return false;
	}
	if (esp_block_sum(data + ESP_BLOCK_HEADER, size - ESP_BLOCK_HEADER) !=
	    esp_le32(frame + 4)) {
		esp_stub_answer(e, ERR_CHECKSUM);
		return false;
	}
	return true;
}

/* SPI_ATTACH and SPI_SET_PARAMS: the stub attached the flash, and asked it, when it started. */
static void do_ok(struct far_sim_esp *e, const uint8_t *frame, size_t size)
{
	(void)frame;
	(void)size;
	esp_stub_answer(e, 0);
}

static void do_sync(struct far_sim_esp *e, const uint8_t *frame, size_t size)
{
	for (int i = 0; i < SYNC_COPIES; i++)
		do_ok(e, frame, size);
}

/* An address that does not exist is as deadly here as in the ROM. */
static void do_read_reg(struct far_sim_esp *e, const uint8_t *frame, size_t size)
{
	uint32_t addr = esp_le32(frame + ESP_HEADER);
	uint32_t value;

	(void)size;
	if (esp_reg_read(e, addr, &value))
		esp_stub_answer_with(e, value, NULL, 0);
	else
		esp_panic(e, addr);
}

static void do_write_reg(struct far_sim_esp *e, const uint8_t *frame, size_t size)
{
	if (size == 0 || size % ESP_WRITE_REG != 0)
		esp_stub_answer(e, ERR_LENGTH);
	else
		esp_reg_start_writes(e, frame + ESP_HEADER, size / ESP_WRITE_REG, esp_stub_done);
}

static void do_mem_begin(struct far_sim_esp *e, const uint8_t *frame, size_t size)
{
	uint32_t addr = esp_le32(frame + ESP_HEADER + 12);

	(void)size;
	if (!esp_mem_loadable(e, addr, esp_le32(frame + ESP_HEADER))) {
		esp_stub_answer(e, ERR_LENGTH);
		return;
	}
	e->load = (struct esp_load){ .active = true, .addr = addr };
	esp_stub_answer(e, 0);
}

static void do_mem_data(struct far_sim_esp *e, const uint8_t *frame, size_t size)
{
	if (!esp_stub_block_ok(e, frame, size))
		return;
	size -= ESP_BLOCK_HEADER;
	if (!e->load.active || !esp_mem_loadable(e, e->load.addr, (uint32_t)size)) {
		esp_stub_answer(e, ERR_LENGTH);
		return;
	}
	esp_mem_load(e, e->load.addr, frame + ESP_HEADER + ESP_BLOCK_HEADER, size);
	e->load.addr += (uint32_t)size;
	esp_stub_answer(e, 0);
}

/* Code that is started over a running stub is a stub that greets again. */
static void do_mem_end(struct far_sim_esp *e, const uint8_t *frame, size_t size)
{
	uint32_t entry = esp_le32(frame + ESP_HEADER + 4);

	(void)size;
	e->load.active = false;
	esp_stub_answer(e, 0);
	if (esp_le32(frame + ESP_HEADER) == 0)
		esp_run_loaded(e, entry);
}

static void do_change_baud(struct far_sim_esp *e, const uint8_t *frame, size_t size)
{
	uint64_t baud = esp_le32(frame + ESP_HEADER);
	uint32_t old = esp_le32(frame + ESP_HEADER + 4);

	(void)size;
	/*
	 * Its clock is what the present divider times the present rate makes, as the host tells it.
	 */
	if (old != 0)
		baud = baud * e->baud / old;
	if (old == 0 || baud == 0 || baud > BAUD_MAX) {
		esp_stub_answer(e, ERR_LENGTH);
		return;
	}
	esp_stub_answer(e, 0);
	e->next_baud = (uint32_t)baud;
}

/* Known everywhere, but only newer chips have the eFuses. */
static void do_security_info(struct far_sim_esp *e, const uint8_t *frame, size_t size)
{
	uint8_t info[ESP_INFO_MAX];
	size_t len = esp_security_info(e, info);

	(void)frame;
	(void)size;
	if (len > 0)
		esp_stub_answer_with(e, 0, info, len);
	else
		esp_stub_answer(e, ERR_NOT_HERE);
}

static void do_run_user_code(struct far_sim_esp *e, const uint8_t *frame, size_t size)
{
	(void)frame;
	(void)size;
	esp_boot_flash(e); /* and no answer */
}

#define ANY_SIZE 0xFFFFu

static const struct command {
	uint8_t op;
	uint16_t size; /* of its data, exactly; ANY_SIZE: the handler looks */
	const char *name;
	void (*handler)(struct far_sim_esp *e, const uint8_t *frame, size_t size);
} commands[] = {
	{ OP_FLASH_BEGIN, ANY_SIZE, "FLASH_BEGIN", esp_stub_flash_begin },
	{ OP_FLASH_DATA, ANY_SIZE, "FLASH_DATA", esp_stub_flash_data },
	{ OP_FLASH_END, 4, "FLASH_END", esp_stub_flash_end },
	{ OP_MEM_BEGIN, 16, "MEM_BEGIN", do_mem_begin },
	{ OP_MEM_END, 8, "MEM_END", do_mem_end },
	{ OP_MEM_DATA, ANY_SIZE, "MEM_DATA", do_mem_data },
	{ OP_SYNC, ANY_SIZE, "SYNC", do_sync },
	{ OP_WRITE_REG, ANY_SIZE, "WRITE_REG", do_write_reg },
	{ OP_READ_REG, 4, "READ_REG", do_read_reg },
	{ OP_SPI_SET_PARAMS, 24, "SPI_SET_PARAMS", do_ok },
	{ OP_SPI_ATTACH, 4, "SPI_ATTACH", do_ok },
	{ OP_CHANGE_BAUD, 8, "CHANGE_BAUDRATE", do_change_baud },
	{ OP_DEFL_BEGIN, ANY_SIZE, "FLASH_DEFL_BEGIN", esp_stub_flash_begin },
	{ OP_DEFL_DATA, ANY_SIZE, "FLASH_DEFL_DATA", esp_stub_flash_data },
	{ OP_DEFL_END, 4, "FLASH_DEFL_END", esp_stub_flash_end },
	{ OP_FLASH_MD5, 16, "SPI_FLASH_MD5", esp_stub_md5 },
	{ OP_SECURITY_INFO, 0, "GET_SECURITY_INFO", do_security_info },
	{ OP_ERASE_FLASH, 0, "ERASE_FLASH", esp_stub_erase_flash },
	{ OP_ERASE_REGION, 8, "ERASE_REGION", esp_stub_erase_region },
	{ OP_READ_FLASH, 16, "READ_FLASH", esp_stub_read_flash },
	{ OP_RUN_USER_CODE, 0, "RUN_USER_CODE", do_run_user_code },
};

static const struct command *find(uint8_t op)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (commands[i].op == op)
			return &commands[i];
	}
	return NULL;
}

/* 0, or the code to answer with. */
static uint8_t objection(struct far_sim_esp *e, const struct command *c, const uint8_t *frame,
			 size_t len)
{
	uint8_t deferred = e->deferred;
	size_t size = (size_t)frame[2] | (size_t)frame[3] << 8;

	if (len < ESP_HEADER || size != len - ESP_HEADER)
		return ERR_LENGTH;
	e->deferred = 0;
	if (deferred != 0)
		return deferred;
	if (frame[0] != 0 || !c)
		return ERR_COMMAND;
	return c->size != ANY_SIZE && c->size != size ? ERR_LENGTH : 0;
}

/* While READ_FLASH streams, frames are acknowledgements. */
void esp_stub_frame(struct far_sim_esp *e, const uint8_t *frame, size_t len)
{
	const struct command *c;
	uint8_t code;

	if (e->stream.active) {
		esp_stub_read_ack(e, frame, len);
		return;
	}
	if (len < 4) /* not even a size: noise */
		return;
	e->stub_op = frame[1];
	c = find(e->stub_op);
	code = objection(e, c, frame, len);
	esp_trace(e, "stub: %s (%02x), %u bytes", c ? c->name : "unknown", e->stub_op,
		  (unsigned)len);
	if (code != 0)
		esp_stub_answer(e, code);
	else
		c->handler(e, frame, len - ESP_HEADER);
}
