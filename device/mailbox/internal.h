/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What both kinds of a remote are made of. A call of the flash becomes requests; how it is cut into
 * them, and what goes through the window, is decided in a function of its own for each kind: that
 * which a program does not open is not linked.
 */
#ifndef FARFLASH_DEVICE_MAILBOX_INTERNAL_H
#define FARFLASH_DEVICE_MAILBOX_INTERNAL_H

#include "device/mailbox/mailbox.h"

/* What an op says beside its enum far_service_op. */
#define FAR_MAILBOX_FLASH_CHANGES 0x100u      /* the flash, though it takes no right to */
#define FAR_MAILBOX_FLASH_DATA(n) ((n) << 12) /* bytes of data in its reply, but for read */

static inline struct far_mailbox_flash_state *far_mailbox_flash_state(struct far_flash *f)
{
	return &((struct far_mailbox_flash *)(void *)f)->_state;
}

/* open, of the kind that has these operations and carries them out like this. */
int far_mailbox_flash_start(struct far_mailbox_flash *m,
			    const struct far_mailbox_flash_config *config,
			    const struct far_flash_ops *ops, far_mailbox_flash_carry *carry);

/*
 * A call, within a session: finds the supervisor first if it has to, but not for what goes on with
 * something begun (stream, end). Records a failure as one of a change of [addr, addr + len); what
 * the supervisor said is in call.end then.
 */
int far_mailbox_flash_perform(struct far_flash *f, uint32_t addr, void *data, uint32_t len,
			      uint32_t op);

/* Prepare the request for n bytes from byte at of the call on. The one before must be sent. */
void far_mailbox_flash_ask(struct far_mailbox_flash_state *s, uint32_t at, uint32_t n,
			   uint32_t extra);

/* Send, if there is something to send, until the request s->due is answered: n bytes at most. */
int far_mailbox_flash_await(struct far_mailbox_flash_state *s, uint32_t n);

/* The operations that both kinds have. */
int far_mailbox_flash_read(struct far_flash *f, uint32_t addr, uint8_t *buf, uint32_t len);
int far_mailbox_flash_write(struct far_flash *f, uint32_t addr, const uint8_t *buf, uint32_t len);
int far_mailbox_flash_erase(struct far_flash *f, uint32_t addr, uint32_t len);
int far_mailbox_flash_digest(struct far_flash *f, uint32_t addr, uint32_t len,
			     uint8_t md5[FAR_MD5_LEN]);
int far_mailbox_flash_sync(struct far_flash *f);

#endif
