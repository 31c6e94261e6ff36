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

struct rig *rig_new(const char *chip, bool ready)
{
	struct far_sim_nor_config nor = { .size = RIG_FLASH };
	struct far_sim_esp_config esp = { .chip = chip, .in_loader = true };
	struct rig *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->chip = chip;
	r->nor = far_sim_nor_new(&nor);
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
	if (strcmp(chip, "esp8266") == 0)
		rig_begin(r, 0x02, 0, 0, 0x400, 0);
	else
		rig_words(r, 0x0D, 2, 0u, 0u);
	rig_wait(r, 50 * RIG_MS);
	rig_flush(r);
	return r;
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

void rig_upload(struct rig *r, uint32_t addr, uint32_t entry)
{
	uint8_t code[0x1900];

	rig_pattern(code, sizeof(code), 3);
	rig_words(r, 0x05, 4, (uint32_t)sizeof(code), 2u, 0x1800u, addr);
	rig_expect(r, 0x05, 0, 0, 0);
	rig_block(r, 0x07, 0, code, 0x1800, 0);
	rig_expect(r, 0x07, 0, 0, 0);
	rig_block(r, 0x07, 1, code + 0x1800, 0x100, 0);
	rig_expect(r, 0x07, 0, 0, 0);
	rig_words(r, 0x06, 2, 0u, entry);
	rig_expect(r, 0x06, 0, 0, 0);
}

struct rig *rig_new_stub(const char *chip)
{
	/* Inside each chip's instruction RAM. */
	uint32_t addr = strcmp(chip, "esp32") == 0 ? 0x400A8000u : 0x40028000u;
	struct rig *r = rig_new(chip, true);
	struct reply greeting;

	if (strcmp(chip, "esp8266") == 0)
		addr = 0x4010C500u;
	rig_upload(r, addr, addr + 4);
	assert_true(rig_raw_reply(r, &greeting));
	assert_int_equal(greeting.len, 4);
	assert_memory_equal(greeting.bytes, "OHAI", 4);
	return r;
}

void rig_begin(struct rig *r, uint8_t op, uint32_t size, uint32_t blocks, uint32_t block,
	       uint32_t offset)
{
	/* The S2's ROM wants a fifth word: encrypt or not. */
	bool five = strcmp(r->chip, "esp32s2") == 0 && strcmp(far_sim_esp_mode(r->esp), "rom") == 0;

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
