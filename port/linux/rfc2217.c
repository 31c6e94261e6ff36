/* SPDX-License-Identifier: Apache-2.0 */
#include "port/linux/rfc2217.h"

#include <errno.h>
#include <string.h>

#include "port/linux/comport.h"
#include "port/linux/internal.h"

#define ANSWER_MS     3000u
#define GRACE_MS      200u /* for an answer that comes after that to a later question */
#define SUSPEND_MS    5000u
#define NS_PER_S      INT64_C(1000000000)
#define BITS_PER_BYTE 10
/* As with a port of our own: see termios2.c. */
#define TOLERANCE_PERCENT 3u

enum { ON = 1, OPEN = 0, OFF = -1 };

static struct far_linux_rfc2217 *self_of(struct far_stream *st)
{
	return (struct far_linux_rfc2217 *)(void *)st;
}

/* ---- what the server says -------------------------------------------------------------------- */

static int say(struct far_linux_rfc2217 *r, const uint8_t *bytes, size_t len)
{
	return far_linux_stream_write(&r->base.stream, bytes, len);
}

static int say_option(struct far_linux_rfc2217 *r, enum far_telnet_verb verb, uint8_t option)
{
	uint8_t out[3];

	return say(r, out, far_telnet_option(verb, option, out));
}

static int ask(struct far_linux_rfc2217 *r, enum far_comport_command command, uint8_t value)
{
	uint8_t out[FAR_COMPORT_MAX];

	return say(r, out, far_comport_byte(command, value, out));
}

static int ask_rate(struct far_linux_rfc2217 *r, uint32_t rate)
{
	uint8_t out[FAR_COMPORT_MAX];

	if (r->_state.rates_due < UINT8_MAX)
		r->_state.rates_due++;
	return say(r, out, far_comport_rate(FAR_COMPORT_RATE, rate, out));
}

/*
 * Every option is answered once in each direction, so that a server that asks for ever cannot make
 * us talk for ever. What we have asked for ourselves needs no answer at all (RFC 854).
 */
static int on_option(struct far_linux_rfc2217 *r)
{
	const uint8_t verb = r->_state.telnet.verb, option = r->_state.telnet.option;
	const bool on = verb == FAR_TELNET_WILL || verb == FAR_TELNET_DO;
	const bool theirs = verb == FAR_TELNET_WILL || verb == FAR_TELNET_WONT;
	uint8_t *answered = &r->_state.answered[theirs][option / 8];
	const uint8_t bit = (uint8_t)(1u << option % 8);

	if (option == FAR_TELNET_COM_PORT && !theirs)
		r->_state.com_port = on ? ON : OFF;
	if (option == FAR_TELNET_BINARY && theirs)
		r->_state.theirs = on ? ON : OFF;
	if (option == FAR_TELNET_BINARY && !theirs)
		r->_state.ours = on ? ON : OFF;
	if (!on || (*answered & bit) != 0)
		return FAR_OK;
	*answered |= bit;
	if (option == FAR_TELNET_COM_PORT)
		return say_option(r, FAR_TELNET_DO, option);
	return say_option(r, theirs ? FAR_TELNET_DONT : FAR_TELNET_WONT, option);
}

static void on_control(struct far_linux_rfc2217 *r, uint8_t value)
{
	if (value == FAR_COMPORT_DTR_ON || value == FAR_COMPORT_DTR_OFF)
		r->_state.dtr = value;
	else if (value == FAR_COMPORT_RTS_ON || value == FAR_COMPORT_RTS_OFF)
		r->_state.rts = value;
}

/* Too short, of another option, or not asked for: nothing. */
static void on_sub(struct far_linux_rfc2217 *r)
{
	const struct far_telnet *t = &r->_state.telnet;
	const unsigned command = t->len > 0 ? t->sub[0] : 0;

	if (t->option != FAR_TELNET_COM_PORT || command < FAR_COMPORT_ANSWER)
		return;
	switch (command - FAR_COMPORT_ANSWER) {
	case FAR_COMPORT_RATE:
		if (far_comport_get_rate(t, &r->_state.rate) && r->_state.rates_due > 0)
			r->_state.rates_due--;
		break;
	case FAR_COMPORT_DATA_SIZE:
	case FAR_COMPORT_PARITY:
	case FAR_COMPORT_STOP_SIZE:
		if (t->len > 1)
			r->_state.frame[command - FAR_COMPORT_ANSWER - FAR_COMPORT_DATA_SIZE] =
				t->sub[1];
		break;
	case FAR_COMPORT_CONTROL:
		if (t->len > 1)
			on_control(r, t->sub[1]);
		break;
	case FAR_COMPORT_SUSPEND:
		r->_state.suspended = true;
		break;
	case FAR_COMPORT_RESUME:
		r->_state.suspended = false;
		break;
	default:
		break;
	}
}

static void keep(struct far_linux_rfc2217 *r, const uint8_t *data, size_t len)
{
	size_t room;

	memmove(r->_state.rx, r->_state.rx + r->_state.rx_at, r->_state.rx_len);
	r->_state.rx_at = 0;
	room = sizeof(r->_state.rx) - r->_state.rx_len;
	if (len > room)
		len = room;
	memcpy(r->_state.rx + r->_state.rx_len, data, len);
	r->_state.rx_len += len;
	if (len > 0) /* it answers: so it has heard all */
		r->_state.sent_ns = 0;
}

static int decode(struct far_linux_rfc2217 *r, size_t len)
{
	const uint8_t *in = r->_state.raw;
	uint8_t *out = r->_state.raw;
	size_t used, got;
	int err = FAR_OK;

	while (len > 0 && err == FAR_OK) {
		enum far_telnet_event event =
			far_telnet_decode(&r->_state.telnet, in, len, &used, out, &got);

		if (event == FAR_TELNET_OPTION)
			err = on_option(r);
		else if (event == FAR_TELNET_SUB)
			on_sub(r);
		in += used;
		len -= used;
		out += got;
	}
	keep(r, r->_state.raw, (size_t)(out - r->_state.raw));
	return err;
}

/* Send what is held back, wait for something, and take it. FAR_OK also when the time is over. */
static int pump(struct far_linux_rfc2217 *r, int64_t deadline_ns)
{
	int64_t left = deadline_ns - far_linux_now_ns();
	uint32_t ms =
		left > 0 ? (uint32_t)((left + FAR_LINUX_NS_PER_MS - 1) / FAR_LINUX_NS_PER_MS) : 0;
	int n = far_linux_stream_read(&r->base.stream, r->_state.raw, sizeof(r->_state.raw), ms);

	return n > 0 ? decode(r, (size_t)n) : n;
}

/* ---- waiting for it -------------------------------------------------------------------------- */

static bool agreed(const struct far_linux_rfc2217 *r)
{
	return r->_state.com_port != OPEN && r->_state.ours != OPEN && r->_state.theirs != OPEN;
}

static bool rate_is_told(const struct far_linux_rfc2217 *r)
{
	return r->_state.rates_due == 0;
}

static bool lines_are_told(const struct far_linux_rfc2217 *r)
{
	return r->_state.dtr != 0 && r->_state.rts != 0;
}

static bool may_send(const struct far_linux_rfc2217 *r)
{
	return !r->_state.suspended;
}

static int await(struct far_linux_rfc2217 *r, bool (*done)(const struct far_linux_rfc2217 *r),
		 uint32_t timeout_ms)
{
	int64_t deadline = far_linux_deadline(timeout_ms);

	while (!done(r)) {
		int err = pump(r, deadline);

		if (err)
			return err;
		if (!done(r) && far_linux_now_ns() >= deadline)
			return FAR_ERR_TIMEOUT;
	}
	return FAR_OK;
}

/* ---- the stream ------------------------------------------------------------------------------ */

static int remote_read(struct far_stream *st, uint8_t *buf, size_t cap, uint32_t timeout_ms)
{
	struct far_linux_rfc2217 *r = self_of(st);
	int64_t deadline = far_linux_deadline(r->_state.rx_len > 0 ? 0 : timeout_ms);
	int err = FAR_OK;

	/* At least once, to send what is held back; not into a full buffer. */
	if (r->_state.rx_len < sizeof(r->_state.rx) - sizeof(r->_state.raw))
		err = pump(r, deadline);
	while (!err && r->_state.rx_len == 0 && far_linux_now_ns() < deadline)
		err = pump(r, deadline);
	if (r->_state.rx_len == 0)
		return err;
	if (cap > r->_state.rx_len)
		cap = r->_state.rx_len;
	memcpy(buf, r->_state.rx + r->_state.rx_at, cap);
	r->_state.rx_at += cap;
	r->_state.rx_len -= cap;
	return (int)cap;
}

static int remote_write(struct far_stream *st, const uint8_t *buf, size_t len)
{
	struct far_linux_rfc2217 *r = self_of(st);
	int64_t now = far_linux_now_ns();
	int err = await(r, may_send, SUSPEND_MS);

	if (r->_state.sent_ns < now)
		r->_state.sent_ns = now;
	r->_state.sent_ns += (int64_t)len * BITS_PER_BYTE * NS_PER_S / st->baud;
	while (!err && len > 0) {
		uint8_t out[1024];
		size_t n = len < sizeof(out) / 2 ? len : sizeof(out) / 2;

		err = say(r, out, far_telnet_escape(buf, n, out));
		buf += n;
		len -= n;
	}
	return err;
}

/* The server deals with one thing after the other: with an answer it has taken what came before. */
static int remote_drain(struct far_stream *st)
{
	struct far_linux_rfc2217 *r = self_of(st);
	int err = ask_rate(r, 0);

	if (!err)
		err = await(r, rate_is_told,
			    ANSWER_MS + 10u * 1000u * sizeof(r->base._state.tx) / st->baud);
	return err ? err : far_linux_nap(r->_state.sent_ns, r->base._state.cancel);
}

static bool close_enough(uint32_t actual, uint32_t wanted)
{
	uint32_t off = actual > wanted ? actual - wanted : wanted - actual;

	return (uint64_t)off * 100 <= (uint64_t)wanted * TOLERANCE_PERCENT;
}

static int change_rate(struct far_linux_rfc2217 *r, uint32_t baud)
{
	int err = ask_rate(r, baud);

	if (!err)
		err = await(r, rate_is_told, ANSWER_MS);
	if (!err && !close_enough(r->_state.rate, baud))
		err = FAR_ERR_NOTSUP;
	return err;
}

static int remote_set_baud(struct far_stream *st, uint32_t baud)
{
	struct far_linux_rfc2217 *r = self_of(st);
	int back, err;

	if (baud == 0)
		return FAR_ERR_ARG; /* to the server: a question */
	err = remote_drain(st);
	if (!err)
		err = change_rate(r, baud);
	if (err == FAR_ERR_NOTSUP) {
		back = change_rate(r, st->baud);
		return back ? back : err;
	}
	if (!err)
		st->baud = baud;
	return err;
}

/*
 * ser2net says nothing at all about a line that it cannot set. The question that follows it is
 * answered: then the time for the first answer is over.
 */
static int remote_set_lines(struct far_stream *st, unsigned lines)
{
	struct far_linux_rfc2217 *r = self_of(st);
	const uint8_t dtr = lines & FAR_LINE_DTR ? FAR_COMPORT_DTR_ON : FAR_COMPORT_DTR_OFF;
	const uint8_t rts = lines & FAR_LINE_RTS ? FAR_COMPORT_RTS_ON : FAR_COMPORT_RTS_OFF;
	int err = ask(r, FAR_COMPORT_CONTROL, dtr);

	r->_state.dtr = r->_state.rts = 0;
	if (!err)
		err = ask(r, FAR_COMPORT_CONTROL, rts);
	if (!err)
		err = ask_rate(r, 0);
	if (!err)
		err = await(r, rate_is_told, ANSWER_MS);
	if (err)
		return err;
	err = await(r, lines_are_told, GRACE_MS);
	if (err == FAR_ERR_TIMEOUT)
		return FAR_ERR_NOTSUP;
	if (!err && (r->_state.dtr != dtr || r->_state.rts != rts))
		err = FAR_ERR_NOTSUP;
	return err;
}

static const struct far_stream_ops remote_ops = {
	.read = remote_read,
	.write = remote_write,
	.drain = remote_drain,
	.set_baud = remote_set_baud,
	.set_lines = remote_set_lines,
};

/* ---- opening --------------------------------------------------------------------------------- */

static void want(struct far_linux_rfc2217 *r, bool theirs, uint8_t option)
{
	r->_state.answered[theirs][option / 8] |= (uint8_t)(1u << option % 8);
}

static int agree(struct far_linux_rfc2217 *r, uint32_t timeout_ms)
{
	static const struct {
		enum far_telnet_verb verb;
		uint8_t option;
	} offers[] = {
		{ FAR_TELNET_WILL, FAR_TELNET_COM_PORT },
		{ FAR_TELNET_WILL, FAR_TELNET_BINARY },
		{ FAR_TELNET_DO, FAR_TELNET_BINARY },
		{ FAR_TELNET_WILL, FAR_TELNET_SUPPRESS_GO_AHEAD },
		{ FAR_TELNET_DO, FAR_TELNET_SUPPRESS_GO_AHEAD },
	};
	int err = FAR_OK;

	for (size_t i = 0; i < sizeof(offers) / sizeof(offers[0]) && !err; i++) {
		want(r, offers[i].verb == FAR_TELNET_DO, offers[i].option);
		err = say_option(r, offers[i].verb, offers[i].option);
	}
	if (!err)
		err = await(r, agreed, timeout_ms);
	/* Silence, or what a chip says: a port without telnet. */
	if (err == FAR_ERR_TIMEOUT)
		return FAR_ERR_PROTO;
	if (!err && (r->_state.com_port != ON || r->_state.ours != ON || r->_state.theirs != ON))
		err = FAR_ERR_PROTO;
	return err;
}

static int set_up(struct far_linux_rfc2217 *r, uint32_t baud)
{
	static const uint8_t settings[][2] = {
		{ FAR_COMPORT_DATA_SIZE, 8 },
		{ FAR_COMPORT_PARITY, FAR_COMPORT_NO_PARITY },
		{ FAR_COMPORT_STOP_SIZE, FAR_COMPORT_ONE_STOP },
		{ FAR_COMPORT_CONTROL, FAR_COMPORT_FLOW_NONE },
		{ FAR_COMPORT_LINE_MASK, 0 }, /* nothing is to be told by itself */
		{ FAR_COMPORT_MODEM_MASK, 0 },
		{ FAR_COMPORT_PURGE, FAR_COMPORT_PURGE_RECEIVED | FAR_COMPORT_PURGE_TO_SEND },
	};
	int err = FAR_OK;

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]) && !err; i++)
		err = ask(r, settings[i][0], settings[i][1]);
	if (!err)
		err = change_rate(r, baud);
	/* By now the others are answered; who does not answer them has them fixed. */
	for (size_t i = 0; i < sizeof(r->_state.frame) && !err; i++)
		if (r->_state.frame[i] != 0 && r->_state.frame[i] != settings[i][1])
			err = FAR_ERR_NOTSUP;
	r->_state.rx_len = 0;
	return err;
}

int far_linux_open_rfc2217(struct far_linux_rfc2217 *r, const char *host_port, uint32_t baud,
			   uint32_t timeout_ms, volatile sig_atomic_t *cancel)
{
	int err = far_linux_open_tcp(&r->base, host_port, baud, timeout_ms, cancel);

	memset(&r->_state, 0, sizeof(r->_state));
	if (err)
		return err;
	errno = 0;
	err = agree(r, timeout_ms);
	if (!err)
		err = set_up(r, baud);
	if (err == FAR_ERR_IO && errno == 0)
		errno = ECONNRESET; /* it hung up, perhaps as its port is not there or in use */
	if (err)
		return far_linux_stream_fail(&r->base, err);
	r->base.stream.ops = &remote_ops;
	return FAR_OK;
}
