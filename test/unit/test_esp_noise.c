/* SPDX-License-Identifier: Apache-2.0 */
/* A line that never falls quiet, or late: when it is in step again, and that every wait ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "device/esp/session.h"
#include "test/common/script_stream.h"

enum { QUIET_MS = 50, FRAMES_MAX = 100, DELIMITERS = 2 };

static struct script_stream line;
static struct far_esp esp;

static int setup(void **state)
{
	static uint8_t block[FAR_ESP_BLOCK_MIN];
	const struct far_esp_config config = { .stream = &line.stream,
					       .clock = &line.clock,
					       .block = block,
					       .block_len = sizeof(block) };

	(void)state;
	script_open(&line);
	line.stream.baud = 115200;
	return far_esp_init(&esp, &config);
}

/* One frame after the other, none of them a reply. */
static uint8_t frames(uint32_t n)
{
	return n % 2 == 0 ? 0xC0 : 0x01;
}

/* Nothing is asked of a line that has not fallen quiet: what it says next may be an old answer. */
static void endless(void **state)
{
	(void)state;
	line.noise = frames;
	line.noise_ms = 1;
	assert_int_equal(far_esp_resync(&esp), FAR_ERR_TIMEOUT);
	assert_int_equal(line.out_len, FAR_ESP_TRIES * DELIMITERS);
	assert_in_range(line.now_ms, FAR_ESP_TRIES * FRAMES_MAX,
			FAR_ESP_TRIES * FRAMES_MAX * QUIET_MS);
	assert_int_equal(esp.resyncs, 1);
}

/* It is asked as soon as that has happened, however long it took, and not before. */
static void late(void **state)
{
	static const uint8_t frame[] = { 0xC0, 0x01, 0xC0 };

	(void)state;
	for (unsigned i = 1; i < FRAMES_MAX; i++) {
		setup(NULL);
		for (unsigned k = 0; k < i; k++)
			script_feed(&line, QUIET_MS - 1, frame, sizeof(frame));
		assert_int_equal(far_esp_resync(&esp), FAR_ERR_TIMEOUT);
		assert_true(line.out_len > FAR_ESP_TRIES * DELIMITERS);
		assert_true(line.now_ms >= i * (QUIET_MS - 1) + QUIET_MS);
	}
}

/* A frame under way is over, and what was read with it: the answers to SYNC begin afresh. */
static void half_a_frame(void **state)
{
	static const uint8_t half[] = { 0xC0, 0x01, 0x08, 0xDB };
	static const uint8_t answer[] = { 0x01, 0x08, 4, 0, 1, 2, 3, 4, 0, 0, 0, 0 };
	uint8_t wire[2 * sizeof(answer) + 2];

	(void)state;
	script_feed(&line, 0, half, sizeof(half));
	script_feed(&line, 2 * QUIET_MS + 20, wire, script_frame(answer, sizeof(answer), wire));
	assert_int_equal(far_esp_resync(&esp), FAR_OK);
	assert_int_equal(esp._state.value, 0x04030201);
}

/* The stream itself fails in the midst of it. */
static void fails(void **state)
{
	static const int codes[] = { FAR_ERR_IO, FAR_ERR_CANCELLED };

	(void)state;
	for (unsigned k = 0; k < 2; k++)
		for (unsigned n = 1; n < 20; n++) {
			setup(NULL);
			line.noise = frames;
			line.noise_ms = 1;
			line.fail_at = n;
			line.fail_err = codes[k];
			assert_int_equal(far_esp_resync(&esp), codes[k]);
			assert_int_equal(line.calls, n);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(endless, setup),
		cmocka_unit_test_setup(late, setup),
		cmocka_unit_test_setup(half_a_frame, setup),
		cmocka_unit_test_setup(fails, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
