/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server's end of RFC 2217 over a virtual serial port: a client's rate, modem lines and purges,
 * and its bytes. Knows no socket: what came from it goes in, and what is pending is to be sent.
 *
 * The port is always 8N1 without flow control, and answers so whatever is asked for. It keeps its
 * rate from one client to the next. Who speaks no telnet is served all the same.
 */
#ifndef FARFLASH_CLI_COMPORT_SERVER_H
#define FARFLASH_CLI_COMPORT_SERVER_H

#include "port/linux/telnet.h"

struct cli_comport {
	uint32_t baud; /* as the client has set it */
	bool dtr, rts; /* as it asserts them */
	/* Optional: a line has changed; a buffer is to be emptied (FAR_COMPORT_PURGE_*). */
	void (*on_lines)(void *ctx, bool dtr, bool rts);
	void (*on_purge)(void *ctx, unsigned what);
	void *ctx;
	struct {
		struct far_telnet telnet;
		uint8_t answered[2][32]; /* bit n: what was said once about option n */
		bool suspended;          /* the client asks not to send */
		size_t at, len;          /* in out: pending */
		uint8_t out[16384];
	} _state;
};

void cli_comport_init(struct cli_comport *p);

/* A client has come; it has gone: then both lines fall, as with a port that is closed. */
void cli_comport_begin(struct cli_comport *p);
void cli_comport_end(struct cli_comport *p);

/* How many bytes may be taken at once: as many as there is surely room for the answers to. */
size_t cli_comport_may_take(const struct cli_comport *p);
/* These have come. Leaves what is data in bytes, and returns how much it is. */
size_t cli_comport_take(struct cli_comport *p, uint8_t *bytes, size_t len);

/* Data for the client: takes as many as there is room for, none while it asks not to send. */
size_t cli_comport_put(struct cli_comport *p, const uint8_t *data, size_t len);
bool cli_comport_may_put(const struct cli_comport *p);

/* What is to be sent now; and that n bytes of it were. */
size_t cli_comport_pending(const struct cli_comport *p, const uint8_t **bytes);
void cli_comport_sent(struct cli_comport *p, size_t n);

#endif
