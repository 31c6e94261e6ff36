/* SPDX-License-Identifier: Apache-2.0 */
/* The kind of remote that does without window, streams and reports. */
#include "farflash/flash.h"

enum { CAPS = FAR_FLASH_CAN_READ | FAR_FLASH_CAN_DIGEST };

#include "device/mailbox/call.h"

/* One request at a time. How far a reply got is where the next one begins. */
static int carry(struct far_mailbox_flash_state *s)
{
	int rc;

	do {
		uint32_t at = s->call.done, n = s->call.len - at;

		if (s->call.op & FAR_SERVICE_SENDS)
			n = far_min32(n, piece_max(s));
		ask(s, at, n, at);
		rc = await(s, n);
		if (rc < 0)
			return rc;
		s->call.done = at + s->call.count;
	} while (s->call.done < s->call.len);
	return FAR_OK;
}

int far_mailbox_flash_open_inline(struct far_mailbox_flash *m,
				  const struct far_mailbox_flash_config *config)
{
	static const struct far_flash_ops ops = { .read = mailbox_read,
						  .write = mailbox_write,
						  .erase = mailbox_erase,
						  .digest = mailbox_digest,
						  .sync = mailbox_sync };

	return start(m, config, &ops);
}
