/* SPDX-License-Identifier: Apache-2.0 */
#include "farflash/err.h"

const char *far_err_name(int err)
{
	switch (err) {
	case FAR_ERR_ARG:
		return "arg";
	case FAR_ERR_RANGE:
		return "range";
	case FAR_ERR_ALIGN:
		return "align";
	case FAR_ERR_STATE:
		return "state";
	case FAR_ERR_IO:
		return "io";
	case FAR_ERR_TIMEOUT:
		return "timeout";
	case FAR_ERR_BUSY:
		return "busy";
	case FAR_ERR_CANCELLED:
		return "cancelled";
	case FAR_ERR_PROTO:
		return "proto";
	case FAR_ERR_REFUSED:
		return "refused";
	case FAR_ERR_NOTSUP:
		return "notsup";
	case FAR_ERR_VERIFY:
		return "verify";
	case FAR_ERR_ABSENT:
		return "absent";
	default:
		return err >= 0 ? "ok" : "unknown";
	}
}
