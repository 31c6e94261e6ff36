/* SPDX-License-Identifier: Apache-2.0 */
/* core/sha256 against the vectors of FIPS 180 and its validation suite, whole and in any pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/sha256.h"

static uint8_t message[1000];

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

static void assert_hex(const uint8_t digest[FAR_SHA256_LEN], const char *hex)
{
	char text[2 * FAR_SHA256_LEN + 1];

	for (size_t i = 0; i < FAR_SHA256_LEN; i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
	assert_string_equal(text, hex);
}

static void of(const void *data, size_t len, uint8_t digest[FAR_SHA256_LEN])
{
	struct far_sha256 s;

	far_sha256_init(&s);
	far_sha256_update(&s, data, len);
	far_sha256_final(&s, digest);
}

/* FIPS 180-2, appendix B; the empty message and the single bytes are of its validation suite. */
static const struct {
	const char *text, *hex;
} vectors[] = {
	{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	{ "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
	  "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
	  "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
	{ "\xd3", "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1" },
	{ "\x11\xaf", "5ca7133fa735326081558ac312c620eeca9970d1e70a4b95533d956f072d1f98" },
};

static void fips_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		uint8_t digest[FAR_SHA256_LEN];

		of(vectors[i].text, strlen(vectors[i].text), digest);
		assert_hex(digest, vectors[i].hex);
	}
}

/* The third of the appendix: a million times 'a', in pieces of a length that divides no block. */
static void a_million(void **state)
{
	struct far_sha256 s;
	uint8_t digest[FAR_SHA256_LEN], as[125];

	(void)state;
	memset(as, 'a', sizeof(as));
	far_sha256_init(&s);
	for (unsigned i = 0; i < 1000000 / sizeof(as); i++)
		far_sha256_update(&s, as, sizeof(as));
	far_sha256_final(&s, digest);
	assert_hex(digest, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* Every place at which a message can be cut gives what it gives whole. */
static void every_cut(void **state)
{
	(void)state;
	for (size_t len = 0; len <= 200; len++) {
		uint8_t whole[FAR_SHA256_LEN], parts[FAR_SHA256_LEN];

		of(message, len, whole);
		for (size_t cut = 0; cut <= len; cut++) {
			struct far_sha256 s;

			far_sha256_init(&s);
			far_sha256_update(&s, message, cut);
			far_sha256_update(&s, message + cut, len - cut);
			far_sha256_final(&s, parts);
			assert_memory_equal(parts, whole, sizeof(whole));
		}
	}
}

/* Around the places where the padding needs another block: digests of sha256sum(1). */
static void padding(void **state)
{
	static const struct {
		size_t len;
		const char *hex;
	} zeros[] = {
		{ 1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d" },
		{ 54, "ea659cdc838619b3767c057fdf8e6d99fde2680c5d8517eb06761c0878d40c40" },
		{ 55, "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7" },
		{ 56, "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb" },
		{ 57, "65a16cb7861335d5ace3c60718b5052e44660726da4cd13bb745381b235a1785" },
		{ 63, "c7723fa1e0127975e49e62e753db53924c1bd84b8ac1ac08df78d09270f3d971" },
		{ 64, "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b" },
		{ 65, "98ce42deef51d40269d542f5314bef2c7468d401ad5d85168bfab4c0108f75f7" },
		{ 119, "f616b0d54e78571a9611f343c9f8e022e859e920381ab0e4d3da01e193a7bd7e" },
		{ 120, "6edd9f6f9cc92cded36e6c4a580933f9c9f1b90562b46903b806f21902a1a54f" },
		{ 128, "38723a2e5e8a17aa7950dc008209944e898f69a7bd10a23c839d341e935fd5ca" },
	};
	static const uint8_t none[128];

	(void)state;
	for (size_t i = 0; i < sizeof(zeros) / sizeof(zeros[0]); i++) {
		uint8_t digest[FAR_SHA256_LEN];

		of(none, zeros[i].len, digest);
		assert_hex(digest, zeros[i].hex);
	}
}

/* The length is counted in bits and in 64 of them: pretend that half a gibibyte went before. */
static void length_has_64_bits(void **state)
{
	struct far_sha256 a, b;
	uint8_t one[FAR_SHA256_LEN], other[FAR_SHA256_LEN];

	(void)state;
	far_sha256_init(&a);
	far_sha256_init(&b);
	b.len = UINT64_C(1) << 29; /* 2^32 bits: the low word of the length is 0 in both */
	far_sha256_final(&a, one);
	far_sha256_final(&b, other);
	assert_memory_not_equal(one, other, sizeof(one));
}

static void two_at_a_time(void **state)
{
	struct far_sha256 a, b;
	uint8_t one[FAR_SHA256_LEN], other[FAR_SHA256_LEN];

	(void)state;
	far_sha256_init(&a);
	far_sha256_init(&b);
	for (size_t i = 0; i < sizeof(message); i += 10) {
		far_sha256_update(&a, message + i, 10);
		far_sha256_update(&b, "x", 1);
	}
	far_sha256_final(&a, one);
	far_sha256_final(&b, other);
	of(message, sizeof(message), other);
	assert_memory_equal(one, other, sizeof(one));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fips_vectors),       cmocka_unit_test(a_million),
		cmocka_unit_test(every_cut),          cmocka_unit_test(padding),
		cmocka_unit_test(length_has_64_bits), cmocka_unit_test(two_at_a_time),
	};

	return cmocka_run_group_tests(tests, fill, NULL);
}
