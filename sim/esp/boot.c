/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reset, boot strap, and the program in flash as the ROM sees it: header, segments and check sum,
 * with the lines that it prints about them. The program itself is not executed.
 */
#include <string.h>

#include "sim/esp/chip.h"

#define IMAGE_MAGIC    0xE9u
#define SEGMENTS_MAX   16u
#define SHORT_HEADER   8u  /* magic, segments, mode, size and clock, entry */
#define LONG_HEADER    24u /* since the ESP32; the chip's id is at 12 */
#define HEADER_CHIP    12u
#define SEGMENT_HEADER 8u
#define CHECK_UNIT     16u /* the check sum is the last byte of such a unit */
#define TRIES          3u  /* real chips never stop trying; three show that they do */
#define INVALID_LINES  3u  /* of "invalid header", between two bites of the watchdog */
#define WATCHDOG_NS    (300u * ESP_MS)
#define FIRST_EXTERNAL 2u /* causes and modes of the ESP8266 */
#define FIRST_WATCHDOG 4u
#define FIRST_DOWNLOAD 1u
#define FIRST_FLASH    3u
#define CAUSE_POWER    0x1u
#define CAUSE_WATCHDOG 0x10u

/* As the cache does: with encryption on, plain bytes in the flash read as nonsense. */
static void read_flash(struct far_sim_esp *e, uint32_t addr, uint8_t *buf, size_t len)
{
	esp_flash_read(e, addr, buf, len);
	if (esp_encrypts(e))
		far_sim_esp_crypt(e, addr, buf, len);
}

static void print_cause(struct far_sim_esp *e)
{
	const struct esp_row *row = e->row;
	const struct esp_texts *t = &row->text;

	esp_print(e, t->banner);
	if (row->first_rom) {
		esp_printf(e, "rst cause:%u, boot mode:(%u,6)\r\n\r\n",
			   e->by_watchdog ? FIRST_WATCHDOG : FIRST_EXTERNAL,
			   e->download_strap ? FIRST_DOWNLOAD : FIRST_FLASH);
		return;
	}
	esp_printf(e, "rst:0x%x (%s),boot:0x%lx (%s)\r\n",
		   e->by_watchdog ? CAUSE_WATCHDOG : CAUSE_POWER,
		   e->by_watchdog ? t->watchdog : t->power,
		   (unsigned long)(e->download_strap ? row->strap_download : row->strap_flash),
		   e->download_strap ? t->download : t->flash);
	if (e->download_strap)
		esp_print(e, "waiting for download\r\n");
}

/* Where the image stands in flash, and what has been added up of it. */
struct image {
	uint32_t start, at;
	uint8_t sum;
};

/* Add up one segment's bytes. */
static void add_segment(struct far_sim_esp *e, struct image *m, uint32_t len)
{
	uint8_t buf[ESP_CHUNK];

	while (len > 0) {
		uint32_t n = len < sizeof(buf) ? len : (uint32_t)sizeof(buf);

		read_flash(e, m->at, buf, n);
		for (uint32_t i = 0; i < n; i++)
			m->sum ^= buf[i];
		m->at += n;
		len -= n;
	}
}

/* Address and length in front of the bytes. false: said what is wrong with it. */
static bool load_segment(struct far_sim_esp *e, struct image *m)
{
	uint8_t header[SEGMENT_HEADER];
	unsigned long addr, len;
	uint32_t limit = esp_flash_limit(e);

	read_flash(e, m->at, header, sizeof(header));
	m->at += SEGMENT_HEADER;
	addr = esp_le32(header);
	len = esp_le32(header + 4);
	if (m->at > limit || len > limit - m->at) {
		esp_printf(e, "invalid segment length 0x%lx\r\n", len);
		return false;
	}
	if (e->row->first_rom)
		esp_printf(e, "load 0x%08lx, len %lu, room 16 \r\ntail %lu\r\n", addr, len,
			   len % CHECK_UNIT);
	else if (e->row->text.decimal)
		esp_printf(e, "load:0x%08lx,len:%lu\r\n", addr, len);
	else
		esp_printf(e, "load:0x%08lx,len:0x%lx\r\n", addr, len);
	add_segment(e, m, (uint32_t)len);
	if (e->row->first_rom)
		esp_printf(e, "chksum 0x%02x\r\n", m->sum);
	return true;
}

static bool check_sum(struct far_sim_esp *e, struct image *m)
{
	uint32_t last = m->at - m->start;
	uint8_t sum;

	last += CHECK_UNIT - 1u - last % CHECK_UNIT;
	read_flash(e, m->start + last, &sum, 1);
	if (sum != m->sum)
		esp_printf(e, "csum err:0x%02x!=0x%02x\r\n", m->sum, sum);
	else if (e->row->first_rom)
		esp_printf(e, "csum 0x%02x\r\n", sum);
	return sum == m->sum;
}

static bool header_ok(struct far_sim_esp *e, const uint8_t header[LONG_HEADER])
{
	uint32_t id = (uint32_t)header[HEADER_CHIP] | (uint32_t)header[HEADER_CHIP + 1] << 8;

	if (header[0] != IMAGE_MAGIC || header[1] == 0 || header[1] > SEGMENTS_MAX) {
		for (unsigned i = 0; !e->row->first_rom && i < INVALID_LINES; i++)
			esp_printf(e, "invalid header: 0x%08lx\r\n",
				   (unsigned long)esp_le32(header));
		return false;
	}
	if (e->row->text.checks_id && id != e->row->chip_id) {
		esp_printf(e, "Invalid chip id. Expected %lu read %lu.\r\n",
			   (unsigned long)e->row->chip_id, (unsigned long)id);
		return false;
	}
	return true;
}

/* The speed of the flash is in the low half of the byte behind the mode. */
static unsigned clock_divider(uint8_t speed)
{
	static const uint8_t dividers[] = { 2, 3, 4 }; /* 40, 26 and 20 of 80 MHz */

	speed &= 0x0Fu;
	return speed < sizeof(dividers) ? dividers[speed] : 1u;
}

/* All that the ROM does before it jumps. false: it does not. */
static bool load_image(struct far_sim_esp *e)
{
	static const char *const modes[] = { "QIO", "QOUT", "DIO", "DOUT" };
	const struct esp_row *row = e->row;
	struct image m = { .start = row->boot_offset, .sum = 0xEF };
	uint8_t header[LONG_HEADER];

	read_flash(e, m.start, header, sizeof(header));
	if (!header_ok(e, header))
		return false;
	m.at = m.start + (row->first_rom ? SHORT_HEADER : LONG_HEADER);
	if (!row->first_rom)
		esp_printf(e, "%s%s, clock div:%u\r\n", row->text.before_mode,
			   modes[header[2] & 3u], clock_divider(header[3]));
	for (uint8_t i = 0; i < header[1]; i++) {
		if (!load_segment(e, &m))
			return false;
	}
	if (!check_sum(e, &m))
		return false;
	if (!row->first_rom)
		esp_printf(e, "entry 0x%08lx\r\n", (unsigned long)esp_le32(header + 4));
	return true;
}

/*
 * The die may be busy with an erase that a reset has interrupted: then it reads as ones, as it
 * would.
 */
static bool run_image(struct far_sim_esp *e)
{
	esp_drop_work(e);
	e->attached = true;
	if (!load_image(e)) {
		e->run = RUN_SILENT;
		esp_trace(e, "no program in flash");
		return false;
	}
	e->run = RUN_APP;
	esp_trace(e, "runs the program in flash");
	esp_print(e, e->app_text);
	return true;
}

/* Without an image the ROMs say so in their own way and wait; observed on the ESP32. */
void esp_boot_flash(struct far_sim_esp *e)
{
	uint8_t magic;

	e->attached = true;
	read_flash(e, e->row->boot_offset, &magic, 1);
	if (magic == IMAGE_MAGIC) {
		run_image(e);
		return;
	}
	esp_print(e, e->row->text.leave_blank);
	esp_silence(e, "no program in flash");
}

/* After a reset it is the watchdog that ends the ROM's attempt, for the next one. */
static void boot_from_reset(struct far_sim_esp *e)
{
	if (e->row->first_rom) {
		esp_boot_flash(e);
	} else if (run_image(e)) {
		e->boot_tries = 0;
	} else if (++e->boot_tries < TRIES) {
		esp_reset_at(e, e->t + WATCHDOG_NS);
	}
}

/*
 * Rate, registers and RAM are as after power up, and the loader will measure its host's rate anew.
 */
void esp_boot(struct far_sim_esp *e)
{
	const struct esp_row *row = e->row;
	uint64_t rate = 115200u;

	esp_drop_work(e);
	e->next_baud = 0;
	if (row->boot_hz != 0)
		rate = rate * e->crystal_hz / row->boot_hz;
	e->baud = (uint32_t)rate;
	e->rate_known = false;
	e->attached = false;
	e->flash_size = row->default_size;
	esp_reg_reset(e);
	print_cause(e);
	e->by_watchdog = false;
	if (e->download_strap)
		esp_rom_start(e);
	else
		boot_from_reset(e);
}
