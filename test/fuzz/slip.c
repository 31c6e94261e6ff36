/* SPDX-License-Identifier: Apache-2.0 */
/* SLIP: any bytes are decoded without harm, and what is encoded comes back whatever came before. */
#include "link/slip.h"
#include "test/fuzz/input.h"

#define CAP 64u

static uint8_t sent[4 * CAP + 8];
static size_t sent_len;

static int write_all(struct far_stream *s, const uint8_t *buf, size_t len)
{
	(void)s;
	FUZZ_ASSERT(len <= sizeof(sent) - sent_len);
	memcpy(sent + sent_len, buf, len);
	sent_len += len;
	return FAR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct far_stream_ops ops = { .write = write_all };
	struct far_stream stream = { &ops, 115200 };
	uint8_t buf[CAP];
	struct far_slip_decoder d = { .buf = buf, .cap = sizeof(buf) };
	size_t own = len < CAP ? len : CAP;
	int n = 0;

	for (size_t i = 0; i < len; i++) {
		n = far_slip_decode(&d, data[i]);
		FUZZ_ASSERT(n == FAR_ERR_PROTO || (n >= 0 && n <= (int)CAP));
	}
	sent_len = 0;
	far_slip_delimit(&stream);
	far_slip_delimit(&stream);
	far_slip_write(&stream, data, own);
	far_slip_delimit(&stream);
	for (size_t i = 0; i < sent_len; i++)
		n = far_slip_decode(&d, sent[i]);
	FUZZ_ASSERT(own == 0 ? n <= 0 : n == (int)own && memcmp(buf, data, own) == 0);
	return 0;
}
