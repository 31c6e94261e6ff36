/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stream above any UART: bytes in by interrupt through a ring, bytes out by polling. Nothing
 * that was received is thrown away here: when the ring is full the receiver is left alone, so that
 * a line with flow control waits, and on one without it the device counts the overrun.
 */
#include "port/baremetal/baremetal.h"

#define BITS_PER_BYTE 10u /* with start and stop */
#define US_PER_S      1000000u
#define ROOM_SLACK_US 1000u
#define FIFO_MAX      256u /* no transmitter holds more */

static struct far_bare_uart *self_of(struct far_stream *s)
{
	return (struct far_bare_uart *)(void *)s;
}

static bool has_bytes(void *ctx)
{
	const struct far_bare_uart *u = ctx;

	return u->_state.head != u->_state.tail;
}

bool far_bare_uart_received(struct far_bare_uart *u, uint8_t byte)
{
	uint32_t head = u->_state.head;

	u->_state.ring[head % FAR_BARE_RING] = byte;
	u->_state.head = ++head;
	if (head - u->_state.tail < FAR_BARE_RING)
		return true;
	u->_state.stopped = true;
	u->_state.ops->listen(u, false);
	return false;
}

static bool is_end(uint8_t key)
{
	return key == '\r' || key == '\n';
}

/*
 * The byte is out of the ring before its place is free; then the receiver may go on, unless the
 * handler has filled the ring again since: whoever takes next will see to it. Of a console one line
 * at a time is taken: what was typed ahead is echoed when its turn comes.
 */
static size_t take(struct far_bare_uart *u, uint8_t *buf, size_t cap)
{
	bool line = false;
	size_t n = 0;
	uint32_t key;

	for (; n < cap && !line && u->_state.head != u->_state.tail; n++) {
		buf[n] = u->_state.ring[u->_state.tail % FAR_BARE_RING];
		u->_state.tail++;
		line = u->_state.console && is_end(buf[n]);
	}
	if (!u->_state.stopped)
		return n;
	key = far_cpu_mask();
	if (u->_state.head - u->_state.tail < FAR_BARE_RING) {
		u->_state.stopped = false;
		u->_state.ops->listen(u, true);
	}
	far_cpu_restore(key);
	return n;
}

/* Within a bound: a transmitter that takes nothing any more is broken. */
static int put(struct far_bare_uart *u, uint8_t byte)
{
	uint64_t limit = 0;

	while (!u->_state.ops->put(u, byte)) {
		uint64_t now = far_cpu_now_us();

		if (limit == 0)
			limit = now + u->sent_limit_us;
		else if (now > limit)
			return FAR_ERR_TIMEOUT;
	}
	return FAR_OK;
}

static int put_text(struct far_bare_uart *u, const char *text)
{
	int err = FAR_OK;

	while (*text != '\0' && !err)
		err = put(u, (uint8_t)*text++);
	return err;
}

/* What a terminal in line mode would show for a key. */
static void echo(struct far_bare_uart *u, uint8_t key)
{
	if (is_end(key)) {
		u->_state.at = 0;
		(void)put_text(u, "\r\n");
	} else if (key == '\b' || key == 0x7f) {
		if (u->_state.at > 0) {
			u->_state.at--;
			(void)put_text(u, "\b \b");
		}
	} else if (key >= 0x20) {
		u->_state.at++;
		(void)put(u, key);
	}
}

static int uart_read(struct far_stream *s, uint8_t *buf, size_t cap, uint32_t timeout_ms)
{
	struct far_bare_uart *u = self_of(s);
	size_t n;

	if (u->_state.ops->listen == NULL) {
		s->ops->drain(s);
		far_bare_clock.ops->sleep_ms(&far_bare_clock, timeout_ms);
		return 0;
	}
	if (timeout_ms > 0)
		(void)far_bare_wait(has_bytes, u, timeout_ms);
	n = take(u, buf, cap);
	for (size_t i = 0; u->_state.console && i < n; i++)
		echo(u, buf[i]);
	return (int)n;
}

static int uart_write(struct far_stream *s, const uint8_t *buf, size_t len)
{
	struct far_bare_uart *u = self_of(s);
	int err = FAR_OK;

	for (size_t i = 0; i < len && !err; i++) {
		if (u->_state.console && buf[i] == '\n')
			err = put(u, '\r');
		if (!err)
			err = put(u, buf[i]);
	}
	return err;
}

static int uart_drain(struct far_stream *s)
{
	struct far_bare_uart *u = self_of(s);
	uint64_t limit = far_cpu_now_us() + (uint64_t)u->sent_limit_us * FIFO_MAX;

	while (!u->_state.ops->is_sent(u)) {
		if (far_cpu_now_us() > limit)
			return FAR_ERR_TIMEOUT;
	}
	return FAR_OK;
}

static void set_rate(struct far_bare_uart *u, uint32_t baud)
{
	u->stream.baud = baud;
	u->sent_limit_us = BITS_PER_BYTE * US_PER_S / baud + ROOM_SLACK_US;
}

static int uart_set_baud(struct far_stream *s, uint32_t baud)
{
	struct far_bare_uart *u = self_of(s);
	int err = uart_drain(s);

	if (!err)
		err = u->_state.ops->set_baud == NULL ? FAR_ERR_NOTSUP
						      : u->_state.ops->set_baud(u, baud);
	if (!err)
		set_rate(u, baud);
	return err;
}

static int uart_set_lines(struct far_stream *s, unsigned lines)
{
	struct far_bare_uart *u = self_of(s);

	return u->_state.ops->set_lines == NULL ? FAR_ERR_NOTSUP
						: u->_state.ops->set_lines(u, lines);
}

static const struct far_stream_ops ops = {
	.read = uart_read,
	.write = uart_write,
	.drain = uart_drain,
	.set_baud = uart_set_baud,
	.set_lines = uart_set_lines,
};

void far_bare_uart_init(struct far_bare_uart *u, const struct far_bare_uart_ops *uart_ops,
			uint32_t baud, bool console)
{
	uint32_t key = far_cpu_mask();

	u->stream.ops = &ops;
	set_rate(u, baud);
	u->_state.ops = uart_ops;
	u->_state.console = console;
	u->_state.at = 0;
	u->_state.head = u->_state.tail = 0;
	u->_state.stopped = false;
	if (uart_ops->listen != NULL)
		uart_ops->listen(u, true);
	far_cpu_restore(key);
}
