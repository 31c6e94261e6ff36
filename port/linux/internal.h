/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this port share. Nobody else includes it. */
#ifndef FARFLASH_PORT_LINUX_INTERNAL_H
#define FARFLASH_PORT_LINUX_INTERNAL_H

#include "port/linux/linux.h"
#include "port/linux/shared.h"

#define FAR_LINUX_NS_PER_MS INT64_C(1000000)

/* clock.c: times are CLOCK_MONOTONIC in nanoseconds, wide enough never to wrap. */
int64_t far_linux_now_ns(void);
int64_t far_linux_deadline(uint32_t ms);
bool far_linux_cancelled(const volatile sig_atomic_t *cancel);
/* Sleep until then. FAR_OK or FAR_ERR_CANCELLED. */
int far_linux_nap(int64_t deadline_ns, const volatile sig_atomic_t *cancel);
/*
 * Until fd has one of events or an error: 1. 0: time over. FAR_ERR_CANCELLED, FAR_ERR_IO (errno).
 */
int far_linux_wait(int fd, short events, int64_t deadline_ns, const volatile sig_atomic_t *cancel);

/*
 * stream.c: make s a stream without anything behind it, which every call finds gone. The opening
 * functions then fill in ops, fd and the rest and clear gone.
 */
void far_linux_stream_init(struct far_linux_stream *s, uint32_t baud,
			   volatile sig_atomic_t *cancel);
/* Close after a failed opening: returns err and keeps errno. */
int far_linux_stream_fail(struct far_linux_stream *s, int err);
/* The port has vanished: returns FAR_ERR_IO, now and ever after. */
int far_linux_stream_gone(struct far_linux_stream *s);
/* The operations that a terminal and a connection have in common. */
int far_linux_stream_read(struct far_stream *st, uint8_t *buf, size_t cap, uint32_t timeout_ms);
int far_linux_stream_write(struct far_stream *st, const uint8_t *buf, size_t len);
int far_linux_stream_drain(struct far_stream *st);

/*
 * termios2.c: only the kernel's own struct takes any rate, and its header and <termios.h> exclude
 * each other. FAR_OK; FAR_ERR_NOTSUP: the driver cannot do baud within 3 %, and the old settings
 * are back; FAR_ERR_ARG: fd is no terminal; FAR_ERR_IO (errno).
 */
int far_linux_tty_setup(int fd, uint32_t baud);
int far_linux_tty_set_baud(int fd, uint32_t baud);

/* doorbell.c: bells of two words each, in memory that the peer writes too. */
void far_linux_doorbell_init(struct far_linux_shared *s, uint32_t *own, uint32_t *peer);

#endif
