/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/share.h"

#include "cli/image.h"
#include "cli/report.h"

/* Somebody else on our side is the mailbox's "port busy"; the rest is a file of this computer. */
static enum cli_exit exit_of(int err)
{
	switch (err) {
	case FAR_ERR_CANCELLED:
		return CLI_INTERRUPTED;
	case FAR_ERR_BUSY:
		return CLI_NO_CONNECTION;
	case FAR_ERR_ARG:
		return CLI_USAGE;
	default: /* not a mailbox, of another version, damaged, or no room for it */
		return CLI_FILE;
	}
}

enum cli_exit cli_share(struct cli *c, struct far_linux_shared *s, const char *path, uint32_t side,
			uint32_t window_len)
{
	const struct far_linux_shared_config config = {
		.path = path,
		.side = side,
		.window_len = window_len,
		.cancel = &cli_cancel,
	};
	char text[512];
	cli_image_catch_sigbus(); /* whoever may write the file may also cut it short */
	int err = far_linux_shared_open(s, &config);
	if (!err)
		return CLI_OK;
	return cli_fail(c, exit_of(err), "%s",
			far_linux_shared_explain(s, &config, err, text, sizeof(text)));
}
