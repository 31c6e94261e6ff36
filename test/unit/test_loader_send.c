/* SPDX-License-Identifier: Apache-2.0 */
/* link/loader: requests as they must stand on the wire. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "link/loader.h"
#include "test/common/script_stream.h"

static struct script_stream line;
static struct far_loader loader;

static int setup(void **state)
{
	(void)state;
	script_open(&line);
	far_loader_init(&loader, &line.stream, &line.clock);
	return 0;
}

static void assert_sent(const uint8_t *payload, size_t len)
{
	static uint8_t want[2 * 70000];
	size_t n = script_frame(payload, len, want);

	assert_int_equal(line.out_len, n);
	assert_memory_equal(line.out, want, n);
}

/* The smallest: no data, no checksum. As on the wire, byte for byte. */
static void request_without_data(void **state)
{
	const struct far_loader_request request = { .op = 0xC0 };
	static const uint8_t wire[] = { 0xC0, 0, 0xDB, 0xDC, 0, 0, 0, 0, 0, 0, 0xC0 };

	(void)state;
	assert_int_equal(far_loader_send(&loader, &request), FAR_OK);
	assert_int_equal(line.out_len, sizeof(wire));
	assert_memory_equal(line.out, wire, sizeof(wire));
}

/* Head only, as most commands have it: the checksum field stays 0. */
static void request_with_head(void **state)
{
	static const uint8_t head[] = { 1, 2, 0xC0, 0xDB, 5 };
	const struct far_loader_request request = { .op = 9, .head = head, .head_len = 5 };
	static const uint8_t payload[] = { 0, 9, 5, 0, 0, 0, 0, 0, 1, 2, 0xC0, 0xDB, 5 };

	(void)state;
	assert_int_equal(far_loader_send(&loader, &request), FAR_OK);
	assert_sent(payload, sizeof(payload));
}

/* The checksum covers the body alone: 0xEF xor every byte of it. */
static void checksum_of_the_body(void **state)
{
	static const uint8_t head[] = { 0xAA, 0x55, 1 };
	uint8_t body[600], payload[11 + 600] = { 0, 3, 0, 0, 0, 0, 0, 0, 0xAA, 0x55, 1 };

	(void)state;
	for (unsigned i = 0; i < sizeof(body); i++)
		body[i] = (uint8_t)(i * 7 + i / 256);
	for (uint32_t len = 1; len <= sizeof(body); len++) {
		const struct far_loader_request request = { 3, 3, head, body, len };

		script_open(&line);
		assert_int_equal(far_loader_send(&loader, &request), FAR_OK);
		payload[2] = (uint8_t)(len + 3);
		payload[3] = (uint8_t)((len + 3) >> 8);
		payload[4] = 0xEF;
		for (uint32_t i = 0; i < len; i++)
			payload[4] ^= body[i];
		memcpy(payload + 11, body, len);
		assert_sent(payload, 11 + len);
	}
}

/* Blank bodies: pairs of 0xFF cancel out; a body of length 0 has no checksum. */
static void checksum_of_blank_bodies(void **state)
{
	static const uint32_t lens[] = { 0, 1, 2, 1023, 1024, 0x1800 };
	static uint8_t payload[8 + 0x1800];
	static uint8_t body[0x1800];

	(void)state;
	memset(body, 0xFF, sizeof(body));
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		uint32_t len = lens[i];
		const struct far_loader_request request = { 3, 0, NULL, body, len };

		script_open(&line);
		assert_int_equal(far_loader_send(&loader, &request), FAR_OK);
		memset(payload, 0xFF, sizeof(payload));
		memset(payload, 0, 8);
		payload[1] = 3;
		payload[2] = (uint8_t)len;
		payload[3] = (uint8_t)(len >> 8);
		payload[4] = len == 0 ? 0 : len % 2 ? 0x10 : 0xEF;
		assert_sent(payload, 8 + len);
	}
}

/* The size field has 16 bits. */
static void longest_request(void **state)
{
	static uint8_t payload[8 + 65535], body[65535 - 4];
	static const uint8_t head[4];
	struct far_loader_request request = { 3, 4, head, body, 65535 - 4 };

	(void)state;
	assert_int_equal(far_loader_send(&loader, &request), FAR_OK);
	memcpy(payload, "\0\x03\xFF\xFF\xEF", 5);
	assert_sent(payload, sizeof(payload));
}

static void every_write_fails(void **state)
{
	static const uint8_t head[] = { 1, 0xC0, 3 }, body[] = { 4, 0xDB, 6 };
	static const int codes[] = { FAR_ERR_IO, FAR_ERR_TIMEOUT, FAR_ERR_CANCELLED };
	const struct far_loader_request request = { 3, 3, head, body, 3 };
	unsigned n = 1;

	(void)state;
	for (;; n++) {
		int rc;

		script_open(&line);
		line.fail_at = n;
		line.fail_err = codes[n % 3];
		rc = far_loader_send(&loader, &request);
		if (rc == FAR_OK)
			break;
		assert_int_equal(rc, codes[n % 3]);
		assert_int_equal(line.calls, n); /* it stops at once */
	}
	assert_true(n > 5);
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(request_without_data),     TEST(request_with_head), TEST(checksum_of_the_body),
		TEST(checksum_of_blank_bodies), TEST(longest_request),   TEST(every_write_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
