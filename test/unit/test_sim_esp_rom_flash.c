/* SPDX-License-Identifier: Apache-2.0 */
/* The ROM loader's flash commands, down to the cells of the die. */
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "sim_esp_rig.h"

static uint8_t image[0x8000];
static uint8_t stream[0x10000];
static uint32_t stream_len;

/* 4 KiB that deflates to a few hundred bytes, and noise behind it. */
static void make_image(void)
{
	uLongf len = sizeof(stream);

	rig_pattern(image, sizeof(image), 9);
	for (size_t i = 0; i < 0x4000; i++)
		image[i] = (uint8_t)(i >> 6);
	assert_int_equal(compress2(stream, &len, image, sizeof(image), 9), Z_OK);
	stream_len = (uint32_t)len;
}

static uint32_t blocks_of(uint32_t len, uint32_t block)
{
	return (len + block - 1) / block;
}

static void begin_erases_the_sectors_under_the_range_before_it_answers(void **state)
{
	struct rig *r = rig_new("esp32", true);
	uint8_t zeros[4] = { 0 };
	uint64_t start;

	(void)state;
	for (uint32_t sector = 0x0F000; sector <= 0x13000; sector += 0x1000)
		rig_poke(r, sector + 0xFFC, zeros, 4);
	start = r->now;
	rig_begin(r, 0x02, 0x2001, 9, 0x400, 0x10000);
	rig_expect(r, 0x02, 0, 0, 0);
	assert_true(r->now - start > 3 * 40 * RIG_MS); /* three sectors at 45 ms each */
	assert_false(rig_is_blank(r, 0x0FFFC, 4));
	assert_true(rig_is_blank(r, 0x10000, 0x3000));
	assert_false(rig_is_blank(r, 0x13FFC, 4));
	assert_int_equal(far_sim_nor_wear(r->nor, 0x12000), 1);
	rig_free(r);
}

static void a_long_erase_uses_blocks(void **state)
{
	struct rig *r = rig_new("esp32", true);
	uint64_t before = far_sim_nor_counts(r->nor)->erases;

	(void)state;
	rig_begin(r, 0x02, 0x22000, 1, 0x400, 0xF000); /* sector, two blocks, sector */
	rig_expect(r, 0x02, 0, 0, 0);
	assert_int_equal(far_sim_nor_counts(r->nor)->erases - before, 4);
	rig_free(r);
}

static void size_zero_erases_nothing_and_bits_only_go_down(void **state)
{
	struct rig *r = rig_new("esp32", true);
	const uint8_t old[4] = { 0xF0, 0xF0, 0xFF, 0xFF }, new[4] = { 0x3C, 0xF0, 0x12, 0x34 };

	(void)state;
	rig_poke(r, 0x10000, old, 4);
	rig_begin(r, 0x02, 0, 1, 0x400, 0x10000);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_block(r, 0x03, 0, new, 4, 0);
	rig_expect(r, 0x03, 0, 1, 8); /* read back: not what was asked for */
	assert_int_equal(rig_flash(r)[0x10000], 0x30);
	rig_block(r, 0x03, 1, new, 4, 0);
	rig_expect(r, 0x03, 0, 0, 0); /* behind the first, where it is blank */
	assert_int_equal(far_sim_nor_counts(r->nor)->erases, 0);
	rig_free(r);
}

static void an_unaligned_begin_fails_and_data_is_written_there_all_the_same(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	make_image();
	rig_begin(r, 0x02, 0x400, 1, 0x400, 0x10123);
	rig_expect(r, 0x02, 0, 1, 6);
	rig_block(r, 0x03, 0, image, 0x400, 0);
	rig_expect(r, 0x03, 0, 0, 0);
	assert_memory_equal(rig_flash(r) + 0x10123, image, 0x400);
	assert_int_equal(far_sim_nor_counts(r->nor)->erases, 0);
	rig_free(r);
}

static void beyond_the_end_begin_fails(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	rig_begin(r, 0x02, 0x1000, 1, 0x400, RIG_FLASH);
	rig_expect(r, 0x02, 0, 1, 6);
	rig_begin(r, 0x02, 0x2000, 1, 0x400, RIG_FLASH - 0x1000);
	rig_expect(r, 0x02, 0, 1, 6);
	rig_begin(r, 0x02, 0x1000, 1, 0x400, RIG_FLASH - 0x1000);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_begin(r, 0x02, 0xFFFFFFFFu, 1, 0x400, 0x1000);
	rig_expect(r, 0x02, 0, 1, 6);
	rig_free(r);
}

static void the_end_is_what_set_params_said(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	rig_words(r, 0x0B, 6, 0u, 0x100000u, 0x10000u, 0x1000u, 0x100u, 0xFFFFu);
	rig_expect(r, 0x0B, 0, 0, 0);
	rig_begin(r, 0x02, 0x1000, 1, 0x400, 0x100000);
	rig_expect(r, 0x02, 0, 1, 6);
	rig_begin(r, 0x02, 0x1000, 1, 0x400, 0xFF000);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_free(r);
}

static void without_attach_there_is_no_flash(void **state)
{
	struct rig *r = rig_new("esp32", false);

	(void)state;
	rig_wait(r, 50 * RIG_MS);
	rig_flush(r);
	rig_sync(r);
	rig_begin(r, 0x02, 0x1000, 1, 0x400, 0);
	rig_expect(r, 0x02, 0, 1, 6);
	assert_int_equal(far_sim_nor_counts(r->nor)->erases, 0);
	rig_free(r);
}

static void blocks_beyond_the_number_declared_are_written(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	make_image();
	rig_begin(r, 0x02, 0x1000, 1, 0x1000, 0x10000);
	rig_expect(r, 0x02, 0, 0, 0);
	for (uint32_t seq = 0; seq < 2; seq++) {
		rig_block(r, 0x03, seq, image + 0x4000 + seq * 0x1000, 0x1000, 0);
		rig_expect(r, 0x03, 0, 0, 0);
	}
	assert_memory_equal(rig_flash(r) + 0x10000, image + 0x4000, 0x2000);
	assert_int_equal(far_sim_nor_wear(r->nor, 0x11000), 0);
	rig_free(r);
}

static void a_short_last_block_writes_what_was_sent(void **state)
{
	struct rig *r = rig_new("esp32s2", true);

	(void)state;
	make_image();
	rig_begin(r, 0x02, 0x500, 2, 0x400, 0x10000);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_block(r, 0x03, 0, image, 0x400, 0);
	rig_expect(r, 0x03, 0, 0, 0);
	rig_block(r, 0x03, 1, image + 0x400, 0xFD, 0);
	rig_expect(r, 0x03, 0, 0, 0);
	assert_memory_equal(rig_flash(r) + 0x10000, image, 0x4FD);
	assert_true(rig_is_blank(r, 0x104FD, 0x100));
	rig_free(r);
}

static void the_len_word_counts_not_the_size_in_the_header(void **state)
{
	struct rig *r = rig_new("esp32", true);
	uint8_t frame[8 + 16 + 0x20] = { 0, 0x03, 0x99, 0x19 };
	uint8_t sum = 0xEF;

	(void)state;
	make_image();
	frame[8] = 0x20;
	memcpy(frame + 24, image, 0x20);
	for (int i = 0; i < 0x20; i++)
		sum ^= image[i];
	frame[4] = sum;
	rig_begin(r, 0x02, 0x1000, 1, 0x400, 0x10000);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_frame(r, frame, sizeof(frame));
	rig_expect(r, 0x03, 0, 0, 0);
	assert_memory_equal(rig_flash(r) + 0x10000, image, 0x20);
	frame[9] = 0x05; /* 0x520 bytes: more than the block size */
	frame[12] = 1;
	rig_frame(r, frame, sizeof(frame));
	rig_expect(r, 0x03, 0, 1, 5);
	rig_free(r);
}

static void other_commands_between_blocks_do_no_harm(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	make_image();
	rig_begin(r, 0x02, 0x1000, 4, 0x400, 0x10000);
	rig_expect(r, 0x02, 0, 0, 0);
	for (uint32_t seq = 0; seq < 4; seq++) {
		rig_block(r, 0x03, seq, image + 0x400 * seq, 0x400, 0);
		rig_expect(r, 0x03, 0, 0, 0);
		rig_read_reg(r, 0x40001000);
		rig_sync(r);
		rig_words(r, 0x13, 4, 0x10000u, 0x400u, 0u, 0u);
		rig_expect(r, 0x13, 32, 0, 0);
		rig_words(r, 0x0E, 2, 0u, 64u);
		rig_expect(r, 0x0E, 64, 0, 0);
	}
	assert_memory_equal(rig_flash(r) + 0x10000, image, 0x1000);
	rig_free(r);
}

static void begin_again_starts_over(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	make_image();
	for (int i = 0; i < 2; i++) {
		rig_begin(r, 0x02, 0x1000, 4, 0x400, 0x10000);
		rig_expect(r, 0x02, 0, 0, 0);
		rig_block(r, 0x03, 0, image, 0x400, 0);
		rig_expect(r, 0x03, 0, 0, 0);
	}
	assert_memory_equal(rig_flash(r) + 0x10000, image, 0x400);
	assert_true(rig_is_blank(r, 0x10400, 0x400));
	rig_free(r);
}

static void send_stream(struct rig *r, uint32_t block, uint32_t seq_of_error)
{
	uint32_t seq = 0;

	for (uint32_t pos = 0; pos < stream_len; pos += block, seq++) {
		uint32_t n = stream_len - pos < block ? stream_len - pos : block;

		if (seq == seq_of_error) {
			rig_block(r, 0x11, seq++, stream + pos, n, 0x11);
			rig_expect(r, 0x11, 0, 1, 7);
		}
		rig_block(r, 0x11, seq, stream + pos, n, 0);
		rig_expect(r, 0x11, 0, 0, 0);
	}
}

static void a_deflate_stream_is_unpacked_into_the_flash(void **state)
{
	static const char *const chips[] = { "esp32", "esp32s2" };
	static const uint32_t blocks[] = { 0x400, 0x1000, 0x1800 };

	(void)state;
	make_image();
	for (size_t i = 0; i < 6; i++) {
		struct rig *r = rig_new(chips[i / 3], true);
		uint32_t block = blocks[i % 3];

		rig_begin(r, 0x10, sizeof(image), blocks_of(stream_len, block), block, 0x20000);
		rig_expect(r, 0x10, 0, 0, 0);
		send_stream(r, block, UINT32_MAX);
		assert_memory_equal(rig_flash(r) + 0x20000, image, sizeof(image));
		rig_free(r);
	}
}

static void a_deflate_error_with_slack_is_mended_by_the_next_number(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	make_image();
	rig_begin(r, 0x10, sizeof(image), blocks_of(stream_len, 0x400) + 8, 0x400, 0x20000);
	rig_expect(r, 0x10, 0, 0, 0);
	send_stream(r, 0x400, 3);
	assert_memory_equal(rig_flash(r) + 0x20000, image, sizeof(image));
	rig_free(r);
}

static void without_slack_the_last_block_is_refused(void **state)
{
	struct rig *r = rig_new("esp32", true);
	uint32_t n = blocks_of(stream_len, 0x400);

	(void)state;
	make_image();
	n = blocks_of(stream_len, 0x400);
	rig_begin(r, 0x10, sizeof(image), n, 0x400, 0x20000);
	rig_expect(r, 0x10, 0, 0, 0);
	rig_block(r, 0x11, 0, stream, 0x400, 1);
	rig_expect(r, 0x11, 0, 1, 7);
	for (uint32_t seq = 1; seq < n; seq++) {
		rig_block(r, 0x11, seq, stream + (seq - 1) * 0x400, 0x400, 0);
		rig_expect(r, 0x11, 0, 0, 0);
	}
	rig_block(r, 0x11, n, stream + (n - 1) * 0x400, stream_len - (n - 1) * 0x400, 0);
	rig_expect(r, 0x11, 0, 1, 0x0B);
	rig_free(r);
}

static void broken_streams_have_their_own_errors(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	make_image();
	rig_begin(r, 0x10, 0x1000, 9, 0x400, 0x20000);
	rig_expect(r, 0x10, 0, 0, 0);
	rig_block(r, 0x11, 0, image, 0x100, 0); /* no zlib header */
	rig_expect(r, 0x11, 0, 1, 0x0B);
	rig_block(r, 0x11, 1, stream, 0x100, 0); /* too late */
	rig_expect(r, 0x11, 0, 1, 0x0B);

	stream[stream_len - 1] ^= 1; /* Adler-32 */
	rig_begin(r, 0x10, sizeof(image), 99, 0x1800, 0x20000);
	rig_expect(r, 0x10, 0, 0, 0);
	for (uint32_t seq = 0, pos = 0; pos < stream_len; pos += 0x1800, seq++) {
		uint32_t n = stream_len - pos < 0x1800 ? stream_len - pos : 0x1800;
		bool last = pos + n == stream_len;

		rig_block(r, 0x11, seq, stream + pos, n, 0);
		rig_expect(r, 0x11, 0, last, 0x0C);
	}
	rig_free(r);
}

static void more_than_announced_is_not_written(void **state)
{
	struct rig *r = rig_new("esp32", true);
	static const uint8_t zeros[100000];
	static uint8_t small[1000];
	uLongf len = sizeof(small);

	(void)state;
	assert_int_equal(compress2(small, &len, zeros, sizeof(zeros), 9), Z_OK);
	rig_begin(r, 0x10, 0x1000, 1, 0x400, 0x20000);
	rig_expect(r, 0x10, 0, 0, 0);
	rig_block(r, 0x11, 0, small, (uint32_t)len, 0);
	rig_expect(r, 0x11, 0, 1, 0x0B);
	assert_true(rig_is_blank(r, 0x21000, 0x10000));
	rig_free(r);
}

static void deflate_data_into_a_plain_write_is_refused(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	rig_begin(r, 0x02, 0x1000, 4, 0x400, 0x20000);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_block(r, 0x11, 0, image, 0x100, 0);
	rig_expect(r, 0x11, 0, 1, 5);
	rig_free(r);
}

static void md5_is_32_hex_digits_of_any_range(void **state)
{
	struct rig *r = rig_new("esp32", true);
	struct reply reply;
	uint64_t start;

	(void)state;
	rig_poke(r, 0x1001, (const uint8_t *)"abc", 3);
	rig_words(r, 0x13, 4, 0x1001u, 3u, 0u, 0u);
	rig_reply(r, &reply);
	assert_int_equal(reply.size, 36);
	assert_memory_equal(reply.data, "900150983cd24fb0d6963f7d28e17f72", 32);
	assert_int_equal(reply.data[32], 0);

	start = r->now;
	rig_words(r, 0x13, 4, 0u, 0x100000u, 0u, 0u);
	rig_expect(r, 0x13, 32, 0, 0);
	assert_true(r->now - start > 1600 * RIG_MS && r->now - start < 1800 * RIG_MS);
	rig_free(r);
}

/* Lengths around MD5's block of 64 bytes and the reader's 4096. */
static void md5_is_right_around_its_block_boundaries(void **state)
{
	static const struct {
		uint32_t len;
		const char *digest; /* of that many bytes FF, by another implementation */
	} cases[] = {
		{ 0, "d41d8cd98f00b204e9800998ecf8427e" },
		{ 55, "fd696aa639acaba9ce0e0964028fbe81" },
		{ 56, "74444b7e7b01632f3277365c8ca35ec2" },
		{ 63, "2e8381ef75aa4df05c31143466ecc2a8" },
		{ 64, "aabd2b2a451504e119a243d8e775fdad" },
		{ 65, "e7c92069c5ba53314b59f78132a80105" },
		{ 119, "091a3f536c65cb7a219d167ca4f11ac9" },
		{ 120, "cbe6d15e968dc8757f8e69ed60fa2450" },
		{ 4095, "bdf804508e306e000725a51b86de4850" },
		{ 4096, "6ae59e64850377ee5470c854761551ea" },
		{ 4097, "ab14c75f736e2df64af1e7ee489fcec9" },
		{ 8192, "84d04c9d6cc8ef35bf825d51a5277699" },
	};
	struct rig *r = rig_new("esp32", true);
	struct reply reply;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		rig_words(r, 0x13, 4, 0x1234u, cases[i].len, 0u, 0u);
		rig_reply(r, &reply);
		assert_memory_equal(reply.data, cases[i].digest, 32);
	}
	rig_free(r);
}

static void md5_beyond_the_end_fails_with_a_payload(void **state)
{
	struct rig *r = rig_new("esp32", true);
	struct reply reply;

	(void)state;
	rig_words(r, 0x13, 4, RIG_FLASH - 4u, 8u, 0u, 0u);
	rig_reply(r, &reply);
	assert_int_equal(reply.size, 36);
	assert_int_equal(reply.data[32], 1);
	assert_int_equal(reply.data[33], 9);
	rig_free(r);
}

static void slow_read_always_has_64_bytes(void **state)
{
	struct rig *r = rig_new("esp32", true);
	struct reply reply;

	(void)state;
	make_image();
	rig_poke(r, 0x2003, image + 0x4000, 64);
	rig_words(r, 0x0E, 2, 0x2003u, 64u);
	rig_reply(r, &reply);
	assert_int_equal(reply.size, 68);
	assert_memory_equal(reply.data, image + 0x4000, 64);
	/* What is behind the length asked for is what was there. */
	rig_words(r, 0x0E, 2, 0x3000u, 5u);
	rig_reply(r, &reply);
	assert_int_equal(reply.size, 68);
	assert_memory_equal(reply.data, "\xFF\xFF\xFF\xFF\xFF", 5);
	assert_memory_equal(reply.data + 5, image + 0x4005, 59);
	rig_words(r, 0x0E, 2, 0u, 65u);
	rig_expect(r, 0x0E, 64, 1, 0x0A);
	rig_words(r, 0x0E, 2, RIG_FLASH - 4u, 5u);
	rig_expect(r, 0x0E, 64, 1, 9);
	rig_words(r, 0x0E, 2, RIG_FLASH - 5u, 5u);
	rig_expect(r, 0x0E, 64, 0, 0);
	rig_free(r);
}

static void begin_lifts_the_protection(void **state)
{
	struct rig *r = rig_new("esp32", true);
	const uint8_t rdsr = 0x05;
	uint8_t status;

	(void)state;
	make_image();
	rig_protect(r, false);
	rig_begin(r, 0x02, 0x1000, 1, 0x400, 0x10000);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_block(r, 0x03, 0, image, 0x400, 0);
	rig_expect(r, 0x03, 0, 0, 0);
	assert_memory_equal(rig_flash(r) + 0x10000, image, 0x400);
	far_sim_nor_frame(r->nor, r->now, &rdsr, 1, &status, 1);
	assert_int_equal(status & 0x7C, 0);
	rig_free(r);
}

static void protection_that_stays_fails_begin(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	rig_protect(r, true);
	rig_begin(r, 0x02, 0x1000, 1, 0x400, 0x10000);
	rig_expect(r, 0x02, 0, 1, 6);
	assert_int_equal(far_sim_nor_counts(r->nor)->erases, 0);
	rig_block(r, 0x03, 0, image, 0x400, 0); /* and what is sent all the same is not written */
	rig_expect(r, 0x03, 0, 1, 8);
	rig_free(r);
}

static void data_without_attach_fails(void **state)
{
	struct rig *r = rig_new("esp32", false);

	(void)state;
	rig_wait(r, 50 * RIG_MS);
	rig_flush(r);
	rig_sync(r);
	rig_begin(r, 0x02, 0, 1, 0x400, 0);
	rig_expect(r, 0x02, 0, 1, 6);
	rig_block(r, 0x03, 0, image, 0x400, 0);
	rig_expect(r, 0x03, 0, 1, 6);
	assert_int_equal(far_sim_nor_counts(r->nor)->programs, 0);
	rig_free(r);
}

/* A sector erase through the SPI controller is still running when the block comes. */
static void a_busy_die_is_waited_for(void **state)
{
	struct rig *r = rig_new("esp32", true);
	const uint8_t wren = 0x06, erase[] = { 0x20, 0, 0, 0 };

	(void)state;
	make_image();
	rig_begin(r, 0x02, 0x1000, 1, 0x400, 0x10000);
	rig_expect(r, 0x02, 0, 0, 0);
	far_sim_nor_frame(r->nor, r->now, &wren, 1, NULL, 0);
	far_sim_nor_frame(r->nor, r->now, erase, 4, NULL, 0);
	rig_block(r, 0x03, 0, image, 16, 0);
	rig_expect(r, 0x03, 0, 0, 0);
	assert_memory_equal(rig_flash(r) + 0x10000, image, 16);
	assert_int_equal(far_sim_nor_counts(r->nor)->while_busy, 0);
	rig_free(r);
}

static void programming_takes_the_time_of_the_die(void **state)
{
	struct rig *r = rig_new("esp32", true);
	uint64_t start, wire;

	(void)state;
	make_image();
	r->baud = 115200;
	rig_begin(r, 0x02, 0x2000, 2, 0x1000, 0x10000);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_block(r, 0x03, 0, image + 0x4000, 0x1000, 0);
	start = r->now;
	rig_expect(r, 0x03, 0, 0, 0);
	wire = 14 * 10000000000ull / 115200;
	/* 16 pages at 0.4 ms. */
	assert_true(r->now - start >= 6 * RIG_MS);
	assert_true(r->now - start < 9 * RIG_MS + wire);
	assert_int_equal(far_sim_nor_counts(r->nor)->programs, 16);
	assert_int_equal(far_sim_nor_counts(r->nor)->while_busy, 0);
	rig_free(r);
}

static void what_arrives_during_an_erase_is_kept(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	rig_begin(r, 0x02, 0x40000, 1, 0x400, 0x10000);
	for (int i = 0; i < 10; i++)
		rig_words(r, 0x0A, 1, 0x40001000u);
	rig_expect(r, 0x02, 0, 0, 0);
	for (int i = 0; i < 10; i++)
		rig_expect(r, 0x0A, 0, 0, 0);
	rig_silence(r, 100 * RIG_MS);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(begin_erases_the_sectors_under_the_range_before_it_answers),
		cmocka_unit_test(a_long_erase_uses_blocks),
		cmocka_unit_test(size_zero_erases_nothing_and_bits_only_go_down),
		cmocka_unit_test(an_unaligned_begin_fails_and_data_is_written_there_all_the_same),
		cmocka_unit_test(beyond_the_end_begin_fails),
		cmocka_unit_test(the_end_is_what_set_params_said),
		cmocka_unit_test(without_attach_there_is_no_flash),
		cmocka_unit_test(blocks_beyond_the_number_declared_are_written),
		cmocka_unit_test(a_short_last_block_writes_what_was_sent),
		cmocka_unit_test(the_len_word_counts_not_the_size_in_the_header),
		cmocka_unit_test(other_commands_between_blocks_do_no_harm),
		cmocka_unit_test(begin_again_starts_over),
		cmocka_unit_test(a_deflate_stream_is_unpacked_into_the_flash),
		cmocka_unit_test(a_deflate_error_with_slack_is_mended_by_the_next_number),
		cmocka_unit_test(without_slack_the_last_block_is_refused),
		cmocka_unit_test(broken_streams_have_their_own_errors),
		cmocka_unit_test(more_than_announced_is_not_written),
		cmocka_unit_test(deflate_data_into_a_plain_write_is_refused),
		cmocka_unit_test(md5_is_32_hex_digits_of_any_range),
		cmocka_unit_test(md5_is_right_around_its_block_boundaries),
		cmocka_unit_test(md5_beyond_the_end_fails_with_a_payload),
		cmocka_unit_test(slow_read_always_has_64_bytes),
		cmocka_unit_test(begin_lifts_the_protection),
		cmocka_unit_test(protection_that_stays_fails_begin),
		cmocka_unit_test(data_without_attach_fails),
		cmocka_unit_test(a_busy_die_is_waited_for),
		cmocka_unit_test(programming_takes_the_time_of_the_die),
		cmocka_unit_test(what_arrives_during_an_erase_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
