/* SPDX-License-Identifier: Apache-2.0 */
/* The NOR die behind farflash/spi.h. */
#include "sim_nor_host.h"

#include "sim/clock/clock.h"

struct bench {
	struct far_sim_clock clock;
	struct far_sim_nor *nor;
	struct far_sim_spi bus;
};

static void setup(struct bench *b, bool instant)
{
	const struct far_sim_nor_config config = { .size = 64 * KIB, .instant = instant };

	far_sim_clock_init(&b->clock);
	b->nor = far_sim_nor_new(&config);
	assert_non_null(b->nor);
	far_sim_spi_init(&b->bus, b->nor, &b->clock.clock);
}

static int transfer(struct bench *b, const void *cmd, size_t cmd_len, const void *tx, size_t tx_len,
		    void *rx, size_t rx_len)
{
	const struct far_spi_frame f = { cmd, cmd_len, tx, tx_len, rx, rx_len };

	return b->bus.spi.ops->transfer(&b->bus.spi, &f);
}

static uint8_t status(struct bench *b)
{
	uint8_t value = 0;

	assert_int_equal(transfer(b, "\x05", 1, NULL, 0, &value, 1), FAR_OK);
	return value;
}

static void sleep_ms(struct bench *b, uint32_t ms)
{
	b->clock.clock.ops->sleep_ms(&b->clock.clock, ms);
}

static void command_and_data_are_one_frame(void **state)
{
	struct bench b;
	uint8_t data[256], rx[256];

	(void)state;
	setup(&b, true);
	for (unsigned i = 0; i < 256; i++)
		data[i] = (uint8_t)(255 - i);
	assert_int_equal(transfer(&b, "\x06", 1, NULL, 0, NULL, 0), FAR_OK);
	assert_int_equal(transfer(&b, "\x02\x00\x12\x00", 4, data, 256, NULL, 0), FAR_OK);
	assert_memory_equal(far_sim_nor_memory(b.nor) + 0x1200, data, 256);
	assert_int_equal(transfer(&b, "\x03\x00\x12\x00", 4, NULL, 0, rx, 256), FAR_OK);
	assert_memory_equal(rx, data, 256);
	assert_int_equal(transfer(&b, "\x0b\x00\x12\x01\x00", 5, NULL, 0, rx, 10), FAR_OK);
	assert_memory_equal(rx, data + 1, 10);
	assert_int_equal(transfer(&b, "\x9f", 1, NULL, 0, rx, 3), FAR_OK);
	assert_memory_equal(rx, "\xef\x40\x10", 3);
	far_sim_nor_free(b.nor);
}

static void long_frames_pass(void **state)
{
	struct bench b;
	static uint8_t data[100000];

	(void)state;
	setup(&b, true);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i % 251);
	assert_int_equal(transfer(&b, "\x06", 1, NULL, 0, NULL, 0), FAR_OK);
	assert_int_equal(
		transfer(&b, "\x02\x00\x00\x00\x01\x02\x03\x04", 8, data, sizeof(data), NULL, 0),
		FAR_OK);
	/* Byte i of data is the (i + 4)th of the program: the last 256 count. */
	for (size_t i = sizeof(data) - 256; i < sizeof(data); i++)
		assert_int_equal(far_sim_nor_memory(b.nor)[(i + 4) % 256], i % 251);
	far_sim_nor_free(b.nor);
}

static void the_contract_is_enforced(void **state)
{
	struct bench b;
	uint8_t byte = 0;

	(void)state;
	setup(&b, false);
	assert_int_equal(transfer(&b, "\x06", 0, NULL, 0, NULL, 0), FAR_ERR_ARG);
	assert_int_equal(transfer(&b, NULL, 1, NULL, 0, NULL, 0), FAR_ERR_ARG);
	assert_int_equal(transfer(&b, "\x02zzzzzzzz", 9, NULL, 0, NULL, 0), FAR_ERR_ARG);
	assert_int_equal(transfer(&b, "\x05", 1, &byte, 1, &byte, 1), FAR_ERR_ARG);
	assert_int_equal(transfer(&b, "\x05", 1, NULL, 0, NULL, 1), FAR_ERR_ARG);
	assert_int_equal(transfer(&b, "\x05", 1, NULL, 1, NULL, 0), FAR_ERR_ARG);
	assert_int_equal(status(&b), 0x00);
	assert_int_equal(far_sim_nor_counts(b.nor)->ignored, 0);
	far_sim_nor_free(b.nor);
}

static void frames_take_their_bits_on_a_virtual_clock(void **state)
{
	struct bench b;
	uint8_t rx[4096];

	(void)state;
	setup(&b, false);
	/* 4 + 4096 bytes at 40 MHz: 200 ns each. */
	assert_int_equal(transfer(&b, "\x03\x00\x00\x00", 4, NULL, 0, rx, 4096), FAR_OK);
	assert_true(b.clock.now_ns == 4100 * 200);
	b.bus.hz = 1000000;
	assert_int_equal(transfer(&b, "\x06", 1, NULL, 0, NULL, 0), FAR_OK);
	assert_true(b.clock.now_ns == 4100 * 200 + 8000);
	b.bus.hz = 0;
	assert_int_equal(transfer(&b, "\x06", 1, NULL, 0, NULL, 0), FAR_OK);
	assert_true(b.clock.now_ns == 4100 * 200 + 8000);
	far_sim_nor_free(b.nor);
}

static void sleeping_ends_an_erase(void **state)
{
	struct bench b;

	(void)state;
	setup(&b, false);
	transfer(&b, "\x06", 1, NULL, 0, NULL, 0);
	transfer(&b, "\x20\x00\x00\x00", 4, NULL, 0, NULL, 0);
	assert_int_equal(status(&b), 0x03);
	sleep_ms(&b, 44);
	assert_int_equal(status(&b), 0x03);
	sleep_ms(&b, 1);
	assert_int_equal(status(&b), 0x00);
	assert_true(b.clock.now_ns > 45 * MS && b.clock.now_ns < 46 * MS);
	far_sim_nor_free(b.nor);
}

/* Two bytes of 200 ns a poll: a page program of 400 us is over after 1000. */
static void polling_alone_ends_a_program(void **state)
{
	struct bench b;
	uint8_t page[256] = { 0 };
	unsigned polls = 1;

	(void)state;
	setup(&b, false);
	transfer(&b, "\x06", 1, NULL, 0, NULL, 0);
	transfer(&b, "\x02\x00\x00\x00", 4, page, 256, NULL, 0);
	while (status(&b) != 0 && polls < 5000)
		polls++;
	assert_int_equal(polls, 1000);
	far_sim_nor_free(b.nor);
}

/* A clock that is not the simulator's: milliseconds by hand. */
struct hand_clock {
	struct far_clock clock;
	uint32_t ms;
};

static uint32_t hand_now(struct far_clock *c)
{
	return ((struct hand_clock *)c)->ms;
}

static void hand_sleep(struct far_clock *c, uint32_t ms)
{
	((struct hand_clock *)c)->ms += ms;
}

static const struct far_clock_ops hand_ops = { hand_now, hand_sleep };

static void any_clock_will_do(void **state)
{
	struct hand_clock clock = { { &hand_ops }, UINT32_MAX - 20 };
	struct bench b;
	unsigned polls = 1;
	uint8_t page[256] = { 0 };

	(void)state;
	setup(&b, false);
	far_sim_spi_init(&b.bus, b.nor, &clock.clock);
	transfer(&b, "\x06", 1, NULL, 0, NULL, 0);
	transfer(&b, "\x20\x00\x00\x00", 4, NULL, 0, NULL, 0);
	assert_int_equal(status(&b), 0x03);
	hand_sleep(&clock.clock, 44); /* over the wrap of the milliseconds */
	assert_int_equal(status(&b), 0x03);
	hand_sleep(&clock.clock, 1);
	assert_int_equal(status(&b), 0x00);
	transfer(&b, "\x06", 1, NULL, 0, NULL, 0);
	transfer(&b, "\x02\x00\x00\x00", 4, page, 256, NULL, 0);
	while (status(&b) != 0 && polls < 5000)
		polls++;
	assert_int_equal(polls, 1000);
	far_sim_nor_free(b.nor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(command_and_data_are_one_frame),
		cmocka_unit_test(long_frames_pass),
		cmocka_unit_test(the_contract_is_enforced),
		cmocka_unit_test(frames_take_their_bits_on_a_virtual_clock),
		cmocka_unit_test(sleeping_ends_an_erase),
		cmocka_unit_test(polling_alone_ends_a_program),
		cmocka_unit_test(any_clock_will_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
