/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests made to hurt: any opcode with any length and any words, cut anywhere, in ROM and stub.
 * Nothing is asserted of the answers but that the chip lives on and a reset brings it back; the
 * sanitizers do the rest.
 */
#include <string.h>

#include "sim_esp_rig.h"

#define ROUNDS 3000

static uint32_t seed;

static uint32_t draw(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed;
}

/* Words that are more likely to hurt than others. */
static uint32_t nasty(void)
{
	static const uint32_t words[] = {
		0,          1,          4,          16,         24,         0x400,
		0x1000,     0x1800,     0x1801,     0x4000,     0xFFFF,     0x400000,
		0x3FFFFF,   0x1000000,  0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFF000,
		0x3FFE0000, 0x3FFFFFFC, 0x400A8000, 0x40001000, 0x3FF42000, 0x3FF42080,
		0x60000200, 0x3F402000, 0x40028000, 0x50001FFF, 0xFFFFFFFE, 0x40100000,
	};
	uint32_t n = draw();

	if (n % 8u == 0)
		return draw();
	return words[n / 8u % (sizeof(words) / sizeof(words[0]))] + (n >> 30 == 0 ? 1u : 0u);
}

static uint8_t nasty_op(void)
{
	static const uint8_t ops[] = { 2,    3,    4,    5,    6,    7,    8,    9,
				       0x0A, 0x0B, 0x0D, 0x0E, 0x0F, 0x10, 0x11, 0x12,
				       0x13, 0x14, 0xD0, 0xD1, 0xD2, 0xD3 };
	uint32_t n = draw();

	return n % 16u == 0 ? (uint8_t)draw() : ops[n / 16u % sizeof(ops)];
}

static void put_le32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static void one_request(struct rig *r)
{
	static uint8_t frame[8 + 0x2000];
	uint32_t len = draw() % 4u ? draw() % 64u : draw() % 0x2000u;
	uint8_t sum = 0xEF;

	put_le32(frame, 0);
	frame[0] = draw() % 32u == 0;
	frame[1] = nasty_op();
	frame[2] = (uint8_t)(draw() % 16u ? len : draw());
	frame[3] = (uint8_t)(draw() % 16u ? len >> 8 : draw());
	for (uint32_t i = 0; i + 4 <= len; i += 4)
		put_le32(frame + 8 + i, i < 32 ? nasty() : draw());
	if (len >= 16 && draw() % 2u) { /* a plausible block */
		put_le32(frame + 8, len - 16);
		put_le32(frame + 12, draw() % 3u);
		for (uint32_t i = 16; i < len; i++)
			sum ^= frame[8 + i];
		put_le32(frame + 4, sum);
	}
	if (draw() % 8u == 0)
		rig_raw(r, frame, draw() % (8u + len));
	else
		rig_frame(r, frame, 8 + len);
}

static void revive(struct rig *r, bool stub)
{
	far_sim_esp_lines(r->esp, r->now, false, true);
	rig_wait(r, 10 * RIG_MS);
	far_sim_esp_lines(r->esp, r->now, true, false);
	rig_wait(r, 100 * RIG_MS);
	far_sim_esp_lines(r->esp, r->now, false, false);
	r->baud = 921600;
	rig_flush(r);
	rig_sync(r);
	if (strcmp(r->chip, "esp8266") == 0) {
		rig_begin(r, 0x02, 0, 0, 0x400, 0);
		rig_expect(r, 0x02, 0, 0, 0);
	} else {
		rig_words(r, 0x0D, 2, 0u, 0u);
		rig_expect(r, 0x0D, 0, 0, 0);
	}
	if (stub) {
		const struct rig_stub *s = rig_stub(r->chip);

		rig_upload(r, s->text, s->text_len, s->entry);
		rig_ohai(r);
	}
}

static void torture(const char *chip, bool stub, uint32_t start)
{
	struct rig *r = rig_new(chip, true);

	seed = start;
	revive(r, stub);
	for (int i = 0; i < ROUNDS; i++) {
		one_request(r);
		rig_wait(r, (draw() % 20u) * RIG_MS);
		rig_flush(r);
		if (i % 20 == 19 || far_sim_esp_mode(r->esp)[0] != (stub ? 's' : 'r'))
			revive(r, stub);
	}
	rig_free(r);
}

static void rom_esp32(void **state)
{
	(void)state;
	torture("esp32", false, 1);
}

static void rom_esp32s2(void **state)
{
	(void)state;
	torture("esp32s2", false, 2);
}

static void rom_esp8266(void **state)
{
	(void)state;
	torture("esp8266", false, 3);
}

static void stub_esp32(void **state)
{
	(void)state;
	torture("esp32", true, 4);
}

static void stub_esp8266(void **state)
{
	(void)state;
	torture("esp8266", true, 5);
}

static void a_host_that_never_reads_does_not_matter(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	/* Straight into the receiver: nothing is taken from the transmitter meanwhile. */
	for (int i = 0; i < 50000; i++) {
		static const uint8_t sync[] = {
			0xC0, 0, 8, 4, 0, 0, 0, 0, 0, 7, 7, 0x12, 0x20, 0xC0
		};

		r->now += 86806;
		far_sim_esp_receive(r->esp, r->now, sync[(size_t)i % sizeof(sync)], 115200);
	}
	rig_wait(r, 60000 * RIG_MS);
	rig_raw(r, (const uint8_t *)"\xC0\xC0", 2); /* the last that fitted was cut */
	rig_wait(r, 100 * RIG_MS);
	rig_flush(r);
	assert_int_equal(rig_read_reg(r, 0x40001000), 0x00F01D83);
	rig_free(r);
}

static void every_register_of_a_page_can_be_read_and_written(void **state)
{
	struct rig *r = rig_new("esp32", true);

	(void)state;
	r->baud = 115200;
	for (uint32_t addr = 0x3FF42000; addr < 0x3FF42100; addr += 4) {
		rig_write_reg(r, addr, 0xFFFFFFFF);
		rig_read_reg(r, addr);
	}
	rig_write_reg(r, 0x3FF42000, 1u << 18); /* the longest frame there is */
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rom_esp32),
		cmocka_unit_test(rom_esp32s2),
		cmocka_unit_test(rom_esp8266),
		cmocka_unit_test(stub_esp32),
		cmocka_unit_test(stub_esp8266),
		cmocka_unit_test(a_host_that_never_reads_does_not_matter),
		cmocka_unit_test(every_register_of_a_page_can_be_read_and_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
