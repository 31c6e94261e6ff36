/* SPDX-License-Identifier: Apache-2.0 */
/* The flasher stub and the flash: erase as it goes, deflate, END, erase, read, digest. */
#include <string.h>

#include <zlib.h>

#include "sim_esp_rig.h"

static uint8_t image[0x20000];
static uint8_t stream[0x30000];
static uint32_t stream_len;

static void make_stream(const uint8_t *data, size_t size)
{
	uLongf len = sizeof(stream);

	assert_int_equal(compress2(stream, &len, data, size, 9), Z_OK);
	stream_len = (uint32_t)len;
}

static void dirty(struct rig *r, uint32_t sector)
{
	rig_poke(r, sector + 0x123, (const uint8_t *)"x", 1);
}

static void write_plain(struct rig *r, uint32_t offset, const uint8_t *data, uint32_t len)
{
	static uint8_t last[0x4000];
	uint32_t seq = 0;

	rig_begin(r, 0x02, len, (len + 0x3FFF) / 0x4000, 0x4000, offset);
	rig_expect(r, 0x02, 0, 0, 0);
	for (uint32_t pos = 0; pos < len; pos += 0x4000) {
		uint32_t n = len - pos < 0x4000 ? len - pos : 0x4000;

		memset(last, 0xFF, sizeof(last)); /* padded, as hosts do */
		memcpy(last, data + pos, n);
		rig_block(r, 0x03, seq++, last, sizeof(last), 0);
		rig_expect(r, 0x03, 0, 0, 0);
	}
	rig_words(r, 0x04, 1, 1u);
	rig_expect(r, 0x04, 0, 0, 0);
}

static void begin_answers_at_once_and_erases_as_it_goes(void **state)
{
	struct rig *r = rig_new_stub("esp32");
	uint64_t start;

	(void)state;
	rig_pattern(image, sizeof(image), 1);
	dirty(r, 0x10000);
	dirty(r, 0x13000);
	start = r->now;
	rig_begin(r, 0x02, 0x100000, 64, 0x4000, 0x10000);
	rig_expect(r, 0x02, 0, 0, 0);
	assert_true(r->now - start < 10 * RIG_MS);
	assert_int_equal(far_sim_nor_counts(r->nor)->erases, 0);
	rig_block(r, 0x03, 0, image, 0x1000, 0);
	rig_expect(r, 0x03, 0, 0, 0);
	rig_wait(r, 1000 * RIG_MS);
	assert_memory_equal(rig_flash(r) + 0x10000, image, 0x1000);
	assert_true(far_sim_nor_counts(r->nor)->erases >= 1);
	rig_free(r);
}

static void blank_sectors_are_not_erased_until_the_first_dirty_one(void **state)
{
	struct rig *r = rig_new_stub("esp32");

	(void)state;
	rig_pattern(image, sizeof(image), 2);
	dirty(r, 0x12000);
	write_plain(r, 0x10000, image, 0x5000);
	assert_memory_equal(rig_flash(r) + 0x10000, image, 0x5000);
	assert_int_equal(far_sim_nor_wear(r->nor, 0x10000), 0);
	assert_int_equal(far_sim_nor_wear(r->nor, 0x11000), 0);
	assert_int_equal(far_sim_nor_wear(r->nor, 0x12000), 1);
	assert_int_equal(far_sim_nor_wear(r->nor, 0x13000), 1); /* blank, and erased now */
	assert_int_equal(far_sim_nor_wear(r->nor, 0x14000), 1);
	assert_int_equal(far_sim_nor_wear(r->nor, 0x15000), 0);
	rig_free(r);
}

static void an_unaligned_write_erases_its_sectors_whole(void **state)
{
	struct rig *r = rig_new_stub("esp32");

	(void)state;
	rig_pattern(image, sizeof(image), 3);
	dirty(r, 0x10000);
	dirty(r, 0x11000);
	write_plain(r, 0x10804, image, 0x1000);
	assert_memory_equal(rig_flash(r) + 0x10804, image, 0x1000);
	assert_true(rig_is_blank(r, 0x10000, 0x804));
	assert_true(rig_is_blank(r, 0x11804, 0x7FC));
	rig_free(r);
}

static void padding_is_clipped(void **state)
{
	struct rig *r = rig_new_stub("esp32");

	(void)state;
	rig_pattern(image, sizeof(image), 4);
	dirty(r, 0x12000); /* behind the last sector: must survive */
	write_plain(r, 0x10000, image, 0x1234);
	assert_memory_equal(rig_flash(r) + 0x10000, image, 0x1234);
	assert_int_equal(rig_flash(r)[0x12123], 'x');
	rig_free(r);
}

static void too_much_is_c9(void **state)
{
	struct rig *r = rig_new_stub("esp32");

	(void)state;
	rig_begin(r, 0x02, 0x100, 1, 0x4000, 0x10000);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_block(r, 0x03, 0, image, 0x100, 0);
	rig_expect(r, 0x03, 0, 0, 0);
	rig_block(r, 0x03, 1, image, 0x100, 0);
	rig_expect(r, 0x03, 0, 0xC9, 0);
	rig_words(r, 0x04, 1, 1u);
	rig_expect(r, 0x04, 0, 0, 0);
	rig_free(r);
}

static void end_rules(void **state)
{
	struct rig *r = rig_new_stub("esp32");

	(void)state;
	rig_words(r, 0x04, 1, 1u);
	rig_expect(r, 0x04, 0, 0xC6, 0); /* no BEGIN */
	rig_begin(r, 0x02, 0x2000, 2, 0x1000, 0x10000);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_block(r, 0x03, 0, image, 0x1000, 0);
	rig_expect(r, 0x03, 0, 0, 0);
	rig_words(r, 0x04, 1, 1u);
	rig_expect(r, 0x04, 0, 0xC0, 0); /* bytes remain */
	rig_block(r, 0x03, 1, image, 0x1000, 0);
	rig_expect(r, 0x03, 0, 0, 0);
	rig_words(r, 0x04, 1, 0u); /* reboot: this generation does not */
	rig_expect(r, 0x04, 0, 0, 0);
	rig_wait(r, 1000 * RIG_MS);
	assert_string_equal(far_sim_esp_mode(r->esp), "stub");
	rig_words(r, 0x04, 1, 1u);
	rig_expect(r, 0x04, 0, 0xC6, 0);
	rig_begin(r, 0x02, 0, 0, 0x4000, 0);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_words(r, 0x04, 1, 1u);
	rig_expect(r, 0x04, 0, 0, 0);
	rig_free(r);
}

static void send_stream(struct rig *r, uint32_t size, uint32_t offset, uint32_t bad_seq)
{
	uint32_t seq = 0;

	rig_begin(r, 0x10, size, (stream_len + 0x3FFF) / 0x4000, 0x4000, offset);
	rig_expect(r, 0x10, 0, 0, 0);
	for (uint32_t pos = 0; pos < stream_len; pos += 0x4000, seq++) {
		uint32_t n = stream_len - pos < 0x4000 ? stream_len - pos : 0x4000;

		if (seq == bad_seq) {
			rig_block(r, 0x11, seq, stream + pos, n, 9);
			rig_expect(r, 0x11, 0, 0xC1, 0);
		}
		rig_block(r, 0x11, seq, stream + pos, n, 0);
		rig_expect(r, 0x11, 0, 0, 0);
	}
}

static void deflate_on_every_chip(void **state)
{
	static const char *const chips[] = { "esp32", "esp32s2", "esp8266" };

	(void)state;
	rig_pattern(image, sizeof(image), 5);
	memset(image, 0xA5, 0x10000); /* the first half packs well */
	make_stream(image, sizeof(image));
	for (int c = 0; c < 3; c++) {
		struct rig *r = rig_new_stub(chips[c]);

		dirty(r, 0x30000);
		send_stream(r, sizeof(image), 0x20000, 2);
		rig_words(r, 0x12, 1, 1u);
		rig_expect(r, 0x12, 0, 0, 0);
		assert_memory_equal(rig_flash(r) + 0x20000, image, sizeof(image));
		rig_free(r);
	}
}

static void a_megabyte_in_one_block(void **state)
{
	static uint8_t zeros[0x100000];
	struct rig *r = rig_new_stub("esp32");

	(void)state;
	make_stream(zeros, sizeof(zeros));
	assert_true(stream_len < 0x4000);
	send_stream(r, sizeof(zeros), 0x100000, UINT32_MAX);
	rig_words(r, 0x12, 1, 1u);
	rig_expect(r, 0x12, 0, 0, 0);
	assert_memory_equal(rig_flash(r) + 0x100000, zeros, sizeof(zeros));
	assert_int_equal(rig_flash(r)[0x200000], 0xFF);
	rig_free(r);
}

static void a_repeated_deflate_block_breaks_the_stream(void **state)
{
	struct rig *r = rig_new_stub("esp32");

	(void)state;
	rig_pattern(image, sizeof(image), 6);
	make_stream(image, 0x10000);
	rig_begin(r, 0x10, 0x10000, 9, 0x4000, 0x20000);
	rig_expect(r, 0x10, 0, 0, 0);
	rig_block(r, 0x11, 0, stream, 0x4000, 0);
	rig_expect(r, 0x11, 0, 0, 0);
	rig_block(r, 0x11, 0, stream, 0x4000, 0);
	rig_expect(r, 0x11, 0, 0, 0);
	rig_block(r, 0x11, 1, stream + 0x4000, stream_len - 0x4000 > 0x4000 ? 0x4000 : 100, 0);
	/* Pattern bytes are stored, not packed: the break shows when the stored block ends. */
	rig_wait(r, 1000 * RIG_MS);
	rig_flush(r);
	rig_block(r, 0x11, 2, stream + 0x8000, 0x4000, 0);
	rig_wait(r, 1000 * RIG_MS);
	rig_flush(r);
	rig_words(r, 0x12, 1, 1u);
	rig_expect(r, 0x12, 0, 0xC7, 0);
	rig_free(r);
}

static void more_than_announced_is_c9_and_not_written(void **state)
{
	struct rig *r = rig_new_stub("esp32");

	(void)state;
	memset(image, 0, sizeof(image));
	make_stream(image, sizeof(image));
	send_stream(r, 0x1000, 0x20000, UINT32_MAX);
	rig_words(r, 0x12, 1, 1u);
	rig_expect(r, 0x12, 0, 0xC9, 0);
	assert_true(rig_is_blank(r, 0x21000, 0x1000));
	rig_free(r);
}

static void erase_flash_answers_when_done(void **state)
{
	struct rig *r = rig_new_stub("esp32");
	uint64_t start;

	(void)state;
	dirty(r, 0);
	dirty(r, 0x3FF000);
	start = r->now;
	rig_command(r, 0xD0, NULL, 0, 0);
	rig_expect(r, 0xD0, 0, 0, 0);
	assert_true(r->now - start > 5000 * RIG_MS);
	assert_true(rig_is_blank(r, 0, RIG_FLASH));
	rig_free(r);
}

static void erase_region_wants_sectors_and_answers_when_done(void **state)
{
	struct rig *r = rig_new_stub("esp32");
	uint64_t start;

	(void)state;
	for (uint32_t s = 0x0F000; s <= 0x22000; s += 0x1000)
		dirty(r, s);
	rig_words(r, 0xD1, 2, 0x10001u, 0x1000u);
	rig_expect(r, 0xD1, 0, 0xC0, 0);
	rig_words(r, 0xD1, 2, 0x10000u, 0x1001u);
	rig_expect(r, 0xD1, 0, 0xC0, 0);
	rig_words(r, 0xD1, 2, RIG_FLASH, 0x1000u);
	rig_expect(r, 0xD1, 0, 0xC4, 0);
	assert_int_equal(far_sim_nor_counts(r->nor)->erases, 0);
	start = r->now;
	rig_words(r, 0xD1, 2, 0x10000u, 0x12000u); /* a block and two sectors */
	rig_expect(r, 0xD1, 0, 0, 0);
	assert_true(r->now - start > 200 * RIG_MS);
	assert_int_equal(far_sim_nor_counts(r->nor)->erases, 3);
	assert_true(rig_is_blank(r, 0x10000, 0x12000));
	assert_false(rig_is_blank(r, 0x0F000, 0x1000));
	assert_false(rig_is_blank(r, 0x22000, 0x1000));
	rig_free(r);
}

static void ack(struct rig *r, uint32_t total)
{
	const uint8_t bytes[4] = { (uint8_t)total, (uint8_t)(total >> 8), (uint8_t)(total >> 16),
				   (uint8_t)(total >> 24) };

	rig_frame(r, bytes, 4);
}

static void read_flash_streams_one_packet_at_a_time(void **state)
{
	struct rig *r = rig_new_stub("esp32");
	struct reply packet;
	uint32_t total = 0;

	(void)state;
	rig_pattern(image, sizeof(image), 7);
	rig_poke(r, 0x1003, image, 0x2800);
	rig_words(r, 0xD2, 4, 0x1003u, 0x2800u, 0x1000u, 64u);
	rig_expect(r, 0xD2, 0, 0, 0);
	while (total < 0x2800) {
		uint32_t want = 0x2800 - total < 0x1000 ? 0x2800 - total : 0x1000;

		assert_true(rig_raw_reply(r, &packet));
		assert_int_equal(packet.len, want);
		assert_memory_equal(packet.bytes, image + total, want);
		rig_silence(r, 500 * RIG_MS); /* one in flight, whatever was asked for */
		total += want;
		ack(r, total);
	}
	assert_true(rig_raw_reply(r, &packet));
	assert_int_equal(packet.len, 16);
	rig_words(r, 0x13, 4, 0x1003u, 0x2800u, 0u, 0u);
	{
		struct reply digest;

		rig_reply(r, &digest);
		assert_int_equal(digest.size, 18);
		assert_memory_equal(digest.data, packet.bytes, 16);
	}
	rig_free(r);
}

static void read_flash_refuses_what_it_cannot(void **state)
{
	struct rig *r = rig_new_stub("esp32");
	struct reply packet;

	(void)state;
	rig_words(r, 0xD2, 4, 0u, 0x1000u, 0x1001u, 1u);
	rig_expect(r, 0xD2, 0, 0xC0, 0);
	rig_words(r, 0xD2, 4, 0u, 0x1000u, 0u, 1u);
	rig_expect(r, 0xD2, 0, 0xC0, 0);
	rig_words(r, 0xD2, 4, RIG_FLASH - 1u, 2u, 0x1000u, 1u);
	rig_expect(r, 0xD2, 0, 0xC4, 0);
	rig_words(r, 0xD2, 4, 0u, 0u, 0x1000u, 1u); /* nothing: its digest at once */
	rig_expect(r, 0xD2, 0, 0, 0);
	assert_true(rig_raw_reply(r, &packet));
	assert_memory_equal(packet.bytes,
			    "\xd4\x1d\x8c\xd9\x8f\x00\xb2\x04\xe9\x80\x09\x98\xec\xf8\x42\x7e", 16);
	rig_free(r);
}

static void a_host_that_gives_up_reading_is_heard_again(void **state)
{
	struct rig *r = rig_new_stub("esp32");
	struct reply packet;

	(void)state;
	rig_words(r, 0xD2, 4, 0u, 0x4000u, 0x1000u, 1u);
	rig_expect(r, 0xD2, 0, 0, 0);
	assert_true(rig_raw_reply(r, &packet));
	ack(r, 0x800); /* not all of it: it waits */
	rig_silence(r, 1000 * RIG_MS);
	rig_words(r, 0x0A, 1, 0x40001000u);
	rig_silence(r, 1000 * RIG_MS);
	rig_read_reg(r, 0x40001000);
	rig_free(r);
}

static void md5_is_raw(void **state)
{
	struct rig *r = rig_new_stub("esp32");
	struct reply reply;
	uint64_t start;

	(void)state;
	rig_poke(r, 0x2000, (const uint8_t *)"abc", 3);
	rig_words(r, 0x13, 4, 0x2000u, 3u, 0u, 0u);
	rig_reply(r, &reply);
	assert_int_equal(reply.size, 18);
	assert_memory_equal(reply.data,
			    "\x90\x01\x50\x98\x3c\xd2\x4f\xb0\xd6\x96\x3f\x7d\x28\xe1\x7f\x72", 16);
	start = r->now;
	rig_words(r, 0x13, 4, 0u, RIG_FLASH, 0u, 0u);
	rig_expect(r, 0x13, 16, 0, 0);
	assert_in_range(r->now - start, 6700 * RIG_MS, 6900 * RIG_MS);
	rig_words(r, 0x13, 4, 1u, RIG_FLASH, 0u, 0u);
	rig_expect(r, 0x13, 0, 0xC4, 0);
	rig_free(r);
}

static void protection_is_lifted_or_c5_comes_with_the_next_command(void **state)
{
	struct rig *r = rig_new_stub("esp32");

	(void)state;
	rig_pattern(image, 0x1000, 9);
	rig_protect(r, false);
	write_plain(r, 0x10000, image, 0x1000);
	assert_memory_equal(rig_flash(r) + 0x10000, image, 0x1000);
	rig_protect(r, true);
	rig_begin(r, 0x02, 0x1000, 1, 0x1000, 0x20000);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_block(r, 0x03, 0, image, 0x1000, 0);
	rig_expect(r, 0x03, 0, 0, 0);
	rig_words(r, 0x04, 1, 1u);
	rig_expect(r, 0x04, 0, 0xC5, 0);
	assert_true(rig_is_blank(r, 0x20000, 0x1000));
	rig_words(r, 0xD1, 2, 0x10000u, 0x1000u);
	rig_expect(r, 0xD1, 0, 0xC5, 0);
	assert_memory_equal(rig_flash(r) + 0x10000, image, 0x1000);
	rig_free(r);
}

static void encryption_is_not_here(void **state)
{
	struct rig *r = rig_new_stub("esp32s2");

	(void)state;
	rig_words(r, 0x02, 5, 0x1000u, 1u, 0x1000u, 0u, 0u);
	rig_expect(r, 0x02, 0, 0, 0);
	rig_words(r, 0x02, 5, 0x1000u, 1u, 0x1000u, 0u, 1u);
	rig_expect(r, 0x02, 0, 0xFF, 0);
	rig_free(r);
}

static void the_stub_reaches_the_whole_of_a_big_flash(void **state)
{
	struct far_sim_nor_config big = { .size = 32u << 20 };
	struct far_sim_nor *die = far_sim_nor_new(&big);
	struct far_sim_esp_config config = { .chip = "esp32", .nor = die, .in_loader = true };
	struct rig *r = rig_new_stub_config(&config);

	(void)state;
	rig_pattern(image, sizeof(image), 8);
	write_plain(r, 0x1000000 - 0x1000, image, 0x3000);
	assert_memory_equal(rig_flash(r) + 0x1000000 - 0x1000, image, 0x3000);
	assert_true(rig_is_blank(r, 0, 0x4000));
	write_plain(r, 0x1000000 - 0x1000, image + 1, 0x3000); /* erased first, on both sides */
	assert_memory_equal(rig_flash(r) + 0x1000000 - 0x1000, image + 1, 0x3000);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(begin_answers_at_once_and_erases_as_it_goes),
		cmocka_unit_test(blank_sectors_are_not_erased_until_the_first_dirty_one),
		cmocka_unit_test(an_unaligned_write_erases_its_sectors_whole),
		cmocka_unit_test(padding_is_clipped),
		cmocka_unit_test(too_much_is_c9),
		cmocka_unit_test(end_rules),
		cmocka_unit_test(deflate_on_every_chip),
		cmocka_unit_test(a_megabyte_in_one_block),
		cmocka_unit_test(a_repeated_deflate_block_breaks_the_stream),
		cmocka_unit_test(more_than_announced_is_c9_and_not_written),
		cmocka_unit_test(erase_flash_answers_when_done),
		cmocka_unit_test(erase_region_wants_sectors_and_answers_when_done),
		cmocka_unit_test(read_flash_streams_one_packet_at_a_time),
		cmocka_unit_test(read_flash_refuses_what_it_cannot),
		cmocka_unit_test(a_host_that_gives_up_reading_is_heard_again),
		cmocka_unit_test(md5_is_raw),
		cmocka_unit_test(protection_is_lifted_or_c5_comes_with_the_next_command),
		cmocka_unit_test(encryption_is_not_here),
		cmocka_unit_test(the_stub_reaches_the_whole_of_a_big_flash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
