/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Telnet (RFC 854, 855, 856), as much of it as carries the bytes of a serial port: data with IAC
 * doubled, options, and subnegotiations. A pure encoder and decoder, for clients and servers alike;
 * what is agreed upon is the user's business. CR is a byte like any other: both directions have to
 * be binary (RFC 856).
 */
#ifndef FARFLASH_PORT_LINUX_TELNET_H
#define FARFLASH_PORT_LINUX_TELNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum far_telnet_verb {
	FAR_TELNET_SE = 240, /* end of a subnegotiation */
	FAR_TELNET_SB = 250, /* and its begin */
	FAR_TELNET_WILL = 251,
	FAR_TELNET_WONT = 252,
	FAR_TELNET_DO = 253,
	FAR_TELNET_DONT = 254,
	FAR_TELNET_IAC = 255
};

enum far_telnet_option {
	FAR_TELNET_BINARY = 0,
	FAR_TELNET_SUPPRESS_GO_AHEAD = 3,
	FAR_TELNET_COM_PORT = 44 /* RFC 2217: see comport.h */
};

/* Longer subnegotiations are skipped as a whole: no number that matters here is that long. */
#define FAR_TELNET_SUB_MAX 64u

/* A decoder. Zero it to begin; it takes any bytes whatsoever. */
struct far_telnet {
	uint8_t verb;   /* of the last FAR_TELNET_OPTION: WILL, WONT, DO or DONT */
	uint8_t option; /* of it, or of the last FAR_TELNET_SUB */
	uint8_t len;    /* of sub */
	uint8_t sub[FAR_TELNET_SUB_MAX];
	struct {
		uint8_t state;
		bool too_long;
	} _state;
};

enum far_telnet_event {
	FAR_TELNET_NONE,   /* all input is used up */
	FAR_TELNET_OPTION, /* the peer wants something on or off: verb and option */
	FAR_TELNET_SUB     /* a subnegotiation has come: option, sub and len */
};

/*
 * Take bytes from in up to and including the next event. *used tells how many, *got how many bytes
 * of data they held; these are in out, which has room for len and may be in itself. Call it again,
 * after the event is dealt with, with what is left.
 */
enum far_telnet_event far_telnet_decode(struct far_telnet *t, const uint8_t *in, size_t len,
					size_t *used, uint8_t *out, size_t *got);

/* Data for the wire; out has room for 2 * len bytes. Returns how many there are. */
size_t far_telnet_escape(const uint8_t *in, size_t len, uint8_t *out);

/* IAC verb option. Returns 3. */
size_t far_telnet_option(enum far_telnet_verb verb, uint8_t option, uint8_t out[3]);

/* A whole subnegotiation; out has room for 2 * len + 5 bytes. Returns how many there are. */
size_t far_telnet_sub(uint8_t option, const uint8_t *in, size_t len, uint8_t *out);

#endif
