/* SPDX-License-Identifier: Apache-2.0 */
/* A hostile host: the virtual chip, in its ROM or with a stub, takes any bytes and never stops living. */
#include "sim/esp/esp.h"
#include "test/fuzz/input.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const uint8_t sync[] = { 0xc0, 0, 8, 36, 0, 0, 0, 0, 0, 7, 7, 0x12, 0x20 };
	struct fuzz_input in = { data, len };
	static uint8_t cells[0x10000];
	const struct far_sim_nor_config die = { .size = sizeof(cells), .memory = cells };
	const char *name = far_sim_esp_chip_name(fuzz_byte(&in) % 11);
	struct far_sim_esp_config config = { .chip = name != NULL ? name : "esp32",
					     .nor = far_sim_nor_new(&die),
					     .in_loader = true };
	struct far_sim_esp *chip = far_sim_esp_new(&config);
	uint8_t out[700], byte;
	uint32_t baud;
	uint64_t now = 1000000000u;
	unsigned answers = 0;

	FUZZ_ASSERT(chip != NULL);
	memset(cells, 0xff, sizeof(cells));
	for (size_t i = 0; i < sizeof(sync) + 33; i++)
		far_sim_esp_receive(chip, now,
				    i < sizeof(sync)        ? sync[i]
				    : i < sizeof(sync) + 32 ? 0x55
							    : 0xc0,
				    115200);
	while (in.left > 0) {
		size_t n = fuzz_byte(&in) & 1 ? frame(&in, out) : fuzz_bytes(&in, out, 30);

		for (size_t i = 0; i < n; i++)
			far_sim_esp_receive(chip, now += 90000, out[i], 115200);
		now += 5000000000u;
		for (unsigned k = 0; k < 100000 && far_sim_esp_transmit(chip, now, &byte, &baud);
		     k++)
			answers++;
		if (fuzz_byte(&in) == 7)
			far_sim_esp_lines(chip, now, fuzz_byte(&in) & 1, fuzz_byte(&in) & 1);
	}
	FUZZ_ASSERT(answers <= 100000u * (len + 1));
	far_sim_esp_free(chip);
	far_sim_nor_free(config.nor);
	return 0;
}
