/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A supervisor over a RAM flash and two remotes, in one program on the virtual clock. When a remote
 * waits, the supervisor makes one step: every run is the same.
 */
#ifndef FARFLASH_TEST_SERVICE_RIG_H
#define FARFLASH_TEST_SERVICE_RIG_H

#include "device/mailbox/mailbox.h"
#include "service/supervisor/supervisor.h"
#include "sim/clock/clock.h"
#include "test/common/ram_flash.h"

#define RIG_SLOTS    8u
#define RIG_DATA_MAX 256u
#define RIG_WINDOW   4096u
#define RIG_SIZE     0x40000u
#define RIG_SECTOR   0x1000u
#define RIG_TIMEOUT  1000u

#define RIG_GRANTS_MAX 4u

struct rig;

struct rig_bell {
	struct far_doorbell doorbell; /* first */
	struct rig *rig;
	uint32_t number; /* of the remote */
};

/* A remote, and what the supervisor has of it. */
struct rig_remote {
	uint32_t *region;
	uint32_t slots;
	struct far_mailbox owner, mailbox; /* the supervisor's side, the remote's side */
	struct rig_bell owner_bell, bell;
	struct far_supervisor_remote served;
	struct far_supervisor_remote_config config;
	struct far_supervisor_grant grants[RIG_GRANTS_MAX];
	_Alignas(4) uint8_t queue[FAR_SUPERVISOR_BUF(RIG_DATA_MAX)];
	uint32_t *window;
	struct far_mailbox_flash flash;
	struct far_mailbox_flash_config flash_config;
	/* For messages made by hand. */
	struct far_fragments link;
	uint8_t raw[4096];
};

struct rig {
	struct far_sim_clock clock;
	struct ram_flash flash;
	struct far_supervisor supervisor;
	uint32_t turn_ms; /* of the next supervisor; 0, as at first: a turn is one piece of work */
	const struct far_supervisor_op *ops; /* of the next supervisor; all at first */
	struct rig_remote remote[2];
	uint32_t steps;   /* of the supervisor that did something */
	uint32_t waits;   /* of remotes */
	bool careless;    /* rig_send drops replies where it has to wait for room */
	bool dead;        /* the supervisor does nothing any more */
	int wait_rc;      /* what a remote's wait returns */
	uint32_t wait_ok; /* so many waits return FAR_OK before that; UINT32_MAX: all */
	/* Called in each wait of a remote before the supervisor's step. */
	void (*hook)(struct rig *g);
	bool in_hook;
	void *user;
	int (*step)(struct rig *g, uint32_t number); /* instead of the supervisor's; NULL: that */
};

/*
 * All initialised, both remotes granted everything, nobody bound; window: both sides have one.
 * caps as ram_flash_open.
 */
struct rig *rig_new(uint8_t caps, bool window);
void rig_free(struct rig *g);

/* The supervisor's core or a remote's restarts: what it knew is gone. */
void rig_reset_supervisor(struct rig *g);
void rig_reset_remote(struct rig *g, uint32_t number);

/* Replace the grants of a remote by one. */
void rig_grant(struct rig *g, uint32_t number, uint32_t addr, uint32_t len, uint32_t rights);

/* Open the flash of a remote; asserts that it works. */
struct far_flash *rig_open(struct rig *g, uint32_t number);

/* Steps until there is nothing to do; returns how many. */
uint32_t rig_settle(struct rig *g);

/* Bind a remote that speaks by hand. */
void rig_bind(struct rig *g, uint32_t number);

struct rig_request {
	uint8_t op, flags; /* flags: bits 0-7 of the first word */
	uint16_t tag;
	uint32_t addr, len, extra;
	const void *data;
	uint32_t data_len;
};

/* Send a request by hand, with steps as needed. */
void rig_send(struct rig *g, uint32_t number, const struct rig_request *q);

/*
 * The next reply, with steps as needed; its length, or 0 when nothing comes any more. In
 * remote[number].raw.
 */
uint32_t rig_reply(struct rig *g, uint32_t number);

/* Send, and expect a reply of this kind (and, if failed, this error); returns its length. */
uint32_t rig_ask(struct rig *g, uint32_t number, const struct rig_request *q, int err);

#endif
