/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Telnet (RFC 854, 855), binary both ways (RFC 856), and of the COM-PORT-OPTION (RFC 2217) what a
 * flasher needs: rate, DTR, RTS. What the far end confirms is dropped, what else it offers is
 * declined.
 */
#include <stdbool.h>

#include "port/baremetal/comport.h"

#define IAC  255u
#define DONT 254u
#define DO   253u
#define WONT 252u
#define WILL 251u
#define SB   250u
#define SE   240u

#define BINARY   0u
#define SUPPRESS 3u /* no go-aheads */
#define COMPORT  44u

#define SET_BAUD    1u
#define SET_CONTROL 5u
#define DTR_ON      8u
#define DTR_OFF     9u
#define RTS_ON      11u
#define RTS_OFF     12u

enum state { DATA, COMMAND, OFFER, SUB, SUB_COMMAND };

static struct far_bare_comport *self_of(struct far_stream *s)
{
	return (struct far_bare_comport *)(void *)s;
}

static int put(struct far_bare_comport *c, const uint8_t *bytes, size_t len)
{
	struct far_stream *line = c->_state.line;

	return line->ops->write(line, bytes, len);
}

/*
 * To an offer of what this side has not asked for: no. One that answers this side needs no answer.
 */
static void decline(struct far_bare_comport *c, uint8_t option)
{
	const uint8_t no[3] = { IAC, c->_state.verb == DO ? WONT : DONT, option };

	if (option == BINARY || option == SUPPRESS || option == COMPORT)
		return;
	if (c->_state.verb == DO || c->_state.verb == WILL)
		(void)put(c, no, sizeof(no));
}

/* One byte from the line. True: it is data. */
static bool take(struct far_bare_comport *c, uint8_t byte)
{
	switch ((enum state)c->_state.state) {
	case DATA:
		if (byte == IAC)
			c->_state.state = COMMAND;
		return byte != IAC;
	case COMMAND:
		c->_state.verb = byte;
		c->_state.state = DATA;
		if (byte == SB)
			c->_state.state = SUB;
		else if (byte >= WILL && byte <= DONT)
			c->_state.state = OFFER;
		return byte == IAC;
	case OFFER:
		c->_state.state = DATA;
		decline(c, byte);
		return false;
	case SUB:
		if (byte == IAC)
			c->_state.state = SUB_COMMAND;
		return false;
	case SUB_COMMAND:
		c->_state.state = byte == SE ? DATA : SUB;
		return false;
	}
	return false;
}

/* What comes may be all commands: then the wait goes on for what is left of it. */
static int comport_read(struct far_stream *s, uint8_t *buf, size_t cap, uint32_t timeout_ms)
{
	struct far_bare_comport *c = self_of(s);
	struct far_stream *line = c->_state.line;
	struct far_clock *clock = c->_state.clock;
	uint32_t began = clock->ops->now_ms(clock), spent = 0;
	int n = 0, got;

	do {
		got = line->ops->read(line, buf, cap, timeout_ms - spent);
		for (int at = 0; at < got; at++) {
			if (take(c, buf[at]))
				buf[n++] = buf[at];
		}
		spent = clock->ops->now_ms(clock) - began;
	} while (got > 0 && n == 0 && spent < timeout_ms);
	return got < 0 ? got : n;
}

static int comport_write(struct far_stream *s, const uint8_t *buf, size_t len)
{
	static const uint8_t escaped[2] = { IAC, IAC };
	struct far_bare_comport *c = self_of(s);
	int err = FAR_OK;

	while (len > 0 && !err) {
		size_t plain = 0;

		while (plain < len && buf[plain] != IAC)
			plain++;
		if (plain > 0)
			err = put(c, buf, plain);
		if (!err && plain < len) {
			err = put(c, escaped, sizeof(escaped));
			plain++;
		}
		buf += plain;
		len -= plain;
	}
	return err;
}

static int comport_drain(struct far_stream *s)
{
	struct far_stream *line = self_of(s)->_state.line;

	return line->ops->drain(line);
}

/* The rate's bytes, highest first; one that is IAC is doubled like any other. */
static int comport_set_baud(struct far_stream *s, uint32_t baud)
{
	static const uint8_t head[4] = { IAC, SB, COMPORT, SET_BAUD }, tail[2] = { IAC, SE };
	const uint8_t rate[4] = { (uint8_t)(baud >> 24), (uint8_t)(baud >> 16),
				  (uint8_t)(baud >> 8), (uint8_t)baud };
	struct far_bare_comport *c = self_of(s);
	int err = put(c, head, sizeof(head));

	if (!err)
		err = comport_write(s, rate, sizeof(rate));
	if (!err)
		err = put(c, tail, sizeof(tail));
	if (!err)
		s->baud = baud;
	return err ? err : comport_drain(s);
}

static int control(struct far_bare_comport *c, unsigned value)
{
	const uint8_t command[] = { IAC, SB, COMPORT, SET_CONTROL, (uint8_t)value, IAC, SE };

	return put(c, command, sizeof(command));
}

/*
 * One after the other, asserting first: in between are both asserted, or what was is still, and
 * neither pulls the chip's boot strap or reset by itself.
 */
static int comport_set_lines(struct far_stream *s, unsigned lines)
{
	struct far_bare_comport *c = self_of(s);
	unsigned dtr = lines & FAR_LINE_DTR ? DTR_ON : DTR_OFF;
	unsigned rts = lines & FAR_LINE_RTS ? RTS_ON : RTS_OFF;
	int err = control(c, dtr == DTR_ON ? dtr : rts);

	if (!err)
		err = control(c, dtr == DTR_ON ? rts : dtr);
	return err ? err : comport_drain(s);
}

static const struct far_stream_ops ops = {
	.read = comport_read,
	.write = comport_write,
	.drain = comport_drain,
	.set_baud = comport_set_baud,
	.set_lines = comport_set_lines,
};

int far_bare_comport_init(struct far_bare_comport *c, struct far_stream *line,
			  struct far_clock *clock, uint32_t baud)
{
	static const uint8_t greeting[] = { IAC,    WILL,     COMPORT, IAC,    WILL,
					    BINARY, IAC,      DO,      BINARY, IAC,
					    WILL,   SUPPRESS, IAC,     DO,     SUPPRESS };
	int err;

	c->stream.ops = &ops;
	c->stream.baud = baud;
	c->_state.line = line;
	c->_state.clock = clock;
	c->_state.state = DATA;
	err = put(c, greeting, sizeof(greeting));
	return err ? err : comport_set_baud(&c->stream, baud);
}
