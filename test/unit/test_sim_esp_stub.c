/* SPDX-License-Identifier: Apache-2.0 */
/* The flasher stub's manners: replies, errors of form, one block at a time, deferred errors. */
#include <string.h>

#include "sim_esp_rig.h"

#define MAGIC 0x40001000u

static uint8_t block[0x40F0];

static const char *const chips[] = { "esp32", "esp32s2", "esp8266" };

static void sync_has_eight_replies_with_value_zero(void **state)
{
	(void)state;
	for (int c = 0; c < 3; c++) {
		struct rig *r = rig_new_stub(chips[c]);
		struct reply reply;

		rig_read_reg(r, MAGIC);
		rig_command(r, 0x08, "\x07\x07\x12\x20", 4, 0);
		for (int i = 0; i < 8; i++) {
			rig_reply(r, &reply);
			assert_int_equal(reply.op, 0x08);
			assert_int_equal(reply.value, 0);
			assert_int_equal(reply.size, 2);
		}
		rig_silence(r, 100 * RIG_MS);
		rig_free(r);
	}
}

static void status_is_two_bytes_and_clean(void **state)
{
	struct rig *r = rig_new_stub("esp32");
	struct reply reply;

	(void)state;
	rig_words(r, 0x0A, 2, MAGIC, 0u); /* 8 bytes */
	rig_expect(r, 0x0A, 0, 0xC0, 0);
	rig_words(r, 0x0A, 1, MAGIC);
	rig_reply(r, &reply);
	assert_int_equal(reply.size, 2);
	assert_int_equal(reply.value, 0x00F01D83);
	assert_memory_equal(reply.data, "\0\0", 2);
	rig_words(r, 0x0D, 1, 0u);
	rig_reply(r, &reply);
	assert_int_equal(reply.value, 0); /* nothing stale here */
	rig_free(r);
}

static void requests_of_the_wrong_size_are_c0(void **state)
{
	static const struct {
		uint8_t op;
		size_t words;
	} bad[] = { { 0x0A, 0 }, { 0x0A, 2 }, { 0x0D, 2 }, { 0x0B, 5 }, { 0x0F, 1 },
		    { 0x13, 2 }, { 0x02, 3 }, { 0x02, 6 }, { 0x10, 3 }, { 0x04, 0 },
		    { 0x05, 3 }, { 0x06, 1 }, { 0x09, 3 }, { 0x09, 0 }, { 0xD0, 1 },
		    { 0xD1, 1 }, { 0xD2, 3 }, { 0x03, 2 }, { 0x07, 3 } };
	struct rig *r = rig_new_stub("esp32");

	(void)state;
	rig_begin(r, 0x02, 0x1000, 1, 0x4000, 0); /* so that 03 is not out of order */
	rig_expect(r, 0x02, 0, 0, 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		rig_words(r, bad[i].op, bad[i].words, 0u, 0u, 0u, 0u, 0u, 0u);
		rig_expect(r, bad[i].op, 0, 0xC0, 0);
	}
	rig_silence(r, 100 * RIG_MS);
	rig_free(r);
}

static void attach_wants_exactly_four_bytes(void **state)
{
	struct rig *r = rig_new_stub("esp32");

	(void)state;
	rig_words(r, 0x0D, 1, 0u);
	rig_expect(r, 0x0D, 0, 0, 0);
	rig_words(r, 0x0D, 2, 0u, 0u);
	rig_expect(r, 0x0D, 0, 0xC0, 0);
	rig_words(r, 0x0B, 6, 0u, 0x400000u, 0x10000u, 0x1000u, 0x100u, 0xFFFFu);
	rig_expect(r, 0x0B, 0, 0, 0);
	rig_free(r);
}

static void an_unknown_opcode_is_c3_once_under_its_own_name(void **state)
{
	static const uint8_t ops[] = { 0x0E, 0x42, 0xD4, 0xFF };
	struct rig *r = rig_new_stub("esp32");

	(void)state;
	for (size_t i = 0; i < sizeof(ops); i++) {
		rig_words(r, ops[i], 2, 0u, 64u);
		rig_expect(r, ops[i], 0, 0xC3, 0);
		rig_silence(r, 20 * RIG_MS);
	}
	rig_free(r);
}

static void security_info_is_not_here_or_twelve_bytes(void **state)
{
	static const uint8_t codes[] = { 0xFF, 0, 0xFF };

	(void)state;
	for (int c = 0; c < 3; c++) {
		struct rig *r = rig_new_stub(chips[c]);

		rig_command(r, 0x14, NULL, 0, 0);
		rig_expect(r, 0x14, codes[c] ? 0 : 12, codes[c], 0);
		rig_free(r);
	}
}

static void a_bad_escape_drops_the_frame_silently(void **state)
{
	struct rig *r = rig_new_stub("esp32");
	static const uint8_t bad[] = { 0xC0, 0, 0x0A, 4, 0, 0, 0, 0, 0, 0xDB, 0x10, 0, 0x40, 0xC0 };

	(void)state;
	rig_raw(r, bad, sizeof(bad));
	rig_silence(r, 1000 * RIG_MS);
	assert_int_equal(rig_read_reg(r, MAGIC), 0x00F01D83);
	rig_free(r);
}

static void an_overlong_frame_is_dropped_silently(void **state)
{
	struct rig *r = rig_new_stub("esp32");

	(void)state;
	rig_pattern(block, sizeof(block), 4);
	rig_begin(r, 0x02, sizeof(block), 1, 0x4000, 0x10000);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_block(r, 0x03, 0, block, 0x40F0, 0);
	rig_silence(r, 1000 * RIG_MS);
	rig_block(r, 0x03, 0, block, 0x40EF, 0); /* the longest that fits */
	rig_expect(r, 0x03, 0, 0, 0);
	rig_wait(r, 500 * RIG_MS);
	assert_memory_equal(rig_flash(r) + 0x10000, block, 0x40EF);
	rig_free(r);
}

static void a_cut_frame_and_the_next_share_one_error(void **state)
{
	struct rig *r = rig_new_stub("esp32");
	static const uint8_t cut[] = { 0xC0, 0, 0x0A, 4, 0, 0, 0, 0, 0, 0x00, 0x10 };

	(void)state;
	rig_raw(r, cut, sizeof(cut));
	rig_words(r, 0x0D, 1, 0u);
	rig_expect(r, 0x0A, 0, 0xC0, 0);
	rig_silence(r, 100 * RIG_MS);
	rig_words(r, 0x0D, 1, 0u);
	rig_expect(r, 0x0D, 0, 0, 0);
	rig_free(r);
}

static void blocks_need_a_begin_of_their_kind(void **state)
{
	struct rig *r = rig_new_stub("esp32");

	(void)state;
	rig_block(r, 0x03, 0, block, 16, 0);
	rig_expect(r, 0x03, 0, 0xC6, 0);
	rig_block(r, 0x11, 0, block, 16, 0);
	rig_expect(r, 0x11, 0, 0xC6, 0);
	rig_begin(r, 0x02, 0x1000, 1, 0x4000, 0);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_block(r, 0x11, 0, block, 16, 0);
	rig_expect(r, 0x11, 0, 0xC6, 0);
	rig_begin(r, 0x02, 0x1000, 1, 0x8000, 0);
	rig_expect(r, 0x02, 0, 0xC2, 0);
	rig_free(r);
}

static void the_acknowledgement_comes_before_the_programming(void **state)
{
	struct rig *r = rig_new_stub("esp32");
	uint64_t before;

	(void)state;
	rig_pattern(block, sizeof(block), 5);
	rig_begin(r, 0x02, 0x8000, 2, 0x4000, 0x10000);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_block(r, 0x03, 0, block, 0x4000, 0);
	before = r->now;
	rig_expect(r, 0x03, 0, 0, 0);
	assert_true(r->now - before < 2 * RIG_MS);
	assert_true(far_sim_nor_counts(r->nor)->programs < 10);
	rig_wait(r, 500 * RIG_MS);
	assert_int_equal(far_sim_nor_counts(r->nor)->programs, 64);
	assert_memory_equal(rig_flash(r) + 0x10000, block, 0x4000);
	rig_free(r);
}

static void the_next_answer_waits_for_the_programming(void **state)
{
	struct rig *r = rig_new_stub("esp32");
	uint64_t before;

	(void)state;
	rig_begin(r, 0x02, 0x4000, 1, 0x4000, 0x10000);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_block(r, 0x03, 0, block, 0x4000, 0);
	rig_expect(r, 0x03, 0, 0, 0);
	before = r->now;
	rig_words(r, 0x04, 1, 1u);
	rig_expect(r, 0x04, 0, 0, 0);
	assert_true(r->now - before > 20 * RIG_MS); /* 64 pages at 0.4 ms */
	rig_free(r);
}

static void a_failure_comes_with_the_next_command_which_is_not_executed(void **state)
{
	static const struct {
		uint8_t op;
		size_t words;
		uint32_t word;
	} next[] = { { 0x0A, 1, MAGIC }, { 0xD0, 0, 0 }, { 0x0D, 1, 0 }, { 0x04, 1, 0 } };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct rig *r = rig_new_stub("esp32");

		rig_begin(r, 0x02, 0x1000, 1, 0x1000, RIG_FLASH);
		rig_expect(r, 0x02, 0, 0, 0);
		rig_block(r, 0x03, 0, block, 0x1000, 0);
		rig_expect(r, 0x03, 0, 0, 0); /* received: so far so good */
		rig_words(r, next[i].op, next[i].words, next[i].word);
		rig_expect(r, next[i].op, 0, 0xC4, 0);
		assert_int_equal(far_sim_nor_counts(r->nor)->erases, 0);
		assert_int_equal(rig_read_reg(r, MAGIC), 0x00F01D83); /* and then all is well */
		rig_free(r);
	}
}

static void a_bad_check_sum_consumes_nothing(void **state)
{
	struct rig *r = rig_new_stub("esp32");

	(void)state;
	rig_pattern(block, sizeof(block), 6);
	rig_begin(r, 0x02, 0x2000, 2, 0x1000, 0x10000);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_block(r, 0x03, 0, block, 0x1000, 3);
	rig_expect(r, 0x03, 0, 0xC1, 0);
	rig_block(r, 0x03, 0, block, 0x1000, 0);
	rig_expect(r, 0x03, 0, 0, 0);
	rig_block(r, 0x03, 1, block + 0x1000, 0x1000, 0);
	rig_expect(r, 0x03, 0, 0, 0);
	rig_words(r, 0x04, 1, 1u);
	rig_expect(r, 0x04, 0, 0, 0);
	assert_memory_equal(rig_flash(r) + 0x10000, block, 0x2000);
	rig_free(r);
}

static void numbers_are_not_looked_at(void **state)
{
	struct rig *r = rig_new_stub("esp32");

	(void)state;
	rig_pattern(block, sizeof(block), 7);
	rig_begin(r, 0x02, 0x3000, 3, 0x1000, 0x10000);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_block(r, 0x03, 0, block, 0x1000, 0);
	rig_expect(r, 0x03, 0, 0, 0);
	rig_block(r, 0x03, 0, block, 0x1000, 0); /* again: the image shifts */
	rig_expect(r, 0x03, 0, 0, 0);
	rig_block(r, 0x03, 77, block + 0x1000, 0x1000, 0);
	rig_expect(r, 0x03, 0, 0, 0);
	rig_words(r, 0x04, 1, 1u);
	rig_expect(r, 0x04, 0, 0, 0);
	assert_memory_equal(rig_flash(r) + 0x10000, block, 0x1000);
	assert_memory_equal(rig_flash(r) + 0x11000, block, 0x1000);
	assert_memory_equal(rig_flash(r) + 0x12000, block + 0x1000, 0x1000);
	rig_free(r);
}

static void two_blocks_unacknowledged_wedge_it_until_reset(void **state)
{
	struct rig *r = rig_new_stub("esp32");

	(void)state;
	rig_begin(r, 0x02, 0x8000, 2, 0x1000, 0x10000);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_block(r, 0x03, 0, block, 0x1000, 0);
	rig_block(r, 0x03, 1, block, 0x1000, 0); /* not a moment's wait */
	rig_wait(r, 1000 * RIG_MS);
	rig_flush(r);
	rig_words(r, 0x0A, 1, MAGIC);
	rig_silence(r, 5000 * RIG_MS);
	rig_command(r, 0x08, "\x07\x07\x12\x20", 4, 0);
	rig_silence(r, 5000 * RIG_MS);
	far_sim_esp_lines(r->esp, r->now, false, true);
	rig_wait(r, 100 * RIG_MS);
	far_sim_esp_lines(r->esp, r->now, true, false);
	rig_wait(r, 100 * RIG_MS);
	rig_flush(r);
	rig_sync(r);
	assert_string_equal(far_sim_esp_mode(r->esp), "rom");
	rig_free(r);
}

/* Answers that a reset cut off do not count as outstanding in the next life. */
static void a_reset_in_the_middle_of_answers_leaves_nothing_behind(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	rig_command(r, 0x08, "\x07\x07\x12\x20", 4, 0);
	far_sim_esp_lines(r->esp, r->now, false, true);
	rig_wait(r, 100 * RIG_MS);
	far_sim_esp_lines(r->esp, r->now, true, false);
	rig_wait(r, 100 * RIG_MS);
	rig_flush(r);
	rig_sync(r);
	rig_upload(r, 0x400A8000, 6456, 0x400A902C);
	rig_ohai(r);
	rig_begin(r, 0x02, 0x2000, 2, 0x1000, 0x10000);
	rig_expect(r, 0x02, 0, 0, 0);
	for (uint32_t seq = 0; seq < 2; seq++) {
		rig_block(r, 0x03, seq, block, 0x1000, 0);
		rig_expect(r, 0x03, 0, 0, 0);
	}
	rig_free(r);
}

static void a_block_during_the_programming_of_the_last_is_what_it_is_made_for(void **state)
{
	struct rig *r = rig_new_stub("esp32");

	(void)state;
	rig_pattern(block, sizeof(block), 8);
	r->baud = 115200;
	rig_words(r, 0x0F, 2, 2000000u, 115200u);
	rig_expect(r, 0x0F, 0, 0, 0);
	r->baud = 2000000;
	rig_begin(r, 0x02, 0x10000, 4, 0x4000, 0x10000);
	rig_expect(r, 0x02, 0, 0, 0);
	for (uint32_t seq = 0; seq < 4; seq++) {
		rig_block(r, 0x03, seq, block, 0x4000, 0);
		rig_expect(r, 0x03, 0, 0, 0);
	}
	rig_words(r, 0x04, 1, 1u);
	rig_expect(r, 0x04, 0, 0, 0);
	for (uint32_t seq = 0; seq < 4; seq++)
		assert_memory_equal(rig_flash(r) + 0x10000 + seq * 0x4000, block, 0x4000);
	rig_free(r);
}

static void commands_may_follow_each_other_closely(void **state)
{
	struct rig *r = rig_new_stub("esp32");

	(void)state;
	for (int i = 0; i < 20; i++)
		rig_words(r, 0x0A, 1, MAGIC);
	for (int i = 0; i < 20; i++)
		rig_expect(r, 0x0A, 0, 0, 0);
	rig_free(r);
}

static void four_frames_wait_while_it_works(void **state)
{
	struct rig *r = rig_new_stub("esp32");

	(void)state;
	rig_words(r, 0xD1, 2, 0u, 0x40000u); /* an erase of more than half a second */
	rig_words(r, 0x0A, 1, MAGIC);
	rig_words(r, 0x0D, 1, 0u);
	rig_words(r, 0x0A, 1, MAGIC);
	rig_words(r, 0x0D, 1, 0u);
	rig_words(r, 0x42, 1, 0u); /* one too many */
	rig_expect(r, 0xD1, 0, 0, 0);
	rig_expect(r, 0x0A, 0, 0, 0);
	rig_expect(r, 0x0D, 0, 0, 0);
	rig_expect(r, 0x0A, 0, 0, 0);
	rig_expect(r, 0x0D, 0, 0, 0);
	rig_silence(r, 1000 * RIG_MS);
	rig_free(r);
}

/* The answer to a block that waits its turn has not been sent: another one must not follow. */
static void a_block_behind_one_that_waits_wedges_it_too(void **state)
{
	struct rig *r = rig_new_stub("esp32");

	(void)state;
	rig_begin(r, 0x02, 0x8000, 2, 0x1000, 0x10000);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_words(r, 0xD1, 2, 0u, 0x100000u);
	rig_block(r, 0x03, 0, block, 0x1000, 0);
	rig_block(r, 0x03, 1, block, 0x1000, 0);
	rig_silence(r, 10000 * RIG_MS);
	assert_string_equal(far_sim_esp_mode(r->esp), "silent");
	rig_free(r);
}

static void other_commands_behind_a_block_do_no_harm(void **state)
{
	struct rig *r = rig_new_stub("esp32");

	(void)state;
	rig_begin(r, 0x02, 0x1000, 1, 0x1000, 0x10000);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_block(r, 0x03, 0, block, 0x1000, 0);
	rig_words(r, 0x04, 1, 1u);
	rig_expect(r, 0x03, 0, 0, 0);
	rig_expect(r, 0x04, 0, 0, 0);
	rig_free(r);
}

static void code_that_is_not_there_is_the_end(void **state)
{
	struct rig *r = rig_new_stub("esp32");

	(void)state;
	rig_words(r, 0x06, 2, 0u, 0x50000000u);
	rig_expect(r, 0x06, 0, 0, 0);
	rig_silence(r, 1000 * RIG_MS);
	assert_string_equal(far_sim_esp_mode(r->esp), "silent");
	rig_free(r);
	r = rig_new_stub("esp32");
	rig_words(r, 0x0A, 1, 0x20000000u);
	rig_silence(r, 1000 * RIG_MS);
	assert_string_equal(far_sim_esp_mode(r->esp), "silent");
	rig_free(r);
}

static void mem_end_with_an_entry_greets_again(void **state)
{
	struct rig *r = rig_new_stub("esp32");

	(void)state;
	rig_upload(r, 0x400A8000, 6456, 0x400A902C);
	rig_ohai(r);
	rig_words(r, 0x06, 2, 1u, 0x400A902Cu); /* flag 1: do not execute */
	rig_expect(r, 0x06, 0, 0, 0);
	rig_silence(r, 1000 * RIG_MS);
	rig_free(r);
}

static void ram_can_be_written_and_read(void **state)
{
	struct rig *r = rig_new_stub("esp32");

	(void)state;
	rig_pattern(block, sizeof(block), 9);
	rig_words(r, 0x05, 4, 0x100u, 1u, 0x100u, 0x3FFE0000u);
	rig_expect(r, 0x05, 0, 0, 0);
	rig_block(r, 0x07, 9, block, 0x100, 1);
	rig_expect(r, 0x07, 0, 0xC1, 0);
	rig_block(r, 0x07, 9, block, 0x100, 0);
	rig_expect(r, 0x07, 0, 0, 0);
	assert_int_equal(rig_read_reg(r, 0x3FFE00FC), rig_le32(block + 0xFC));
	rig_words(r, 0x05, 4, 0x100u, 1u, 0x100u, 0x40000000u);
	rig_expect(r, 0x05, 0, 0xC0, 0);
	rig_free(r);
}

static void the_rate_is_changed_exactly(void **state)
{
	(void)state;
	for (int c = 0; c < 3; c++) {
		struct rig *r = rig_new_stub(chips[c]);

		rig_words(r, 0x0F, 2, 921600u, 115200u);
		rig_expect(r, 0x0F, 0, 0, 0);
		assert_int_equal(far_sim_esp_baud(r->esp), 921600);
		rig_words(r, 0x0A, 1, MAGIC); /* at the old rate */
		rig_silence(r, 100 * RIG_MS);
		r->baud = 921600;
		rig_raw(r, (const uint8_t *)"\xC0\xC0", 2);
		rig_wait(r, 10 * RIG_MS);
		rig_flush(r);
		rig_read_reg(r, MAGIC);
		rig_words(r, 0x0F, 2, 0u, 921600u);
		rig_expect(r, 0x0F, 0, 0xC0, 0);
		rig_free(r);
	}
}

static void run_user_code_has_no_answer(void **state)
{
	struct rig *r = rig_new_stub("esp8266");
	struct reply reply;

	(void)state;
	rig_image(r, 0, 0, 100);
	rig_flush(r);
	rig_command(r, 0xD3, NULL, 0, 0);
	rig_wait(r, 100 * RIG_MS);
	assert_string_equal(far_sim_esp_mode(r->esp), "app");
	assert_false(rig_raw_reply(r, &reply));
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sync_has_eight_replies_with_value_zero),
		cmocka_unit_test(status_is_two_bytes_and_clean),
		cmocka_unit_test(requests_of_the_wrong_size_are_c0),
		cmocka_unit_test(attach_wants_exactly_four_bytes),
		cmocka_unit_test(an_unknown_opcode_is_c3_once_under_its_own_name),
		cmocka_unit_test(security_info_is_not_here_or_twelve_bytes),
		cmocka_unit_test(a_bad_escape_drops_the_frame_silently),
		cmocka_unit_test(an_overlong_frame_is_dropped_silently),
		cmocka_unit_test(a_cut_frame_and_the_next_share_one_error),
		cmocka_unit_test(blocks_need_a_begin_of_their_kind),
		cmocka_unit_test(the_acknowledgement_comes_before_the_programming),
		cmocka_unit_test(the_next_answer_waits_for_the_programming),
		cmocka_unit_test(a_failure_comes_with_the_next_command_which_is_not_executed),
		cmocka_unit_test(a_bad_check_sum_consumes_nothing),
		cmocka_unit_test(numbers_are_not_looked_at),
		cmocka_unit_test(a_reset_in_the_middle_of_answers_leaves_nothing_behind),
		cmocka_unit_test(two_blocks_unacknowledged_wedge_it_until_reset),
		cmocka_unit_test(a_block_during_the_programming_of_the_last_is_what_it_is_made_for),
		cmocka_unit_test(commands_may_follow_each_other_closely),
		cmocka_unit_test(four_frames_wait_while_it_works),
		cmocka_unit_test(a_block_behind_one_that_waits_wedges_it_too),
		cmocka_unit_test(other_commands_behind_a_block_do_no_harm),
		cmocka_unit_test(code_that_is_not_there_is_the_end),
		cmocka_unit_test(mem_end_with_an_entry_greets_again),
		cmocka_unit_test(ram_can_be_written_and_read),
		cmocka_unit_test(the_rate_is_changed_exactly),
		cmocka_unit_test(run_user_code_has_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
