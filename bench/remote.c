/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What bench/footprint links for a core without flash: it finds the supervisor, and erases, writes,
 * reads and digests through it, as the sample flash_ipm does. Doorbell and clock are the board's.
 */
#include "device/mailbox/mailbox.h"

static struct far_mailbox mailbox;
static struct far_mailbox_flash remote;

int remote_side(const struct far_mailbox_config *config, void *data, uint32_t len);

int remote_side(const struct far_mailbox_config *config, void *data, uint32_t len)
{
	const struct far_mailbox_flash_config service = { .mailbox = &mailbox,
							  .clock = config->clock,
							  .timeout_ms = 1000 };
	uint8_t md5[FAR_MD5_LEN];
	int rc = far_mailbox_init(&mailbox, config);

	if (rc == FAR_OK)
		rc = far_mailbox_flash_open(&remote, &service);
	if (rc == FAR_OK)
		rc = far_flash_erase(&remote.flash, 0, 4096);
	if (rc == FAR_OK)
		rc = far_flash_write(&remote.flash, 0, data, len);
	if (rc == FAR_OK)
		rc = far_flash_read(&remote.flash, 0, data, len);
	return rc == FAR_OK ? far_flash_digest(&remote.flash, 0, len, md5) : rc;
}
