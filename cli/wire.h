/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where `farflash emulate` listens: a pseudo terminal or a TCP port, plain or with RFC 2217, with
 * one client at a time.
 */
#ifndef FARFLASH_CLI_WIRE_H
#define FARFLASH_CLI_WIRE_H

#include "cli/cli.h"
#include "cli/comport_server.h"

#define CLI_WIRE_URL_MAX 512

struct cli_wire {
	char url[CLI_WIRE_URL_MAX]; /* what --port takes to reach it */
	int fd;                     /* bytes to and from the client; -1: there is none now */
	int event_fd;               /* readable: call cli_wire_event. Listener or inotify */
	bool left;                  /* a client has left since the start */
	/* A pseudo terminal only, else -1, 0 and "". */
	int slave_fd;     /* kept open, so that the master survives a client's closing */
	unsigned clients; /* how many have the slave open */
	char slave[64];   /* its name, */
	char link[256];   /* and the link to it that the user asked for */
	/*
	 * rfc2217 only. The callbacks are to be set after opening; they are called by
	 * cli_wire_read.
	 */
	bool has_lines;
	struct cli_comport comport;
};

/*
 * "pty:PATH", "tcp:HOST:PORT" or "rfc2217:HOST:PORT" (port 0: a free one; IPv6 in brackets). Close
 * it in either case.
 */
enum cli_exit cli_wire_open(struct cli *c, struct cli_wire *w, const char *where);
void cli_wire_close(struct cli_wire *w);
/* Will a wire there have modem lines, so that its client can reset the chip? */
bool cli_wire_has_lines(const char *where);

/* event_fd is readable: take a client, or notice that one has come or gone. */
void cli_wire_event(struct cli_wire *w);

/*
 * As read and write on fd, never waiting: 0 when nothing can be done now. A client that is found
 * gone is let go, and left is set.
 */
size_t cli_wire_read(struct cli_wire *w, uint8_t *buf, size_t cap);
size_t cli_wire_write(struct cli_wire *w, const uint8_t *buf, size_t len);

/*
 * The cable is pulled: a TCP client is disconnected. true: there is no client now. A pseudo
 * terminal has no way to tell its client; it must be let to notice the silence.
 */
bool cli_wire_pull(struct cli_wire *w);

/*
 * What to poll fd for, to read if there is room for it, and to write if some is unsent. 0: nothing
 * can be done before the other end has done something.
 */
short cli_wire_poll(const struct cli_wire *w, bool room, bool unsent);

/*
 * The rate that the client's end is set to, bit/s. A TCP client has no rate: it is taken to be set
 * right, at chip_baud.
 */
uint32_t cli_wire_baud(const struct cli_wire *w, uint32_t chip_baud);

/*
 * What a UART set to rx_baud makes of a byte sent at tx_baud: the same while the stop bit is still
 * sampled where it is, within about 5 %, else what it finds at its own sampling times.
 */
uint8_t cli_wire_sample(uint8_t byte, uint32_t tx_baud, uint32_t rx_baud);

/* ptyrate.c, apart because its header and termios.h cannot meet: 0 if it cannot be told. */
uint32_t cli_pty_baud(int fd);

#endif
