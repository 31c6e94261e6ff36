/* SPDX-License-Identifier: Apache-2.0 */
/* service/spiffs reads what the format says: images made by hand, every call, every argument. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "service/spiffs/spiffs.h"
#include "test/common/spiffs_image.h"

#define ADDR     0x11000u /* where the image is in the flash */
#define PER_PAGE 251u

static struct spiffs_image image;
static struct spiffs_flash flash;
static struct far_spiffs fs;
static struct far_spiffs_file file;
static uint8_t cache[248];

static int mount_with(const struct far_spiffs_params *params)
{
	struct far_spiffs_config config = { .flash = &flash.flash, .addr = ADDR };

	spiffs_flash_open(&flash, image.bytes, image.len, ADDR);
	config.len = image.len;
	if (params != NULL)
		config.params = *params;
	return far_spiffs_mount(&fs, &config);
}

static int mount(void)
{
	return mount_with(NULL);
}

static int open_file(const char *name)
{
	return far_spiffs_open(&fs, &file, name, cache, sizeof(cache));
}

/* ---- by hand --------------------------------------------------------------------------------- */

/* Every byte of the specification's example, written out. */
static void example_of_the_specification(void **state)
{
	static const uint8_t lookup[] = { 0x01, 0x80, 0x01, 0x00 };
	static const uint8_t head[] = { 0x01, 0x80, 0, 0,   0xF8, 0xFF, 0xFF, 0xFF, 2,  0,
					0,    0,    1, '/', 'a',  '.',  't',  'x',  't' };
	static const uint8_t page_of_data[] = { 2, 0 };
	static const uint8_t data[] = { 0x01, 0, 0, 0, 0xFC, 'h', 'i' };
	uint8_t buf[8];

	(void)state;
	memset(image.bytes, 0xFF, 0x3000);
	image.len = 0x3000;
	memcpy(image.bytes, lookup, sizeof(lookup));
	memcpy(image.bytes + 0xFC, "\x2A\x04", 2);
	memcpy(image.bytes + 0x10FC, "\x2B\x04", 2);
	memcpy(image.bytes + 0x20FC, "\x28\x04", 2);
	memset(image.bytes + 0x100, 0, 49);
	memcpy(image.bytes + 0x100, head, sizeof(head));
	memcpy(image.bytes + 0x100 + 49, page_of_data, sizeof(page_of_data));
	memcpy(image.bytes + 0x200, data, sizeof(data));

	assert_int_equal(mount(), FAR_OK);
	assert_int_equal(open_file("/a.txt"), FAR_OK);
	assert_int_equal(file.size, 2);
	assert_int_equal(file.id, 1);
	assert_int_equal(file.unfinished, 0);
	assert_int_equal(far_spiffs_read(&file, buf, sizeof(buf)), 2);
	assert_memory_equal(buf, "hi", 2);
	assert_int_equal(far_spiffs_read(&file, buf, sizeof(buf)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(example_of_the_specification),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
