/* SPDX-License-Identifier: Apache-2.0 */
/* What the first chip's ROM has of its own: fewer commands, short status, and the erase mistake. */
#include <string.h>

#include "sim_esp_rig.h"

#define MAGIC 0x40001000u

static uint8_t data[0x1000];

static void commands_that_came_later_are_unsupported(void **state)
{
	static const uint8_t later[] = { 0x0B, 0x0D, 0x0E, 0x0F, 0x10, 0x11, 0x12, 0x13, 0x14 };
	struct rig *r = rig_new("esp8266", true);
	struct reply reply;

	(void)state;
	for (size_t i = 0; i < sizeof(later); i++) {
		rig_read_reg(r, MAGIC);
		rig_words(r, later[i], 4, 0u, 0u, 0u, 0u);
		rig_reply(r, &reply);
		assert_int_equal(reply.op, 0x0A);
		assert_int_equal(reply.size, 2);
		assert_int_equal(reply.data[0], 1);
		assert_int_equal(reply.data[1], 5);
	}
	assert_int_equal(far_sim_esp_baud(r->esp), 115200);
	rig_free(r);
}

static void begin_takes_four_words_and_attaches_the_flash(void **state)
{
	struct rig *r = rig_new("esp8266", false);

	(void)state;
	rig_wait(r, 100 * RIG_MS);
	rig_flush(r);
	rig_sync(r);
	rig_words(r, 0x02, 5, 0u, 0u, 0x400u, 0u, 0u);
	rig_expect(r, 0x02, 0, 1, 5);
	rig_words(r, 0x02, 4, 0u, 0u, 0x400u, 0u);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_words(r, 0x02, 4, 0x1000u, 1u, 0x400u, 0u);
	rig_expect(r, 0x02, 0, 0, 0);
	assert_true(far_sim_nor_counts(r->nor)->erases > 0);
	rig_free(r);
}

static uint32_t sectors_erased(struct rig *r, uint32_t start)
{
	uint32_t n = 0;

	while (far_sim_nor_wear(r->nor, (start + n) * 0x1000) == 1)
		n++;
	return n;
}

/* e sectors from start: min(2e, e + sectors up to the next 64 KiB boundary) are erased. */
static void more_sectors_are_erased_than_asked_for(void **state)
{
	static const struct {
		uint32_t start, asked, erased;
	} cases[] = {
		{ 0, 1, 2 },  { 0, 16, 32 },  { 0, 20, 36 }, { 1, 15, 30 },
		{ 15, 1, 2 }, { 15, 8, 9 },   { 8, 8, 16 },  { 8, 9, 17 },
		{ 14, 2, 4 }, { 14, 30, 32 }, { 16, 4, 8 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rig *r = rig_new("esp8266", true);

		rig_words(r, 0x02, 4, cases[i].asked * 0x1000, 1u, 0x400u, cases[i].start * 0x1000);
		rig_expect(r, 0x02, 0, 0, 0);
		assert_int_equal(sectors_erased(r, cases[i].start), cases[i].erased);
		if (cases[i].start > 0)
			assert_int_equal(far_sim_nor_wear(r->nor, (cases[i].start - 1) * 0x1000),
					 0);
		rig_free(r);
	}
}

/*
 * The usual remedy, from the vendor's documents: ask for so little that the mistake adds the rest.
 */
static uint32_t remedy(uint32_t start, uint32_t sectors)
{
	uint32_t head = 16 - start % 16;

	if (head > sectors)
		head = sectors;
	return sectors < 2 * head ? (sectors + 1) / 2 : sectors - head;
}

static void the_usual_remedy_covers_the_range(void **state)
{
	struct rig *r = rig_new("esp8266", true);

	(void)state;
	for (uint32_t start = 0; start < 32; start += 5) {
		for (uint32_t sectors = 1; sectors < 40; sectors += 7) {
			uint32_t before = 0, after = 0;

			for (uint32_t s = 0; s < sectors; s++)
				before += far_sim_nor_wear(r->nor, (start + s) * 0x1000);
			rig_words(r, 0x02, 4, remedy(start, sectors) * 0x1000, 1u, 0x400u,
				  start * 0x1000);
			rig_expect(r, 0x02, 0, 0, 0);
			for (uint32_t s = 0; s < sectors; s++)
				after += far_sim_nor_wear(r->nor, (start + s) * 0x1000);
			assert_int_equal(after - before, sectors);
		}
	}
	rig_free(r);
}

static void the_mistake_stops_at_the_end_of_the_address_space(void **state)
{
	struct rig *r = rig_new("esp8266", true);

	(void)state;
	rig_words(r, 0x02, 4, 0x1000u, 1u, 0x400u, 0xFFF000u);
	rig_wait(r, 1000 * RIG_MS);
	rig_flush(r);
	assert_int_equal(rig_read_reg(r, MAGIC), 0xFFF0C101);
	rig_free(r);
}

static void blocks_are_written(void **state)
{
	struct rig *r = rig_new("esp8266", true);

	(void)state;
	rig_pattern(data, sizeof(data), 2);
	rig_words(r, 0x02, 4, 0x1000u, 4u, 0x400u, 0x8000u);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_block(r, 0x03, 0, data, 0x400, 1);
	rig_expect(r, 0x03, 0, 1, 7);
	for (uint32_t seq = 1; seq < 5; seq++) {
		rig_block(r, 0x03, seq, data + (seq - 1) * 0x400, 0x400, 0);
		rig_expect(r, 0x03, 0, 0, 0);
	}
	assert_memory_equal(rig_flash(r) + 0x8000, data, sizeof(data));
	rig_free(r);
}

static void flash_end_runs_what_is_in_flash(void **state)
{
	struct rig *r = rig_new("esp8266", true);

	(void)state;
	rig_image(r, 0, 0, 100);
	rig_words(r, 0x02, 4, 0u, 0u, 0x400u, 0u);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_words(r, 0x04, 1, 0u);
	rig_expect(r, 0x04, 0, 0, 0);
	assert_string_equal(far_sim_esp_mode(r->esp), "app");
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_that_came_later_are_unsupported),
		cmocka_unit_test(begin_takes_four_words_and_attaches_the_flash),
		cmocka_unit_test(more_sectors_are_erased_than_asked_for),
		cmocka_unit_test(the_usual_remedy_covers_the_range),
		cmocka_unit_test(the_mistake_stops_at_the_end_of_the_address_space),
		cmocka_unit_test(blocks_are_written),
		cmocka_unit_test(flash_end_runs_what_is_in_flash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
