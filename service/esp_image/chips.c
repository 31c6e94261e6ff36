/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chips, one row each. Chip ids, bootloader offsets, mapped addresses and the codes of the
 * header: the vendor's technical reference manuals and the tables of docs/SPEC-esp-image.md.
 */
#include "service/esp_image/internal.h"

static const char *const sizes_8266[16] = { "512KB",  "256KB",  "1MB", "2MB", "4MB",
					    "2MB-c1", "4MB-c1", NULL,  "8MB", "16MB" };
static const char *const sizes_32[16] = { "1MB",  "2MB",  "4MB",  "8MB",
					  "16MB", "32MB", "64MB", "128MB" };
static const char *const modes[] = { "qio", "qout", "dio", "dout" };

/* Half of the rows have these. */
#define FREQS_80                                                                                   \
	{                                                                                          \
		{ 80, 0xF }, { 40, 0x0 }, { 26, 0x1 },                                             \
		{                                                                                  \
			20, 0x2                                                                    \
		}                                                                                  \
	}
#define FREQS_NO_26                                                                                \
	{                                                                                          \
		{ 80, 0xF }, { 40, 0x0 },                                                          \
		{                                                                                  \
			20, 0x2                                                                    \
		}                                                                                  \
	}

static const struct far_esp_image_chip rows[] = {
	{ .name = "ESP8266",
	  .uf2_family = 0x7EAB61ED,
	  .id = FAR_ESP_IMAGE_NO_ID,
	  .mapped = { { 0x40200000, 0x40300000 } },
	  .freqs = FREQS_80,
	  .sizes = sizes_8266 },
	{ .name = "ESP32",
	  .uf2_family = 0x1C5F21B0,
	  .bootloader = 0x1000,
	  .id = 0,
	  .mapped = { { 0x3F400000, 0x3F800000 }, { 0x400D0000, 0x40400000 } },
	  .freqs = FREQS_80,
	  .sizes = sizes_32 },
	{ .name = "ESP32-S2",
	  .uf2_family = 0xBFDD4EEE,
	  .bootloader = 0x1000,
	  .id = 2,
	  .mapped = { { 0x3F000000, 0x3F3F0000 }, { 0x40080000, 0x40B80000 } },
	  .freqs = FREQS_80,
	  .sizes = sizes_32 },
	{ .name = "ESP32-S3",
	  .uf2_family = 0xC47E5767,
	  .id = 9,
	  .mapped = { { 0x3C000000, 0x3E000000 }, { 0x42000000, 0x44000000 } },
	  .freqs = FREQS_80,
	  .sizes = sizes_32 },
	{ .name = "ESP32-C2",
	  .uf2_family = 0x2B88D29C,
	  .id = 12,
	  .mapped = { { 0x3C000000, 0x3C400000 }, { 0x42000000, 0x42400000 } },
	  .freqs = { { 60, 0xF }, { 30, 0x0 }, { 20, 0x1 }, { 15, 0x2 } },
	  .sizes = sizes_32 },
	{ .name = "ESP32-C3",
	  .uf2_family = 0xD42BA06C,
	  .id = 5,
	  .mapped = { { 0x3C000000, 0x3C800000 }, { 0x42000000, 0x42800000 } },
	  .freqs = FREQS_80,
	  .sizes = sizes_32 },
	{ .name = "ESP32-C5",
	  .uf2_family = 0xF71C0343,
	  .bootloader = 0x2000,
	  .id = 23,
	  .mapped = { { 0x42000000, 0x44000000 } },
	  .freqs = FREQS_NO_26,
	  .sizes = sizes_32 },
	/*
	 * The ROM's clock divider of 0xF is wrong: 80 MHz is written as 0, which a bootloader
	 * reads.
	 */
	{ .name = "ESP32-C6",
	  .uf2_family = 0x540DDF62,
	  .id = 13,
	  .mapped = { { 0x42000000, 0x43000000 } },
	  .freqs = { { 80, 0x0 }, { 40, 0x0 }, { 20, 0x2 } },
	  .sizes = sizes_32 },
	{ .name = "ESP32-C61",
	  .uf2_family = 0x77D850C4,
	  .id = 20,
	  .mapped = { { 0x42000000, 0x44000000 } },
	  .freqs = FREQS_NO_26,
	  .sizes = sizes_32 },
	{ .name = "ESP32-H2",
	  .uf2_family = 0x332726F6,
	  .id = 16,
	  .mapped = { { 0x42000000, 0x43000000 } },
	  .freqs = { { 48, 0xF }, { 24, 0x0 }, { 16, 0x1 }, { 12, 0x2 } },
	  .sizes = sizes_32 },
	{ .name = "ESP32-P4",
	  .uf2_family = 0x3D308E94,
	  .bootloader = 0x2000,
	  .id = 18,
	  .mapped = { { 0x40000000, 0x4C000000 } },
	  .freqs = FREQS_NO_26,
	  .sizes = sizes_32 },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]), CODES = 16 };

const struct far_esp_image_chip *far_esp_image_chip_row(unsigned row)
{
	return row < ROWS ? &rows[row] : NULL;
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* Equal but for case and dashes: "2MB-c1" is "2mbC1", and "esp32s2" is "ESP32-S2". */
static int same(const char *a, const char *b)
{
	for (;; a++, b++) {
		a += *a == '-';
		b += *b == '-';
		if (upper(*a) != upper(*b))
			return 0;
		if (!*a)
			return 1;
	}
}

/* "4M" means "4MB": a final B may be missing. */
static int same_size(const char *typed, const char *name)
{
	while (*typed && upper(*typed) == upper(*name)) {
		typed++;
		name++;
	}
	return same(typed, name) || (!*typed && name[0] == 'B' && !name[1]);
}

const struct far_esp_image_chip *far_esp_image_chip_by_name(const char *name)
{
	for (unsigned i = 0; i < ROWS; i++) {
		if (same(name, rows[i].name))
			return &rows[i];
	}
	return NULL;
}

const struct far_esp_image_chip *far_esp_image_chip_by_id(uint16_t id)
{
	for (unsigned i = 0; i < ROWS && id != FAR_ESP_IMAGE_NO_ID; i++) {
		if (rows[i].id == id)
			return &rows[i];
	}
	return NULL;
}

int far_esp_image_is_mapped(const struct far_esp_image_chip *chip, uint32_t addr)
{
	for (unsigned i = 0; i < 2; i++) {
		if (addr >= chip->mapped[i].begin && addr < chip->mapped[i].end)
			return 1;
	}
	return 0;
}

int far_esp_image_mode_code(const char *text)
{
	for (int i = 0; i < 4; i++) {
		if (same(text, modes[i]))
			return i;
	}
	return -1;
}

const char *far_esp_image_mode_name(unsigned code)
{
	return code < 4 ? modes[code] : NULL;
}

/* "40m", and nothing behind it but "hz". */
int far_esp_image_freq_code(const struct far_esp_image_chip *chip, const char *text)
{
	unsigned mhz = 0;

	for (; *text >= '0' && *text <= '9' && mhz < 1000; text++)
		mhz = mhz * 10 + (unsigned)(*text - '0');
	if (!same(text, "m") && !same(text, "mhz"))
		return -1;
	for (const struct far_esp_image_freq *f = chip->freqs; f->mhz; f++) {
		if (f->mhz == mhz)
			return f->code;
	}
	return -1;
}

unsigned far_esp_image_freq_mhz(const struct far_esp_image_chip *chip, unsigned code)
{
	for (const struct far_esp_image_freq *f = chip->freqs; f->mhz; f++) {
		if (f->code == code)
			return f->mhz;
	}
	return 0;
}

int far_esp_image_size_code(const struct far_esp_image_chip *chip, const char *text)
{
	for (int i = 0; i < CODES; i++) {
		if (chip->sizes[i] && same_size(text, chip->sizes[i]))
			return i;
	}
	return -1;
}

const char *far_esp_image_size_name(const struct far_esp_image_chip *chip, unsigned code)
{
	return code < CODES ? chip->sizes[code] : NULL;
}

/* The bytes that a name of the tables means: a number, KB or MB, and perhaps a layout behind. */
static uint32_t size_bytes(const char *name)
{
	uint32_t n = 0;

	for (; *name >= '0' && *name <= '9'; name++)
		n = n * 10 + (uint32_t)(*name - '0');
	return *name == 'K' ? n << 10 : n << 20;
}

/* The plain layout has the lower code, so it is found first. */
int far_esp_image_size_code_of(const struct far_esp_image_chip *chip, uint32_t bytes)
{
	for (int i = 0; i < CODES; i++) {
		if (chip->sizes[i] && size_bytes(chip->sizes[i]) == bytes)
			return i;
	}
	return -1;
}
