/* SPDX-License-Identifier: Apache-2.0 */
/* The ROM loader's manners: replies, stale bytes, sequence numbers, sizes of requests. */
#include <string.h>

#include "sim_esp_rig.h"

#define MAGIC 0x40001000u

static uint8_t block[0x1800];

static void sync_has_eight_replies_with_the_payload_as_value(void **state)
{
	struct rig *r = rig_new("esp32", false);
	uint8_t data[36] = { 0x07, 0x07, 0x12, 0x20 };
	struct reply reply;

	(void)state;
	rig_wait(r, 50 * RIG_MS);
	rig_flush(r);
	memset(data + 4, 0x55, 32);
	rig_command(r, 0x08, data, sizeof(data), 0);
	for (int i = 0; i < 8; i++) {
		rig_reply(r, &reply);
		assert_int_equal(reply.op, 0x08);
		assert_int_equal(reply.value, 0x20120707);
		assert_int_equal(reply.size, 4);
		assert_int_equal(reply.data[0], 0);
	}
	rig_silence(r, 1000 * RIG_MS);
	rig_free(r);
}

static void sync_payload_is_not_checked(void **state)
{
	struct rig *r = rig_new("esp32", true);
	const uint8_t odd[] = { 1, 2, 3, 4, 5 };
	struct reply reply;

	(void)state;
	rig_command(r, 0x08, odd, sizeof(odd), 0);
	rig_reply(r, &reply);
	assert_int_equal(reply.op, 0x08);
	assert_int_equal(reply.value, 0x04030201);
	rig_flush(r);
	rig_wait(r, 20 * RIG_MS);
	rig_flush(r);
	rig_command(r, 0x08, NULL, 0, 0);
	rig_expect(r, 0x08, 0, 0, 0);
	rig_free(r);
}

static void status_is_four_bytes_but_two_on_the_esp8266(void **state)
{
	static const char *const chips[] = { "esp32", "esp32s2", "esp8266" };
	static const uint16_t sizes[] = { 4, 4, 2 };

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct rig *r = rig_new(chips[i], true);
		struct reply reply;

		rig_words(r, 0x0A, 1, MAGIC);
		rig_reply(r, &reply);
		assert_int_equal(reply.size, sizes[i]);
		rig_free(r);
	}
}

static void the_value_word_is_stale_except_for_read_reg(void **state)
{
	struct rig *r = rig_new("esp32", true);
	struct reply reply;

	(void)state;
	assert_int_equal(rig_read_reg(r, MAGIC), 0x00F01D83);
	rig_words(r, 0x0D, 2, 0u, 0u);
	rig_reply(r, &reply);
	assert_int_equal(reply.op, 0x0D);
	assert_int_equal(reply.value, 0x00F01D83);
	rig_free(r);
}

static void the_error_byte_stays_after_a_success(void **state)
{
	struct rig *r = rig_new("esp32", true);
	struct reply reply;

	(void)state;
	rig_words(r, 0x0B, 1, 0u); /* SPI_SET_PARAMS of 4 bytes */
	rig_expect(r, 0x0B, 0, 1, 5);
	rig_words(r, 0x0A, 1, MAGIC);
	rig_reply(r, &reply);
	assert_int_equal(reply.data[0], 0);
	assert_int_equal(reply.data[1], 5);

	rig_begin(r, 0x02, 0, 1, 0x400, 0);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_block(r, 0x03, 0, block, 16, 1);
	rig_expect(r, 0x03, 0, 1, 7);
	rig_words(r, 0x0A, 1, MAGIC);
	rig_reply(r, &reply);
	assert_int_equal(reply.data[0], 0);
	assert_int_equal(reply.data[1], 7);
	rig_free(r);
}

static void the_last_two_status_bytes_are_stale_memory(void **state)
{
	struct rig *r = rig_new("esp32", true);
	uint8_t long_one[64];
	struct reply reply;

	(void)state;
	memset(long_one, 0xA5, sizeof(long_one));
	rig_command(r, 0x08, long_one, sizeof(long_one), 0);
	rig_wait(r, 50 * RIG_MS);
	rig_flush(r);
	rig_words(r, 0x0A, 1, MAGIC);
	rig_reply(r, &reply);
	assert_int_equal(reply.data[0], 0);
	assert_int_equal(reply.data[2], 0xA5);
	assert_int_equal(reply.data[3], 0xA5);
	rig_free(r);
}

static void an_unsupported_opcode_repeats_the_previous_reply(void **state)
{
	struct rig *r = rig_new("esp32", true);
	struct reply reply;

	(void)state;
	rig_read_reg(r, MAGIC);
	rig_command(r, 0x14, NULL, 0, 0); /* GET_SECURITY_INFO is not known to this chip */
	rig_reply(r, &reply);
	assert_int_equal(reply.op, 0x0A);
	assert_int_equal(reply.value, 0x00F01D83);
	assert_int_equal(reply.data[0], 1);
	assert_int_equal(reply.data[1], 5);
	rig_silence(r, 100 * RIG_MS);
	rig_free(r);
}

static void its_payload_is_repeated_as_well(void **state)
{
	struct rig *r = rig_new("esp32", true);
	struct reply reply, again;

	(void)state;
	rig_words(r, 0x13, 4, 0u, 0u, 0u, 0u); /* MD5 of nothing */
	rig_reply(r, &reply);
	assert_int_equal(reply.size, 36);
	assert_memory_equal(reply.data, "d41d8cd98f00b204e9800998ecf8427e", 32);
	rig_command(r, 0xD0, NULL, 0, 0);
	rig_reply(r, &again);
	assert_int_equal(again.op, 0x13);
	assert_int_equal(again.size, 36);
	assert_memory_equal(again.data, reply.data, 32);
	assert_int_equal(again.data[32], 1);
	assert_int_equal(again.data[33], 5);
	rig_free(r);
}

static void after_sync_there_are_eight_copies_of_it(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	rig_sync(r);
	rig_command(r, 0x14, NULL, 0, 0);
	for (int i = 0; i < 8; i++)
		rig_expect(r, 0x08, 0, 1, 5);
	rig_silence(r, 100 * RIG_MS);
	rig_free(r);
}

static void direction_one_counts_as_unsupported(void **state)
{
	struct rig *r = rig_new("esp32", true);
	const uint8_t frame[] = { 1, 0x0D, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	struct reply reply;

	(void)state;
	rig_read_reg(r, MAGIC);
	rig_frame(r, frame, sizeof(frame));
	rig_reply(r, &reply);
	assert_int_equal(reply.op, 0x0A);
	assert_int_equal(reply.data[0], 1);
	assert_int_equal(reply.data[1], 5);
	rig_free(r);
}

static void a_frame_of_40_kilobytes_is_unsupported(void **state)
{
	struct rig *r = rig_new("esp32", true);
	static uint8_t huge[40000];
	struct reply reply;

	(void)state;
	rig_read_reg(r, MAGIC);
	memset(huge, 0x11, sizeof(huge));
	huge[0] = 0;
	huge[1] = 0x03;
	rig_frame(r, huge, sizeof(huge));
	rig_reply(r, &reply);
	assert_int_equal(reply.op, 0x0A);
	assert_int_equal(reply.data[0], 1);
	assert_int_equal(reply.data[1], 5);
	assert_int_equal(rig_read_reg(r, MAGIC), 0x00F01D83);
	rig_free(r);
}

static void a_block_with_another_number_is_refused(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	rig_pattern(block, sizeof(block), 1);
	rig_begin(r, 0x02, 0x1000, 4, 0x400, 0x10000);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_block(r, 0x03, 1, block, 0x400, 0);
	rig_expect(r, 0x03, 0, 1, 5);
	assert_true(rig_is_blank(r, 0x10000, 0x1000));
	rig_block(r, 0x03, 0, block, 0x400, 0);
	rig_expect(r, 0x03, 0, 0, 0);
	rig_block(r, 0x03, 0, block, 0x400, 0); /* again, as after a lost answer */
	rig_expect(r, 0x03, 0, 1, 5);
	assert_memory_equal(rig_flash(r) + 0x10000, block, 0x400);
	assert_true(rig_is_blank(r, 0x10400, 0xC00));
	rig_free(r);
}

static void a_bad_check_sum_uses_up_the_number_but_not_the_place(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	rig_pattern(block, sizeof(block), 2);
	rig_begin(r, 0x02, 0x1000, 4, 0x400, 0x10000);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_block(r, 0x03, 0, block, 0x400, 0x40);
	rig_expect(r, 0x03, 0, 1, 7);
	rig_block(r, 0x03, 0, block, 0x400, 0); /* the same number: refused for ever */
	rig_expect(r, 0x03, 0, 1, 5);
	rig_block(r, 0x03, 1, block, 0x400, 0);
	rig_expect(r, 0x03, 0, 0, 0);
	rig_block(r, 0x03, 2, block + 0x400, 0x400, 0);
	rig_expect(r, 0x03, 0, 0, 0);
	assert_memory_equal(rig_flash(r) + 0x10000, block, 0x800);
	rig_free(r);
}

static void the_same_holds_for_ram(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	rig_pattern(block, sizeof(block), 3);
	rig_words(r, 0x05, 4, 0x800u, 2u, 0x400u, 0x3FFE0000u);
	rig_expect(r, 0x05, 0, 0, 0);
	rig_block(r, 0x07, 5, block, 0x400, 0);
	rig_expect(r, 0x07, 0, 1, 5);
	rig_block(r, 0x07, 0, block, 0x400, 1);
	rig_expect(r, 0x07, 0, 1, 7);
	rig_block(r, 0x07, 1, block, 0x400, 0);
	rig_expect(r, 0x07, 0, 0, 0);
	assert_int_equal(rig_read_reg(r, 0x3FFE0000), rig_le32(block));
	assert_int_equal(rig_read_reg(r, 0x3FFE03FC), rig_le32(block + 0x3FC));
	rig_free(r);
}

static void data_without_begin_is_refused(void **state)
{
	static const uint8_t ops[] = { 0x03, 0x07, 0x11 };
	struct rig *r = rig_new("esp32", true);

	(void)state;
	for (size_t i = 0; i < sizeof(ops); i++) {
		rig_block(r, ops[i], 0, block, 64, 0);
		rig_expect(r, ops[i], 0, 1, 5);
	}
	rig_words(r, 0x04, 1, 0u);
	rig_expect(r, 0x04, 0, 1, 5);
	rig_free(r);
}

static void begin_wants_its_number_of_words(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	rig_words(r, 0x02, 5, 0u, 1u, 0x400u, 0u, 0u);
	rig_expect(r, 0x02, 0, 1, 5);
	rig_words(r, 0x10, 5, 0x400u, 1u, 0x400u, 0u, 0u);
	rig_expect(r, 0x10, 0, 1, 5);
	rig_words(r, 0x02, 4, 0u, 1u, 0x400u, 0u);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_free(r);

	r = rig_new("esp32s2", true);
	rig_words(r, 0x02, 4, 0u, 1u, 0x400u, 0u);
	rig_expect(r, 0x02, 0, 1, 5);
	rig_words(r, 0x02, 5, 0u, 1u, 0x400u, 0u, 0u);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_words(r, 0x02, 5, 0u, 1u, 0x400u, 0u, 1u); /* encrypted: there is no key */
	rig_expect(r, 0x02, 0, 1, 6);
	rig_free(r);
}

static void block_sizes_end_at_0x1800(void **state)
{
	static const uint8_t ops[] = { 0x02, 0x10, 0x05 };
	struct rig *r = rig_new("esp32", true);

	(void)state;
	for (size_t i = 0; i < sizeof(ops); i++) {
		uint32_t where = ops[i] == 0x05 ? 0x3FFE0000u : 0x10000u;

		rig_words(r, ops[i], 4, 0x1000u, 1u, 0x1800u, where);
		rig_expect(r, ops[i], 0, 0, 0);
		rig_words(r, ops[i], 4, 0x1000u, 1u, 8191u, where);
		rig_expect(r, ops[i], 0, 1, 5);
	}
	rig_pattern(block, sizeof(block), 4);
	rig_begin(r, 0x02, 0x2000, 1, 0x1800, 0x20000);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_block(r, 0x03, 0, block, 0x1800, 0);
	rig_expect(r, 0x03, 0, 0, 0);
	assert_memory_equal(rig_flash(r) + 0x20000, block, 0x1800);
	rig_free(r);
}

static void ram_addresses_are_checked(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	rig_words(r, 0x05, 4, 0x400u, 1u, 0x400u, 0x40000000u); /* ROM */
	rig_expect(r, 0x05, 0, 1, 0x0F);
	rig_words(r, 0x05, 4, 0xFFFFFFFFu, 1u, 0x400u, 0x3FFE0000u);
	rig_expect(r, 0x05, 0, 1, 0x0E);
	rig_free(r);
}

static void attach_is_content_with_4_8_or_12_bytes(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	for (size_t words = 1; words <= 3; words++) {
		rig_words(r, 0x0D, words, 0u, 0u, 0u);
		rig_expect(r, 0x0D, 0, 0, 0);
	}
	rig_words(r, 0x0D, 4, 0u, 0u, 0u, 0u);
	rig_expect(r, 0x0D, 0, 1, 5);
	rig_free(r);
}

static void set_params_wants_24_bytes(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	rig_words(r, 0x0B, 6, 0u, 0x400000u, 0x10000u, 0x1000u, 0x100u, 0xFFFFu);
	rig_expect(r, 0x0B, 0, 0, 0);
	rig_words(r, 0x0B, 5, 0u, 0x400000u, 0x10000u, 0x1000u, 0x100u);
	rig_expect(r, 0x0B, 0, 1, 5);
	rig_free(r);
}

static void security_info_is_twelve_bytes_on_the_s2(void **state)
{
	struct rig *r = rig_new("esp32s2", true);
	struct reply reply;

	(void)state;
	rig_command(r, 0x14, NULL, 0, 0);
	rig_reply(r, &reply);
	assert_int_equal(reply.op, 0x14);
	assert_int_equal(reply.size, 0x10);
	assert_int_equal(rig_le32(reply.data), 0);
	assert_int_equal(reply.data[12], 0);
	rig_free(r);
}

static void secure_download_mode_has_a_short_list(void **state)
{
	struct rig *r = rig_new("esp32s2", false);
	struct far_sim_esp_config config = {
		.chip = "esp32s2", .nor = r->nor, .in_loader = true, .secure_download = true
	};
	struct reply reply;

	(void)state;
	far_sim_esp_free(r->esp);
	r->esp = far_sim_esp_new(&config);
	rig_wait(r, 50 * RIG_MS);
	rig_flush(r);
	rig_sync(r);
	rig_command(r, 0x14, NULL, 0, 0);
	rig_reply(r, &reply);
	assert_int_equal(rig_le32(reply.data), 1u << 2);
	rig_words(r, 0x0A, 1, MAGIC);
	rig_reply(r, &reply);
	assert_int_equal(reply.op, 0x14); /* READ_REG is unknown now */
	assert_int_equal(reply.data[12], 1);
	assert_int_equal(reply.data[13], 5);
	rig_words(r, 0x0D, 2, 0u, 0u);
	rig_expect(r, 0x0D, 0, 0, 0);
	rig_words(r, 0x05, 4, 0x400u, 1u, 0x400u, 0x3FFE0000u);
	rig_expect(r, 0x0D, 0, 1, 5);
	rig_words(r, 0x13, 4, 0u, 0u, 0u, 0u);
	rig_expect(r, 0x0D, 0, 1, 5);
	rig_begin(r, 0x02, 0x1000, 1, 0x400, 0);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_free(r);
}

static void write_reg_obeys_its_mask_and_delay(void **state)
{
	struct rig *r = rig_new("esp32", true);
	uint64_t start;

	(void)state;
	rig_words(r, 0x09, 4, 0x3FFE0000u, 0x11223344u, 0xFFFFFFFFu, 0u);
	rig_expect(r, 0x09, 0, 0, 0);
	rig_words(r, 0x09, 4, 0x3FFE0000u, 0xAABBCCDDu, 0x00FF00FFu, 0u);
	rig_expect(r, 0x09, 0, 0, 0);
	assert_int_equal(rig_read_reg(r, 0x3FFE0000), 0x11BB33DD);
	start = r->now;
	rig_words(r, 0x09, 8, 0x3FFE0004u, 1u, 1u, 0u, 0x60000078u, 0u, 0u, 250000u);
	rig_expect(r, 0x09, 0, 0, 0);
	assert_true(r->now - start >= 250 * RIG_MS);
	assert_true(r->now - start < 260 * RIG_MS);
	rig_words(r, 0x09, 3, 0x3FFE0004u, 1u, 1u);
	rig_expect(r, 0x09, 0, 1, 5);
	rig_free(r);
}

static void flash_end_leaves_the_loader_whatever_its_flag(void **state)
{
	(void)state;
	for (uint32_t flag = 0; flag < 2; flag++) {
		struct rig *r = rig_new("esp32", true);

		rig_begin(r, 0x02, 0, 0, 0x400, 0);
		rig_expect(r, 0x02, 0, 0, 0);
		rig_flush(r);
		rig_words(r, 0x04, 1, flag);
		rig_expect(r, 0x04, 0, 0, 0);
		rig_wait(r, 100 * RIG_MS);
		assert_non_null(strstr(rig_text(r) + r->out_pos, "flash read err"));
		assert_string_equal(far_sim_esp_mode(r->esp), "silent");
		rig_flush(r);
		rig_words(r, 0x0A, 1, MAGIC);
		rig_silence(r, 1000 * RIG_MS);
		rig_free(r);
	}
}

static void flash_end_on_the_s2_says_user_code_done(void **state)
{
	struct rig *r = rig_new("esp32s2", true);

	(void)state;
	rig_begin(r, 0x02, 0, 0, 0x400, 0);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_flush(r);
	rig_words(r, 0x04, 1, 1u);
	rig_expect(r, 0x04, 0, 0, 0);
	rig_wait(r, 100 * RIG_MS);
	assert_non_null(strstr(rig_text(r) + r->out_pos, "user code done"));
	assert_string_equal(far_sim_esp_mode(r->esp), "silent");
	rig_free(r);
}

static void flash_end_wants_all_blocks_first(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	rig_begin(r, 0x02, 0x1000, 2, 0x400, 0);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_block(r, 0x03, 0, block, 0x400, 0);
	rig_expect(r, 0x03, 0, 0, 0);
	rig_words(r, 0x04, 1, 0u);
	rig_expect(r, 0x04, 0, 1, 6);
	assert_string_equal(far_sim_esp_mode(r->esp), "rom");
	rig_free(r);
}

static void loading_beyond_the_ram_is_the_end(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	rig_words(r, 0x05, 4, 0x100u, 2u, 0x400u, 0x3FFFFE00u);
	rig_expect(r, 0x05, 0, 0, 0);
	rig_block(r, 0x07, 0, block, 0x100, 0);
	rig_expect(r, 0x07, 0, 0, 0);
	rig_block(r, 0x07, 1, block, 0x400, 0);
	rig_silence(r, 1000 * RIG_MS);
	assert_string_equal(far_sim_esp_mode(r->esp), "silent");
	rig_free(r);
}

static void mem_end_without_entry_stays(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	rig_words(r, 0x06, 2, 1u, 0u);
	rig_expect(r, 0x06, 0, 0, 0);
	assert_int_equal(rig_read_reg(r, MAGIC), 0x00F01D83);
	rig_free(r);
}

static void mem_end_with_code_starts_it_and_without_code_is_the_end(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	rig_upload(r, 0x400A8000, 6456, 0x400A902C);
	rig_ohai(r);
	rig_free(r);

	r = rig_new("esp32", true);
	rig_words(r, 0x06, 2, 0u, 0x400A902Cu); /* nothing was loaded there */
	rig_expect(r, 0x06, 0, 0, 0);
	rig_silence(r, 1000 * RIG_MS);
	assert_string_equal(far_sim_esp_mode(r->esp), "silent");
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sync_has_eight_replies_with_the_payload_as_value),
		cmocka_unit_test(sync_payload_is_not_checked),
		cmocka_unit_test(status_is_four_bytes_but_two_on_the_esp8266),
		cmocka_unit_test(the_value_word_is_stale_except_for_read_reg),
		cmocka_unit_test(the_error_byte_stays_after_a_success),
		cmocka_unit_test(the_last_two_status_bytes_are_stale_memory),
		cmocka_unit_test(an_unsupported_opcode_repeats_the_previous_reply),
		cmocka_unit_test(its_payload_is_repeated_as_well),
		cmocka_unit_test(after_sync_there_are_eight_copies_of_it),
		cmocka_unit_test(direction_one_counts_as_unsupported),
		cmocka_unit_test(a_frame_of_40_kilobytes_is_unsupported),
		cmocka_unit_test(a_block_with_another_number_is_refused),
		cmocka_unit_test(a_bad_check_sum_uses_up_the_number_but_not_the_place),
		cmocka_unit_test(the_same_holds_for_ram),
		cmocka_unit_test(data_without_begin_is_refused),
		cmocka_unit_test(begin_wants_its_number_of_words),
		cmocka_unit_test(block_sizes_end_at_0x1800),
		cmocka_unit_test(ram_addresses_are_checked),
		cmocka_unit_test(attach_is_content_with_4_8_or_12_bytes),
		cmocka_unit_test(set_params_wants_24_bytes),
		cmocka_unit_test(security_info_is_twelve_bytes_on_the_s2),
		cmocka_unit_test(secure_download_mode_has_a_short_list),
		cmocka_unit_test(write_reg_obeys_its_mask_and_delay),
		cmocka_unit_test(flash_end_leaves_the_loader_whatever_its_flag),
		cmocka_unit_test(flash_end_on_the_s2_says_user_code_done),
		cmocka_unit_test(flash_end_wants_all_blocks_first),
		cmocka_unit_test(loading_beyond_the_ram_is_the_end),
		cmocka_unit_test(mem_end_without_entry_stays),
		cmocka_unit_test(mem_end_with_code_starts_it_and_without_code_is_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
