/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words that a flash service and its remotes exchange, as fragments' messages
 * (link/fragment.h). The only thing that service/supervisor and device/mailbox share. Every bit is
 * explained in docs/SPEC-mailbox.md, "Flash service messages".
 */
#ifndef FARFLASH_LINK_FLASH_SERVICE_H
#define FARFLASH_LINK_FLASH_SERVICE_H

#include <stdint.h>

#define FAR_SERVICE_VERSION 4u

/* Rights of a grant. */
#define FAR_SERVICE_MAY_READ  1u /* read, digest */
#define FAR_SERVICE_MAY_WRITE 2u
#define FAR_SERVICE_MAY_ERASE 4u /* with MAY_WRITE: replace */

/* An operation says what it takes: bits 0-3 are its number, and above them */
#define FAR_SERVICE_RIGHTS_POS 4u    /* the rights to [address, address + length), 3 bits */
#define FAR_SERVICE_SENDS      0x80u /* length bytes of data follow the request */

/* The same with the data in the window, from byte extra of it on: another number, nothing sent. */
#define FAR_SERVICE_WINDOW(op) (((op) & ~FAR_SERVICE_SENDS) ^ 8u)

/* Bits 8-15 of a request's first word. Bits 0-7: 0. Bits 16-31: tag, chosen by the remote. */
enum far_service_op {
	FAR_SERVICE_INFO =
		0x01, /* end the remote's stream; tell about the flash and grant [addr] */
	FAR_SERVICE_READ = 0x12, /* the bytes come in the reply */
	FAR_SERVICE_READ_WINDOW = FAR_SERVICE_WINDOW(FAR_SERVICE_READ),
	FAR_SERVICE_WRITE = 0xa3,
	FAR_SERVICE_WRITE_WINDOW = FAR_SERVICE_WINDOW(FAR_SERVICE_WRITE),
	FAR_SERVICE_STREAM = 0x84,
	FAR_SERVICE_STREAM_WINDOW = FAR_SERVICE_WINDOW(FAR_SERVICE_STREAM),
	FAR_SERVICE_END = 0x05,
	FAR_SERVICE_SYNC = 0x06,
	FAR_SERVICE_BEGIN = 0x67, /* replace: extra is the length of the deflated stream, or 0 */
	FAR_SERVICE_ERASE = 0x48,
	FAR_SERVICE_DIGEST = 0x19 /* extra: bytes of the same digest before these */
};

/* A request's head: four words, the first of them as above, then address, length and extra. */
#define FAR_SERVICE_OP_POS  8u  /* bits */
#define FAR_SERVICE_TAG_POS 16u /* bits */
#define FAR_SERVICE_REQUEST 16u /* bytes */

/*
 * A reply has a head like that. The first word is that of the request, with an enum far_err without
 * its sign in bits 0-5, 0 for done. Done: the third word is how many bytes of length are; the
 * others say nothing. Failed: second, where; third, the first address behind what may have changed;
 * fourth, the peer's code.
 */
#define FAR_SERVICE_ERR   0x3fu
#define FAR_SERVICE_REPLY FAR_SERVICE_REQUEST /* bytes of a reply before its data */

/* Words after INFO: see the specification. */
#define FAR_SERVICE_INFO_WORDS 10u

/* peer_code of FAR_ERR_REFUSED from the service itself: no grant covers the request. */
#define FAR_SERVICE_NO_GRANT 0x746e7267u

#endif
