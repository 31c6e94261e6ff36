/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Result codes of every farflash call.
 *
 * A call returns 0 or a count on success, and one of these negative codes otherwise. The codes
 * are grouped by whose fault it is, because that decides what a program does next: its own mistake
 * is a bug to mend, the world's may go away on a retry, the peer's nonsense calls for a
 * resynchronisation, and the peer's no is an answer.
 *
 * Codes decide, texts are for people: see far_err_name().
 */
#ifndef FARFLASH_ERR_H
#define FARFLASH_ERR_H

enum far_err {
	FAR_OK = 0,

	/* The caller's: the same call fails again however often it is made. Nothing was sent. */
	FAR_ERR_ARG = -1,   /* an argument is impossible in itself (NULL, zero, unknown value) */
	FAR_ERR_RANGE = -2, /* address or length reaches beyond the flash, partition or grant */
	FAR_ERR_ALIGN = -3, /* address or length is not a multiple of the unit this call needs */
	FAR_ERR_STATE = -4, /* call out of order: not connected, no stream begun */

	/* The world's: the means between us and the peer failed. */
	FAR_ERR_IO = -10,        /* the port, file or bus failed or vanished */
	FAR_ERR_TIMEOUT = -11,   /* the peer did not answer within the bound */
	FAR_ERR_BUSY = -12,      /* in use by somebody else, or full; try later */
	FAR_ERR_CANCELLED = -13, /* the user or a callback asked to stop */

	/* The peer's: it answered, and the answer is not the one wanted. */
	FAR_ERR_PROTO = -20,   /* nonsense: malformed, of another request, or impossible */
	FAR_ERR_REFUSED = -21, /* a clear no; its own code is kept in far_flash_fault.peer_code */
	FAR_ERR_NOTSUP = -22,  /* this device, chip or mode cannot do it */
	FAR_ERR_VERIFY = -23,  /* the flash does not hold what it should */
	FAR_ERR_ABSENT = -24   /* no file, partition or entry there of this name */
};

/*
 * The name of a code as in this header without FAR_ERR_, in lower case: "timeout"; "ok" for 0
 * and for counts; "unknown" for a number that is no code. Static storage, any context.
 */
const char *far_err_name(int err);

#endif
