/* SPDX-License-Identifier: Apache-2.0 */
/* MD5 a second time, to judge the first: whole messages only, constants from the sine itself. */
#ifndef FARFLASH_TEST_REF_MD5_H
#define FARFLASH_TEST_REF_MD5_H

#include <stddef.h>
#include <stdint.h>

void ref_md5(const uint8_t *data, size_t len, uint8_t digest[16]);

/* As if the length field counted more bytes than there are: the padding of a long message. */
void ref_md5_counting(const uint8_t *data, size_t len, uint64_t counted, uint8_t digest[16]);

#endif
