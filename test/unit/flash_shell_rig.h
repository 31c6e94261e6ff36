/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A flash shell on a flash in RAM, with a clock, an output and others to let in that may all fail.
 */
#ifndef FARFLASH_TEST_FLASH_SHELL_RIG_H
#define FARFLASH_TEST_FLASH_SHELL_RIG_H

#include <stdbool.h>

#include "service/flash_shell/flash_shell.h"
#include "test/common/ram_flash.h"

#define SIZE   0x20000u
#define SECTOR 0x1000u
#define BUF    256u
#define READ   FAR_FLASH_CAN_READ

/* A shell, its flash, and all that it has said since the last line. */
struct rig {
	struct far_flash_shell shell;
	struct far_clock clock;
	uint32_t now_ms, tick_ms; /* each look at the clock takes so long */
	uint32_t prints_left;     /* then print fails */
	uint32_t betweens, betweens_left;
	size_t len;
	char said[65536];
	uint8_t buf[4096];
	struct ram_flash flash;
};

extern struct rig rig;

/* A flash of another shape than setup makes, with nothing failing. */
void open_with(uint32_t size, uint32_t sector, uint32_t block, uint8_t caps);
/* For cmocka: SIZE bytes in SECTORs, blocks of 4, readable. */
int setup(void **state);

/* The result of a line; rig.said is what it said. */
int run(const char *line);
bool says(const char *what);
/* The line comes to err, and says exactly that. */
void gives(int err, const char *line, const char *said);
/* It comes to err, says something that begins so and contains that, and touches nothing. */
void refuses(int err, const char *line, const char *begin, const char *what);

#endif
