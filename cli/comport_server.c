/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 2217 from the side that has the port: telnet's options first, then sub-negotiations that set
 * rate and lines and are answered with what is in force now, which is how a client learns that its
 * wish was not granted.
 *
 * Two ends that answer each other's answers never stop. So an option is answered once, and what was
 * offered is taken for answered. Nothing waits: answers go into one buffer with data, in their
 * order, and room for the longest answer is kept free before bytes are taken in.
 */
#include "cli/comport_server.h"

#include <string.h>

#include "port/linux/comport.h"

#define FIRST_RATE 115200u
#define RATE_MAX   20000000u
#define SIGNATURE  "farflash emulate"
/* The most that one byte of a client can make us say: an empty signature is 6 of them. */
#define ANSWER_RATIO 4u
#define TAKE_MAX     2048u
/* For answers, which come first: data does not fill the buffer to the brim. */
#define RESERVE (ANSWER_RATIO * TAKE_MAX)

void cli_comport_init(struct cli_comport *p)
{
	*p = (struct cli_comport){ .baud = FIRST_RATE };
}

static size_t room(const struct cli_comport *p)
{
	return sizeof(p->_state.out) - p->_state.len;
}

/* Room for n more bytes has been made sure of before. */
static uint8_t *tail(struct cli_comport *p)
{
	memmove(p->_state.out, p->_state.out + p->_state.at, p->_state.len);
	p->_state.at = 0;
	return p->_state.out + p->_state.len;
}

/* Each of these has room: see cli_comport_may_take. */
static void say_option(struct cli_comport *p, enum far_telnet_verb verb, uint8_t option)
{
	p->_state.len += far_telnet_option(verb, option, tail(p));
}

static void say_byte(struct cli_comport *p, unsigned command, uint8_t value)
{
	p->_state.len += far_comport_byte(FAR_COMPORT_ANSWER + command, value, tail(p));
}

static void say_rate(struct cli_comport *p)
{
	p->_state.len += far_comport_rate(FAR_COMPORT_ANSWER + FAR_COMPORT_RATE, p->baud, tail(p));
}

static void say_signature(struct cli_comport *p)
{
	uint8_t text[] = "?" SIGNATURE;
	text[0] = FAR_COMPORT_ANSWER + FAR_COMPORT_SIGNATURE;
	p->_state.len += far_telnet_sub(FAR_TELNET_COM_PORT, text, sizeof(text) - 1, tail(p));
}

/* Marked as answered, so that the client's consent is not answered again. */
static void offer(struct cli_comport *p, enum far_telnet_verb verb, uint8_t option)
{
	bool theirs = verb == FAR_TELNET_DO;
	p->_state.answered[theirs][option / 8] |= (uint8_t)(1u << option % 8);
	say_option(p, verb, option);
}

/* A new client has agreed to nothing yet. The rate stays, as with a server of a real port. */
void cli_comport_begin(struct cli_comport *p)
{
	memset(&p->_state, 0, sizeof(p->_state));
	offer(p, FAR_TELNET_DO, FAR_TELNET_COM_PORT);
	offer(p, FAR_TELNET_WILL, FAR_TELNET_BINARY);
	offer(p, FAR_TELNET_DO, FAR_TELNET_BINARY);
	offer(p, FAR_TELNET_WILL, FAR_TELNET_SUPPRESS_GO_AHEAD);
	offer(p, FAR_TELNET_DO, FAR_TELNET_SUPPRESS_GO_AHEAD);
}

/* Only changes are told on: a chip is reset by an edge, not by being told twice. */
static void set_lines(struct cli_comport *p, bool dtr, bool rts)
{
	bool changed = dtr != p->dtr || rts != p->rts;
	p->dtr = dtr;
	p->rts = rts;
	if (changed && p->on_lines)
		p->on_lines(p->ctx, dtr, rts);
}

/* What was pending goes; a chip in reset comes out of it. */
void cli_comport_end(struct cli_comport *p)
{
	p->_state.len = 0;
	set_lines(p, false, false);
}

/* What was offered is agreed upon, everything else refused: once, or two such ends never stop. */
static void on_option(struct cli_comport *p)
{
	uint8_t verb = p->_state.telnet.verb, option = p->_state.telnet.option;
	bool theirs = verb == FAR_TELNET_WILL || verb == FAR_TELNET_WONT;
	bool on = verb == FAR_TELNET_WILL || verb == FAR_TELNET_DO;
	uint8_t *answered = &p->_state.answered[theirs][option / 8];
	uint8_t bit = (uint8_t)(1u << option % 8);
	if (!on || (*answered & bit) != 0)
		return;
	*answered |= bit;
	say_option(p, theirs ? FAR_TELNET_DONT : FAR_TELNET_WONT, option);
}

/* 0: asks for the rate. One that no UART has is not taken; the answer tells the one in force. */
static void on_rate(struct cli_comport *p)
{
	uint32_t rate;
	if (!far_comport_get_rate(&p->_state.telnet, &rate))
		return;
	if (rate > 0 && rate <= RATE_MAX)
		p->baud = rate;
	say_rate(p);
}

/* The answer tells the state of the line or setting that was asked about, whatever was wanted. */
static void on_control(struct cli_comport *p, uint8_t value)
{
	switch (value) {
	case FAR_COMPORT_DTR_ON:
	case FAR_COMPORT_DTR_OFF:
		set_lines(p, value == FAR_COMPORT_DTR_ON, p->rts);
		break;
	case FAR_COMPORT_RTS_ON:
	case FAR_COMPORT_RTS_OFF:
		set_lines(p, p->dtr, value == FAR_COMPORT_RTS_ON);
		break;
	default: /* a question, or a setting that cannot be changed: the answer is the same */
		break;
	}
	if (value <= FAR_COMPORT_FLOW_HARDWARE)
		value = FAR_COMPORT_FLOW_NONE;
	else if (value <= FAR_COMPORT_BREAK_OFF)
		value = FAR_COMPORT_BREAK_OFF;
	else if (value <= FAR_COMPORT_DTR_OFF)
		value = p->dtr ? FAR_COMPORT_DTR_ON : FAR_COMPORT_DTR_OFF;
	else if (value <= FAR_COMPORT_RTS_OFF)
		value = p->rts ? FAR_COMPORT_RTS_ON : FAR_COMPORT_RTS_OFF;
	else
		value = FAR_COMPORT_INPUT_FLOW_NONE;
	say_byte(p, FAR_COMPORT_CONTROL, value);
}

/* The adapter has no inputs, so there is one state to tell, when somebody begins to ask for it. */
static void on_mask(struct cli_comport *p, unsigned command, uint8_t mask)
{
	say_byte(p, command, mask);
	if (command == FAR_COMPORT_MODEM_MASK && mask != 0)
		say_byte(p, FAR_COMPORT_MODEM_STATE, 0);
}

/*
 * Settings that a virtual line does not have are answered as they are: 8N1. Unknown ones are passed
 * over.
 */
static void on_byte(struct cli_comport *p, unsigned command, uint8_t value)
{
	switch (command) {
	case FAR_COMPORT_DATA_SIZE:
		say_byte(p, command, 8);
		break;
	case FAR_COMPORT_PARITY:
		say_byte(p, command, FAR_COMPORT_NO_PARITY);
		break;
	case FAR_COMPORT_STOP_SIZE:
		say_byte(p, command, FAR_COMPORT_ONE_STOP);
		break;
	case FAR_COMPORT_CONTROL:
		on_control(p, value);
		break;
	case FAR_COMPORT_LINE_MASK:
	case FAR_COMPORT_MODEM_MASK:
		on_mask(p, command, value);
		break;
	case FAR_COMPORT_PURGE:
		if (p->on_purge)
			p->on_purge(p->ctx, value);
		say_byte(p, command, value);
		break;
	default:
		break;
	}
}

/* One of another option, or an empty one, is not ours to answer. */
static void on_sub(struct cli_comport *p)
{
	const struct far_telnet *t = &p->_state.telnet;
	if (t->option != FAR_TELNET_COM_PORT || t->len == 0)
		return;
	switch (t->sub[0]) {
	case FAR_COMPORT_SIGNATURE: /* with a text it is theirs, and not a question */
		if (t->len == 1)
			say_signature(p);
		break;
	case FAR_COMPORT_RATE:
		on_rate(p);
		break;
	case FAR_COMPORT_SUSPEND:
	case FAR_COMPORT_RESUME:
		p->_state.suspended = t->sub[0] == FAR_COMPORT_SUSPEND;
		break;
	default:
		if (t->len > 1)
			on_byte(p, t->sub[0], t->sub[1]);
		break;
	}
}

size_t cli_comport_may_take(const struct cli_comport *p)
{
	return room(p) >= RESERVE ? TAKE_MAX : 0;
}

/* In place: data is never longer than what it came in. */
size_t cli_comport_take(struct cli_comport *p, uint8_t *bytes, size_t len)
{
	const uint8_t *in = bytes;
	size_t data = 0;
	while (len > 0) {
		size_t used, got;
		enum far_telnet_event event =
			far_telnet_decode(&p->_state.telnet, in, len, &used, bytes + data, &got);
		if (event == FAR_TELNET_OPTION)
			on_option(p);
		else if (event == FAR_TELNET_SUB)
			on_sub(p);
		in += used;
		len -= used;
		data += got;
	}
	return data;
}

bool cli_comport_may_put(const struct cli_comport *p)
{
	return !p->_state.suspended && room(p) > RESERVE + 1;
}

/* Half of the room that is left, as a byte of 255 is sent twice. */
size_t cli_comport_put(struct cli_comport *p, const uint8_t *data, size_t len)
{
	if (!cli_comport_may_put(p))
		return 0;
	size_t most = (room(p) - RESERVE) / 2; /* each byte may become two */
	if (len > most)
		len = most;
	p->_state.len += far_telnet_escape(data, len, tail(p));
	return len;
}

size_t cli_comport_pending(const struct cli_comport *p, const uint8_t **bytes)
{
	*bytes = p->_state.out + p->_state.at;
	return p->_state.len;
}

/* At most what was pending; the rest moves when room is needed. */
void cli_comport_sent(struct cli_comport *p, size_t n)
{
	p->_state.at += n;
	p->_state.len -= n;
}
