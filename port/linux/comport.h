/* SPDX-License-Identifier: Apache-2.0 */
/* The telnet com port control option (RFC 2217): its numbers, for clients and servers. */
#ifndef FARFLASH_PORT_LINUX_COMPORT_H
#define FARFLASH_PORT_LINUX_COMPORT_H

#include "port/linux/telnet.h"

/* First byte of a subnegotiation from the client; the server adds 100 to it in its answer. */
enum far_comport_command {
	FAR_COMPORT_SIGNATURE = 0,
	FAR_COMPORT_RATE = 1,      /* 4 bytes, the highest first; 0: which is it? */
	FAR_COMPORT_DATA_SIZE = 2, /* and 1 byte here and below */
	FAR_COMPORT_PARITY = 3,
	FAR_COMPORT_STOP_SIZE = 4,
	FAR_COMPORT_CONTROL = 5, /* enum far_comport_control */
	FAR_COMPORT_LINE_STATE = 6,
	FAR_COMPORT_MODEM_STATE = 7,
	FAR_COMPORT_SUSPEND = 8, /* no value: do not send for now */
	FAR_COMPORT_RESUME = 9,
	FAR_COMPORT_LINE_MASK = 10,
	FAR_COMPORT_MODEM_MASK = 11,
	FAR_COMPORT_PURGE = 12, /* FAR_COMPORT_PURGE_* */
	FAR_COMPORT_ANSWER = 100
};

enum far_comport_control {
	FAR_COMPORT_FLOW_WHICH = 0,
	FAR_COMPORT_FLOW_NONE = 1,
	FAR_COMPORT_FLOW_XON = 2,
	FAR_COMPORT_FLOW_HARDWARE = 3,
	FAR_COMPORT_BREAK_WHICH = 4,
	FAR_COMPORT_BREAK_ON = 5,
	FAR_COMPORT_BREAK_OFF = 6,
	FAR_COMPORT_DTR_WHICH = 7,
	FAR_COMPORT_DTR_ON = 8,
	FAR_COMPORT_DTR_OFF = 9,
	FAR_COMPORT_RTS_WHICH = 10,
	FAR_COMPORT_RTS_ON = 11,
	FAR_COMPORT_RTS_OFF = 12,
	FAR_COMPORT_INPUT_FLOW_WHICH = 13, /* of what the server receives */
	FAR_COMPORT_INPUT_FLOW_NONE = 14
};

#define FAR_COMPORT_NO_PARITY 1u
#define FAR_COMPORT_ONE_STOP  1u

/*
 * The server's buffers: what it received and has not sent to the client, and the other way round.
 */
#define FAR_COMPORT_PURGE_RECEIVED 1u
#define FAR_COMPORT_PURGE_TO_SEND  2u

/* Room for one command or answer with a value, in the worst case. */
#define FAR_COMPORT_MAX 15u

/* A command with a value of one byte, or with a rate. Return the number of bytes in out. */
size_t far_comport_byte(unsigned command, uint8_t value, uint8_t out[FAR_COMPORT_MAX]);
size_t far_comport_rate(unsigned command, uint32_t rate, uint8_t out[FAR_COMPORT_MAX]);

/* The rate in a subnegotiation that has just come; false: there is none in it. */
bool far_comport_get_rate(const struct far_telnet *t, uint32_t *rate);

#endif
