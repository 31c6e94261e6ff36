/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes from the other end of a telnet connection, in pieces: the decoder makes the same of
 * them as at once, never more data than there were bytes, and a server for RFC 2217 never says more
 * than it has room for. The first byte is the size of the pieces.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/comport_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);

static void check(bool holds)
{
	if (!holds)
		abort();
}

/* On the heap to the byte, so that the sanitizer sees one beyond. */
static uint8_t *copy(const uint8_t *bytes, size_t len)
{
	uint8_t *c = malloc(len ? len : 1);

	check(c != NULL);
	memcpy(c, bytes, len);
	return c;
}

/* All data in a sum, and all events. */
static uint32_t decode(const uint8_t *input, size_t len, size_t step)
{
	struct far_telnet t = { 0 };
	uint32_t sum = 0;

	for (size_t at = 0, used, got; at < len; at += used) {
		size_t n = len - at < step ? len - at : step;
		uint8_t *in = copy(input + at, n);
		enum far_telnet_event event = far_telnet_decode(&t, in, n, &used, in, &got);

		check(used >= 1 && used <= n && got <= used && t.len <= FAR_TELNET_SUB_MAX);
		check(event != FAR_TELNET_NONE || used == n);
		for (size_t i = 0; i < got; i++)
			sum = sum * 31 + in[i];
		if (event == FAR_TELNET_OPTION)
			sum = sum * 31 + 256u * t.verb + t.option;
		for (size_t i = 0; event == FAR_TELNET_SUB && i < t.len; i++)
			sum = sum * 31 + 65536u * t.option + t.sub[i];
		free(in);
	}
	return sum;
}

static void serve(const uint8_t *input, size_t len, size_t step)
{
	static struct cli_comport server;
	const uint8_t *bytes;

	cli_comport_init(&server);
	cli_comport_begin(&server);
	for (size_t at = 0; at < len; at += step) {
		size_t n = len - at < step ? len - at : step;
		size_t may = cli_comport_may_take(&server);
		uint8_t *in = copy(input + at, n);

		if (may >= n) {
			size_t got = cli_comport_take(&server, in, n);

			check(got <= n);
			check(cli_comport_put(&server, in, got) <= got);
		}
		check(cli_comport_pending(&server, &bytes) <= sizeof(server._state.out));
		if (step > 512) /* the others do not read */
			cli_comport_sent(&server, cli_comport_pending(&server, &bytes));
		free(in);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
	size_t step;

	if (len < 2)
		return 0;
	step = input[0] % 64 + 1u;
	check(decode(input + 1, len - 1, len) == decode(input + 1, len - 1, step));
	serve(input + 1, len - 1, 16 * step);
	return 0;
}
