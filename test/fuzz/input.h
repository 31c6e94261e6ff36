/* SPDX-License-Identifier: Apache-2.0 */
/* A fuzzer's input, taken piece by piece; what is missing is zero. */
#ifndef FARFLASH_TEST_FUZZ_INPUT_H
#define FARFLASH_TEST_FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct fuzz_input {
	const uint8_t *at;
	size_t left;
};

static inline uint8_t fuzz_byte(struct fuzz_input *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->at++;
}

static inline uint32_t fuzz_word(struct fuzz_input *in)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < 4; i++)
		v |= (uint32_t)fuzz_byte(in) << (8 * i);
	return v;
}

/* Up to cap bytes; how many. */
static inline size_t fuzz_bytes(struct fuzz_input *in, void *to, size_t cap)
{
	size_t n = in->left < cap ? in->left : cap;

	if (n > 0)
		memcpy(to, in->at, n);
	in->at += n;
	in->left -= n;
	return n;
}

#define FUZZ_ASSERT(x) ((x) ? (void)0 : __builtin_trap())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#endif
