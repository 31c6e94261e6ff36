/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A flash service of real processes that may be killed at any moment: the flash is memory that the
 * test shares with its children, so it outlives them, and shows what became of it. A keeper serves
 * it to one or two remotes through mailbox files.
 *
 * Everything that a process does for the others to see passes a mark; the test waits for marks, or
 * lights a fuse, at whose mark the process kills itself.
 */
#ifndef FARFLASH_TEST_SERVICE_STAGE_H
#define FARFLASH_TEST_SERVICE_STAGE_H

#include "device/mailbox/mailbox.h"
#include "port/linux/shared.h"
#include "service/supervisor/supervisor.h"

#define STAGE_SIZE     0x10000u
#define STAGE_SECTOR   0x400u
#define STAGE_DATA_MAX 256u /* the keeper's: what it writes in one piece */
#define STAGE_WINDOW   2048u
#define STAGE_REMOTES  2u
#define STAGE_TIMEOUT  20000u /* ms; only a fault lets it come to its end */

enum stage_side { STAGE_KEEPER, STAGE_REMOTE, STAGE_SIDES };

/* What the keeper does for one remote. */
struct stage_served {
	const char *path;
	struct far_supervisor_grant grant;
	struct far_supervisor_count count; /* as the keeper has it now */
};

/* Shared by the test and its children; only the test starts and ends it. */
struct stage {
	uint8_t flash[STAGE_SIZE];
	struct stage_served served[STAGE_REMOTES];
	uint32_t remotes; /* served */
	uint32_t marks[STAGE_SIDES];
	uint32_t fuse[STAGE_SIDES]; /* the mark at which to die; 0: none */
	uint32_t hold;              /* 1: the keeper stops within its next change of the flash, */
	uint32_t held;              /* and says so here, until hold is 0 again */
	char error[200];            /* what a child has found wrong; empty: nothing */
};

/* size bytes that begin with a struct stage, all zero; the flash is a pattern. */
void *stage_new(size_t size);
void stage_free(void *stage, size_t size);

/* Bytes that are never 0xff and differ with place and seed. */
uint8_t stage_byte(uint32_t addr, uint32_t seed);
void stage_fill(uint8_t *to, uint32_t addr, uint32_t len, uint32_t seed);

void stage_mark(struct stage *s, enum stage_side side);
uint32_t stage_marks(const struct stage *s, enum stage_side side);
/* So many marks from now on the process of that side dies. */
void stage_light(struct stage *s, enum stage_side side, uint32_t marks);

/* In a child: say what is wrong (the first one counts), and end. */
_Noreturn void stage_fail(struct stage *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Child: serve all of served for ever. Takes a struct stage. */
int stage_keep(void *stage);

/* A remote's side of a mailbox file, and the flash behind it. */
struct stage_remote {
	struct far_linux_shared shared;
	struct far_mailbox mailbox;
	struct far_mailbox_flash flash;
	struct stage_bell {
		struct far_doorbell doorbell; /* first */
		struct far_doorbell *inner;
		struct stage *stage;
		enum stage_side side;
	} bell;
};

/* Child: take the remote's side, and find the keeper, who may be late. With the window or not. */
void stage_open(struct stage *s, struct stage_remote *r, const char *path, bool window);

#endif
