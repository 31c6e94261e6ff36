/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registers with a meaning: identity, eFuses, UART divider, and the SPI controller, through which a
 * host can send any command to the flash.
 */
#include <string.h>

#include "sim/esp/chip.h"

#define MAGIC_ADDR 0x40001000u

/* SPI controller. */
#define CMD_USR       (1u << 18)
#define CMD_RDID      (1u << 28) /* JEDEC command 9F, whatever the other registers say */
#define USR_COMMAND   (1u << 31)
#define USR_ADDR      (1u << 30)
#define USR_DUMMY     (1u << 29)
#define USR_MISO      (1u << 28)
#define USR_MOSI      (1u << 27)
#define SPI_BUFFER    64u /* bytes in W0 to W15 */
#define SPI_FRAME_MAX (1u + 4u + 32u + SPI_BUFFER)
#define USR1_MISO_S   8 /* ESP8266: lengths in bits, less one, 9 bits each */
#define USR1_MOSI_S   17
#define USR1_LEN_M    0x1FFu

/* RTC watchdog, offsets from its config 0. */
#define WDT_CONFIG1  0x04u
#define WDT_PROTECT  0x18u
#define WDT_KEY      0x50D83AA1u
#define WDT_ENABLE   (1u << 31)
#define SLOW_TICK_NS 11111u /* 90 kHz */

static uint32_t spi_get(const struct far_sim_esp *e, uint32_t offset)
{
	return esp_mem_get(e, e->row->spi_base + offset);
}

/* The lengths that the controller is set to, in bytes. */
static void spi_lengths(const struct far_sim_esp *e, size_t *mosi, size_t *miso)
{
	const struct esp_row *row = e->row;
	uint32_t usr = spi_get(e, row->spi->usr);
	uint32_t usr1 = spi_get(e, row->spi->usr1);
	uint32_t mosi_bits = usr1 >> USR1_MOSI_S & USR1_LEN_M;
	uint32_t miso_bits = usr1 >> USR1_MISO_S & USR1_LEN_M;

	if (row->spi->mosi_dlen != 0) {
		mosi_bits = spi_get(e, row->spi->mosi_dlen) & USR1_LEN_M;
		miso_bits = spi_get(e, row->spi->miso_dlen) & USR1_LEN_M;
	}
	*mosi = usr & USR_MOSI ? mosi_bits / 8u + 1u : 0;
	*miso = usr & USR_MISO ? miso_bits / 8u + 1u : 0;
}

/*
 * 1 to 4 bytes, most significant first. The older controllers shift the register out from its top,
 * the newer ones take as many of its low bits as the length says.
 */
static size_t spi_put_addr(const struct far_sim_esp *e, uint8_t *frame)
{
	size_t bytes = (spi_get(e, e->row->spi->usr1) >> 26) / 8u + 1u;
	uint32_t addr = spi_get(e, 4);

	if (bytes > 4)
		bytes = 4;
	if (!e->row->spi->addr_left)
		addr <<= 32u - 8u * bytes;
	for (size_t i = 0; i < bytes; i++)
		frame[i] = (uint8_t)(addr >> (24u - 8u * i));
	return bytes;
}

/* Writing bit 18 of CMD sends what the other registers describe. It reads as 0 afterwards. */
static void spi_execute(struct far_sim_esp *e)
{
	const struct esp_row *row = e->row;
	uint32_t usr = spi_get(e, row->spi->usr);
	uint8_t frame[SPI_FRAME_MAX] = { 0 };
	uint8_t reply[SPI_BUFFER];
	size_t len = 0, mosi, miso;

	spi_lengths(e, &mosi, &miso);
	if (usr & USR_COMMAND)
		frame[len++] = (uint8_t)spi_get(e, row->spi->usr2);
	if (usr & USR_ADDR)
		len += spi_put_addr(e, frame + len);
	if (usr & USR_DUMMY) {
		size_t dummy = ((spi_get(e, row->spi->usr1) & 0xFFu) + 8u) / 8u;

		memset(frame + len, 0xFF, dummy);
		len += dummy;
	}
	for (size_t i = 0; i < mosi; i++)
		frame[len++] = (uint8_t)(spi_get(e, row->spi->w0 + (uint32_t)i) >> i % 4u * 8u);
	memset(reply, 0xFF, sizeof(reply));
	/* Without SPI_ATTACH the pins do not reach the flash: the bus reads as ones. */
	if (e->attached && len > 0)
		far_sim_nor_frame(e->nor, e->t, frame, len, reply, miso);
	esp_mem_put(e, row->spi_base + row->spi->w0, reply, miso);
	esp_trace(e, "spi %02x, %u out, %u in", frame[0], (unsigned)len, (unsigned)miso);
}

/* What bit 28 of CMD does: ask the flash for its id, which comes to stand in W0. */
static void spi_read_id(struct far_sim_esp *e)
{
	const uint8_t frame[1] = { 0x9F };
	uint8_t id[3];

	memset(id, 0xFF, sizeof(id));
	if (e->attached)
		far_sim_nor_frame(e->nor, e->t, frame, sizeof(frame), id, sizeof(id));
	esp_mem_put(e, e->row->spi_base + e->row->spi->w0, id, sizeof(id));
	esp_trace(e, "spi 9f by its own bit");
}

/* Integer part, and on the later chips a fraction in sixteenths above it. */
static uint32_t clkdiv(const struct far_sim_esp *e)
{
	uint64_t hz = (uint64_t)e->crystal_hz * e->row->clock_times;
	uint64_t sixteenths = (hz * 16u + e->baud / 2u) / e->baud;

	if (e->row->first_rom)
		return (uint32_t)((sixteenths + 8u) / 16u);
	return (uint32_t)(sixteenths / 16u & 0xFFFFFu) | (uint32_t)(sixteenths % 16u) << 20;
}

/* Registers that are made when read; all others are memory. */
bool esp_reg_read(struct far_sim_esp *e, uint32_t addr, uint32_t *value)
{
	/* An unaligned load is an exception as well. */
	if (addr % 4u != 0 || !esp_mem_exists(e, addr, 4))
		return false;
	if (addr == MAGIC_ADDR)
		*value = e->row->magic;
	else if (addr == e->row->uart_clkdiv)
		*value = clkdiv(e);
	else if (addr == e->row->spi_base)
		*value = 0;
	else
		*value = esp_mem_get(e, addr);
	return true;
}

/*
 * RTC watchdog, as far as hosts use it: armed through its unlocked registers it resets the chip
 * after config 1 ticks of the slow clock.
 */
static void wdt_written(struct far_sim_esp *e, uint32_t value)
{
	uint32_t base = e->row->wdt_base;

	if (!(value & WDT_ENABLE) || esp_mem_get(e, base + WDT_PROTECT) != WDT_KEY)
		return;
	esp_trace(e, "watchdog armed");
	esp_reset_at(e, e->t + (uint64_t)esp_mem_get(e, base + WDT_CONFIG1) * SLOW_TICK_NS);
}

/* ROM and eFuses do not take writes. */
static bool read_only(const struct far_sim_esp *e, uint32_t addr)
{
	const struct esp_fuses *f = &e->row->fuses;

	return esp_mem_is_rom(e, addr) || (addr >= f->start && addr < f->end) ||
	       addr == e->row->uart_clkdiv;
}

/* false: an exception. CMD is not kept: its bits clear themselves when the command is done. */
bool esp_reg_write(struct far_sim_esp *e, uint32_t addr, uint32_t value, uint32_t mask)
{
	uint8_t bytes[4];
	uint32_t old;

	if (!esp_reg_read(e, addr, &old))
		return false;
	value = (value & mask) | (old & ~mask);
	if (addr == e->row->spi_base) {
		if (value & CMD_RDID)
			spi_read_id(e);
		else if (value & CMD_USR)
			spi_execute(e);
		return true;
	}
	if (read_only(e, addr))
		return true;
	esp_put_le32(bytes, value);
	esp_mem_put(e, addr, bytes, sizeof(bytes));
	if (e->row->wdt_base != 0 && addr == e->row->wdt_base)
		wdt_written(e, value);
	return true;
}

/* One register of a WRITE_REG, then its delay, then the next: all before the answer. */
static bool step_write(struct far_sim_esp *e)
{
	struct esp_job *j = &e->job;
	const uint8_t *p = j->in;

	if (j->in_left == 0)
		return true;
	j->in += ESP_WRITE_REG;
	j->in_left -= ESP_WRITE_REG;
	j->due_ns = e->t + (uint64_t)esp_le32(p + 12) * 1000u;
	if (!esp_reg_write(e, esp_le32(p), esp_le32(p + 4), esp_le32(p + 8)))
		esp_panic(e, esp_le32(p)); /* which ends the job */
	return false;
}

/* The words may lie in the job's own block already. */
void esp_reg_start_writes(struct far_sim_esp *e, const uint8_t *words, size_t count,
			  void (*done)(struct far_sim_esp *e, enum esp_trouble trouble))
{
	memmove(e->job.block, words, count * ESP_WRITE_REG);
	esp_start_job(e, step_write, done);
	e->job.in = e->job.block;
	e->job.in_left = count * ESP_WRITE_REG;
}

static void set_word(struct far_sim_esp *e, uint32_t addr, uint32_t value)
{
	uint8_t bytes[4];

	esp_put_le32(bytes, value);
	esp_mem_put(e, addr, bytes, sizeof(bytes));
}

/* CRC-8 of the address as the factory burns it, polynomial x^8 + x^5 + x^4 + 1, reflected. */
static uint8_t mac_crc(const uint8_t mac[6])
{
	uint8_t crc = 0;

	for (size_t i = 0; i < 6u * 8u; i++) {
		bool bit = (((uint32_t)crc ^ (uint32_t)mac[i / 8u] >> i % 8u) & 1u) != 0;

		crc = (uint8_t)(crc >> 1 ^ (bit ? 0x8Cu : 0u));
	}
	return crc;
}

/*
 * Where hosts look for the address: ESP8266 OTP words 0, 1 and 3 (the first three bytes in word 3);
 * ESP32 words 1 and 2 of block 0, low end last, CRC on top; later ones two words of a block of
 * their own.
 */
static void burn_mac(struct far_sim_esp *e)
{
	const uint8_t *m = e->mac;
	uint32_t base = e->row->fuses.mac;
	uint32_t high = (uint32_t)m[0] << 8 | m[1];
	uint32_t low = (uint32_t)m[2] << 24 | (uint32_t)m[3] << 16 | (uint32_t)m[4] << 8 | m[5];

	if (e->row->first_rom) {
		set_word(e, base, (uint32_t)m[5] << 24);
		set_word(e, base + 4, (uint32_t)m[3] << 8 | m[4]);
		set_word(e, base + 0xC, high << 8 | m[2]);
		return;
	}
	if (e->row->info_len == 0) /* the ESP32 keeps a checksum above the address */
		high |= (uint32_t)mac_crc(m) << 16;
	else /* others what the chip's words put there */
		high |= esp_mem_get(e, base + 4) & 0xFFFF0000u;
	set_word(e, base, low);
	set_word(e, base + 4, high);
}

/* Fuses that a host without GET_SECURITY_INFO looks at. */
static void burn_security(struct far_sim_esp *e)
{
	const struct esp_fuses *f = &e->row->fuses;

	if (f->crypt_word != 0)
		set_word(e, f->crypt_word,
			 esp_mem_get(e, f->crypt_word) | (uint32_t)e->crypt_count << f->crypt_bit);
	if (e->secure_boot)
		set_word(e, f->boot_word, esp_mem_get(e, f->boot_word) | 1u << f->boot_bit);
}

/* After reset: no code in RAM, fuses as burned, the controller ready for a plain command. */
void esp_reg_reset(struct far_sim_esp *e)
{
	const struct esp_row *row = e->row;

	esp_mem_clear(e);
	for (const struct esp_const *w = row->words; w->addr != 0; w++)
		set_word(e, w->addr, w->value);
	burn_mac(e);
	burn_security(e);
	if (e->usb_otg)
		set_word(e, row->otg.addr, row->otg.value);
	if (row->rom_hz_reg != 0)
		set_word(e, row->rom_hz_reg, row->rom_hz / 1000000u << 24);
	if (row->strap_reg != 0)
		set_word(e, row->strap_reg,
			 e->download_strap ? row->strap_download : row->strap_flash);
	/* Reset values: a command of 8 bits, an address of 24. */
	set_word(e, row->spi_base + row->spi->usr, USR_COMMAND);
	set_word(e, row->spi_base + row->spi->usr1, 23u << 26 | 7u);
	set_word(e, row->spi_base + row->spi->usr2, 7u << 28);
}

void esp_reg_stub_start(struct far_sim_esp *e)
{
	const struct esp_row *row = e->row;

	/* The stub reads the flash's identity when it starts, and the lengths stay set. */
	if (row->spi->miso_dlen != 0)
		set_word(e, row->spi_base + row->spi->miso_dlen, 23);
	else
		set_word(e, row->spi_base + row->spi->usr1, 23u << 26 | 23u << USR1_MISO_S | 7u);
}
