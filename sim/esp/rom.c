/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The serial loader in the mask ROM, with the habits that were observed on a real one: it does not
 * clear its buffers, so that a short frame is completed by what an earlier one left, and an answer
 * carries stale bytes wherever the command at hand has nothing to say.
 */
#include <string.h>

#include "sim/esp/chip.h"

#define ERR_INVALID  0x05u /* message, or command that this loader does not know */
#define ERR_FAILED   0x06u
#define ERR_CHECKSUM 0x07u
#define ERR_RAM_SIZE 0x0Eu
#define ERR_RAM_ADDR 0x0Fu
#define SYNC_COPIES  8u
#define BAUD_MAX     5000000u /* the smallest UART divider that works is 8 */

/* The size word of the header, which need not be true. */
uint32_t esp_rom_size(const struct far_sim_esp *e)
{
	return (uint32_t)e->rom_buf[2] | (uint32_t)e->rom_buf[3] << 8;
}

/* Word of the request; where the frame was too short, what an earlier one left there. */
uint32_t esp_rom_arg(const struct far_sim_esp *e, size_t index)
{
	return esp_le32(e->rom_buf + ESP_HEADER + 4u * index);
}

/*
 * Direction 01, opcode, size of payload and status, value. The status is two bytes in the first ROM
 * and four later, of which only the first ever counts.
 */
static void send_once(struct far_sim_esp *e)
{
	const struct esp_reply *r = &e->reply;
	uint8_t status[4] = { e->status, e->error, e->stale[0], e->stale[1] };
	size_t size = r->payload_len + e->row->status_bytes;
	uint8_t header[ESP_HEADER] = { 1, r->op, (uint8_t)size, (uint8_t)(size >> 8) };

	esp_put_le32(header + 4, r->value);
	esp_slip_open(e);
	esp_slip_put(e, header, sizeof(header));
	esp_slip_put(e, r->payload, r->payload_len);
	esp_slip_put(e, status, e->row->status_bytes);
	esp_slip_close(e);
}

static void send(struct far_sim_esp *e)
{
	for (unsigned i = 0; i < e->reply.copies; i++)
		send_once(e);
}

void esp_rom_ok(struct far_sim_esp *e)
{
	e->status = 0; /* and the error byte stays what it was */
	send(e);
}

/* The reply keeps its payload, stale or not: the status says that it is worth nothing. */
void esp_rom_fail(struct far_sim_esp *e, uint8_t error)
{
	esp_trace(e, "rom: fails with 01 %02x", error);
	e->status = 1;
	e->error = error;
	send(e);
}

/* The words of the ROM for what can go wrong in a job. */
void esp_rom_done(struct far_sim_esp *e, enum esp_trouble trouble)
{
	static const uint8_t codes[] = {
		[TROUBLE_VERIFY] = 0x08,  [TROUBLE_BEYOND] = ERR_FAILED,
		[TROUBLE_INFLATE] = 0x0B, [TROUBLE_CHECK] = 0x0C,
		[TROUBLE_MUCH] = 0x0B,    [TROUBLE_LOCKED] = ERR_FAILED,
	};

	if (trouble == TROUBLE_NONE)
		esp_rom_ok(e);
	else
		esp_rom_fail(e, codes[trouble]);
}

/*
 * The checks that FLASH_DATA, FLASH_DEFL_DATA and MEM_DATA share. Number first: a block with the
 * wrong one leaves no trace. false: answered.
 */
bool esp_rom_block_ok(struct far_sim_esp *e, uint32_t *expected, uint32_t block_size)
{
	uint32_t len = esp_rom_arg(e, 0);

	/* The len word counts; the size in the header is not looked at. */
	if (esp_rom_arg(e, 1) != *expected || len > block_size) {
		esp_rom_fail(e, ERR_INVALID);
		return false;
	}
	/* A wrong check sum uses up the number, but not the place of its data. */
	++*expected;
	if (esp_block_sum(e->rom_buf + ESP_HEADER + ESP_BLOCK_HEADER, len) !=
	    esp_le32(e->rom_buf + 4)) {
		esp_rom_fail(e, ERR_CHECKSUM);
		return false;
	}
	return true;
}

/* The UART has measured the rate on the row of 55s by now. */
static void do_sync(struct far_sim_esp *e)
{
	e->reply.copies = SYNC_COPIES;
	e->reply.value = esp_rom_arg(e, 0); /* the payload is not checked */
	e->rate_known = true;
	esp_rom_ok(e);
}

/* The only command with a value of its own. A bad address is not caught. */
static void do_read_reg(struct far_sim_esp *e)
{
	uint32_t addr = esp_rom_arg(e, 0);

	if (esp_rom_size(e) != 4)
		esp_rom_fail(e, ERR_INVALID);
	else if (esp_reg_read(e, addr, &e->reply.value))
		esp_rom_ok(e);
	else
		esp_panic(e, addr);
}

/* Any number of (address, value, mask, delay in us). The answer comes after all delays. */
static void do_write_reg(struct far_sim_esp *e)
{
	uint32_t size = esp_rom_size(e);

	if (size == 0 || size % ESP_WRITE_REG != 0 || size > ESP_ROM_BUFFER - ESP_HEADER)
		esp_rom_fail(e, ERR_INVALID);
	else
		esp_reg_start_writes(e, e->rom_buf + ESP_HEADER, size / ESP_WRITE_REG,
				     esp_rom_done);
}

/* Total, blocks, block size, address; total and number of blocks are taken on trust. */
static void do_mem_begin(struct far_sim_esp *e)
{
	uint32_t total = esp_rom_arg(e, 0), block_size = esp_rom_arg(e, 2);
	uint32_t addr = esp_rom_arg(e, 3);

	if (esp_rom_size(e) != 16 || block_size > ESP_ROM_BLOCK_MAX) {
		esp_rom_fail(e, ERR_INVALID);
	} else if (!esp_mem_loadable(e, addr, 0)) {
		esp_rom_fail(e, ERR_RAM_ADDR);
	} else if (!esp_mem_loadable(e, addr, total)) {
		esp_rom_fail(e, ERR_RAM_SIZE);
	} else {
		e->load =
			(struct esp_load){ .active = true, .addr = addr, .block_size = block_size };
		esp_rom_ok(e);
	}
}

/* Loading beyond what BEGIN was told goes on until there is no more RAM. */
static void do_mem_data(struct far_sim_esp *e)
{
	uint32_t len = esp_rom_arg(e, 0);

	if (!e->load.active) {
		esp_rom_fail(e, ERR_INVALID);
	} else if (esp_rom_block_ok(e, &e->load.expected, e->load.block_size)) {
		if (!esp_mem_loadable(e, e->load.addr, len)) {
			esp_panic(e, e->load.addr);
			return;
		}
		esp_mem_load(e, e->load.addr, e->rom_buf + ESP_HEADER + ESP_BLOCK_HEADER, len);
		e->load.addr += len;
		esp_rom_ok(e);
	}
}

/*
 * Flag and entry. The answer leaves before the jump, and what the code says comes after that. With
 * secure boot the ROM of the S3 does not jump from here, see do_read_slow.
 */
static void do_mem_end(struct far_sim_esp *e)
{
	uint32_t stay = esp_rom_arg(e, 0), entry = esp_rom_arg(e, 1);

	if (esp_rom_size(e) != 8) {
		esp_rom_fail(e, ERR_INVALID);
		return;
	}
	e->load.active = false;
	esp_rom_ok(e);
	if (stay == 0 && !(e->secure_boot && e->row->hook != 0))
		esp_run_loaded(e, entry);
}

/*
 * The S3 calls the function behind READ_FLASH_SLOW by a pointer in RAM. Where secure boot forbids
 * MEM_END to jump, hosts put their stub's entry there; no answer comes but the stub's greeting.
 */
static void do_read_slow(struct far_sim_esp *e)
{
	uint32_t entry = e->row->hook != 0 ? esp_mem_get(e, e->row->hook) : 0;

	if (e->secure_boot && entry != 0)
		esp_run_loaded(e, entry);
	else
		esp_rom_read_slow(e);
}

/* The pins word is not modelled: any wiring is right. Nor is its second word. */
static void do_spi_attach(struct far_sim_esp *e)
{
	uint32_t size = esp_rom_size(e);

	if (size != 4 && size != 8 && size != 12) {
		esp_rom_fail(e, ERR_INVALID);
		return;
	}
	e->attached = true;
	esp_rom_ok(e);
}

/* Id, total size, block, sector and page size, status mask: only the size matters here. */
static void do_set_params(struct far_sim_esp *e)
{
	if (esp_rom_size(e) != 24) {
		esp_rom_fail(e, ERR_INVALID);
		return;
	}
	e->flash_size = esp_rom_arg(e, 1);
	esp_rom_ok(e);
}

static void do_change_baud(struct far_sim_esp *e)
{
	uint32_t baud = esp_rom_arg(e, 0);
	uint64_t real = baud;

	/*
	 * The divider comes from what the ROM takes the clock for, the rate from the clock itself.
	 */
	if (e->row->rom_hz != 0)
		real = real * e->crystal_hz / e->row->rom_hz;
	if (esp_rom_size(e) != 8 || real == 0 || real > BAUD_MAX) {
		esp_rom_fail(e, ERR_INVALID);
		return;
	}
	esp_rom_ok(e);
	e->next_baud = (uint32_t)real;
}

static void do_security_info(struct far_sim_esp *e)
{
	e->reply.payload_len = esp_security_info(e, e->reply.payload);
	esp_rom_ok(e);
}

static void do_flash_begin(struct far_sim_esp *e)
{
	esp_rom_flash_begin(e, false);
}

static void do_flash_data(struct far_sim_esp *e)
{
	esp_rom_flash_data(e, false);
}

static void do_defl_begin(struct far_sim_esp *e)
{
	esp_rom_flash_begin(e, true);
}

static void do_defl_data(struct far_sim_esp *e)
{
	esp_rom_flash_data(e, true);
}

/* Who knows a command. */
enum {
	ALL = 1,    /* every chip's ROM, the ESP8266's too */
	INFO = 2,   /* only ROMs that know GET_SECURITY_INFO */
	SECURE = 4, /* allowed in secure download mode */
};

struct command {
	uint8_t op, flags;
	const char *name;
	void (*handler)(struct far_sim_esp *e);
};

static const struct command commands[] = {
	{ OP_FLASH_BEGIN, ALL | SECURE, "FLASH_BEGIN", do_flash_begin },
	{ OP_FLASH_DATA, ALL | SECURE, "FLASH_DATA", do_flash_data },
	{ OP_FLASH_END, ALL | SECURE, "FLASH_END", esp_rom_flash_end },
	{ OP_MEM_BEGIN, ALL, "MEM_BEGIN", do_mem_begin },
	{ OP_MEM_END, ALL, "MEM_END", do_mem_end },
	{ OP_MEM_DATA, ALL, "MEM_DATA", do_mem_data },
	{ OP_SYNC, ALL | SECURE, "SYNC", do_sync },
	{ OP_WRITE_REG, ALL, "WRITE_REG", do_write_reg },
	{ OP_READ_REG, ALL, "READ_REG", do_read_reg },
	{ OP_SPI_SET_PARAMS, SECURE, "SPI_SET_PARAMS", do_set_params },
	{ OP_SPI_ATTACH, SECURE, "SPI_ATTACH", do_spi_attach },
	{ OP_READ_FLASH_SLOW, 0, "READ_FLASH_SLOW", do_read_slow },
	{ OP_CHANGE_BAUD, SECURE, "CHANGE_BAUDRATE", do_change_baud },
	{ OP_DEFL_BEGIN, 0, "FLASH_DEFL_BEGIN", do_defl_begin },
	{ OP_DEFL_DATA, 0, "FLASH_DEFL_DATA", do_defl_data },
	{ OP_DEFL_END, 0, "FLASH_DEFL_END", esp_rom_flash_end },
	{ OP_FLASH_MD5, 0, "SPI_FLASH_MD5", esp_rom_md5 },
	{ OP_SECURITY_INFO, INFO | SECURE, "GET_SECURITY_INFO", do_security_info },
};

/* NULL: this chip, in this mode, does not know the opcode. */
static const struct command *find(const struct far_sim_esp *e, uint8_t op)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const struct command *c = &commands[i];

		if (c->op != op)
			continue;
		if ((e->row->first_rom && !(c->flags & ALL)) ||
		    ((c->flags & INFO) && e->row->info_len == 0) ||
		    (e->secure_download && !(c->flags & SECURE)))
			return NULL;
		return c;
	}
	return NULL;
}

/* Fresh from reset: buffers are zero, nothing has been answered. */
void esp_rom_start(struct far_sim_esp *e)
{
	e->run = RUN_ROM;
	memset(e->rom_buf, 0, sizeof(e->rom_buf));
	esp_slip_init(&e->slip, e->rom_buf, ESP_ROM_BUFFER, false);
	e->reply = (struct esp_reply){ .copies = 1 };
	e->status = 0;
	e->error = 0;
	e->rx_count = 0;
	esp_trace(e, "rom: waiting for download");
}

void esp_rom_frame(struct far_sim_esp *e, size_t len)
{
	const struct command *c = find(e, e->rom_buf[1]);

	/* Behind the frame lies what an earlier one left; answers carry two bytes of that. */
	if (len <= ESP_ROM_BUFFER)
		memcpy(e->stale, e->rom_buf + len, sizeof(e->stale));
	if (e->rom_buf[0] != 0 || !c || len > ESP_ROM_BUFFER) {
		/* The answer is the previous one, with another status. */
		esp_trace(e, "rom: opcode %02x unsupported", e->rom_buf[1]);
		esp_rom_fail(e, ERR_INVALID);
		return;
	}
	esp_trace(e, "rom: %s %08lx %08lx", c->name, (unsigned long)esp_rom_arg(e, 0),
		  (unsigned long)esp_rom_arg(e, 1));
	e->reply.op = c->op;
	e->reply.payload_len = 0;
	e->reply.copies = 1;
	c->handler(e);
}
