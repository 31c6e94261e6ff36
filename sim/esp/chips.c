/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chips, one row each. Addresses are those of the vendor's technical reference manuals; texts
 * are as seen on boards. What was observed on a ROM itself (ESP32 revision 3) stands above what its
 * documentation says; where nothing is known the ESP32-S2 is taken to behave like its successor,
 * the ESP32-C3, whose ROM was observed too.
 */
#include <string.h>

#include "sim/esp/chip.h"

/* Reads outside of these raise an exception, which the ROMs do not survive. */
static const struct esp_range ranges_esp8266[] = {
	{ 0x3FF00000, 0x3FF20000, false }, /* system registers, eFuse */
	{ 0x3FFE8000, 0x40000000, true },  /* DRAM */
	{ 0x40000000, 0x40010000, false }, /* ROM */
	{ 0x40100000, 0x40110000, true },  /* IRAM */
	{ 0x60000000, 0x60002000, false }, /* peripherals */
	{ 0, 0, false },
};
static const struct esp_range ranges_esp32[] = {
	{ 0x3FF00000, 0x3FF80000, false }, /* peripherals, eFuse */
	{ 0x3FF80000, 0x3FF82000, true },  /* RTC fast memory */
	{ 0x3FF90000, 0x3FFA0000, false }, /* data ROM */
	{ 0x3FFAE000, 0x40000000, true },  /* DRAM */
	{ 0x40000000, 0x40070000, false }, /* ROM */
	{ 0x40070000, 0x400C2000, true },  /* cache memory, IRAM, RTC fast memory */
	{ 0x50000000, 0x50002000, true },  /* RTC slow memory */
	{ 0x60000000, 0x60040000, false }, /* peripherals by their other address */
	{ 0, 0, false },
};
static const struct esp_range ranges_esp32s2[] = {
	{ 0x3F400000, 0x3F500000, false }, /* peripherals, eFuse */
	{ 0x3F500000, 0x3FF80000, false }, /* external RAM by the cache: nothing behind it */
	{ 0x3FF90000, 0x3FF9E000, false }, /* data ROM */
	{ 0x3FF9E000, 0x40000000, true },  /* RTC fast memory, DRAM */
	{ 0x40000000, 0x40020000, false }, /* ROM */
	{ 0x40020000, 0x40072000, true },  /* IRAM, RTC fast memory */
	{ 0x50000000, 0x50002000, true },  /* RTC slow memory */
	{ 0x60000000, 0x600D0000, false }, /* peripherals by their other address */
	{ 0, 0, false },
};

/*
 * ESP32-D0WD-V3, revision 3.1, 240 MHz, Bluetooth. RTCCALICFG1 and eFuse word 4 make the ROM
 * believe in a crystal of 760 * 15625 * 136 / 40 = 40.375 MHz.
 */
static const struct esp_const words_esp32[] = {
	{ 0x3FF5A00C, 1u << 15 | 1u << 13 | 1u << 9 }, /* eFuse 3: revision, rated, package */
	{ 0x3FF5A010, 136u | 16u << 8 },               /* eFuse 4: 8 MHz clock, ADC reference */
	{ 0x3FF5A014, 1u << 24 | 1u << 20 },           /* eFuse 5: minor revision, revision */
	{ 0x3FF6607C, 1u << 31 | 0x16042000u },        /* APB_CTL_DATE: revision */
	{ 0x3FF5F06C, 760u << 7 },                     /* RTCCALICFG1 */
	{ 0x60000078, 0x15122500u },                   /* UART date */
	{ 0, 0 },
};
static const struct esp_const words_esp32s2[] = {
	{ 0x3F41A050, 1u << 18 },    /* BLOCK1 word 3: major revision 1 */
	{ 0x3F41A054, 0 },           /* BLOCK1 word 4: package, minor revision */
	{ 0x60000078, 0x19072600u }, /* UART date */
	{ 0, 0 },
};
static const struct esp_const words_esp8266[] = {
	{ 0x60000078, 0x00062000u }, /* UART date */
	{ 0, 0 },
};

static const struct esp_row rows[] = {
	{
		.name = "esp8266",
		.magic = 0xFFF0C101,
		.spi_base = 0x60000200,
		.spi_usr = 0x1C,
		.spi_usr1 = 0x20,
		.spi_usr2 = 0x24,
		.spi_w0 = 0x40,
		.spi_addr_left = true,
		.efuse_mac = 0x3FF00050,
		.uart_clkdiv = 0x60000014,
		.clkdiv_hz = 52000000, /* twice its crystal of 26 MHz */
		.rom_hz = 52000000,
		.boot_baud = 74880,
		.boot_offset = 0,
		.status_bytes = 2,
		.begin_words = 4,
		.first_rom = true,
		.ranges = ranges_esp8266,
		.words = words_esp8266,
		.text_download = "\r\n ets Jan  8 2013,rst cause:2, boot mode:(1,6)\r\n\r\n",
		.text_flash = "\r\n ets Jan  8 2013,rst cause:2, boot mode:(3,6)\r\n\r\n",
		.text_no_image = "ets_main.c \r\n",
		.text_panic = "Fatal exception (28):\r\n",
	},
	{
		.name = "esp32",
		.magic = 0x00F01D83,
		.spi_base = 0x3FF42000,
		.spi_usr = 0x1C,
		.spi_usr1 = 0x20,
		.spi_usr2 = 0x24,
		.spi_mosi_dlen = 0x28,
		.spi_miso_dlen = 0x2C,
		.spi_w0 = 0x80,
		.spi_addr_left = true,
		.efuse_mac = 0x3FF5A004,
		.uart_clkdiv = 0x3FF40014,
		.clkdiv_hz = 40000000,
		.rom_hz = 40375000,
		.boot_baud = 115200,
		.boot_offset = 0x1000,
		.default_size = 0x400000,
		.status_bytes = 4,
		.begin_words = 4,
		.strap_reg = 0x3FF44038,
		.strap_download = 0x0F,
		.strap_flash = 0x13,
		.ranges = ranges_esp32,
		.words = words_esp32,
		.text_download = "ets Jul 29 2019 12:21:46\r\n\r\n"
				 "rst:0x1 (POWERON_RESET),boot:0xf (UART_BOOT(UART0))\r\n"
				 "waiting for download\r\n",
		.text_flash = "ets Jul 29 2019 12:21:46\r\n\r\n"
			      "rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n",
		.text_no_image = "flash read err, 1000\r\nets_main.c 371 \r\n",
		/* No text_panic: this ROM falls silent without a word. */
	},
	{
		.name = "esp32s2",
		.magic = 0x000007C6,
		.spi_base = 0x3F402000,
		.spi_usr = 0x18,
		.spi_usr1 = 0x1C,
		.spi_usr2 = 0x20,
		.spi_mosi_dlen = 0x24,
		.spi_miso_dlen = 0x28,
		.spi_w0 = 0x58,
		.efuse_mac = 0x3F41A044,
		.uart_clkdiv = 0x3F400014,
		.clkdiv_hz = 40000000,
		.rom_hz = 40000000,
		.boot_baud = 115200,
		.boot_offset = 0x1000,
		.default_size = 0x400000,
		.status_bytes = 4,
		.begin_words = 5,
		.security_info = true,
		.strap_reg = 0x3F404038,
		.strap_download = 0x02,
		.strap_flash = 0x0A,
		.wdt_base = 0x3F408094,
		.ranges = ranges_esp32s2,
		.words = words_esp32s2,
		.text_download = "ESP-ROM:esp32s2-rc4-20191025\r\nBuild:Oct 25 2019\r\n"
				 "rst:0x1 (POWERON),boot:0x2 (DOWNLOAD(USB/UART0/1))\r\n"
				 "waiting for download\r\n",
		.text_flash = "ESP-ROM:esp32s2-rc4-20191025\r\nBuild:Oct 25 2019\r\n"
			      "rst:0x1 (POWERON),boot:0xa (SPI_FAST_FLASH_BOOT)\r\n",
		.text_no_image = "invalid header: 0xffffffff\r\n",
		.text_leave = "user code done\r\n",
		.text_panic = "Guru Meditation Error: Core  0 panic'ed (LoadProhibited)\r\n",
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
