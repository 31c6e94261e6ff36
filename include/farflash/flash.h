/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A flash, wherever it is: an SPI NOR on this board, behind another core, behind another chip's
 * serial loader, or a window on one of these. Programs and services see only this header.
 *
 * The physics are NOR's: erase sets whole sectors to the erase value, write only clears bits.
 * Addresses are bytes from the start of this flash, lengths are bytes; both are 32 bit.
 *
 * Every call
 *   - checks its arguments against far_flash.info before anything reaches the device;
 *   - returns FAR_OK or a negative enum far_err, within a bounded time that the device documents;
 *   - records the first thing that went wrong in far_flash.fault: operation, address, the peer's
 *     own code, and which bytes of the flash may have changed. Clean-up never overwrites it;
 *     the next call clears it.
 * Calls on one flash come from one context at a time (thread or task, never an interrupt);
 * different flashes are independent, as nothing here is global.
 */
#ifndef FARFLASH_FLASH_H
#define FARFLASH_FLASH_H

#include <stdint.h>

#include "farflash/err.h"

#define FAR_MD5_LEN 16

/* What a device does itself. Digest and replace are emulated where it does not. */
enum far_flash_cap {
	FAR_FLASH_CAN_READ = 1 << 0,    /* read works; without it read is FAR_ERR_NOTSUP */
	FAR_FLASH_CAN_DIGEST = 1 << 1,  /* digest is computed where the flash is, not by reading */
	FAR_FLASH_CAN_REPLACE = 1 << 2, /* replace is one native stream, not erase + write */
	FAR_FLASH_CAN_DEFLATE = 1 << 3  /* replace takes a deflated stream */
};

struct far_flash_info {
	uint32_t size;        /* bytes, whole sectors; 0 until the device is connected */
	uint32_t sector_size; /* smallest erasable unit in bytes, a power of two */
	uint32_t write_block; /* a write is made up of these: 1, 2, 4, 8, 16 or 32 bytes */
	uint8_t erase_value;  /* what an erased byte reads as: 0xFF on every NOR */
	uint8_t caps;         /* enum far_flash_cap, or-ed */
};

/* Which call failed; FAR_FLASH_OP_SESSION is a device's own call, such as connecting. */
enum far_flash_op {
	FAR_FLASH_OP_NONE,
	FAR_FLASH_OP_READ,
	FAR_FLASH_OP_WRITE,
	FAR_FLASH_OP_ERASE,
	FAR_FLASH_OP_DIGEST,
	FAR_FLASH_OP_REPLACE,
	FAR_FLASH_OP_SYNC,
	FAR_FLASH_OP_SESSION
};

/*
 * The first thing that went wrong in the last call.
 * Bytes outside [touched_addr, touched_addr + touched_len) are as they were before the call (for
 * a replace: before its begin); bytes inside may be old, erased, new or half-way. touched_len 0
 * means that the flash was not touched.
 */
struct far_flash_fault {
	int err;               /* enum far_err; FAR_OK: nothing went wrong */
	enum far_flash_op op;  /* the call */
	uint32_t addr;         /* where it stood when it failed */
	uint32_t peer_code;    /* the peer's own error number when err is FAR_ERR_REFUSED, else 0 */
	uint32_t touched_addr; /* see above */
	uint32_t touched_len;
};

struct far_flash;

/*
 * The operations of a device; for what it cannot do itself it names the emulations of
 * core/emulate.h. NULL may be sync (nothing to wait for), and, in one that has to be small, all
 * three for replace: far_flash_replace_begin returns FAR_ERR_NOTSUP then, and jobs such as
 * far_update_run erase and write. The core has validated every argument: pointers are not NULL,
 * ranges lie inside info.size, len > 0 but for digest, erase is whole sectors, write is whole write
 * blocks. An operation may block, but for a bounded time only. On failure it sets fault.addr,
 * peer_code and the touched range through far_flash_fail(); the core fills in the rest.
 */
struct far_flash_ops {
	/* Called with FAR_FLASH_CAN_READ only. */
	int (*read)(struct far_flash *f, uint32_t addr, uint8_t *buf, uint32_t len);
	/* The range was erased by the caller; bits only go from 1 to 0. */
	int (*write)(struct far_flash *f, uint32_t addr, const uint8_t *buf, uint32_t len);
	/* On return every byte of the range reads as the erase value. */
	int (*erase)(struct far_flash *f, uint32_t addr, uint32_t len);
	/* Called with FAR_FLASH_CAN_READ or FAR_FLASH_CAN_DIGEST only; len may be 0. */
	int (*digest)(struct far_flash *f, uint32_t addr, uint32_t len, uint8_t md5[FAR_MD5_LEN]);
	/*
	 * addr is a multiple of the sector size. stream_len is 0 for a plain stream, else (with
	 * FAR_FLASH_CAN_DEFLATE only) the number of bytes of the zlib stream, RFC 1950, window up
	 * to 32 KiB, that inflates to exactly len bytes. replace_end is called only after every
	 * byte was delivered. NULL: FAR_ERR_NOTSUP.
	 */
	int (*replace_begin)(struct far_flash *f, uint32_t addr, uint32_t len, uint32_t stream_len);
	int (*replace_write)(struct far_flash *f, const uint8_t *data, uint32_t len);
	int (*replace_end)(struct far_flash *f);
	/* NULL: nothing is ever held back. */
	int (*sync)(struct far_flash *f);
};

/*
 * One flash. A device embeds it as a member of its own struct and fills ops and info;
 * the caller owns the memory, which must stay in place while the flash is used.
 */
struct far_flash {
	const struct far_flash_ops *ops;
	struct far_flash_info info;   /* read only for users */
	struct far_flash_fault fault; /* read only for users */
	struct far_flash_replace {
		uint32_t open;      /* a stream is begun and has not failed */
		uint32_t addr, len; /* the range of the stream begun */
		uint32_t left;      /* stream bytes still to come */
		uint32_t at;        /* emulated: where the next byte goes */
		uint32_t erased_to; /* emulated: first address not yet erased */
		uint32_t tail_len;  /* emulated: bytes waiting for a whole write block */
		uint8_t tail[32];   /* emulated: those bytes */
	} _replace;
};

/*
 * Read len bytes at addr into buf. len 0 does nothing.
 * FAR_ERR_ARG (NULL), FAR_ERR_RANGE, FAR_ERR_NOTSUP (no FAR_FLASH_CAN_READ), or the device's
 * IO, TIMEOUT, PROTO, REFUSED. After an error the contents of buf are undefined.
 */
int far_flash_read(struct far_flash *f, uint32_t addr, void *buf, uint32_t len);

/*
 * Write len bytes from buf at addr, clearing bits only: the caller has erased the range, or knows
 * that no bit must go from 0 to 1. Not checked; the device does not read before it writes.
 * addr and len are multiples of info.write_block (else FAR_ERR_ALIGN). len 0 does nothing.
 */
int far_flash_write(struct far_flash *f, uint32_t addr, const void *buf, uint32_t len);

/*
 * Erase [addr, addr + len): both multiples of info.sector_size (else FAR_ERR_ALIGN). No byte
 * outside changes. len 0 does nothing. The time grows with len: a caller that wants progress,
 * or to be able to stop, erases in pieces.
 */
int far_flash_erase(struct far_flash *f, uint32_t addr, uint32_t len);

/*
 * MD5 (RFC 1321) of [addr, addr + len) as the flash holds it, computed at the flash where the
 * device can (FAR_FLASH_CAN_DIGEST), else from what is read. It detects faults, not attackers.
 * FAR_ERR_NOTSUP if the device can neither digest nor read. len 0 gives MD5 of nothing.
 */
int far_flash_digest(struct far_flash *f, uint32_t addr, uint32_t len, uint8_t md5[FAR_MD5_LEN]);

/*
 * Replace the contents of [addr, addr + len), the fastest way this device has: begin, then write
 * any number of times in any portions, then end.
 *
 * addr is a multiple of the sector size (else FAR_ERR_ALIGN), len is any length > 0. The sectors
 * under the range are erased whole, at begin or as the stream reaches them: bytes between the end
 * of the range and the end of its last sector become the erase value.
 *
 * stream_len 0: the writes deliver the len bytes themselves. stream_len > 0: they deliver a zlib
 * stream of exactly stream_len bytes that inflates to exactly len; only with
 * FAR_FLASH_CAN_DEFLATE (else FAR_ERR_NOTSUP, as with a device that has no replace at all).
 *
 * write: FAR_ERR_STATE without begin, FAR_ERR_RANGE if more arrives than was announced. Data may
 * be held back until end. end: FAR_ERR_STATE if less was delivered than announced. After any
 * error the stream is over: fault.touched_* says what may have changed, and a new begin over the
 * same range is the way to recover. Any other call on this flash abandons an open stream.
 */
int far_flash_replace_begin(struct far_flash *f, uint32_t addr, uint32_t len, uint32_t stream_len);
int far_flash_replace_write(struct far_flash *f, const void *data, uint32_t len);
int far_flash_replace_end(struct far_flash *f);

/* Wait until all that was written is in the flash itself; reports an error held back until now. */
int far_flash_sync(struct far_flash *f);

/*
 * For devices: record a failure and return err. Keeps the first: later calls within the same
 * operation change nothing. touched_* describe what may have changed since the operation began.
 */
int far_flash_fail(struct far_flash *f, int err, uint32_t addr, uint32_t peer_code,
		   uint32_t touched_addr, uint32_t touched_len);

/*
 * For devices with calls of their own (connect, set the rate): start one, as the far_flash_* calls
 * do for themselves: clears the fault, abandons an open stream, notes op.
 */
void far_flash_start(struct far_flash *f, enum far_flash_op op);

#endif
