/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "sim_esp_rig.h"

uint32_t rig_le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put_le32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

/* Let the chip send until t. */
static void collect(struct rig *r, uint64_t t)
{
	for (;;) {
		uint64_t next = far_sim_esp_next_ns(r->esp);
		uint8_t byte;
		uint32_t baud;

		if (next < r->tx_free)
			next = r->tx_free;
		if (next < r->now)
			next = r->now;
		if (next > t)
			break;
		r->now = next;
		if (!far_sim_esp_transmit(r->esp, r->now, &byte, &baud))
			continue;
		assert_true(r->out_len < RIG_OUT);
		r->out[r->out_len] = byte;
		r->out_baud[r->out_len++] = baud;
		r->tx_free = r->now + 10000000000ull / baud;
	}
	r->now = t;
}

void rig_wait(struct rig *r, uint64_t ns)
{
	collect(r, r->now + ns);
}

struct rig *rig_new_config(const struct far_sim_esp_config *config, bool ready)
{
	struct far_sim_nor_config nor = { .size = RIG_FLASH };
	struct far_sim_esp_config esp = *config;
	struct rig *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->chip = esp.chip;
	r->nor = esp.nor ? esp.nor : far_sim_nor_new(&nor);
	assert_non_null(r->nor);
	esp.nor = r->nor;
	r->esp = far_sim_esp_new(&esp);
	assert_non_null(r->esp);
	r->out = calloc(1, RIG_OUT + 1);
	r->out_baud = calloc(RIG_OUT, sizeof(*r->out_baud));
	assert_non_null(r->out);
	assert_non_null(r->out_baud);
	r->baud = 115200;
	if (!ready)
		return r;
	rig_wait(r, 50 * RIG_MS); /* boot text */
	rig_flush(r);
	rig_sync(r);
	if (strcmp(r->chip, "esp8266") == 0)
		rig_begin(r, 0x02, 0, 0, 0x400, 0);
	else
		rig_words(r, 0x0D, 2, 0u, 0u);
	rig_wait(r, 50 * RIG_MS);
	rig_flush(r);
	return r;
}

struct rig *rig_new(const char *chip, bool ready)
{
	struct far_sim_esp_config config = { .chip = chip, .in_loader = true };

	return rig_new_config(&config, ready);
}

void rig_free(struct rig *r)
{
	far_sim_esp_free(r->esp);
	far_sim_nor_free(r->nor);
	free(r->out);
	free(r->out_baud);
	free(r);
}

void rig_raw(struct rig *r, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		collect(r, r->now + 10000000000ull / r->baud);
		far_sim_esp_receive(r->esp, r->now, bytes[i], r->baud);
	}
}

void rig_frame(struct rig *r, const uint8_t *bytes, size_t len)
{
	static const uint8_t end = 0xC0, esc_end[] = { 0xDB, 0xDC }, esc_esc[] = { 0xDB, 0xDD };

	rig_raw(r, &end, 1);
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == 0xC0)
			rig_raw(r, esc_end, 2);
		else if (bytes[i] == 0xDB)
			rig_raw(r, esc_esc, 2);
		else
			rig_raw(r, bytes + i, 1);
	}
	rig_raw(r, &end, 1);
}

void rig_command(struct rig *r, uint8_t op, const void *data, size_t len, uint32_t checksum)
{
	uint8_t *frame = calloc(1, 8 + len);

	assert_non_null(frame);
	frame[1] = op;
	frame[2] = (uint8_t)len;
	frame[3] = (uint8_t)(len >> 8);
	put_le32(frame + 4, checksum);
	if (len)
		memcpy(frame + 8, data, len);
	rig_frame(r, frame, 8 + len);
	free(frame);
}

void rig_words(struct rig *r, uint8_t op, size_t count, ...)
{
	uint8_t data[64];
	va_list words;

	assert_true(count <= 16);
	va_start(words, count);
	for (size_t i = 0; i < count; i++)
		put_le32(data + 4 * i, va_arg(words, uint32_t));
	va_end(words);
	rig_command(r, op, data, 4 * count, 0);
}

void rig_block(struct rig *r, uint8_t op, uint32_t seq, const uint8_t *data, uint32_t len,
	       uint32_t bad)
{
	uint8_t *body = calloc(1, 16 + len);
	uint8_t sum = 0xEF;

	assert_non_null(body);
	put_le32(body, len);
	put_le32(body + 4, seq);
	memcpy(body + 16, data, len);
	for (uint32_t i = 0; i < len; i++)
		sum ^= data[i];
	rig_command(r, op, body, 16 + len, sum ^ bad);
	free(body);
}

/* One frame out of what has come; false: not complete yet. */
static bool take_frame(struct rig *r, struct reply *reply)
{
	size_t at = r->out_pos;

	while (at < r->out_len && r->out[at] != 0xC0)
		at++;
	reply->len = 0;
	for (at++; at < r->out_len; at++) {
		uint8_t byte = r->out[at];

		if (byte == 0xC0 && reply->len == 0)
			continue;
		if (byte == 0xC0) {
			r->out_pos = at + 1;
			return true;
		}
		if (byte == 0xDB) {
			if (++at == r->out_len)
				return false;
			assert_true(r->out[at] == 0xDC || r->out[at] == 0xDD);
			byte = r->out[at] == 0xDC ? 0xC0 : 0xDB;
		}
		assert_true(reply->len < RIG_REPLY);
		reply->bytes[reply->len++] = byte;
	}
	return false;
}

bool rig_raw_reply(struct rig *r, struct reply *reply)
{
	uint64_t deadline = r->now + RIG_PATIENCE;

	memset(reply, 0, sizeof(*reply));
	while (!take_frame(r, reply)) {
		uint64_t next = far_sim_esp_next_ns(r->esp);

		if (next < r->tx_free)
			next = r->tx_free;
		if (next > deadline)
			return false;
		collect(r, next > r->now ? next : r->now);
	}
	return true;
}

void rig_reply(struct rig *r, struct reply *reply)
{
	assert_true(rig_raw_reply(r, reply));
	assert_true(reply->len >= 8);
	assert_int_equal(reply->bytes[0], 1);
	reply->op = reply->bytes[1];
	reply->size = (uint16_t)(reply->bytes[2] | reply->bytes[3] << 8);
	reply->value = rig_le32(reply->bytes + 4);
	reply->data = reply->bytes + 8;
	assert_int_equal(reply->size, reply->len - 8);
}

void rig_expect(struct rig *r, uint8_t op, size_t payload, uint8_t status, uint8_t error)
{
	struct reply reply;

	rig_reply(r, &reply);
	assert_int_equal(reply.op, op);
	assert_true(reply.size >= payload + 2);
	assert_int_equal(reply.data[payload], status);
	if (status != 0)
		assert_int_equal(reply.data[payload + 1], error);
}

void rig_silence(struct rig *r, uint64_t ns)
{
	size_t before = r->out_len;

	rig_wait(r, ns);
	assert_int_equal(r->out_len, before);
}

void rig_flush(struct rig *r)
{
	r->out_len = 0;
	r->out_pos = 0;
}

const char *rig_text(struct rig *r)
{
	r->out[r->out_len] = 0;
	return (const char *)r->out;
}

void rig_sync(struct rig *r)
{
	uint8_t data[36] = { 0x07, 0x07, 0x12, 0x20 };

	memset(data + 4, 0x55, 32);
	rig_command(r, 0x08, data, sizeof(data), 0);
	for (int i = 0; i < 8; i++)
		rig_expect(r, 0x08, 0, 0, 0);
}

uint32_t rig_read_reg(struct rig *r, uint32_t addr)
{
	struct reply reply;

	rig_words(r, 0x0A, 1, addr);
	rig_reply(r, &reply);
	assert_int_equal(reply.op, 0x0A);
	assert_int_equal(reply.data[0], 0);
	return reply.value;
}

void rig_write_reg(struct rig *r, uint32_t addr, uint32_t value)
{
	rig_words(r, 0x09, 4, addr, value, 0xFFFFFFFFu, 0u);
	rig_expect(r, 0x09, 0, 0, 0);
}

void rig_upload(struct rig *r, uint32_t addr, uint32_t len, uint32_t entry)
{
	uint8_t code[0x1800];
	uint32_t blocks = (len + 0x17FF) / 0x1800;

	rig_pattern(code, sizeof(code), 3);
	rig_words(r, 0x05, 4, len, blocks, (uint32_t)sizeof(code), addr);
	rig_expect(r, 0x05, 0, 0, 0);
	for (uint32_t i = 0; i < blocks; i++) {
		uint32_t left = len - i * (uint32_t)sizeof(code);

		rig_block(r, 0x07, i, code, left < sizeof(code) ? left : (uint32_t)sizeof(code), 0);
		rig_expect(r, 0x07, 0, 0, 0);
	}
	rig_words(r, 0x06, 2, 0u, entry);
	rig_expect(r, 0x06, 0, 0, 0);
}

void rig_ohai(struct rig *r)
{
	struct reply greeting;

	assert_true(rig_raw_reply(r, &greeting));
	assert_int_equal(greeting.len, 4);
	assert_memory_equal(greeting.bytes, "OHAI", 4);
	assert_string_equal(far_sim_esp_mode(r->esp), "stub");
}

uint32_t rig_image(struct rig *r, uint32_t offset, uint16_t chip_id, uint32_t len)
{
	bool first = strcmp(r->chip, "esp8266") == 0;
	uint32_t header = first ? 8 : 24, whole = (header + 8 + len) / 16 * 16 + 16;
	uint8_t *image = calloc(1, whole), sum = 0xEF;

	assert_non_null(image);
	/* Magic, segments, DIO, 4 MiB at 80 MHz, entry. */
	memcpy(image, (const uint8_t[]){ 0xE9, 1, 2, 0x2F }, 4);
	put_le32(image + 4, 0x4008079C);
	if (!first)
		memcpy(image + 12, (const uint8_t[]){ (uint8_t)chip_id, (uint8_t)(chip_id >> 8) },
		       2);
	put_le32(image + header, 0x3FFF0030);
	put_le32(image + header + 4, len);
	rig_pattern(image + header + 8, len, 5);
	for (uint32_t i = 0; i < len; i++)
		sum ^= image[header + 8 + i];
	image[whole - 1] = sum;
	rig_poke(r, offset, image, whole);
	free(image);
	return whole;
}

const struct rig_stub *rig_stub(const char *chip)
{
	static const struct rig_stub stubs[] = {
		{ "esp8266", 0x4010C500, 11456, 0x4010C504 },
		{ "esp32", 0x400A8000, 6456, 0x400A902C },
		{ "esp32s2", 0x40028000, 6600, 0x400290A4 },
		{ "esp32s3", 0x40378000, 7832, 0x40379524 },
		{ "esp32c2", 0x40380000, 5816, 0x40380F90 },
		{ "esp32c3", 0x40380000, 5880, 0x40380E9A },
		{ "esp32c5", 0x40800000, 8028, 0x408015D2 },
		{ "esp32c6", 0x40800000, 6900, 0x408011BC },
		{ "esp32c61", 0x40800000, 6552, 0x40801130 },
		{ "esp32h2", 0x40800000, 5864, 0x40800E92 },
		{ "esp32p4", 0x4FF50000, 8176, 0x4FF51456 },
		{ "esp32p4-rev1", 0x4FF10000, 8176, 0x4FF11456 },
	};

	for (size_t i = 0; i < sizeof(stubs) / sizeof(stubs[0]); i++) {
		if (strcmp(stubs[i].chip, chip) == 0)
			return &stubs[i];
	}
	return NULL;
}

struct rig *rig_new_stub_config(const struct far_sim_esp_config *config)
{
	struct rig *r = rig_new_config(config, true);
	const struct rig_stub *s = rig_stub(config->chip);

	assert_non_null(s);
	rig_upload(r, s->text, s->text_len, s->entry);
	rig_ohai(r);
	return r;
}

struct rig *rig_new_stub(const char *chip)
{
	struct far_sim_esp_config config = { .chip = chip, .in_loader = true };

	return rig_new_stub_config(&config);
}

void rig_begin(struct rig *r, uint8_t op, uint32_t size, uint32_t blocks, uint32_t block,
	       uint32_t offset)
{
	/* From the S2 on the ROM wants a fifth word: encrypt or not. */
	bool first = strcmp(r->chip, "esp8266") == 0 || strcmp(r->chip, "esp32") == 0;
	bool five = !first && strcmp(far_sim_esp_mode(r->esp), "rom") == 0;

	rig_words(r, op, five ? 5 : 4, size, blocks, block, offset, 0u);
}

void rig_pattern(uint8_t *buf, size_t len, unsigned seed)
{
	uint32_t x = seed * 2654435761u + 12345u;

	for (size_t i = 0; i < len; i++) {
		x = x * 1664525u + 1013904223u;
		buf[i] = (uint8_t)(x >> 24);
		if (buf[i] == 0xFF)
			buf[i] = 0xC0; /* and some that need an escape */
	}
}

const uint8_t *rig_flash(const struct rig *r)
{
	return far_sim_nor_memory(r->nor);
}

static void poke_page(struct rig *r, uint32_t addr, const uint8_t *bytes, size_t len)
{
	uint8_t frame[4 + 256] = { 0x06 };

	far_sim_nor_frame(r->nor, r->now, frame, 1, NULL, 0);
	frame[0] = 0x02;
	frame[1] = (uint8_t)(addr >> 16);
	frame[2] = (uint8_t)(addr >> 8);
	frame[3] = (uint8_t)addr;
	memcpy(frame + 4, bytes, len);
	far_sim_nor_frame(r->nor, r->now, frame, 4 + len, NULL, 0);
	rig_wait(r, far_sim_nor_busy_until_ns(r->nor) - r->now);
}

void rig_poke(struct rig *r, uint32_t addr, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		size_t n = 256 - addr % 256;

		if (n > len)
			n = len;
		poke_page(r, addr, bytes, n);
		addr += (uint32_t)n;
		bytes += n;
		len -= n;
	}
}

void rig_protect(struct rig *r, bool for_good)
{
	const uint8_t wren = 0x06, protect[] = { 0x01, 0x1C, for_good ? 0x01 : 0x00 };

	far_sim_nor_frame(r->nor, r->now, &wren, 1, NULL, 0);
	far_sim_nor_frame(r->nor, r->now, protect, sizeof(protect), NULL, 0);
	rig_wait(r, 100 * RIG_MS);
}

bool rig_is_blank(const struct rig *r, uint32_t addr, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++) {
		if (rig_flash(r)[addr + i] != 0xFF)
			return false;
	}
	return true;
}
