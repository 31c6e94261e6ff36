/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>

#include "test/common/script_stream.h"

enum { CALLS_MAX = 1000000 }; /* whoever calls so often will never stop */

static struct script_stream *of_stream(struct far_stream *s)
{
	return (struct script_stream *)s;
}

static int fails(struct script_stream *s)
{
	if (++s->calls > CALLS_MAX)
		fail_msg("%d calls, and no end", (int)CALLS_MAX);
	return s->fail_at != 0 && s->calls >= s->fail_at;
}

/* When does the next byte arrive? 0: never, *at is not set. */
static int next_at(const struct script_stream *s, uint32_t *at)
{
	if (s->in_pos < s->in_len)
		*at = s->in_ms[s->in_pos];
	else if (s->noise_ms > 0)
		*at = s->noise_from + (s->noise_count + 1) * s->noise_ms;
	else
		return 0;
	return 1;
}

static uint8_t take(struct script_stream *s)
{
	return s->in_pos < s->in_len ? s->in[s->in_pos++] : s->noise(s->noise_count++);
}

static int script_read(struct far_stream *stream, uint8_t *buf, size_t cap, uint32_t timeout_ms)
{
	struct script_stream *s = of_stream(stream);
	uint32_t at, wait;
	int n = 0;

	assert_non_null(buf);
	assert_true(cap > 0);
	if (fails(s))
		return s->fail_err;
	if (s->cut > 0 && cap > s->cut)
		cap = s->cut;
	if (!next_at(s, &at)) {
		s->now_ms += timeout_ms;
		return 0;
	}
	wait = at - s->now_ms;
	if ((int32_t)wait > 0) { /* negative: it is here already */
		s->now_ms += wait < timeout_ms ? wait : timeout_ms;
		if (wait > timeout_ms)
			return 0;
	}
	while ((size_t)n < cap && next_at(s, &at) && (int32_t)(at - s->now_ms) <= 0)
		buf[n++] = take(s);
	s->now_ms += s->read_ms;
	return n;
}

static int script_write(struct far_stream *stream, const uint8_t *buf, size_t len)
{
	struct script_stream *s = of_stream(stream);

	assert_non_null(buf);
	assert_true(len > 0 && len <= sizeof(s->out) - s->out_len);
	if (fails(s))
		return s->fail_err;
	memcpy(s->out + s->out_len, buf, len);
	s->out_len += len;
	s->writes++;
	return FAR_OK;
}

static int script_drain(struct far_stream *stream)
{
	struct script_stream *s = of_stream(stream);

	return fails(s) ? s->fail_err : FAR_OK;
}

static uint32_t script_now(struct far_clock *c)
{
	char *base = (char *)c - offsetof(struct script_stream, clock);

	return ((struct script_stream *)(void *)base)->now_ms;
}

static void script_sleep(struct far_clock *c, uint32_t ms)
{
	char *base = (char *)c - offsetof(struct script_stream, clock);

	((struct script_stream *)(void *)base)->now_ms += ms;
}

void script_open(struct script_stream *s)
{
	static const struct far_stream_ops stream_ops = { .read = script_read,
							  .write = script_write,
							  .drain = script_drain };
	static const struct far_clock_ops clock_ops = { .now_ms = script_now,
							.sleep_ms = script_sleep };

	memset(s, 0, sizeof(*s));
	s->stream.ops = &stream_ops;
	s->stream.baud = 115200;
	s->clock.ops = &clock_ops;
}

void script_feed(struct script_stream *s, uint32_t delay_ms, const uint8_t *data, size_t len)
{
	uint32_t at = delay_ms + (s->in_len > 0 ? s->in_ms[s->in_len - 1] : s->now_ms);

	assert_true(len <= sizeof(s->in) - s->in_len);
	for (size_t i = 0; i < len; i++) {
		s->in[s->in_len] = data[i];
		s->in_ms[s->in_len++] = at;
	}
}

size_t script_frame(const uint8_t *payload, size_t len, uint8_t *to)
{
	size_t n = 0;

	to[n++] = 0xC0;
	for (size_t i = 0; i < len; i++) {
		bool special = payload[i] == 0xC0 || payload[i] == 0xDB;

		if (special)
			to[n++] = 0xDB;
		to[n++] = !special ? payload[i] : payload[i] == 0xC0 ? 0xDC : 0xDD;
	}
	to[n++] = 0xC0;
	return n;
}
