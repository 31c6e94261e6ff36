/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names for logs and --json, where a number would have to be looked up. Scripts compare them, so
 * one that was published never changes; one file, so that a program that prints none links none.
 */
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
	default: /* counts and FAR_OK are no failures; what is below 0 and not above is not ours */
		return err >= 0 ? "ok" : "unknown";
	}
}
