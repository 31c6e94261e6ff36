/* SPDX-License-Identifier: Apache-2.0 */
/* Fragments in any order, of any content: no message longer than the buffer, and sound ones arrive. */
#include "link/fragment.h"
#include "test/fuzz/input.h"

#define CAP 200u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = { data, len };
	uint8_t buf[CAP], message[FAR_MAILBOX_DATA_MAX + 8];
	struct far_fragment_in f = { .buf = buf, .cap = sizeof(buf) };

	while (in.left > 0) {
		uint8_t n = fuzz_byte(&in);
		size_t got;
		int rc;

		memset(message, 0, sizeof(message));
		got = fuzz_bytes(&in, message, n % sizeof(message));
		rc = far_fragment_take(&f, n >> 7, message, got);
		FUZZ_ASSERT(rc == FAR_ERR_PROTO || (rc >= 0 && rc <= (int)CAP));
		FUZZ_ASSERT(f.got <= CAP);
	}
	/* The first and only fragment of a message of 5 bytes, whatever came before. */
	memcpy(message, (const uint8_t[]){ 5, 0, f.number + 1, 1, 'h', 'e', 'l', 'l', 'o' }, 9);
	FUZZ_ASSERT(far_fragment_take(&f, 9, message, 9) == 5 && memcmp(buf, "hello", 5) == 0);
	return 0;
}
