/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hostile host: the virtual chip, in its ROM or with a stub, takes any bytes, never stops living
 * or says more than it can within seconds, and a reset brings it back. The first two bytes of an
 * input choose the chip and its eFuses.
 */
#include <stdlib.h>
#include <sanitizer/asan_interface.h>

#include "sim/esp/esp.h"
#include "test/fuzz/input.h"

/*
 * A chip is a third of a megabyte. The sanitizer maps and unmaps blocks of that size, which took
 * nine tenths of the time, so calloc and free of the sources under test come here (CMakeLists.txt),
 * and one such block is kept, with its guards.
 */
#undef calloc
#undef free
enum { LARGE = 0x20000, MOST = 100000 };

void *calloc(size_t n, size_t size);
void free(void *p);

static struct {
	void *block;
	size_t size;
	bool used;
} kept;

void *fuzz_calloc(size_t n, size_t size)
{
	if (n * size < LARGE)
		return calloc(n, size);
	FUZZ_ASSERT(!kept.used && (kept.block == NULL || kept.size == n * size));
	if (kept.block == NULL)
		kept.block = calloc(n, kept.size = n * size);
	FUZZ_ASSERT(kept.block != NULL);
	ASAN_UNPOISON_MEMORY_REGION(kept.block, kept.size);
	memset(kept.block, 0, kept.size);
	kept.used = true;
	return kept.block;
}

void fuzz_free(void *p)
{
	if (p == NULL || p != kept.block) {
		free(p);
		return;
	}
	ASAN_POISON_MEMORY_REGION(kept.block, kept.size);
	kept.used = false;
}

/* Half of the inputs are made frames: opcode, length, and a right checksum now and then. */
static size_t frame(struct fuzz_input *in, uint8_t *out)
{
	uint8_t data[300], head[8] = { 0 };
	size_t n = fuzz_bytes(in, data, fuzz_byte(in)), len = 0;
	uint8_t sum = 0xef;

	head[1] = fuzz_byte(in) & 0x1f;
	if (fuzz_byte(in) > 200)
		head[1] |= 0xd0;
	head[2] = (uint8_t)n;
	for (size_t i = 16; i < n; i++)
		sum ^= data[i];
	head[4] = sum;
	out[len++] = 0xc0;
	for (size_t i = 0; i < 8 + n; i++) {
		uint8_t b = i < 8 ? head[i] : data[i - 8];

		if (b == 0xc0 || b == 0xdb) {
			out[len++] = 0xdb;
			b = b == 0xc0 ? 0xdc : 0xdd;
		}
		out[len++] = b;
	}
	out[len++] = 0xc0;
	return len;
}

static struct far_sim_esp *chip;
static uint64_t now;

static void send(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		far_sim_esp_receive(chip, now += 90000, bytes[i], 115200);
}

/*
 * All that the chip says by itself within five seconds. How much of it; *synced: an answer to a
 * SYNC.
 */
static unsigned listen(bool *synced)
{
	static const uint8_t answer[] = { 0xc0, 1, 8 };
	unsigned n = 0, matched = 0;
	uint8_t byte;
	uint32_t baud;

	now += 5000000000u;
	while (n < MOST && far_sim_esp_transmit(chip, now, &byte, &baud)) {
		n++;
		matched = byte == answer[matched] ? matched + 1 : byte == answer[0];
		if (matched == sizeof(answer)) {
			*synced = true;
			matched = 0;
		}
	}
	FUZZ_ASSERT(n < MOST);
	return n;
}

static bool sync(void)
{
	static const uint8_t head[] = { 0xc0, 0, 8, 36, 0, 0, 0, 0, 0, 7, 7, 0x12, 0x20 };
	uint8_t request[sizeof(head) + 33];
	bool synced = false;

	memset(request, 0x55, sizeof(request));
	memcpy(request, head, sizeof(head));
	request[sizeof(request) - 1] = 0xc0;
	send(request, sizeof(request));
	(void)listen(&synced);
	return synced;
}

/* What makes a difference to what the loader takes. */
static void start(struct far_sim_nor *nor, struct fuzz_input *in)
{
	const char *name = far_sim_esp_chip_name(fuzz_byte(in) % 13);
	uint8_t how = fuzz_byte(in);
	struct far_sim_esp_config config = { .chip = name != NULL ? name : "esp32",
					     .nor = nor,
					     .in_loader = true,
					     .any_stub = how & 1,
					     .secure_download = (how & 6) == 6,
					     .secure_boot = how & 8,
					     .flash_crypt_count = how >> 5 };

	now = 1000000000u;
	chip = far_sim_esp_new(&config);
	FUZZ_ASSERT(chip != NULL && sync());
}

/* Held in reset, and let go with the boot strap low, it is in its loader again. */
static void comes_back(void)
{
	bool ignored;

	far_sim_esp_lines(chip, now, false, true);
	far_sim_esp_lines(chip, now, true, false);
	(void)listen(&ignored);
	FUZZ_ASSERT(sync());
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static uint8_t cells[0x10000];
	const struct far_sim_nor_config die = { .size = sizeof(cells), .memory = cells };
	struct far_sim_nor *nor = far_sim_nor_new(&die);
	struct fuzz_input in = { data, len };
	uint8_t out[700];
	bool ignored;

	FUZZ_ASSERT(nor != NULL);
	memset(cells, 0xff, sizeof(cells));
	start(nor, &in);
	while (in.left > 0) {
		send(out, fuzz_byte(&in) & 1 ? frame(&in, out) : fuzz_bytes(&in, out, 30));
		(void)listen(&ignored);
		if (fuzz_byte(&in) == 7)
			far_sim_esp_lines(chip, now, fuzz_byte(&in) & 1, fuzz_byte(&in) & 1);
	}
	comes_back();
	far_sim_esp_free(chip);
	far_sim_nor_free(nor);
	return 0;
}
