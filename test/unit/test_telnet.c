/* SPDX-License-Identifier: Apache-2.0 */
/*
 * port/linux/telnet and comport: bytes in, bytes out, whatever they are and however they are cut.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "port/linux/comport.h"

/* What a decoder made of all the input: data, and one line of bytes for each event. */
struct seen {
	uint8_t data[4096];
	size_t len;
	uint8_t events[512]; /* option: 'o' verb option; subnegotiation: 's' option len bytes */
	size_t events_len;
};

static void note(struct seen *s, const struct far_telnet *t, enum far_telnet_event event)
{
	uint8_t *e = s->events + s->events_len;

	assert_in_range(s->events_len, 0, sizeof(s->events) - 3 - FAR_TELNET_SUB_MAX);
	e[0] = event == FAR_TELNET_OPTION ? 'o' : 's';
	e[1] = event == FAR_TELNET_OPTION ? t->verb : t->option;
	e[2] = event == FAR_TELNET_OPTION ? t->option : t->len;
	s->events_len += 3;
	if (event == FAR_TELNET_SUB) {
		memcpy(e + 3, t->sub, t->len);
		s->events_len += t->len;
	}
}

/* In pieces of at most step bytes, in place as the users do it. */
static void decode(struct seen *s, const uint8_t *in, size_t len, size_t step)
{
	struct far_telnet t = { 0 };
	uint8_t buf[4096];

	memset(s, 0, sizeof(*s));
	for (size_t at = 0, used = 0, got = 0; at < len; at += used) {
		size_t n = len - at < step ? len - at : step;
		enum far_telnet_event event;

		memcpy(buf, in + at, n);
		event = far_telnet_decode(&t, buf, n, &used, buf, &got);
		assert_in_range(used, 1, n);
		assert_in_range(got, 0, used);
		memcpy(s->data + s->len, buf, got);
		s->len += got;
		if (event != FAR_TELNET_NONE)
			note(s, &t, event);
		else
			assert_int_equal(used, n);
	}
}

#define BYTES(...) ((const uint8_t[]){ __VA_ARGS__ }), sizeof((const uint8_t[]){ __VA_ARGS__ })

/* The same, whatever the pieces are. */
static void expect(const uint8_t *in, size_t len, const uint8_t *data, size_t data_len,
		   const uint8_t *events, size_t events_len)
{
	for (size_t step = 1; step <= len; step++) {
		struct seen s;

		decode(&s, in, len, step);
		assert_int_equal(s.len, data_len);
		assert_memory_equal(s.data, data, data_len);
		assert_int_equal(s.events_len, events_len);
		assert_memory_equal(s.events, events, events_len);
	}
}

static void data_passes_and_iac_is_doubled(void **state)
{
	uint8_t all[256], out[512];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (uint8_t)i;
	n = far_telnet_escape(all, sizeof(all), out);
	assert_int_equal(n, 257);
	assert_int_equal(out[255], 255);
	assert_int_equal(out[256], 255);
	expect(out, n, all, sizeof(all), NULL, 0);
	expect(BYTES(255, 255, 255, 255, 13, 0, 13, 10), BYTES(255, 255, 13, 0, 13, 10), NULL, 0);
}

static void options_are_told_in_order(void **state)
{
	uint8_t out[3];

	(void)state;
	expect(BYTES('a', 255, 251, 44, 'b', 255, 254, 255, 255, 252, 0, 255, 253, 3),
	       BYTES('a', 'b'), BYTES('o', 251, 44, 'o', 254, 255, 'o', 252, 0, 'o', 253, 3));
	assert_int_equal(far_telnet_option(FAR_TELNET_DO, 44, out), 3);
	assert_memory_equal(out, "\xff\xfd\x2c", 3);
}

static void subnegotiations_are_told_whole(void **state)
{
	uint8_t out[64];
	size_t n = far_telnet_sub(44, BYTES(1, 255, 240, 250), out);

	(void)state;
	assert_int_equal(n, 10);
	assert_memory_equal(out, "\xff\xfa\x2c\x01\xff\xff\xf0\xfa\xff\xf0", 10);
	expect(out, n, NULL, 0, BYTES('s', 44, 4, 1, 255, 240, 250));
	/* Empty ones. */
	expect(BYTES(255, 250, 44, 255, 240, 'x'), BYTES('x'), BYTES('s', 44, 0));
}

/* Commands without parameters are no data and mean nothing here. */
static void plain_commands_are_skipped(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 255; c++) {
		uint8_t in[] = { 'a', 255, (uint8_t)c, 'b' };

		if (c >= FAR_TELNET_SB && c <= FAR_TELNET_DONT)
			continue;
		expect(in, sizeof(in), BYTES('a', 'b'), NULL, 0);
	}
}

/* The end is missing, and another command stands there. */
static void broken_subnegotiation_is_given_up(void **state)
{
	(void)state;
	expect(BYTES(255, 250, 44, 1, 2, 255, 251, 0, 'x'), BYTES('x'), BYTES('o', 251, 0));
	expect(BYTES(255, 250, 44, 1, 255, 250, 44, 7, 255, 240), NULL, 0, BYTES('s', 44, 1, 7));
	expect(BYTES(255, 250, 44, 1, 255, 241, 'x'), BYTES('x'), NULL, 0);
}

static void overlong_subnegotiation_is_skipped(void **state)
{
	uint8_t payload[FAR_TELNET_SUB_MAX + 1] = { 9 }, in[200];
	uint8_t events[3 + FAR_TELNET_SUB_MAX] = { 's', 44, FAR_TELNET_SUB_MAX, 9 };
	size_t n = far_telnet_sub(44, payload, FAR_TELNET_SUB_MAX, in);

	(void)state;
	expect(in, n, NULL, 0, events, sizeof(events));
	n = far_telnet_sub(44, payload, sizeof(payload), in);
	n += far_telnet_sub(44, BYTES(5), in + n);
	expect(in, n, NULL, 0, BYTES('s', 44, 1, 5));
}

static void any_bytes_whatsoever(void **state)
{
	static const uint8_t likely[] = { 255, 255, 250, 240, 44, 251, 253, 0, 'a' };
	uint8_t in[300];

	(void)state;
	srand(1);
	for (unsigned round = 0; round < 2000; round++) {
		struct seen whole, cut;

		for (size_t i = 0; i < sizeof(in); i++)
			in[i] = rand() % 4 ? likely[(unsigned)rand() % sizeof(likely)]
					   : (uint8_t)rand();
		decode(&whole, in, sizeof(in) / (round % 3 + 1), sizeof(in));
		decode(&cut, in, sizeof(in) / (round % 3 + 1), 1 + round % 7);
		assert_memory_equal(&whole, &cut, sizeof(cut));
	}
}

static void comport_commands(void **state)
{
	struct far_telnet t = { 0 };
	uint8_t out[FAR_COMPORT_MAX];
	uint32_t rate = 0;
	size_t used, got;

	(void)state;
	assert_int_equal(far_comport_byte(FAR_COMPORT_CONTROL, FAR_COMPORT_DTR_ON, out), 7);
	assert_memory_equal(out, "\xff\xfa\x2c\x05\x08\xff\xf0", 7);
	assert_int_equal(far_comport_rate(FAR_COMPORT_RATE, 921600, out), 10);
	assert_memory_equal(out, "\xff\xfa\x2c\x01\x00\x0e\x10\x00\xff\xf0", 10);
	assert_int_equal(far_telnet_decode(&t, out, 10, &used, out, &got), FAR_TELNET_SUB);
	assert_true(far_comport_get_rate(&t, &rate));
	assert_int_equal(rate, 921600);
	t.len = 4;
	assert_false(far_comport_get_rate(&t, &rate));
	/* The worst case fits. */
	assert_int_equal(far_comport_rate(255, 0xFFFFFFFF, out), FAR_COMPORT_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_passes_and_iac_is_doubled),
		cmocka_unit_test(options_are_told_in_order),
		cmocka_unit_test(subnegotiations_are_told_whole),
		cmocka_unit_test(plain_commands_are_skipped),
		cmocka_unit_test(broken_subnegotiation_is_given_up),
		cmocka_unit_test(overlong_subnegotiation_is_skipped),
		cmocka_unit_test(any_bytes_whatsoever),
		cmocka_unit_test(comport_commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
