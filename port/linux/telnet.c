/* SPDX-License-Identifier: Apache-2.0 */
#include "port/linux/telnet.h"

/* What the bytes before say about the next one. */
enum state {
	DATA,
	COMMAND,    /* after IAC */
	OPTION,     /* after IAC WILL, WONT, DO or DONT */
	SUB_OPTION, /* after IAC SB */
	SUB,        /* inside a subnegotiation */
	SUB_COMMAND /* inside it, after IAC */
};

static enum state after_iac(struct far_telnet *t, uint8_t byte)
{
	switch (byte) {
	case FAR_TELNET_WILL:
	case FAR_TELNET_WONT:
	case FAR_TELNET_DO:
	case FAR_TELNET_DONT:
		t->verb = byte;
		return OPTION;
	case FAR_TELNET_SB:
		t->len = 0;
		t->_state.too_long = false;
		return SUB_OPTION;
	default: /* a command without parameters, such as "are you there": none matters here */
		return DATA;
	}
}

static enum state add_to_sub(struct far_telnet *t, uint8_t byte)
{
	if (t->len < FAR_TELNET_SUB_MAX)
		t->sub[t->len++] = byte;
	else
		t->_state.too_long = true;
	return SUB;
}

/* After IAC a subnegotiation ends, or goes on with 255; one that never ended is given up. */
static enum state after_sub_iac(struct far_telnet *t, uint8_t byte, enum far_telnet_event *event)
{
	if (byte == FAR_TELNET_IAC)
		return add_to_sub(t, byte);
	if (byte != FAR_TELNET_SE)
		return after_iac(t, byte);
	if (!t->_state.too_long)
		*event = FAR_TELNET_SUB;
	return DATA;
}

/* The state after one byte that is not plain data. */
static enum state step(struct far_telnet *t, uint8_t byte, enum far_telnet_event *event)
{
	switch ((enum state)t->_state.state) {
	case OPTION:
		t->option = byte;
		*event = FAR_TELNET_OPTION;
		return DATA;
	case SUB_OPTION:
		t->option = byte;
		return SUB;
	case SUB:
		return byte == FAR_TELNET_IAC ? SUB_COMMAND : add_to_sub(t, byte);
	case SUB_COMMAND:
		return after_sub_iac(t, byte, event);
	case COMMAND:
		return after_iac(t, byte);
	case DATA:
		break;
	}
	return byte == FAR_TELNET_IAC ? COMMAND : DATA;
}

enum far_telnet_event far_telnet_decode(struct far_telnet *t, const uint8_t *in, size_t len,
					size_t *used, uint8_t *out, size_t *got)
{
	enum far_telnet_event event = FAR_TELNET_NONE;
	size_t i, n = 0;

	for (i = 0; i < len && event == FAR_TELNET_NONE; i++) {
		const uint8_t byte = in[i];
		const bool escaped = t->_state.state == COMMAND && byte == FAR_TELNET_IAC;

		if (escaped || (t->_state.state == DATA && byte != FAR_TELNET_IAC)) {
			out[n++] = byte; /* never ahead of what was read */
			t->_state.state = DATA;
			continue;
		}
		t->_state.state = (uint8_t)step(t, byte, &event);
	}
	*used = i;
	*got = n;
	return event;
}

size_t far_telnet_escape(const uint8_t *in, size_t len, uint8_t *out)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		out[n++] = in[i];
		if (in[i] == FAR_TELNET_IAC)
			out[n++] = FAR_TELNET_IAC;
	}
	return n;
}

size_t far_telnet_option(enum far_telnet_verb verb, uint8_t option, uint8_t out[3])
{
	out[0] = FAR_TELNET_IAC;
	out[1] = (uint8_t)verb;
	out[2] = option;
	return 3;
}

size_t far_telnet_sub(uint8_t option, const uint8_t *in, size_t len, uint8_t *out)
{
	size_t n = far_telnet_option(FAR_TELNET_SB, option, out);

	n += far_telnet_escape(in, len, out + n);
	out[n++] = FAR_TELNET_IAC;
	out[n++] = FAR_TELNET_SE;
	return n;
}
