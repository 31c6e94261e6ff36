/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chips, one row each. Addresses are those of the vendor's technical reference manuals; texts
 * are as seen on boards. What was observed on a ROM itself (ESP32 revision 3, ESP32-C3) stands
 * above what its documentation says. Nothing of the kind is known of the other ROMs: in habits they
 * are taken to be like the C3, whose successors they are; rows say where a text or value is by
 * analogy.
 */
#include <string.h>

#include "sim/esp/chip.h"

/* ESP8266, ESP32, and everything since. */
static const struct esp_spi spi_8266 = {
	.usr = 0x1C,
	.usr1 = 0x20,
	.usr2 = 0x24,
	.w0 = 0x40,
	.addr_left = true,
};
static const struct esp_spi spi_esp32 = {
	.usr = 0x1C,
	.usr1 = 0x20,
	.usr2 = 0x24,
	.mosi_dlen = 0x28,
	.miso_dlen = 0x2C,
	.w0 = 0x80,
	.addr_left = true,
};
static const struct esp_spi spi_since_s2 = {
	.usr = 0x18,
	.usr1 = 0x1C,
	.usr2 = 0x20,
	.mosi_dlen = 0x24,
	.miso_dlen = 0x28,
	.w0 = 0x58,
};

#define MHZ 1000000u

/* Common words of the ROMs since the S2. */
#define SPIWP       "SPIWP:0xee\r\nmode:"
#define LEAVES      "user code done\r\n"
#define PANIC       "Guru Meditation Error: Core  0 panic'ed (LoadProhibited)\r\n"
#define PANIC_RISCV "Guru Meditation Error: Core  0 panic'ed (Load access fault)\r\n"
#define NORMAL      "SPI_FAST_FLASH_BOOT"

static const struct esp_row rows[] = {
	{
		.name = "esp8266",
		.magic = 0xFFF0C101,
		.spi_base = 0x60000200,
		.spi = &spi_8266,
		.fuses = { 0x3FF00050, 0x3FF00060, 0x3FF00050, 0, 0, 0, 0 },
		.uart_clkdiv = 0x60000014,
		.crystal_hz = 26 * MHZ,
		.other_crystals = true,
		.clock_times = 2,
		/* Its ROM reckons with 40 MHz: 115200 becomes 74880. */
		.boot_hz = 40 * MHZ,
		.status_bytes = 2,
		.begin_words = 4,
		.first_rom = true,
		.ranges = esp_ranges_esp8266,
		.words = esp_words_esp8266,
		.stub = { 0x4010C500, 11456, 0x4010C504 },
		.text = {
			.banner = "\r\n ets Jan  8 2013,",
			.panic = "Fatal exception (28):\r\n",
			.leave_blank = "ets_main.c \r\n",
		},
	},
	{
		.name = "esp32",
		.magic = 0x00F01D83,
		.spi_base = 0x3FF42000,
		.spi = &spi_esp32,
		.fuses = { 0x3FF5A000, 0x3FF5A100, 0x3FF5A004, 0x3FF5A000, 20, 0x3FF5A018, 5 },
		.uart_clkdiv = 0x3FF40014,
		.crystal_hz = 40 * MHZ,
		.clock_times = 1,
		/* What RTCCALICFG1 and eFuse word 4 say, see chip_maps.c. */
		.rom_hz = 40375000,
		.boot_offset = 0x1000,
		.default_size = 0x400000,
		.status_bytes = 4,
		.begin_words = 4,
		.crypt_align = 32,
		.strap_reg = 0x3FF44038,
		.strap_download = 0x0F,
		.strap_flash = 0x13,
		.ranges = esp_ranges_esp32,
		.words = esp_words_esp32,
		.stub = { 0x400A8000, 6456, 0x400A902C },
		.text = {
			.banner = "ets Jul 29 2019 12:21:46\r\n\r\n",
			.power = "POWERON_RESET",
			.watchdog = "RTCWDT_RTC_RESET",
			.download = "UART_BOOT(UART0)",
			.flash = NORMAL,
			.before_mode = "configsip: 0, SPIWP:0xee\r\n"
				       "clk_drv:0x00,q_drv:0x00,d_drv:0x00,cs0_drv:0x00,"
				       "hd_drv:0x00,wp_drv:0x00\r\nmode:",
			.leave_blank = "flash read err, 1000\r\nets_main.c 371 \r\n",
			/* No panic: this ROM falls silent without a word. */
			.decimal = true,
		},
	},
	{
		.name = "esp32s2",
		.otg = { 0x3FFFFD14, 2 },
		.magic = 0x000007C6,
		.info_len = 12,
		.chip_id = 2,
		.spi_base = 0x3F402000,
		.spi = &spi_since_s2,
		.fuses = { 0x3F41A000, 0x3F41A200, 0x3F41A044, 0x3F41A034, 18, 0x3F41A038, 20 },
		.uart_clkdiv = 0x3F400014,
		.crystal_hz = 40 * MHZ,
		.clock_times = 1,
		.boot_offset = 0x1000,
		.default_size = 0x400000,
		.status_bytes = 4,
		.begin_words = 5,
		.crypt_align = 16,
		.strap_reg = 0x3F404038,
		.strap_download = 0x02,
		.strap_flash = 0x0A,
		.wdt_base = 0x3F408094,
		.ranges = esp_ranges_esp32s2,
		.words = esp_words_esp32s2,
		.stub = { 0x40028000, 6600, 0x400290A4 },
		.text = {
			.banner = "ESP-ROM:esp32s2-rc4-20191025\r\nBuild:Oct 25 2019\r\n",
			.power = "POWERON",
			.watchdog = "RTCWDT_RTC_RST",
			.download = "DOWNLOAD(USB/UART0/1)",
			.flash = NORMAL,
			.before_mode = SPIWP,
			.leave = LEAVES,
			.panic = PANIC,
		},
	},
	{
		.name = "esp32s3",
		.otg = { 0x3FCEF14C, 3 },
		.magic = 0x00000009,
		.info_len = 20,
		.chip_id = 9,
		.spi_base = 0x60002000,
		.spi = &spi_since_s2,
		.fuses = { 0x60007000, 0x60007200, 0x60007044, 0x60007034, 18, 0x60007038, 20 },
		.uart_clkdiv = 0x60000014,
		.crystal_hz = 40 * MHZ,
		.clock_times = 1,
		.default_size = 0x400000,
		.status_bytes = 4,
		.begin_words = 5,
		.crypt_align = 16,
		.strap_reg = 0x60004038,
		.strap_download = 0x23,
		.strap_flash = 0x2B,
		.wdt_base = 0x60008098,
		.hook = 0x3FCEF688,
		.ranges = esp_ranges_esp32s3,
		.words = esp_words_esp32s3,
		.stub = { 0x40378000, 7832, 0x40379524 },
		.text = {
			.banner = "ESP-ROM:esp32s3-20210327\r\nBuild:Mar 27 2021\r\n",
			.power = "POWERON",
			.watchdog = "RTCWDT_RTC_RST",
			.download = "DOWNLOAD(USB/UART0)",
			.flash = NORMAL,
			.before_mode = SPIWP,
			.leave = LEAVES,
			.panic = PANIC,
		},
	},
	{
		.name = "esp32c2",
		.magic = 0x7C41A06F,
		.info_len = 20,
		.chip_id = 12,
		.spi_base = 0x60002000,
		.spi = &spi_since_s2,
		.fuses = { 0x60008800, 0x60008A00, 0x60008840, 0x60008830, 18, 0x60008830, 21 },
		.uart_clkdiv = 0x60000014,
		.crystal_hz = 26 * MHZ,
		.clock_times = 1,
		.other_crystals = true,
		/* Its ROM reckons with 40 MHz, always. */
		.boot_hz = 40 * MHZ,
		.rom_hz = 40 * MHZ,
		.default_size = 0x400000,
		.status_bytes = 4,
		.begin_words = 5,
		.crypt_align = 16,
		.strap_reg = 0x60004038,
		.strap_download = 0x04,
		.strap_flash = 0x0C,
		.wdt_base = 0x60008084,
		.ranges = esp_ranges_esp32c2,
		.words = esp_words_esp32c2,
		.stub = { 0x40380000, 5816, 0x40380F90 },
		.text = {
			.banner = "ESP-ROM:esp8684-api2-20220127\r\nBuild:Jan 27 2022\r\n",
			.power = "POWERON",
			.watchdog = "RTCWDT_RTC_RST",
			.download = "DOWNLOAD(UART0)",
			.flash = NORMAL,
			.before_mode = SPIWP,
			.leave = LEAVES,
			.panic = PANIC_RISCV,
		},
	},
	{
		.name = "esp32c3",
		.magic = 0x1B31506F,
		.info_len = 20,
		.chip_id = 5,
		.spi_base = 0x60002000,
		.spi = &spi_since_s2,
		.fuses = { 0x60008800, 0x60008A00, 0x60008844, 0x60008834, 18, 0x60008838, 20 },
		.uart_clkdiv = 0x60000014,
		.crystal_hz = 40 * MHZ,
		.clock_times = 1,
		.default_size = 0x400000,
		.status_bytes = 4,
		.begin_words = 5,
		.crypt_align = 16,
		.strap_reg = 0x60004038,
		.strap_download = 0x05,
		.strap_flash = 0x0D,
		.wdt_base = 0x60008090,
		.ranges = esp_ranges_esp32c3,
		.words = esp_words_esp32c3,
		.stub = { 0x40380000, 5880, 0x40380E9A },
		.text = {
			.banner = "ESP-ROM:esp32c3-api1-20210207\r\nBuild:Feb  7 2021\r\n",
			.power = "POWERON",
			.watchdog = "RTCWDT_RTC_RST",
			.download = "DOWNLOAD(USB/UART0/1)",
			.flash = NORMAL,
			.before_mode = SPIWP,
			.leave = LEAVES,
			.panic = PANIC_RISCV,
		},
	},
	{
		.name = "esp32c5",
		.magic = 0x1101406F,
		.info_len = 20,
		.chip_id = 23,
		.spi_base = 0x60003000,
		.spi = &spi_since_s2,
		.fuses = { 0x600B4800, 0x600B4A00, 0x600B4844, 0x600B4834, 16, 0x600B4838, 25 },
		.uart_clkdiv = 0x60000014,
		.crystal_hz = 40 * MHZ,
		.clock_times = 1,
		.other_crystals = true,
		/* What PCR_SYSCLK_CONF says, whatever is on the board. */
		.boot_hz = 40 * MHZ,
		.rom_hz = 40 * MHZ,
		.rom_hz_reg = 0x60096110,
		.boot_offset = 0x2000,
		.default_size = 0x400000,
		.status_bytes = 4,
		.begin_words = 5,
		.crypt_align = 16,
		.strap_reg = 0x60091038,
		.strap_download = 0x10,
		.strap_flash = 0x18,
		.wdt_base = 0x600B1C00,
		.ranges = esp_ranges_esp32c5,
		.words = esp_words_esp32c5,
		.stub = { 0x40800000, 8028, 0x408015D2 },
		.text = {
			/* The download line is by analogy with the C6. */
			.banner = "ESP-ROM:esp32c5-eco2-20250121\r\nBuild:Jan 21 2025\r\n",
			.power = "POWERON",
			.watchdog = "LP_WDT_SYS",
			.download = "DOWNLOAD(USB/UART0)",
			.flash = NORMAL,
			.before_mode = "SPI mode:",
			.leave = LEAVES,
			.panic = PANIC_RISCV,
			.checks_id = true,
		},
	},
	{
		.name = "esp32c6",
		.magic = 0x2CE0806F,
		.info_len = 20,
		.chip_id = 13,
		.last_key = 0x0C,
		.spi_base = 0x60003000,
		.spi = &spi_since_s2,
		.fuses = { 0x600B0800, 0x600B0A00, 0x600B0844, 0x600B0834, 18, 0x600B0838, 20 },
		.uart_clkdiv = 0x60000014,
		.crystal_hz = 40 * MHZ,
		.clock_times = 1,
		.default_size = 0x400000,
		.status_bytes = 4,
		.begin_words = 5,
		.crypt_align = 16,
		.strap_reg = 0x60091038,
		.strap_download = 0x04,
		.strap_flash = 0x0C,
		.wdt_base = 0x600B1C00,
		.ranges = esp_ranges_esp32c6,
		.words = esp_words_esp32c6,
		.stub = { 0x40800000, 6900, 0x408011BC },
		.text = {
			.banner = "ESP-ROM:esp32c6-20220919\r\nBuild:Sep 19 2022\r\n",
			.power = "POWERON",
			.watchdog = "LP_WDT_SYS",
			.download = "DOWNLOAD(USB/UART0/SDIO_FEI_FEO)",
			.flash = NORMAL,
			.before_mode = SPIWP,
			.leave = LEAVES,
			.panic = PANIC_RISCV,
		},
	},
	{
		.name = "esp32c61",
		.magic = 0x2421606F,
		.info_len = 20,
		.chip_id = 20,
		.spi_base = 0x60003000,
		.spi = &spi_since_s2,
		.fuses = { 0x600B4800, 0x600B4A00, 0x600B4844, 0x600B4830, 23, 0x600B4834, 26 },
		.uart_clkdiv = 0x60000014,
		.crystal_hz = 40 * MHZ,
		.clock_times = 1,
		.default_size = 0x400000,
		.status_bytes = 4,
		.begin_words = 5,
		.crypt_align = 16,
		.strap_reg = 0x60091038,
		.strap_download = 0x04,
		.strap_flash = 0x0C,
		.wdt_base = 0x600B1C00,
		.ranges = esp_ranges_esp32c61,
		.words = esp_words_esp32c61,
		.stub = { 0x40800000, 6552, 0x40801130 },
		.text = {
			/* The download line is by analogy with the C6. */
			.banner = "ESP-ROM:esp32c61-eco3-20250228\r\nBuild:Feb 28 2025\r\n",
			.power = "POWERON",
			.watchdog = "LP_WDT_SYS",
			.download = "DOWNLOAD(USB/UART0)",
			.flash = NORMAL,
			.before_mode = "SPI mode:",
			.leave = LEAVES,
			.panic = PANIC_RISCV,
			.checks_id = true,
		},
	},
	{
		.name = "esp32h2",
		.magic = 0xD7B73E80,
		.info_len = 20,
		.chip_id = 16,
		.last_key = 0x0C,
		.spi_base = 0x60003000,
		.spi = &spi_since_s2,
		.fuses = { 0x600B0800, 0x600B0A00, 0x600B0844, 0x600B0834, 18, 0x600B0838, 20 },
		.uart_clkdiv = 0x60000014,
		.crystal_hz = 32 * MHZ,
		.clock_times = 1,
		.default_size = 0x400000,
		.status_bytes = 4,
		.begin_words = 5,
		.crypt_align = 16,
		.strap_reg = 0x60091038,
		.strap_download = 0x04,
		.strap_flash = 0x0C,
		.wdt_base = 0x600B1C00,
		.ranges = esp_ranges_esp32h2,
		.words = esp_words_esp32h2,
		.stub = { 0x40800000, 5864, 0x40800E92 },
		.text = {
			/* The download line is by analogy with the C6. */
			.banner = "ESP-ROM:esp32h2-20221101\r\nBuild:Nov  1 2022\r\n",
			.power = "POWERON",
			.watchdog = "LP_WDT_SYS",
			.download = "DOWNLOAD(USB/UART0)",
			.flash = NORMAL,
			.before_mode = SPIWP,
			.leave = LEAVES,
			.panic = PANIC_RISCV,
		},
	},
	{
		.name = "esp32p4",
		.otg = { 0x4FF3FEC8, 5 },
		.magic = 0x0ADDBAD0,
		.info_len = 20,
		.chip_id = 18,
		.spi_base = 0x5008D000,
		.spi = &spi_since_s2,
		.fuses = { 0x5012D000, 0x5012D200, 0x5012D044, 0x5012D034, 18, 0x5012D038, 20 },
		.uart_clkdiv = 0x500CA014,
		.crystal_hz = 40 * MHZ,
		.clock_times = 1,
		.boot_offset = 0x2000,
		.default_size = 0x400000,
		.status_bytes = 4,
		.begin_words = 5,
		.crypt_align = 16,
		.strap_reg = 0x500E0038,
		.strap_download = 0x00,
		.strap_flash = 0x08,
		.wdt_base = 0x50116000,
		.ranges = esp_ranges_esp32p4,
		.words = esp_words_esp32p4,
		.stub = { 0x4FF50000, 8176, 0x4FF51456 },
		.text = {
			/* By analogy with the older silicon: the strap of the download mode. */
			.banner = "ESP-ROM:esp32p4-eco5-20250430\r\nBuild:Apr 30 2025\r\n",
			.power = "POWERON",
			.watchdog = "LP_WDT_SYS",
			.download = "DOWNLOAD(USB/UART0/SPI)",
			.flash = NORMAL,
			.before_mode = "SPI mode:",
			.leave = LEAVES,
			.panic = PANIC_RISCV,
			.checks_id = true,
		},
	},
	{
		.name = "esp32p4-rev1",
		.otg = { 0x4FF3FEC8, 5 },
		.magic = 0x0ADDBAD0,
		.info_len = 20,
		.chip_id = 18,
		.spi_base = 0x5008D000,
		.spi = &spi_since_s2,
		.fuses = { 0x5012D000, 0x5012D200, 0x5012D044, 0x5012D034, 18, 0x5012D038, 20 },
		.uart_clkdiv = 0x500CA014,
		.crystal_hz = 40 * MHZ,
		.clock_times = 1,
		.boot_offset = 0x2000,
		.default_size = 0x400000,
		.status_bytes = 4,
		.begin_words = 5,
		.crypt_align = 16,
		.strap_reg = 0x500E0038,
		.strap_download = 0x307,
		.strap_flash = 0x30F,
		.wdt_base = 0x50116000,
		.ranges = esp_ranges_esp32p4,
		.words = esp_words_esp32p4_rev1,
		.stub = { 0x4FF10000, 8176, 0x4FF11456 },
		.text = {
			/* The older silicon, before revision 3. */
			.banner = "ESP-ROM:esp32p4-eco2-20240710\r\nBuild:Jul 10 2024\r\n",
			.power = "POWERON",
			.watchdog = "LP_WDT_SYS",
			.download = "DOWNLOAD(USB/UART0/SPI)",
			.flash = NORMAL,
			.before_mode = "SPI mode:",
			.leave = LEAVES,
			.panic = PANIC_RISCV,
			.checks_id = true,
		},
	},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

const char *far_sim_esp_chip_name(size_t index)
{
	return index < ROWS ? rows[index].name : NULL;
}

const struct esp_row *esp_row_find(const char *name)
{
	for (size_t i = 0; name && i < ROWS; i++) {
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	}
	return NULL;
}

bool far_sim_esp_can(const char *chip, enum far_sim_esp_feature feature)
{
	const struct esp_row *row = esp_row_find(chip);

	if (!row)
		return false;
	switch (feature) {
	case FAR_SIM_ESP_SECURE_DOWNLOAD:
		return row->info_len != 0;
	case FAR_SIM_ESP_SECURE_BOOT:
		return row->fuses.boot_word != 0;
	case FAR_SIM_ESP_ENCRYPTION:
		return row->crypt_align != 0;
	case FAR_SIM_ESP_CRYSTALS:
		return row->other_crystals;
	case FAR_SIM_ESP_USB_OTG:
		return row->otg.addr != 0;
	}
	return false;
}
