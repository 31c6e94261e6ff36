/* SPDX-License-Identifier: Apache-2.0 */
/* What the ROM loader makes of a bad line: cut frames, noise, bytes lost, doubled and changed. */
#include <string.h>

#include "sim_esp_rig.h"

#define MAGIC 0x40001000u

static uint8_t block[0x400];

static void noise_without_c0_is_ignored(void **state)
{
	struct rig *r = rig_new("esp32", true);
	static uint8_t noise[20000];

	(void)state;
	rig_pattern(noise, sizeof(noise), 7);
	for (size_t i = 0; i < sizeof(noise); i++) {
		if (noise[i] == 0xC0)
			noise[i] = 0;
	}
	rig_raw(r, noise, sizeof(noise));
	rig_silence(r, 100 * RIG_MS);
	assert_int_equal(rig_read_reg(r, MAGIC), 0x00F01D83);
	rig_free(r);
}

static void bytes_between_frames_are_ignored(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	for (int i = 0; i < 5; i++) {
		rig_raw(r, (const uint8_t *)"hello", (size_t)i);
		assert_int_equal(rig_read_reg(r, MAGIC), 0x00F01D83);
	}
	rig_free(r);
}

static void many_ends_between_frames_are_one(void **state)
{
	struct rig *r = rig_new("esp32", true);
	const uint8_t ends[] = { 0xC0, 0xC0, 0xC0 };

	(void)state;
	for (size_t i = 0; i <= sizeof(ends); i++) {
		rig_raw(r, ends, i);
		assert_int_equal(rig_read_reg(r, MAGIC), 0x00F01D83);
		rig_silence(r, 10 * RIG_MS);
	}
	rig_free(r);
}

/* READ_REG without its last two bytes and its closing C0. */
static const uint8_t cut_read[] = { 0xC0, 0, 0x0A, 4, 0, 0, 0, 0, 0, 0x00, 0x10 };

static void a_cut_frame_waits_and_swallows_the_next_command(void **state)
{
	struct rig *r = rig_new("esp32", true);
	struct reply reply;

	(void)state;
	rig_read_reg(r, MAGIC); /* so that the missing bytes lie in the buffer */
	rig_raw(r, cut_read, sizeof(cut_read));
	rig_silence(r, 1000 * RIG_MS);
	/* The C0 that opens this one closes the cut one: it is answered in its place. */
	rig_words(r, 0x0D, 2, 0u, 0u);
	rig_reply(r, &reply);
	assert_int_equal(reply.op, 0x0A);
	assert_int_equal(reply.value, 0x00F01D83);
	rig_silence(r, 100 * RIG_MS);
	/* Its closing C0 opened a frame, which the next C0 finds empty: all is well again. */
	rig_words(r, 0x0D, 2, 0u, 0u);
	rig_expect(r, 0x0D, 0, 0, 0);
	rig_free(r);
}

static void two_ends_mend_it_before_anything_is_swallowed(void **state)
{
	struct rig *r = rig_new("esp32", true);
	const uint8_t ends[] = { 0xC0, 0xC0 };

	(void)state;
	rig_read_reg(r, MAGIC);
	rig_raw(r, cut_read, sizeof(cut_read));
	rig_raw(r, ends, 2);
	rig_wait(r, 10 * RIG_MS);
	rig_flush(r);
	rig_words(r, 0x0D, 2, 0u, 0u);
	rig_expect(r, 0x0D, 0, 0, 0);
	rig_free(r);
}

static void a_cut_read_of_a_stale_address_can_be_the_end(void **state)
{
	static const char *const chips[] = { "esp32", "esp32s2" };
	static const uint8_t params[24] = { 0, 0, 0xAA, 0xAA };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct rig *r = rig_new(chips[i], true);
		const uint8_t end = 0xC0;

		/* Leaves AAAA where the address's high half is missing: AAAA1000. */
		rig_command(r, 0x0B, params, sizeof(params), 0);
		rig_expect(r, 0x0B, 0, 0, 0);
		rig_flush(r);
		rig_raw(r, cut_read, sizeof(cut_read));
		rig_raw(r, &end, 1);
		rig_wait(r, 100 * RIG_MS);
		assert_string_equal(far_sim_esp_mode(r->esp), "silent");
		if (i == 0)
			assert_int_equal(r->out_len, 0);
		else
			assert_non_null(strstr(rig_text(r), "Guru Meditation"));
		rig_flush(r);
		rig_words(r, 0x0A, 1, MAGIC);
		rig_silence(r, 1000 * RIG_MS);
		/* Only a reset helps. */
		far_sim_esp_lines(r->esp, r->now, false, true);
		rig_wait(r, 100 * RIG_MS);
		far_sim_esp_lines(r->esp, r->now, true, false);
		rig_wait(r, 50 * RIG_MS);
		rig_flush(r);
		rig_sync(r);
		rig_free(r);
	}
}

static void a_cut_write_writes(void **state)
{
	struct rig *r = rig_new("esp32", true);
	/* WRITE_REG of 3FFE0000, cut after the address. */
	static const uint8_t cut[] = { 0xC0, 0, 9, 16, 0, 0, 0, 0, 0, 0, 0, 0xFE, 0x3F, 0xC0 };

	(void)state;
	rig_write_reg(r, 0x3FFE0010, 0x12345678);
	rig_raw(r, cut, sizeof(cut));
	rig_expect(r, 0x09, 0, 0, 0);
	assert_int_equal(rig_read_reg(r, 0x3FFE0000), 0x12345678);
	rig_free(r);
}

static void begin_one(struct rig *r)
{
	rig_pattern(block, sizeof(block), 5);
	rig_begin(r, 0x02, 0x1000, 4, 0x400, 0x10000);
	rig_expect(r, 0x02, 0, 0, 0);
}

/* A data block as it goes over the wire, unescaped bytes first. */
static size_t make_block(uint8_t *frame, uint8_t seq)
{
	uint8_t sum = 0xEF;

	for (size_t i = 0; i < sizeof(block); i++)
		sum ^= block[i];
	memset(frame, 0, 24);
	frame[1] = 0x03;
	frame[2] = 0x10;
	frame[3] = 0x04;
	frame[4] = sum;
	frame[9] = 0x04;
	frame[12] = seq;
	memcpy(frame + 24, block, sizeof(block));
	return 24 + sizeof(block);
}

static void a_byte_lost_doubled_or_changed_is_a_check_sum_error(void **state)
{
	struct rig *r = rig_new("esp32", true);
	static uint8_t frame[24 + 0x400 + 1];
	size_t len;

	(void)state;
	begin_one(r);
	len = make_block(frame, 0);
	memmove(frame + 500, frame + 501, len - 501); /* lost */
	rig_frame(r, frame, len - 1);
	rig_expect(r, 0x03, 0, 1, 7);

	len = make_block(frame, 1);
	memmove(frame + 501, frame + 500, len - 500); /* doubled */
	rig_frame(r, frame, len + 1);
	rig_expect(r, 0x03, 0, 1, 7);

	len = make_block(frame, 2);
	frame[500] ^= 0x10; /* changed */
	rig_frame(r, frame, len);
	rig_expect(r, 0x03, 0, 1, 7);

	make_block(frame, 3);
	rig_frame(r, frame, len);
	rig_expect(r, 0x03, 0, 0, 0);
	assert_memory_equal(rig_flash(r) + 0x10000, block, sizeof(block));
	rig_free(r);
}

static void escapes_are_undone_in_both_directions(void **state)
{
	struct rig *r = rig_new("esp32", true);
	uint8_t data[0x100];
	struct reply reply;

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = i % 2 ? 0xC0 : 0xDB;
	rig_begin(r, 0x02, 0x1000, 1, 0x100, 0x10000);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_block(r, 0x03, 0, data, sizeof(data), 0);
	rig_expect(r, 0x03, 0, 0, 0);
	assert_memory_equal(rig_flash(r) + 0x10000, data, sizeof(data));
	rig_words(r, 0x0E, 2, 0x10000u, 64u);
	rig_reply(r, &reply);
	assert_memory_equal(reply.data, data, 64);
	rig_free(r);
}

static void a_read_of_an_address_that_does_not_exist_is_the_end(void **state)
{
	static const uint32_t addresses[] = { 0, 0x20000000, 0x3FF00002, 0x70000000, 0xFFFFFFFC };

	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		struct rig *r = rig_new("esp32", true);

		rig_words(r, 0x0A, 1, addresses[i]);
		rig_silence(r, 100 * RIG_MS);
		assert_string_equal(far_sim_esp_mode(r->esp), "silent");
		rig_free(r);
		r = rig_new("esp32", true);
		rig_words(r, 0x09, 4, addresses[i], 0u, 0u, 0u);
		rig_silence(r, 100 * RIG_MS);
		assert_string_equal(far_sim_esp_mode(r->esp), "silent");
		rig_free(r);
	}
}

static void replies_of_an_earlier_sync_come_late(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	for (int i = 0; i < 3; i++)
		rig_command(r, 0x08, "\x07\x07\x12\x20", 4, 0);
	rig_words(r, 0x0A, 1, MAGIC);
	for (int i = 0; i < 24; i++)
		rig_expect(r, 0x08, 0, 0, 0);
	rig_expect(r, 0x0A, 0, 0, 0);
	rig_free(r);
}

/* The transmitter is full: commands wait, answers do not get lost. */
static void answers_wait_for_the_transmitter(void **state)
{
	static const uint8_t sync[] = { 0xC0, 0, 8, 4, 0, 0, 0, 0, 0, 7, 7, 0x12, 0x20, 0xC0 };
	struct rig *r = rig_new("esp32", true);

	(void)state;
	for (size_t i = 0; i < 300 * sizeof(sync); i++)
		far_sim_esp_receive(r->esp, r->now, sync[i % sizeof(sync)], 115200);
	for (int i = 0; i < 300 * 8; i++)
		rig_expect(r, 0x08, 0, 0, 0);
	rig_silence(r, 100 * RIG_MS);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(noise_without_c0_is_ignored),
		cmocka_unit_test(bytes_between_frames_are_ignored),
		cmocka_unit_test(many_ends_between_frames_are_one),
		cmocka_unit_test(a_cut_frame_waits_and_swallows_the_next_command),
		cmocka_unit_test(two_ends_mend_it_before_anything_is_swallowed),
		cmocka_unit_test(a_cut_read_of_a_stale_address_can_be_the_end),
		cmocka_unit_test(a_cut_write_writes),
		cmocka_unit_test(a_byte_lost_doubled_or_changed_is_a_check_sum_error),
		cmocka_unit_test(escapes_are_undone_in_both_directions),
		cmocka_unit_test(a_read_of_an_address_that_does_not_exist_is_the_end),
		cmocka_unit_test(replies_of_an_earlier_sync_come_late),
		cmocka_unit_test(answers_wait_for_the_transmitter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
