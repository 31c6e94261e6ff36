/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words that a flash service and its remotes exchange, as fragments' messages (link/fragment.h).
 * The only thing that service/supervisor and device/mailbox share. Every bit is explained in
 * docs/SPEC-mailbox.md, "Flash service messages".
 */
#ifndef FARFLASH_LINK_FLASH_SERVICE_H
#define FARFLASH_LINK_FLASH_SERVICE_H

#include <stdint.h>

#define FAR_SERVICE_VERSION 2u

/* Bits 0-7 of a request's first word. Bits 8-15: flags. Bits 16-31: tag, chosen by the remote. */
enum far_service_op {
	FAR_SERVICE_INFO =
		1, /* forget all that came before; tell about the flash and grant [addr] */
	FAR_SERVICE_READ = 2,
	FAR_SERVICE_WRITE = 3,
	FAR_SERVICE_ERASE = 4,
	FAR_SERVICE_DIGEST = 5,
	FAR_SERVICE_BEGIN = 6, /* replace: extra is the length of the deflated stream, or 0 */
	FAR_SERVICE_STREAM = 7,
	FAR_SERVICE_END = 8,
	FAR_SERVICE_SYNC = 9,
	FAR_SERVICE_CANCEL = 10 /* the request whose tag is addr; has no reply of its own */
};

#define FAR_SERVICE_WINDOW 0x100u /* flag: the data is in the window, from offset extra on */

/*
 * A request's head: four words, the first of them as above, then address, length and extra. The data
 * of write and stream follows unless it is in the window.
 */
#define FAR_SERVICE_TAG_POS 16u /* bits */
#define FAR_SERVICE_REQUEST 16u /* bytes */

/* A reply: op and tag as in the request, its kind in bits 8-15; a word; then as below. */
enum far_service_kind {
	FAR_SERVICE_DONE = 0 << 8,    /* the word is 0; the data follows */
	FAR_SERVICE_FAILED = 1 << 8,  /* the word is an enum far_err without its sign */
	FAR_SERVICE_PROGRESS = 2 << 8 /* the word is how many bytes are done; a reply will come */
};

#define FAR_SERVICE_KIND  0xff00u /* its bits */
#define FAR_SERVICE_REPLY 8u      /* bytes of a reply before its data */

/* Words after FAILED: address, peer code, first address behind what may have changed. */
#define FAR_SERVICE_FAULT_WORDS 3u

/* Words after INFO: see the specification. */
#define FAR_SERVICE_INFO_WORDS 10u

/* peer_code of FAR_ERR_REFUSED from the service itself: no grant covers the request. */
#define FAR_SERVICE_NO_GRANT 0x746e7267u

/* Rights of a grant. */
#define FAR_SERVICE_MAY_READ  1u /* read, digest */
#define FAR_SERVICE_MAY_WRITE 2u
#define FAR_SERVICE_MAY_ERASE 4u /* with MAY_WRITE: replace */

#endif
