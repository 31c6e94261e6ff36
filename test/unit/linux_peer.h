/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The far end for the tests of port/linux: a pseudo terminal's master, signals at set times, and a
 * look at a terminal's settings. Whatever goes wrong here fails the running test.
 */
#ifndef FARFLASH_TEST_LINUX_PEER_H
#define FARFLASH_TEST_LINUX_PEER_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A new pseudo terminal: its master, and the path of the other end. */
int peer_pty(char *path, size_t cap);

/* Bytes that may be read at once. */
int peer_pending(int fd);
/* Wait, at most 5 s, for something to read, and take it. */
size_t peer_wait(int fd, void *buf, size_t cap);
/* Exactly these bytes come next. */
void peer_expect(int fd, const void *bytes, size_t len);
/*
 * Read len bytes in a thread meanwhile; the number that came before 5 s of silence. One at a time.
 */
void peer_collect(int fd, void *buf, size_t len);
size_t peer_collected(void);
void peer_send(int fd, const void *bytes, size_t len);

/* SIGALRM every ms milliseconds, which does nothing or sets peer_cancel. */
enum peer_alarm { PEER_ALARM_NOTHING, PEER_ALARM_CANCEL };
void peer_alarm(int ms, enum peer_alarm what);
void peer_stop_alarm(void);
int peer_alarms(void); /* since peer_alarm */
extern volatile sig_atomic_t peer_cancel;

struct peer_settings {
	bool raw_8n1, hangs_up, flow_control;
	uint32_t baud;
};
struct peer_settings peer_settings(int fd);

#endif
