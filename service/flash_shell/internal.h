/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the flash shell share. Nobody else includes it. */
#ifndef FARFLASH_SERVICE_FLASH_SHELL_INTERNAL_H
#define FARFLASH_SERVICE_FLASH_SHELL_INTERNAL_H

#include <stdbool.h>

#include "core/text.h"
#include "service/flash_shell/flash_shell.h"

#define SHELL_ARGS 3

/* One line being done. */
struct shell_job {
	const struct far_flash_shell *s;
	const char *at, *end; /* what is left of the line */
	uint32_t arg[SHELL_ARGS];
	uint32_t count; /* of arguments */
	struct far_text text;
	char line[192];
};

struct shell_command {
	const char *name;
	const char *usage, *help;
	const char *arg[SHELL_ARGS]; /* their names */
	uint8_t required;            /* so many arguments at least */
	uint8_t words;               /* the second is a 32-bit word for buf, and more may follow */
	int (*run)(struct shell_job *j);
};

/* commands.c: the last one has no name. */
extern const struct shell_command shell_commands[];

/* Print what was put together in text, and begin anew. */
int shell_flush(struct shell_job *j);
/* One line. */
int shell_say(struct shell_job *j, const char *line);
/* Between two pieces: FAR_OK to go on. */
int shell_between(struct shell_job *j);

/*
 * Tell that a flash call failed: head, as Zephyr has it, then why and what helps. done of len bytes
 * from addr on were done before. Returns err.
 */
int shell_fail(struct shell_job *j, const char *head, int err, uint32_t addr, uint32_t done,
	       uint32_t len);
/* The same for what the user must mend: head, then what is wrong, from text up to now. */
int shell_wrong(struct shell_job *j, int err);

/*
 * Does [addr, addr + len) suit the flash, in units of unit bytes? FAR_OK, or as told to the user.
 */
int shell_check(struct shell_job *j, const char *head, uint32_t addr, uint32_t len, uint32_t unit);

/* speed.c: read_test, erase_test and write_test. */
int shell_read_test(struct shell_job *j);
int shell_erase_test(struct shell_job *j);
int shell_write_test(struct shell_job *j);
/* 1 to FAR_FLASH_SHELL_REPEAT_MAX. */
int shell_check_repeat(struct shell_job *j, uint32_t repeat);

/* commands.c: piece by piece, with head before what goes wrong. */
int shell_read(struct shell_job *j, uint32_t addr, uint32_t len);
int shell_erase(struct shell_job *j, uint32_t addr, uint32_t len);
/* Bytes 00 01 ... ff 00 ... from addr on. */
int shell_write_pattern(struct shell_job *j, uint32_t addr, uint32_t len);

#define SHELL_READ_HEAD   "Read ERROR! "
#define SHELL_ERASE_HEAD  "Erase Failed, "
#define SHELL_WRITE_HEAD  "Write internal ERROR! "
#define SHELL_VERIFY_HEAD "Verification ERROR! "

#endif
