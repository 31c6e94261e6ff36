/* SPDX-License-Identifier: Apache-2.0 */
/* Fragments in any order, of any content: each continues what was begun, and sound ones arrive. */
#include "link/fragment.h"
#include "test/fuzz/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = { data, len };
	struct far_fragments f = { .channel = 2 };
	uint32_t message[FAR_MAILBOX_DATA_MAX / 4], whole = 0, reached = 0;

	while (in.left > 0) {
		uint8_t n = fuzz_byte(&in);
		size_t got;
		int at;

		memset(message, 0, sizeof(message));
		got = fuzz_bytes(&in, (uint8_t *)message, n % (sizeof(message) + 1));
		at = far_fragment_take(&f, message, (uint32_t)got);
		if (at < 0) {
			FUZZ_ASSERT(at == FAR_ERR_PROTO && f.in.left == 0);
			continue;
		}
		if (at == 0)
			whole = f.in.got + f.in.left;
		FUZZ_ASSERT((uint32_t)at == (at == 0 ? 0 : reached));
		FUZZ_ASSERT(f.in.got - (uint32_t)at == got - FAR_FRAGMENT_HEAD);
		FUZZ_ASSERT(f.in.got + f.in.left == whole && whole <= FAR_FRAGMENT_LEN_MAX);
		reached = f.in.got;
	}
	/* The first and only fragment of a message of 5 bytes, whatever came before. */
	message[0] = 0x10005;
	FUZZ_ASSERT(far_fragment_take(&f, message, 9) == 0 && f.in.got == 5 && f.in.left == 0);
	return 0;
}
