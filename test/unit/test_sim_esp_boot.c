/* SPDX-License-Identifier: Apache-2.0 */
/* Reset, boot strap, boot text, and rates: auto-baud, change of rate, garbage at the wrong one. */
#include <string.h>

#include "sim_esp_rig.h"

#define MAGIC 0x40001000u

static void lines(struct rig *r, bool dtr, bool rts)
{
	far_sim_esp_lines(r->esp, r->now, dtr, rts);
}

/* The classic sequence into the loader. */
static void reset_to_loader(struct rig *r)
{
	lines(r, false, true);
	rig_wait(r, 100 * RIG_MS);
	lines(r, true, false);
	rig_wait(r, 50 * RIG_MS);
	lines(r, false, false);
}

static void reset_to_flash(struct rig *r)
{
	lines(r, false, true);
	rig_wait(r, 100 * RIG_MS);
	rig_flush(r);
	lines(r, false, false);
	rig_wait(r, 100 * RIG_MS);
}

/* Every byte so far was sent at this rate. */
static void assert_sent_at(const struct rig *r, uint32_t baud)
{
	assert_true(r->out_len > 0);
	for (size_t i = 0; i < r->out_len; i++)
		assert_int_equal(r->out_baud[i], baud);
}

static void download_boot_announces_itself(void **state)
{
	struct rig *r = rig_new("esp32", false);

	(void)state;
	rig_wait(r, 100 * RIG_MS);
	assert_string_equal(rig_text(r), "ets Jul 29 2019 12:21:46\r\n\r\n"
					 "rst:0x1 (POWERON_RESET),boot:0xf (UART_BOOT(UART0))\r\n"
					 "waiting for download\r\n");
	assert_sent_at(r, 115200);
	assert_string_equal(far_sim_esp_mode(r->esp), "rom");
	rig_silence(r, 10000 * RIG_MS);
	rig_free(r);
}

static void the_s2_has_its_own_words(void **state)
{
	struct rig *r = rig_new("esp32s2", false);

	(void)state;
	rig_wait(r, 100 * RIG_MS);
	assert_non_null(strstr(rig_text(r), "ESP-ROM:esp32s2"));
	assert_non_null(strstr(rig_text(r), "DOWNLOAD"));
	assert_non_null(strstr(rig_text(r), "waiting for download"));
	assert_sent_at(r, 115200);
	rig_free(r);
}

static void the_esp8266_speaks_at_74880(void **state)
{
	struct rig *r = rig_new("esp8266", false);

	(void)state;
	rig_wait(r, 100 * RIG_MS);
	assert_non_null(strstr(rig_text(r), " ets Jan  8 2013,rst cause:2, boot mode:(1,"));
	assert_sent_at(r, 74880);
	rig_flush(r);
	reset_to_flash(r);
	assert_non_null(strstr(rig_text(r), "boot mode:(3,"));
	assert_sent_at(r, 74880);
	rig_free(r);
}

static void the_lines_reset_and_choose(void **state)
{
	struct rig *r = rig_new("esp32", false);

	(void)state;
	rig_wait(r, 100 * RIG_MS);
	lines(r, true, true); /* both together do neither */
	rig_wait(r, 100 * RIG_MS);
	assert_string_equal(far_sim_esp_mode(r->esp), "rom");
	lines(r, true, false); /* nor does the strap alone */
	rig_wait(r, 100 * RIG_MS);
	assert_string_equal(far_sim_esp_mode(r->esp), "rom");
	lines(r, false, true);
	assert_string_equal(far_sim_esp_mode(r->esp), "reset");
	rig_flush(r);
	rig_words(r, 0x0A, 1, MAGIC);
	rig_silence(r, 1000 * RIG_MS);
	lines(r, false, false);
	assert_string_equal(far_sim_esp_mode(r->esp), "reset");
	rig_wait(r, FAR_SIM_ESP_EN_RISE_NS);
	assert_string_equal(far_sim_esp_mode(r->esp), "silent"); /* its flash is empty */
	reset_to_loader(r);
	assert_string_equal(far_sim_esp_mode(r->esp), "rom");
	rig_flush(r);
	rig_sync(r);
	rig_free(r);
}

static void lines_one_by_one_work_thanks_to_the_capacitor(void **state)
{
	struct rig *r = rig_new("esp32", false);

	(void)state;
	/* D0 R1, wait, D1, R0: between the last two neither is pulled. */
	lines(r, false, true);
	rig_wait(r, 100 * RIG_MS);
	lines(r, true, true);
	rig_wait(r, RIG_MS);
	lines(r, true, false);
	rig_wait(r, 50 * RIG_MS);
	assert_string_equal(far_sim_esp_mode(r->esp), "rom");
	rig_free(r);
}

static void reset_cuts_off_what_was_being_sent_and_done(void **state)
{
	struct rig *r = rig_new("esp32", true);
	size_t sent;

	(void)state;
	rig_begin(r, 0x02, 0x100000, 1, 0x400, 0);
	rig_wait(r, 10 * RIG_MS);
	lines(r, false, true);
	sent = r->out_len;
	rig_wait(r, 5000 * RIG_MS);
	assert_int_equal(r->out_len, sent);
	assert_true(far_sim_nor_counts(r->nor)->erases <= 1);
	lines(r, true, false);
	rig_wait(r, 50 * RIG_MS);
	rig_flush(r);
	rig_sync(r);
	/* The expectation of a block is forgotten. */
	rig_block(r, 0x03, 0, (const uint8_t *)"abcd", 4, 0);
	rig_expect(r, 0x03, 0, 1, 5);
	rig_free(r);
}

static void reset_cuts_off_answers(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	rig_command(r, 0x08, "\x07\x07\x12\x20", 4, 0);
	rig_wait(r, 2 * RIG_MS);
	assert_in_range(r->out_len, 10, 40); /* of 112 */
	lines(r, false, true);
	rig_silence(r, 1000 * RIG_MS);
	rig_flush(r);
	lines(r, true, false);
	rig_wait(r, 100 * RIG_MS);
	assert_memory_equal(r->out, "ets Jul 29", 10); /* and nothing before */
	rig_free(r);
}

static void reset_detaches_the_flash(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	reset_to_loader(r);
	rig_flush(r);
	rig_sync(r);
	rig_begin(r, 0x02, 0x1000, 1, 0x400, 0);
	rig_expect(r, 0x02, 0, 1, 6);
	rig_free(r);
}

/* Every row's program, whose lines tell it from any other. */
static void a_program_in_flash_is_run(void **state)
{
	static const struct {
		const char *chip;
		uint32_t offset;
		uint16_t id;
		const char *text, *load;
	} cases[] = {
		{ "esp8266", 0, 0, "boot mode:(3,", "load 0x3fff0030, len 5000, room 16 " },
		{ "esp32", 0x1000, 0, "boot:0x13 (SPI_FAST_FLASH_BOOT)",
		  "load:0x3fff0030,len:5000" },
		{ "esp32s2", 0x1000, 2, "boot:0xa (SPI_FAST_FLASH_BOOT)",
		  "load:0x3fff0030,len:0x1388" },
		{ "esp32s3", 0, 9, "boot:0x2b (SPI_FAST_FLASH_BOOT)",
		  "load:0x3fff0030,len:0x1388" },
		{ "esp32c2", 0, 12, "boot:0xc (SPI_FAST_FLASH_BOOT)",
		  "load:0x3fff0030,len:0x1388" },
		{ "esp32c3", 0, 5, "boot:0xd (SPI_FAST_FLASH_BOOT)", "load:0x3fff0030,len:0x1388" },
		{ "esp32c5", 0x2000, 23, "boot:0x18 (SPI_FAST_FLASH_BOOT)",
		  "load:0x3fff0030,len:0x1388" },
		{ "esp32c6", 0, 13, "boot:0xc (SPI_FAST_FLASH_BOOT)",
		  "load:0x3fff0030,len:0x1388" },
		{ "esp32c61", 0, 20, "boot:0xc (SPI_FAST_FLASH_BOOT)",
		  "load:0x3fff0030,len:0x1388" },
		{ "esp32h2", 0, 16, "boot:0xc (SPI_FAST_FLASH_BOOT)",
		  "load:0x3fff0030,len:0x1388" },
		{ "esp32p4", 0x2000, 18, "boot:0x8 (SPI_FAST_FLASH_BOOT)",
		  "load:0x3fff0030,len:0x1388" },
		{ "esp32p4-rev1", 0x2000, 18, "boot:0x30f (SPI_FAST_FLASH_BOOT)",
		  "load:0x3fff0030,len:0x1388" },
	};
	size_t n = sizeof(cases) / sizeof(cases[0]);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct far_sim_esp_config config = { .chip = cases[i].chip,
						     .in_loader = true,
						     .app_text = "hello\r\n" };
		struct rig *r = rig_new_config(&config, false);
		const char *load, *rest;

		rig_image(r, cases[i].offset, cases[i].id, 5000);
		reset_to_flash(r);
		assert_non_null(strstr(rig_text(r), cases[i].text));
		load = strstr(rig_text(r), cases[i].load);
		assert_non_null(load);
		rest = i == 0 ? "csum 0x" : "clock div:1\r\n";
		assert_non_null(strstr(rig_text(r), rest));
		if (i > 0)
			assert_non_null(strstr(load, "\r\nentry 0x4008079c\r\nhello\r\n"));
		assert_non_null(strstr(load, "hello\r\n"));
		assert_string_equal(far_sim_esp_mode(r->esp), "app");
		rig_flush(r);
		rig_words(r, 0x0A, 1, MAGIC); /* it is not a loader */
		rig_silence(r, 1000 * RIG_MS);
		rig_free(r);
	}
	assert_null(far_sim_esp_chip_name(n)); /* no row is forgotten here */
}

/* How often needle is in the text so far. */
static int count(struct rig *r, const char *needle)
{
	int n = 0;

	for (const char *at = rig_text(r); (at = strstr(at, needle)); at++)
		n++;
	return n;
}

static void an_empty_flash_is_complained_about(void **state)
{
	struct rig *r = rig_new("esp32", false);

	(void)state;
	reset_to_flash(r);
	assert_int_equal(count(r, "invalid header: 0xffffffff\r\n"), 3);
	rig_wait(r, 5000 * RIG_MS); /* the watchdog bites, for ever in reality: here twice */
	assert_int_equal(count(r, "invalid header: 0xffffffff\r\n"), 9);
	assert_int_equal(count(r, "rst:0x1 (POWERON_RESET),boot:0x13"), 1);
	assert_int_equal(count(r, "rst:0x10 (RTCWDT_RTC_RESET),boot:0x13"), 2);
	rig_silence(r, 60000 * RIG_MS);
	reset_to_loader(r); /* and any time it can be had for the loader */
	rig_flush(r);
	rig_sync(r);
	rig_free(r);
	r = rig_new("esp8266", false);
	reset_to_flash(r);
	assert_non_null(strstr(rig_text(r), "ets_main.c"));
	rig_silence(r, 10000 * RIG_MS);
	rig_free(r);
}

static void the_loader_can_be_had_between_two_attempts(void **state)
{
	struct rig *r = rig_new("esp32c3", false);

	(void)state;
	reset_to_flash(r);
	lines(r, true, false); /* the strap is low when the watchdog bites */
	rig_wait(r, 1000 * RIG_MS);
	assert_non_null(strstr(rig_text(r), "rst:0x10 (RTCWDT_RTC_RST),boot:0x5 (DOWNLOAD("));
	assert_string_equal(far_sim_esp_mode(r->esp), "rom");
	rig_free(r);
}

/* One byte of a good image is changed at a time. */
static void a_broken_image_is_not_run(void **state)
{
	static const struct {
		uint32_t at;
		uint8_t byte;
		const char *text;
	} cases[] = {
		{ 0, 0x01, "invalid header: 0x" },
		{ 1, 0x00, "invalid header: 0x" },
		{ 24 + 7, 0x80, "invalid segment length" },
		{ 24 + 8 + 77, 0x00, "csum err:0x" },
		{ 12, 0x00, "Invalid chip id. Expected 18 read 0" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rig *r = rig_new("esp32p4", false);
		uint8_t image[0x1000];

		/* A copy of it, because bits in flash can only be cleared. */
		rig_image(r, 0x100000, 18, 1000);
		memcpy(image, rig_flash(r) + 0x100000, sizeof(image));
		image[cases[i].at] = cases[i].byte;
		rig_poke(r, 0x2000, image, sizeof(image));
		reset_to_flash(r);
		assert_non_null(strstr(rig_text(r), cases[i].text));
		assert_null(strstr(rig_text(r), "entry 0x"));
		assert_string_equal(far_sim_esp_mode(r->esp), "silent");
		rig_free(r);
	}
}

static void a_segment_may_not_leave_the_flash(void **state)
{
	static const uint8_t header[40] = { 0xE9, 1, [28] = 0xF0, 0xFF, 0xFF, 0xFF };
	struct rig *r = rig_new("esp32c6", false);

	(void)state;
	rig_poke(r, 0, header, sizeof(header));
	reset_to_flash(r);
	assert_non_null(strstr(rig_text(r), "invalid segment length 0xfffffff0"));
	rig_free(r);
}

static void the_first_sync_sets_the_rate(void **state)
{
	static const char *const chips[] = { "esp32", "esp32s2", "esp8266" };
	static const uint32_t rates[] = { 9600, 74880, 115200, 230400, 921600 };

	(void)state;
	for (size_t i = 0; i < 15; i++) {
		struct rig *r = rig_new(chips[i % 3], false);

		rig_wait(r, 100 * RIG_MS);
		rig_flush(r);
		r->baud = rates[i / 3];
		rig_sync(r);
		assert_sent_at(r, rates[i / 3]);
		assert_int_equal(far_sim_esp_baud(r->esp), rates[i / 3]);
		rig_free(r);
	}
}

static void afterwards_another_rate_is_garbage(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	r->baud = 921600;
	for (int i = 0; i < 20; i++)
		rig_words(r, 0x0A, 1, MAGIC);
	/* Whatever comes of that, it is not the register. */
	rig_wait(r, 1000 * RIG_MS);
	assert_null(memchr(r->out, 0x0A, r->out_len));
	assert_int_equal(far_sim_esp_baud(r->esp), 115200);
	/* And a reset mends it. */
	reset_to_loader(r);
	rig_flush(r);
	rig_sync(r);
	assert_int_equal(far_sim_esp_baud(r->esp), 921600);
	rig_free(r);
}

static void three_percent_are_tolerated(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	r->baud = 115200 * 102 / 100;
	assert_int_equal(rig_read_reg(r, MAGIC), 0x00F01D83);
	r->baud = 115200 * 98 / 100;
	assert_int_equal(rig_read_reg(r, MAGIC), 0x00F01D83);
	r->baud = 115200 * 104 / 100;
	rig_words(r, 0x0A, 1, MAGIC);
	rig_wait(r, 100 * RIG_MS);
	assert_int_equal(r->out_len, r->out_pos);
	rig_free(r);
}

static void the_rate_changes_behind_the_answer(void **state)
{
	struct rig *r = rig_new("esp32s2", true);

	(void)state;
	rig_flush(r);
	rig_words(r, 0x0F, 2, 921600u, 0u);
	rig_expect(r, 0x0F, 0, 0, 0);
	assert_sent_at(r, 115200);
	assert_int_equal(far_sim_esp_baud(r->esp), 921600);
	r->baud = 921600;
	rig_flush(r);
	assert_int_equal(rig_read_reg(r, MAGIC), 0x000007C6);
	assert_sent_at(r, 921600);
	rig_words(r, 0x0F, 2, 0u, 0u);
	rig_expect(r, 0x0F, 0, 1, 5);
	rig_words(r, 0x0F, 2, 0xFFFFFFFFu, 0u);
	rig_expect(r, 0x0F, 0, 1, 5);
	rig_free(r);
}

/* Both frames are in the receiver before the first answer has left. */
static void a_command_right_behind_is_answered_at_the_new_rate(void **state)
{
	struct rig *r = rig_new("esp32s2", true);
	static const uint8_t burst[] = { 0xC0, 0, 0x0F, 8, 0, 0,    0,    0,    0,    0x00, 0x84,
					 0x03, 0, 0,    0, 0, 0,    0xC0, 0xC0, 0,    0x0A, 4,
					 0,    0, 0,    0, 0, 0x00, 0x10, 0,    0x40, 0xC0 };

	(void)state;
	rig_flush(r);
	for (size_t i = 0; i < sizeof(burst); i++)
		far_sim_esp_receive(r->esp, r->now, burst[i], 115200);
	rig_wait(r, 100 * RIG_MS);
	assert_int_equal(r->out_len, 28);
	assert_int_equal(r->out_baud[13], 115200);
	assert_int_equal(r->out_baud[14], 230400);
	rig_free(r);
}

static void the_esp32_rom_is_mistaken_about_its_crystal(void **state)
{
	struct rig *r = rig_new("esp32", true);
	uint64_t cal = rig_read_reg(r, 0x3FF5F06C) >> 7 & 0x1FFFFFF;
	uint64_t clk8m = rig_read_reg(r, 0x3FF5A010) & 0xFF;
	uint64_t believed = cal * 15625 * clk8m / 40;
	uint64_t plain = 921600;
	uint32_t made_up_for = (uint32_t)(plain * believed / 40000000);

	(void)state;
	assert_true(believed > 39000000 && believed < 41000000 && believed != 40000000);
	rig_words(r, 0x0F, 2, made_up_for, 0u);
	rig_expect(r, 0x0F, 0, 0, 0);
	assert_in_range(far_sim_esp_baud(r->esp), plain - 2, plain + 2);
	r->baud = (uint32_t)plain;
	rig_words(r, 0x0F, 2, (uint32_t)plain, 0u); /* as a host that does not know */
	rig_expect(r, 0x0F, 0, 0, 0);
	assert_in_range(far_sim_esp_baud(r->esp), plain * 40000000 / believed - 2,
			plain * 40000000 / believed + 2);
	rig_free(r);
}

static void the_watchdog_of_the_s2_resets_it(void **state)
{
	struct rig *r = rig_new("esp32s2", true);

	(void)state;
	rig_write_reg(r, 0x3F408098, 2000);
	rig_write_reg(r, 0x3F408094, 1u << 31 | 5u << 28 | 1u << 8 | 2u); /* still locked */
	rig_silence(r, 1000 * RIG_MS);
	rig_write_reg(r, 0x3F4080AC, 0x50D83AA1);
	rig_write_reg(r, 0x3F408094, 1u << 31 | 5u << 28 | 1u << 8 | 2u);
	rig_write_reg(r, 0x3F4080AC, 0);
	rig_flush(r);
	rig_wait(r, 1000 * RIG_MS);
	assert_non_null(strstr(rig_text(r), "SPI_FAST_FLASH_BOOT"));
	rig_free(r);
}

static void without_power_nothing_happens(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	rig_begin(r, 0x02, 0x100000, 1, 0x400, 0);
	rig_wait(r, 10 * RIG_MS);
	far_sim_esp_power(r->esp, r->now, false);
	rig_flush(r);
	lines(r, true, false);
	lines(r, false, true);
	lines(r, true, false); /* a reset sequence changes nothing */
	rig_words(r, 0x0A, 1, MAGIC);
	rig_silence(r, 5000 * RIG_MS);
	assert_string_equal(far_sim_esp_mode(r->esp), "reset");
	assert_true(far_sim_nor_counts(r->nor)->erases <= 1);
	lines(r, false, false);
	far_sim_esp_power(r->esp, r->now, true);
	rig_wait(r, 100 * RIG_MS);
	/* As at first: in its loader, and as if nothing had been. */
	assert_non_null(strstr(rig_text(r), "rst:0x1 (POWERON_RESET),boot:0xf"));
	rig_flush(r);
	far_sim_esp_power(r->esp, r->now, true); /* it is on */
	rig_silence(r, 100 * RIG_MS);
	rig_sync(r);
	rig_block(r, 0x03, 0, (const uint8_t *)"abcd", 4, 0);
	rig_expect(r, 0x03, 0, 1, 5);
	rig_free(r);
}

static void power_comes_back_as_the_lines_say(void **state)
{
	struct far_sim_esp_config config = { .chip = "esp32c3" };
	struct rig *r = rig_new_config(&config, false);

	(void)state;
	rig_wait(r, 2000 * RIG_MS);
	far_sim_esp_power(r->esp, r->now, false);
	lines(r, true, false);
	rig_flush(r);
	far_sim_esp_power(r->esp, r->now, true);
	rig_wait(r, 100 * RIG_MS);
	assert_non_null(strstr(rig_text(r), "DOWNLOAD("));
	far_sim_esp_power(r->esp, r->now, false);
	lines(r, false, true); /* held in reset */
	rig_flush(r);
	far_sim_esp_power(r->esp, r->now, true);
	rig_silence(r, 100 * RIG_MS);
	lines(r, false, false);
	rig_wait(r, 100 * RIG_MS);
	assert_non_null(strstr(rig_text(r), "rst:0x1 (POWERON),boot:0xd (SPI_FAST_FLASH_BOOT)"));
	rig_free(r);
}

static void names_are_listed_and_unknown_ones_refused(void **state)
{
	struct far_sim_nor_config nor = { .size = RIG_FLASH };
	struct far_sim_nor *die = far_sim_nor_new(&nor);
	struct far_sim_esp_config config = { .nor = die };
	size_t n = 0;

	(void)state;
	while (far_sim_esp_chip_name(n)) {
		struct far_sim_esp *e;

		config.chip = far_sim_esp_chip_name(n++);
		e = far_sim_esp_new(&config);
		assert_non_null(e);
		assert_string_equal(far_sim_esp_mode(e), "silent");
		far_sim_esp_free(e);
	}
	assert_true(n >= 3);
	config.chip = "esp31";
	assert_null(far_sim_esp_new(&config));
	config.chip = NULL;
	assert_null(far_sim_esp_new(&config));
	far_sim_esp_free(NULL);
	far_sim_nor_free(die);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(download_boot_announces_itself),
		cmocka_unit_test(the_s2_has_its_own_words),
		cmocka_unit_test(the_esp8266_speaks_at_74880),
		cmocka_unit_test(the_lines_reset_and_choose),
		cmocka_unit_test(lines_one_by_one_work_thanks_to_the_capacitor),
		cmocka_unit_test(reset_cuts_off_what_was_being_sent_and_done),
		cmocka_unit_test(reset_cuts_off_answers),
		cmocka_unit_test(reset_detaches_the_flash),
		cmocka_unit_test(a_program_in_flash_is_run),
		cmocka_unit_test(an_empty_flash_is_complained_about),
		cmocka_unit_test(the_loader_can_be_had_between_two_attempts),
		cmocka_unit_test(a_broken_image_is_not_run),
		cmocka_unit_test(a_segment_may_not_leave_the_flash),
		cmocka_unit_test(the_first_sync_sets_the_rate),
		cmocka_unit_test(afterwards_another_rate_is_garbage),
		cmocka_unit_test(three_percent_are_tolerated),
		cmocka_unit_test(the_rate_changes_behind_the_answer),
		cmocka_unit_test(a_command_right_behind_is_answered_at_the_new_rate),
		cmocka_unit_test(the_esp32_rom_is_mistaken_about_its_crystal),
		cmocka_unit_test(the_watchdog_of_the_s2_resets_it),
		cmocka_unit_test(without_power_nothing_happens),
		cmocka_unit_test(power_comes_back_as_the_lines_say),
		cmocka_unit_test(names_are_listed_and_unknown_ones_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
