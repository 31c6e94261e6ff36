/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What bench/footprint links for a core without flash, three products: one that erases, writes,
 * reads and digests through everything that a remote can do, as the sample flash_ipm does; one that
 * reads, writes and erases inline and does nothing else; and that one with digests. Doorbell and
 * clock are the board's.
 */
#include "device/mailbox/mailbox.h"

static struct far_mailbox mailbox;
static struct far_mailbox_flash remote;

int remote_side(const struct far_mailbox_config *config, void *data, uint32_t len);
int remote_inline_side(const struct far_mailbox_config *config, void *data, uint32_t len);
int remote_digest_side(const struct far_mailbox_config *config, void *data, uint32_t len);

/* In each of them anew, so that one has nothing of another. */
static inline __attribute__((always_inline)) int
product(const struct far_mailbox_config *config, void *data, uint32_t len,
	int (*open)(struct far_mailbox_flash *, const struct far_mailbox_flash_config *))
{
	const struct far_mailbox_flash_config service = { .mailbox = &mailbox,
							  .clock = config->clock,
							  .timeout_ms = 1000 };
	int rc = far_mailbox_init(&mailbox, config);

	if (rc == FAR_OK)
		rc = open(&remote, &service);
	if (rc == FAR_OK)
		rc = far_flash_erase(&remote.flash, 0, 4096);
	if (rc == FAR_OK)
		rc = far_flash_write(&remote.flash, 0, data, len);
	return rc == FAR_OK ? far_flash_read(&remote.flash, 0, data, len) : rc;
}

int remote_inline_side(const struct far_mailbox_config *config, void *data, uint32_t len)
{
	return product(config, data, len, far_mailbox_flash_open_inline);
}

int remote_digest_side(const struct far_mailbox_config *config, void *data, uint32_t len)
{
	uint8_t md5[FAR_MD5_LEN];
	int rc = product(config, data, len, far_mailbox_flash_open_inline);

	return rc == FAR_OK ? far_flash_digest(&remote.flash, 0, len, md5) : rc;
}

int remote_side(const struct far_mailbox_config *config, void *data, uint32_t len)
{
	uint8_t md5[FAR_MD5_LEN];
	int rc = product(config, data, len, far_mailbox_flash_open);

	return rc == FAR_OK ? far_flash_digest(&remote.flash, 0, len, md5) : rc;
}
