/* SPDX-License-Identifier: Apache-2.0 */
/* core/md5 against the RFC's own vectors and a second computation, whole and in any pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/md5.h"
#include "test/common/ref_md5.h"

enum { SPAN = 200 }; /* three blocks and a bit: every place of the padding, twice */

static uint8_t message[4096];

static int fill(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(message); i++) {
		seed = seed * 1664525u + 1013904223u;
		message[i] = (uint8_t)(seed >> 24);
	}
	return 0;
}

static void assert_hex(const uint8_t digest[FAR_MD5_LEN], const char *hex)
{
	char text[2 * FAR_MD5_LEN + 1];

	for (size_t i = 0; i < FAR_MD5_LEN; i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
	assert_string_equal(text, hex);
}

/* RFC 1321, A.5. */
static const struct {
	const char *text, *hex;
} vectors[] = {
	{ "", "d41d8cd98f00b204e9800998ecf8427e" },
	{ "a", "0cc175b9c0f1b6a831c399e269772661" },
	{ "abc", "900150983cd24fb0d6963f7d28e17f72" },
	{ "message digest", "f96b697d7cb7938d525a2f31aaf161d0" },
	{ "abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b" },
	{ "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
	  "d174ab98d277d9f5a5611c2c9f419d9f" },
	{ "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
	  "57edf4a22be3c955ac49da2e2107b67a" },
};

static void rfc_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		size_t len = strlen(vectors[i].text);
		uint8_t digest[FAR_MD5_LEN];
		struct far_md5 m;

		far_md5_init(&m);
		far_md5_update(&m, vectors[i].text, len);
		far_md5_final(&m, digest);
		assert_hex(digest, vectors[i].hex);
		/* The judge of the other tests must itself be right. */
		ref_md5((const uint8_t *)vectors[i].text, len, digest);
		assert_hex(digest, vectors[i].hex);
	}
}

/* len bytes of the message in pieces of step bytes (0: all at once). */
static void assert_sum(size_t len, size_t step)
{
	uint8_t digest[FAR_MD5_LEN], want[FAR_MD5_LEN];
	struct far_md5 m;

	memset(&m, 0xA5, sizeof(m)); /* init must not rely on anything */
	far_md5_init(&m);
	for (size_t at = 0; at < len;) {
		size_t n = step > 0 && step < len - at ? step : len - at;

		far_md5_update(&m, message + at, n);
		at += n;
	}
	far_md5_final(&m, digest);
	ref_md5(message, len, want);
	if (memcmp(digest, want, sizeof(want)) != 0)
		fail_msg("%zu bytes in pieces of %zu", len, step);
}

static void every_length(void **state)
{
	(void)state;
	for (size_t len = 0; len <= SPAN; len++)
		assert_sum(len, 0);
	for (size_t len = 1000; len <= sizeof(message); len = len * 5 / 4)
		assert_sum(len, 0);
	assert_sum(sizeof(message), 0);
}

static void every_length_in_every_step(void **state)
{
	static const size_t lens[] = { 1, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129, SPAN };

	(void)state;
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++)
		for (size_t step = 1; step <= lens[i]; step++)
			assert_sum(lens[i], step);
}

/* Two pieces, cut anywhere, with pieces of nothing around them. */
static void every_cut(void **state)
{
	uint8_t digest[FAR_MD5_LEN], want[FAR_MD5_LEN];
	struct far_md5 m;

	(void)state;
	ref_md5(message, SPAN, want);
	for (size_t cut = 0; cut <= SPAN; cut++) {
		far_md5_init(&m);
		far_md5_update(&m, NULL, 0);
		far_md5_update(&m, message, cut);
		far_md5_update(&m, message, 0);
		far_md5_update(&m, message + cut, SPAN - cut);
		far_md5_update(&m, NULL, 0);
		far_md5_final(&m, digest);
		assert_memory_equal(digest, want, sizeof(want));
	}
}

/* At any alignment: words are put together from bytes. */
static void any_alignment(void **state)
{
	(void)state;
	for (size_t skew = 0; skew < 8; skew++) {
		uint8_t digest[FAR_MD5_LEN], want[FAR_MD5_LEN];
		struct far_md5 m;

		far_md5_init(&m);
		far_md5_update(&m, message + skew, SPAN);
		far_md5_final(&m, digest);
		ref_md5(message + skew, SPAN, want);
		assert_memory_equal(digest, want, sizeof(want));
	}
}

static void two_at_a_time(void **state)
{
	uint8_t digest[FAR_MD5_LEN], want[FAR_MD5_LEN];
	struct far_md5 a, b;

	(void)state;
	far_md5_init(&a);
	far_md5_init(&b);
	for (size_t i = 0; i < SPAN; i++) {
		far_md5_update(&a, message + i, 1);
		far_md5_update(&b, message + 2 * i, 2);
	}
	far_md5_final(&a, digest);
	ref_md5(message, SPAN, want);
	assert_memory_equal(digest, want, sizeof(want));
	far_md5_final(&b, digest);
	ref_md5(message, (size_t)2 * SPAN, want);
	assert_memory_equal(digest, want, sizeof(want));
}

/*
 * Beyond 2^29 bytes the length in bits needs its second word. Hashing so much takes long; whole
 * blocks that were counted but not hashed give the same padding.
 */
static void length_has_64_bits(void **state)
{
	static const uint32_t skipped[] = { 0x10000000, 0x1FFFFFC0, 0x20000000, 0x80000040,
					    0xFFFFFF00 };

	(void)state;
	for (size_t i = 0; i < sizeof(skipped) / sizeof(skipped[0]); i++) {
		uint8_t digest[FAR_MD5_LEN], want[FAR_MD5_LEN];
		struct far_md5 m;

		far_md5_init(&m);
		far_md5_update(&m, message, 128);
		m.len += skipped[i];
		far_md5_update(&m, message + 128, 51);
		far_md5_final(&m, digest);
		ref_md5_counting(message, 179, UINT64_C(179) + skipped[i], want);
		assert_memory_equal(digest, want, sizeof(want));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc_vectors),
		cmocka_unit_test(every_length),
		cmocka_unit_test(every_length_in_every_step),
		cmocka_unit_test(every_cut),
		cmocka_unit_test(any_alignment),
		cmocka_unit_test(two_at_a_time),
		cmocka_unit_test(length_has_64_bits),
	};

	return cmocka_run_group_tests(tests, fill, NULL);
}
