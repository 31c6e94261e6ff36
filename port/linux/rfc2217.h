/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A serial port behind a server for RFC 2217, such as ser2net: bytes over telnet, with the port's
 * rate and its modem lines.
 */
#ifndef FARFLASH_PORT_LINUX_RFC2217_H
#define FARFLASH_PORT_LINUX_RFC2217_H

#include "port/linux/linux.h"
#include "port/linux/telnet.h"

/*
 * base behaves as every far_linux_stream does, with these differences: drain and set_baud also wait
 * until the server has taken everything, and until the bytes written since the chip last said
 * something can have left at the rate; set_lines sends what was held back. Both wait for the
 * server's answer, at most 3 s: FAR_ERR_TIMEOUT. A server that cannot set a line, or sets another
 * rate, makes FAR_ERR_NOTSUP. The two lines change one after the other, DTR first, in one segment.
 *
 * What arrives while such a call waits is kept for read, up to the size of rx; more is lost, as in
 * the buffer of a serial port.
 */
struct far_linux_rfc2217 {
	struct far_linux_stream base; /* first. Use it, and close it with far_linux_close */
	struct {
		struct far_telnet telnet;
		uint8_t answered[2][32];       /* bit n: what was said once about option n */
		int8_t com_port, ours, theirs; /* agreed upon: 1, refused: -1, open: 0. The last
						* two are of binary transmission */
		bool suspended;                /* the server asks not to send */
		uint8_t rates_due;             /* answers about the rate that are to come */
		uint8_t dtr, rts;              /* last answer about it, enum far_comport_control */
		uint8_t frame[3]; /* data size, parity, stop size as answered; 0: not */
		uint32_t rate;    /* last answer */
		int64_t sent_ns;  /* when all that was written can have left */
		size_t rx_at, rx_len;
		uint8_t raw[2048]; /* as it came from the server */
		uint8_t rx[16384]; /* what the chip said */
	} _state;
};

/*
 * Connect to host:port as far_linux_open_tcp does, agree with the server, and set 8N1, no flow
 * control and the rate; what the server had received before is thrown away. timeout_ms is for
 * connecting, and once more for agreeing. FAR_ERR_PROTO: the server speaks no telnet, or will not
 * have its port controlled or bytes passed as they are; FAR_ERR_NOTSUP: its port cannot do 8N1 or
 * the rate; others as there.
 */
int far_linux_open_rfc2217(struct far_linux_rfc2217 *r, const char *host_port, uint32_t baud,
			   uint32_t timeout_ms, volatile sig_atomic_t *cancel);

#endif
